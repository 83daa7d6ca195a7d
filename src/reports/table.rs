//! One Excel table after another, written row by row on a blocking thread: text stays text, amounts are numbers, heads stay in view.

use std::borrow::Cow;

use anyhow::Context as _;
use axum::response::Response;
use rust_xlsxwriter::{ConditionalFormatCell, ConditionalFormatCellRule, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet};
use tempfile::NamedTempFile;
use time::{Date, macros::date};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    kernel::{Money, Quantity},
    web::download,
};

/// Rows that are given to the writer together, and how often so many may wait for it.
const ROWS_AT_ONCE: usize = 256;
const WAITING: usize = 4;
/// What Excel takes in one cell, in characters.
const LONGEST_TEXT: usize = 32_000;
/// What Excel takes as the name of a sheet, in characters.
const LONGEST_NAME: usize = 31;

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Empty,
    /// Always text, also when it begins with `=`, `+`, `-` or `@`.
    Text(String),
    /// Text in red: something that asks for attention.
    Alarm(String),
    Number(Quantity),
    Count(i64),
    /// Money in roubles, always with its kopecks.
    Sum(Money),
    Day(Date),
    /// A live formula in `A1` notation, where `{row}` stands for the row's number, with the value it has now.
    Formula {
        text: String,
        now: Quantity,
    },
    /// The same of money.
    SumFormula {
        text: String,
        now: Money,
    },
}

impl Cell {
    pub fn number(quantity: Option<Quantity>) -> Self {
        quantity.map_or(Self::Empty, Self::Number)
    }

    pub fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }

    fn is_money(&self) -> bool {
        matches!(self, Self::Sum(_) | Self::SumFormula { .. })
    }

    fn amount(&self) -> Option<Quantity> {
        match self {
            Self::Number(quantity) | Self::Formula { now: quantity, .. } => Some(*quantity),
            Self::Count(count) => Some(Quantity::from_thousandths(count.saturating_mul(1000))),
            Self::Sum(money) | Self::SumFormula { now: money, .. } => Some(roubles(*money)),
            _ => None,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

/// A column: its head, its width in characters, and whether its numbers are summed at the end.
#[derive(Clone, Debug)]
pub struct Column {
    pub title: String,
    pub width: u16,
    /// Columns under the same group title stand under one merged head.
    pub group: String,
    pub is_summed: bool,
    /// What is above zero is red, what is below green.
    pub is_owed: bool,
}

impl Column {
    pub fn new(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width, group: String::new(), is_summed: false, is_owed: false }
    }

    #[must_use]
    pub fn under(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    #[must_use]
    pub fn owed(mut self) -> Self {
        self.is_owed = true;
        self.summed()
    }

    #[must_use]
    pub fn summed(mut self) -> Self {
        self.is_summed = true;
        self
    }
}

/// What stands above the rows of a sheet.
#[derive(Clone, Debug)]
pub struct Head {
    pub sheet: String,
    /// Lines above the table; none for a plain list.
    pub lines: Vec<String>,
    pub columns: Vec<Column>,
    /// The word in front of the sums, when columns are summed.
    pub total: String,
}

impl Head {
    pub fn plain(sheet: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { sheet: sheet.into(), lines: Vec::new(), columns, total: String::new() }
    }

    /// The row number, from 1 as Excel counts, of the first row of values.
    pub fn first_row(&self) -> u32 {
        self.head_row() + 2
    }

    /// The row, from 0, of the column titles.
    fn head_row(&self) -> u32 {
        let lines = u32::try_from(self.lines.len()).unwrap_or(0);
        lines + u32::from(!self.lines.is_empty()) + u32::from(self.has_groups())
    }

    fn has_groups(&self) -> bool {
        self.columns.iter().any(|column| !column.group.is_empty())
    }
}

/// The letters of a column in `A1` notation; 0 is `A`.
pub fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters
}

enum Step {
    Sheet(Head),
    Rows(Vec<Vec<Cell>>),
}

/// A workbook being written. Dropping it unfinished throws it away.
pub struct Table {
    steps: mpsc::Sender<Step>,
    /// Not given to the writer yet.
    rows: Vec<Vec<Cell>>,
    writer: JoinHandle<anyhow::Result<Finished>>,
}

/// A written workbook in a temporary file that goes with it.
pub struct Finished {
    pub file: NamedTempFile,
    pub rows: i64,
    pub size_bytes: u64,
}

impl Table {
    /// Begins a workbook with its first sheet.
    pub fn begin(head: Head) -> Self {
        let (steps, received) = mpsc::channel(WAITING);
        let writer = spawn_blocking(move || write(received, head));
        Self { steps, rows: Vec::with_capacity(ROWS_AT_ONCE), writer }
    }

    /// Ends the sheet and begins another.
    pub async fn sheet(&mut self, head: Head) -> anyhow::Result<()> {
        self.hand_over().await?;
        self.step(Step::Sheet(head)).await
    }

    pub async fn row(&mut self, cells: Vec<Cell>) -> anyhow::Result<()> {
        self.rows.push(cells);
        if self.rows.len() < ROWS_AT_ONCE { Ok(()) } else { self.hand_over().await }
    }

    async fn hand_over(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS_AT_ONCE));
        self.step(Step::Rows(rows)).await
    }

    async fn step(&self, step: Step) -> anyhow::Result<()> {
        self.steps.send(step).await.map_err(|_| anyhow::anyhow!("the table can no longer be written"))
    }

    pub async fn finish(mut self) -> anyhow::Result<Finished> {
        self.hand_over().await?;
        drop(self.steps);
        self.writer.await?
    }
}

