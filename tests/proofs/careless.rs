//! A server that moves money as a beginner would: it reads what is there, then writes what should be there. The control of the proof beside it.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use meterbook::db::{Db, q};
use serde_json::{Value, json};

/// Serves accounts with no money on them; answers where.
pub async fn serve(db: Db, accounts: &[String]) -> String {
    let mut tx = db.begin().await.unwrap();
    q(&mut tx, "create table careless (number text primary key, kopecks bigint not null)").run().await.unwrap();
    for number in accounts {
        q(&mut tx, "insert into careless (number, kopecks) values ($1, 0)").bind(number.as_str()).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    let router = Router::new()
        .route("/accounts/{number}/deposits", post(deposit))
        .route("/accounts/{number}/balance", get(balance))
        .route("/transfers", post(transfer))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base
}

async fn read(db: &Db, number: &str) -> i64 {
    q(db, "select kopecks from careless where number = $1").bind(number).scalar().await.unwrap()
}

/// Always in the same order, so that no two wait for each other.
async fn write(db: &Db, sums: &mut [(&str, i64)]) {
    sums.sort_unstable();
    let mut tx = db.begin().await.unwrap();
    for (number, kopecks) in sums {
        q(&mut tx, "update careless set kopecks = $2 where number = $1").bind(*number).bind(*kopecks).run().await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn balance(State(db): State<Db>, Path(number): Path<String>) -> Json<Value> {
    Json(json!({ "main_kopecks": read(&db, &number).await, "reserve_kopecks": 0 }))
}

async fn deposit(State(db): State<Db>, Path(number): Path<String>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let before = read(&db, &number).await;
    write(&db, &mut [(&number, before + body["amount_kopecks"].as_i64().unwrap())]).await;
    (StatusCode::CREATED, Json(json!({})))
}

async fn transfer(State(db): State<Db>, Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let (from, to) = (body["from_account"].as_str().unwrap(), body["to_account"].as_str().unwrap());
    let amount = body["amount_kopecks"].as_i64().unwrap();
    let (of_from, of_to) = (read(&db, from).await, read(&db, to).await);
    if of_from < amount {
        return (StatusCode::CONFLICT, Json(json!({})));
    }
    write(&db, &mut [(from, of_from - amount), (to, of_to + amount)]).await;
    (StatusCode::CREATED, Json(json!({})))
}
