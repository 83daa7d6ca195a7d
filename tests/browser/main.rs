//! What people see, in a real browser against a real server process: walks with screenshots, kept in `artefacts/`.

mod stage;

mod sign_in;
