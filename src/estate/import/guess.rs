//! Guesses what a workbook means: which sheets are tables, where their headers stand, what every column says.

use std::collections::HashMap;

use time::Date;

use super::{
    headers::{self, Meaning, NamedDay},
    mapping::{ColumnMapping, Content, Mapping, SheetMapping},
    table::{Cell, Row, Sheet, Workbook},
    words::Field,
};
use crate::metering::Resource;

/// A header is looked for in the first rows only.
const HEADER_WITHIN_ROWS: usize = 40;
/// Without a unit in the header, areas that are all smaller than this are hundreds of square metres: no flat is so small.
const SMALLEST_SQUARE_METRES: u32 = 25;

/// What was chosen before for a header text (in its `headers::plain` form), which beats every rule.
pub type Remembered = HashMap<String, Field>;

/// The meaning of a whole file as far as its words tell.
#[must_use]
pub fn guess(workbook: &Workbook, remembered: &Remembered, today: Date) -> Mapping {
    let mut sheets: Vec<SheetMapping> = workbook.sheets.iter().map(|sheet| guess_sheet(sheet, remembered, today)).collect();
    date_previous_readings(&mut sheets);
    let content = content_of(&sheets);
    for sheet in &mut sheets {
        sheet.is_used = sheet.is_used && (content == Content::Readings || sheet.has(Field::Label));
    }
    Mapping { content, sheets }
}

/// A file whose tables name meters but no plots and no people is a file of readings.
fn content_of(sheets: &[SheetMapping]) -> Content {
    let mut used = sheets.iter().filter(|sheet| sheet.is_used).peekable();
    let is_readings = used.peek().is_some() && used.all(|sheet| !sheet.has(Field::Label) && !sheet.has(Field::OwnerName));
    if is_readings { Content::Readings } else { Content::Registry }
}

fn guess_sheet(sheet: &Sheet, remembered: &Remembered, today: Date) -> SheetMapping {
    match find_header(sheet, remembered) {
        Some((from, to)) => under_header(sheet, from, to, remembered, today),
        None => {
            SheetMapping { sheet: sheet.name.clone(), columns: vec![ColumnMapping::default(); sheet.width()], ..SheetMapping::default() }
        }
    }
}

/// The columns of a sheet whose header rows are known, guessed or chosen.
#[must_use]
pub fn under_header(sheet: &Sheet, from: u32, to: u32, remembered: &Remembered, today: Date) -> SheetMapping {
    let mut columns = Columns::new(sheet, from, to, remembered, today).read();
    settle(sheet, to, &mut columns);
    let mut mapping = SheetMapping { sheet: sheet.name.clone(), is_used: false, header_from: from, header_to: to, columns };
    let has_value = mapping.columns.iter().any(|column| column.field.is_reading());
    let has_person = mapping.has(Field::OwnerName) || mapping.has(Field::LastName);
    let has_serial = mapping.has(Field::Serial);
    let has_area = mapping.has(Field::Area) || mapping.has(Field::AreaHundreds);
    mapping.is_used = if mapping.has(Field::Label) { has_person || has_serial || has_value || has_area } else { has_serial && has_value };
    mapping
}

/// The row with the most known words, and a row of dials («день», «Т2») right below it.
fn find_header(sheet: &Sheet, remembered: &Remembered) -> Option<(u32, u32)> {
    let known = |row: &Row| row.filled().filter(|(_, cell)| matches!(cell, Cell::Text(_)) && is_known(&cell.shown(), remembered)).count();
    let candidates = sheet.rows.iter().take(HEADER_WITHIN_ROWS).enumerate();
    let (place, row, score) = candidates.map(|(place, row)| (place, row, known(row))).rev().max_by_key(|(_, _, score)| *score)?;
    if score < 2 {
        return None;
    }
    let below = sheet.rows.get(place + 1).filter(|below| below.number == row.number + 1 && is_row_of_dials(below));
    Some((row.number, below.map_or(row.number, |below| below.number)))
}

