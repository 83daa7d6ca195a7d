//! A transaction, the same promise on both engines: all of it or nothing.

use std::sync::Arc;

use sqlx::Postgres;

use super::{
    Engine, Error, Result,
    bell::{Bell, Bells},
    metrics::Counters,
    q,
    writer::Turn,
};

/// A write transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
///
/// The first statement that fails or is cut off (its future dropped) ends it: later statements and the commit answer
/// [`Error::TransactionFailed`]. PostgreSQL works like that by itself; on SQLite the facade sees to it.
#[derive(Debug)]
pub struct Tx {
    session: Session,
    health: Health,
    counters: Arc<Counters>,
    bells: Arc<Bells>,
    /// Which of them it rings once it is kept.
    rings: Vec<Bell>,
}

#[derive(Debug)]
pub(super) enum Session {
    Sqlite(Turn),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// May this transaction still be committed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Well,
    /// A statement is running, or its future was dropped before the end.
    Unsure,
    Failed,
}

pub(super) struct Parts<'a> {
    pub session: &'a mut Session,
    pub health: &'a mut Health,
}

impl Tx {
    pub(super) fn new(session: Session, counters: Arc<Counters>, bells: Arc<Bells>) -> Self {
        Self { session, health: Health::Well, counters, bells, rings: Vec::new() }
    }

    pub(super) fn parts(&mut self) -> Parts<'_> {
        Parts { session: &mut self.session, health: &mut self.health }
    }

    pub fn engine(&self) -> Engine {
        match self.session {
            Session::Sqlite(_) => Engine::Sqlite,
            Session::Postgres(_) => Engine::Postgres,
        }
    }

    /// Lets no other transaction hold the lock on `key` of `class` until this one ends. SQLite has one writer at a time anyway.
    pub async fn lock(&mut self, class: i32, key: i64) -> Result<()> {
        if self.engine() == Engine::Postgres {
            q(self, "select 1 from (select pg_advisory_xact_lock($1, hashint8($2))) as held").bind(class).bind(key).run().await?;
        }
        Ok(())
    }

    /// Once this is kept, wakes whoever of this process waits in [`Db::rung`](super::Db::rung): there is work for them.
    pub fn ring(&mut self, bell: Bell) {
        if !self.rings.contains(&bell) {
            self.rings.push(bell);
        }
    }

    /// Keeps all of it; after `Ok` it survives a power cut.
    ///
    /// A future dropped while waiting for the answer leaves it open whether the transaction was kept, but never keeps a part.
    pub async fn commit(self) -> Result<()> {
        if self.health != Health::Well {
            self.rollback().await?;
            return Err(Error::TransactionFailed);
        }
        match self.session {
            Session::Sqlite(turn) => turn.commit().await?,
            Session::Postgres(transaction) => {
                transaction.commit().await?;
                self.counters.committed();
            }
        }
        self.counters.transaction_kept();
        for bell in self.rings {
            self.bells.of(bell).notify_one();
        }
        Ok(())
    }

    /// Keeps nothing of it. Dropping the transaction does the same without waiting.
    pub async fn rollback(self) -> Result<()> {
        match self.session {
            Session::Sqlite(turn) => turn.rollback().await,
            Session::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}
