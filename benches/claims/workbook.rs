//! The month in Excel for 10,000 plots.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use calamine::{Data, Reader as _};
use meterbook::{
    db::{Db, Options, q},
    estate::site::{Site, SiteId},
    jobs::Steps,
    kernel::{Period, Quantity},
    reports::{
        month,
        table::{Cell, Column, Head, Table},
    },
    web::{Language, Locale},
};

use crate::{heading, line, milliseconds, served::Server};

/// Writes the cells of a CSV file as a workbook and prints the seconds that took; reading the file does not count.
const OPENPYXL: &str = "
import csv, sys, time
import openpyxl
rows = [[float(c) if c.replace('.', '', 1).isdigit() else c for c in row] for row in csv.reader(open(sys.argv[1], encoding='utf-8'))]
begun = time.perf_counter()
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet()
for row in rows:
    sheet.append(row)
book.save(sys.argv[1] + '.xlsx')
print(time.perf_counter() - begun)
";

pub async fn month_against_openpyxl() {
    heading("the month in Excel, 10,000 plots, from the query to the file", "openpyxl, write-only, writing the same cells from memory");
    let server = Server::demo_of("10000");
    let db = Db::open(server.database_url(), Options::default()).await.unwrap();
    let site: SiteId = q(&db, "select min(id) from site").scalar().await.unwrap();
    let period: Period = q(&db, "select max(period) from round").scalar().await.unwrap();
    let site = Site::find(&db, site).await.unwrap().unwrap();
    let begun = Instant::now();
    let options = month::Options { period, working: month::Working::Formulas };
    let finished = month::write(&db, Locale::from(Language::Russian), &site, &options, period.last_day(), &Steps::default()).await.unwrap();
    let ours = begun.elapsed();
    db.close().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cells = folder.path().join("cells.csv");
    let count = write_cells(finished.file.path(), &cells);
    line(&format!("{} rows, {count} cells, {} KB", finished.rows, finished.size_bytes / 1024), &milliseconds(ours), Some(1.0));
    line("the table alone, from memory", &milliseconds(table_alone(&cells).await), None);
    openpyxl(&cells, ours);
}

/// How long our table takes for the same cells from memory, without the query that they came from.
pub async fn table_alone(cells: &Path) -> Duration {
    let mut csv = csv::ReaderBuilder::new().has_headers(false).from_path(cells).unwrap();
    let cell = |text: &str| Quantity::parse(text).map_or_else(|_| Cell::from(text), Cell::Number);
    let rows: Vec<Vec<Cell>> = csv.records().map(|row| row.unwrap().iter().map(cell).collect()).collect();
    let columns = (0..rows[0].len()).map(|number| Column::new(number.to_string(), 16)).collect();
    let begun = Instant::now();
    let mut table = Table::begin(Head::plain("Лист", columns));
    for row in rows {
        table.row(row).await.unwrap();
    }
    table.finish().await.unwrap();
    begun.elapsed()
}

/// How long openpyxl takes for the same cells.
pub fn openpyxl(cells: &Path, ours: Duration) {
    let python = Command::new("python3").args(["-c", OPENPYXL]).arg(cells).output().unwrap();
    let seconds: Result<f64, _> = String::from_utf8_lossy(&python.stdout).trim().parse();
    match seconds {
        Ok(theirs) => line("openpyxl", &format!("{:.1} ms", theirs * 1000.0), Some(theirs / ours.as_secs_f64())),
        Err(_) => line("openpyxl is not installed (pip install openpyxl)", "", None),
    }
}

/// Copies the values of a workbook's first sheet into a CSV file; answers how many there are.
pub fn write_cells(workbook: &Path, to: &Path) -> usize {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(workbook).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut csv = csv::Writer::from_path(to).unwrap();
    let mut count = 0;
    for row in range.rows() {
        count += row.iter().filter(|cell| **cell != Data::Empty).count();
        csv.write_record(row.iter().map(ToString::to_string)).unwrap();
    }
    csv.flush().unwrap();
    count
}
