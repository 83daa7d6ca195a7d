//! What people see, in a real browser against a real server process: walks with screenshots, kept in `artefacts/`.

#![allow(
    clippy::unwrap_used,
    clippy::float_arithmetic,
    reason = "a walk that cannot go on has failed, and a script may count as browsers do"
)]

#[path = "../served/mod.rs"]
mod served;
mod stage;

mod docs;
mod examine;
mod import;
#[path = "../served/libreoffice.rs"]
mod libreoffice;
mod money;
mod office;
mod offline;
mod pages;
mod paper;
mod plot;
mod round;
mod sign_in;
mod weights;
