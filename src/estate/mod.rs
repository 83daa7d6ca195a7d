//! The registry: sites, premises, owners, accounts, contracts - who answers for what.
//!
//! The surprising rule: nothing that has history is ever deleted, only ended on a day.

pub mod import;
pub mod site;
