//! One statement: its text, its values, and where it runs.

use std::{
    fmt::Write as _,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{
    Stream, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    AssertSqlSafe, Decode, Either, Encode, Executor, FromRow, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqlitePool, Type,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{
    Db, Engine, Error, Result, Tx,
    transaction::{Health, Parts, Session},
};

/// A value that both engines can bind.
pub trait Value<'v>: Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres> {}
impl<'v, T> Value<'v> for T where T: Encode<'v, Sqlite> + Type<Sqlite> + Encode<'v, Postgres> + Type<Postgres> {}

/// A single column that both engines can read.
pub trait Column: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin {}
impl<T> Column for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin {}

/// A row that both engines can read: a tuple or a struct with `#[derive(sqlx::FromRow)]`.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// SQL text: one for both engines, or a pair where one of them truly needs other words.
#[derive(Debug)]
pub enum Sql {
    Both(SqlStr),
    Pair { lite: &'static str, pg: &'static str },
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Both(SqlStr::from_static(text))
    }
}

/// Only for text put together from enums and placeholders; what people type is always bound.
impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Both(AssertSqlSafe(text).into_sql_str())
    }
}

impl Sql {
    fn of(self, engine: Engine) -> SqlStr {
        match (self, engine) {
            (Self::Both(text), _) => text,
            (Self::Pair { lite, .. }, Engine::Sqlite) => SqlStr::from_static(lite),
            (Self::Pair { pg, .. }, Engine::Postgres) => SqlStr::from_static(pg),
        }
    }
}

/// Where a statement runs: outside a transaction (reads only on SQLite) or inside one.
#[derive(Debug)]
pub struct On<'a>(Place<'a>);

#[derive(Debug)]
enum Place<'a> {
    SqlitePool(&'a SqlitePool),
    PostgresPool(&'a PgPool),
    Transaction(&'a mut Tx),
}

impl<'a> On<'a> {
    pub(super) fn sqlite(readers: &'a SqlitePool) -> Self {
        Self(Place::SqlitePool(readers))
    }

    pub(super) fn postgres(pool: &'a PgPool) -> Self {
        Self(Place::PostgresPool(pool))
    }

    fn engine(&self) -> Engine {
        match &self.0 {
            Place::SqlitePool(_) => Engine::Sqlite,
            Place::PostgresPool(_) => Engine::Postgres,
            Place::Transaction(tx) => tx.engine(),
        }
    }
}

impl<'a> From<&'a Db> for On<'a> {
    fn from(db: &'a Db) -> Self {
        db.on()
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self(Place::Transaction(tx))
    }
}

/// Lends a place to one of several statements: `q(&mut on, ...)`.
impl<'a> From<&'a mut On<'_>> for On<'a> {
    fn from(on: &'a mut On<'_>) -> Self {
        Self(match &mut on.0 {
            Place::SqlitePool(pool) => Place::SqlitePool(pool),
            Place::PostgresPool(pool) => Place::PostgresPool(pool),
            Place::Transaction(tx) => Place::Transaction(tx),
        })
    }
}

/// `count` placeholders starting with `$from`, for a list in a statement: `$3, $4, $5`. At most 500 of them at a time.
#[must_use]
pub fn placeholders(from: usize, count: usize) -> String {
    debug_assert!(count <= 500, "lists go to the database in chunks of at most 500");
    let mut list = String::with_capacity(count * 6);
    for number in from..from + count {
        let comma = if number == from { "" } else { ", " };
        let _ = write!(list, "{comma}${number}");
    }
    list
}

/// A statement with the place it will run at. Bind its values, then ask for what it gives.
pub fn q<'a>(on: impl Into<On<'a>>, sql: impl Into<Sql>) -> Q<'a> {
    Q::new(on.into(), sql.into())
}

/// A statement whose values are being bound; see [`q`].
#[must_use = "a statement does nothing until it is run"]
pub struct Q<'a> {
    on: On<'a>,
    query: Bound,
    wanted: usize,
    bound: usize,
}

