//! A site brought in, read, billed and paid, all by another program.

use serde_json::{Value, json};

use super::Program;

/// A building of three apartments, each with a water meter; the last two have one owner.
fn building(name: &str) -> Value {
    let premise = |number: i64, owner: &str| {
        json!({
            "label": format!("кв. {number}"), "area_m2": "50.5",
            "owner": { "name": owner, "phone": "+7 918 000-00-01" },
            "meters": [{ "resource": "water", "serial": format!("{name}-{number}"), "dial_digits": 5, "registers": ["single"], "opening": { "single": "10" } }],
        })
    };
    let premises = [premise(1, "Чернова Зоя Павловна"), premise(2, "Белов Пётр Ильич"), premise(3, "Белов Пётр Ильич")];
    json!({ "name": name, "kind": "building", "address": "Анапа", "premises": premises, "services": ["upkeep"] })
}

/// Ids and account numbers of a building just brought in.
async fn brought_in(anna: &Program, name: &str) -> (i64, Vec<Value>) {
    let told = anna.post("/sites/import", json!({ "sites": [building(name)] })).await;
    let site = &told.is(201).body["sites"][0];
    (site["id"].as_i64().unwrap(), site["premises"].as_array().unwrap().clone())
}

async fn priced(anna: &Program, site: i64) {
    let water = json!({ "site_id": site, "service": "water", "valid_from": "2026-01", "basis": "unit", "prices": [{ "zone": "single", "from": "0", "price": "42.30" }] });
    let upkeep = json!({ "site_id": site, "service": "upkeep", "valid_from": "2026-01", "basis": "m2", "prices": [{ "zone": "single", "from": "0", "price": "10" }] });
    for tariff in [water, upkeep] {
        anna.post("/tariffs", tariff).await.is(201);
    }
}

fn reading(serial: &str, taken_at: &str, value: &str, key: Option<&str>) -> Value {
    json!({ "resource": "water", "serial": serial, "taken_at": taken_at, "values": { "single": value }, "key": key })
}

