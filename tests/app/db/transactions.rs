//! All of a transaction or nothing.

use futures_util::{StreamExt as _, future::join_all};
use meterbook::db::{Db, Engine, Error, Result, q};

use super::{cut_off, halves, make_notes, note, note_both_halves};
use crate::engines::open;

both_engines! {
    async fn a_transaction_is_kept_only_by_its_commit(db: TestDb) {
        make_notes(&db).await;
        note_both_halves(&db, "kept").await.unwrap();

        let mut forgotten = db.begin().await.unwrap();
        note(&mut forgotten, "forgotten", 1).await.unwrap();
        drop(forgotten);

        let mut undone = db.begin().await.unwrap();
        note(&mut undone, "undone", 1).await.unwrap();
        undone.rollback().await.unwrap();

        note_both_halves(&db, "after").await.unwrap();
        let found = (halves(&db, "kept").await, halves(&db, "forgotten").await, halves(&db, "undone").await, halves(&db, "after").await);
        assert_eq!(found, (2, 0, 0, 2));
    }

    async fn the_first_failure_ends_a_transaction(db: TestDb) {
        make_notes(&db).await;
        let mut tx = db.begin().await.unwrap();
        note(&mut tx, "word", 1).await.unwrap();
        assert!(matches!(note(&mut tx, "word", 1).await, Err(Error::UniqueViolation(_))));
        assert!(matches!(note(&mut tx, "word", 2).await, Err(Error::TransactionFailed)));
        assert!(matches!(q(&mut tx, "select 1").scalar::<i64>().await, Err(Error::TransactionFailed)));
        assert!(matches!(tx.commit().await, Err(Error::TransactionFailed)));
        assert_eq!(halves(&db, "word").await, 0);
        note_both_halves(&db, "word").await.unwrap();
    }

    async fn a_transaction_with_a_statement_cut_off_is_not_kept(db: TestDb) {
        make_notes(&db).await;
        let mut tx = db.begin().await.unwrap();
        note(&mut tx, "word", 1).await.unwrap();
        let mut added = q(&mut tx, "insert into note (word, half) values ('word', 2), ('word', 3) returning half").stream::<(i64,)>();
        assert!(added.next().await.is_some());
        drop(added);
        assert!(matches!(tx.commit().await, Err(Error::TransactionFailed)));
        assert_eq!(halves(&db, "word").await, 0);
        note_both_halves(&db, "word").await.unwrap();
    }

    async fn a_visitor_who_hangs_up_at_any_moment_leaves_all_or_nothing(db: TestDb) {
        make_notes(&db).await;
        let mut outcomes = (0, 0);
        // how many polls a transaction takes depends on how fast the engine answers, so each count has several tries
        for (attempt, polls) in (0..4).flat_map(|attempt| (0..14).map(move |polls| (attempt, polls))) {
            let word = format!("cut after {polls}, attempt {attempt}");
            let outcome = cut_off(note_both_halves(&db, &word), polls).await;
            // the next one finds the database in order and is kept
            let next = format!("next to {word}");
            note_both_halves(&db, &next).await.unwrap();
            assert_eq!(halves(&db, &next).await, 2);
            let found = halves(&db, &word).await;
            if let Some(outcome) = outcome {
                outcome.unwrap();
                assert_eq!(found, 2, "{word}");
                outcomes.0 += 1;
            } else {
                assert!(found == 0 || found == 2, "{word}: {found} halves");
                outcomes.1 += 1;
            }
        }
        assert!(outcomes.0 > 0 && outcomes.1 > 8, "ended and cut off: {outcomes:?}");
    }

    async fn what_was_acknowledged_stays_whatever_others_do(db: TestDb) {
        make_notes(&db).await;
        join_all((0..12_usize).map(|client| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..25_usize {
                    be_one_of_many(&db, client, round).await;
                }
            })
        }))
        .await
        .into_iter()
        .for_each(Result::unwrap);
        let odd: Vec<String> = q(&*db, "select word from note group by word having count(*) <> 2").scalars().await.unwrap();
        assert_eq!(odd, Vec::<String>::new(), "halves without the other");
    }

    async fn twenty_writers_at_once_all_succeed(db: TestDb) {
        make_notes(&db).await;
        let before = db.commits();
        join_all((0..20).map(|client| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    note_both_halves(&db, &format!("{client} {round}")).await.unwrap();
                }
            })
        }))
        .await
        .into_iter()
        .for_each(Result::unwrap);
        let count: i64 = q(&*db, "select count(*) from note").scalar().await.unwrap();
        assert_eq!(count, 400);
        let (commits, transactions) = (db.commits().commits - before.commits, db.commits().transactions - before.transactions);
        assert_eq!(transactions, 200);
        match db.engine() {
            Engine::Sqlite => assert!(commits < 150, "{commits} commits for 200 transactions: nobody shared"),
            Engine::Postgres => assert_eq!(commits, 200),
        }
    }

    async fn a_lock_makes_reading_and_then_writing_safe(db: TestDb) {
        async fn count_up(db: Db) -> Result<()> {
            let mut tx = db.begin().await?;
            tx.lock(1, 42).await?;
            let highest: i64 = q(&mut tx, "select coalesce(max(half), 0) from note").scalar().await?;
            note(&mut tx, "number", highest + 1).await?;
            tx.commit().await
        }
        make_notes(&db).await;
        join_all((0..10).map(|_| tokio::spawn(count_up((*db).clone())))).await.into_iter().for_each(|outcome| outcome.unwrap().unwrap());
        let highest: i64 = q(&*db, "select max(half) from note").scalar().await.unwrap();
        assert_eq!(highest, 10);
    }

    async fn a_database_says_whether_it_can_keep_changes(db: TestDb) {
        db.ping_writable().await.unwrap();
        let other = open(db.url()).await;
        db.close().await.unwrap();
        assert!(matches!(db.ping_writable().await, Err(Error::Closed)));
        assert!(matches!(db.begin().await, Err(Error::Closed)));
        other.ping_writable().await.unwrap();
        other.close().await.unwrap();
    }

    async fn closing_waits_for_running_work_and_keeps_it(db: TestDb) {
        make_notes(&db).await;
        let mut tx = db.begin().await.unwrap();
        note(&mut tx, "last", 1).await.unwrap();
        let closing = tokio::spawn({
            let db = (*db).clone();
            async move { db.close().await }
        });
        note(&mut tx, "last", 2).await.unwrap();
        tx.commit().await.unwrap();
        closing.await.unwrap().unwrap();
        let again = open(db.url()).await;
        assert_eq!(halves(&again, "last").await, 2);
        again.close().await.unwrap();
    }
}

/// One of several clients: some commit, some fail, some forget, some hang up; what was acknowledged must be there at once.
async fn be_one_of_many(db: &Db, client: usize, round: usize) {
    let word = format!("client {client} round {round}");
    match (client + round * 7) % 5 {
        0 | 1 => {
            note_both_halves(db, &word).await.unwrap();
            assert_eq!(halves(db, &word).await, 2, "{word}");
        }
        2 => {
            let mut tx = db.begin().await.unwrap();
            note(&mut tx, &word, 1).await.unwrap();
            note(&mut tx, &word, 1).await.unwrap_err();
            drop(tx);
            assert_eq!(halves(db, &word).await, 0, "{word}");
        }
        3 => {
            let mut tx = db.begin().await.unwrap();
            note(&mut tx, &word, 1).await.unwrap();
        }
        _ => {
            cut_off(note_both_halves(db, &word), (client * 3 + round) % 16).await;
        }
    }
}
