//! Money received: bank files read, and whom their documents are from.
//!
//! The surprising rule: only what is certain is ever credited without a person. A name alone, however well it fits, is a proposal.

pub mod bank_file;
pub mod code;
pub mod matching;
pub mod payee;
pub mod payment;
pub mod payment_list;
pub mod purpose;
