//! What the office does at its desk.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::stage::{Server, Window};

/// The files of a cooperative that comes to us.
pub fn sample(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file)
}

/// Makes the site that everything belongs to.
pub async fn make_site(desk: &Window, server: &Server) {
    desk.goto(server.url("/sites/new")).await;
    desk.fill("name", "СОГ «Черноморец»").await;
    desk.click("main form button[type=submit]").await;
    desk.shows("СОГ «Черноморец»").await;
}

/// Uploads a file and takes the columns as they were guessed; answers the address of the plan.
pub async fn plan_import(desk: &Window, server: &Server, file: &str) -> String {
    let name = file.trim_end_matches(".xlsx");
    desk.goto(server.url("/imports/new")).await;
    desk.picture(&format!("import-new-{name}")).await;
    desk.find("input[type=file]").await.send_keys(sample(file).to_str().unwrap()).await.unwrap();
    desk.click("main form button[type=submit]").await;
    desk.wait("the columns are guessed", async || desk.address().await.ends_with("/columns")).await;
    desk.picture(&format!("import-columns-{name}")).await;
    desk.fits_the_screen().await;
    desk.click("main form button[type=submit]").await;
    desk.shows("Ждёт решения").await;
    desk.picture(&format!("import-plan-{name}")).await;
    desk.fits_the_screen().await;
    desk.address().await
}

/// Has a plan carried out and waits for its end.
pub async fn run_import(desk: &Window, plan: &str) {
    desk.goto(plan.to_owned()).await;
    desk.click("form[action$='/run'] button").await;
    is_imported(desk, plan).await;
}

pub async fn is_imported(desk: &Window, plan: &str) {
    desk.wait("it is done", async || {
        desk.goto(plan.to_owned()).await;
        let head = desk.text("header.page-head").await;
        head.contains("Загружен") && !head.contains("Загружается")
    })
    .await;
    desk.picture("import-done").await;
}

/// Has the month written and downloads it into the folder.
pub async fn take_month(desk: &Window, server: &Server, folder: &Path) -> PathBuf {
    let folder = folder.join("downloads");
    std::fs::create_dir_all(&folder).unwrap();
    desk.tell_browser("Browser.setDownloadBehavior", json!({"behavior": "allow", "downloadPath": folder})).await;
    desk.goto(server.url("/reports")).await;
    desk.click("form[action='/reports/month'] button[type=submit]").await;
    let downloaded = || {
        std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|end| end == "xlsx"))
    };
    desk.wait("the month is downloaded", async || downloaded().is_some()).await;
    downloaded().unwrap()
}
