//! Reads an .xlsx cell by cell. calamine's range calls allocate by the declared corner, so they are never used here.

use std::{fs::File, io::BufReader};

use calamine::{Data, DataRef, Reader as _, SheetType, Xlsx};
use time::{Date, Month};

use super::{
    guard::{LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Refusal, Refused},
    table::{Cell, Row, column_name},
    wire::Sink,
};

/// Sends every sheet of an opened workbook, row by row, to the sink. The file has been counted by `guard` before.
pub fn read(file: File, sink: &mut Sink<'_>) -> Result<(), Refused> {
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|error| refusal_of(&error))?;
    let sheets: Vec<String> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect();
    if sheets.len() > MOST_SHEETS {
        return Err(Refusal::TooManySheets.into());
    }
    for name in sheets {
        sink.sheet(&name)?;
        read_sheet(&mut workbook, &name, sink)?;
    }
    Ok(())
}

fn read_sheet(workbook: &mut Xlsx<BufReader<File>>, name: &str, sink: &mut Sink<'_>) -> Result<(), Refused> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| refusal_of(&error))?;
    let mut row = Row { number: 0, cells: Vec::new() };
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(|error| refusal_of(&error))? {
        let cell = match cell_of(&record.value) {
            Cell::Empty if record.formula.is_some() => Cell::Uncalculated,
            cell => cell,
        };
        if cell.is_blank() {
            continue;
        }
        let (number, column) = (record.pos.0.saturating_add(1), usize::try_from(record.pos.1).unwrap_or(usize::MAX));
        check_place(name, number, column, &cell)?;
        if number < row.number {
            return Err(Refusal::Broken.into());
        }
        if number > row.number {
            sink.row(&std::mem::replace(&mut row, Row { number, cells: Vec::new() }))?;
        }
        if row.cells.len() <= column {
            row.cells.resize(column + 1, Cell::Empty);
        }
        row.cells[column] = cell;
    }
    sink.row(&row)
}

/// A stray cell far away is named rather than dropped: it may be somebody's number.
fn check_place(sheet: &str, number: u32, column: usize, cell: &Cell) -> Result<(), Refused> {
    let place = || format!("{}{number}", column_name(column));
    if number > MOST_ROWS {
        return Err(Refused::at(Refusal::TooManyRows, sheet, &place()));
    }
    if column >= MOST_COLUMNS {
        return Err(Refused::at(Refusal::TooManyColumns, sheet, &place()));
    }
    match cell {
        Cell::Text(text) if text.chars().count() > LONGEST_CELL => Err(Refused::at(Refusal::TooLongText, sheet, &place())),
        _ => Ok(()),
    }
}

fn refusal_of(error: &calamine::XlsxError) -> Refused {
    match error {
        calamine::XlsxError::Password => Refusal::Password.into(),
        _ => Refusal::Broken.into(),
    }
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    match Data::from(value.clone()) {
        Data::Empty => Cell::Empty,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::Float(number) => Cell::Number(decimal(number)),
        Data::Bool(is_true) => Cell::Bool(is_true),
        Data::DateTime(moment) if moment.is_duration() => Cell::Number(decimal(moment.as_f64())),
        Data::DateTime(moment) => day_of(&moment),
        Data::DateTimeIso(text) => iso_day(&text).map_or(Cell::Text(text), Cell::Day),
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

/// A date cell; what no calendar holds stays the number it is stored as.
fn day_of(moment: &calamine::ExcelDateTime) -> Cell {
    let number = || Cell::Number(decimal(moment.as_f64()));
    if !(1.0..2_958_466.0).contains(&moment.as_f64()) {
        return number();
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let month = Month::try_from(month).ok();
    month.and_then(|month| Date::from_calendar_date(i32::from(year), month, day).ok()).map_or_else(number, Cell::Day)
}

fn iso_day(text: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text.get(..10)?, format).ok()
}

/// The number as a spreadsheet shows it at full width: fifteen significant digits, so that `4.4999999999999996` is the `4.5` that was typed.
fn decimal(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let Ok(exponent) = exponent.parse::<i32>() else {
        return scientific;
    };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    if !(-20..=30).contains(&exponent) {
        return format!("{sign}{digits}e{exponent}");
    }
    format!("{sign}{}", place_point(digits, exponent))
}

/// `digits` with the point after the first `exponent + 1` of them.
fn place_point(digits: &str, exponent: i32) -> String {
    let Ok(before) = usize::try_from(exponent + 1) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    match digits.split_at_checked(before) {
        Some((whole, "")) => whole.to_owned(),
        Some(("", fraction)) => format!("0.{fraction}"),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits:0<before$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_were_typed() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (4.5, "4.5"),
            (12.0075, "12.0075"),
            (4.499_999_999_999_999, "4.5"),
            (0.1 + 0.2, "0.3"),
            (871_336_854.0, "871336854"),
            (100.0, "100"),
            (-5.25, "-5.25"),
            (0.001, "0.001"),
            (1e300, "1e300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }
}
