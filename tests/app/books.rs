//! The books as the accountant reads them: cards of accounts, the journal, the turnover sheet, revenue.

use axum::http::StatusCode;
use meterbook::{
    db::{Db, q},
    estate::{account::AccountId, contract::Service, site::SiteId},
    kernel::{Moment, Money, Quantity},
    ledger::{
        Book, Kind, NewTransfer, Subject, TransferId, account,
        account::BookKind,
        post, seal,
        statement::{LineOrder, Statement},
        transfer::Transfer,
        turnover::{Span, Turnover},
    },
    orders::{Delivery, NewOrder, service_item::ServiceItemDetails},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use time::{Date, Duration, macros::date};

use crate::cast::{Browser, NOW, TestApp};

fn now() -> Moment {
    Moment::new(NOW)
}

async fn posted(db: &Db, transfer: NewTransfer) -> TransferId {
    let mut tx = db.begin().await.unwrap();
    let ids = post(&mut tx, &[transfer], now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    ids[0]
}

fn roubles(whole: i64) -> Money {
    Money::from_kopecks(whole * 100)
}

/// A payer charged 700 for water in September, who paid 1000 in October and was charged 120 for electricity then.
struct Books {
    site: SiteId,
    account: AccountId,
    number: String,
    payment: TransferId,
}

async fn books(app: &TestApp) -> Books {
    let site = app.site().await;
    let account = app.account(site, "1-1-1").await;
    let number: String = q(&app.db, "select number from account where id = $1").bind(account).scalar().await.unwrap();
    let consumer = Book::Consumer(account);
    let charge = |service, sum, on| NewTransfer::new(Kind::Charge, consumer, Book::Revenue(site, service), roubles(sum), on);
    posted(&app.db, charge(Service::Water, 700, date!(2026 - 09 - 30))).await;
    let payment = NewTransfer::new(Kind::Payment, Book::Bank, consumer, roubles(1000), date!(2026 - 10 - 12));
    let payment = posted(&app.db, payment.about(Subject::Payment, 7).said("за ВОДУ, Чернова")).await;
    posted(&app.db, charge(Service::Electricity, 120, date!(2026 - 10 - 31))).await;
    Books { site, account, number, payment }
}

/// Sells something of the price list: half delivered, half still in the reserve.
async fn half_an_order(app: &TestApp, account: AccountId) {
    let mut tx = app.db.begin().await.unwrap();
    let item = ServiceItemDetails { site: None, name: "Покос; травы".to_owned(), unit: "шт.".to_owned(), price: roubles(100) };
    let item = item.create(&mut tx, now()).await.unwrap();
    let order = NewOrder { account, items: vec![(item, Quantity::from_thousandths(1000))], note: "у забора".to_owned(), key: None };
    let order = order.place(&mut tx, None, now()).await.unwrap().unwrap().id;
    Delivery { order, amounts: vec![(item, roubles(50))], key: None }.make(&mut tx, None, now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

/// The words of a page with ordinary spaces.
async fn words(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.words());
    page.words().replace('\u{a0}', " ")
}

#[track_caller]
fn has(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "{part:?} is not in {words}");
    }
}

both_engines! {
    async fn a_card_shows_the_balance_before_every_operation_and_the_balance_after(app: TestApp) {
        let Books { account, number, .. } = books(&app).await;
        half_an_order(&app, account).await;
        let vera = app.accountant().await;
        let path = format!("/accounts/{account}/statement");
        vera.get(&format!("/accounts/{account}")).await.shows(&path);
        let october = words(&vera, &format!("{path}?from=2026-10-01&until=2026-10-31")).await;
        has(&october, &["долг 700,00 ₽", "120,00 ₽", "1 000,00 ₽", "аванс 180,00 ₽", "Оплата: Банк", "за ВОДУ, Чернова", "Оплата № 7", "Начислено: Электроэнергия", "300,00", "180,00"]);
        assert!(!october.contains("Начислено: Вода"), "{october}");
        let all = words(&vera, &path).await;
        has(&all, &["Начислено: Вода", "Отложено на заказ", "Заказ № 1", "аванс 80,00 ₽", "у забора"]);
        let reserve = words(&vera, &format!("{path}?part=reserve")).await;
        has(&reserve, &["Оказана услуга: Покос; травы", "50,00 ₽", "100,00"]);
        assert_eq!(&vera.get(&format!("{path}.xlsx?part=reserve")).await.is(StatusCode::OK).bytes[..2], b"PK");
        has(&words(&vera, "/statements?q=1-1-1").await, &[&number, "80,00", "50,00"]);
        let kirill = app.controller().await;
        kirill.get(&path).await.is(StatusCode::FORBIDDEN);
    }

    async fn a_long_card_has_pages_in_one_order_both_ways(app: TestApp) {
        let Books { site, account, .. } = books(&app).await;
        let mut tx = app.db.begin().await.unwrap();
        // Many on one day, so that the day alone does not order them.
        let charge = |kopecks| {
            let amount = Money::from_kopecks(kopecks % 7 + 1);
            NewTransfer::new(Kind::Charge, Book::Consumer(account), Book::Revenue(site, Service::Upkeep), amount, date!(2026 - 11 - 01))
        };
        let many: Vec<NewTransfer> = (0..120_i64).map(charge).collect();
        post(&mut tx, &many, now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let statement = Statement { book: Book::Consumer(account), from: date!(2026 - 10 - 01), until: date!(2026 - 11 - 30) };
        let sums = statement.sums(&app.db).await.unwrap();
        assert_eq!((sums.opening, sums.lines), (roubles(-700), 122));
        for order in [LineOrder::Date, LineOrder::Amount] {
            for is_descending in [false, true] {
                let mut seen = Vec::new();
                for page in 0..3 {
                    let part = statement.lines(&app.db, sums.opening, order, is_descending, (50, page * 50)).await.unwrap();
                    seen.extend(part.into_iter().map(|line| (line.amount, line.recorded.transfer.id, line.running)));
                }
                let whole = statement.lines(&app.db, sums.opening, order, is_descending, (1000, 0)).await.unwrap();
                let whole: Vec<_> = whole.into_iter().map(|line| (line.amount, line.recorded.transfer.id, line.running)).collect();
                assert_eq!(seen, whole);
                let last = whole.iter().max_by_key(|(_, id, _)| *id).unwrap();
                assert_eq!(last.2, sums.closing());
                let amounts: Vec<Money> = whole.iter().map(|(amount, ..)| *amount).collect();
                if order == LineOrder::Amount {
                    assert!(amounts.is_sorted_by(|a, b| if is_descending { a >= b } else { a <= b }));
                }
            }
        }
        assert_eq!(sums.closing(), account::balance(&app.db, Book::Consumer(account)).await.unwrap());
        let vera = app.accountant().await;
        has(&words(&vera, &format!("/accounts/{account}/statement?sort=-amount&page=3")).await, &["101–123 из 123", "Начислено: Вода"]);
    }

    async fn the_journal_is_filtered_and_a_transfer_shows_its_sides_and_its_place_in_the_chain(app: TestApp) {
        let Books { account, number, payment, .. } = books(&app).await;
        seal::run(&app.db).await.unwrap();
        let reversal = Transfer::find(&app.db, payment).await.unwrap().unwrap().reversal(date!(2026 - 11 - 02));
        let reversal = posted(&app.db, reversal.said("по ошибке")).await;
        let vera = app.accountant().await;
        has(&words(&vera, "/journal").await, &["4 проводки", &format!("Лицевой счёт {number}"), "Выручка: Вода", "Сторно", "сторнирована"]);
        has(&words(&vera, "/journal?q=воду").await, &["1 проводка", "за ВОДУ, Чернова"]);
        has(&words(&vera, "/journal?q=100%25").await, &["Ничего не нашлось"]);
        has(&words(&vera, "/journal?from=2026-10-01&until=2026-10-31&book=revenue").await, &["1 проводка", "Начислено"]);
        has(&words(&vera, "/journal?least=700&most=1000,00").await, &["3 проводки"]);
        has(&words(&vera, "/journal?kind=reversal&sort=date").await, &["1 проводка", "по ошибке"]);
        assert_eq!(&vera.get("/journal.xlsx?kind=payment").await.is(StatusCode::OK).bytes[..2], b"PK");
        let page = words(&vera, &format!("/journal/{payment}")).await;
        has(&page, &["1 000,00 ₽", "Банк", &number, "Номер в цепочке | 2", "Сторнирована", &format!("Проводка № {reversal}"), "Оплата № 7"]);
        let hash: String = q(&app.db, "select hash from transfer_seal where transfer_id = $1").bind(payment).scalar().await.unwrap();
        has(&page, &[&hash]);
        has(&words(&vera, &format!("/journal/{reversal}")).await, &["Сторнирует", &format!("Проводка № {payment}"), "через секунду-другую"]);
        vera.get(&format!("/journal/{payment}")).await.shows(&format!("/accounts/{account}/statement"));
    }

    async fn the_turnover_sheet_balances_at_every_level(app: TestApp) {
        let Books { site, account, number, .. } = books(&app).await;
        half_an_order(&app, account).await;
        let debtor = app.account(site, "1-1-2").await;
        let owed = NewTransfer::new(Kind::Opening, Book::Consumer(debtor), Book::Opening, roubles(55), date!(2026 - 01 - 01));
        posted(&app.db, owed).await;
        let vera = app.accountant().await;
        let october = "from=2026-10-01&until=2026-10-31";
        let sheet = words(&vera, &format!("/turnover?{october}")).await;
        has(&sheet, &["Дебет и кредит сходятся", "Расчёты с плательщиками | 755,00", "Итого | 755,00 | 755,00 | 1 120,00 | 1 120,00 | 1 055,00 | 1 055,00"]);
        has(&words(&vera, &format!("/turnover?{october}&kind=consumer")).await, &["СОГ «Черноморец» | 755,00"]);
        let accounts = words(&vera, &format!("/turnover?{october}&kind=consumer&site={site}")).await;
        has(&accounts, &[&number, "1-1-1", "700,00", "1-1-2", "55,00", "180,00"]);
        let revenue = words(&vera, "/turnover?kind=revenue&from=2026-09-01&until=2026-11-30").await;
        has(&revenue, &["Выручка: Вода", "Выручка: Покос; травы", "50,00"]);
        has(&words(&vera, "/turnover?kind=reserve").await, &["СОГ «Черноморец» | 50,00 | 100,00"]);
        for path in ["/turnover.xlsx", "/turnover.xlsx?kind=consumer", &format!("/turnover.xlsx?kind=consumer&site={site}"), "/turnover.xlsx?kind=revenue"] {
            assert_eq!(&vera.get(path).await.is(StatusCode::OK).bytes[..2], b"PK", "{path}");
        }
        vera.get("/turnover?kind=consumer&site=99").await.is(StatusCode::NOT_FOUND);
    }

    async fn a_month_of_revenue_is_what_was_recognised_in_it(app: TestApp) {
        let Books { site, account, .. } = books(&app).await;
        half_an_order(&app, account).await;
        let back = NewTransfer::new(Kind::Correction, Book::Revenue(site, Service::Water), Book::Consumer(account), roubles(20), date!(2026 - 10 - 31));
        posted(&app.db, back).await;
        let vera = app.accountant().await;
        let csv = vera.get("/revenue.csv?month=2026-10").await;
        csv.is(StatusCode::OK);
        assert_eq!(csv.text, "\u{feff}service;revenue\r\nВода;-20,00\r\nЭлектроэнергия;120,00\r\n");
        assert_eq!(vera.get("/revenue.csv?month=2026-11").await.text, "\u{feff}service;revenue\r\n\"Покос; травы\";50,00\r\n");
        assert_eq!(vera.get(&format!("/revenue.csv?month=2026-09&site={site}")).await.text, "\u{feff}service;revenue\r\nВода;700,00\r\n");
        assert_eq!(vera.get("/revenue.csv?month=2026-09&site=99").await.text, "\u{feff}service;revenue\r\n");
        let page = words(&vera, "/revenue?month=2026-10").await;
        has(&page, &["Выручка за октябрь 2026", "октябрь 2026 | \u{2212}20,00 | 120,00 | 0,00 | 100,00", "сентябрь 2026 | 700,00", "Заказы"]);
        vera.get("/revenue?month=2026-10").await.shows("<svg viewBox").shows("/revenue.csv?month=2026-10");
        assert_eq!(&vera.get("/revenue.xlsx").await.is(StatusCode::OK).bytes[..2], b"PK");
    }

    async fn sheets_and_cards_of_random_days_are_what_adding_up_says(app: TestApp) {
        let site = app.site().await;
        let (one, two) = (app.account(site, "1-1-1").await, app.account(site, "1-1-2").await);
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random::<u64>);
        let mut dice = StdRng::seed_from_u64(seed);
        let books = [Book::Consumer(one), Book::Consumer(two), Book::Revenue(site, Service::Water), Book::Bank, Book::Opening];
        let day = |dice: &mut StdRng| date!(2026 - 01 - 01) + Duration::days(dice.random_range(0..90));
        let mut made: Vec<(Book, Book, Money, Date)> = Vec::new();
        for _ in 0..200 {
            let (debit, credit) = (books[dice.random_range(0..5)], books[dice.random_range(0..5)]);
            let (amount, on) = (Money::from_kopecks(dice.random_range(1..10_000)), day(&mut dice));
            if debit != credit {
                made.push((debit, credit, amount, on));
                posted(&app.db, NewTransfer::new(Kind::Charge, debit, credit, amount, on)).await;
            }
        }
        for _ in 0..20 {
            let (a, b) = (day(&mut dice), day(&mut dice));
            let span = Span { from: a.min(b), until: a.max(b) };
            let sheet = span.by_kind(&app.db).await.unwrap();
            assert!(sheet.iter().map(|(_, row)| *row).sum::<Turnover>().is_balanced(), "SEED={seed} {span:?}");
            for kind in [BookKind::Consumer, BookKind::Revenue, BookKind::Bank] {
                let of_kind = books.iter().filter(|book| book.kind() == kind);
                let expected: Turnover = of_kind.map(|book| added_up(&made, *book, span)).sum();
                let found = sheet.iter().find(|(other, _)| *other == kind).map(|(_, row)| *row).unwrap_or_default();
                assert_eq!(found, expected, "SEED={seed} {kind} {span:?}");
            }
            for book in &books[..3] {
                let sums = Statement { book: *book, from: span.from, until: span.until }.sums(&app.db).await.unwrap();
                let expected = added_up(&made, *book, span);
                assert_eq!((sums.opening, sums.debit, sums.credit), (expected.opening_credit - expected.opening_debit, expected.debit, expected.credit), "SEED={seed} {book} {span:?}");
            }
        }
    }
}

/// A row of the sheet, added up plainly.
fn added_up(made: &[(Book, Book, Money, Date)], book: Book, span: Span) -> Turnover {
    let side = |is_debit: bool, holds: &dyn Fn(Date) -> bool| -> Money {
        let own = made.iter().filter(|(debit, credit, ..)| if is_debit { *debit == book } else { *credit == book });
        own.filter(|(.., on)| holds(*on)).map(|(_, _, amount, _)| *amount).sum()
    };
    let opening = side(false, &|on| on < span.from) - side(true, &|on| on < span.from);
    let within = |on: Date| (span.from..=span.until).contains(&on);
    let (debit, credit) = (side(true, &within), side(false, &within));
    let closing = opening + credit - debit;
    Turnover {
        opening_debit: (-opening).or_zero(),
        opening_credit: opening.or_zero(),
        debit,
        credit,
        closing_debit: (-closing).or_zero(),
        closing_credit: closing.or_zero(),
    }
}
