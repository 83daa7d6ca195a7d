//! The same file with one more column: what became of each row, in words. Bad rows alone can be asked for, to be put right and sent again.

use std::collections::HashMap;

use rust_xlsxwriter::{Format as CellFormat, Workbook as XlsxWorkbook, Worksheet, XlsxError};

use super::{
    batch::Batch,
    mapping::SheetMapping,
    registry::Problem,
    rows::{RowResult, StoredRow},
    table::{Cell, Format, Row, Sheet, Workbook, column_name},
    words::Weight,
};
use crate::web::Locale;

/// Which rows to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    All,
    /// The header and the rows that lost something.
    Bad,
}

/// What became of every row, by sheet and row number.
struct Fates<'a> {
    rows: HashMap<(&'a str, i64), &'a StoredRow>,
    l: Locale,
}

/// The file's bytes, in the format it came in.
///
/// # Errors
/// When a workbook cannot be written.
pub fn write(workbook: &Workbook, batch: &Batch, rows: &[StoredRow], which: Rows, l: Locale) -> Result<Vec<u8>, XlsxError> {
    let fates = Fates { rows: rows.iter().map(|row| ((row.sheet.as_str(), row.row_number), row)).collect(), l };
    let mappings = batch.mapping().sheets;
    match &workbook.format {
        Format::Xlsx => xlsx(workbook, &mappings, &fates, which),
        Format::Delimited { encoding, delimiter } => Ok(delimited(workbook, &mappings, &fates, which, encoding, *delimiter)),
    }
}

/// The file's name with a word for what it is.
#[must_use]
pub fn name(batch: &Batch, which: Rows, l: Locale) -> String {
    let word = l.t(if which == Rows::All { "import-result-suffix" } else { "import-result-bad-suffix" });
    let name = batch.file_name.as_str();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem} - {word}.{extension}"),
        None => format!("{name} - {word}"),
    }
}

/// What kind of file `write` makes of this one.
#[must_use]
pub fn content_type(workbook: &Workbook) -> &'static str {
    match workbook.format {
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Delimited { .. } => "text/csv",
    }
}

/// What became of a row, with the reasons, in one line.
#[must_use]
pub fn fate(row: &StoredRow, l: Locale) -> String {
    let result = row.outcome().map(|outcome| outcome.result);
    let mut words = vec![l.t(result.map_or(row.action.key(), RowResult::key))];
    words.extend(row.outcome().into_iter().flat_map(|outcome| outcome.missed).map(|missed| l.t(&format!("import-what-{missed}"))));
    words.extend(row.problems().iter().map(|problem| sentence(problem, l)));
    words.join("; ")
}

/// A problem in words, with its cell.
#[must_use]
pub fn sentence(problem: &Problem, l: Locale) -> String {
    let column = problem.column.map(column_name).unwrap_or_default();
    l.a(problem.code.key(), &[("cell", problem.cell.as_str()), ("detail", &problem.detail), ("column", &column)])
}

impl Fates<'_> {
    fn of(&self, sheet: &Sheet, row: &Row) -> Option<&StoredRow> {
        self.rows.get(&(sheet.name.as_str(), i64::from(row.number))).copied()
    }

    fn is_wanted(&self, sheet: &Sheet, mapping: Option<&SheetMapping>, row: &Row, which: Rows) -> bool {
        let is_header = mapping.is_none_or(|mapping| !mapping.is_data(row));
        let is_bad = |row: &StoredRow| row.problems().iter().any(|problem| problem.code.weight() > Weight::Notice);
        which == Rows::All || is_header || self.of(sheet, row).is_some_and(is_bad)
    }

    /// The text of the added column.
    fn text(&self, sheet: &Sheet, mapping: Option<&SheetMapping>, row: &Row) -> String {
        if mapping.is_some_and(|mapping| mapping.header_to == row.number && row.number > 0) {
            return self.l.t("import-result-column");
        }
        self.of(sheet, row).map(|row| fate(row, self.l)).unwrap_or_default()
    }
}

fn xlsx(workbook: &Workbook, mappings: &[SheetMapping], fates: &Fates<'_>, which: Rows) -> Result<Vec<u8>, XlsxError> {
    let mut file = XlsxWorkbook::new();
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let worksheet = file.add_worksheet();
        worksheet.set_name(&sheet.name)?;
        write_sheet(worksheet, sheet, mappings.get(index), fates, which)?;
    }
    file.save_to_buffer()
}

fn write_sheet(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    mapping: Option<&SheetMapping>,
    fates: &Fates<'_>,
    which: Rows,
) -> Result<(), XlsxError> {
    let day_format = CellFormat::new().set_num_format("dd.mm.yyyy");
    let width = u16::try_from(sheet.width()).unwrap_or(u16::MAX - 1);
    let wanted = sheet.rows.iter().filter(|row| fates.is_wanted(sheet, mapping, row, which));
    for (row, next) in wanted.zip(0..) {
        // the whole file keeps its row numbers, an extract is closed up
        let place = if which == Rows::All { row.number - 1 } else { next };
        for (column, cell) in row.filled() {
            write_cell(worksheet, place, u16::try_from(column).unwrap_or(u16::MAX), cell, &day_format)?;
        }
        worksheet.write_string(place, width, fates.text(sheet, mapping, row))?;
    }
    worksheet.set_column_width(width, 50)?;
    Ok(())
}

fn write_cell(worksheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, day_format: &CellFormat) -> Result<(), XlsxError> {
    match cell {
        Cell::Number(number) => match number.parse::<f64>() {
            Ok(number) if number.is_finite() => worksheet.write_number(row, column, number)?,
            _ => worksheet.write_string(row, column, number)?,
        },
        Cell::Day(day) => {
            let date = rust_xlsxwriter::ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or(1900), day.month().into(), day.day())?;
            worksheet.write_datetime_with_format(row, column, &date, day_format)?
        }
        Cell::Bool(is_true) => worksheet.write_boolean(row, column, *is_true)?,
        Cell::Text(text) => worksheet.write_string(row, column, text)?,
        Cell::Empty | Cell::Error(_) | Cell::Uncalculated => worksheet.write_string(row, column, cell.shown())?,
    };
    Ok(())
}

fn delimited(workbook: &Workbook, mappings: &[SheetMapping], fates: &Fates<'_>, which: Rows, encoding: &str, delimiter: char) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b';'))
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for (index, sheet) in workbook.sheets.iter().enumerate() {
        let (mapping, width) = (mappings.get(index), sheet.width());
        for row in sheet.rows.iter().filter(|row| fates.is_wanted(sheet, mapping, row, which)) {
            let cells = (0..width).map(|column| harmless(&row.cell(column).shown()));
            let record: Vec<String> = cells.chain([fates.text(sheet, mapping, row)]).collect();
            if writer.write_record(&record).is_err() {
                break;
            }
        }
    }
    let text = String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default();
    encoded(&text, encoding)
}

/// Text that a spreadsheet would calculate is marked as text; numbers and telephones stay as they are.
fn harmless(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',' | ' ' | '(' | ')' | '\u{a0}'));
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_plain { format!("'{text}") } else { text.to_owned() }
}

fn encoded(text: &str, label: &str) -> Vec<u8> {
    match label {
        "UTF-16LE" => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        "UTF-8" => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        _ => {
            // our own words use dashes and quotation marks that the DOS page lacks
            let plain = if label == "IBM866" { text.replace(['—', '–'], "-").replace(['«', '»'], "\"") } else { text.to_owned() };
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
            encoding.encode(&plain).0.into_owned()
        }
    }
}
