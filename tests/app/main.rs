//! The promises of the product, each kept on SQLite and on PostgreSQL. One program, because linking is what tests cost.

#![expect(clippy::unwrap_used, reason = "in a test an unexpected failure ends it, and the line says enough")]

#[macro_use]
mod engines;

mod access;
mod api;
mod bank_file;
mod billing;
mod books;
mod calculation;
mod cast;
mod closing;
mod db;
mod debtors;
mod estate;
mod events;
mod fixtures;
mod forms;
mod hostile;
mod import_database;
mod import_files;
mod import_pages;
mod jobs;
mod ledger;
#[path = "../served/libreoffice.rs"]
mod libreoffice;
mod metering;
mod notices;
mod notify;
mod orders;
mod owing;
mod payments;
mod reports;
mod rounds;
mod server;
mod staff;
mod upkeep;
mod visits;
mod web;
mod worked_examples;
mod works;
