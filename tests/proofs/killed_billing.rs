//! The program dies while a month is calculated and while it is approved; it goes on by itself, and every kopeck is charged once.

use std::time::Duration;

use meterbook::db::{Db, q};
use reqwest::{Client, StatusCode};

use crate::{
    Fate, count, look,
    served::{OwnDatabase, Server, phone::sign_in},
};

/// More accounts than one portion takes; `PREMISES=10000` for as many.
fn premises() -> String {
    std::env::var("PREMISES").unwrap_or_else(|_| "450".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_billed_once_through_every_kill_on_sqlite() {
    let expected = undisturbed().await;
    bill_and_die(Server::stopped(), Fate::new(6), &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_billed_once_through_every_kill_on_postgresql() {
    let expected = undisturbed().await;
    let database = OwnDatabase::create("kill").await;
    bill_and_die(Server::stopped_over(tempfile::tempdir().unwrap(), database.url.clone()), Fate::new(4), &expected).await;
    database.clear().await;
}

/// Number and sums of a bill.
type Billed = Vec<(String, i64, i64)>;

async fn undisturbed() -> Billed {
    let server = Server::stopped().with_demo_of(&premises());
    let db = look(server.database_url()).await;
    let vera = sign_in(&server, "vera").await;
    let run = start(&server, &vera, &db).await;
    reached(&db, run, &["calculated"]).await;
    approve(&server, &vera, run).await;
    reached(&db, run, &["approved"]).await;
    let billed = billed(&db, run).await;
    db.close().await.unwrap();
    assert!(billed.len() > 400, "{} bills", billed.len());
    billed
}

async fn bill_and_die(server: Server, mut fate: Fate, expected: &Billed) {
    let mut server = server.with_demo_of(&premises());
    let db = look(server.database_url()).await;
    let vera = sign_in(&server, "vera").await;
    let run = start(&server, &vera, &db).await;
    let calculating = fate.kills / 2;
    die_often(&mut server, &mut fate, calculating, &db, run, &["calculated"]).await;
    approve(&server, &vera, run).await;
    let approving = fate.kills;
    die_often(&mut server, &mut fate, approving, &db, run, &["approved"]).await;
    assert_eq!(&billed(&db, run).await, expected);
    let posted: i64 = q(
        &db,
        "select cast(sum(case when d.kind = 'consumer' then t.amount_kopecks else -t.amount_kopecks end) as bigint)
        from transfer t
        join ledger_account d on d.id = t.debit_id
        join bill b on t.subject = 'bill' and t.subject_id = b.id
        where b.run_id = $1 and t.kind in ('charge', 'correction')",
    )
    .bind(run)
    .scalar()
    .await
    .unwrap();
    assert_eq!(posted, expected.iter().map(|(_, charged, corrected)| charged + corrected).sum::<i64>());
    let twice = "(select account_id from bill where run_id = (select max(id) from billing_run) group by account_id having count(*) > 1) t";
    assert_eq!(count(&db, twice).await, 0);
    db.close().await.unwrap();
    server.kill();
    server.run(&["verify"], "");
}

/// The month after the last that the demo has billed.
async fn start(server: &Server, vera: &Client, db: &Db) -> i64 {
    let last: String = q(db, "select max(period) from billing_run").scalar().await.unwrap();
    let next = last.parse::<meterbook::kernel::Period>().unwrap().plus(1).to_string();
    let site: i64 = q(db, "select min(site_id) from billing_run").scalar().await.unwrap();
    let answer =
        vera.post(server.url("/billing")).header("sec-fetch-site", "same-origin").form(&[("site", site.to_string()), ("period", next)]);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().parse().unwrap()
}

async fn approve(server: &Server, vera: &Client, run: i64) {
    let asked = vera.post(server.url(&format!("/billing/{run}/approve"))).header("sec-fetch-site", "same-origin").form(&[("", "")]);
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::SEE_OTHER);
}

/// Kills it so often, unless the state is reached before, and waits for that. The more kills, the sooner each comes.
#[expect(clippy::print_stderr, reason = "how many kills came in time is worth knowing")]
async fn die_often(server: &mut Server, fate: &mut Fate, kills: usize, db: &Db, run: i64, states: &[&str]) {
    let latest = (5400 / u64::try_from(kills.max(1)).unwrap()).clamp(150, 900);
    let mut in_time = 0;
    for _ in 0..kills {
        fate.wait(5..latest).await;
        server.kill();
        fate.kills -= 1;
        let is_done = states.contains(&state(db, run).await.as_str());
        server.start_again();
        if is_done {
            break;
        }
        in_time += 1;
    }
    reached(db, run, states).await;
    eprintln!("killed {in_time} times before it was {}", states.join(" or "));
}

async fn state(db: &Db, run: i64) -> String {
    q(db, "select state from billing_run where id = $1").bind(run).scalar().await.unwrap()
}

async fn reached(db: &Db, run: i64, states: &[&str]) {
    while !states.contains(&state(db, run).await.as_str()) {
        assert_eq!(count(db, "job where state = 'failed'").await, 0);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn billed(db: &Db, run: i64) -> Billed {
    q(db, "select number, charged_kopecks, corrected_kopecks from bill where run_id = $1 order by number").bind(run).all().await.unwrap()
}
