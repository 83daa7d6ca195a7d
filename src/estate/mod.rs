//! The registry: sites, premises, owners, accounts, contracts - who answers for what.
//!
//! The surprising rule: nothing that has history is ever deleted, only ended on a day.

pub mod account;
pub mod contract;
pub mod contract_list;
pub mod filter;
pub mod import;
pub mod owner;
pub mod owner_list;
pub mod ownership;
pub mod pages;
pub mod premise;
pub mod premise_list;
mod premises_by_owner;
pub mod registering;
pub mod signing;
pub mod site;
pub mod tally;
