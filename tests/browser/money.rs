//! A month of money from end to end: the accountant prices, bills, prints, takes the bank's statement and cash, and sees who still owes.

use meterbook::db::{Db, Options, q};
use serde_json::json;
use thirtyfour::{By, Key};

use crate::{
    office::sample,
    stage::{Screen, Server, Window},
};

/// After the month whose readings are in the sample files.
const NOW: &str = "2026-12-02T09:00:00+03:00";

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_billed_printed_and_paid() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("meterbook.db").display());
    let server = Server::over(folder, url, Some(NOW.to_owned()));
    server.create_user("vera", "accountant", "Вера Счётова");
    for file in ["old-system-export.xlsx", "registry-by-hand.xlsx"] {
        server.run(&["import", sample(file).to_str().unwrap(), "--site", "СОГ «Черноморец»", "--yes"], "");
    }
    let db = Db::open(server.database_url(), Options { readers: 1, connections: 1 }).await.unwrap();
    let desk = Window::open(Screen::Desk).await;
    desk.sign_in(&server, "vera").await;
    for (service, price) in [("water", "48.20"), ("electricity", "6.73")] {
        price_service(&desk, &server, service, price).await;
    }
    let run = bill_october(&desk, &server).await;
    let bills: i64 = q(&db, "select count(*) from bill where run_id = $1").bind(run).scalar().await.unwrap();
    assert!(bills >= 419, "{bills} bills");
    print_all(&desk, &server, run, bills).await;
    take_the_banks_statement(&desk, &server).await;
    take_cash_by_keyboard(&desk, &server, &db).await;
    let owed: i64 = q(&db, "select cast(sum(open_kopecks) as bigint) from open_item where side = 'debit'").scalar().await.unwrap();
    assert!(owed > 50_000_000, "{owed} kopecks are owed");
    desk.goto(server.url("/debtors")).await;
    desk.shows("долг").await;
    desk.picture("money-debtors").await;
    desk.fits_the_screen().await;
    let shown: String = desk.text("header.page-head").await.chars().filter(|c| c.is_ascii_digit() || *c == ',').collect();
    assert!(shown.ends_with(&format!("{},{:02}", owed / 100, owed % 100)), "{owed} kopecks are owed, {shown}");
    db.close().await.unwrap();
    server.run(&["verify"], "");
    desk.close().await;
}

/// Browsers write a month in a way of their own, so it is put there as they keep it.
async fn set_month(desk: &Window, field: &str, month: &str) {
    desk.run(&format!("document.querySelector(\"[name='{field}']\").value = '{month}'")).await;
}

async fn price_service(desk: &Window, server: &Server, service: &str, price: &str) {
    desk.goto(server.url(&format!("/tariffs/new?service={service}"))).await;
    set_month(desk, "valid_from", "2026-01").await;
    desk.fill("price_single_0", price).await;
    desk.picture(&format!("money-price-{service}")).await;
    desk.click("main form button[type=submit]").await;
    desk.wait("the price is kept", async || !desk.address().await.contains("/new")).await;
}

/// Has October calculated, looks through it, approves it; answers the key of the run.
async fn bill_october(desk: &Window, server: &Server) -> i64 {
    desk.goto(server.url("/billing")).await;
    set_month(desk, "period", "2026-10").await;
    desk.click("form[action='/billing'] button[type=submit]").await;
    desk.shows("Утвердить").await;
    desk.picture("money-run").await;
    desk.fits_the_screen().await;
    let address = desk.address().await;
    desk.click("form[action$='/approve'] button").await;
    desk.shows("Закрыть месяц?").await;
    desk.picture("money-approved").await;
    address.rsplit('/').next().unwrap().parse().unwrap()
}

/// Every bill stands on the sheets, two on a page.
async fn print_all(desk: &Window, server: &Server, run: i64, bills: i64) {
    desk.goto(server.url(&format!("/billing/{run}/print"))).await;
    let codes = desk.driver.find_all(By::Css(".print-bill")).await.unwrap();
    assert_eq!(i64::try_from(codes.len()).unwrap(), bills);
    let pdf = desk.driver.cdp().send_raw("Page.printToPDF", json!({"preferCSSPageSize": true})).await.unwrap();
    assert!(pdf["data"].as_str().unwrap().len() > 100_000, "hundreds of bills are on paper");
    desk.picture("money-print").await;
}

async fn take_the_banks_statement(desk: &Window, server: &Server) {
    desk.goto(server.url("/payments/imports")).await;
    desk.find("input[type=file]").await.send_keys(sample("bank-statement.txt").to_str().unwrap()).await.unwrap();
    desk.click("main form button[type=submit]").await;
    desk.shows("Провести 60 платежей").await;
    desk.picture("money-bank-plan").await;
    desk.fits_the_screen().await;
    desk.click("button[value=execute]").await;
    desk.shows("Проведён").await;
    desk.picture("money-bank-done").await;
}

/// Whom, Enter, how much, Enter; the next one at once.
async fn take_cash_by_keyboard(desk: &Window, server: &Server, db: &Db) {
    desk.goto(server.url("/payments/new")).await;
    for (label, sum) in [("1-1-1", "100,00"), ("1-1-2", "250,50")] {
        desk.wait("the cursor waits for whom", async || desk.run("return document.activeElement.name").await == "whom").await;
        let here = desk.driver.active_element().await.unwrap();
        here.send_keys(label).await.unwrap();
        desk.find(".found-payers li .strong").await;
        here.send_keys("" + Key::Enter).await.unwrap();
        desk.wait("the cursor waits for the sum", async || desk.run("return document.activeElement.name").await == "amount").await;
        desk.driver.active_element().await.unwrap().send_keys(sum + Key::Enter).await.unwrap();
        desk.shows(&format!("Внесено {sum}")).await;
    }
    desk.picture("money-entry").await;
    desk.fits_the_screen().await;
    let cash: i64 = q(db, "select cast(sum(amount_kopecks) as bigint) from payment where method = 'cash'").scalar().await.unwrap();
    assert_eq!(cash, 35_050);
}
