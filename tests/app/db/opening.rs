//! A database that would not keep what it acknowledges is not opened.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use meterbook::db::{Db, Engine, Error, On, Options, q};

use crate::engines::{TestDb, open, run};

#[tokio::test]
async fn only_sqlite_and_postgres_addresses_are_taken() {
    for wrong in ["mysql://localhost/x", "meterbook.db", "", "sqlite::memory:", "sqlite://x.db?mode=memory"] {
        assert!(matches!(Db::open(wrong, Options::default()).await, Err(Error::Refused(_))), "{wrong}");
    }
}

async fn setting(on: impl Into<On<'_>>, name: &str) -> i64 {
    q(on, format!("pragma {name}")).scalar().await.unwrap()
}

#[test]
fn sqlite_waits_for_its_disk_and_guards_its_rules_on_every_connection() {
    async fn promise(db: TestDb) {
        let mut tx = db.begin().await.unwrap();
        for (name, value) in [
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 10_000),
            ("trusted_schema", 0),
            ("secure_delete", 1),
            ("temp_store", 2),
        ] {
            assert_eq!((setting(&mut tx, name).await, setting(&*db, name).await), (value, value), "{name}");
        }
        assert_eq!((setting(&mut tx, "query_only").await, setting(&*db, "query_only").await), (0, 1));
        assert_eq!(q(&mut tx, "pragma journal_mode").scalar::<String>().await.unwrap(), "wal");
    }
    run(Engine::Sqlite, promise);
}

#[test]
fn the_file_and_its_folder_are_for_their_owner_only() {
    async fn promise(db: TestDb) {
        let file = PathBuf::from(db.url().strip_prefix("sqlite://").unwrap()).with_file_name("made/by/open.db");
        let other = open(&format!("sqlite://{}", file.display())).await;
        other.migrate().await.unwrap();
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.clone()), 0o600);
        assert_eq!(mode(file.with_extension("db-wal")), 0o600);
        assert_eq!(mode(file.parent().unwrap().to_owned()), 0o700);
        other.close().await.unwrap();
    }
    run(Engine::Sqlite, promise);
}

#[test]
fn a_postgres_that_does_not_wait_for_its_disk_is_refused() {
    async fn promise(db: TestDb) {
        let name: String = q(&*db, "select current_database()::text").scalar().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        q(&mut tx, format!("alter database {name} set synchronous_commit = off")).run().await.unwrap();
        tx.commit().await.unwrap();
        let refused = Db::open(db.url(), Options::default()).await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_)) && refused.to_string().contains("synchronous_commit"), "{refused}");
    }
    run(Engine::Postgres, promise);
}
