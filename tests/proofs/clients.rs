//! Sixteen programs move money on four accounts at once, over HTTP, some of it sent twice: nothing is lost and nothing moves twice. The same
//! programs find out a server that is careless.
//!
//! A few seconds by default; `SECONDS=30` for as many.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use meterbook::db::Db;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{
    careless, count, look,
    served::{OwnDatabase, PASSWORD, Server, client},
};

const CLIENTS: u64 = 16;
const ACCOUNTS: usize = 4;
const PRICE: i64 = 15_000;

/// An account's balance and its reserve, in kopecks.
type Sums = BTreeMap<String, (i64, i64)>;

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_programs_lose_and_double_nothing_on_sqlite() {
    hammered(Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_programs_lose_and_double_nothing_on_postgresql() {
    let database = OwnDatabase::create("clients").await;
    hammered(Server::over(tempfile::tempdir().unwrap(), database.url.clone(), None)).await;
    database.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careless_server_is_found_out_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    found_out(look(&format!("sqlite://{}", folder.path().join("careless.db").display())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careless_server_is_found_out_on_postgresql() {
    let database = OwnDatabase::create("careless").await;
    found_out(look(&database.url).await).await;
    database.clear().await;
}

#[expect(clippy::print_stdout, reason = "how much was moved is worth knowing")]
async fn hammered(mut server: Server) {
    server.create_user("anna", "administrator", "Анна Светлова");
    let base = server.url("/api/v1");
    let told =
        call(&client().build().unwrap(), &format!("{base}/tokens"), "", None, &json!({ "login": "anna", "password": PASSWORD })).await;
    let token = told.1["token"].as_str().unwrap().to_owned();
    let office = Office { base, token };
    let premises: Vec<Value> =
        (1..=ACCOUNTS).map(|plot| json!({ "label": format!("1-1-{plot}"), "owner": { "name": "Чайкина Зоя" } })).collect();
    let site = json!({ "name": "Волна", "kind": "garden", "address": "Анапа", "premises": premises, "services": ["upkeep"] });
    let made = office.post("/sites/import", None, &json!({ "sites": [site] })).await.1;
    let accounts: Vec<String> =
        made["sites"][0]["premises"].as_array().unwrap().iter().map(|premise| premise["account"].as_str().unwrap().to_owned()).collect();
    let service = office.post("/services", None, &json!({ "name": "Покос", "unit": "шт.", "price_kopecks": PRICE })).await.1["id"].as_i64();
    let done = hammer(&office, &accounts, service).await;
    assert_eq!(office.sums(&accounts).await, done.sums, "SEED={}", done.seed);
    let db = look(server.database_url()).await;
    assert_eq!(count(&db, "transfer").await, done.moved, "SEED={}", done.seed);
    db.close().await.unwrap();
    server.kill();
    server.run(&["verify"], "");
    println!("{CLIENTS} programs: {} moved, {} refused, {} sent twice", done.moved, done.refused, done.twice);
}

async fn found_out(db: Db) {
    let accounts: Vec<String> = (1..=ACCOUNTS).map(|number| number.to_string()).collect();
    let office = Office { base: careless::serve(db.clone(), &accounts).await, token: String::new() };
    let done = hammer(&office, &accounts, None).await;
    assert_ne!(
        office.sums(&accounts).await,
        done.sums,
        "the control moved {} times and lost nothing: these clients prove nothing",
        done.moved
    );
    db.close().await.unwrap();
}

/// A server, and the right to call it.
#[derive(Clone)]
struct Office {
    base: String,
    token: String,
}

async fn call(client: &Client, url: &str, token: &str, key: Option<&str>, body: &Value) -> (StatusCode, Value) {
    let request = client.post(url).bearer_auth(token).json(body);
    let request = key.iter().fold(request, |request, key| request.header("Idempotency-Key", *key));
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

impl Office {
    async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> (StatusCode, Value) {
        call(&client().build().unwrap(), &format!("{}{path}", self.base), &self.token, key, body).await
    }

    async fn sums(&self, accounts: &[String]) -> Sums {
        let mut sums = Sums::new();
        for number in accounts {
            let url = format!("{}/accounts/{number}/balance", self.base);
            let told: Value = client().build().unwrap().get(url).bearer_auth(&self.token).send().await.unwrap().json().await.unwrap();
            sums.insert(number.clone(), (told["main_kopecks"].as_i64().unwrap(), told["reserve_kopecks"].as_i64().unwrap()));
        }
        sums
    }
}

/// What programs were told that they did.
#[derive(Default)]
struct Done {
    seed: u64,
    sums: Sums,
    /// Transfers of the ledger that it must have taken.
    moved: i64,
    refused: i64,
    twice: i64,
}

impl Done {
    fn add(&mut self, number: &str, main: i64, reserve: i64) {
        let sums = self.sums.entry(number.to_owned()).or_default();
        *sums = (sums.0 + main, sums.1 + reserve);
    }
}

async fn hammer(office: &Office, accounts: &[String], service: Option<i64>) -> Done {
    let seconds = std::env::var("SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let seed: u64 = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    let until = Instant::now() + Duration::from_secs(seconds);
    let programs: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let random = StdRng::seed_from_u64(seed.wrapping_add(number));
            let program = Program {
                office: office.clone(),
                client: client().build().unwrap(),
                accounts: accounts.to_vec(),
                service,
                number,
                random,
                done: Done::default(),
                open: Vec::new(),
            };
            tokio::spawn(program.run(until))
        })
        .collect();
    let mut done = Done { seed, ..Done::default() };
    for number in accounts {
        done.add(number, 0, 0);
    }
    for program in programs {
        let own = program.await.unwrap();
        assert!(own.moved > 0, "a program moved nothing; SEED={seed}");
        own.sums.iter().for_each(|(number, (main, reserve))| done.add(number, *main, *reserve));
        (done.moved, done.refused, done.twice) = (done.moved + own.moved, done.refused + own.refused, done.twice + own.twice);
    }
    done
}

struct Program {
    office: Office,
    client: Client,
    accounts: Vec<String>,
    /// What can be ordered, where that is possible at all.
    service: Option<i64>,
    number: u64,
    random: StdRng,
    done: Done,
    /// Its orders that are neither delivered nor cancelled: key, account, cost.
    open: Vec<(i64, String, i64)>,
}

impl Program {
    async fn run(mut self, until: Instant) -> Done {
        let mut step = 0;
        while Instant::now() < until {
            step += 1;
            match self.random.random_range(0..10) {
                0..4 => self.deposit(step).await,
                4..7 => self.transfer(step).await,
                _ if self.service.is_none() => self.transfer(step).await,
                7 if !self.open.is_empty() => self.end_order(step, "cancel").await,
                8 if !self.open.is_empty() => self.end_order(step, "deliver").await,
                _ => self.order(step).await,
            }
        }
        self.done
    }

    fn account(&mut self) -> String {
        self.accounts.choose(&mut self.random).unwrap().clone()
    }

    /// Sends it under a key of its own, now and then twice at once; nothing when it was refused for want of money.
    async fn send(&mut self, step: usize, path: &str, body: Value) -> Option<Value> {
        let key = format!("{}-{step}", self.number);
        let url = format!("{}{path}", self.office.base);
        let send = || call(&self.client, &url, &self.office.token, Some(&key), &body);
        // a careless server has no keys: sending twice would prove too little of it
        let answers = if self.service.is_some() && self.random.random_bool(0.15) {
            self.done.twice += 1;
            let (one, other) = tokio::join!(send(), send());
            vec![one, other]
        } else {
            vec![send().await]
        };
        let mut taken: Option<Value> = None;
        for (status, told) in answers {
            match status {
                StatusCode::OK | StatusCode::CREATED => {
                    assert!(taken.as_ref().is_none_or(|taken| *taken == told), "{path}: {taken:?} and {told}");
                    taken = Some(told);
                }
                StatusCode::CONFLICT => {}
                _ => panic!("{path} {body}: {status} {told}"),
            }
        }
        match taken {
            Some(_) => self.done.moved += 1,
            None => self.done.refused += 1,
        }
        taken
    }

    async fn deposit(&mut self, step: usize) {
        let (number, kopecks) = (self.account(), self.random.random_range(1..20_000));
        if self.send(step, &format!("/accounts/{number}/deposits"), json!({ "amount_kopecks": kopecks })).await.is_some() {
            self.done.add(&number, kopecks, 0);
        }
    }

    async fn transfer(&mut self, step: usize) {
        let (from, to, kopecks) = (self.account(), self.account(), self.random.random_range(1..20_000));
        if from == to {
            return;
        }
        let body = json!({ "from_account": from, "to_account": to, "amount_kopecks": kopecks });
        if self.send(step, "/transfers", body).await.is_some() {
            self.done.add(&from, -kopecks, 0);
            self.done.add(&to, kopecks, 0);
        }
    }

    async fn order(&mut self, step: usize) {
        let (number, pieces) = (self.account(), self.random.random_range(1..4));
        let body = json!({ "account": number, "items": [{ "service_id": self.service, "quantity": pieces.to_string() }] });
        if let Some(order) = self.send(step, "/orders", body).await {
            let cost = pieces * PRICE;
            self.done.add(&number, -cost, cost);
            self.open.push((order["id"].as_i64().unwrap(), number, cost));
        }
    }

    async fn end_order(&mut self, step: usize, way: &str) {
        let place = self.random.random_range(0..self.open.len());
        let (order, number, cost) = self.open.swap_remove(place);
        if self.send(step, &format!("/orders/{order}/{way}"), json!({})).await.is_some() {
            self.done.add(&number, if way == "cancel" { cost } else { 0 }, -cost);
        }
    }
}
