//! Money over the API: what is sent twice moves once, and nothing is lost or spent twice however many hammer.

use axum::http::StatusCode;
use futures_util::future::join_all;
use meterbook::{
    db::q,
    estate::{account::AccountId, contract::Service},
    kernel::Money,
    ledger::{Book, Kind, NewTransfer, post},
    staff::user::Role,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use time::macros::date;

use super::Program;
use crate::cast::TestApp;

/// An accountant's program, and two accounts by their numbers.
async fn stage(app: &TestApp) -> (Program, String, String) {
    let site = app.site().await;
    let (one, two) = (app.account(site, "1-1-1").await, app.account(site, "1-1-2").await);
    let vera = app.program_of("vera", "Вера Счётова", Role::Accountant).await;
    (vera, number(app, one).await, number(app, two).await)
}

async fn number(app: &TestApp, account: AccountId) -> String {
    q(&app.db, "select number from account where id = $1").bind(account).scalar().await.unwrap()
}

async fn balance(vera: &Program, number: &str) -> Value {
    vera.get(&format!("/accounts/{number}/balance")).await.is(200).body.clone()
}

both_engines! {
    async fn a_deposit_stands_on_the_account_and_is_made_once(app: TestApp) {
        let (vera, one, _) = stage(&app).await;
        let path = format!("/accounts/{one}/deposits");
        let body = json!({ "amount_kopecks": 150_000, "memo": "за октябрь", "period": "2026-10" });
        let answers = join_all((0..64).map(|_| vera.keyed(&path, "deposit-1", body.clone()))).await;
        for told in &answers {
            assert_eq!(told.is(201).body, answers[0].body);
        }
        assert_eq!(answers[0].body["balance"]["main_kopecks"], 150_000);
        assert_eq!(balance(&vera, &one).await, json!({ "main_kopecks": 150_000, "reserve_kopecks": 0, "debt_kopecks": 0 }));
        vera.keyed(&path, "deposit-1", json!({ "amount_kopecks": 150_001 })).await.refuses(422, "idempotency_mismatch");
        assert_eq!((app.count("transfer").await, balance(&vera, &one).await["main_kopecks"].clone()), (1, json!(150_000)));
        // The key is the sender's own: somebody else's is another.
        let anna = app.administrators_program().await;
        anna.keyed(&path, "deposit-1", body).await.is(201);
        assert_eq!(app.count("transfer").await, 2);
        app.agrees().await;
    }

    async fn what_is_owed_is_one_number(app: TestApp) {
        let (vera, one, _) = stage(&app).await;
        let (id, site): (AccountId, meterbook::estate::site::SiteId) =
            q(&app.db, "select a.id, p.site_id from account a join premise p on p.id = a.premise_id where a.number = $1").bind(one.as_str()).one().await.unwrap();
        let charge = NewTransfer::new(Kind::Charge, Book::Consumer(id), Book::Revenue(site, Service::Water), Money::from_kopecks(10_000), date!(2026 - 10 - 31));
        let mut tx = app.db.begin().await.unwrap();
        post(&mut tx, &[charge], app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        vera.post(&format!("/accounts/{one}/deposits"), json!({ "amount_kopecks": 4_000 })).await.is(201);
        assert_eq!(balance(&vera, &one).await, json!({ "main_kopecks": -6_000, "reserve_kopecks": 0, "debt_kopecks": 6_000 }));
    }

    async fn a_transfer_moves_what_is_there_and_not_more(app: TestApp) {
        let (vera, one, two) = stage(&app).await;
        vera.post(&format!("/accounts/{one}/deposits"), json!({ "amount_kopecks": 1000 })).await.is(201);
        let send = async |from: &str, to: &str, kopecks: i64| {
            vera.post("/transfers", json!({ "from_account": from, "to_account": to, "amount_kopecks": kopecks, "memo": "долг" })).await
        };
        send(&one, &two, 1001).await.refuses(409, "insufficient_funds");
        send(&one, &one, 1).await.refuses(422, "same_account");
        assert_eq!(send(&one, "999999999", 1).await.refuses(422, "wrong_content").wrong_field(), ("to_account", "choose"));
        send(&one, &two, 400).await.is(201);
        assert_eq!(balance(&vera, &one).await["main_kopecks"], 600);
        assert_eq!(balance(&vera, &two).await["main_kopecks"], 400);
        app.agrees().await;
    }

    async fn sums_at_the_edge_are_refused(app: TestApp) {
        let (vera, one, two) = stage(&app).await;
        for body in [r#"{"amount_kopecks":0}"#, r#"{"amount_kopecks":-100}"#, r#"{"amount_kopecks":9223372036854775807}"#, r#"{"amount_kopecks":9223372036854775808}"#, r#"{"amount_kopecks":1.5}"#, r#"{"amount_kopecks":"100"}"#, r#"{"amount_kopecks":1e400}"#, r#"{"amount_kopecks":null}"#] {
            let told = vera.call("POST", &format!("/accounts/{one}/deposits"), body, None).await;
            assert!(told.status == 422 || told.status == 400, "{body}: {}", told.body);
            let told = vera.call("POST", "/transfers", &body.replace('{', &format!("{{\"from_account\":\"{one}\",\"to_account\":\"{two}\",")), None).await;
            assert!(told.status == 422 || told.status == 400, "{body}: {}", told.body);
        }
        // counted as it is sent: a control character more is one too many, though none is kept
        let memo = format!("\u{95}{}", "х".repeat(200));
        let told = vera.post(&format!("/accounts/{one}/deposits"), json!({ "amount_kopecks": 1, "memo": memo })).await;
        assert_eq!(told.refuses(422, "wrong_content").wrong_field(), ("memo", "too_long"));
        assert_eq!(app.count("transfer").await, 0);
        for absent in ["999999999", "0", "x", "000000001x"] {
            vera.get(&format!("/accounts/{absent}/balance")).await.refuses(404, "not_found");
        }
    }

    async fn sixteen_clients_lose_nothing_and_spend_nothing_twice(app: TestApp) {
        let (vera, one, two) = stage(&app).await;
        vera.post(&format!("/accounts/{one}/deposits"), json!({ "amount_kopecks": 1000 })).await.is(201);
        let seed: u64 = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
        // Each takes out as much as it can get; together they want three times what is there.
        let clients = (0..16).map(|client| {
            let (vera, one, two) = (vera.clone(), one.clone(), two.clone());
            async move {
                let mut random = StdRng::seed_from_u64(seed.wrapping_add(client));
                let (mut taken, mut given) = (0, 0);
                for call in 0..12 {
                    let kopecks = random.random_range(1..40);
                    if random.random_bool(0.3) {
                        vera.keyed(&format!("/accounts/{one}/deposits"), &format!("{client}-{call}"), json!({ "amount_kopecks": kopecks })).await.is(201);
                        given += kopecks;
                        continue;
                    }
                    let body = json!({ "from_account": one, "to_account": two, "amount_kopecks": kopecks });
                    let told = vera.keyed("/transfers", &format!("{client}-{call}"), body).await;
                    match told.status {
                        StatusCode::CREATED => taken += kopecks,
                        _ => { told.refuses(409, "insufficient_funds"); }
                    }
                }
                (taken, given)
            }
        });
        let done = join_all(clients).await;
        let (taken, given): (i64, i64) = done.iter().fold((0, 0), |(taken, given), (t, g)| (taken + t, given + g));
        assert_eq!(balance(&vera, &one).await["main_kopecks"], 1000 + given - taken, "SEED={seed}");
        assert_eq!(balance(&vera, &two).await["main_kopecks"], taken, "SEED={seed}");
        app.agrees().await;
    }
}
