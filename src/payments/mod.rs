//! Money received: entered by hand or brought by files, matched to accounts, reversed and given back.
//!
//! The surprising rule: only what is certain is ever credited without a person. A name alone, however well it fits, is a proposal.

pub mod bank_file;
pub mod code;
pub mod import;
pub mod known;
pub mod latest;
pub mod matching;
pub mod pages;
pub mod payee;
pub mod payment;
pub mod payment_list;
pub mod plan;
pub mod purpose;
pub mod recipient;
pub mod register;
