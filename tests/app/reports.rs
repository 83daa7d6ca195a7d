//! The month in Excel, as the accountant opens it.

use std::{collections::BTreeMap, fs, path::Path};

use calamine::{Data, Reader as _, Xlsx};
use meterbook::{
    demo::{fill, story::Size},
    estate::{contract::Service, site::Site},
    jobs::Steps,
    kernel::Moment,
    metering::{Zone, installation::Removal},
    reports::month::{self, Options, Working},
    web::{Language, Locale},
};

use time::{
    Date,
    macros::{date, datetime},
};

use crate::{
    cast::TestApp,
    fixtures::{passport, read, units},
    libreoffice::recalculated,
    owing::{account, bill, pay, person},
};

const TODAY: Date = date!(2026 - 11 - 20);

/// A small demo: five lines of plots, four months.
async fn demo(app: &TestApp) -> Site {
    fill::fill(&app.app, Size { premises: 100, months: 4 }).await.unwrap();
    Site::all(&app.db).await.unwrap().remove(0)
}

async fn written(app: &TestApp, site: &Site, working: Working, to: &Path) {
    let options = Options { period: "2026-10".parse().unwrap(), working };
    let finished = month::write(&app.db, Locale::from(Language::Russian), site, &options, TODAY, &Steps::default()).await.unwrap();
    fs::copy(finished.file.path(), to).unwrap();
}

/// Numbers and texts of the only sheet by cell; formulas by the value they are kept with.
fn cells(path: &Path) -> BTreeMap<(usize, usize), String> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let name = workbook.sheet_names()[0].clone();
    let range = workbook.worksheet_range(&name).unwrap();
    let start = range.start().unwrap();
    let at = |row: usize, column: usize| (row + start.0 as usize, column + start.1 as usize);
    let text = |cell: &Data| match cell {
        Data::Empty => None,
        Data::Float(number) => Some(format!("{number:.3}")),
        Data::Int(number) => Some(format!("{number}.000")),
        other => Some(other.to_string()),
    };
    range.used_cells().filter_map(|(row, column, cell)| Some((at(row, column), text(cell)?))).collect()
}

/// The only sheet as it is stored, and the looks that conditions give to its cells.
fn stored(path: &Path) -> (String, String) {
    let mut book = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut part = |name: &str| std::io::read_to_string(book.by_name(name).unwrap()).unwrap();
    (part("xl/worksheets/sheet1.xml"), part("xl/styles.xml"))
}