both_engines! {
    async fn a_site_is_brought_in_whole_and_read_back(app: TestApp) {
        let anna = app.administrators_program().await;
        let (site, premises) = brought_in(&anna, "Дом 1").await;
        assert_eq!(premises.len(), 3);
        assert_eq!(premises[1]["owner_id"], premises[2]["owner_id"], "one person, two apartments");
        assert_ne!(premises[0]["account"], premises[1]["account"]);
        let full = anna.get(&format!("/sites/{site}/full?per_page=2")).await.is(200).body.clone();
        assert_eq!((&full["total"], full["premises"].as_array().unwrap().len()), (&json!(3), 2));
        let first = &full["premises"][0];
        assert_eq!((&first["label"], &first["owner"]["name"], &first["area_m2"]), (&json!("кв. 1"), &json!("Чернова Зоя Павловна"), &json!("50.5")));
        assert_eq!((&first["services"], &first["meters"][0]["last"]), (&json!(["upkeep", "water"]), &json!({ "single": "10" })));
        assert_eq!(app.count("contract").await, 6);
        app.agrees().await;
    }

    async fn one_wrong_place_and_nothing_of_a_site_is_brought_in(app: TestApp) {
        let anna = app.administrators_program().await;
        brought_in(&anna, "Дом 1").await;
        let change = |change: fn(&mut Value)| {
            let mut body = building("Дом 2");
            change(&mut body);
            json!({ "sites": [body] })
        };
        for (body, status, field) in [
            (change(|body| body["premises"][2]["label"] = json!("кв. 1")), 409, "sites[0].premises[2].label"),
            (change(|body| body["premises"][1]["meters"][0]["serial"] = json!("Дом 1-1")), 409, "sites[0].premises[1].meters[0].serial"),
            (change(|body| body["premises"][1]["meters"][0]["opening"] = json!({ "day": "1" })), 422, "sites[0].premises[1].meters[0].opening"),
            (change(|body| body["premises"][0]["owner"]["phone"] = json!("телефон")), 422, "sites[0].premises[0].owner.phone"),
            (change(|body| body["name"] = json!("Дом 1")), 409, "sites[0].name"),
            (change(|body| body["premises"][0]["area_m2"] = json!("0")), 422, "sites[0].premises[0].area_m2"),
        ] {
            let told = anna.post("/sites/import", body).await;
            told.is(status);
            assert_eq!(told.wrong_field().0, field, "{:#}", told.body);
        }
        assert_eq!((app.count("site").await, app.count("premise").await, app.count("meter").await), (1, 3, 3));
        app.agrees().await;
    }

    async fn good_readings_stay_and_bad_ones_come_back(app: TestApp) {
        let anna = app.administrators_program().await;
        let (_, premises) = brought_in(&anna, "Дом 1").await;
        let readings = json!({ "readings": [
            reading("Дом 1-1", "2026-11-20T08:00:00+03:00", "12.5", Some("a1")),
            reading("Дом 1-2", "2026-11-20T05:00:00Z", "9", Some("a2")),
            reading("absent", "2026-11-20T05:00:00Z", "9", None),
            reading("Дом 1-3", "2027-01-01T05:00:00Z", "9", None),
            reading("Дом 1-3", "2026-11-20T05:00:00Z", "100000", None),
            reading("Дом 1-3", "9999-12-31T23:59:59-23:59", "11", None),
        ]});
        let told = anna.keyed("/readings/batch", "readings-1", readings.clone()).await;
        assert_eq!((&told.is(200).body["accepted"], &told.body["in_review"]), (&json!(1), &json!(1)), "{:#}", told.body);
        let codes: Vec<(i64, &str)> =
            told.body["rejected"].as_array().unwrap().iter().map(|row| (row["index"].as_i64().unwrap(), row["code"].as_str().unwrap())).collect();
        assert_eq!(codes, [(2, "reading_refused_unknown_meter"), (3, "reading_refused_future"), (4, "reading_refused_digits"), (5, "not_a_date")]);
        assert_eq!(anna.keyed("/readings/batch", "readings-1", readings).await.body, told.body);
        let again = json!({ "readings": [reading("Дом 1-1", "2026-11-20T08:00:00+03:00", "12.5", Some("a1")), reading("Дом 1-1", "2026-11-20T08:00:00+03:00", "13", Some("a1"))] });
        let told = anna.post("/readings/batch", again).await;
        assert_eq!((&told.body["accepted"], &told.body["rejected"][0]["code"]), (&json!(1), &json!("idempotency_mismatch")));
        assert_eq!(app.count("reading").await, 2);
        let meter = anna.get(&format!("/premises/{}/card", premises[0]["id"])).await.is(200).body["meters"][0].clone();
        assert_eq!(meter["last"], json!({ "single": "12.5" }));
        let listed = anna.get(&format!("/readings?meter_id={}&from=2026-11-01&to=2026-11-30", meter["id"])).await;
        assert_eq!((&listed.is(200).body["total"], &listed.body["items"][0]["source"]), (&json!(1), &json!("api")));
        assert_eq!(anna.get(&format!("/readings?meter_id={}&to=2026-11-19", meter["id"])).await.body["total"], 0);
        app.agrees().await;
    }

    async fn a_month_is_billed_approved_and_paid_by_calls_alone(app: TestApp) {
        let anna = app.administrators_program().await;
        let (site, premises) = brought_in(&anna, "Дом 1").await;
        priced(&anna, site).await;
        anna.post("/readings/batch", json!({ "readings": [reading("Дом 1-1", "2026-11-20T08:00:00+03:00", "14", None)] })).await.is(200);
        let begin = json!({ "site_id": site, "period": "2026-11" });
        let told = anna.keyed("/billing-runs", "run-1", begin.clone()).await;
        let here = told.is(202).headers["location"].to_str().unwrap().trim_start_matches("/api/v1").to_owned();
        assert_eq!(anna.keyed("/billing-runs", "run-1", begin.clone()).await.body, told.body);
        anna.post("/billing-runs", begin.clone()).await.refuses(409, "run_not_running");
        assert_eq!(anna.get(&here).await.body["state"], "queued");
        anna.post(&format!("{here}/approve"), json!({})).await.refuses(409, "run_not_draft");
        app.work().await;
        let run = anna.get(&here).await.body;
        assert_eq!((&run["state"], &run["total"], &run["done"]), (&json!("calculated"), &json!(3), &json!(3)), "{run:#}");
        let skipped = anna.get(&format!("{here}/skipped")).await;
        assert_eq!(skipped.is(200).body["total"], run["skipped"]);
        anna.post(&format!("{here}/approve"), json!({})).await.is(202);
        app.work().await;
        assert_eq!(anna.get(&here).await.body["state"], "approved");
        anna.post("/billing-runs", begin).await.refuses(409, "run_not_approved");
        let account = premises[0]["account"].as_str().unwrap();
        let listed = anna.get(&format!("/bills?account={account}")).await;
        let bill = listed.is(200).body["items"][0].clone();
        assert_eq!((&listed.body["total"], &bill["state"], &bill["paid_kopecks"]), (&json!(1), &json!("unpaid"), &json!(0)));
        let whole = anna.get(&format!("/bills/{}", bill["id"])).await.is(200).body.clone();
        let water = whole["lines"].as_array().unwrap().iter().find(|line| line["service"] == "water").unwrap().clone();
        assert_eq!((&water["quantity"], &water["price"], &water["amount_kopecks"], &water["consumption"]), (&json!("4"), &json!("42.30"), &json!(16_920), &json!("measured")));
        assert!(water["working"].as_str().unwrap().contains("10") && water["working"].as_str().unwrap().contains("14"), "{water:#}");
        let total = whole["total_kopecks"].as_i64().unwrap();
        let pay = async |kopecks: i64| { anna.post(&format!("/accounts/{account}/deposits"), json!({ "amount_kopecks": kopecks })).await.is(201); };
        pay(100).await;
        let of_state = async |state: &str| anna.get(&format!("/bills?account={account}&state={state}")).await.body["total"].as_i64().unwrap();
        assert_eq!((of_state("unpaid").await, of_state("partly_paid").await, of_state("paid").await), (0, 1, 0));
        let card = anna.get(&format!("/premises/{}/card", premises[0]["id"])).await.is(200).body.clone();
        assert_eq!((&card["debt_kopecks"], card["unpaid_bills"].as_array().unwrap().len()), (&json!(total - 100), 1));
        pay(total - 100).await;
        assert_eq!((of_state("unpaid").await, of_state("partly_paid").await, of_state("paid").await), (0, 0, 1));
        let paid = anna.get(&format!("/bills/{}", bill["id"])).await.body;
        assert_eq!((&paid["paid_kopecks"], &paid["state"]), (&json!(total), &json!("paid")));
        assert_eq!(anna.get(&format!("/bills?site_id={site}&period=2026-11&sort=-total")).await.body["total"], 3);
        let full = anna.get(&format!("/sites/{site}/full")).await.body;
        assert!(full["premises"][0]["last_charges"].as_array().unwrap().contains(&json!({ "service": "water", "period": "2026-11", "amount_kopecks": 16_920 })), "{full:#}");
        app.agrees().await;
    }
}
