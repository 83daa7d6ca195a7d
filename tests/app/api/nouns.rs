//! The nouns of the registry: made, listed, changed, taken away, and by the row.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use meterbook::db::q;

use super::Program;
use crate::cast::TestApp;

async fn site(anna: &Program) -> i64 {
    anna.post("/sites", json!({ "name": "СНТ «Прибой»", "kind": "garden", "address": "Анапа" })).await.is(201).id()
}

/// A body for each noun, in the order in which they can be made.
async fn one_of_each(anna: &Program) -> Vec<(&'static str, i64, Value)> {
    let site = site(anna).await;
    let mut made = vec![("sites", site, json!({ "name": "СНТ «Прибой-2»", "kind": "building" }))];
    let premise = json!({ "site_id": site, "label": "1 / 2 / 3", "area_m2": "612.5" });
    let id = anna.post("/premises", premise.clone()).await.is(201).id();
    made.push(("premises", id, json!({ "site_id": site, "label": "1-2-4", "kind": "plot" })));
    let premise = id;
    let owner = json!({ "last_name": "Чернова", "first_name": "Зоя", "phones": ["8 (918) 159-08-30"], "email": "zoya@example.org" });
    let id = anna.post("/owners", owner).await.is(201).id();
    made.push(("owners", id, json!({ "last_name": "Чернова", "phones": [] })));
    let owner = id;
    let account = anna.post("/accounts", json!({ "premise_id": premise, "payer_id": owner, "opened_on": "2026-01-01" })).await;
    let id = account.is(201).id();
    made.push(("accounts", id, json!({ "payer_id": owner, "opened_on": "2026-02-01" })));
    let contract = anna.post("/contracts", json!({ "account_id": id, "service": "electricity", "signed_on": "2026-01-01" })).await;
    made.push((
        "contracts",
        contract.is(201).id(),
        json!({
            "number": "Э-7", "signed_on": "2026-01-02", "note": "копия в папке", "rating": { "category": "льготный", "norm": "120.5" },
        }),
    ));
    let meter = json!({
        "premise_id": premise, "resource": "electricity", "serial": "0041", "registers": ["day", "night"],
        "opening": { "day": "10.5", "night": "3" }, "installed_on": "2026-01-01",
    });
    let id = anna.post("/meters", meter).await.is(201).id();
    made.push(("meters", id, json!({ "serial": "0042", "dial_digits": 6 })));
    let tariff = json!({
        "site_id": site, "service": "electricity", "valid_from": "2026-01", "basis": "unit",
        "prices": [{ "zone": "day", "from": "0", "price": "6.73" }, { "zone": "night", "from": "0", "price": "3.2145" }],
        "factors": [{ "month": 1, "factor": "1.25" }, { "month": 12, "factor": "1.5" }],
    });
    let id = anna.post("/tariffs", tariff.clone()).await.is(201).id();
    made.push(("tariffs", id, tariff));
    made
}