fn write(mut steps: mpsc::Receiver<Step>, head: Head) -> anyhow::Result<Finished> {
    let mut workbook = Workbook::new();
    let formats = Formats::new();
    let mut names = Vec::new();
    let mut rows = 0;
    let mut next = Some(head);
    while let Some(head) = next.take() {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(unused_name(&head.sheet, &mut names))?;
        let mut page = Page::begin(sheet, &head, &formats)?;
        while let Some(step) = steps.blocking_recv() {
            match step {
                Step::Rows(rows) => {
                    for cells in &rows {
                        page.row(cells)?;
                    }
                }
                Step::Sheet(head) => {
                    next = Some(head);
                    break;
                }
            }
        }
        rows += page.end()?;
    }
    let file = NamedTempFile::new().context("a temporary file for a table")?;
    workbook.save_to_writer(file.reopen()?)?;
    let size_bytes = file.as_file().metadata()?.len();
    Ok(Finished { file, rows, size_bytes })
}

struct Formats {
    line: Format,
    group: Format,
    head: Format,
    alarm: Format,
    number: Format,
    count: Format,
    sum: Format,
    day: Format,
    total: Format,
    total_sum: Format,
    debt: Format,
    ahead: Format,
}

impl Formats {
    fn new() -> Self {
        let head = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter)
            .set_border(FormatBorder::Thin)
            .set_background_color("E6EFEE");
        Self {
            line: Format::new().set_bold().set_font_size(12),
            group: head.clone().set_align(FormatAlign::Center),
            head,
            alarm: Format::new().set_font_color("B3261E"),
            number: Format::new().set_num_format("#,##0.###"),
            count: Format::new().set_num_format("#,##0"),
            sum: Format::new().set_num_format("#,##0.00"),
            day: Format::new().set_num_format("dd.mm.yyyy").set_align(FormatAlign::Left),
            total: Format::new().set_bold().set_num_format("#,##0.###").set_border_top(FormatBorder::Thin),
            total_sum: Format::new().set_bold().set_num_format("#,##0.00").set_border_top(FormatBorder::Thin),
            debt: Format::new().set_font_color("8C1D18").set_background_color("F9DEDC"),
            ahead: Format::new().set_font_color("0B5D2E").set_background_color("D8F0DF"),
        }
    }
}

/// One sheet while its rows come in.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    head: &'a Head,
    formats: &'a Formats,
    next_row: u32,
    sums: Vec<Quantity>,
    has_money: Vec<bool>,
    rows: i64,
}

