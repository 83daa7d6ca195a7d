//! What leaves the program as files: tables in Excel, with a history of who took what.
//!
//! The surprising rule: rows stream through a writer with constant memory, so a report never holds a table, however long, at once.

pub mod everything;
pub mod export;
pub mod job;
pub mod listing;
pub mod month;
pub mod month_money;
mod pages;
pub mod table;

pub use pages::routes;
