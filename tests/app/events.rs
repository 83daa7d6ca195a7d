//! What happened, for other programs: told with the change or not at all, in order, as it is documented.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use meterbook::{
    api::values::Day,
    billing::BillId,
    db::{Bell, Engine, q},
    estate::{premise::PremiseId, site::SiteId},
    events::{
        self, BillIssued, DialValue, Event, KINDS, Lease, MonthClosed, PaymentReceived, PaymentReversed, PayoutPaid, ReadingAccepted,
        WorkOrderAssigned, WorkOrderCompleted, WorkOrderCreated, outbox,
    },
    kernel::{Moment, Money, Quantity},
    metering::{InstallationId, MeterId, ReadingId, Zone, correction::Correction, reading::Source, reading::State, review},
    payments::payment::{self, Method, NewPayment, PaymentId, PaymentImportId},
    staff::user::Role,
};
use serde_json::{Value, json};
use time::{
    Duration,
    macros::{date, datetime},
};

use crate::{
    billing::{approved, calculated, plot, price},
    cast::TestApp,
    fixtures::{passport, read},
};

const DOCUMENT: &str = include_str!("../../docs/events.md");

fn closed(position: i64) -> MonthClosed {
    MonthClosed { site_id: SiteId(1), period: "2026-10".parse().unwrap(), position, hash: "x".to_owned() }
}

