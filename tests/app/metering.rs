//! Meters and their readings: what is checked against what, and what the office decides.

use meterbook::{
    db::q,
    kernel::Moment,
    metering::{
        Zone,
        checks::Flag,
        reading::{Reason, Refusal, State},
        review,
    },
};
use time::macros::{date, datetime};

use crate::fixtures::{passport, read, units};

const SINGLE: Zone = Zone::Single;

fn at(moment: time::OffsetDateTime) -> Moment {
    Moment::new(moment)
}

both_engines! {
    async fn a_meter_unread_for_years_is_held_against_its_last_reading(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2019 - 05 - 01), &[(SINGLE, 100)]).await.installation;
        app.submit(vec![read(meter, at(datetime!(2022-05-01 9:00 UTC)), &[(SINGLE, 5000)])]).await;
        let outcomes = app.submit(vec![read(meter, app.clock.now(), &[(SINGLE, 4990)])]).await;
        let flags = &outcomes[0].as_ref().unwrap().flags;
        assert_eq!(flags, &[Flag::Lower { zone: SINGLE, previous: units(5000), by: units(10) }]);
    }

    async fn readings_of_the_past_are_held_against_those_before_them(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2012 - 05 - 01), &[(SINGLE, 100)]).await.installation;
        app.submit(vec![read(meter, at(datetime!(2015-05-01 9:00 UTC)), &[(SINGLE, 5000)])]).await;
        let outcomes = app.submit(vec![read(meter, at(datetime!(2016-05-01 9:00 UTC)), &[(SINGLE, 4990)])]).await;
        assert_eq!(outcomes[0].as_ref().unwrap().used[0].previous, units(5000));
    }

    async fn days_are_those_of_the_site(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let paper = meterbook::metering::meter::Passport { verify_by: Some(date!(2026 - 11 - 18)), ..passport("00412345") };
        let meter = app.meter(site, plot, paper, date!(2026 - 11 - 18), &[(SINGLE, 100)]).await.installation;
        // It is already the 18th and still the 18th in Moscow.
        let first = read(meter, at(datetime!(2026-11-17 21:30 UTC)), &[(SINGLE, 100)]);
        let last = read(meter, at(datetime!(2026-11-18 20:30 UTC)), &[(SINGLE, 101)]);
        let over = read(meter, at(datetime!(2026-11-18 21:30 UTC)), &[(SINGLE, 101)]);
        let outcomes = app.submit(vec![first, last, over]).await;
        let flags: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().flags.clone()).collect();
        assert_eq!(flags, [vec![], vec![], vec![Flag::VerificationOverdue { since: date!(2026 - 11 - 18) }]]);
        let other = app.meter(site, plot, passport("00412346"), date!(2026 - 11 - 18), &[(SINGLE, 100)]).await.installation;
        let outcomes = app.submit(vec![read(other, at(datetime!(2026-11-17 20:30 UTC)), &[(SINGLE, 100)])]).await;
        assert_eq!(outcomes[0].as_ref().unwrap().flags, [Flag::BeforeInstallation { installed: date!(2026 - 11 - 18) }]);
    }

    async fn one_key_is_one_reading_also_inside_a_batch(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let keyed = |value: i64| {
            let mut reading = read(meter, at(datetime!(2026-11-19 9:00 UTC)), &[(SINGLE, value)]);
            reading.client_key = Some("office-000001".to_owned());
            reading
        };
        let mut explained = keyed(110);
        explained.reason = Some(Reason::Leak);
        let outcomes = app.submit(vec![keyed(110), keyed(110), keyed(111), explained.clone()]).await;
        let first = outcomes[0].as_ref().unwrap().id;
        assert_eq!(outcomes[1].as_ref().unwrap().id, first);
        assert_eq!(outcomes[2..], [Err(Refusal::KeyReused), Err(Refusal::KeyReused)]);
        let again = app.submit(vec![keyed(110), explained]).await;
        assert_eq!(again[0].as_ref().unwrap().id, first);
        assert_eq!(again[1], Err(Refusal::KeyReused));
        assert_eq!(app.count("reading").await, 1);
    }

    async fn one_reading_sent_twice_at_once_is_one_reading(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let mut reading = read(meter, at(datetime!(2026-11-19 9:00 UTC)), &[(SINGLE, 110)]);
        reading.client_key = Some("office-000001".to_owned());
        let sends = (0..8).map(|_| {
            let (app, reading) = (app.clone(), reading.clone());
            tokio::spawn(async move { app.submit(vec![reading]).await.pop().unwrap().unwrap().id })
        });
        let mut ids = Vec::new();
        for send in sends.collect::<Vec<_>>() {
            ids.push(send.await.unwrap());
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(app.count("reading").await, 1);
    }

    async fn what_an_import_accepts_are_only_readings_that_wait(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let waiting = app.submit(vec![read(meter, app.clock.now(), &[(SINGLE, 90)])]).await[0].as_ref().unwrap().id;
        let user = app.user("vera", "Вера", meterbook::staff::user::Role::Accountant).await;
        let mut tx = app.db.begin().await.unwrap();
        review::reject(&mut tx, waiting, user, "опечатка", app.clock.now()).await.unwrap().unwrap();
        review::accept_many(&mut tx, &[waiting], app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let state: State = q(&app.db, "select state from reading").scalar().await.unwrap();
        assert_eq!(state, State::Rejected);
    }

    async fn a_correction_cannot_undo_what_another_reviewer_accepted(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let reading = app.submit(vec![read(meter, app.clock.now(), &[(SINGLE, 90)])]).await[0].as_ref().unwrap().id;
        let vera = app.accountant().await;
        let page = format!("/review/{reading}");
        vera.post_and_follow(&format!("{page}/accept"), &[("review_note", "так и есть")]).await.shows("Показание принято");
        vera.post_and_follow(&format!("{page}/correct"), &[("value-single", "120"), ("review_note", "опечатка")]).await.shows("уже проверил кто-то другой");
        let states: Vec<State> = q(&app.db, "select state from reading").scalars().await.unwrap();
        assert_eq!(states, [State::Accepted]);
    }

    async fn a_corrected_value_is_checked_too_and_may_be_insisted_on(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let reading = app.submit(vec![read(meter, app.clock.now(), &[(SINGLE, 90)])]).await[0].as_ref().unwrap().id;
        let vera = app.accountant().await;
        let correct = format!("/review/{reading}/correct");
        let doubted = vera.post(&correct, &[("value-single", "95"), ("review_note", "опечатка")]).await;
        doubted.is(axum::http::StatusCode::UNPROCESSABLE_ENTITY).shows("Меньше прежнего (100) на 5").shows("value=\"95\"").shows("Сохраните ещё раз");
        // Another odd value is not the one that was insisted on.
        vera.post(&correct, &[("value-single", "96"), ("insisted", "95"), ("review_note", "опечатка")]).await.shows("Меньше прежнего (100) на 4");
        assert_eq!(app.count("reading").await, 1);
        vera.post_and_follow(&correct, &[("value-single", "95"), ("insisted", "95"), ("review_note", "опечатка")]).await.shows("Показание исправлено");
        let flags: String = q(&app.db, "select flags from reading where state = 'accepted'").scalar().await.unwrap();
        assert!(flags.contains("\"lower\""), "{flags}");
    }

    async fn the_record_of_a_decision_holds_what_was_before_and_after(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let reading = app.submit(vec![read(meter, app.clock.now(), &[(SINGLE, 90)])]).await[0].as_ref().unwrap().id;
        let vera = app.accountant().await;
        vera.post(&format!("/review/{reading}/correct"), &[("value-single", "120"), ("review_note", "прочёл с фото")]).await;
        let (before, after): (String, String) =
            q(&app.db, "select before_values, after_values from audit where action = 'audit-reading-corrected'").one().await.unwrap();
        assert!(before.contains("in_review") && before.contains("90"), "{before}");
        assert!(after.contains("120") && after.contains("прочёл с фото"), "{after}");
    }
}
