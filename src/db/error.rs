//! What can go wrong with a database, in words both engines share.

use sqlx::error::ErrorKind;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement or a transaction failed. Names of constraints are not told: SQLite does not know them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no row was found where one must be")]
    RowNotFound,
    #[error("another row already has this value")]
    UniqueViolation(#[source] sqlx::Error),
    /// The row pointed to does not exist, or other rows still point to this one.
    #[error("a row that is referred to is missing, or still referred to")]
    ForeignKeyViolation(#[source] sqlx::Error),
    /// A `check`, a `not null` or a guarding trigger of the schema.
    #[error("a change the schema does not allow")]
    CheckViolation(#[source] sqlx::Error),
    /// Another writer stood in the way for too long, or the engine chose this transaction to give way. Nothing was changed; trying
    /// again may help.
    #[error("other work on the database stood in the way: {0}")]
    Busy(String),
    /// The disk is full or fails, or the shared commit failed: nothing of the transaction was kept.
    #[error("the database could not keep the change: {0}")]
    NotKept(String),
    /// An earlier statement of this transaction failed or was cut off, so nothing of the transaction is kept.
    #[error("an earlier statement of this transaction failed; none of it is kept")]
    TransactionFailed,
    #[error("the database is closed")]
    Closed,
    /// The database exists but must not be used like this: wrong settings, wrong version, not empty.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Other(sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::RowNotFound,
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::PoolTimedOut => Self::Busy(error.to_string()),
            sqlx::Error::Io(_) => Self::NotKept(error.to_string()),
            sqlx::Error::Database(reported) => match meaning(reported.as_ref()) {
                Meaning::Unique => Self::UniqueViolation(error),
                Meaning::ForeignKey => Self::ForeignKeyViolation(error),
                Meaning::Check => Self::CheckViolation(error),
                Meaning::Busy => Self::Busy(error.to_string()),
                Meaning::Disk => Self::NotKept(error.to_string()),
                Meaning::Other => Self::Other(error),
            },
            _ => Self::Other(error),
        }
    }
}

enum Meaning {
    Unique,
    ForeignKey,
    Check,
    Busy,
    Disk,
    Other,
}

fn meaning(error: &dyn sqlx::error::DatabaseError) -> Meaning {
    let code = error.code().unwrap_or_default();
    match error.kind() {
        ErrorKind::UniqueViolation => Meaning::Unique,
        ErrorKind::ForeignKeyViolation => Meaning::ForeignKey,
        ErrorKind::CheckViolation | ErrorKind::NotNullViolation => Meaning::Check,
        // only SQLite's codes are plain numbers of up to four digits; PostgreSQL's always have five places
        _ => match code.parse() {
            Ok(number) if code.len() < 5 => sqlite_meaning(number, error.message()),
            _ => postgres_meaning(&code),
        },
    }
}

/// By SQLite's extended result code; its lowest byte is the general one.
fn sqlite_meaning(code: u32, message: &str) -> Meaning {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    const CONSTRAINT_TRIGGER: u32 = 1811;
    const CONSTRAINT_ROWID: u32 = 2579;
    const CONSTRAINT_DATATYPE: u32 = 3091;
    match code {
        CONSTRAINT_ROWID => Meaning::Unique,
        // `on delete restrict` is a trigger inside SQLite and reports itself as one
        CONSTRAINT_TRIGGER if message.contains("FOREIGN KEY") => Meaning::ForeignKey,
        CONSTRAINT_TRIGGER | CONSTRAINT_DATATYPE => Meaning::Check,
        _ => match code & 0xff {
            BUSY | LOCKED => Meaning::Busy,
            READONLY | IOERR | CORRUPT | FULL | CANTOPEN => Meaning::Disk,
            _ => Meaning::Other,
        },
    }
}

/// By SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn postgres_meaning(code: &str) -> Meaning {
    match code {
        "23001" => Meaning::ForeignKey,
        // raised by a trigger
        "P0001" => Meaning::Check,
        // serialization failure, deadlock, lock not available
        "40001" | "40P01" | "55P03" => Meaning::Busy,
        // disk full, I/O error, read-only, shutting down
        "53100" | "58030" | "25006" | "57P01" | "57P02" | "57P03" => Meaning::Disk,
        _ => Meaning::Other,
    }
}
