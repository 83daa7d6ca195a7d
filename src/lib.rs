//! Meterbook.

#[macro_use]
pub mod kernel;
pub mod app;
pub mod audit;
pub mod commands;
pub mod config;
pub mod dashboard;
pub mod db;
pub mod demo;
pub mod estate;
pub mod reports;
pub mod search;
pub mod server;
pub mod staff;
pub mod web;
