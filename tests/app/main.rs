//! The promises of the product, each kept on SQLite and on PostgreSQL. One program, because linking is what tests cost.

#[macro_use]
mod engines;

mod cast;
mod db;
mod web;
