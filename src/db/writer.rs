//! The one writer of SQLite, and how waiting transactions share a commit.
//!
//! A commit costs one flush to the disk, whatever is in it. So a transaction that is done does not commit by itself: it releases its
//! savepoint, hands the connection to the next one waiting, and the committer commits for everyone who was in the queue. Only then
//! is anyone told that the work is kept. The rules, each of which has a test:
//!
//! - every transaction runs inside its own savepoint; its error or its being dropped undoes its own part only;
//! - a failed commit is a failure of everyone in it;
//! - a full or failing disk can make SQLite roll back everything by itself. Then everyone in the batch gets the error, and nothing may
//!   run outside a transaction: the [`Gate`] refuses every commit but the committer's;
//! - a future may be dropped at any await. What was sent but not answered is `Step::Maybe` and is cleared up by whoever comes next.
//!
//! Foreign keys must be immediate: a deferred one is checked only by the shared commit and would fail for everyone in it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};

use super::{Error, Result, metrics::Counters, sqlite};

/// How long a transaction waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Gives out turns on the one writing connection.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    desk: Arc<Mutex<Desk>>,
    bell: mpsc::UnboundedSender<Call>,
}

/// What the committer is asked to do.
#[derive(Debug)]
enum Call {
    Commit,
    Close(oneshot::Sender<Result<()>>),
}

/// The writing connection and what is known about it. Whoever holds its lock has the turn.
#[derive(Debug)]
struct Desk {
    options: SqliteConnectOptions,
    /// `None` before it is first needed again after it broke.
    connection: Option<SqliteConnection>,
    gate: Arc<Gate>,
    counters: Arc<Counters>,
    begun: Step,
    saved: Step,
    /// Those whose work is in the open batch, waiting to hear whether it was kept. Empty unless the batch is begun.
    waiting: Vec<oneshot::Sender<Result<(), String>>>,
    is_closed: bool,
}

/// Has a statement taken effect?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    No,
    /// It was sent, but its future may have been dropped before the answer.
    Maybe,
    Yes,
}

/// Sits inside SQLite as its commit and rollback hooks.
#[derive(Debug, Default)]
struct Gate {
    may_commit: AtomicBool,
    was_rolled_back: AtomicBool,
}

impl Writer {
    pub async fn open(options: SqliteConnectOptions, counters: Arc<Counters>) -> Result<Self> {
        let (bell, calls) = mpsc::unbounded_channel();
        let mut desk = Desk {
            options,
            connection: None,
            gate: Arc::default(),
            counters,
            begun: Step::No,
            saved: Step::No,
            waiting: Vec::new(),
            is_closed: false,
        };
        desk.connect().await?;
        let desk = Arc::new(Mutex::new(desk));
        tokio::spawn(keep_committing(Arc::clone(&desk), calls));
        Ok(Self { desk, bell })
    }

    /// Waits for the turn and opens a savepoint in the batch, starting one if need be.
    pub async fn begin(&self) -> Result<Turn> {
        let desk = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.desk).lock_owned())
            .await
            .map_err(|_| Error::Busy("the writer was not free within 30 seconds".to_owned()))?;
        let mut turn = Turn { desk, bell: self.bell.clone() };
        turn.desk.begin().await?;
        Ok(turn)
    }

    /// Commits what is released, folds the write-ahead log into the database and closes the connection.
    pub async fn close(&self) -> Result<()> {
        let (done, closed) = oneshot::channel();
        self.bell.send(Call::Close(done)).map_err(|_| Error::Closed)?;
        closed.await.map_err(|_| Error::Closed)?
    }
}

/// Serves everyone who rings, until all writers and turns are gone or the database is closed.
async fn keep_committing(desk: Arc<Mutex<Desk>>, mut calls: mpsc::UnboundedReceiver<Call>) {
    while let Some(call) = calls.recv().await {
        // the lock is fair: everyone who was waiting for a turn has it first and joins this commit
        let mut desk = desk.lock().await;
        desk.commit_batch().await;
        if let Call::Close(done) = call {
            let _ = done.send(desk.close().await);
            return;
        }
    }
}

/// A transaction's turn: it alone holds the connection until it is committed, rolled back or dropped.
#[derive(Debug)]
pub(super) struct Turn {
    desk: OwnedMutexGuard<Desk>,
    bell: mpsc::UnboundedSender<Call>,
}

impl Turn {
    /// The connection, for the transaction's own statements.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        self.desk.connection.as_mut().expect("a turn begins with a connection and keeps it")
    }

    /// Gives the turn away and waits for the shared commit.
    pub async fn commit(mut self) -> Result<()> {
        self.desk.release().await?;
        let (sender, answer) = oneshot::channel();
        self.desk.waiting.push(sender);
        drop(self);
        match answer.await {
            Ok(outcome) => outcome.map_err(Error::NotKept),
            Err(_) => Err(Error::NotKept("the program stopped while committing".to_owned())),
        }
    }

    pub async fn rollback(mut self) {
        self.desk.tidy().await;
    }
}