enum Bound {
    Sqlite(Query<'static, Sqlite, SqliteArguments>),
    Postgres(Query<'static, Postgres, PgArguments>),
}

impl<'a> Q<'a> {
    fn new(on: On<'a>, sql: Sql) -> Self {
        let engine = on.engine();
        let text = sql.of(engine);
        let wanted = if cfg!(debug_assertions) { highest_placeholder(text.as_str()) } else { 0 };
        let query = match engine {
            Engine::Sqlite => Bound::Sqlite(sqlx::query(text)),
            Engine::Postgres => Bound::Postgres(sqlx::query(text)),
        };
        Self { on, query, wanted, bound: 0 }
    }

    /// The value of the next placeholder.
    pub fn bind<'v, T: Value<'v>>(mut self, value: T) -> Self {
        self.query = match self.query {
            Bound::Sqlite(query) => Bound::Sqlite(query.bind(value)),
            Bound::Postgres(query) => Bound::Postgres(query.bind(value)),
        };
        self.bound += 1;
        self
    }

    /// Runs the statement; how many rows it changed.
    pub async fn run(self) -> Result<u64> {
        self.steps().try_fold(0, |changed, step| async move { Ok(changed + step.left().unwrap_or(0)) }).await
    }

    /// The one row there must be.
    pub async fn one<T: Record>(self) -> Result<T> {
        self.first().await?.ok_or(Error::RowNotFound)?.record()
    }

    /// The row, if there is one.
    pub async fn opt<T: Record>(self) -> Result<Option<T>> {
        self.first().await?.map(|row| row.record()).transpose()
    }

    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        self.rows().map(|row| row?.record()).try_collect().await
    }

    /// The first column of the one row there must be.
    pub async fn scalar<T: Column>(self) -> Result<T> {
        self.first().await?.ok_or(Error::RowNotFound)?.column(0)
    }

    /// The first column of the row, if there is one; a column that may be null is asked for as `scalar_opt::<Option<T>>`.
    pub async fn scalar_opt<T: Column>(self) -> Result<Option<T>> {
        self.first().await?.map(|row| row.column(0)).transpose()
    }

    /// The first column of every row.
    pub async fn scalars<T: Column>(self) -> Result<Vec<T>> {
        self.rows().map(|row| row?.column(0)).try_collect().await
    }

    /// Row by row, never all of them in memory. Inside a transaction it must be read to its end.
    pub fn stream<T: Record + 'a>(self) -> BoxStream<'a, Result<T>> {
        self.rows().map(|row| row?.record()).boxed()
    }

    /// Reads to the end even though one row is wanted: only then has the statement done all it does, and only then is that known.
    fn first(self) -> BoxFuture<'a, Result<Option<Row>>> {
        Box::pin(self.rows().try_fold(None, |first: Option<Row>, row| async move { Ok(first.or(Some(row))) }))
    }

    pub(super) fn rows(self) -> BoxStream<'a, Result<Row>> {
        self.steps().try_filter_map(|step| async move { Ok(step.right()) }).boxed()
    }

    fn steps(self) -> Steps<'a> {
        debug_assert!(
            !cfg!(debug_assertions) || self.wanted == self.bound,
            "the statement has {} placeholders but {} values",
            self.wanted,
            self.bound
        );
        match (self.on.0, self.query) {
            (Place::SqlitePool(pool), Bound::Sqlite(query)) => sqlite_steps(pool, query),
            (Place::PostgresPool(pool), Bound::Postgres(query)) => postgres_steps(pool, query),
            (Place::Transaction(tx), query) => transaction_steps(tx, query),
            _ => unreachable!("the query was made for the engine of its place"),
        }
    }
}

/// What a running statement gives: rows, and at its end the number of rows it changed.
pub(super) type Steps<'a> = BoxStream<'a, Result<Either<u64, Row>>>;

fn sqlite_steps<'a>(on: impl Executor<'a, Database = Sqlite> + 'a, query: Query<'static, Sqlite, SqliteArguments>) -> Steps<'a> {
    let steps = on.fetch_many(query);
    steps.map_ok(|step| step.map_either(|done| done.rows_affected(), Row::Sqlite)).map_err(Error::from).boxed()
}

fn postgres_steps<'a>(on: impl Executor<'a, Database = Postgres> + 'a, query: Query<'static, Postgres, PgArguments>) -> Steps<'a> {
    let steps = on.fetch_many(query);
    steps.map_ok(|step| step.map_either(|done| done.rows_affected(), Row::Postgres)).map_err(Error::from).boxed()
}

fn transaction_steps(tx: &mut Tx, query: Bound) -> Steps<'_> {
    let Parts { session, health } = tx.parts();
    if *health != Health::Well {
        return stream::once(async { Err(Error::TransactionFailed) }).boxed();
    }
    let steps = match (session, query) {
        (Session::Sqlite(turn), Bound::Sqlite(query)) => sqlite_steps(turn.connection(), query),
        (Session::Postgres(transaction), Bound::Postgres(query)) => postgres_steps(&mut **transaction, query),
        _ => unreachable!("the query was made for the engine of its place"),
    };
    // from here until the end has been read, a dropped future leaves the transaction marked as not to be committed
    *health = Health::Unsure;
    Watched { steps, health }.boxed()
}

/// Notes on the transaction whether its statement ran to a good end.
struct Watched<'a> {
    steps: Steps<'a>,
    health: &'a mut Health,
}

impl Stream for Watched<'_> {
    type Item = Result<Either<u64, Row>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let step = ready!(self.steps.poll_next_unpin(context));
        match &step {
            Some(Err(_)) => *self.health = Health::Failed,
            None if *self.health == Health::Unsure => *self.health = Health::Well,
            _ => {}
        }
        Poll::Ready(step)
    }
}

/// A row as it came from its engine.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn record<T: Record>(&self) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => T::from_row(row)?,
            Self::Postgres(row) => T::from_row(row)?,
        })
    }

    pub fn column<T: Column>(&self, index: usize) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => sqlx::Row::try_get(row, index)?,
            Self::Postgres(row) => sqlx::Row::try_get(row, index)?,
        })
    }
}

/// The highest `$N` in a text, or how many `?` there are. SQLite takes a forgotten value for NULL, so the facade counts.
fn highest_placeholder(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1).map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse().unwrap_or(0)
    });
    numbers.max().unwrap_or_else(|| sql.matches('?').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_from_where_they_are_told() {
        assert_eq!(placeholders(3, 3), "$3, $4, $5");
        assert_eq!(placeholders(1, 0), "");
        assert_eq!(highest_placeholder("select $2 where $10 = $1 and price = '$'"), 10);
        assert_eq!(highest_placeholder("insert into t (a, b) values (?, ?), (?, ?)"), 4);
    }
}
