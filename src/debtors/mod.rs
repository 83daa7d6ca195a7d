//! Who owes, how much, and for how long.
//!
//! The surprising rule: what is owed is not kept here and not computed here. It is what the ledger has open ([`crate::ledger::debt`]), the
//! same on every page and in every export; this area says since when it is late, whose it is, and shows it.

pub mod ageing;
pub mod debtor;
pub mod letter;
pub mod pages;
