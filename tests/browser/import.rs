//! The office brings its spreadsheet in, and the power fails in the middle of it.

use crate::{
    office::{is_imported, plan_import, sample},
    stage::{Screen, Server, Window},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_office_brings_its_spreadsheet_in_through_a_power_cut() {
    let mut server = Server::start();
    server.create_user("anna", "administrator", "Анна Светлова");
    server.run(&["import", sample("old-system-export.xlsx").to_str().unwrap(), "--site", "СОГ «Черноморец»", "--yes"], "");

    let window = Window::open(Screen::Desk).await;
    window.sign_in(&server, "anna").await;
    window.goto(server.url("/imports")).await;
    window.picture("import-list").await;
    let plan = plan_import(&window, &server, "registry-by-hand.xlsx").await;
    window.goto(format!("{plan}?show=problem")).await;
    window.shows("нет доступа").await;
    window.picture("import-problems").await;

    window.goto(plan.clone()).await;
    window.click("form[action$='/run'] button").await;
    window.wait("it is running", async || server.run(&["migrate"], "").is_empty()).await;
    server.kill();
    server.start_again();
    is_imported(&window, &plan).await;
    let again = server.run(&["import", sample("registry-by-hand.xlsx").to_str().unwrap(), "--site", "СОГ «Черноморец»", "--json"], "");
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["summary"]["create"], &again["summary"]["change"]), (&0.into(), &0.into()), "everything is there, once: {again}");
    window.goto(format!("{plan}/undo")).await;
    window.picture("import-undo").await;
    window.close().await;
}