async fn record<E: Event>(app: &TestApp, told: &[E]) {
    let mut tx = app.db.begin().await.unwrap();
    events::record(&mut tx, told, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// The messages that wait, in order.
async fn told(app: &TestApp) -> Vec<Value> {
    let waiting = outbox::unpublished(&app.db, 1000).await.unwrap();
    waiting.iter().map(|event| serde_json::from_str(&event.message().unwrap()).unwrap()).collect()
}

/// The fields of those of a kind.
async fn told_of(app: &TestApp, kind: &str) -> Vec<Value> {
    told(app).await.into_iter().filter(|message| message["kind"] == kind).map(|mut message| message["data"].take()).collect()
}

async fn mark(app: &TestApp, count: usize) {
    let waiting = outbox::unpublished(&app.db, 1000).await.unwrap();
    let mut tx = app.db.begin().await.unwrap();
    outbox::mark_published(&mut tx, &waiting[..count], app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

fn paid(account: Option<meterbook::estate::account::AccountId>, kopecks: i64) -> NewPayment {
    NewPayment {
        account,
        amount: Money::from_kopecks(kopecks),
        received_on: date!(2026 - 11 - 19),
        method: Method::Cash,
        payer: "Чайкина Зоя".to_owned(),
        memo: "за свет, тел. 8 918 000-00-00".to_owned(),
        named: meterbook::ledger::Named::default(),
        reference: String::new(),
        fingerprint: None,
        import: None,
        key: None,
    }
}

both_engines! {
    async fn an_event_is_kept_with_its_change_or_not_at_all(app: TestApp) {
        let is_rung = async || tokio::time::timeout(std::time::Duration::from_millis(20), app.db.rung(Bell::Events)).await.is_ok();
        let mut tx = app.db.begin().await.unwrap();
        events::record(&mut tx, &[closed(1)], app.clock.now()).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!((told(&app).await.len(), is_rung().await), (0, false));
        record::<MonthClosed>(&app, &[]).await;
        assert!(!is_rung().await, "nothing happened");
        record(&app, &[closed(1)]).await;
        assert_eq!((told(&app).await.len(), is_rung().await), (1, true));
    }

    async fn many_at_once_wait_in_the_order_in_which_they_were_told(app: TestApp) {
        let many: Vec<MonthClosed> = (1..=600).map(closed).collect();
        record(&app, &many).await;
        record(&app, &[closed(601)]).await;
        let waiting = told(&app).await;
        let positions: Vec<i64> = waiting.iter().map(|message| message["data"]["position"].as_i64().unwrap()).collect();
        assert_eq!(positions, (1..=601).collect::<Vec<_>>());
        let ids: BTreeSet<&str> = waiting.iter().map(|message| message["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 601);
    }

    async fn an_event_that_is_committed_late_is_published_late_and_not_skipped(app: TestApp) {
        if app.db.engine() == Engine::Sqlite {
            return; // has one writer: whoever begins later is committed later
        }
        let mut slow = app.db.begin().await.unwrap();
        events::record(&mut slow, &[closed(1)], app.clock.now()).await.unwrap();
        record(&app, &[closed(2), closed(3)]).await;
        assert_eq!(told(&app).await.len(), 2);
        mark(&app, 2).await;
        slow.commit().await.unwrap();
        let late = told(&app).await;
        assert_eq!((late.len(), &late[0]["data"]["position"]), (1, &json!(1)));
    }

    async fn what_happened_is_told_with_what_it_changed(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = plot(&app, site, "1-1-1").await.account;
        let number: String = q(&app.db, "select number from account where id = $1").bind(account).scalar().await.unwrap();
        price(&vera, site, "2026-01", "6,00").await;
        let (run, _) = calculated(&app, &vera, site, "2026-10").await;
        assert_eq!(told_of(&app, "bill.issued").await, Vec::<Value>::new(), "a draft owes nothing");
        approved(&app, &vera, &run).await;
        let issued = told_of(&app, "bill.issued").await;
        assert_eq!(issued.len(), 1);
        assert_eq!((&issued[0]["account"], &issued[0]["due_kopecks"]), (&json!(number), &json!(72_000)));
        let mut tx = app.db.begin().await.unwrap();
        let ids = payment::receive_many(&mut tx, &[paid(Some(account), 5000), paid(None, 700)], None, app.clock.now()).await.unwrap().unwrap();
        payment::reverse(&mut tx, &ids, "чужие", date!(2026 - 11 - 20), None, app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let received = told_of(&app, "payment.received").await;
        let reversed = told_of(&app, "payment.reversed").await;
        for (payments, day) in [(&received, "received_on"), (&reversed, "reversed_on")] {
            assert_eq!((payments.len(), &payments[0]["account"], &payments[1]["account"]), (2, &json!(number), &Value::Null));
            assert_eq!((&payments[0]["amount_kopecks"], payments[0][day].is_string()), (&json!(5000), true));
        }
        vera.post_and_follow(&format!("{run}/close"), &[]).await.shows("Месяц закрыт");
        let closed = told_of(&app, "month.closed").await;
        assert_eq!((closed.len(), &closed[0]["period"]), (1, &json!("2026-10")));
        let all = serde_json::to_string(&told(&app).await).unwrap();
        assert!(!all.contains("Чайкина") && !all.contains("918") && !all.contains("чужие"), "{all}");
    }

    async fn a_payment_sent_twice_or_refused_is_told_once_or_never(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        app.account(site, "3-12-7").await;
        let form = [("whom", "уч. 3-12-7"), ("amount", "350,00"), ("received_on", "2026-11-19"), ("method", "cash"), ("key", "f-00000001")];
        for _ in 0..2 {
            vera.post("/payments", &form).await.is(StatusCode::SEE_OTHER);
        }
        let mut other = form;
        other[1].1 = "1,00";
        assert_ne!(vera.post("/payments", &other).await.status, StatusCode::SEE_OTHER);
        assert_eq!(told_of(&app, "payment.received").await.len(), 1);
    }

    async fn a_reading_is_told_when_it_counts(app: TestApp) {
        let site = app.site().await;
        let premise = app.plot(site, "1-1-1").await;
        let meter = app.meter(site, premise, passport("0041"), date!(2026 - 01 - 15), &[(Zone::Single, 100)]).await.installation;
        let at = |day| Moment::new(datetime!(2026-11-01 9:00 UTC)).plus(Duration::days(day));
        let mut brought = app.submit(vec![read(meter, at(1), &[(Zone::Single, 110)]), read(meter, at(2), &[(Zone::Single, 90)])]).await.into_iter();
        let (good, odd) = (brought.next().unwrap().unwrap(), brought.next().unwrap().unwrap());
        assert_eq!((good.state, odd.state), (State::Accepted, State::InReview));
        let ids = async || told_of(&app, "reading.accepted").await.iter().map(|data| data["reading_id"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!(ids().await, [good.id.0]);
        let by = app.user("mark", "Марк Пристанев", Role::Manager).await;
        let mut tx = app.db.begin().await.unwrap();
        review::accept(&mut tx, odd.id, by, "", app.clock.now()).await.unwrap().unwrap();
        review::accept(&mut tx, odd.id, by, "", app.clock.now()).await.unwrap().unwrap_err();
        let values = vec![(Zone::Single, Quantity::from_thousandths(91_000))];
        let correction = Correction { of: odd.id, seen: State::Accepted, values, note: String::new(), by, is_insisted: true };
        let corrected = correction.store(&mut tx, app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids().await, [good.id.0, odd.id.0, corrected.0]);
        let last = told_of(&app, "reading.accepted").await.pop().unwrap();
        assert_eq!((&last["supersedes_id"], &last["premise_id"]), (&json!(odd.id.0), &json!(premise.0)));
        assert_eq!(last["values"], json!([{ "zone": "single", "value": "91" }]));
    }

    async fn one_node_relays_until_it_is_dead_or_gives_it_up(app: TestApp) {
        let (mut first, mut second) = (Lease::default(), Lease::default());
        assert!(first.hold(&app.db, app.clock.now()).await.unwrap());
        if app.db.engine() == Engine::Sqlite {
            assert_eq!(app.count("event_relay").await, 0, "one program has the file, and needs no lease");
            return;
        }
        assert!(!second.hold(&app.db, app.clock.now()).await.unwrap());
        app.clock.advance(Duration::seconds(10));
        assert!(first.hold(&app.db, app.clock.now()).await.unwrap(), "it goes on");
        app.clock.advance(Duration::seconds(10));
        assert!(!second.hold(&app.db, app.clock.now()).await.unwrap());
        app.clock.advance(Duration::seconds(5));
        assert!(second.hold(&app.db, app.clock.now()).await.unwrap(), "the first was silent for too long");
        assert!(!first.hold(&app.db, app.clock.now()).await.unwrap());
        first.give_back(&app.db).await.unwrap();
        assert!(!first.hold(&app.db, app.clock.now()).await.unwrap(), "what it does not have it cannot give back");
        second.give_back(&app.db).await.unwrap();
        assert!(first.hold(&app.db, app.clock.now()).await.unwrap());
    }

    async fn a_published_event_is_forgotten_after_a_month_and_one_that_waits_is_not(app: TestApp) {
        record(&app, &[closed(1), closed(2)]).await;
        mark(&app, 1).await;
        app.clock.advance(Duration::days(29));
        record(&app, &[closed(3)]).await;
        assert_eq!(outbox::forget_old(&app.db, false, app.clock.now()).await.unwrap(), 0);
        app.clock.advance(Duration::days(2));
        assert_eq!(outbox::forget_old(&app.db, true, app.clock.now()).await.unwrap(), 1);
        assert_eq!(told(&app).await.len(), 2);
        assert_eq!(outbox::forget_old(&app.db, false, app.clock.now()).await.unwrap(), 1, "there is nobody it could wait for");
        assert_eq!(told(&app).await.len(), 1);
    }

    async fn what_waits_for_a_broker_is_counted_where_there_is_one(app: TestApp) {
        record(&app, &[closed(1), closed(2)]).await;
        app.clock.advance(Duration::seconds(90));
        record(&app, &[closed(3)]).await;
        app.stranger().get("/metrics").await.hides("meterbook_events");
        let relayed = app.configured(|config| config.nats_url = Some("nats://127.0.0.1:1".parse().unwrap()));
        relayed.stranger().get("/metrics").await.shows("meterbook_events_waiting 3\n").shows("meterbook_events_oldest_seconds 90\n");
    }

    async fn every_kind_is_documented_as_it_is_written(app: TestApp) {
        let period = "2026-10".parse().unwrap();
        let money = Money::from_kopecks;
        record(&app, &[BillIssued {
            bill_id: BillId(1204), number: "000000018-2610".to_owned(), account: "000000018".to_owned(), site_id: SiteId(1), period,
            opening: money(15_000), charged: money(72_000), corrected: money(-1200), paid: money(15_000), due: money(70_800), issued_on: Day(date!(2026 - 11 - 20)),
        }]).await;
        record(&app, &[PaymentReceived {
            payment_id: PaymentId(311), account: Some("000000018".to_owned()), amount: money(70_800), received_on: Day(date!(2026 - 11 - 19)), method: Method::Bank,
            bill_id: Some(BillId(1204)), import_id: Some(PaymentImportId(7)),
        }]).await;
        record(&app, &[PaymentReversed {
            payment_id: PaymentId(311), account: Some("000000018".to_owned()), amount: money(70_800), reversed_on: Day(date!(2026 - 11 - 20)),
        }]).await;
        let value = |zone, thousandths| DialValue { zone, value: Quantity::from_thousandths(thousandths) };
        record(&app, &[ReadingAccepted {
            reading_id: ReadingId(5021), meter_id: MeterId(88), installation_id: InstallationId(91), premise_id: Some(PremiseId(42)), site_id: SiteId(1),
            taken_at: Moment::new(datetime!(2026-11-20 8:15 UTC)), source: Source::Controller, supersedes_id: None,
            values: vec![value(Zone::Day, 12_045_500), value(Zone::Night, 6_020_000)],
        }]).await;
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned();
        record(&app, &[MonthClosed { site_id: SiteId(1), period, position: 9310, hash }]).await;
        record(&app, &[WorkOrderCreated::new(17, Some(PremiseId(42)))]).await;
        record(&app, &[WorkOrderAssigned::new(17, 5, money(1500))]).await;
        record(&app, &[WorkOrderCompleted::new(17, 5, money(3200))]).await;
        record(&app, &[PayoutPaid::new(9, 5, money(4700), date!(2026 - 11 - 20))]).await;
        let written = told(&app).await;
        let documented = documented();
        let kinds: Vec<(&str, i64)> = documented.iter().map(|(message, _)| (message["kind"].as_str().unwrap(), message["version"].as_i64().unwrap())).collect();
        assert_eq!(kinds, KINDS);
        for (mut written, (example, section)) in written.into_iter().zip(&documented) {
            written["id"] = example["id"].clone();
            assert_eq!(&written, example);
            for field in example["data"].as_object().unwrap().keys() {
                assert!(section.contains(&format!("`{field}`")), "{field} of {} is not explained", example["kind"]);
            }
        }
    }
}

/// Each example of the document, and the words before it in its section.
fn documented() -> Vec<(Value, &'static str)> {
    let sections = DOCUMENT.split("\n## ").filter(|section| section.contains("```json"));
    sections
        .map(|section| {
            let (words, rest) = section.split_once("```json").unwrap();
            let example: Value = serde_json::from_str(rest.split_once("```").unwrap().0).unwrap();
            let kind = words.lines().next().unwrap();
            assert_eq!(example["kind"], kind);
            assert!(
                words.contains(&format!("Version {}.", example["version"])) && words.contains(&format!("`meterbook.{kind}`")),
                "{kind}"
            );
            (example, words)
        })
        .collect()
}
