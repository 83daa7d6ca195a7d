//! The registry: sites, premises, owners, accounts, contracts - who answers for what.
//!
//! The surprising rule: nothing that has history is ever deleted, only ended on a day.

pub mod account;
pub mod contract;
pub mod import;
pub mod owner;
pub mod ownership;
pub mod pages;
pub mod premise;
pub mod premise_list;
pub mod site;