fn is_known(header: &str, remembered: &Remembered) -> bool {
    header.chars().count() <= 80 && (remembered.contains_key(&headers::plain(header)) || headers::meaning(header).field.is_some())
}

fn is_row_of_dials(row: &Row) -> bool {
    let is_dial = |cell: &Cell| matches!(cell, Cell::Text(text) if text.chars().count() <= 20 && headers::meaning(text).zone.is_some());
    row.filled().count() > 0 && row.filled().all(|(_, cell)| is_dial(cell))
}

/// Reads headers from left to right; a header that names only a dial belongs to what stands left of it.
struct Columns<'a> {
    sheet: &'a Sheet,
    from: u32,
    to: u32,
    remembered: &'a Remembered,
    today: Date,
    year: Option<i32>,
    title_day: Option<NamedDay>,
    resource: Option<Resource>,
}

impl<'a> Columns<'a> {
    fn new(sheet: &'a Sheet, from: u32, to: u32, remembered: &'a Remembered, today: Date) -> Self {
        let titles: Vec<String> = std::iter::once(sheet.name.clone())
            .chain(
                sheet.rows.iter().take_while(|row| row.number < from).filter_map(|row| row.filled().next().map(|(_, cell)| cell.shown())),
            )
            .collect();
        Self {
            sheet,
            from,
            to,
            remembered,
            today,
            year: titles.iter().find_map(|title| headers::year_in(title)),
            title_day: titles.iter().find_map(|title| headers::day_in(title)),
            resource: titles.iter().find_map(|title| headers::resource_of(title)),
        }
    }

    fn read(&self) -> Vec<ColumnMapping> {
        let group_row = self.from.checked_sub(1).and_then(|number| self.sheet.row(number));
        let mut group = String::new();
        let mut columns: Vec<ColumnMapping> = Vec::new();
        for place in 0..self.sheet.width() {
            if let Some(head) = group_row.map(|row| row.cell(place).shown()).filter(|head| !head.is_empty()) {
                group = head;
            }
            let column = self.column(&self.header(place), &group, columns.last());
            columns.push(column);
        }
        columns
    }

