//! Files that come in: the two workbooks and the list of readings of the cooperative, and files made to hurt.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use meterbook::{
    estate::import::{
        child::TableReader,
        guard::{Refusal, Refused},
        guess::{self, Remembered},
        mapping::{Content, Mapping},
        readings_file::{self, KnownMeter},
        registry::{self, Counts, Registry, RowKind},
        table::{Cell, Format, Workbook},
        words::{
            ProblemCode::{self, FutureDate, Negative, NoSuchDay, NotANumber, UnknownMeter, ZoneMissing},
            Weight,
        },
    },
    metering::{Resource, Zone},
};
use time::{Date, macros::date};

const TODAY: Date = date!(2026 - 11 - 30);

pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub async fn read(file: &Path) -> Result<Workbook, Refused> {
    TableReader::new(env!("CARGO_BIN_EXE_meterbook").into()).read(file).await
}

async fn read_bytes(bytes: &[u8]) -> Result<Workbook, Refused> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read(file.path()).await
}

async fn refusal(bytes: &[u8]) -> Refusal {
    read_bytes(bytes).await.expect_err("the file must be refused").why
}

async fn registry_of(name: &str) -> (Workbook, Mapping, Registry) {
    let workbook = read(&data(name)).await.unwrap();
    let mapping = guess::guess(&workbook, &Remembered::new(), TODAY);
    let registry = registry::read(&workbook, &mapping, TODAY);
    (workbook, mapping, registry)
}

fn expected() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(data("expected.json")).unwrap()).unwrap()
}

fn electricity_row<'a>(registry: &'a Registry, label: &str) -> &'a meterbook::estate::import::meter_row::MeterRow {
    let meters = registry.rows.iter().filter(|row| row.label.label == label).flat_map(|row| &row.meters);
    meters.into_iter().find(|meter| meter.resource == Resource::Electricity).unwrap_or_else(|| panic!("no electricity meter at {label}"))
}

#[tokio::test]
async fn the_old_programs_export_is_read_whole() {
    let (_, mapping, registry) = registry_of("old-system-export.xlsx").await;
    assert_eq!(mapping.content, Content::Registry);
    assert_eq!((mapping.sheets[0].header_from, mapping.sheets[0].header_to), (3, 3));
    let counts = Counts { premises: 420, owners: 380, water_meters: 384, electricity_meters: 406, zoned_meters: 168 };
    assert_eq!(registry.counts(), counts);
    let unread: Vec<_> =
        registry.rows.iter().flat_map(|row| &row.problems).filter(|problem| problem.code != ProblemCode::SerialMissing).collect();
    assert_eq!(unread, Vec::<&registry::Problem>::new());
    let first = electricity_row(&registry, "1-1-1").latest().unwrap();
    assert_eq!(first.on, date!(2026 - 10 - 23));
    assert_eq!(first.values, [(Zone::Day, "32235".parse().unwrap()), (Zone::Night, "30311".parse().unwrap())]);
}

#[tokio::test]
async fn the_accountants_spreadsheet_is_read_whole() {
    let (_, _, registry) = registry_of("registry-by-hand.xlsx").await;
    // plot 1-6-10 has no meter and stands only in the old program; its owner too
    let counts = Counts { premises: 419, owners: 380, water_meters: 384, electricity_meters: 406, zoned_meters: 168 };
    assert_eq!(registry.counts(), Counts { owners: 379, ..counts });
    let passed = |kind| registry.passed_over.iter().filter(|row| row.kind == kind).count();
    assert_eq!((passed(RowKind::Section), passed(RowKind::Total), passed(RowKind::Remark)), (21, 1, 0));
    let first = &registry.rows[0];
    assert_eq!((first.label.label.as_str(), first.label.sector.as_str()), ("1-1-1", "1"));
    assert_eq!(first.area, Some("400".parse().unwrap()));
    let owner = &registry.owners[first.owner.unwrap()];
    assert_eq!((owner.name.full().as_str(), owner.phones.as_slice()), ("Сорокина Ольга Анатольевна", &["+79181590830".to_owned()][..]));
    let areas: Vec<String> = registry.rows.iter().filter_map(|row| row.area.map(|area| area.to_string())).collect();
    assert!(areas.contains(&"612.5".to_owned()) && areas.contains(&"1200.75".to_owned()));
}

