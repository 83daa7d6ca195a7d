//! What a statement takes and gives.

use futures_util::{FutureExt as _, TryStreamExt as _};
use meterbook::db::{Db, Engine, Error, On, Result, Sql, placeholders, q};

use meterbook::kernel::Moment;
use time::macros::datetime;

use super::sample::{Sample, add, make_sample, samples};

/// What one addition in a transaction of its own says.
async fn outcome_of_adding(db: &Db, word: &str, parent: Option<i64>, amount: i64) -> Result<i64> {
    let mut tx = db.begin().await?;
    let id = add(&mut tx, word, parent, amount).await?;
    tx.commit().await?;
    Ok(id)
}

both_engines! {
    async fn every_type_of_value_comes_back_as_it_was_given(db: TestDb) {
        make_sample(&db).await;
        let mut tx = db.begin().await.unwrap();
        for sample in samples() {
            assert_eq!(sample.insert(&mut tx).await.unwrap(), 1);
        }
        tx.commit().await.unwrap();
        assert_eq!(q(&*db, Sample::COLUMNS).all::<Sample>().await.unwrap(), samples());
    }

    async fn a_missing_row_is_none_or_an_error_as_asked(db: TestDb) {
        make_sample(&db).await;
        assert_eq!(q(&*db, Sample::COLUMNS).opt::<Sample>().await.unwrap(), None);
        assert!(matches!(q(&*db, Sample::COLUMNS).one::<Sample>().await, Err(Error::RowNotFound)));
        assert_eq!(q(&*db, "select word from sample").scalar_opt::<String>().await.unwrap(), None);
        assert!(matches!(q(&*db, "select word from sample").scalar::<String>().await, Err(Error::RowNotFound)));
        assert_eq!(q(&*db, "select word from sample").scalars::<String>().await.unwrap(), Vec::<String>::new());
        // in a transaction a missing row is no failure either
        let mut tx = db.begin().await.unwrap();
        assert!(matches!(q(&mut tx, Sample::COLUMNS).one::<Sample>().await, Err(Error::RowNotFound)));
        add(&mut tx, "после", None, 1).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn rows_can_be_read_one_by_one_and_found_by_lists_of_ids(db: TestDb) {
        make_sample(&db).await;
        let mut tx = db.begin().await.unwrap();
        let sql = format!("insert into sample (word, amount) values ($1, $2), ($3, $4), ({})", placeholders(5, 2));
        let added = q(&mut tx, sql).bind("a").bind(1_i64).bind("b").bind(2_i64).bind("c").bind(3_i64).run().await.unwrap();
        assert_eq!(added, 3);
        let inside: Vec<(String,)> = q(&mut tx, "select word from sample order by id").stream().try_collect().await.unwrap();
        assert_eq!(inside.len(), 3);
        tx.commit().await.unwrap();

        let rows: Vec<(String, i64)> = q(&*db, "select word, amount from sample order by id").stream().try_collect().await.unwrap();
        assert_eq!(rows[2], ("c".to_owned(), 3));
        let sql = format!("select word from sample where amount > $1 and word in ({}) order by word", placeholders(2, 3));
        let words: Vec<String> = q(&*db, sql).bind(1_i64).bind("a").bind("b").bind("c").scalars().await.unwrap();
        assert_eq!(words, ["b", "c"]);
    }

    async fn an_optional_filter_is_a_bound_null(db: TestDb) {
        make_sample(&db).await;
        outcome_of_adding(&db, "a", None, 1).await.unwrap();
        outcome_of_adding(&db, "b", None, 2).await.unwrap();
        for (wanted, found) in [(None, 2), (Some("a"), 1), (Some("x"), 0)] {
            let count: i64 =
                q(&*db, "select count(*) from sample where ($1 is null or word = $1)").bind(wanted).scalar().await.unwrap();
            assert_eq!(count, found, "{wanted:?}");
        }
    }

    async fn a_read_function_takes_a_database_a_transaction_or_a_lent_place(db: TestDb) {
        async fn count(on: impl Into<On<'_>>) -> i64 {
            q(on, "select count(*) from sample").scalar().await.unwrap()
        }
        async fn count_twice(on: impl Into<On<'_>>) -> i64 {
            let mut on = on.into();
            count(&mut on).await + count(on).await
        }
        make_sample(&db).await;
        let mut tx = db.begin().await.unwrap();
        add(&mut tx, "a", None, 1).await.unwrap();
        assert_eq!((count(&mut tx).await, count_twice(&mut tx).await), (1, 2));
        assert_eq!((count(&*db).await, count_twice(&*db).await), (0, 0), "nobody else sees what is not committed");
        tx.commit().await.unwrap();
        assert_eq!(count_twice(&*db).await, 2);
    }

    async fn broken_rules_are_told_apart_alike(db: TestDb) {
        make_sample(&db).await;
        let parent = outcome_of_adding(&db, "parent", None, 1).await.unwrap();
        outcome_of_adding(&db, "child", Some(parent), 1).await.unwrap();
        assert!(matches!(outcome_of_adding(&db, "parent", None, 1).await, Err(Error::UniqueViolation(_))));
        assert!(matches!(outcome_of_adding(&db, "x", None, -1).await, Err(Error::CheckViolation(_))));
        assert!(matches!(outcome_of_adding(&db, "x", Some(-7), 1).await, Err(Error::ForeignKeyViolation(_))));

        let mut tx = db.begin().await.unwrap();
        let audit = q(&mut tx, "insert into audit (at, actor_name, action, subject_kind) values ($1, '', '', '')");
        audit.bind(Moment::new(datetime!(2026-11-20 8:00 UTC))).run().await.unwrap();
        tx.commit().await.unwrap();

        for (sql, wanted) in [
            ("delete from sample where word = 'parent'", "a row that is referred to is missing, or still referred to"),
            ("update sample set parent_id = -7", "a row that is referred to is missing, or still referred to"),
            ("update sample set parent_id = -7 returning id", "a row that is referred to is missing, or still referred to"),
            ("insert into sample (parent_id, amount) values (null, 1), (-7, 2) returning id", "a row that is referred to is missing, or still referred to"),
            ("insert into sample (id, amount) select id, amount from sample", "another row already has this value"),
            ("update sample set word = 'same' returning id", "another row already has this value"),
            ("delete from audit", "a change the schema does not allow"),
            ("update sample set amount = null", "a change the schema does not allow"),
        ] {
            let mut tx = db.begin().await.unwrap();
            let failed = q(&mut tx, sql).scalar_opt::<i64>().await.unwrap_err();
            assert_eq!(failed.to_string(), wanted, "{sql}");
        }
        let kept: i64 = q(&*db, "select count(*) from sample").scalar().await.unwrap();
        assert_eq!(kept, 2);
    }

    async fn a_select_sees_the_engine_it_was_written_for(db: TestDb) {
        let sql = Sql::Pair { lite: "select 'lite'", pg: "select 'pg'" };
        let wanted = if db.engine() == Engine::Sqlite { "lite" } else { "pg" };
        assert_eq!(q(&*db, sql).scalar::<String>().await.unwrap(), wanted);
    }

    async fn a_forgotten_value_is_noticed(db: TestDb) {
        let statement = q(&*db, "select $1, $2").bind(1_i64).scalar::<i64>();
        assert!(std::panic::AssertUnwindSafe(statement).catch_unwind().await.is_err());
    }
}
