//! All of a transaction or nothing.
