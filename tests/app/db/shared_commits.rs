//! SQLite alone: transactions that share a commit fail together when the disk does, and never otherwise.

use std::{path::PathBuf, str::FromStr as _, time::Duration};

use futures_util::{future::join_all, poll};
use meterbook::db::{Db, Engine, Error, Result, Tx, q};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use super::{cut_off, halves, make_notes, note, note_both_halves};
use crate::engines::{TestDb, run};

/// Declares tests of what only SQLite needs.
macro_rules! sqlite {
    ($(async fn $name:ident($db:ident: TestDb) $body:block)+) => {$(
        #[test]
        fn $name() {
            async fn promise($db: TestDb) $body
            run(Engine::Sqlite, promise);
        }
    )+};
}

/// Runs the work of several transactions one after the other in one batch, and gives what their commits answered.
async fn in_one_batch<const N: usize>(db: &Db, works: [&str; N]) -> [Result<()>; N] {
    let first = db.begin().await.unwrap();
    let mut members = works.map(|work| Box::pin(take_part(db, work)));
    // they stand in the queue for the turn before the committer does
    for member in &mut members {
        assert!(poll!(member).is_pending());
    }
    drop(first);
    join_all(members).await.try_into().expect("one answer each")
}

async fn take_part(db: &Db, work: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    note(&mut tx, work, 1).await?;
    match work {
        "fails" => note(&mut tx, work, 1).await?,
        "fills the disk" => fill_the_disk(&mut tx).await?,
        "breaks the commit" => break_the_commit(&mut tx).await?,
        "forgets" => return Ok(()),
        "ends the transaction" => q(&mut tx, "commit").run().await.map(|_| ())?,
        "undoes the transaction" => q(&mut tx, "rollback").run().await.map(|_| ())?,
        _ => {}
    }
    note(&mut tx, work, 2).await?;
    tx.commit().await
}

/// No page may be added any more, and a page is needed.
async fn fill_the_disk(tx: &mut Tx) -> Result<()> {
    let pages: i64 = q(&mut *tx, "pragma page_count").scalar().await?;
    q(&mut *tx, format!("pragma max_page_count = {pages}")).scalar::<i64>().await?;
    note(tx, &"x".repeat(1_000_000), 1).await
}

async fn free_the_disk(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    q(&mut tx, "pragma max_page_count = 1000000").scalar::<i64>().await.unwrap();
    tx.rollback().await.unwrap();
}

/// A deferred foreign key is looked at by COMMIT. Our schema has none, so it is the way to make a commit fail.
async fn break_the_commit(tx: &mut Tx) -> Result<()> {
    q(&mut *tx, "create table broken (id integer primary key, note_id integer references note (id) deferrable initially deferred)")
        .run()
        .await?;
    q(&mut *tx, "insert into broken (note_id) values (-1)").run().await.map(|_| ())
}

fn is_not_kept(outcome: &Result<()>) -> bool {
    matches!(outcome, Err(Error::NotKept(_)))
}

