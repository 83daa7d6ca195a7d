//! Reads a text file as a table: the delimiter guessed, quotes honoured, a quote that never closes survived.

use super::{
    encoding,
    guard::{LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Refusal, Refused},
    table::{Cell, Format, Row, column_name},
    wire::Sink,
};

const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];
/// A quoted field with more lines than this is a quote that somebody forgot to close.
const MOST_LINES_IN_A_FIELD: usize = 20;

/// Sends the one sheet of a text file to the sink.
pub fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), Refused> {
    let (text, encoding) = encoding::decode(bytes);
    let (text, named) = without_delimiter_line(&text);
    let delimiter = named.unwrap_or_else(|| guess_delimiter(text));
    sink.format(Format::Delimited { encoding: encoding.name().to_owned(), delimiter: char::from(delimiter) })?;
    sink.sheet("")?;
    let records = match split(text, delimiter, true) {
        Ok(records) if !has_runaway_quote(&records) => records,
        _ => split(text, delimiter, false)?,
    };
    for record in records {
        sink.row(&row_of(record)?)?;
    }
    Ok(())
}

type Record = (u32, Vec<String>);

/// Excel writes `sep=;` as a first line for itself; line numbers still count it.
fn without_delimiter_line(text: &str) -> (&str, Option<u8>) {
    match text.as_bytes() {
        [b's', b'e', b'p', b'=', delimiter, b'\r' | b'\n', ..] if DELIMITERS.contains(delimiter) => (&text[5..], Some(*delimiter)),
        _ => (text, None),
    }
}

/// The delimiter that cuts most of the first lines into the same number of fields.
fn guess_delimiter(text: &str) -> u8 {
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim().is_empty()).take(50).map(|line| &line[..line.floor_char_boundary(4096)]).collect();
    let agreement = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| fields_outside_quotes(line, delimiter)).collect();
        let usual = counts.iter().copied().filter(|count| *count > 1).max_by_key(|count| counts.iter().filter(|c| *c == count).count());
        usual.map_or(0, |usual| counts.iter().filter(|count| **count == usual).count() * 100 + usual)
    };
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| agreement(*delimiter)).unwrap_or(b';')
}

fn fields_outside_quotes(line: &str, delimiter: u8) -> usize {
    let mut is_quoted = false;
    let mut fields = 1;
    for byte in line.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if byte == delimiter && !is_quoted => fields += 1,
            _ => {}
        }
    }
    fields
}

fn split(text: &str, delimiter: u8, has_quotes: bool) -> Result<Vec<Record>, Refused> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).quoting(has_quotes).from_reader(text.as_bytes());
    let mut lines = LineCounter { text: text.as_bytes(), at: 0, line: 1 };
    let mut records = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| Refusal::Broken)? {
        let number = lines.line_of(record.position().map_or(0, csv::Position::byte));
        if number > MOST_ROWS {
            return Err(Refused::at(Refusal::TooManyRows, "", &number.to_string()));
        }
        if record.len() > MOST_COLUMNS {
            return Err(Refused::at(Refusal::TooManyColumns, "", &number.to_string()));
        }
        let field = |field: &str| if has_quotes { field.to_owned() } else { field.trim().trim_matches('"').to_owned() };
        records.push((number, record.iter().map(field).collect()));
    }
    Ok(records)
}

/// Numbers lines as an editor does; the csv reader gives the place before the empty lines that it skips.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl LineCounter<'_> {
    /// The line of the first byte from `byte` on that is no line end. Asked in rising order only.
    fn line_of(&mut self, byte: u64) -> u32 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(next) = self.text.get(self.at)
            && (self.at < byte || matches!(next, b'\r' | b'\n'))
        {
            self.line = self.line.saturating_add(u32::from(*next == b'\n'));
            self.at += 1;
        }
        self.line
    }
}

fn has_runaway_quote(records: &[Record]) -> bool {
    records
        .iter()
        .flat_map(|(_, fields)| fields)
        .any(|field| field.len() > LONGEST_CELL || field.matches('\n').count() > MOST_LINES_IN_A_FIELD)
}

fn row_of((number, fields): Record) -> Result<Row, Refused> {
    let mut cells = Vec::with_capacity(fields.len());
    for (column, field) in fields.into_iter().enumerate() {
        if field.chars().count() > LONGEST_CELL {
            return Err(Refused::at(Refusal::TooLongText, "", &format!("{}{number}", column_name(column))));
        }
        cells.push(if field.trim().is_empty() { Cell::Empty } else { Cell::Text(field) });
    }
    while cells.last() == Some(&Cell::Empty) {
        cells.pop();
    }
    Ok(Row { number, cells })
}
