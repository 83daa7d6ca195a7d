//! The cooperative's round from end to end: the office makes it, a controller reads five plots on a phone, the office reviews what looks
//! wrong, the accountant takes the month.

use std::path::Path;

use calamine::Reader as _;

use crate::{
    libreoffice::recalculated,
    office::{make_site, plan_import, run_import, take_month},
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
    server.create_user("anna", "administrator", "Анна Светлова");
    server.create_user("kirill", "controller", "Кирилл Береговой");

    let desk = Window::open(Screen::Desk).await;
    desk.sign_in(&server, "anna").await;
    make_site(&desk, &server).await;
    for file in ["registry-by-hand.xlsx", "old-system-export.xlsx"] {
        let plan = plan_import(&desk, &server, file).await;
        run_import(&desk, &plan).await;
    }
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
    let mut read = Vec::new();
    for plot in 0..5 {
        read.push(read_plot(&phone, plot, &photo, engine).await);
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
    let month = take_month(&desk, &server, server.folder()).await;
    holds(&recalculated(&month, server.folder()), &read);
    desk.goto(server.url("/reports")).await;
    desk.shows("ноябрь 2026").await;
    desk.picture(&format!("{engine}-reports")).await;
    phone.close().await;
    desk.close().await;
}

/// What was read on a plot.
struct Read {
    label: String,
    values: Vec<f64>,
}

/// Types a plausible value under each dial (the second plot gets one that is too low), photographs the first meter, finds the seals intact.
async fn read_plot(phone: &Window, plot: usize, photo: &Path, engine: &str) -> Read {
    let here = phone.address().await;
    let label = phone.text("h1.plot-label").await;
    let values = write_down(phone, if plot == 1 { -7.0 } else { 3.0 }, photo).await;
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
    Read { label, values }
}

/// All plots stand in the workbook, and in the rows of those that were read, what was read.
fn holds(workbook: &Path, read: &[Read]) {
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    let plots = range.rows().filter(|row| row.iter().any(|cell| cell.to_string().split('-').count() == 3)).count();
    assert!(plots >= 420, "{plots} rows");
    for Read { label, values } in read {
        let row = range.rows().find(|row| row.iter().any(|cell| cell.to_string() == *label)).unwrap_or_else(|| panic!("no row of {label}"));
        let numbers: Vec<f64> = row.iter().filter_map(calamine::DataType::get_float).collect();
        assert!(values.iter().all(|value| numbers.contains(value)), "{label}: {values:?} in {numbers:?}");
    }
}