impl<'a> Page<'a> {
    fn begin(sheet: &'a mut Worksheet, head: &'a Head, formats: &'a Formats) -> anyhow::Result<Self> {
        for (index, column) in head.columns.iter().enumerate() {
            sheet.set_column_width(u16::try_from(index)?, column.width)?;
        }
        for (row, line) in head.lines.iter().enumerate() {
            sheet.write_string_with_format(u32::try_from(row)?, 0, fitting(line), &formats.line)?;
        }
        let head_row = head.head_row();
        if head.has_groups() {
            write_groups(sheet, head, head_row - 1, &formats.group)?;
        }
        for (index, column) in head.columns.iter().enumerate() {
            sheet.write_string_with_format(head_row, u16::try_from(index)?, &column.title, &formats.head)?;
        }
        sheet.set_freeze_panes(head_row + 1, 0)?;
        sheet.set_repeat_rows(head_row, head_row)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer("&L&F&R&P / &N");
        Ok(Self {
            sheet,
            head,
            formats,
            next_row: head_row + 1,
            sums: vec![Quantity::ZERO; head.columns.len()],
            has_money: vec![false; head.columns.len()],
            rows: 0,
        })
    }

    fn row(&mut self, cells: &[Cell]) -> anyhow::Result<()> {
        for (index, cell) in cells.iter().enumerate() {
            self.cell(u16::try_from(index)?, cell)?;
            if let (Some(sum), Some(amount)) = (self.sums.get_mut(index), cell.amount()) {
                *sum = sum.plus(amount).context("a sum too large to show")?;
            }
        }
        for (has_money, cell) in self.has_money.iter_mut().zip(cells) {
            *has_money |= cell.is_money();
        }
        self.next_row += 1;
        self.rows += 1;
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell) -> anyhow::Result<()> {
        let (row, formats) = (self.next_row, self.formats);
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) => self.sheet.write_string(row, column, fitting(text))?,
            Cell::Alarm(text) => self.sheet.write_string_with_format(row, column, fitting(text), &formats.alarm)?,
            Cell::Number(quantity) => self.sheet.write_number_with_format(row, column, excel_number(*quantity)?, &formats.number)?,
            Cell::Count(count) => self.sheet.write_number_with_format(row, column, count.to_string().parse::<f64>()?, &formats.count)?,
            Cell::Sum(money) => self.sheet.write_number_with_format(row, column, excel_number(roubles(*money))?, &formats.sum)?,
            Cell::Day(day) => self.sheet.write_number_with_format(row, column, excel_day(*day), &formats.day)?,
            Cell::Formula { text, now } => {
                self.sheet.write_formula_with_format(row, column, formula(text, row, now.to_string()), &formats.number)?
            }
            Cell::SumFormula { text, now } => {
                self.sheet.write_formula_with_format(row, column, formula(text, row, now.to_string()), &formats.sum)?
            }
        };
        Ok(())
    }

    /// Sums below, a filter above; answers how many rows there were.
    fn end(self) -> anyhow::Result<i64> {
        let last_column = u16::try_from(self.head.columns.len().saturating_sub(1))?;
        let head_row = self.head.head_row();
        self.sheet.autofilter(head_row, 0, (self.next_row - 1).max(head_row), last_column)?;
        for (index, _) in self.head.columns.iter().enumerate().filter(|(_, column)| column.is_owed && self.rows > 0) {
            let (first, last, column) = (head_row + 1, self.next_row - 1, u16::try_from(index)?);
            for (rule, format) in [
                (ConditionalFormatCellRule::GreaterThan(0), &self.formats.debt),
                (ConditionalFormatCellRule::LessThan(0), &self.formats.ahead),
            ] {
                self.sheet.add_conditional_format(
                    first,
                    column,
                    last,
                    column,
                    &ConditionalFormatCell::new().set_rule(rule).set_format(format),
                )?;
            }
        }
        if self.rows > 0 && self.head.columns.iter().any(|column| column.is_summed) {
            self.sheet.write_string_with_format(self.next_row, 0, &self.head.total, &self.formats.total)?;
            for (index, column) in self.head.columns.iter().enumerate().filter(|(_, column)| column.is_summed) {
                let letters = letters(index);
                debug_assert!(!column.title.is_empty());
                // 109 sums what the filter shows.
                let text = format!("=SUBTOTAL(109,{letters}{}:{letters}{})", self.head.first_row(), self.next_row);
                let formula = Formula::new(text).set_result(self.sums[index].to_string());
                let format = if self.has_money[index] { &self.formats.total_sum } else { &self.formats.total };
                self.sheet.write_formula_with_format(self.next_row, u16::try_from(index)?, formula, format)?;
            }
        }
        Ok(self.rows)
    }
}

