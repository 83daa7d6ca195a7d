//! Work orders, what workers earn and are paid, by calls alone.

use meterbook::staff::user::Role;
use serde_json::{Value, json};

use super::Program;
use crate::cast::TestApp;

/// Programs of a manager, an accountant, the chair, and two workers.
struct Stage {
    mark: Program,
    vera: Program,
    semyon: Program,
    workers: [Program; 2],
}

async fn stage(app: &TestApp) -> Stage {
    app.site().await;
    Stage {
        mark: app.program_of("mark", "Марк Пристанев", Role::Manager).await,
        vera: app.program_of("vera", "Вера Счётова", Role::Accountant).await,
        semyon: app.program_of("semyon", "Семён Председателев", Role::Chair).await,
        workers: [
            app.program_of("kirill", "Кирилл Береговой", Role::Controller).await,
            app.program_of("darya", "Дарья Косова", Role::Controller).await,
        ],
    }
}

impl Stage {
    /// Whoever has the order, and the other one.
    async fn holder(&self, order: i64) -> (&Program, &Program) {
        let [kirill, darya] = &self.workers;
        let of_kirill = kirill.get("/work-orders?mine=true&per_page=200").await.is(200).body.clone();
        let has = of_kirill["items"].as_array().unwrap().iter().any(|item| item["id"] == order);
        if has { (kirill, darya) } else { (darya, kirill) }
    }
}

async fn balance(program: &Program) -> i64 {
    program.get("/workers/me/balance").await.is(200).body["balance_kopecks"].as_i64().unwrap()
}

