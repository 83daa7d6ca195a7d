//! Events reach a real broker that is away, killed, started again and robbed of its store, while people write and never wait for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use meterbook::db::{Db, Engine, q};
use reqwest::{Client, StatusCode};
use tempfile::tempdir;
use time::Date;

use crate::{
    Fate, count, look,
    served::{
        OwnDatabase, Server,
        nats::{Broker, Kept},
        phone::{Sent, sign_in, stops, walkers},
    },
};

/// So many answers each writer gets while the broker is away.
const ENOUGH: usize = 15;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_reaches_a_broker_that_comes_and_goes_on_sqlite() {
    follow(Server::stopped(), Fate::new(4)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_reaches_a_broker_that_comes_and_goes_on_postgresql() {
    let database = OwnDatabase::create("events").await;
    follow(Server::stopped_over(tempdir().unwrap(), database.url.clone()), Fate::new(4)).await;
    database.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_relays_when_the_one_that_did_is_dead() {
    let database = OwnDatabase::create("relay").await;
    let mut broker = Broker::stopped();
    broker.start().await;
    let node = || Server::stopped_over(tempdir().unwrap(), database.url.clone()).relaying_to(broker.url());
    let mut first = node().with_demo_of("30");
    let db = look(first.database_url()).await;
    all_published(&db).await;
    let mut second = node();
    second.start_again();
    write_a_while(&second, &db).await;
    all_published(&db).await;
    first.kill();
    write_a_while(&second, &db).await;
    all_published(&db).await;
    is_complete(&db, &broker.kept().await).await;
    db.close().await.unwrap();
    drop(second);
    database.clear().await;
}

async fn follow(server: Server, mut fate: Fate) {
    let mut broker = Broker::stopped();
    let mut server = server.relaying_to(broker.url()).with_demo_of("30");
    let db = look(server.database_url()).await;
    let doctor = |server: &Server| String::from_utf8(server.command().arg("doctor").output().unwrap().stdout).unwrap();
    assert!(doctor(&server).contains("NATS_URL: the broker at nats://127.0.0.1:"), "{}", doctor(&server));

    // It serves before there is a broker, and tells it the history once there is one.
    let history = waiting(&db).await;
    assert_eq!(history, count(&db, "event").await);
    broker.start().await;
    all_published(&db).await;
    is_complete(&db, &broker.kept().await).await;
    assert!(doctor(&server).contains("keeps streams"), "{}", doctor(&server));

    // The broker is away while people write.
    broker.kill();
    let before = count(&db, "event").await;
    write_a_while(&server, &db).await;
    let written = count(&db, "event").await - before;
    assert!(written > 0 && waiting(&db).await == written, "{} of {written} wait", waiting(&db).await);
    broker.start().await;
    all_published(&db).await;
    is_complete(&db, &broker.kept().await).await;

    // It dies again and again in the midst of it.
    let load = Load::begin(&server, &db).await;
    for _ in 0..fate.kills {
        fate.wait(50..600).await;
        broker.kill();
        fate.wait(50..600).await;
        broker.start().await;
    }
    load.end().await;
    all_published(&db).await;
    is_complete(&db, &broker.kept().await).await;

    // The program dies in the midst of relaying.
    for _ in 0..fate.kills {
        broker.kill();
        write_a_while(&server, &db).await;
        broker.start().await;
        fate.wait(0..700).await;
        server.kill();
        server.start_again();
    }
    all_published(&db).await;
    is_complete(&db, &broker.kept().await).await;

    // Its store is lost while people write: what it had acknowledged is lost with it, and nothing else.
    let load = Load::begin(&server, &db).await;
    load.answered(ENOUGH).await;
    broker.kill();
    load.answered(ENOUGH * 2).await;
    broker.lose_store();
    broker.start().await;
    load.answered(ENOUGH * 3).await;
    load.end().await;
    all_published(&db).await;
    let found = broker.kept().await;
    broker.kill();
    broker.find_store();
    broker.start().await;
    let lost = broker.kept().await;
    let (found_ids, lost_ids) = (ids(&found), ids(&lost));
    assert!(!found.is_empty() && !lost.is_empty());
    assert_eq!(&found_ids | &lost_ids, uids(&db).await.into_keys().collect::<BTreeSet<_>>());
    for kept in [&found, &lost] {
        is_in_order(&db, kept).await;
    }
    db.close().await.unwrap();
    server.kill();
    server.run(&["verify"], "");
}

/// Writers that go on until they are told to end: people on their rounds, and cashiers.
struct Load {
    is_over: Arc<AtomicBool>,
    answers: Vec<Arc<AtomicUsize>>,
    writers: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    async fn begin(server: &Server, db: &Db) -> Self {
        let mut load = Self { is_over: Arc::default(), answers: Vec::new(), writers: Vec::new() };
        for (client, stops) in walkers(server, &stops(db).await, 3).await {
            let base = server.url("");
            let visit = move |client: Client, step: usize| {
                let sent =
                    Sent::of(stops[step % stops.len()].clone(), i64::try_from(step / stops.len() + 1).unwrap() * 100).without_photo();
                let base = base.clone();
                async move { crate::served::phone::send(&client, &base, &sent).await }
            };
            load.writer(client, visit);
        }
        let day: Date = q(db, "select max(received_on) from payment").scalar().await.unwrap();
        let accounts: Vec<String> = q(db, "select number from account order by id limit 2").scalars().await.unwrap();
        for account in accounts {
            let url = server.url("/payments");
            let pay = move |client: Client, _: usize| {
                let key = format!("f-{:016x}", rand::random::<u64>());
                let form = [
                    ("whom", account.clone()),
                    ("amount", "1,00".to_owned()),
                    ("received_on", day.to_string()),
                    ("method", "cash".to_owned()),
                    ("key", key),
                ];
                let post = client.post(&url).header("sec-fetch-site", "same-origin").form(&form);
                async move { post.send().await.ok().map(|answer| answer.status()) }
            };
            load.writer(sign_in(server, "vera").await, pay);
        }
        load
    }

    fn writer<A: Future<Output = Option<StatusCode>> + Send>(
        &mut self,
        client: Client,
        write: impl Fn(Client, usize) -> A + Send + 'static,
    ) {
        let (is_over, answers) = (Arc::clone(&self.is_over), Arc::<AtomicUsize>::default());
        self.answers.push(Arc::clone(&answers));
        self.writers.push(tokio::spawn(async move {
            let mut step = 0;
            while !is_over.load(Ordering::SeqCst) {
                assert_eq!(write(client.clone(), step).await, Some(StatusCode::SEE_OTHER));
                step += 1;
                answers.store(step, Ordering::SeqCst);
            }
        }));
    }

    /// Waits until each writer had so many answers.
    async fn answered(&self, count: usize) {
        while self.answers.iter().any(|answers| answers.load(Ordering::SeqCst) < count) {
            assert!(!self.writers.iter().any(tokio::task::JoinHandle::is_finished), "a writer has ended");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(self) {
        self.is_over.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.unwrap();
        }
    }
}

async fn write_a_while(server: &Server, db: &Db) {
    let load = Load::begin(server, db).await;
    load.answered(ENOUGH).await;
    load.end().await;
}

async fn waiting(db: &Db) -> i64 {
    count(db, "event where published_at is null").await
}

async fn all_published(db: &Db) {
    while waiting(db).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every event with its key.
async fn uids(db: &Db) -> BTreeMap<String, i64> {
    q(db, "select uid, id from event").all::<(String, i64)>().await.unwrap().into_iter().collect()
}

fn ids(kept: &[Kept]) -> BTreeSet<String> {
    kept.iter().map(|message| message.id.clone()).collect()
}

/// The broker has every event, once, in order.
async fn is_complete(db: &Db, kept: &[Kept]) {
    assert_eq!(ids(kept), uids(db).await.into_keys().collect::<BTreeSet<_>>());
    assert_eq!(ids(kept).len(), kept.len(), "the broker knows those again that come twice");
    is_in_order(db, kept).await;
}

/// None overtook another: with one writer at a time all of them, with several those of one account or one premise.
async fn is_in_order(db: &Db, kept: &[Kept]) {
    let keys = uids(db).await;
    let mut last: BTreeMap<String, i64> = BTreeMap::new();
    for Kept { subject, id, body } in kept {
        assert_eq!(body["id"], id.as_str());
        assert_eq!(subject.strip_prefix("meterbook."), body["kind"].as_str());
        let about = match db.engine() {
            Engine::Sqlite => String::new(),
            Engine::Postgres => format!("{subject} {} {}", body["data"]["account"], body["data"]["premise_id"]),
        };
        let before = last.insert(about, keys[id]);
        assert!(before.is_none_or(|before| before < keys[id]), "{id} comes after {before:?}");
    }
}
