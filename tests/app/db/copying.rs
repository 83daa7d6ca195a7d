//! A database moves to another engine whole, or not at all.

use meterbook::db::{self, Db, Engine, Error, Sql, Target, q};

use super::sample::{Sample, add, make_sample, samples};

const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// Rows of every type, some pointing forwards, and a number given out to a row that is gone.
async fn fill(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for sample in samples() {
        sample.insert(&mut tx).await.unwrap();
    }
    q(&mut tx, "update sample set parent_id = (select max(id) from sample)").run().await.unwrap();
    for number in 0..2500 {
        q(&mut tx, "insert into sample (word, amount) values ($1, $2)").bind(format!("многие {number}")).bind(number).run().await.unwrap();
    }
    let gone = add(&mut tx, "gone", None, 1).await.unwrap();
    q(&mut tx, "delete from sample where id = $1").bind(gone).run().await.unwrap();
    q(&mut tx, "insert into setting (key, value) values ('a', 'b')").run().await.unwrap();
    tx.commit().await.unwrap();
}

async fn rows(db: &Db, table: &str) -> i64 {
    q(db, format!("select count(*) from {table}")).scalar().await.unwrap()
}

async fn all(db: &Db) -> Vec<Sample> {
    q(db, Sample::COLUMNS).all().await.unwrap()
}

both_engines! {
    async fn everything_arrives_as_it_was_on_either_engine(db: TestDb) {
        make_sample(&db).await;
        fill(&db).await;
        for engine in ENGINES {
            let other = db.another(engine).await;
            make_sample(&other).await;
            let mut told = Vec::new();
            let copied = db::copy(&db, &other, Target::Empty, |progress| told.push((progress.table.to_owned(), progress.rows))).await.unwrap();
            assert_eq!(copied, 2503);
            assert!(told.contains(&("sample".to_owned(), 2502)) && told.len() > 4, "{told:?}");
            assert_eq!(all(&other).await, all(&db).await);
            let ids = "select id, parent_id from sample order by id";
            let (mine, theirs) = (q(&*db, ids).all::<(i64, Option<i64>)>().await.unwrap(), q(&other, ids).all().await.unwrap());
            assert_eq!(mine, theirs);

            // an id that was ever given out is not given again, and rules are checked at once as before
            let mut tx = other.begin().await.unwrap();
            assert_eq!(add(&mut tx, "next", None, 1).await.unwrap(), 2504);
            assert!(matches!(add(&mut tx, "orphan", Some(-1), 1).await, Err(Error::ForeignKeyViolation(_))));
            drop(tx);
            other.close().await.unwrap();
        }
    }

    async fn what_sqlite_keeps_as_text_has_its_one_form(db: TestDb) {
        make_sample(&db).await;
        fill(&db).await;
        let lite = db.another(Engine::Sqlite).await;
        make_sample(&lite).await;
        db::copy(&db, &lite, Target::Empty, |_| {}).await.unwrap();
        let stored: (String, String, i64) = q(&lite, "select at_moment, on_day, is_on from sample order by id limit 1").one().await.unwrap();
        assert_eq!(stored, ("2026-11-20T08:15:00.123Z".to_owned(), "2026-02-28".to_owned(), 1));
        lite.close().await.unwrap();
    }

    async fn only_an_empty_database_of_the_same_schema_is_copied_to(db: TestDb) {
        for engine in ENGINES {
            let other = db.another(engine).await;
            let mut tx = other.begin().await.unwrap();
            q(&mut tx, "insert into setting (key, value) values ('a', 'b')").run().await.unwrap();
            tx.commit().await.unwrap();
            let refused = db::copy(&db, &other, Target::Empty, |_| {}).await.unwrap_err();
            assert!(refused.to_string().contains("setting has rows"), "{refused}");

            let mut tx = other.begin().await.unwrap();
            q(&mut tx, "delete from setting").run().await.unwrap();
            q(&mut tx, "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)").run().await.unwrap();
            tx.commit().await.unwrap();
            let refused = db::copy(&db, &other, Target::Empty, |_| {}).await.unwrap_err();
            assert!(refused.to_string().contains("different schemas"), "{refused}");
            other.close().await.unwrap();
        }
    }

    async fn a_copy_that_fails_leaves_the_other_database_empty(db: TestDb) {
        make_sample(&db).await;
        fill(&db).await;
        for engine in ENGINES {
            let other = db.another(engine).await;
            make_sample(&other).await;
            let mut tx = other.begin().await.unwrap();
            let narrower = Sql::Pair {
                lite: "create unique index narrower on sample (amount % 2000)",
                pg: "create unique index narrower on sample ((amount % 2000))",
            };
            q(&mut tx, narrower).run().await.unwrap();
            tx.commit().await.unwrap();
            assert!(matches!(db::copy(&db, &other, Target::Empty, |_| {}).await, Err(Error::UniqueViolation(_))));
            assert_eq!((rows(&other, "sample").await, rows(&other, "setting").await), (0, 0));
            // the source is as free as before
            let mut tx = db.begin().await.unwrap();
            add(&mut tx, "later", None, 7).await.unwrap();
            tx.rollback().await.unwrap();
            other.close().await.unwrap();
        }
    }
}
