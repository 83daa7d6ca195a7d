//! Double entry: where money is, how it moves, and the proof that nothing was changed afterwards.
//!
//! The surprising rule: a transfer is never edited or deleted, by nobody; a mistake is reversed by another transfer. Every other area
//! moves money only by [`post`]. A balance is credits minus debits, so what a consumer has paid in advance is positive and what the
//! bank holds is negative; all balances together are zero. What of each transfer is still owed or not yet used is kept beside it as an open item:
//! money meets debts by [`settling`] the moment either comes.

pub mod account;
pub mod check;
pub mod closing;
pub mod debt;
pub mod journal;
pub mod open_item;
pub mod pages;
pub mod posting;
pub mod revenue;
pub mod seal;
pub mod settling;
pub mod statement;
pub mod transfer;
pub mod turnover;

pub use account::{Book, Earning, LedgerAccountId};
pub use posting::Refusal;
pub use settling::Named;
pub use transfer::{Kind, NewTransfer, Subject, TransferId, post};
