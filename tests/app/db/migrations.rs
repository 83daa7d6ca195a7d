//! Both engines get the same schema, once, and never a wrong one.

use std::{collections::BTreeSet, path::Path};

use futures_util::future::join_all;
use meterbook::db::{Db, Engine, Error, Options, Sql, q};

use crate::engines::open;

fn files(folder: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_migration_exists_for_both_engines() {
    assert_eq!(files("sqlite"), files("postgres"));
    assert!(!files("sqlite").is_empty());
}

/// Every column, and whether it may be missing; a key of SQLite may not either, though it says so nowhere.
async fn columns(db: &Db) -> BTreeSet<String> {
    let sql = Sql::Pair {
        lite: "select t.name || '.' || c.name || case when c.\"notnull\" = 0 and c.pk = 0 then ' nullable' else '' end
            from sqlite_schema t join pragma_table_info(t.name) c where t.type = 'table' and t.name not like '%sql%'",
        pg: "select table_name || '.' || column_name || case when is_nullable = 'YES' then ' nullable' else '' end
            from information_schema.columns where table_schema = current_schema() and table_name <> '_sqlx_migrations'",
    };
    q(db, sql).scalars::<String>().await.unwrap().into_iter().collect()
}

async fn foreign_keys(db: &Db) -> BTreeSet<String> {
    let sql = Sql::Pair {
        lite: "select t.name || '.' || f.\"from\" || ' to ' || f.\"table\" || ' ' || lower(f.on_delete)
            from sqlite_schema t join pragma_foreign_key_list(t.name) f",
        pg: "select child.relname || '.' || a.attname || ' to ' || parent.relname || ' ' ||
                case f.confdeltype when 'c' then 'cascade' when 'r' then 'restrict' when 'n' then 'set null' when 'd' then 'set default' else 'no action' end
            from pg_constraint f
            join pg_class child on child.oid = f.conrelid
            join pg_class parent on parent.oid = f.confrelid
            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey)
            where f.contype = 'f'",
    };
    q(db, sql).scalars::<String>().await.unwrap().into_iter().collect()
}

async fn indexes(db: &Db) -> BTreeSet<String> {
    let sql = Sql::Pair {
        lite: "select name || ' on ' || tbl_name from sqlite_schema where type = 'index' and sql is not null",
        pg: "select indexname || ' on ' || tablename from pg_indexes
            where schemaname = current_schema() and tablename <> '_sqlx_migrations' and indexname not like '%\\_key' and indexname not like '%\\_pkey'",
    };
    q(db, sql).scalars::<String>().await.unwrap().into_iter().collect()
}

/// Which changes to which tables are guarded; PostgreSQL may guard several with one trigger.
async fn guards(db: &Db) -> BTreeSet<String> {
    let sql = Sql::Pair {
        lite: "select tbl_name || case when sql like '%before update on%' then ' update' when sql like '%before delete on%' then ' delete'
                else ' ' || name end
            from sqlite_schema where type = 'trigger'",
        pg: "select relname || event.name
            from pg_trigger t
            join pg_class on pg_class.oid = t.tgrelid
            join (values (16, ' update'), (8, ' delete')) as event (bit, name) on t.tgtype & event.bit <> 0
            where not t.tgisinternal",
    };
    q(db, sql).scalars::<String>().await.unwrap().into_iter().collect()
}

both_engines! {
    async fn the_schema_is_the_other_engines_too(db: TestDb) {
        let other = db.another(if db.engine() == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite }).await;
        assert!(!columns(&db).await.is_empty());
        let lone = |mine: BTreeSet<String>, theirs: BTreeSet<String>| mine.difference(&theirs).cloned().collect::<Vec<_>>();
        assert_eq!(lone(columns(&db).await, columns(&other).await), Vec::<String>::new());
        assert_eq!(lone(foreign_keys(&db).await, foreign_keys(&other).await), Vec::<String>::new());
        assert_eq!(lone(indexes(&db).await, indexes(&other).await), Vec::<String>::new());
        assert_eq!(lone(guards(&db).await, guards(&other).await), Vec::<String>::new());
    }

    async fn every_rule_is_checked_at_once(db: TestDb) {
        let deferred = Sql::Pair {
            lite: "select name from sqlite_schema where lower(sql) like '%deferrable%'",
            pg: "select conname::text from pg_constraint where condeferrable",
        };
        assert_eq!(q(&*db, deferred).scalars::<String>().await.unwrap(), Vec::<String>::new(), "a shared commit must not fail for one of them");
    }

    async fn programs_that_start_together_migrate_once(db: TestDb) {
        let url = db.empty(db.engine()).await;
        let outcomes = join_all((0..5).map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let db = Db::open(&url, Options { readers: 1, connections: 2 }).await?;
                db.migrate().await?;
                db.close().await
            })
        }))
        .await;
        for outcome in outcomes {
            outcome.unwrap().unwrap();
        }
        let fresh = open(&url).await;
        fresh.migrate().await.unwrap();
        assert_eq!(columns(&fresh).await, columns(&db).await);
        let applied: i64 = q(&fresh, "select count(*) from _sqlx_migrations").scalar().await.unwrap();
        assert_eq!(usize::try_from(applied).unwrap(), files("sqlite").len());
        fresh.close().await.unwrap();
    }

    async fn a_database_of_a_newer_program_is_refused(db: TestDb) {
        let mut tx = db.begin().await.unwrap();
        let sql = "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
            select 99990101000000, 'the future', installed_on, success, checksum, 0 from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
        q(&mut tx, sql).run().await.unwrap();
        tx.commit().await.unwrap();
        let refused = db.migrate().await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_)) && refused.to_string().contains("newer Meterbook"), "{refused}");
    }

    async fn a_migration_altered_after_it_ran_is_refused(db: TestDb) {
        let mut tx = db.begin().await.unwrap();
        q(&mut tx, "update _sqlx_migrations set checksum = $1").bind(vec![0_u8; 48]).run().await.unwrap();
        tx.commit().await.unwrap();
        let refused = db.migrate().await.unwrap_err();
        assert!(matches!(refused, Error::Refused(_)) && refused.to_string().contains("altered"), "{refused}");
    }
}
