//! Who owes, how much, and for how long.
//!
//! The surprising rule: what is owed is not kept here and not computed here. It is what the ledger has open ([`crate::ledger::debt`]), the
//! same on every page and in every export; this area says since when it is late, whose it is, and shows it.
//! Letters about it go out in rounds: each person gets the next step of a ladder, unless the office noted that they are to be left alone.

pub mod ageing;
pub mod debtor;
pub mod job;
pub mod ladder;
pub mod letter;
pub mod mark;
pub mod notice;
pub mod pages;
pub mod sending;
