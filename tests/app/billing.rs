//! A month from prices and readings to bills in the ledger.

use axum::http::StatusCode;
use meterbook::{
    db::q,
    estate::{
        account::AccountId,
        contract::{NewContract, Service},
        premise::PremiseId,
        site::SiteId,
        tally,
    },
    kernel::{Moment, Money},
    ledger::{Book, account},
    metering::{InstallationId, Zone},
};
use time::{Date, macros::date};

use crate::{
    cast::{Answer, Browser, TestApp},
    fixtures::{passport, read},
};

/// A plot with an electricity contract and a meter at 1000, read at 1120 on the 25th of October.
pub struct Plot {
    pub account: AccountId,
    installation: InstallationId,
}

pub async fn plot(app: &TestApp, site: SiteId, label: &str) -> Plot {
    let account = app.account(site, label).await;
    let premise: PremiseId = q(&app.db, "select premise_id from account where id = $1").bind(account).scalar().await.unwrap();
    let mut tx = app.db.begin().await.unwrap();
    let (number, signed_on) = (format!("Э-{label}"), date!(2025 - 01 - 01));
    NewContract { account, service: Service::Electricity, number, signed_on, note: String::new() }.sign(&mut tx).await.unwrap();
    tally::recount(&mut tx, site).await.unwrap();
    tx.commit().await.unwrap();
    let standing = app.meter(site, premise, passport(label), date!(2026 - 01 - 15), &[(Zone::Single, 1000)]).await;
    let plot = Plot { account, installation: standing.installation };
    plot.reads(app, date!(2026 - 10 - 25), 1120).await;
    plot
}

impl Plot {
    pub async fn reads(&self, app: &TestApp, on: Date, value: i64) {
        let at = Moment::new(on.with_hms(9, 0, 0).unwrap().assume_utc());
        app.submit(vec![read(self.installation, at, &[(Zone::Single, value)])]).await.remove(0).unwrap();
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update reading set state = 'accepted' where state = 'in_review'").run().await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn balance(&self, app: &TestApp) -> i64 {
        account::balance(&app.db, Book::Consumer(self.account)).await.unwrap().kopecks()
    }
}

pub async fn price(vera: &Browser, site: SiteId, from: &str, price: &str) {
    let site = site.to_string();
    let fields = [("site", site.as_str()), ("service", "electricity"), ("valid_from", from), ("basis", "unit"), ("price_single_0", price)];
    vera.post_and_follow("/tariffs", &fields).await.shows("Цена введена");
}

/// Calculates a month; gives the page of the run and its address.
pub async fn calculated(app: &TestApp, vera: &Browser, site: SiteId, period: &str) -> (String, Answer) {
    let answer = vera.post("/billing", &[("site", &site.to_string()), ("period", period)]).await;
    answer.is(StatusCode::SEE_OTHER);
    let run = answer.location().to_owned();
    vera.get(&run).await.shows("В очереди");
    app.work().await;
    let page = vera.get(&run).await;
    (run, page)
}

pub async fn approved(app: &TestApp, vera: &Browser, run: &str) {
    vera.post(&format!("{run}/approve"), &[]).await.is(StatusCode::SEE_OTHER);
    app.work().await;
    vera.get(run).await.shows("Утверждено");
    app.agrees().await;
}