#[tokio::test]
async fn every_electricity_row_of_the_spreadsheet_says_what_it_says() {
    let (_, _, registry) = registry_of("registry-by-hand.xlsx").await;
    let thousandths = |value: &serde_json::Value| value.as_i64().map(|whole| whole * 1000);
    for row in expected()["electricity_rows"].as_array().unwrap() {
        let label = row["plot"].as_str().unwrap();
        let meter = electricity_row(&registry, label);
        assert_eq!(meter.serial.as_deref(), row["serial"].as_str(), "{label}");
        assert_eq!(meter.zones.len() == 2, row["two"].as_bool().unwrap(), "{label}");
        let value = |reading: usize, place: usize| {
            meter.readings.get(reading).and_then(|reading| reading.values.get(place)).map(|(_, value)| value.thousandths())
        };
        assert_eq!(value(0, 0), thousandths(&row["prev_day"]), "{label}");
        assert_eq!(value(0, 1), thousandths(&row["prev_night"]), "{label}");
        assert_eq!(value(1, 0), thousandths(&row["day"]), "{label}");
        let night = if row["day"].is_null() { None } else { thousandths(&row["night"]) };
        assert_eq!(value(1, 1), night, "{label}");
        assert!(
            meter
                .readings
                .iter()
                .map(|reading| reading.on)
                .eq([date!(2026 - 09 - 25), date!(2026 - 10 - 25)].into_iter().take(meter.readings.len()))
        );
    }
}

#[tokio::test]
async fn cells_that_are_no_numbers_are_listed_and_never_guessed() {
    let (_, _, registry) = registry_of("registry-by-hand.xlsx").await;
    let unread = || registry.rows.iter().flat_map(|row| &row.problems).filter(|problem| problem.code.weight() == Weight::Cell);
    assert_eq!(unread().count() as u64, expected()["unreadable_electricity"].as_u64().unwrap());
    let cells: std::collections::BTreeSet<&str> = unread().map(|problem| problem.cell.as_str()).collect();
    assert_eq!(cells.into_iter().collect::<Vec<_>>(), ["#REF!", "нет доступа"]);
    let remarks: Vec<_> = registry
        .rows
        .iter()
        .flat_map(|row| row.problems.iter().map(move |problem| (row, problem)))
        .filter(|(_, problem)| problem.code.weight() < Weight::Cell)
        .collect();
    let remarks: Vec<_> = remarks.into_iter().map(|(row, problem)| (row.label.label.as_str(), problem.code)).collect();
    assert_eq!(remarks, [("1-4-5", ProblemCode::MergedByName), ("1-4-20", ProblemCode::NamesakeWithoutPhone)]);
}

#[tokio::test]
async fn water_readings_without_a_day_share_the_day_of_the_other_sheet() {
    let (_, mapping, registry) = registry_of("registry-by-hand.xlsx").await;
    assert!(mapping.sheets.iter().all(|sheet| sheet.is_used));
    let row = registry.rows.iter().find(|row| row.sheet == "Вода" && row.label.label == "1-1-1").unwrap();
    let days: Vec<Date> = row.meters[0].readings.iter().map(|reading| reading.on).collect();
    assert_eq!(days, [date!(2026 - 09 - 25), date!(2026 - 10 - 23)]);
    assert_eq!(row.meters[0].serial.as_deref(), Some("78021324"));
}

#[tokio::test]
async fn good_readings_go_in_and_bad_ones_come_back_with_reasons() {
    let (_, _, registry) = registry_of("registry-by-hand.xlsx").await;
    let known: std::collections::HashMap<(Resource, String), KnownMeter> = registry
        .rows
        .iter()
        .flat_map(|row| &row.meters)
        .map(|meter| ((meter.resource, meter.serial.clone().unwrap()), KnownMeter { zones: meter.zones.clone(), dial_digits: 6 }))
        .collect();
    let workbook = read(&data("readings-october.csv")).await.unwrap();
    assert_eq!(workbook.format, Format::Delimited { encoding: "windows-1251".to_owned(), delimiter: ';' });
    let mapping = guess::guess(&workbook, &Remembered::new(), TODAY);
    assert_eq!(mapping.content, Content::Readings);
    let outcomes = readings_file::read(&workbook, &mapping, TODAY, |resource, serial| known.get(&(resource, serial.to_owned())).cloned());
    let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|outcome| outcome.reading.is_ok());
    assert_eq!(good.len() as u64, expected()["csv"]["good"].as_u64().unwrap());
    let reasons: Vec<_> =
        bad.iter().map(|outcome| outcome.reading.as_ref().unwrap_err().iter().map(|problem| problem.code).collect::<Vec<_>>()).collect();
    let all = [vec![UnknownMeter], vec![NoSuchDay], vec![NotANumber, ZoneMissing], vec![Negative, ZoneMissing], vec![FutureDate]];
    assert_eq!(reasons, all);
    assert_eq!((bad[0].number, good[0].number), (51, 2));
}

mod hostile;
mod properties;
mod values;
