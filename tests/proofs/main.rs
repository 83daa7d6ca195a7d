//! What is claimed of the served program as a whole, proved on a process of its own.
//!
//! It is killed without warning, again and again, while people send, files are loaded and months are billed: nothing that was acknowledged
//! is lost, nothing is half-written, and what was cut off goes on. A few kills by default; `KILLS=50` for many, `PREMISES=10000` for a large
//! month. A failure prints the seed of its moments; `SEED=…` repeats them. Twenty people write at once, for a few seconds or `SECONDS=60`, and
//! nobody is told that the database is locked. Sixteen programs move money on few accounts, and none of it is lost. What happened reaches a
//! broker that comes and goes. And whatever it asks its database, no growing table is walked from end to end.

#![allow(clippy::unwrap_used, reason = "in a test an unexpected failure ends it, and the line says enough")]

#[path = "../served/mod.rs"]
mod served;

mod careless;
mod clients;
mod events;
mod killed_billing;
mod killed_import;
mod killed_visits;
mod ledger_rights;
mod plans;
mod writers;

use std::time::Duration;

use meterbook::db::{Db, Options, q};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// The moments at which it is killed.
struct Fate {
    generator: StdRng,
    kills: usize,
}

impl Fate {
    #[expect(clippy::print_stderr, reason = "who repeats a failure needs the seed")]
    fn new(usual_kills: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let seed = number("SEED").unwrap_or_else(rand::random::<u64>);
        let kills = number("KILLS").map_or(usual_kills, |kills: u64| usize::try_from(kills).unwrap());
        eprintln!("SEED={seed} KILLS={kills}");
        Self { generator: StdRng::seed_from_u64(seed), kills }
    }

    async fn wait(&mut self, milliseconds: std::ops::Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.generator.random_range(milliseconds))).await;
    }
}

/// The database of a server, beside it.
async fn look(url: &str) -> Db {
    Db::open(url, Options { readers: 2, connections: 2 }).await.unwrap()
}

async fn count(db: &Db, of: impl std::fmt::Display) -> i64 {
    q(db, format!("select count(*) from {of}")).scalar().await.unwrap()
}
