//! Brings a cooperative in from the files it has: the old program's export, the accountant's spreadsheet, lists of readings.
//!
//! A file is read in a process of its own (`child`, guarded by `guard`) into a plain table (`table`); its words tell what the columns
//! mean (`guess`), a person may say better (`mapping`); then rows become plots, owners, meters and readings (`registry`) or readings alone
//! (`readings_file`). The one surprising rule: nothing is ever guessed about a value. What is not clearly a number, a day or a telephone
//! is listed with its cell and left out, and the rest of its row goes in.

pub mod apply;
mod apply_meters;
pub mod batch;
pub mod child;
pub mod delimited;
pub mod effect;
pub mod encoding;
pub mod execution;
pub mod guard;
pub mod guess;
pub mod headers;
pub mod job;
pub mod mapping;
pub mod meter_row;
pub mod names;

pub mod owners;
pub mod pages;
pub mod plan;
pub mod planner;
pub mod planning;
pub mod present;
pub mod readings_file;
pub mod registry;
pub mod remembered;
pub mod result_file;
pub mod rows;
pub mod table;
pub mod undo;
pub mod values;
pub mod wire;
pub mod words;
pub mod xlsx;
