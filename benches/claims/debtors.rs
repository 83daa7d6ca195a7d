//! Who owes, of ten thousand plots that all do.

use std::time::{Duration, Instant};

use meterbook::{
    db::{Db, Options, q},
    debtors::{
        ageing::Terms,
        debtor::{Day, DebtorFilter, DebtorOrder, Late},
    },
    estate::account::AccountId,
    kernel::{Moment, Money},
    ledger::{Book, Kind, NewTransfer, post},
};
use time::{Date, macros::date};

use crate::{
    heading, line, median, milliseconds,
    served::{Server, phone::sign_in},
};

const TIMES: usize = 21;
/// What was owed before the months that the demo bills.
const EARLIER: [Date; 3] = [date!(2026 - 05 - 31), date!(2026 - 06 - 30), date!(2026 - 07 - 31)];

pub async fn of_ten_thousand() {
    heading("people who owe for 10,000 plots, with ages, median of 21", "adding the same items up by account, nothing else");
    let server = Server::demo_of("10000");
    let db = Db::open(server.database_url(), Options::default()).await.unwrap();
    owe_more(&db).await;
    let items: i64 = q(&db, "select count(*) from open_item where open_kopecks > 0").scalar().await.unwrap();
    let sum = "select cast(sum(kopecks) as bigint)
        from (select sum(open_kopecks) as kopecks from open_item where side = 'debit' and open_kopecks > 0 group by account_id) of_account";
    let mut bare = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let _: i64 = q(&db, sum).scalar().await.unwrap();
        bare.push(begun.elapsed());
    }
    let bare = median(&mut bare);
    line(&format!("{items} items added up"), &milliseconds(bare), Some(1.0));
    let ratio = |time: Duration| Some(time.as_secs_f64() / bare.as_secs_f64());
    let late = DebtorFilter { late: Some(Late::ThreeMonths), ..DebtorFilter::default() };
    for (name, filter, order, offset) in [
        ("first page, largest first", DebtorFilter::default(), DebtorOrder::Debt, 0),
        ("page one hundred and one, by name", DebtorFilter::default(), DebtorOrder::Name, 5000),
        ("those late by ninety days", late, DebtorOrder::Old, 0),
    ] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let day = Day { today: date!(2026 - 11 - 21), terms: Terms::default() };
            let begun = Instant::now();
            let found = filter.page(&db, None, day, (order, true), (50, offset)).await.unwrap();
            times.push(begun.elapsed());
            assert!(found.people > 5000 && found.rows.len() == 50, "{} people", found.people);
        }
        let time = median(&mut times);
        line(name, &milliseconds(time), ratio(time));
    }
    db.close().await.unwrap();
    let office = sign_in(&server, "vera").await;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let answer = office.get(server.url("/debtors")).send().await.unwrap();
        assert!(answer.status().is_success());
        answer.bytes().await.unwrap();
        times.push(begun.elapsed());
    }
    let time = median(&mut times);
    line("the page over HTTP", &milliseconds(time), ratio(time));
}

/// Two debts from before the program was used for each of three months of every account: months that the demo has closed take no charges.
async fn owe_more(db: &Db) {
    let accounts: Vec<AccountId> = q(db, "select id from account order by id").scalars().await.unwrap();
    let now: Moment = "2026-08-01T09:00:00Z".parse().unwrap();
    for chunk in accounts.chunks(200) {
        let debts = chunk.iter().flat_map(|account| {
            let sum = Money::from_kopecks(10_000 + account.0 % 977 * 100);
            let of = move |on: Date| NewTransfer::new(Kind::Opening, Book::Consumer(*account), Book::Opening, sum, on);
            EARLIER.into_iter().flat_map(move |on| [of(on), of(on)])
        });
        let mut tx = db.begin().await.unwrap();
        post(&mut tx, &debts.collect::<Vec<_>>(), now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
}
