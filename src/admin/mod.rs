//! Keeping the installation alive: is it well, can it be brought back, does everything in it agree?
//!
//! The surprising rule: a backup is always an SQLite file in an archive, whatever engine serves, so that it can be restored onto either.

pub mod archive;
pub mod backups;
mod health;
pub mod job;
pub mod notice;
mod pages;
pub mod self_check;
pub mod settings;
pub mod surroundings;
pub mod verify;

use crate::web::Routes;

pub fn routes() -> Routes {
    health::routes().merge(pages::routes())
}
