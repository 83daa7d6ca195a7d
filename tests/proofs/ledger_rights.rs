//! On PostgreSQL an ordinary role, which owns its database but is no superuser, adds transfers and changes none.

use meterbook::db::{Db, Options};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::served::OwnDatabase;

const ADDED: &str = "
    insert into ledger_account (code, kind) values ('bank', 'bank'), ('suspense', 'suspense');
    insert into transfer (debit_id, credit_id, amount_kopecks, kind, subject, memo, effective_on, booked_at)
    select d.id, c.id, 100, 'payment', 'account', '', '2026-11-20', now()
    from ledger_account d, ledger_account c
    where d.code = 'bank' and c.code = 'suspense';
    insert into unsealed_transfer (transfer_id) select id from transfer;
    insert into transfer_seal (position, transfer_id, hash) select 1, id, 'x' from transfer;";

/// What is tried, and the SQLSTATE of the refusal: no right (42501), or the trigger of the schema (P0001).
const REFUSED: &[(&str, &str)] = &[
    ("update transfer set amount_kopecks = 1", "42501"),
    ("update transfer set memo = 'x'", "42501"),
    ("update transfer set id = id + 1", "P0001"),
    ("delete from transfer", "42501"),
    ("update transfer_seal set hash = 'y'", "42501"),
    ("delete from transfer_seal", "42501"),
    ("update month_closing set hash = 'y'", "42501"),
    ("delete from month_closing", "42501"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_no_superuser_adds_transfers_and_changes_none() {
    let database = OwnDatabase::create("rights").await;
    let role = format!("clerk_{:016x}", rand::random::<u64>());
    let mut admin = PgConnection::connect(&database.url).await.unwrap();
    let name = database.url.rsplit('/').next().unwrap();
    let made = format!("create role {role} login nosuperuser; alter database {name} owner to {role}; grant all on schema public to {role}");
    sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut admin).await.unwrap();
    let (_, place) = database.url.split_once('@').unwrap();
    let url = format!("postgres://{role}@{place}");
    let db = Db::open(&url, Options { readers: 1, connections: 2 }).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await.unwrap();
    let mut clerk = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(ADDED).execute(&mut clerk).await.unwrap();
    for (tried, code) in REFUSED {
        let refusal = sqlx::raw_sql(*tried).execute(&mut clerk).await.unwrap_err();
        assert_eq!(refusal.as_database_error().unwrap().code().as_deref(), Some(*code), "{tried}: {refusal}");
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from transfer where amount_kopecks = 100").fetch_one(&mut clerk).await.unwrap();
    assert_eq!(kept, 1);
    // whoever may do everything is held by the triggers all the same
    for (tried, _) in REFUSED.iter().filter(|(tried, _)| !tried.contains("month_closing")) {
        let refusal = sqlx::raw_sql(*tried).execute(&mut admin).await.unwrap_err();
        assert_eq!(refusal.as_database_error().unwrap().code().as_deref(), Some("P0001"), "{tried}: {refusal}");
    }
    clerk.close().await.unwrap();
    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    admin.close().await.unwrap();
    database.clear().await;
    let mut admin = PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("drop role {role}"))).execute(&mut admin).await.unwrap();
}
