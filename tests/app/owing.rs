//! People with accounts, bills that ask for money and payments that meet them.

use meterbook::{
    admin::verify,
    db::q,
    estate::{
        account::{AccountId, NewAccount},
        contract::Service,
        owner::{OwnerDetails, OwnerId, OwnerKind, Phone},
        site::{SiteDetails, SiteId, SiteKind},
    },
    kernel::{Money, Period},
    ledger::{Book, Kind, Named, NewTransfer, Subject, post},
    payments::payment::{self, Method, NewPayment},
};
use time::{Date, macros::date};

use crate::cast::TestApp;

pub fn month(text: &str) -> Period {
    text.parse().unwrap()
}

pub fn roubles(roubles: i64) -> Money {
    Money::from_kopecks(roubles * 100)
}

pub async fn person(app: &TestApp, name: &str, phone: &str) -> OwnerId {
    let details = OwnerDetails {
        kind: OwnerKind::Person,
        last_name: name.to_owned(),
        first_name: "Зоя".to_owned(),
        patronymic: String::new(),
        email: String::new(),
        note: String::new(),
        phones: Phone::parse(phone).into_iter().collect(),
    };
    let mut tx = app.db.begin().await.unwrap();
    let id = details.create(&mut tx, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn account(app: &TestApp, site: SiteId, label: &str, payer: OwnerId) -> AccountId {
    let premise = app.plot(site, label).await;
    let mut tx = app.db.begin().await.unwrap();
    let id = NewAccount { premise, payer, opened_on: date!(2020 - 01 - 01) }.open(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn another_site(app: &TestApp) -> SiteId {
    let details = SiteDetails {
        name: "Дом на Маячной, 5".to_owned(),
        kind: SiteKind::Building,
        address: String::new(),
        time_zone: "Europe/Moscow".to_owned(),
        check_high_percent: 300,
        check_low_percent: 10,
        check_zero_months: 3,
    };
    let mut tx = app.db.begin().await.unwrap();
    let id = details.create(&mut tx, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Bills an account for a month, as an approved run would.
pub async fn bill(app: &TestApp, site: SiteId, account: AccountId, period: &str, sums: &[(Service, i64)]) {
    let mut tx = app.db.begin().await.unwrap();
    let period = month(period);
    let sql = "insert into billing_run (site_id, period, state, started_at) values ($1, $2, 'approved', $3)
        on conflict (site_id, period) do update set state = 'approved' returning id";
    let run: i64 = q(&mut tx, sql).bind(site).bind(period).bind(app.clock.now()).scalar().await.unwrap();
    let total: i64 = sums.iter().map(|(_, sum)| sum * 100).sum();
    let sql = "insert into bill (number, run_id, account_id, period, opening_kopecks, charged_kopecks, corrected_kopecks, paid_kopecks,
            due_kopecks, issued_on)
        values ($1, $2, $3, $4, 0, $5, 0, 0, $5, $6) returning id";
    let number = format!("{account}-{period}");
    let statement = q(&mut tx, sql).bind(number).bind(run).bind(account).bind(period).bind(total).bind(period.last_day());
    let bill: i64 = statement.scalar().await.unwrap();
    let transfer = |(service, sum): &(Service, i64)| {
        NewTransfer::new(Kind::Charge, Book::Consumer(account), Book::Revenue(site, *service), roubles(*sum), period.last_day())
            .about(Subject::Bill, bill)
    };
    post(&mut tx, &sums.iter().map(transfer).collect::<Vec<_>>(), app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

pub async fn pay(app: &TestApp, account: AccountId, sum: i64, on: Date) {
    let new = NewPayment {
        account: Some(account),
        amount: roubles(sum),
        received_on: on,
        method: Method::Bank,
        payer: String::new(),
        memo: String::new(),
        named: Named::default(),
        reference: String::new(),
        fingerprint: None,
        import: None,
        key: None,
    };
    let mut tx = app.db.begin().await.unwrap();
    payment::receive(&mut tx, &new, None, app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

/// Fails unless the books agree with themselves; the bills made here are no sums of charges.
pub async fn books_agree(app: &TestApp) {
    let broken: Vec<_> = verify::all(app).await.unwrap().into_iter().filter(|finding| finding.broken > 0).collect();
    assert!(broken.iter().all(|finding| finding.what == "every bill is the sum of its charges"), "{broken:#?}");
}
