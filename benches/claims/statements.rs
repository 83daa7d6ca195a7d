//! The statement of an account with much on it: a page, and all of it in Excel.

use std::time::Instant;

use meterbook::{
    db::{Db, Options, q},
    estate::account::AccountId,
    kernel::{Moment, Money},
    ledger::{Book, Kind, NewTransfer, post},
};
use time::macros::{date, datetime};

use crate::{
    heading, line, median, milliseconds,
    served::{Server, phone::sign_in},
    workbook::{openpyxl, table_alone, write_cells},
};

const TIMES: usize = 21;
/// Transfers posted together.
const AT_ONCE: i64 = 500;

pub async fn of_a_busy_account() {
    heading("a page of a statement, median of 21", "the same page of an account with a dozen entries");
    let server = Server::demo_of("30");
    let db = Db::open(server.database_url(), Options::default()).await.unwrap();
    let (busy, quiet): (AccountId, AccountId) = q(&db, "select min(id), max(id) from account").one().await.unwrap();
    enter(&db, busy, 10_000).await;
    let vera = sign_in(&server, "vera").await;
    let page =
        |account: AccountId, more: &str| server.url(&format!("/accounts/{account}/statement?from=2026-01-01&until=2026-12-31{more}"));
    let mut medians = Vec::new();
    for address in [page(quiet, ""), page(busy, ""), page(busy, "&page=150"), page(busy, "&sort=amount")] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let begun = Instant::now();
            vera.get(&address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
            times.push(begun.elapsed());
        }
        medians.push(median(&mut times));
    }
    let names = ["a dozen entries", "10,000 entries, first page", "10,000 entries, page 150", "10,000 entries, by amount"];
    for (name, time) in names.into_iter().zip(&medians) {
        line(name, &milliseconds(*time), Some(time.as_secs_f64() / medians[0].as_secs_f64()));
    }

    heading(
        "a statement of 100,000 entries in Excel, from the request to the file",
        "openpyxl, write-only, writing the same cells from memory",
    );
    enter(&db, busy, 90_000).await;
    db.close().await.unwrap();
    let address = server.url(&format!("/accounts/{busy}/statement.xlsx?from=2026-01-01&until=2026-12-31"));
    let begun = Instant::now();
    let file = vera.get(address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    let ours = begun.elapsed();
    let folder = tempfile::tempdir().unwrap();
    let (workbook, cells) = (folder.path().join("statement.xlsx"), folder.path().join("cells.csv"));
    std::fs::write(&workbook, &file).unwrap();
    let count = write_cells(&workbook, &cells);
    assert!(count > 500_000, "{count} cells");
    line(&format!("{count} cells, {} KB", file.len() / 1024), &milliseconds(ours), Some(1.0));
    let alone = table_alone(&cells).await;
    line("the table alone, from memory", &milliseconds(alone), Some(ours.as_secs_f64() / alone.as_secs_f64()));
    openpyxl(&cells, ours);
}

async fn enter(db: &Db, account: AccountId, count: i64) {
    let now = Moment::new(datetime!(2026-11-20 09:00 UTC));
    for _ in 0..count / AT_ONCE {
        let deposit = |number: i64| {
            let sum = Money::from_kopecks(100 + number);
            NewTransfer::new(Kind::Deposit, Book::Bank, Book::Consumer(account), sum, date!(2026 - 11 - 20)).said("взнос")
        };
        let transfers: Vec<NewTransfer> = (0..AT_ONCE).map(deposit).collect();
        let mut tx = db.begin().await.unwrap();
        post(&mut tx, &transfers, now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
}
