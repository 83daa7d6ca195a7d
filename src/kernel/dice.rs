//! Chance, asked in one place, so that a test or a rehearsal can repeat what was drawn.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// Where whatever is decided by lot gets its numbers. Clones draw from the same source.
#[derive(Clone, Debug)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// Numbers that nobody can foresee.
    #[must_use]
    pub fn thrown() -> Self {
        Self::seeded(rand::random())
    }

    /// The same numbers every time.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A seed from which something is drawn, and can be drawn again.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random()
    }

    /// A generator for one thing that is decided.
    #[must_use]
    pub fn generator(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_clones_go_on_from_one_another() {
        let (one, other) = (Dice::seeded(7), Dice::seeded(7));
        assert_eq!(one.seed(), other.seed());
        assert_eq!(one.clone().seed(), other.seed());
        assert_ne!(one.seed(), one.seed());
    }
}
