//! What people see, in a real browser against a real server process: walks with screenshots, kept in `artefacts/`.

#![allow(clippy::unwrap_used, reason = "a walk that cannot go on has failed")]

mod stage;

mod import;
mod sign_in;
