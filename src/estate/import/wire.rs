//! How a table travels from the process that reads the file to the one that asked: JSON, one object a line, an end mark last.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use super::{
    guard::{Refusal, Refused},
    table::{Format, Row, Sheet, Workbook},
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Format(Format),
    Sheet(String),
    Refused(Refused),
    End,
    #[serde(untagged)]
    Row(Row),
}

/// Where the reading process puts what it has read.
pub struct Sink<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Sink<'a> {
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out }
    }

    pub fn format(&mut self, format: Format) -> Result<(), Refused> {
        self.line(&Line::Format(format))
    }

    pub fn sheet(&mut self, name: &str) -> Result<(), Refused> {
        self.line(&Line::Sheet(name.to_owned()))
    }

    /// Rows without anything in them are left out.
    pub fn row(&mut self, row: &Row) -> Result<(), Refused> {
        if row.filled().next().is_none() {
            return Ok(());
        }
        self.json(row)
    }

    /// The last line: all went well, or why not.
    pub fn end(&mut self, outcome: Result<(), Refused>) -> Result<(), Refused> {
        self.line(&outcome.map_or_else(Line::Refused, |()| Line::End))?;
        self.out.flush().map_err(|_| Refusal::Unreadable.into())
    }

    fn line(&mut self, line: &Line) -> Result<(), Refused> {
        self.json(line)
    }

    fn json(&mut self, value: &impl Serialize) -> Result<(), Refused> {
        serde_json::to_writer(&mut *self.out, value).map_err(|_| Refusal::Unreadable)?;
        self.out.write_all(b"\n").map_err(|_| Refusal::Unreadable.into())
    }
}

/// Puts the lines together again; without the end mark the reader died on the way.
pub fn workbook_of(lines: impl BufRead) -> Result<Workbook, Refused> {
    let mut workbook = Workbook::default();
    for line in lines.split(b'\n') {
        let line = line.map_err(|_| Refusal::Unreadable)?;
        match serde_json::from_slice(&line).map_err(|_| Refusal::Unreadable)? {
            Line::Format(format) => workbook.format = format,
            Line::Sheet(name) => workbook.sheets.push(Sheet { name, rows: Vec::new() }),
            Line::Row(row) => workbook.sheets.last_mut().ok_or(Refusal::Unreadable)?.rows.push(row),
            Line::Refused(refused) => return Err(refused),
            Line::End => return Ok(workbook),
        }
    }
    Err(Refusal::Unreadable.into())
}