both_engines! {
    async fn the_month_says_what_was_paid_when_last_and_what_is_owed(app: TestApp) {
        let site = app.site().await;
        let zoya = person(&app, "Чайкина", "").await;
        let [owing, ahead] = [account(&app, site, "1-1-1", zoya).await, account(&app, site, "1-1-2", zoya).await];
        for account in [owing, ahead] {
            bill(&app, site, account, "2026-09", &[(Service::Water, 300), (Service::Electricity, 200), (Service::Upkeep, 100)]).await;
        }
        pay(&app, owing, 100, date!(2026 - 09 - 30)).await;
        pay(&app, owing, 250, date!(2026 - 10 - 12)).await;
        pay(&app, ahead, 700, date!(2026 - 10 - 13)).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("october.xlsx");
        let site = Site::find(&app.db, site).await.unwrap().unwrap();
        written(&app, &site, Working::Formulas, &path).await;
        let cells = cells(&recalculated(&path, folder.path()));
        let row = |label: &str| cells.iter().find(|((_, column), text)| *column == 1 && text.as_str() == label).unwrap().0.0;
        let money = |label: &str| [9, 11, 20, 22, 23, 25, 26].map(|column| cells.get(&(row(label), column)).map_or("", String::as_str));
        // paid in October and owed today: water, electricity, the rest, all
        assert_eq!(money("1-1-1"), ["200.000", "", "50.000", "150.000", "", "100.000", "250.000"]);
        assert_eq!(money("1-1-2"), ["300.000", "", "200.000", "", "200.000", "-100.000", "-100.000"]);
        let last = |label: &str, column: usize| cells.get(&(row(label), column)).cloned().unwrap_or_default();
        assert!(last("1-1-1", 10).contains("2026-10-12") || last("1-1-1", 10).starts_with("46307"), "{}", last("1-1-1", 10));
        assert_eq!(last("1-1-1", 24), "", "nothing was ever paid for upkeep");
        let (sheet, looks) = stored(&path);
        for column in ["L", "W", "Z", "AA"] {
            let over = format!("<conditionalFormatting sqref=\"{column}");
            assert!(sheet.contains(&over), "{column} is coloured by what it says");
        }
        assert!(sheet.contains("operator=\"greaterThan\"") && sheet.contains("operator=\"lessThan\"") && sheet.contains("<autoFilter"));
        assert!(looks.contains("8C1D18") && looks.contains("0B5D2E"), "red for debt, green for what is paid ahead");
    }

    async fn the_formulas_of_a_month_come_to_the_values_that_libreoffice_computes(app: TestApp) {
        let site = demo(&app).await;
        let folder = tempfile::tempdir().unwrap();
        let (formulas, values) = (folder.path().join("formulas.xlsx"), folder.path().join("values.xlsx"));
        written(&app, &site, Working::Formulas, &formulas).await;
        written(&app, &site, Working::Values, &values).await;
        let expected = cells(&values);
        assert!(expected.len() > 1000, "the report is not empty");
        let opened = cells(&recalculated(&formulas, folder.path()));
        for (cell, value) in &expected {
            assert_eq!(opened.get(cell), Some(value), "{cell:?}");
        }
        assert_eq!(opened.len(), expected.len());
    }

    async fn a_report_is_kept_and_downloaded_again_by_those_who_may(app: TestApp) {
        let site = demo(&app).await;
        let vera = app.of_the_demo("vera").await;
        let made = vera.post("/reports/month", &[("site", &site.id.to_string()), ("period", "2026-10"), ("working", "values")]).await;
        let first = vera.get(made.location()).await;
        assert!(first.bytes.starts_with(b"PK"), "{}", first.text);
        assert!(first.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(vera.get(made.location()).await.bytes, first.bytes);
        vera.get("/reports").await.shows("октябрь 2026").shows("Вера Счётова");
        let everything = vera.post("/reports/everything", &[]).await;
        app.work().await;
        vera.get(everything.location()).await.shows("Готово").shows("/reports/2");
        let all = vera.get("/reports/2").await;
        let path = tempfile::NamedTempFile::new().unwrap();
        fs::write(path.path(), &all.bytes).unwrap();
        let mut workbook: Xlsx<_> = calamine::open_workbook(path.path()).unwrap();
        assert!(workbook.sheet_names().contains(&"reading_value".to_owned()));
        let people = workbook.worksheet_range("staff_user").unwrap();
        assert!(!people.used_cells().any(|(_, _, cell)| cell.to_string().contains("argon2")), "secrets stay out");
    }

    async fn a_meter_taken_away_in_the_month_counts_to_its_closing_values_and_three_dials_take_two_lines(app: TestApp) {
        let site = app.site().await;
        let plot = app.plot(site, "3-12-7").await;
        let two = [(Zone::Day, 99_900), (Zone::Night, 500)];
        let old = app.meter(site, plot, passport("00412345"), date!(2026 - 01 - 15), &two).await.installation;
        let at = Moment::new(datetime!(2026-10-10 9:00 UTC));
        app.submit(vec![read(old, at, &[(Zone::Day, 99_950), (Zone::Night, 520)])]).await;
        let mut tx = app.db.begin().await.unwrap();
        let closing = [(Zone::Day, units(30)), (Zone::Night, units(540))];
        Removal { installation: old, on: date!(2026 - 10 - 20), reason: "", closing: &closing }.carry_out(&mut tx, app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let three = [(Zone::Peak, 1), (Zone::HalfPeak, 2), (Zone::Night, 3)];
        let new = app.meter(site, plot, passport("00512345"), date!(2026 - 10 - 20), &three).await.installation;
        let at = Moment::new(datetime!(2026-10-25 9:00 UTC));
        app.submit(vec![read(new, at, &[(Zone::Peak, 11), (Zone::HalfPeak, 22), (Zone::Night, 33)])]).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("october.xlsx");
        let site = Site::find(&app.db, site).await.unwrap().unwrap();
        written(&app, &site, Working::Values, &path).await;
        let cells = cells(&path);
        let used = |column: usize| cells.iter().filter(|((_, c), _)| *c == column).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        // Day: 100 to the turn and 30 after it, by the closing value; then peak and half-peak. The last is the sum.
        assert_eq!(used(18)[1..], ["130.000", "10.000", "20.000", "160.000"]);
        assert_eq!(used(19)[1..], ["40.000", "30.000", "70.000"]);
        assert!(used(28).iter().any(|note| note.contains("снят 20.10.2026")), "{:?}", used(28));
    }
}
