//! How far a long calculation has come, told by it as often as it likes and read beside it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Counted up by the calculation, also from a blocking thread.
#[derive(Debug, Default)]
pub struct Steps {
    done: AtomicI64,
    total: AtomicI64,
    is_given_up: AtomicBool,
}

impl Steps {
    /// So many there will be.
    pub fn expect(&self, total: i64) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Done and expected.
    pub fn read(&self) -> (i64, i64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Nobody waits for the outcome any more: a blocking thread, which nothing else can end, should look at this now and then.
    pub fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    pub fn is_given_up(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }
}