both_engines! {
    async fn a_month_is_priced_calculated_looked_through_and_approved(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let plot = plot(&app, site, "1-1-1").await;
        vera.get("/billing").await.is(StatusCode::OK).shows("Ещё ничего не начислялось");
        price(&vera, site, "2026-01", "6,00").await;
        let (run, page) = calculated(&app, &vera, site, "2026-10").await;
        page.shows("Черновик").shows("720,00\u{a0}₽").shows("Утвердить месяц");
        assert_eq!(plot.balance(&app).await, 0, "a draft owes nothing");
        approved(&app, &vera, &run).await;
        assert_eq!(plot.balance(&app).await, -72_000);
        let bills = vera.get(&format!("{run}/bills")).await;
        bills.shows("1-1-1").shows("720,00");
        let bill: i64 = q(&app.db, "select id from bill").scalar().await.unwrap();
        let bill = vera.get(&format!("/bills/{bill}")).await;
        bill.shows("120 кВт·ч").shows("1\u{a0}000").shows("1\u{a0}120").shows("25.10.2026").shows("6,00").shows("К оплате");
    }

    async fn a_draft_follows_its_readings_and_an_approved_month_stands(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let plot = plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        calculated(&app, &vera, site, "2026-10").await;
        plot.reads(&app, date!(2026 - 10 - 28), 1130).await;
        let (run, page) = calculated(&app, &vera, site, "2026-10").await;
        page.shows("780,00\u{a0}₽");
        assert_eq!((app.count("charge").await, app.count("charged_point").await), (1, 1));
        approved(&app, &vera, &run).await;
        let again = vera.post("/billing", &[("site", &site.to_string()), ("period", "2026-10")]).await;
        again.is(StatusCode::UNPROCESSABLE_ENTITY).shows("исправить можно только в следующем");
        vera.post(&format!("{run}/approve"), &[]).await.is(StatusCode::CONFLICT);
        assert_eq!(plot.balance(&app).await, -78_000);
    }

    async fn a_month_without_readings_is_listed_and_made_up_for_by_the_next(app: TestApp) {
        app.clock.advance(time::Duration::days(30));
        let (site, vera) = (app.site().await, app.accountant().await);
        let (read_late, never_read) = (plot(&app, site, "1-1-1").await, plot(&app, site, "1-1-2").await);
        price(&vera, site, "2026-01", "6,00").await;
        let (run, _) = calculated(&app, &vera, site, "2026-10").await;
        approved(&app, &vera, &run).await;
        let (run, page) = calculated(&app, &vera, site, "2026-11").await;
        // 120 over the 283 days from January to October are 12,721 in the 30 of November, for each of the two
        page.shows("По среднему и норме").shows("152,66\u{a0}₽");
        approved(&app, &vera, &run).await;
        read_late.reads(&app, date!(2026 - 12 - 15), 1170).await;
        let (run, page) = calculated(&app, &vera, site, "2026-12").await;
        page.shows("Больше всего отличаются");
        approved(&app, &vera, &run).await;
        let paid: Money = q(&app.db, "select cast(sum(amount_kopecks) as bigint) from charge where account_id = $1").bind(read_late.account).scalar().await.unwrap();
        assert_eq!(paid.kopecks(), (1170 - 1000) * 600, "all that was used is charged once");
        assert_eq!(read_late.balance(&app).await, -paid.kopecks());
        assert!(never_read.balance(&app).await < -72_000);
    }

    async fn months_follow_each_other_and_none_is_billed_before_it_begins(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        let start = async |period: &str| vera.post("/billing", &[("site", &site.to_string()), ("period", period)]).await;
        start("2026-12").await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Месяц ещё не начался");
        calculated(&app, &vera, site, "2026-10").await;
        start("2026-11").await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Сначала утвердите прежний месяц");
        let run: i64 = q(&app.db, "select id from billing_run").scalar().await.unwrap();
        vera.post_and_follow(&format!("/billing/{run}/discard"), &[]).await.shows("Черновик убран").shows("Ещё ничего не начислялось");
        assert_eq!((app.count("charge").await, app.count("charged_point").await), (0, 0));
        start("2026-11").await.is(StatusCode::SEE_OTHER);
        start("2026-13").await.is(StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn what_cannot_be_charged_is_passed_over_with_its_reason_and_the_rest_goes_on(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        plot(&app, site, "1-1-1").await;
        let odd = app.account(site, "1-1-2").await;
        let mut tx = app.db.begin().await.unwrap();
        let signed_on = date!(2025 - 01 - 01);
        for service in [Service::Water, Service::Electricity] {
            NewContract { account: odd, service, number: "1".into(), signed_on, note: String::new() }.sign(&mut tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        price(&vera, site, "2026-01", "6,00").await;
        let (_, page) = calculated(&app, &vera, site, "2026-10").await;
        page.shows("Нет цены на этот месяц").shows("Нет счётчика и не задана норма").shows("720,00\u{a0}₽");
    }

    async fn a_price_that_charges_stand_on_is_not_changed(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        price(&vera, site, "2026-01", "5,00").await;
        calculated(&app, &vera, site, "2026-10").await.1.shows("600,00\u{a0}₽");
        let site = site.to_string();
        let fields = [("site", site.as_str()), ("service", "electricity"), ("valid_from", "2026-01"), ("basis", "unit"), ("price_single_0", "7")];
        vera.post("/tariffs", &fields).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("По этой цене уже начислено");
        vera.get("/tariffs").await.shows("5,00").shows("Действует");
        let kirill = app.controller().await;
        kirill.get("/billing").await.is(StatusCode::FORBIDDEN);
        kirill.get("/tariffs").await.is(StatusCode::FORBIDDEN);
    }

    async fn a_bill_on_paper_has_a_code_where_something_is_owed_and_the_payee_is_known(app: TestApp) {
        let (site, vera, anna) = (app.site().await, app.accountant().await, app.administrator().await);
        plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        let (run, _) = calculated(&app, &vera, site, "2026-10").await;
        approved(&app, &vera, &run).await;
        let bill: i64 = q(&app.db, "select id from bill").scalar().await.unwrap();
        let paper = format!("/bills/{bill}/print");
        vera.get(&paper).await.is(StatusCode::OK).shows("не введены реквизиты").hides("print-code\">");
        vera.get(&format!("/bills/{bill}")).await.shows("не введены реквизиты").shows(&paper);
        for (field, value) in [("payee_inn", "7707083894"), ("payee_account", "40602810800000000025"), ("payee_bic", "12"), ("payee_kpp", "1")] {
            let fields = PAYEE.map(|(name, kept)| (name, if name == field { value } else { kept }));
            anna.post("/admin/payee", &fields).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows(&format!("{field}-error"));
        }
        anna.post_and_follow("/admin/payee", &PAYEE).await.shows("Настройки сохранены").shows("40602810700000000025");
        anna.post_and_follow("/admin", &[("organisation", "СНТ «Волна»"), ("language", "ru")]).await.shows("40602810700000000025");
        let page = vera.get(&paper).await;
        page.hides("не введены реквизиты").shows("СНТ «Волна»").shows("<svg").shows("25.10.2026").shows("720,00");
        vera.get(&format!("{run}/print")).await.shows("<svg");
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update bill set paid_kopecks = 72000, due_kopecks = 0").run().await.unwrap();
        tx.commit().await.unwrap();
        vera.get(&paper).await.shows("Платить не нужно").hides("print-code\"><svg");
    }

    async fn a_new_price_shows_what_last_month_would_have_come_to(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        plot(&app, site, "1-1-1").await;
        plot(&app, site, "1-1-2").await.reads(&app, date!(2026 - 10 - 28), 1010 + 120).await;
        price(&vera, site, "2026-01", "6,00").await;
        let site_key = site.to_string();
        let fields = [("site", site_key.as_str()), ("service", "electricity"), ("valid_from", "2026-12"), ("basis", "unit"), ("price_single_0", "7")];
        vera.post("/tariffs/preview", &fields).await.is(StatusCode::OK).shows("Сравнить не с чем");
        calculated(&app, &vera, site, "2026-10").await;
        let shown = vera.post("/tariffs/preview", &fields).await;
        shown.is(StatusCode::OK).shows("С этой ценой: октябрь 2026").shows("1\u{a0}500,00").shows("1\u{a0}750,00").shows("Больше всего вырастет").shows("910,00").hides("Больше всего уменьшится");
        assert_eq!(app.count("tariff_version").await, 1, "nothing is written");
        let cheaper = fields.map(|(name, value)| if name == "price_single_0" { (name, "5") } else { (name, value) });
        vera.post("/tariffs/preview", &cheaper).await.shows("Больше всего уменьшится").hides("Больше всего вырастет");
        let unzoned = [("site", site_key.as_str()), ("service", "electricity"), ("valid_from", "2026-12"), ("basis", "unit"), ("price_day_0", "7")];
        vera.post("/tariffs/preview", &unzoned).await.shows("Без начисления останутся договоры: 2");
        vera.post("/tariffs/preview", &fields[..4]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn an_own_price_holds_for_its_months_and_is_remembered(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let plot = plot(&app, site, "1-1-1").await;
        price(&vera, site, "2026-01", "6,00").await;
        let contract: i64 = q(&app.db, "select id from contract where account_id = $1").bind(plot.account).scalar().await.unwrap();
        let card = format!("/contracts/{contract}");
        vera.get("/contracts").await.shows(&card);
        let own = |from: &'static str, until: &'static str, price: &'static str| [("valid_from", from), ("valid_until", until), ("price", price), ("reason", "Решение правления")];
        let prices = format!("{card}/prices");
        vera.post_and_follow(&prices, &own("2026-10", "2026-10", "5")).await.shows("Своя цена введена").shows("Решение правления");
        vera.post(&prices, &own("2026-09", "", "4")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже действует другая");
        vera.post(&prices, &own("2026-12", "2026-11", "4")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("раньше первого");
        vera.post(&prices, &own("2026-11", "", "")).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        vera.post_and_follow(&card, &[("category", "сторожка"), ("norm", "100")]).await.shows("сохранены").shows("сторожка");
        let (run, page) = calculated(&app, &vera, site, "2026-10").await;
        page.shows("600,00\u{a0}₽");
        approved(&app, &vera, &run).await;
        vera.post(&prices, &own("2026-10", "", "4")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже начислено");
        vera.post_and_follow(&prices, &own("2026-11", "", "4")).await.shows("Своя цена введена");
        let last: i64 = q(&app.db, "select max(id) from contract_price").scalar().await.unwrap();
        vera.post_and_follow(&format!("/contracts/prices/{last}/stop"), &[]).await.shows("больше не действует");
        assert_eq!(app.count("contract_price").await, 1, "what no bill stands on is taken away");
        vera.post(&format!("/contracts/prices/{}/stop", last - 1), &[]).await.is(StatusCode::CONFLICT);
        let semyon = app.chair().await;
        semyon.get(&card).await.is(StatusCode::OK);
        semyon.post(&card, &[("category", ""), ("norm", "")]).await.is(StatusCode::FORBIDDEN);
        app.controller().await.get(&card).await.is(StatusCode::FORBIDDEN);
    }
}

const PAYEE: [(&str, &str); 7] = [
    ("payee_name", "СНТ «Волна»"),
    ("payee_inn", "7707083893"),
    ("payee_kpp", "230101001"),
    ("payee_account", "4060 2810 7000 0000 0025"),
    ("payee_bank", "Отделение банка"),
    ("payee_bic", "049805746"),
    ("payee_correspondent", "30101810800000000746"),
];
