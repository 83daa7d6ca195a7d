//! The cooperative's round from end to end: the office makes it, a controller reads five plots on a phone, the office reviews what looks
//! wrong, the accountant takes the month.

use std::path::Path;

use crate::{
    plot::{photo_of_a_dial, write_down},
    served::OwnDatabase,
    stage::{Screen, Server, Window},
};

/// After the day of the readings in the sample files.
const NOW: &str = "2026-11-26T09:00:00+03:00";

#[tokio::test(flavor = "multi_thread")]
async fn the_round_is_walked_from_end_to_end_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("meterbook.db").display());
    walk(Server::over(folder, url, Some(NOW.to_owned())), "sqlite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_round_is_walked_from_end_to_end_on_postgresql() {
    let database = OwnDatabase::create("walk").await;
    walk(Server::over(tempfile::tempdir().unwrap(), database.url.clone(), Some(NOW.to_owned())), "postgresql").await;
    database.clear().await;
}

async fn walk(server: Server, engine: &str) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    server.create_user("anna", "administrator", "Анна Светлова");
    server.create_user("kirill", "controller", "Кирилл Береговой");
    for file in ["registry-by-hand.xlsx", "old-system-export.xlsx"] {
        server.run(&["import", data.join(file).to_str().unwrap(), "--site", "СОГ «Черноморец»", "--yes"], "");
    }

    let desk = Window::open(Screen::Desk).await;
    desk.sign_in(&server, "anna").await;
    desk.goto(server.url("/premises")).await;
    desk.shows("420 участков").await;
    desk.picture(&format!("{engine}-premises")).await;
    desk.goto(server.url("/rounds/new")).await;
    desk.click("main form button[type=submit]").await;
    desk.shows("Обход назначен").await;
    desk.picture(&format!("{engine}-round")).await;
    desk.fits_the_screen().await;

    let photo = photo_of_a_dial(server.folder());
    let phone = Window::open(Screen::Phone).await;
    phone.sign_in(&server, "kirill").await;
    phone.picture(&format!("{engine}-phone-start")).await;
    phone.click("main a.button.primary").await;
    phone.shows("1-1-1").await;
    phone.picture(&format!("{engine}-phone-walk")).await;
    phone.fits_the_screen().await;
    phone.click("a.walk-stop").await;
    phone.shows("Записать показания").await;
    phone.picture(&format!("{engine}-phone-plot")).await;
    phone.fits_the_screen().await;
    phone.click(".thumb a.button").await;
    for plot in 0..5 {
        read_plot(&phone, plot, &photo, engine).await;
    }
    phone.click("a.button.quiet").await;
    phone.shows("5 из").await;

    desk.goto(server.url("/review/next")).await;
    desk.shows("Меньше прежнего").await;
    desk.picture(&format!("{engine}-review")).await;
    desk.fits_the_screen().await;
    desk.click("button[data-key=a]").await;
    desk.shows("Показание принято").await;
    desk.goto(server.url("/")).await;
    desk.picture(&format!("{engine}-office")).await;
    desk.fits_the_screen().await;
    desk.goto(server.url("/reports")).await;
    desk.click("form[action='/reports/month'] button[type=submit]").await;
    desk.wait("the month is in the history", async || {
        desk.goto(server.url("/reports")).await;
        desk.text("main").await.contains("ноябрь 2026")
    })
    .await;
    desk.picture(&format!("{engine}-reports")).await;
    phone.close().await;
    desk.close().await;
}

/// Types a plausible value under each dial (the second plot gets one that is too low), photographs the first meter, finds the seals intact.
async fn read_plot(phone: &Window, plot: usize, photo: &Path, engine: &str) {
    let here = phone.address().await;
    write_down(phone, if plot == 1 { -7.0 } else { 3.0 }, photo).await;
    if plot == 1 {
        phone.shows("Меньше прежнего на 7").await;
        phone.picture(&format!("{engine}-phone-warning")).await;
        // A reload, as after a call or a flat battery, loses nothing that was typed.
        phone.goto(here.clone()).await;
        phone.shows("Восстановили").await;
    }
    if plot == 0 {
        phone.picture(&format!("{engine}-phone-reading")).await;
        phone.fits_the_screen().await;
    }
    phone.click(".thumb button[type=submit]").await;
    phone.wait("it is written down", async || phone.address().await.contains("/saved/")).await;
    phone.shows("Записано").await;
    if plot == 1 {
        phone.shows("На проверке").await;
        phone.picture(&format!("{engine}-phone-saved")).await;
    }
    if plot < 4 {
        phone.click(".thumb a.button.primary").await;
    }
}