/// However a turn ends, the committer is told: a batch must not stay open because its last member gave up.
impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.bell.send(Call::Commit);
    }
}

impl Desk {
    async fn connect(&mut self) -> Result<()> {
        let mut connection = sqlite::connect(&self.options).await?;
        self.gate = Gate::put_into(&mut connection).await?;
        self.connection = Some(connection);
        Ok(())
    }

    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        let connection = self.connection.as_mut().ok_or(sqlx::Error::WorkerCrashed)?;
        sqlx::query(sql).execute(connection).await.map(|_| ())
    }

    async fn begin(&mut self) -> Result<()> {
        if self.is_closed {
            return Err(Error::Closed);
        }
        self.tidy().await;
        if self.connection.is_none() {
            self.connect().await?;
        }
        if self.begun == Step::No {
            self.begun = Step::Maybe;
            self.gate.expect_transaction();
            self.execute("begin immediate").await?;
            self.begun = Step::Yes;
        }
        self.saved = Step::Maybe;
        self.execute("savepoint own_part").await?;
        self.saved = Step::Yes;
        Ok(())
    }

    /// Puts the transaction's part into the batch.
    async fn release(&mut self) -> Result<()> {
        self.saved = Step::Maybe;
        self.execute("release own_part").await?;
        self.saved = Step::No;
        Ok(())
    }

    /// Undoes what a transaction that failed or was dropped has left.
    async fn tidy(&mut self) {
        if self.saved != Step::No {
            self.undo_own_part().await;
        }
        if self.begun == Step::Maybe {
            // nothing can have been done in it; if it was never begun, this says so and that is fine
            self.end_transaction().await;
        }
    }

    async fn undo_own_part(&mut self) {
        // whoever undoes it may be dropped half-way too, and the next one must not take that for a broken batch
        self.saved = Step::Maybe;
        let undone = match self.execute("rollback to own_part").await {
            Ok(()) => self.execute("release own_part").await,
            // it was not opened yet, or it is already released
            Err(error) if is_out_of_place(&error) => Ok(()),
            Err(error) => Err(error),
        };
        self.saved = Step::No;
        if self.gate.was_rolled_back() {
            self.give_up("SQLite had to undo everything that was not committed").await;
        } else if let Err(error) = undone {
            self.give_up(&error.to_string()).await;
        }
    }

    /// Commits the batch, if there is one, and tells everyone in it.
    async fn commit_batch(&mut self) {
        self.tidy().await;
        if self.begun == Step::No {
            return;
        }
        self.gate.let_through(true);
        let committed = self.execute("commit").await;
        self.gate.let_through(false);
        match committed {
            Ok(()) => {
                self.begun = Step::No;
                self.counters.committed();
                self.answer(&Ok(()));
            }
            Err(error) => self.give_up(&error.to_string()).await,
        }
    }

    /// Ends the batch with nothing kept and tells everyone in it.
    async fn give_up(&mut self, reason: &str) {
        tracing::error!(reason, transactions = self.waiting.len(), "a batch of transactions was not kept");
        self.end_transaction().await;
        self.answer(&Err(reason.to_owned()));
    }

    /// Makes sure that no transaction is open, if need be by giving up the connection.
    async fn end_transaction(&mut self) {
        if !self.gate.was_rolled_back() {
            match self.execute("rollback").await {
                Ok(()) => {}
                Err(error) if is_out_of_place(&error) => {}
                Err(_) => self.connection = None,
            }
        }
        self.saved = Step::No;
        self.begun = Step::No;
    }

    fn answer(&mut self, outcome: &Result<(), String>) {
        for waiting in self.waiting.drain(..) {
            let _ = waiting.send(outcome.clone());
        }
    }

    async fn close(&mut self) -> Result<()> {
        self.is_closed = true;
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        self.gate.let_through(true);
        sqlx::raw_sql("pragma optimize; pragma wal_checkpoint(truncate)").execute(&mut connection).await?;
        Ok(connection.close().await?)
    }
}

/// SQLite's plain error: the statement makes no sense now ("no such savepoint", "no transaction is active").
fn is_out_of_place(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "1")
}

impl Gate {
    async fn put_into(connection: &mut SqliteConnection) -> Result<Arc<Self>> {
        let gate = Arc::new(Self::default());
        let (at_commit, at_rollback) = (Arc::clone(&gate), Arc::clone(&gate));
        let mut handle = connection.lock_handle().await?;
        handle.set_commit_hook(move || at_commit.may_commit.load(Ordering::Acquire));
        handle.set_rollback_hook(move || at_rollback.was_rolled_back.store(true, Ordering::Release));
        Ok(gate)
    }

    fn expect_transaction(&self) {
        self.was_rolled_back.store(false, Ordering::Release);
    }

    fn was_rolled_back(&self) -> bool {
        self.was_rolled_back.load(Ordering::Acquire)
    }

    fn let_through(&self, may_commit: bool) {
        self.may_commit.store(may_commit, Ordering::Release);
    }
}
