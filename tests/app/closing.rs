//! A month that is closed stays as it was, and everybody can prove it; books that do not agree stop the office.

use axum::http::StatusCode;
use meterbook::{
    billing::RunId,
    db::q,
    estate::contract::Service,
    kernel::{Moment, Money},
    ledger::{Book, Kind, NewTransfer, Refusal, closing::Closing, post, seal},
};
use time::{Date, Duration, macros::date};

use crate::{
    billing::{approved, calculated, plot, price},
    cast::{NOW, TestApp},
};

async fn posted(app: &TestApp, transfer: NewTransfer) -> Result<(), Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = post(&mut tx, &[transfer], Moment::new(NOW)).await.unwrap();
    tx.commit().await.unwrap();
    outcome.map(|_| ())
}

async fn hash_of(app: &TestApp, run: &str) -> String {
    let id: RunId = run.rsplit('/').next().unwrap().parse().unwrap();
    let sql = "select c.hash from month_closing c join billing_run r on r.site_id = c.site_id and r.period = c.period where r.id = $1";
    q(&app.db, sql).bind(id).scalar().await.unwrap()
}

both_engines! {
    async fn months_are_closed_one_after_the_other_and_their_hash_is_given_out(app: TestApp) {
        app.clock.advance(Duration::days(30));
        let (site, vera) = (app.site().await, app.accountant().await);
        plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        let (october, _) = calculated(&app, &vera, site, "2026-10").await;
        vera.post(&format!("{october}/close"), &[]).await.is(StatusCode::CONFLICT).shows("Закрывается только утверждённый месяц");
        approved(&app, &vera, &october).await;
        let (november, _) = calculated(&app, &vera, site, "2026-11").await;
        approved(&app, &vera, &november).await;
        vera.get(&november).await.hides("Закрыть месяц");
        vera.post(&format!("{november}/close"), &[]).await.is(StatusCode::CONFLICT);
        vera.get(&october).await.shows("Закрыть месяц?");
        vera.post_and_follow(&format!("{october}/close"), &[]).await.shows("Месяц закрыт").shows("Закрыто");
        let hash = hash_of(&app, &october).await;
        assert_ne!(hash, seal::GENESIS);
        vera.get(&october).await.shows(&hash);
        vera.post(&format!("{october}/close"), &[]).await.is(StatusCode::CONFLICT);
        let bill: i64 = q(&app.db, "select max(id) from bill").scalar().await.unwrap();
        vera.get(&format!("/bills/{bill}/print")).await.shows("Закрыто по октябрь 2026").shows(&hash);
        vera.post_and_follow(&format!("{november}/close"), &[]).await.shows("Месяц закрыт");
        assert_ne!(hash_of(&app, &november).await, hash);
        app.agrees().await;
    }

    async fn nothing_is_charged_in_a_closed_month_but_late_payments_come_in(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = plot(&app, site, "1-1-1").await.account;
        price(&vera, site, "2026-01", "6,00").await;
        let (run, _) = calculated(&app, &vera, site, "2026-10").await;
        approved(&app, &vera, &run).await;
        vera.post_and_follow(&format!("{run}/close"), &[]).await.shows("Месяц закрыт");
        let period = "2026-10".parse().unwrap();
        let (consumer, revenue) = (Book::Consumer(account), Book::Revenue(site, Service::Electricity));
        let moved = |kind, debit, credit, on: Date| NewTransfer::new(kind, debit, credit, Money::from_kopecks(100), on);
        for on in [date!(2026 - 09 - 01), date!(2026 - 10 - 31)] {
            for kind in [Kind::Charge, Kind::Correction] {
                assert_eq!(posted(&app, moved(kind, consumer, revenue, on)).await, Err(Refusal::Closed { index: 0, period }));
                assert_eq!(posted(&app, moved(kind, revenue, consumer, on)).await, Err(Refusal::Closed { index: 0, period }));
            }
        }
        posted(&app, moved(Kind::Correction, consumer, revenue, date!(2026 - 11 - 01))).await.unwrap();
        posted(&app, moved(Kind::Payment, Book::Bank, consumer, date!(2026 - 10 - 31))).await.unwrap();
        assert!(Closing::last(&app.db, site).await.unwrap().is_some());
        seal::run(&app.db).await.unwrap();
        let mut tx = app.db.begin().await.unwrap();
        assert!(q(&mut tx, "update month_closing set hash = 'x'").run().await.is_err());
        drop(tx);
        app.break_guards("month_closing").await;
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update month_closing set hash = 'x'").run().await.unwrap();
        tx.commit().await.unwrap();
        let findings = meterbook::admin::verify::all(&app).await.unwrap();
        let broken: Vec<_> = findings.iter().filter(|finding| finding.broken > 0).map(|finding| finding.what).collect();
        assert!(broken.contains(&"every closed month has the hash of the chain that was given out"), "{broken:?}");
    }

    async fn books_that_do_not_agree_are_shown_and_nothing_is_approved_until_they_do(app: TestApp) {
        let (site, vera, anna) = (app.site().await, app.accountant().await, app.administrator().await);
        let account = plot(&app, site, "1-1-1").await.account;
        price(&vera, site, "2026-01", "6,00").await;
        posted(&app, NewTransfer::new(Kind::Payment, Book::Bank, Book::Consumer(account), Money::from_kopecks(500), date!(2026 - 11 - 20))).await.unwrap();
        let (run, _) = calculated(&app, &vera, site, "2026-10").await;
        let change = async |by: i64| {
            let mut tx = app.db.begin().await.unwrap();
            q(&mut tx, "update ledger_account set balance_kopecks = balance_kopecks + $1 where code = 'bank'").bind(by).run().await.unwrap();
            tx.commit().await.unwrap();
            anna.post("/admin/check", &[]).await.is(StatusCode::SEE_OTHER);
            app.work().await;
        };
        change(1).await;
        for (browser, path) in [(&vera, "/billing"), (&vera, run.as_str()), (&vera, "/"), (&anna, "/"), (&anna, "/admin")] {
            browser.get(path).await.shows("нашла расхождения");
        }
        vera.post(&format!("{run}/approve"), &[]).await.is(StatusCode::CONFLICT).shows("утверждать нельзя");
        change(-1).await;
        vera.get("/billing").await.hides("нашла расхождения");
        anna.get("/admin").await.shows("расхождений нет");
        approved(&app, &vera, &run).await;
    }
}
