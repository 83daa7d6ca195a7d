//! The office brings its spreadsheet in, and the power fails in the middle of it.

use std::path::Path;

use crate::stage::{Screen, Server, Window};

#[tokio::test(flavor = "multi_thread")]
async fn the_office_brings_its_spreadsheet_in_through_a_power_cut() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut server = Server::start();
    server.create_user("anna", "administrator", "Анна Светлова");
    let old = data.join("old-system-export.xlsx");
    server.run(&["import", old.to_str().unwrap(), "--site", "СОГ «Черноморец»", "--yes"], "");

    let window = Window::open(Screen::Desk).await;
    window.sign_in(&server, "anna").await;
    window.goto(server.url("/imports")).await;
    window.picture("import-list").await;
    window.goto(server.url("/imports/new")).await;
    window.picture("import-new").await;
    window.find("input[type=file]").await.send_keys(data.join("registry-by-hand.xlsx").to_str().unwrap()).await.unwrap();
    window.click("main form button[type=submit]").await;
    window.shows("показ. на 25.09 (Т1)").await;
    window.picture("import-columns").await;
    window.fits_the_screen().await;
    window.click("main form button[type=submit]").await;
    window.shows("Ждёт решения").await;
    window.picture("import-plan").await;
    window.fits_the_screen().await;
    let plan = window.address().await;
    window.goto(format!("{plan}?show=problem")).await;
    window.shows("нет доступа").await;
    window.picture("import-problems").await;

    window.goto(plan.clone()).await;
    window.click("form[action$='/run'] button").await;
    window.wait("it is running", async || server.run(&["migrate"], "").is_empty()).await;
    server.kill();
    server.start_again();
    window.goto(plan.clone()).await;
    window
        .wait("it is done", async || {
            window.goto(plan.clone()).await;
            window.text("header.page-head").await.contains("Загружен") && !window.text("header.page-head").await.contains("Загружается")
        })
        .await;
    window.picture("import-done").await;
    let again = server.run(&["import", data.join("registry-by-hand.xlsx").to_str().unwrap(), "--site", "СОГ «Черноморец»", "--json"], "");
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["summary"]["create"], &again["summary"]["change"]), (&0.into(), &0.into()), "everything is there, once: {again}");
    window.goto(format!("{plan}/undo")).await;
    window.picture("import-undo").await;
    window.close().await;
}
