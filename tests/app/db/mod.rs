//! The database keeps what it acknowledged, and means the same on both engines.

mod statements;
mod transactions;
