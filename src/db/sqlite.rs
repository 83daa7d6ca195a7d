//! Opening SQLite so that it keeps what it acknowledges.

use std::{fs, path::Path, str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Error, Result};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const RETRY_AFTER: Duration = Duration::from_millis(20);
const WRITER_CACHE_KIB: &str = "-65536";
const READER_CACHE_KIB: &str = "-16384";
/// Rows that a long list is read ahead of who takes them.
const ROWS_AHEAD: usize = 256;
/// Older ones can corrupt a database in WAL mode.
const OLDEST_VERSION: (u32, u32, u32) = (3, 51, 3);

/// What SQLite must answer when asked for its settings; on any other answer the program does not run.
const REQUIRED: [(&str, &str); 7] = [
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("busy_timeout", "10000"),
    ("trusted_schema", "0"),
    ("secure_delete", "1"),
    ("temp_store", "2"),
];

/// The settings of the writing connection.
pub fn settings(url: &str) -> Result<SqliteConnectOptions> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(Error::Refused("a database in memory keeps nothing; give a file: sqlite://data/meterbook.db".to_owned()));
    }
    let options = SqliteConnectOptions::from_str(url)?;
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "off")
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .pragma("cache_size", WRITER_CACHE_KIB)
        .pragma("mmap_size", "268435456")
        .pragma("journal_size_limit", "67108864")
        .pragma("analysis_limit", "400")
        .row_buffer_size(ROWS_AHEAD)
        .statement_cache_capacity(256))
}

/// Makes the file and the folders above it if they are missing, open to nobody but this user.
pub fn make_file(path: &Path) -> Result<()> {
    let explain = |error: std::io::Error| Error::Refused(format!("cannot make the database file {}: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(explain)?;
    }
    // an existing file is left alone: closing it here would drop the locks this process already holds on it
    let mut file = fs::OpenOptions::new();
    file.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(explain(error)),
        _ => Ok(()),
    }
}

/// The writing connection, its settings checked.
///
/// Whoever comes first switches a new file to the write-ahead log; SQLite refuses others at that moment instead of letting them wait.
pub async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    let mut patience = BUSY_TIMEOUT;
    let mut connection = loop {
        match options.connect().await.map_err(Error::from) {
            Err(Error::Busy(_)) if !patience.is_zero() => {
                tokio::time::sleep(RETRY_AFTER).await;
                patience = patience.saturating_sub(RETRY_AFTER);
            }
            outcome => break outcome?,
        }
    };
    check_settings(&mut connection).await?;
    Ok(connection)
}

/// The connections that only read.
pub async fn open_readers(settings: SqliteConnectOptions, count: u32) -> Result<SqlitePool> {
    let options = settings.pragma("cache_size", READER_CACHE_KIB).pragma("query_only", "on");
    let pool = SqlitePoolOptions::new()
        .max_connections(count)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| Box::pin(async move { check_settings(connection).await.map_err(sqlx::Error::config) }));
    Ok(pool.connect_with(options).await?)
}

/// Reads the version and the settings back; a setting that did not take is silent otherwise.
async fn check_settings(connection: &mut SqliteConnection) -> Result<()> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut *connection).await?;
    check_version(&version)?;
    for (name, wanted) in REQUIRED {
        let sql = sqlx::AssertSqlSafe(format!("select cast({name} as text) from pragma_{name}"));
        let found: String = match name {
            // the only one whose column has another name than the setting
            "busy_timeout" => {
                sqlx::query_scalar("select cast(timeout as text) from pragma_busy_timeout").fetch_one(&mut *connection).await?
            }
            _ => sqlx::query_scalar(sql).fetch_one(&mut *connection).await?,
        };
        if found != wanted {
            return Err(Error::Refused(format!("SQLite must run with {name} = {wanted} and runs with {found}")));
        }
    }
    Ok(())
}

fn check_version(version: &str) -> Result<()> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_VERSION {
        return Err(Error::Refused(format!("SQLite {version} is too old: versions before 3.51.3 can damage a database")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_sqlite_is_refused() {
        for old in ["3.51.2", "3.46.0", "2.8.17", ""] {
            assert!(check_version(old).is_err(), "{old}");
        }
        for good in ["3.51.3", "3.51.10", "3.52.0", "4.0.0"] {
            assert!(check_version(good).is_ok(), "{good}");
        }
    }
}
