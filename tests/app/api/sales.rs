//! Orders and what the ledger tells, by calls alone.

use serde_json::{Value, json};

use super::Program;
use crate::cast::TestApp;

/// An administrator's program, the number of an account with a thousand roubles, and two services of the price list.
async fn stage(app: &TestApp) -> (Program, String, i64, i64) {
    let site = app.site().await;
    app.account(site, "1-1-1").await;
    let anna = app.administrators_program().await;
    let number = anna.get("/accounts").await.body["items"][0]["number"].as_str().unwrap().to_owned();
    anna.post(&format!("/accounts/{number}/deposits"), json!({ "amount_kopecks": 100_000 })).await.is(201);
    let service = async |name: &str, price: i64| {
        anna.post("/services", json!({ "name": name, "unit": "шт.", "price_kopecks": price })).await.is(201).id()
    };
    let (mowing, pass) = (service("Покос травы", 15_000).await, service("Пропуск", 5_050).await);
    (anna, number, mowing, pass)
}

async fn balance(anna: &Program, number: &str) -> (i64, i64) {
    let body = anna.get(&format!("/accounts/{number}/balance")).await.is(200).body.clone();
    (body["main_kopecks"].as_i64().unwrap(), body["reserve_kopecks"].as_i64().unwrap())
}

both_engines! {
    async fn an_order_sets_aside_is_delivered_in_part_and_gives_the_rest_back(app: TestApp) {
        let (anna, number, mowing, pass) = stage(&app).await;
        let body = json!({ "account": number, "items": [{ "service_id": mowing, "quantity": "2" }, { "service_id": pass, "quantity": "1" }] });
        let told = anna.keyed("/orders", "order-1", body.clone()).await;
        let order = told.is(201).id();
        assert_eq!((&told.body["total_kopecks"], &told.body["state"]), (&json!(35_050), &json!("placed")));
        assert_eq!(balance(&anna, &number).await, (64_950, 35_050));
        assert_eq!(anna.keyed("/orders", "order-1", body).await.body, told.body);
        assert_eq!(app.count("service_order").await, 1);
        let part = json!({ "items": [{ "service_id": mowing, "amount_kopecks": 15_000 }] });
        let told = anna.keyed(&format!("/orders/{order}/deliver"), "deliver-1", part.clone()).await;
        assert_eq!((&told.is(200).body["state"], &told.body["delivered_kopecks"]), (&json!("partly_delivered"), &json!(15_000)));
        assert_eq!(anna.keyed(&format!("/orders/{order}/deliver"), "deliver-1", part).await.body, told.body);
        let much = json!({ "items": [{ "service_id": mowing, "amount_kopecks": 15_001 }] });
        assert_eq!(anna.post(&format!("/orders/{order}/deliver"), much).await.refuses(422, "wrong_content").wrong_field(), ("items", "more_than_left"));
        let told = anna.post(&format!("/orders/{order}/cancel"), json!({})).await;
        assert_eq!((&told.is(200).body["state"], &told.body["released_kopecks"]), (&json!("cancelled"), &json!(20_050)));
        assert_eq!(balance(&anna, &number).await, (85_000, 0));
        anna.post(&format!("/orders/{order}/cancel"), json!({})).await.refuses(409, "order_not_open");
        anna.post(&format!("/orders/{order}/deliver"), json!({})).await.refuses(409, "order_not_open");
        app.agrees().await;
    }

    async fn an_order_beyond_the_balance_changes_nothing(app: TestApp) {
        let (anna, number, mowing, _) = stage(&app).await;
        let order = |items: Value| json!({ "account": number, "items": items });
        anna.post("/orders", order(json!([{ "service_id": mowing, "quantity": "7" }]))).await.refuses(409, "insufficient_funds");
        for items in [json!([]), json!([{ "service_id": mowing, "quantity": "-1" }]), json!([{ "service_id": 999_999, "quantity": "1" }]), json!([{ "service_id": mowing, "quantity": "1" }, { "service_id": mowing, "quantity": "1" }])] {
            assert_eq!(anna.post("/orders", order(items)).await.refuses(422, "wrong_content").wrong_field().0, "items");
        }
        assert_eq!((balance(&anna, &number).await, app.count("service_order").await), ((100_000, 0), 0));
    }

    async fn prices_change_for_later_orders_alone(app: TestApp) {
        let (anna, number, mowing, _) = stage(&app).await;
        let one = json!({ "account": number, "items": [{ "service_id": mowing, "quantity": "1" }] });
        let order = anna.post("/orders", one.clone()).await.is(201).id();
        let told = anna.call("PATCH", &format!("/services/{mowing}"), r#"{"price_kopecks":20000}"#, None).await;
        assert_eq!(told.is(200).body["price_kopecks"], 20_000);
        assert_eq!(anna.get(&format!("/orders/{order}")).await.body["total_kopecks"], 15_000);
        assert_eq!(anna.post("/orders", one.clone()).await.is(201).body["total_kopecks"], 20_000);
        anna.post("/services", json!({ "name": "Покос травы", "unit": "шт.", "price_kopecks": 1 })).await.refuses(409, "service_item_taken");
        anna.call("PATCH", &format!("/services/{mowing}"), r#"{"is_offered":false}"#, None).await.is(200);
        assert_eq!(anna.post("/orders", one).await.refuses(422, "wrong_content").wrong_field(), ("items", "order_not_offered"));
        assert_eq!(anna.get(&format!("/orders?account={number}&state=placed")).await.is(200).body["total"], 2);
        assert_eq!(anna.get("/services").await.body["total"], 2);
    }

    async fn operations_are_told_in_words_and_sorted_both_ways(app: TestApp) {
        let (anna, number, mowing, _) = stage(&app).await;
        anna.post(&format!("/accounts/{number}/deposits"), json!({ "amount_kopecks": 7, "memo": "мелочь" })).await.is(201);
        let order = anna.post("/orders", json!({ "account": number, "items": [{ "service_id": mowing, "quantity": "1" }] })).await.is(201).id();
        let path = format!("/accounts/{number}/transactions");
        let amounts = async |sort: &str| {
            let told = anna.get(&format!("{path}?sort={sort}")).await;
            told.is(200).body["items"].as_array().unwrap().iter().map(|row| row["amount_kopecks"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(amounts("date").await, [100_000, 7, -15_000]);
        assert_eq!(amounts("-date").await, [-15_000, 7, 100_000]);
        assert_eq!(amounts("amount").await, [-15_000, 7, 100_000]);
        assert_eq!(amounts("-amount").await, [100_000, 7, -15_000]);
        let first = anna.get(&format!("{path}?sort=date&per_page=1&page=2")).await.body;
        assert_eq!((&first["total"], &first["items"][0]["memo"], &first["items"][0]["kind"], &first["items"][0]["balance_kopecks"]), (&json!(3), &json!("мелочь"), &json!("deposit"), &json!(100_007)));
        for word in ["from", "to", "text"] {
            assert!(!first["items"][0][word].as_str().unwrap().is_empty(), "{word}");
        }
        anna.post(&format!("/orders/{order}/deliver"), json!({})).await.is(200);
        let told = anna.post("/reports/revenue", json!({ "period": "2026-11" })).await;
        let url = told.is(201).body["url"].as_str().unwrap().to_owned();
        let table = anna.get(url.split_once("/api/v1").unwrap().1).await;
        assert_eq!(table.is(200).body, json!("\u{feff}service;revenue\r\nПокос травы;150,00\r\n"));
        anna.get("/reports/revenue.csv").await.refuses(422, "wrong_content");
    }
}