    /// The texts of all header rows over a column, from above.
    fn header(&self, place: usize) -> String {
        let rows = (self.from..=self.to).filter_map(|number| self.sheet.row(number));
        rows.map(|row| row.cell(place).shown()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn column(&self, header: &str, group: &str, left: Option<&ColumnMapping>) -> ColumnMapping {
        if header.is_empty() {
            return ColumnMapping::default();
        }
        let meaning = headers::meaning(header);
        let named_day = headers::day_in(header);
        let left = left.filter(|left| left.field.is_reading());
        let in_group = headers::meaning(&format!("{group} {header}")).field;
        let (field, left) = match (self.remembered.get(&headers::plain(header)), meaning) {
            (Some(field), _) => (*field, None),
            (None, Meaning { field: Some(field), .. }) => (field, None),
            (None, Meaning { zone: Some(zone), .. }) if left.is_some() => {
                (headers::with_zone(left.map_or(Field::Current, |left| left.field), Some(zone)), left)
            }
            (None, Meaning { zone: Some(_), .. }) if in_group.is_some_and(Field::is_reading) => (in_group.unwrap_or_default(), None),
            _ if named_day.is_some() => (Field::Current, None),
            _ => (Field::Ignore, None),
        };
        let resource = || headers::resource_of(header).or_else(|| headers::resource_of(group)).or(self.resource);
        let day = || named_day.or_else(|| headers::day_in(group)).and_then(|named| named.resolve(self.year, self.today));
        ColumnMapping {
            header: header.to_owned(),
            field,
            resource: field.is_of_meter().then(|| left.and_then(|left| left.resource).or_else(resource)).flatten(),
            day: field.is_reading().then(|| left.and_then(|left| left.day).or_else(day)).flatten(),
        }
        .dated_by_title(self.title_day.and_then(|named| named.resolve(self.year, self.today)))
    }
}

impl ColumnMapping {
    /// «Отчёт на 25.10.2026» dates the readings under it when nothing nearer does.
    fn dated_by_title(self, day: Option<Date>) -> Self {
        let is_undated = self.field.is_reading() && !self.field.is_previous() && self.day.is_none();
        Self { day: if is_undated { day } else { self.day }, ..self }
    }
}

/// What only the columns together tell: doubles, the label, the resource, older readings, the unit of area.
fn settle(sheet: &Sheet, header_to: u32, columns: &mut [ColumnMapping]) {
    if !columns.iter().any(|column| column.field == Field::Label)
        && !columns.iter().any(|column| column.field == Field::Resource)
        && let Some(ordinal) = columns.iter_mut().find(|column| column.field == Field::Ordinal)
    {
        ordinal.field = Field::Label;
    }
    if !columns.iter().any(|column| matches!(column.field, Field::OwnerName | Field::FirstName))
        && let Some(last_name) = columns.iter_mut().find(|column| column.field == Field::LastName)
    {
        last_name.field = Field::OwnerName;
    }
    if columns.iter().any(|column| column.field == Field::Zones || column.field.is_of_another_dial()) {
        // only electricity is counted by zones
        for column in columns.iter_mut().filter(|column| column.field.is_of_meter() && column.resource.is_none()) {
            column.resource = Some(Resource::Electricity);
        }
    }
    age_readings(columns);
    drop_doubles(columns);
    settle_area(sheet, header_to, columns);
}

/// Of reading columns with several days, all but those of the last day are previous ones.
fn age_readings(columns: &mut [ColumnMapping]) {
    for resource in [None, Some(Resource::Water), Some(Resource::Electricity)] {
        let is_dated = |column: &&ColumnMapping| column.field.is_reading() && column.resource == resource;
        let latest = columns.iter().filter(is_dated).filter_map(|column| column.day).max();
        for column in columns.iter_mut().filter(|column| column.resource == resource && column.day < latest && column.day.is_some()) {
            column.field = match column.field {
                Field::Current => Field::Previous,
                Field::CurrentNight => Field::PreviousNight,
                Field::CurrentPeak => Field::PreviousPeak,
                Field::CurrentHalfPeak => Field::PreviousHalfPeak,
                field => field,
            };
        }
    }
}

/// The first column of a meaning has it; readings of different days differ in meaning.
fn drop_doubles(columns: &mut [ColumnMapping]) {
    let mut seen = Vec::new();
    for column in columns {
        let meaning = (column.field, column.resource, column.day);
        if seen.contains(&meaning) && !matches!(column.field, Field::NotYetUsed | Field::Note | Field::Phone) {
            column.field = Field::Ignore;
        }
        seen.push(meaning);
    }
}

fn settle_area(sheet: &Sheet, header_to: u32, columns: &mut [ColumnMapping]) {
    for (place, column) in columns.iter_mut().enumerate().filter(|(_, column)| column.field == Field::Area) {
        let plain = headers::plain(&column.header);
        if [" м2 ", " m2 ", " кв "].iter().any(|unit| plain.contains(unit)) {
            continue;
        }
        let cells = sheet.rows.iter().filter(|row| row.number > header_to).map(|row| row.cell(place));
        let whole_units: Vec<u32> = cells.filter_map(|cell| cell.shown().split(['.', ',']).next()?.parse().ok()).collect();
        if !whole_units.is_empty() && whole_units.iter().all(|units| *units < SMALLEST_SQUARE_METRES) {
            column.field = Field::AreaHundreds;
        }
    }
}

/// Previous readings without a day get the one that another table of the file names for its own: they were written down together.
fn date_previous_readings(sheets: &mut [SheetMapping]) {
    let all = || sheets.iter().filter(|sheet| sheet.is_used).flat_map(|sheet| &sheet.columns);
    let Some(known) = all().filter(|column| column.field.is_previous()).filter_map(|column| column.day).max() else {
        return;
    };
    for sheet in sheets.iter_mut().filter(|sheet| !sheet.has(Field::PreviousOn)) {
        for column in sheet.columns.iter_mut().filter(|column| column.field.is_previous() && column.day.is_none()) {
            column.day = Some(known);
        }
    }
}
