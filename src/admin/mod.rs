//! Keeping the installation alive: is it well, can it be brought back, does everything in it agree?
//!
//! The surprising rule: a backup is always an SQLite file in an archive, whatever engine serves, so that it can be restored onto either.

pub mod archive;
mod health;
pub mod nightly;
pub mod verify;

pub use health::routes;
