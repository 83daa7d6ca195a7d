//! A table as it stood in the file: every cell typed, nothing computed, nothing guessed.

use serde::{Deserialize, Serialize};
use time::Date;

/// A spreadsheet, or a text file taken as one with a single sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workbook {
    pub format: Format,
    pub sheets: Vec<Sheet>,
}

/// What kind of file the table came from, so that the answer can be written in the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    #[default]
    Xlsx,
    /// `encoding` is a label of the Encoding Standard (`windows-1251`, `UTF-16LE`).
    Delimited { encoding: String, delimiter: char },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub name: String,
    /// Only rows with something in them, in order.
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// As the spreadsheet numbers it, from 1.
    #[serde(rename = "r")]
    pub number: u32,
    /// From column A to the last one with something in it.
    #[serde(rename = "c")]
    pub cells: Vec<Cell>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    #[default]
    #[serde(rename = "-")]
    Empty,
    #[serde(rename = "t")]
    Text(String),
    /// A number as decimal text with at most fifteen digits, which is what spreadsheets keep and show.
    #[serde(rename = "n")]
    Number(String),
    #[serde(rename = "d", with = "day")]
    Day(Date),
    #[serde(rename = "b")]
    Bool(bool),
    /// `#REF!`, `#N/A`: a formula that failed.
    #[serde(rename = "e")]
    Error(String),
    /// A formula that was never calculated: the program that wrote the file left no value.
    #[serde(rename = "f")]
    Uncalculated,
}

static EMPTY: Cell = Cell::Empty;

impl Sheet {
    #[must_use]
    pub fn row(&self, number: u32) -> Option<&Row> {
        let index = self.rows.binary_search_by_key(&number, |row| row.number).ok()?;
        self.rows.get(index)
    }

    /// How many columns the widest row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0)
    }
}

impl Row {
    /// The cell of a column counted from 0; empty beyond the end.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&EMPTY)
    }

    /// The cells with something in them, with their columns.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank())
    }
}

impl Cell {
    /// Nothing, or only white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The cell as a person sees it, in one clean line.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => crate::kernel::text::clean_line(text),
            Self::Number(text) | Self::Error(text) => text.clone(),
            Self::Day(day) => format!("{:02}.{:02}.{}", day.day(), u8::from(day.month()), day.year()),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
            Self::Uncalculated => "=?".to_owned(),
        }
    }
}

/// The name of a column counted from 0: A, B, … Z, AA, AB, …
#[must_use]
pub fn column_name(column: usize) -> String {
    let (mut name, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        name.push(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0));
        rest = (rest - 1) / 26;
    }
    name.iter().rev().map(|letter| char::from(*letter)).collect()
}

mod day {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::Date;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(day.to_julian_day())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        Date::from_julian_day(i32::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (255, "IV"), (16_383, "XFD")] {
            assert_eq!(column_name(column), name);
        }
    }
}
