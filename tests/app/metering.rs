//! Meters and their readings: what is checked against what, and what the office decides.

use meterbook::{
    db::q,
    kernel::Moment,
    metering::{
        Zone,
        checks::Flag,
        installation::{NewInstallation, Place, Removal, StayRefusal},
        reading::{Reason, Refusal, State},
        review,
    },
};
use time::macros::{date, datetime};

use crate::fixtures::{passport, read, units};

const SINGLE: Zone = Zone::Single;
const UNPROCESSABLE: axum::http::StatusCode = axum::http::StatusCode::UNPROCESSABLE_ENTITY;

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

    async fn a_meter_is_put_up_found_read_corrected_and_replaced(app: TestApp) {
        let site = app.site().await;
        app.plot(site, "3-12-7").await;
        let anna = app.administrator().await;
        let form = [
            ("site", "1"), ("label", "3-12-7"), ("installed_on", "2026-01-15"), ("resource", "electricity"), ("serial", "00412345"),
            ("model", "Меркурий 201"), ("dial_digits", "5"), ("dial_decimals", "0"), ("dials", "day_night"), ("opening_first", "1000"),
            ("opening_night", "400"), ("verify_by", "2026-10-01"),
        ];
        let card = anna.post_and_follow("/meters", &form).await;
        card.shows("Электричество № 00412345").shows("3-12-7").shows("День 1\u{a0}000, Ночь 400").shows("01.10.2026");
        anna.post("/meters", &form).await.is(UNPROCESSABLE).shows("Счётчик с этим номером стоит");
        anna.get("/meters?q=004123").await.shows("00412345").shows("1 счётчик");
        anna.get("/meters?q=3-12").await.shows("00412345");
        anna.get("/meters?q=nothing").await.hides("00412345");
        anna.get("/meters/due").await.shows("00412345").shows("50 дней назад");
        anna.get("/").await.shows("/meters/due");
        let meter: i64 = q(&app.db, "select id from meter").scalar().await.unwrap();
        let installation: i64 = q(&app.db, "select id from installation").scalar().await.unwrap();
        let (day, night) = (format!("value-{installation}-day"), format!("value-{installation}-night"));
        let entered = [("day", "2026-11-19"), (day.as_str(), "1100"), (night.as_str(), "450")];
        anna.post_and_follow("/readings/enter", &entered).await.shows("Сохранено 1 показание");
        let reading: i64 = q(&app.db, "select id from reading").scalar().await.unwrap();
        let correct = format!("/readings/{reading}/correct");
        anna.post(&correct, &[("value-day", "1110"), ("value-night", "450")]).await.is(UNPROCESSABLE).shows("Почему исправляем");
        anna.post_and_follow(&correct, &[("value-day", "1110"), ("value-night", "450"), ("review_note", "описка")]).await.shows("1\u{a0}110").shows("описка");
        anna.get("/readings?state=superseded").await.shows("День 1\u{a0}100");
        let replace = format!("/meters/{meter}/replace");
        let wrong: [(&str, &str, &[u8]); 9] = [
            ("on", "", b"2026-11-20"), ("reason", "", "поверка".as_bytes()), ("closing-day", "", b"1109"), ("closing-night", "", b"455"),
            ("serial", "", b"00512345"), ("dial_digits", "", b"6"), ("dial_decimals", "", b"1"), ("dials", "", b"single"), ("opening_first", "", b"0"),
        ];
        anna.upload(&replace, &wrong).await.is(UNPROCESSABLE).shows("Меньше прежнего показания (1\u{a0}110)").shows("value=\"1109\"").shows("00512345");
        let mut right = wrong;
        right[2].2 = b"1120";
        let answer = anna.upload(&replace, &right).await;
        anna.get(answer.location()).await.shows("Счётчик заменён").shows("№ 00512345");
        anna.get(&format!("/meters/{meter}")).await.shows("снят 20.11.2026").shows("День 1\u{a0}120, Ночь 455").shows("поверка");
        anna.get("/meters?place=away").await.shows("00412345").hides("00512345");
        anna.upload(&replace, &right).await.is(axum::http::StatusCode::SEE_OTHER);
        assert_eq!(app.count("installation").await, 2, "sent twice it is one replacement");
    }

    async fn a_stay_ends_only_with_all_values_after_all_readings(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(Zone::Day, 100), (Zone::Night, 50)]).await.installation;
        app.submit(vec![read(meter, at(datetime!(2026-11-19 9:00 UTC)), &[(Zone::Day, 110), (Zone::Night, 60)])]).await;
        let both = [(Zone::Day, units(120)), (Zone::Night, units(70))];
        let cases: [(_, &[_], _); 5] = [
            (date!(2026 - 11 - 20), &both[..1], StayRefusal::Value(Refusal::WrongRegisters)),
            (date!(2026 - 11 - 20), &[(Zone::Day, units(109)), (Zone::Night, units(70))], StayRefusal::BelowLast(Zone::Day, units(110))),
            (date!(2026 - 11 - 18), &both, StayRefusal::ReadLater(date!(2026 - 11 - 19))),
            (date!(2026 - 11 - 21), &both, StayRefusal::WrongDay),
            (date!(2026 - 01 - 14), &both, StayRefusal::WrongDay),
        ];
        for (on, closing, refusal) in cases {
            let mut tx = app.db.begin().await.unwrap();
            let outcome = Removal { installation: meter, on, reason: "", closing }.carry_out(&mut tx, app.clock.now()).await.unwrap();
            assert_eq!(outcome, Err(refusal));
            tx.commit().await.unwrap();
        }
        let mut tx = app.db.begin().await.unwrap();
        let removal = Removal { installation: meter, on: date!(2026 - 11 - 20), reason: "поверка", closing: &both };
        assert_eq!(removal.carry_out(&mut tx, app.clock.now()).await.unwrap(), Ok(()));
        assert_eq!(removal.carry_out(&mut tx, app.clock.now()).await.unwrap(), Err(StayRefusal::NotStanding));
        tx.commit().await.unwrap();
        let late = app.submit(vec![read(meter, at(datetime!(2026-11-21 9:00 UTC)), &[(Zone::Day, 130), (Zone::Night, 80)])]).await;
        assert_eq!(late[0], Err(Refusal::Future));
    }

    async fn a_meter_used_again_keeps_its_dials_and_gets_its_new_passport(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let standing = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(Zone::Day, 100), (Zone::Night, 50)]).await;
        let closing = [(Zone::Day, units(120)), (Zone::Night, units(70))];
        let mut tx = app.db.begin().await.unwrap();
        Removal { installation: standing.installation, on: date!(2026 - 11 - 01), reason: "", closing: &closing }
            .carry_out(&mut tx, app.clock.now())
            .await
            .unwrap()
            .unwrap();
        let place = Place { site, premise: None };
        let paper = meterbook::metering::meter::Passport { model: "Меркурий 230".to_owned(), ..passport("00412345") };
        let mut new = NewInstallation { passport: paper, on: date!(2026 - 11 - 02), opening: closing[..1].to_vec() };
        assert_eq!(new.put_up(&mut tx, app.clock.now(), place).await.unwrap(), Err(StayRefusal::OtherDials));
        new.opening = closing.to_vec();
        let (meter, _) = new.put_up(&mut tx, app.clock.now(), place).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(meter, standing.meter);
        let anna = app.administrator().await;
        anna.get("/meters?place=common").await.shows("00412345").shows("Общий").shows("Меркурий 230");
    }

    async fn seals_have_their_history_and_checks_belong_to_the_seal_on_the_meter(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let meter = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.meter;
        let anna = app.administrator().await;
        let card = format!("/meters/{meter}");
        anna.post(&format!("{card}/seals"), &[("seal_kind", "lead"), ("placed_on", "2026-11-01")]).await.is(UNPROCESSABLE);
        anna.post_and_follow(&format!("{card}/seals"), &[("seal_number", "С-100"), ("seal_kind", "lead"), ("placed_on", "2026-11-01")]).await.shows("№ С-100");
        anna.post_and_follow(&format!("{card}/seal-checks"), &[("seal_state", "broken"), ("seal_note", "проволока")]).await.shows("Сорвана").shows("проволока");
        let (seal, of_check): (i64, Option<i64>) = q(&app.db, "select s.id, c.seal_id from seal s join seal_check c on c.meter_id = s.meter_id").one().await.unwrap();
        assert_eq!(of_check, Some(seal));
        let off = format!("{card}/seals/{seal}/remove");
        anna.post_and_follow(&off, &[]).await.shows("Пломба снята");
        anna.post_and_follow(&off, &[]).await.shows("Пломба уже снята");
    }

    async fn office_lines_are_saved_as_far_as_they_are_right_and_once(app: TestApp) {
        let site = app.site().await;
        let (one, two) = (app.plot(site, "3-12-7").await, app.plot(site, "3-12-8").await);
        let first = app.meter(site, one, passport("00412345"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let second = app.meter(site, two, passport("00412346"), date!(2026 - 01 - 15), &[(SINGLE, 100)]).await.installation;
        let vera = app.accountant().await;
        vera.get("/readings/enter").await.shows("3-12-7").shows("3-12-8").shows("00412346");
        let (a, b, key) = (format!("value-{first}-single"), format!("value-{second}-single"), format!("key-{first}"));
        let form = [("day", "2026-11-20"), (a.as_str(), "110"), (b.as_str(), "1234567"), (key.as_str(), "office-00000001")];
        let answer = vera.post("/readings/enter", &form).await;
        answer.is(UNPROCESSABLE).shows("Больше цифр").shows("value=\"1234567\"").shows("Принято").hides("value=\"110\"");
        assert_eq!(app.count("reading").await, 1);
        let answer = vera.post("/readings/enter", &form).await;
        answer.is(UNPROCESSABLE);
        assert_eq!(app.count("reading").await, 1, "the same line again is the same reading");
        assert_eq!(app.count("audit where action = 'audit-reading-entered'").await, 1);
        vera.get("/readings/enter?left=1").await.hides("3-12-7").shows("3-12-8");
        vera.post("/readings/enter", &[("day", "2026-12-01"), (b.as_str(), "120")]).await.is(UNPROCESSABLE).shows("Дата ещё не наступила");
        vera.post("/readings/enter", &[("day", "2026-11-20"), (b.as_str(), "90")]).await.shows("На проверке: Меньше прежнего");
    }
}