fn write_groups(sheet: &mut Worksheet, head: &Head, row: u32, format: &Format) -> anyhow::Result<()> {
    let mut from = 0;
    for part in head.columns.chunk_by(|a, b| a.group == b.group) {
        let (first, last) = (u16::try_from(from)?, u16::try_from(from + part.len() - 1)?);
        match (part[0].group.as_str(), part.len()) {
            ("", _) => {}
            (group, 1) => {
                sheet.write_string_with_format(row, first, group, format)?;
            }
            (group, _) => {
                sheet.merge_range(row, first, row, last, group, format)?;
            }
        }
        from += part.len();
    }
    Ok(())
}

/// A live formula of a row, from 0, with the value it has now.
fn formula(text: &str, row: u32, now: String) -> Formula {
    Formula::new(text.replace("{row}", &(row + 1).to_string())).set_result(now)
}

/// Kopecks as thousandths of a rouble.
fn roubles(money: Money) -> Quantity {
    Quantity::from_thousandths(money.kopecks().saturating_mul(10))
}

/// Excel keeps numbers as binary fractions; thousandths survive the way through text exactly as far as fifteen digits go.
fn excel_number(quantity: Quantity) -> anyhow::Result<f64> {
    Ok(quantity.to_string().parse()?)
}

/// Days since 30 December 1899, as Excel counts them.
fn excel_day(day: Date) -> i32 {
    day.to_julian_day() - date!(1899 - 12 - 30).to_julian_day()
}

/// Text that fits a cell, without characters that XML cannot hold; cut text ends with a mark.
fn fitting(text: &str) -> Cow<'_, str> {
    let is_dropped = |c: char| c.is_control() && c != '\n';
    let clean: Cow<'_, str> = if text.contains(is_dropped) { text.replace(is_dropped, "").into() } else { text.into() };
    if clean.len() <= LONGEST_TEXT {
        return clean;
    }
    match clean.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &clean[..end]).into(),
        None => clean,
    }
}

/// A sheet name that Excel takes and that is not used yet.
fn unused_name(wanted: &str, used: &mut Vec<String>) -> String {
    let clean: String = wanted.chars().filter(|c| !c.is_control() && !"[]:*?/\\'".contains(*c)).take(LONGEST_NAME).collect();
    let clean = if clean.trim().is_empty() { "Лист".to_owned() } else { clean.trim().to_owned() };
    let mut name = clean.clone();
    let mut number = 2;
    while used.contains(&name.to_lowercase()) {
        let suffix = format!(" {number}");
        name = clean.chars().take(LONGEST_NAME - suffix.len()).collect::<String>() + suffix.as_str();
        number += 1;
    }
    used.push(name.to_lowercase());
    name
}

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Answers with a finished workbook as a download of that name; the temporary file goes when it is sent.
pub async fn download(finished: Finished, file_name: &str) -> anyhow::Result<Response> {
    let path = finished.file.path().to_owned();
    download::file(&path, finished.file, file_name, XLSX).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_cleaned_and_never_repeat() {
        let mut used = Vec::new();
        assert_eq!(unused_name("Вода/[2026]: *?", &mut used), "Вода2026");
        assert_eq!(unused_name("вода2026", &mut used), "вода2026 2");
        assert_eq!(unused_name("", &mut used), "Лист");
        assert_eq!(unused_name(&"я".repeat(40), &mut used).chars().count(), LONGEST_NAME);
    }

    #[test]
    fn days_and_columns_are_counted_as_excel_does() {
        assert_eq!(excel_day(date!(2026 - 10 - 25)), 46320);
        assert_eq!(
            (letters(0), letters(25), letters(26), letters(701)),
            ("A".to_owned(), "Z".to_owned(), "AA".to_owned(), "ZZ".to_owned())
        );
    }

    #[test]
    fn over_long_text_is_cut_with_a_mark_and_controls_are_dropped() {
        assert_eq!(fitting("a\0b\nc"), "ab\nc");
        assert!(fitting(&"x".repeat(40_000)).ends_with("x…"));
    }
}
