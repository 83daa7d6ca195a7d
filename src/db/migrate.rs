//! Bringing the schema up to the program. All pending migrations are one transaction under one lock, so several programs may start at
//! once and a failure leaves the schema as it was.

use std::time::Duration;

use sqlx::{
    ConnectOptions as _, Connection as _, PgPool, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::SqliteConnectOptions,
};

use super::{Error, Result};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a second program waits while the first one migrates.
const LONGEST_MIGRATION: Duration = Duration::from_mins(10);
/// "Meterbook" on a telephone's keys; any number nobody else uses.
const POSTGRES_LOCK: i64 = 638_372_665;

/// On a connection of its own whose foreign keys are off, because SQLite changes a table by building it anew and dropping the old one;
/// they are checked before anything is kept.
pub async fn sqlite(options: &SqliteConnectOptions) -> Result<()> {
    let options = options.clone().foreign_keys(false).busy_timeout(LONGEST_MIGRATION);
    let mut connection = options.connect().await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    unlocked(&SQLITE).run_direct(None, &mut *transaction, false).await.map_err(|error| explain(error, &SQLITE))?;
    check_foreign_keys(&mut transaction).await?;
    transaction.commit().await?;
    Ok(connection.close().await?)
}

async fn check_foreign_keys(connection: &mut SqliteConnection) -> Result<()> {
    let broken: Option<String> =
        sqlx::query_scalar("select \"table\" from pragma_foreign_key_check limit 1").fetch_optional(connection).await?;
    match broken {
        Some(table) => Err(Error::Refused(format!("a migration would leave rows of {table} pointing to rows that do not exist"))),
        None => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "migrations run before anything writes through Db::begin")]
pub async fn postgres(pool: &PgPool) -> Result<()> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(POSTGRES_LOCK).execute(&mut *transaction).await?;
    unlocked(&POSTGRES).run_direct(None, &mut *transaction, false).await.map_err(|error| explain(error, &POSTGRES))?;
    Ok(transaction.commit().await?)
}

/// The same migrations without sqlx's own lock, which SQLite does not have.
fn unlocked(migrator: &Migrator) -> Migrator {
    let mut migrator = Migrator { migrations: migrator.migrations.clone(), ..Migrator::DEFAULT };
    migrator.set_locking(false);
    migrator
}

fn explain(error: MigrateError, migrator: &Migrator) -> Error {
    let newest = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(version) if version > newest => Error::Refused(format!(
            "the database was made by a newer Meterbook (its schema is {version}, this program knows {newest}): start the newer program, or restore a backup made before it"
        )),
        MigrateError::VersionMissing(version) => {
            Error::Refused(format!("the database has the migration {version}, which this program does not know"))
        }
        MigrateError::VersionMismatch(version) => {
            Error::Refused(format!("the migration {version} was altered after it had been applied to this database"))
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Error::Other(other.into()),
    }
}