both_engines! {
    async fn every_noun_is_made_shown_listed_changed_and_taken_away(app: TestApp) {
        let anna = app.administrators_program().await;
        let made = one_of_each(&anna).await;
        for (noun, id, change) in &made {
            let here = format!("/{noun}/{id}");
            assert_eq!(anna.get(&here).await.is(200).id(), *id);
            let listed = anna.get(&format!("/{noun}")).await;
            assert_eq!((&listed.is(200).body["total"], &listed.body["items"][0]["id"]), (&json!(1), &json!(id)), "{noun}");
            let changed = anna.put(&here, change.clone()).await;
            changed.is(200);
            for (field, value) in change.as_object().unwrap() {
                assert_eq!(&changed.body[field], value, "{noun}.{field}");
            }
            assert_eq!(anna.get(&here).await.body, changed.body, "{noun}");
        }
        for (noun, id, _) in made.iter().filter(|(noun, ..)| ["sites", "premises", "owners", "accounts"].contains(noun)) {
            anna.delete(&format!("/{noun}/{id}")).await.refuses(409, "in_use");
        }
        app.agrees().await;
        for noun in ["tariffs", "meters", "contracts", "accounts"] {
            let (_, id, _) = made.iter().find(|(other, ..)| *other == noun).unwrap();
            anna.delete(&format!("/{noun}/{id}")).await.is(204);
            anna.get(&format!("/{noun}/{id}")).await.refuses(404, "not_found");
        }
        // The premise was made its payer's, so both still refer to each other.
        anna.delete(&format!("/premises/{}", made[1].1)).await.refuses(409, "in_use");
        app.agrees().await;
    }

    async fn what_was_made_is_answered_as_it_is_kept(app: TestApp) {
        let anna = app.administrators_program().await;
        let made = one_of_each(&anna).await;
        let of = |noun: &str| format!("/{noun}/{}", made.iter().find(|(other, ..)| *other == noun).unwrap().1);
        let premise = anna.get(&of("premises")).await.body;
        assert_eq!((&premise["label"], &premise["area_m2"]), (&json!("1-2-3"), &json!("612.5")));
        assert_eq!(anna.get(&of("owners")).await.body["phones"], json!(["+79181590830"]));
        let account = anna.get(&of("accounts")).await.body;
        let by_number = anna.get(&format!("/accounts/{}", account["number"].as_str().unwrap())).await;
        assert_eq!(by_number.body, account);
        assert_eq!(anna.get(&of("meters")).await.body["registers"], json!(["day", "night"]));
        let prices = &anna.get(&of("tariffs")).await.body["prices"];
        assert!(prices.as_array().unwrap().contains(&json!({ "zone": "night", "from": "0", "price": "3.2145" })), "{prices}");
        let mut tariff = made.iter().find(|(noun, ..)| *noun == "tariffs").unwrap().2.clone();
        for factors in [json!([{ "month": 1, "factor": "0" }]), json!([{ "month": 1, "factor": "1" }, { "month": 1, "factor": "2" }])] {
            tariff["factors"] = factors;
            assert_eq!(anna.put(&of("tariffs"), tariff.clone()).await.refuses(422, "wrong_content").wrong_field().0, "factors");
        }
    }

    async fn what_is_there_already_is_not_made_twice(app: TestApp) {
        let anna = app.administrators_program().await;
        let made = one_of_each(&anna).await;
        let (site, premise) = (made[0].1, made[1].1);
        anna.post("/sites", json!({ "name": "СНТ «Прибой»", "kind": "garden" })).await.refuses(409, "site_name_taken");
        anna.post("/premises", json!({ "site_id": site, "label": "1-2-3" })).await.refuses(409, "premise_label_taken");
        anna.post("/contracts", json!({ "account_id": made[3].1, "service": "electricity" })).await.is(409);
        let meter = json!({ "premise_id": premise, "resource": "electricity", "serial": "0041", "opening": { "single": "0" } });
        anna.post("/meters", meter).await.refuses(409, "meter_stands");
        let wrong = json!({ "premise_id": premise, "resource": "water", "serial": "7", "opening": { "day": "0", "night": "0" } });
        assert_eq!(anna.post("/meters", wrong).await.refuses(422, "wrong_content").wrong_field(), ("opening", "meter_water_zones"));
        let elsewhere = json!({ "site_id": 999_999, "label": "9" });
        assert_eq!(anna.post("/premises", elsewhere).await.refuses(422, "wrong_content").wrong_field().0, "site_id");
    }

    async fn good_rows_of_a_batch_stay_and_bad_ones_come_back(app: TestApp) {
        let anna = app.administrators_program().await;
        let site = site(&anna).await;
        let rows: Vec<Value> = ["1-1-1", "1-1-2", "1-1-1", "", "1-1-3"].iter().map(|label| json!({ "site_id": site, "label": label })).collect();
        let told = anna.keyed("/premises/batch", "batch-1", json!({ "items": rows })).await;
        assert_eq!(told.is(200).body["done"], 3);
        let failed: Vec<(i64, &str)> =
            told.body["failed"].as_array().unwrap().iter().map(|row| (row["index"].as_i64().unwrap(), row["code"].as_str().unwrap())).collect();
        assert_eq!(failed, [(2, "premise_label_taken"), (3, "required")]);
        assert_eq!(anna.keyed("/premises/batch", "batch-1", json!({ "items": rows })).await.body, told.body);
        assert_eq!(app.count("premise").await, 3);
        let many: Vec<Value> = (0..1001).map(|n| json!({ "site_id": site, "label": format!("2-{n}") })).collect();
        assert_eq!(anna.post("/premises/batch", json!({ "items": many })).await.refuses(422, "wrong_content").wrong_field(), ("items", "too_many_items"));
        app.agrees().await;
    }

    async fn a_batch_that_was_broken_off_goes_on_behind_its_last_row(app: TestApp) {
        let anna = app.administrators_program().await;
        let owner = |name: &str| json!({ "last_name": name, "phones": [] });
        let rows = json!({ "items": [owner("Чернова"), owner(""), owner("Чернова"), owner("Серов")] });
        let told = anna.keyed("/owners/batch", "batch-1", rows.clone()).await;
        assert_eq!(told.is(200).body["done"], 3);
        // The machine died after the third row: the answer to the whole was never kept, nor the fourth row.
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "delete from api_answer where key in ('batch-1', 'batch-1 3')").run().await.unwrap();
        tx.commit().await.unwrap();
        let again = anna.keyed("/owners/batch", "batch-1", rows.clone()).await;
        assert_eq!(again.is(200).body["made"].as_array().unwrap()[..2], told.body["made"].as_array().unwrap()[..2]);
        assert_eq!(app.count("owner").await, 4);
        // Other rows under the key of those that were made.
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "delete from api_answer where key = 'batch-1'").run().await.unwrap();
        tx.commit().await.unwrap();
        let others = anna.keyed("/owners/batch", "batch-1", json!({ "items": [owner("Иная")] })).await;
        assert_eq!(others.is(200).body["failed"][0]["code"], "idempotency_mismatch");
        assert_eq!(app.count("owner").await, 4);
    }

    async fn pages_of_a_list_hold_every_row_once(app: TestApp) {
        let anna = app.administrators_program().await;
        // All alike, so that only the id tells them apart.
        let rows: Vec<Value> = (0..25).map(|_| json!({ "last_name": "Морозова" })).collect();
        anna.post("/owners/batch", json!({ "items": rows })).await.is(200);
        for sort in ["name", "-name", "premises", "-premises"] {
            let mut seen = BTreeSet::new();
            for page in 1..=4 {
                let told = anna.get(&format!("/owners?per_page=7&page={page}&sort={sort}")).await;
                assert_eq!((&told.body["total"], &told.body["page"], &told.body["per_page"]), (&json!(25), &json!(page), &json!(7)));
                seen.extend(told.body["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
            }
            assert_eq!(seen.len(), 25, "{sort}");
        }
        assert_eq!(anna.get("/owners?page=5&per_page=7").await.body["items"], json!([]));
    }

    async fn a_call_with_a_key_is_made_once(app: TestApp) {
        let anna = app.administrators_program().await;
        let body = json!({ "last_name": "Морозова" });
        let answers = join_all((0..16).map(|_| anna.keyed("/owners", "owner-1", body.clone()))).await;
        for told in &answers {
            assert_eq!(told.is(201).body, answers[0].body);
            assert_eq!(told.headers["location"], answers[0].headers["location"]);
        }
        assert_eq!(app.count("owner").await, 1);
        anna.keyed("/owners", "owner-1", json!({ "last_name": "Морозов" })).await.refuses(422, "idempotency_mismatch");
        anna.keyed("/sites", "owner-1", json!({ "name": "x", "kind": "garden" })).await.refuses(422, "idempotency_mismatch");
        assert_eq!((app.count("owner").await, app.count("site").await), (1, 0));
        // A refusal keeps nothing: the same key serves the corrected call.
        anna.keyed("/owners", "owner-2", json!({ "last_name": "" })).await.is(422);
        anna.keyed("/owners", "owner-2", body).await.is(201);
        let key = "к".repeat(3);
        let request = anna.request("POST", "/owners").header("content-type", "application/json").header("idempotency-key", key.as_bytes());
        let told = anna.send(request.body(axum::body::Body::from(r#"{"last_name":"Морозова"}"#)).unwrap()).await;
        assert_eq!(told.refuses(422, "wrong_content").wrong_field(), ("Idempotency-Key", "key_wrong"));
    }

    async fn texts_that_hurt_elsewhere_hurt_nothing(app: TestApp) {
        let anna = app.administrators_program().await;
        for text in ["\0", "a\0b", "\u{202e}", "<script>alert(1)</script>", "{{7*7}}", "'; drop table owner; --", "%_\\", "𝕏", &"я".repeat(10_000)] {
            for body in [json!({ "last_name": text }), json!({ "last_name": "x", "note": text }), json!({ "last_name": "x", "phones": [text] }), json!({ "last_name": "x", "email": text })] {
                let told = anna.post("/owners", body).await;
                assert!(told.status == 201 || told.status == 422, "{text:?}: {} {}", told.status, told.body);
            }
            let query: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let told = anna.get(&format!("/owners?q={query}")).await;
            assert!(!told.status.is_server_error(), "{text:?}: {}", told.body);
        }
        app.agrees().await;
    }
}

async fn staff_of(app: &TestApp) -> Program {
    app.administrators_program().await
}

both_engines! {
    async fn users_are_invited_changed_and_blocked_but_never_the_last_administrator(app: TestApp) {
        let anna = staff_of(&app).await;
        let told = anna.post("/users", json!({ "login": "Oleg", "name": "Олег", "role": "controller" })).await;
        assert!(told.is(201).body["invitation"].as_str().unwrap().contains("/invite/"));
        let oleg = told.id();
        anna.post("/users", json!({ "login": "oleg", "name": "Олег", "role": "controller" })).await.refuses(409, "login_taken");
        let told = anna.post("/users", json!({ "login": "x1", "name": "X", "role": "controller", "password_hash": "x" })).await;
        assert_eq!(told.refuses(422, "wrong_content").wrong_field(), ("password_hash", "unknown_field"));
        let told = anna.call("PATCH", &format!("/users/{oleg}"), r#"{"role":"manager","name":"Олег Б."}"#, None).await;
        assert_eq!((&told.is(200).body["role"], &told.body["name"], &told.body["login"]), (&json!("manager"), &json!("Олег Б."), &json!("oleg")));
        let own = app.user("anna", "", meterbook::staff::user::Role::Administrator).await;
        for change in [r#"{"role":"manager"}"#, r#"{"is_blocked":true}"#] {
            anna.call("PATCH", &format!("/users/{own}"), change, None).await.refuses(409, "staff_last_administrator");
        }
        assert_eq!(anna.get("/users?sort=-login").await.is(200).body["total"], 2);
    }
}
