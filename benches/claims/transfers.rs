//! Money moved by many clients at once: those who wait share a commit.

use std::time::{Duration, Instant};

use meterbook::{
    db::{Db, Options, q},
    estate::account::AccountId,
    kernel::{Moment, Money},
    ledger::{Book, Kind, NewTransfer, post},
};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use time::macros::{date, datetime};

use crate::{
    heading, line,
    served::{PASSWORD, Server, client},
};

const RUN: Duration = Duration::from_secs(10);
const CLIENTS: i64 = 16;

pub async fn of_many_clients() {
    heading("transfers posted, each a transaction of its own", "a bare loop of the same statements, one commit each");
    let bare = one_commit_each().await;
    line("the bare loop", &format!("{bare:.0} /s"), Some(1.0));
    let folder = tempfile::tempdir_in(".").unwrap();
    let db = Db::open(&format!("sqlite://{}", folder.path().join("ours.db").display()), Options::default()).await.unwrap();
    db.migrate().await.unwrap();
    accounts(&db).await;
    for clients in [1, CLIENTS] {
        let until = Instant::now() + RUN;
        let tasks: Vec<_> = (1..=clients).map(|client| tokio::spawn(pay(db.clone(), AccountId(client), until))).collect();
        let mut posted = 0;
        for task in tasks {
            posted += task.await.unwrap();
        }
        let rate = f64::from(posted) / RUN.as_secs_f64();
        line(&format!("in the program, {clients} at once"), &format!("{rate:.0} /s"), Some(rate / bare));
    }
    db.close().await.unwrap();
    let server = Server::demo_of("30");
    for clients in [1, CLIENTS] {
        let rate = over_http(&server, clients).await;
        line(&format!("over HTTP, {clients} at once, each with a key"), &format!("{rate:.0} /s"), Some(rate / bare));
    }
}

/// Deposits of programs that wait for each answer, a second.
async fn over_http(server: &Server, clients: i64) -> f64 {
    let mut programs = Vec::new();
    for number in 0..clients {
        let (client, body) = (client().build().unwrap(), json!({ "login": "vera", "password": PASSWORD }));
        let told: Value = client.post(server.url("/api/v1/tokens")).json(&body).send().await.unwrap().json().await.unwrap();
        let accounts = client.get(server.url("/api/v1/accounts")).bearer_auth(told["token"].as_str().unwrap());
        let accounts: Value = accounts.send().await.unwrap().json().await.unwrap();
        let account = accounts["items"][usize::try_from(number).unwrap()]["number"].as_str().unwrap();
        programs.push((
            number,
            client,
            told["token"].as_str().unwrap().to_owned(),
            server.url(&format!("/api/v1/accounts/{account}/deposits")),
        ));
    }
    let until = Instant::now() + RUN;
    let tasks: Vec<_> =
        programs.into_iter().map(|(number, client, token, url)| tokio::spawn(deposit(number, client, token, url, until))).collect();
    let mut posted = 0;
    for task in tasks {
        posted += task.await.unwrap();
    }
    f64::from(posted) / RUN.as_secs_f64()
}

async fn deposit(number: i64, client: Client, token: String, url: String, until: Instant) -> u32 {
    let mut posted = 0;
    while Instant::now() < until {
        let call = client.post(&url).bearer_auth(&token).header("Idempotency-Key", format!("{number}-{posted}-{until:?}").replace(' ', ""));
        call.json(&json!({ "amount_kopecks": 100 })).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
        posted += 1;
    }
    posted
}

/// An account for each client.
async fn accounts(db: &Db) {
    let now = Moment::new(datetime!(2026-11-20 09:00 UTC));
    let mut tx = db.begin().await.unwrap();
    for sql in [
        "insert into site (name, kind, address, time_zone, created_at) values ('Объект', 'garden', '', 'Europe/Moscow', $1)",
        "insert into owner (kind, last_name, full_name, sort_key, created_at) values ('person', 'Иванов', 'Иванов', 'иванов', $1)",
    ] {
        q(&mut tx, sql).bind(now).run().await.unwrap();
    }
    for number in 1..=CLIENTS {
        q(&mut tx, "insert into premise (site_id, kind, label, sort_key, created_at) values (1, 'plot', $1, $1, $2)")
            .bind(number.to_string())
            .bind(now)
            .run()
            .await
            .unwrap();
        q(&mut tx, "insert into account (number, premise_id, payer_id, opened_on) values ($1, $2, 1, $3)")
            .bind(number.to_string())
            .bind(number)
            .bind(date!(2026 - 01 - 01))
            .run()
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn pay(db: Db, account: AccountId, until: Instant) -> u32 {
    let now = Moment::new(datetime!(2026-11-20 09:00 UTC));
    let mut posted = 0;
    while Instant::now() < until {
        let deposit = NewTransfer::new(Kind::Deposit, Book::Bank, Book::Consumer(account), Money::from_kopecks(100), date!(2026 - 11 - 20));
        let mut tx = db.begin().await.unwrap();
        post(&mut tx, &[deposit.keyed(format!("{account}-{posted}-{until:?}"))], now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        posted += 1;
    }
    posted
}

/// What a posting reads and writes, in the tables of the ledger alone, as a program would that commits each by itself.
async fn one_commit_each() -> f64 {
    let folder = tempfile::tempdir_in(".").unwrap();
    let url = format!("sqlite://{}", folder.path().join("bare.db").display());
    let db = Db::open(&url, Options::default()).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await.unwrap();
    let mut bare = SqliteConnection::connect(&url).await.unwrap();
    for sql in [
        "pragma journal_mode = wal",
        "pragma synchronous = full",
        "pragma foreign_keys = off",
        "insert into ledger_account (code, kind) values ('bank', 'bank'), ('consumer:1', 'consumer')",
    ] {
        sqlx::query(sql).execute(&mut bare).await.unwrap();
    }
    let begun = Instant::now();
    let mut posted = 0_u32;
    while begun.elapsed() < RUN {
        let mut tx = bare.begin().await.unwrap();
        sqlx::query("select id from transfer where key = $1").bind(posted.to_string()).fetch_optional(&mut *tx).await.unwrap();
        for _ in ["looked at", "held"] {
            sqlx::query(
                "select id, code, balance_kopecks, transfer_count from ledger_account where code in ('bank', 'consumer:1') order by code",
            )
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        }
        let sql = "insert into transfer (debit_id, credit_id, amount_kopecks, kind, subject, memo, effective_on, booked_at, key)
            values (1, 2, 100, 'deposit', 'account', '', '2026-11-20', '2026-11-20 09:00:00', $1)
            returning id";
        let id: i64 = sqlx::query_scalar(sql).bind(posted.to_string()).fetch_one(&mut *tx).await.unwrap();
        sqlx::query("insert into unsealed_transfer (transfer_id) values ($1)").bind(id).execute(&mut *tx).await.unwrap();
        let sql = "update ledger_account set balance_kopecks = balance_kopecks + case id when 1 then -100 else 100 end, transfer_count = transfer_count + 1";
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        let sql =
            "insert into open_item (transfer_id, account_id, side, bill_id, period, service, effective_on, amount_kopecks, open_kopecks)
            values ($1, 1, 'credit', null, null, null, '2026-11-20', 100, 100)";
        sqlx::query(sql).bind(id).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        posted += 1;
    }
    let rate = f64::from(posted) / begun.elapsed().as_secs_f64();
    bare.close().await.unwrap();
    rate
}