sqlite! {
    async fn members_of_a_batch_share_one_commit(db: TestDb) {
        make_notes(&db).await;
        let before = db.commits();
        for outcome in in_one_batch(&db, ["a", "b", "c", "d"]).await {
            outcome.unwrap();
        }
        let after = db.commits();
        assert_eq!((after.commits - before.commits, after.transactions - before.transactions), (1, 4));
    }

    async fn a_failure_undoes_its_own_part_only(db: TestDb) {
        make_notes(&db).await;
        let [first, failed, forgotten, last] = in_one_batch(&db, ["first", "fails", "forgets", "last"]).await;
        assert!(matches!(failed, Err(Error::UniqueViolation(_))));
        first.and(forgotten).and(last).unwrap();
        let found = (halves(&db, "first").await, halves(&db, "fails").await, halves(&db, "forgets").await, halves(&db, "last").await);
        assert_eq!(found, (2, 0, 0, 2));
    }

    async fn a_failed_commit_fails_everyone_in_it(db: TestDb) {
        make_notes(&db).await;
        note_both_halves(&db, "earlier").await.unwrap();
        let outcomes = in_one_batch(&db, ["before", "breaks the commit", "after"]).await;
        assert!(outcomes.iter().all(is_not_kept), "{outcomes:?}");
        let found = (halves(&db, "earlier").await, halves(&db, "before").await, halves(&db, "after").await);
        assert_eq!(found, (2, 0, 0));
        note_both_halves(&db, "next").await.unwrap();
        assert_eq!(halves(&db, "next").await, 2);
    }

    async fn a_full_disk_fails_everyone_it_undoes_and_nobody_else(db: TestDb) {
        make_notes(&db).await;
        note_both_halves(&db, "earlier").await.unwrap();
        let [before, full, after] = in_one_batch(&db, ["before", "fills the disk", "after"]).await;
        assert!(is_not_kept(&before), "SQLite undid it, so it must not be acknowledged: {before:?}");
        assert!(is_not_kept(&full), "{full:?}");
        // there was room for small rows left, so the one behind them had its own batch and was kept
        after.unwrap();
        let found = (halves(&db, "earlier").await, halves(&db, "before").await, halves(&db, "fills the disk").await, halves(&db, "after").await);
        assert_eq!(found, (2, 0, 0, 2));
        free_the_disk(&db).await;
        note_both_halves(&db, &"y".repeat(1_000_000)).await.unwrap();
    }

    async fn a_full_disk_is_told_to_whoever_asks_and_ends_when_there_is_room(db: TestDb) {
        make_notes(&db).await;
        for round in 0..5 {
            let word = format!("{round}{}", "x".repeat(200_000));
            let mut tx = db.begin().await.unwrap();
            fill_the_disk(&mut tx).await.unwrap_err();
            // SQLite has ended the transaction; nothing more may be done in it, and above all not without it
            assert!(matches!(note(&mut tx, &word, 1).await, Err(Error::TransactionFailed)));
            assert!(matches!(tx.commit().await, Err(Error::TransactionFailed)));
            assert!(is_not_kept(&note_both_halves(&db, &word).await));
            free_the_disk(&db).await;
            note_both_halves(&db, &word).await.unwrap();
        }
        let count: i64 = q(&*db, "select count(*) from note").scalar().await.unwrap();
        assert_eq!(count, 10);
    }

    async fn nothing_commits_but_the_committer(db: TestDb) {
        make_notes(&db).await;
        let [before, ended, after] = in_one_batch(&db, ["before", "ends the transaction", "after"]).await;
        assert!(is_not_kept(&before) && ended.is_err(), "{before:?} {ended:?}");
        after.unwrap();
        let [before, undone, after] = in_one_batch(&db, ["before 2", "undoes the transaction", "after 2"]).await;
        assert!(is_not_kept(&before) && undone.is_err(), "a statement outside a transaction must be refused: {before:?} {undone:?}");
        after.unwrap();
        let words: Vec<String> = q(&*db, "select distinct word from note order by word").scalars().await.unwrap();
        assert_eq!(words, ["after", "after 2"]);
    }

    async fn a_transaction_given_up_sets_the_file_free(db: TestDb) {
        make_notes(&db).await;
        for polls in (0..5).cycle().take(20) {
            drop(cut_off(db.begin(), polls).await);
            write_from_outside(&db).await;
        }
    }

    async fn reading_outside_a_transaction_cannot_write(db: TestDb) {
        make_notes(&db).await;
        let refused = q(&*db, "insert into note (word, half) values ('x', 1)").run().await;
        assert!(matches!(refused, Err(Error::NotKept(_))), "{refused:?}");
    }

    async fn a_closed_database_is_one_whole_file(db: TestDb) {
        make_notes(&db).await;
        note_both_halves(&db, "kept").await.unwrap();
        let file = file_of(&db);
        assert!(file.with_extension("db-wal").exists());
        db.close().await.unwrap();
        assert!(!file.with_extension("db-wal").exists(), "the write-ahead log is folded in");
    }
}

fn file_of(db: &TestDb) -> PathBuf {
    PathBuf::from(db.url().strip_prefix("sqlite://").unwrap())
}

/// Another program writes; it waits ten seconds for the file to be free, and fails the test if it is not.
async fn write_from_outside(db: &TestDb) {
    let options = SqliteConnectOptions::from_str(db.url()).unwrap().busy_timeout(Duration::from_secs(10));
    let mut connection = options.connect().await.unwrap();
    sqlx::query("update note set half = half").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
