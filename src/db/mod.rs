//! One SQL text for SQLite and PostgreSQL.
//!
//! `q(on, "select ... where id = $1").bind(id).one()`: `on` is a [`&Db`](Db) for a read or a [`&mut Tx`](Tx) for anything that
//! writes. Types are native on both engines, the engine is chosen when the program starts. The surprising rule: on SQLite all
//! transactions take turns on one connection and share commits (see `writer`), so a transaction must be short and must never be
//! begun while holding another.

mod bell;
mod bulk;
mod catalogue;
mod copy;
mod error;
mod metrics;
mod migrate;
mod postgres;
mod sqlite;
mod statement;
mod transaction;
mod writer;

use std::sync::Arc;

use sqlx::{PgPool, SqlitePool, sqlite::SqliteConnectOptions};

pub use bell::Bell;
pub use bulk::{bigint_rows, insert_absent, insert_many, insert_many_for_ids};
pub use catalogue::columns;
pub use copy::{Progress, Target, copy};
pub use error::{Error, Result};
pub use metrics::Commits;
pub use statement::{Column, On, Q, Record, Sql, Value, placeholders, q};
pub use transaction::Tx;

use bell::Bells;
use metrics::Counters;
use transaction::Session;
use writer::Writer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How to open a database.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many reads run side by side on SQLite.
    pub readers: u32,
    /// How many connections to PostgreSQL, for reads and transactions together.
    pub connections: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, connections: 16 }
    }
}

/// An open database; cloning it is cheap and means the same database.
#[derive(Clone, Debug)]
pub struct Db {
    store: Store,
    counters: Arc<Counters>,
    bells: Arc<Bells>,
}

#[derive(Clone, Debug)]
enum Store {
    Sqlite { writer: Writer, readers: SqlitePool, options: Box<SqliteConnectOptions> },
    Postgres(PgPool),
}

impl Db {
    /// Opens `sqlite://path/to/file.db` (made if missing, for its owner's eyes only) or `postgres://user@host/name`.
    ///
    /// # Errors
    /// [`Error::Refused`] when the address is neither, or when the engine would not keep what it acknowledges.
    pub async fn open(url: &str, options: Options) -> Result<Self> {
        let counters = Arc::<Counters>::default();
        let store = if url.starts_with("sqlite:") {
            let settings = sqlite::settings(url)?;
            sqlite::make_file(settings.get_filename())?;
            let writer = Writer::open(settings.clone(), Arc::clone(&counters)).await?;
            let readers = sqlite::open_readers(settings.clone(), options.readers).await?;
            Store::Sqlite { writer, readers, options: Box::new(settings) }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Store::Postgres(postgres::open(url, options.connections).await?)
        } else {
            return Err(Error::Refused("the database address must begin with sqlite:// or postgres://".to_owned()));
        };
        Ok(Self { store, counters, bells: Arc::default() })
    }

    pub fn engine(&self) -> Engine {
        match self.store {
            Store::Sqlite { .. } => Engine::Sqlite,
            Store::Postgres(_) => Engine::Postgres,
        }
    }

    fn on(&self) -> On<'_> {
        match &self.store {
            Store::Sqlite { readers, .. } => On::sqlite(readers),
            Store::Postgres(pool) => On::postgres(pool),
        }
    }

    /// Begins a write transaction. On SQLite this waits for the turn, so never hold two at once.
    pub async fn begin(&self) -> Result<Tx> {
        let session = match &self.store {
            Store::Sqlite { writer, .. } => Session::Sqlite(writer.begin().await?),
            Store::Postgres(pool) => Session::Postgres(postgres::begin(pool).await?),
        };
        Ok(Tx::new(session, Arc::clone(&self.counters), Arc::clone(&self.bells)))
    }

    /// Resolves when a transaction of this process that rang this bell by [`Tx::ring`] was kept; also when that was before the call. One of
    /// those who wait is woken.
    pub async fn rung(&self, bell: Bell) {
        self.bells.of(bell).notified().await;
    }

    /// Brings the schema up to this program; does nothing when it already is. Several programs may start at once.
    ///
    /// # Errors
    /// [`Error::Refused`] when the database was made by a newer program or its history was altered.
    pub async fn migrate(&self) -> Result<()> {
        match &self.store {
            Store::Sqlite { options, .. } => migrate::sqlite(options).await,
            Store::Postgres(pool) => migrate::postgres(pool).await,
        }
    }

    /// Can the database keep a change right now? Writes one that alters nothing, all the way to the disk.
    pub async fn ping_writable(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        let same = "update _sqlx_migrations set success = success where version = (select max(version) from _sqlx_migrations)";
        q(&mut tx, same).run().await?;
        tx.commit().await
    }

    /// How many transactions were kept since opening, and with how many commits.
    pub fn commits(&self) -> Commits {
        self.counters.read()
    }

    /// Lets running work end, keeps what is done and closes; clones are closed too.
    pub async fn close(&self) -> Result<()> {
        match &self.store {
            Store::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await
            }
            Store::Postgres(pool) => {
                pool.close().await;
                Ok(())
            }
        }
    }
}