both_engines! {
    async fn a_work_order_is_opened_by_anyone_and_done_by_who_has_it(app: TestApp) {
        let stage = stage(&app).await;
        let body = json!({ "title": "Починить замок", "ticket": "UBERPOP-42", "text": "у ворот" });
        let told = stage.semyon.keyed("/work-orders", "open-1", body.clone()).await;
        let (order, fee, reward) = (told.is(201).id(), told.body["fee_kopecks"].as_i64().unwrap(), told.body["reward_kopecks"].as_i64().unwrap());
        assert!((1000..=2000).contains(&fee) && (2000..=4000).contains(&reward));
        assert_eq!((&told.body["state"], &told.body["ticket"]), (&json!("open"), &json!("UBERPOP-42")));
        assert_eq!(stage.semyon.keyed("/work-orders", "open-1", body).await.body, told.body);
        stage.semyon.keyed("/work-orders", "open-1", json!({ "title": "Другое" })).await.refuses(422, "idempotency_mismatch");
        for (wrong, field, code) in [
            (json!({ "title": "[UBERPOP-42] Замок" }), "title", "work_order_brackets"),
            (json!({ "title": " " }), "title", "required"),
            (json!({ "title": "я".repeat(201) }), "title", "too_long"),
            (json!({ "title": "Замок", "premise_id": 999 }), "premise_id", "choose"),
            (json!({ "title": "Замок", "worker_id": 1 }), "worker_id", "unknown_field"),
        ] {
            assert_eq!(stage.mark.post("/work-orders", wrong).await.refuses(422, "wrong_content").wrong_field(), (field, code));
        }
        assert_eq!(app.count("work_order").await, 1);
        let (holder, other) = stage.holder(order).await;
        assert_eq!((balance(holder).await, balance(other).await), (-fee, 0));
        other.post(&format!("/work-orders/{order}/complete"), json!({})).await.refuses(404, "not_found");
        stage.mark.post(&format!("/work-orders/{order}/complete"), json!({})).await.refuses(403, "forbidden");
        let done = holder.keyed(&format!("/work-orders/{order}/complete"), "done-1", json!({ "note": "готово" })).await;
        assert_eq!((&done.is(200).body["state"], &done.body["done_note"]), (&json!("done"), &json!("готово")));
        assert_eq!(holder.keyed(&format!("/work-orders/{order}/complete"), "done-1", json!({ "note": "готово" })).await.body, done.body);
        let bare = holder.request("POST", &format!("/work-orders/{order}/complete")).body(axum::body::Body::empty()).unwrap();
        holder.send(bare).await.refuses(409, "work_order_done_already");
        assert_eq!(balance(holder).await, reward - fee);
        let entries = holder.get("/workers/me/entries?from=2026-11-20&to=2026-11-20").await.is(200).body.clone();
        let told: Vec<(&Value, i64, &Value)> = entries["items"].as_array().unwrap().iter().map(|entry| (&entry["kind"], entry["amount_kopecks"].as_i64().unwrap(), &entry["work_order_id"])).collect();
        assert_eq!(told, [(&json!("reward"), reward, &json!(order)), (&json!("fee"), -fee, &json!(order))]);
        assert_eq!(stage.mark.get("/work-orders?state=done").await.is(200).body["total"], 1);
        assert_eq!(stage.mark.get("/work-orders?mine=true").await.is(200).body["total"], 0);
        app.agrees().await;
    }

    async fn nobody_is_given_work_when_there_is_no_worker(app: TestApp) {
        app.site().await;
        let anna = app.administrators_program().await;
        anna.post("/work-orders", json!({ "title": "Замок" })).await.refuses(409, "work_order_no_worker");
        assert_eq!(anna.post("/work-orders/reshuffle", json!({})).await.is(200).body, json!({ "changed": 0, "charged_kopecks": 0 }));
    }

    async fn a_reshuffle_charges_those_who_get_an_order(app: TestApp) {
        let stage = stage(&app).await;
        for number in 0..8 {
            stage.mark.post("/work-orders", json!({ "title": format!("Наряд {number}") })).await.is(201);
        }
        stage.vera.post("/work-orders/reshuffle", json!({})).await.refuses(403, "forbidden");
        let before = balance(&stage.workers[0]).await + balance(&stage.workers[1]).await;
        let told = stage.mark.keyed("/work-orders/reshuffle", "shuffle-1", json!({})).await;
        let (changed, taken) = (told.is(200).body["changed"].as_i64().unwrap(), told.body["charged_kopecks"].as_i64().unwrap());
        assert_eq!(balance(&stage.workers[0]).await + balance(&stage.workers[1]).await, before - taken);
        assert!((0..=8).contains(&changed) && (changed > 0) == (taken > 0));
        assert_eq!(stage.mark.keyed("/work-orders/reshuffle", "shuffle-1", json!({})).await.body, told.body, "sent again it is not drawn again");
        assert_eq!(balance(&stage.workers[0]).await + balance(&stage.workers[1]).await, before - taken);
        app.agrees().await;
    }

    async fn a_day_is_paid_once_and_balances_are_for_those_who_may_see_them(app: TestApp) {
        let stage = stage(&app).await;
        let order = stage.mark.post("/work-orders", json!({ "title": "Замок" })).await.is(201).id();
        let (holder, other) = stage.holder(order).await;
        holder.post(&format!("/work-orders/{order}/complete"), json!({})).await.is(200);
        let sum = balance(holder).await;
        let holder_id = holder.get("/workers/me/balance").await.body["worker_id"].as_i64().unwrap();
        assert_eq!(stage.vera.get(&format!("/workers/{holder_id}/balance")).await.is(200).body["balance_kopecks"], sum);
        assert_eq!(holder.get(&format!("/workers/{holder_id}/balance")).await.is(200).body["balance_kopecks"], sum);
        other.get(&format!("/workers/{holder_id}/balance")).await.refuses(404, "not_found");
        stage.mark.get(&format!("/workers/{holder_id}/balance")).await.refuses(404, "not_found");
        stage.vera.get("/workers/99999/balance").await.refuses(404, "not_found");
        holder.get("/workers/entries").await.refuses(403, "forbidden");
        holder.post("/payouts", json!({ "day": "2026-11-20" })).await.refuses(403, "forbidden");
        stage.vera.post("/payouts", json!({ "day": "2026-11-21" })).await.refuses(422, "wrong_content");
        let paid = stage.vera.keyed("/payouts", "pay-1", json!({ "day": "2026-11-20" })).await;
        assert_eq!((&paid.is(200).body["paid"], &paid.body["paid_kopecks"], &paid.body["waiting"]), (&json!(1), &json!(sum), &json!(0)));
        assert_eq!(stage.vera.keyed("/payouts", "pay-1", json!({ "day": "2026-11-20" })).await.body, paid.body);
        assert_eq!(stage.vera.post("/payouts", json!({ "day": "2026-11-20" })).await.is(200).body["paid"], 0);
        assert_eq!((balance(holder).await, balance(other).await), (0, 0));
        let robot = app.program_of("robot", "Шлюз", Role::Service).await;
        robot.post("/payouts", json!({ "day": "2026-11-19" })).await.is(200);
        let all = stage.vera.get(&format!("/workers/entries?from=2026-11-01&to=2026-11-30&worker_id={holder_id}")).await;
        assert_eq!((&all.is(200).body["total"], &all.body["items"][0]["kind"]), (&json!(3), &json!("payout")));
        stage.vera.get("/workers/entries?from=2026-11-02&to=2026-11-01").await.refuses(422, "wrong_content");
        app.agrees().await;
    }

    async fn the_chair_is_told_what_work_orders_come_to(app: TestApp) {
        let stage = stage(&app).await;
        let mut dearest = (0, 0);
        let mut earned = 0;
        for number in 0..5 {
            let told = stage.mark.post("/work-orders", json!({ "title": format!("Наряд {number}") })).await;
            let (id, fee, reward) = (told.is(201).id(), told.body["fee_kopecks"].as_i64().unwrap(), told.body["reward_kopecks"].as_i64().unwrap());
            earned += fee;
            if number < 4 {
                stage.holder(id).await.0.post(&format!("/work-orders/{id}/complete"), json!({})).await.is(200);
                earned -= reward;
                dearest = if reward > dearest.0 { (reward, id) } else { dearest };
            }
        }
        let told = stage.semyon.get("/analytics/earnings?from=2026-11-20&to=2026-11-20").await;
        assert_eq!((&told.is(200).body["earnings_kopecks"], &told.body["days"][0]["day"]), (&json!(earned), &json!("2026-11-20")));
        let told = stage.semyon.get("/analytics/dearest-order?from=2026-11-16&to=2026-11-22").await;
        assert_eq!((&told.is(200).body["work_order"]["id"], &told.body["work_order"]["reward_kopecks"]), (&json!(dearest.1), &json!(dearest.0)));
        assert_eq!(stage.semyon.get("/analytics/dearest-order?from=2026-10-01&to=2026-10-31").await.is(200).body["work_order"], Value::Null);
        let below = i64::from(balance(&stage.workers[0]).await < 0) + i64::from(balance(&stage.workers[1]).await < 0);
        assert_eq!(stage.semyon.get("/analytics/negative-balances").await.is(200).body, json!({ "count": below }));
        for path in ["/analytics/earnings", "/analytics/negative-balances", "/analytics/dearest-order"] {
            for program in [&stage.mark, &stage.vera, &stage.workers[0]] {
                program.get(path).await.refuses(403, "forbidden");
            }
        }
    }
}
