//! A list of the desk as a workbook: the same rows in the same order, all of them, fetched part by part.

use super::table::{self, Cell, Column, Head, Table};
use crate::web::{Locale, Result};

/// Rows of one query: so many that a list which is added up anew for each part is not added up often, few enough to be held.
const PART: i64 = 10_000;

/// Columns by the keys of their titles, with their widths in characters.
pub fn columns(l: Locale, titled: &[(&str, u16)]) -> Vec<Column> {
    titled.iter().map(|(key, width)| Column::new(l.t(key), *width)).collect()
}

/// A workbook being filled: ask for the next [`Listing::part`], give each [`Listing::row`] of it, until no part is left.
pub struct Listing {
    title: String,
    table: Table,
    asked: i64,
    written: i64,
}

impl Listing {
    pub fn begin(title: String, columns: Vec<Column>) -> Self {
        let table = Table::begin(Head::plain(&title, columns));
        Self { title, table, asked: 0, written: 0 }
    }

    /// Limit and offset of the rows wanted next; none when the part before came back short.
    pub fn part(&mut self) -> Option<(i64, i64)> {
        if self.written < self.asked {
            return None;
        }
        self.asked = self.written + PART;
        Some((PART, self.written))
    }

    pub async fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        self.written += 1;
        Ok(self.table.row(cells).await?)
    }

    /// A row that no query gives, such as what stood before the first.
    pub async fn extra(&mut self, cells: Vec<Cell>) -> Result<()> {
        Ok(self.table.row(cells).await?)
    }

    /// The finished file as the answer, named by its title.
    pub async fn download(self) -> Result {
        Ok(table::download(self.table.finish().await?, &format!("{}.xlsx", self.title)).await?)
    }
}
