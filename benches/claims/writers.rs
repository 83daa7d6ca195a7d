//! Visits of many controllers at once: those who wait share a commit.

use std::time::{Duration, Instant};

use meterbook::db::{Db, Options};
use reqwest::Client;
use sqlx::{Connection as _, SqliteConnection};

use crate::{
    heading, line,
    served::{
        Server,
        phone::{DialAtStop, Sent, send, stops, walkers},
    },
};

const RUN: Duration = Duration::from_secs(10);

pub async fn shared_commits() {
    heading("visits over HTTP, each a transaction of a dozen statements", "a bare loop of six inserts, one commit each");
    let bare = one_commit_each().await;
    line("the bare loop", &per_second(bare), Some(1.0));
    let server = Server::demo_of("420");
    let db = Db::open(server.database_url(), Options { readers: 1, connections: 1 }).await.unwrap();
    let stops = stops(&db).await;
    for writers in [1, 20] {
        let clients = walkers(&server, &stops, writers).await;
        let until = Instant::now() + RUN;
        let tasks: Vec<_> = clients.into_iter().map(|(client, stops)| tokio::spawn(write(client, server.url(""), stops, until))).collect();
        let mut sent = 0;
        for task in tasks {
            sent += task.await.unwrap();
        }
        let rate = f64::from(sent) / RUN.as_secs_f64();
        line(&format!("visits of {writers} controllers"), &per_second(rate), Some(rate / bare));
    }
    db.close().await.unwrap();
}

fn per_second(rate: f64) -> String {
    format!("{rate:.0} /s")
}

async fn write(client: Client, base: String, stops: Vec<Vec<DialAtStop>>, until: Instant) -> u32 {
    let mut sent = 0;
    for stop in stops.into_iter().cycle() {
        if Instant::now() > until {
            break;
        }
        let visit = Sent::of(stop, i64::from(sent / 50 + 1) * 100).without_photo();
        let status = send(&client, &base, &visit).await.expect("an answer");
        assert!(status.is_redirection(), "{status}");
        sent += 1;
    }
    sent
}

/// The rows of a visit without anything around them, as a program would that commits each by itself.
async fn one_commit_each() -> f64 {
    let folder = tempfile::tempdir_in(".").unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("bare.db").display());
    let mut bare = SqliteConnection::connect(&url).await.unwrap();
    for sql in [
        "pragma journal_mode = wal",
        "pragma synchronous = full",
        "create table line (id integer primary key, kind text not null, content text not null)",
    ] {
        sqlx::query(sql).execute(&mut bare).await.unwrap();
    }
    let begun = Instant::now();
    let mut kept = 0_u32;
    while begun.elapsed() < RUN {
        let mut tx = bare.begin().await.unwrap();
        for kind in ["visit", "reading", "value", "seal", "stop", "audit"] {
            sqlx::query("insert into line (kind, content) values ($1, $2)").bind(kind).bind("1234.567").execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        kept += 1;
    }
    f64::from(kept) / begun.elapsed().as_secs_f64()
}
