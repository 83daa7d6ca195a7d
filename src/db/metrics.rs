//! How many transactions were kept, and with how many commits.

use std::sync::atomic::{AtomicU64, Ordering};

/// Since the database was opened. On SQLite waiting transactions share commits, so there may be fewer of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commits {
    pub commits: u64,
    pub transactions: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    commits: AtomicU64,
    transactions: AtomicU64,
}

impl Counters {
    pub fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub fn transaction_kept(&self) {
        self.transactions.fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Commits {
        Commits { commits: self.commits.load(Ordering::Relaxed), transactions: self.transactions.load(Ordering::Relaxed) }
    }
}
