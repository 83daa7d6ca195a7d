//! A file of readings: every row a value of a meter known by its serial, or the reason why it is none.

use std::collections::HashMap;

use time::Date;

use super::{
    headers,
    mapping::{Mapping, SheetMapping},
    registry::{Problem, Reporter},
    table::{Row, Workbook},
    values,
    words::{Field, ProblemCode},
};
use crate::{
    kernel::Quantity,
    metering::{Resource, Zone},
};

/// What must be known of a meter to take a reading for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMeter {
    pub zones: Vec<Zone>,
    /// Whole digits of the dial.
    pub dial_digits: u8,
}

/// A row that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingRow {
    pub resource: Resource,
    pub serial: String,
    pub on: Date,
    pub values: Vec<(Zone, Quantity)>,
}

/// A row of the file and what became of it: a reading, or everything that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub sheet: String,
    pub number: u32,
    /// As the file names the meter, for the list a person reads.
    pub serial: String,
    pub reading: Result<ReadingRow, Vec<Problem>>,
}

/// Reads all used sheets; `meter` knows the meters, `today` is the site's day.
pub fn read(workbook: &Workbook, mapping: &Mapping, today: Date, meter: impl Fn(Resource, &str) -> Option<KnownMeter>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut seen = HashMap::new();
    for (sheet, mapping) in workbook.sheets.iter().zip(&mapping.sheets).filter(|(_, mapping)| mapping.is_used) {
        for row in sheet.rows.iter().filter(|row| mapping.is_data(row)) {
            let mut problems = Vec::new();
            let mut reader = RowReader { row, mapping, today, report: Reporter { problems: &mut problems } };
            let reading = reader.read(&meter);
            let serial = mapping.column(Field::Serial, None).map(|place| row.cell(place).shown()).unwrap_or_default();
            let reading = reading.filter(|_| problems.is_empty());
            let reading = reading.ok_or(problems).and_then(|reading| not_twice(reading, row.number, &mut seen));
            outcomes.push(Outcome { sheet: sheet.name.clone(), number: row.number, serial, reading });
        }
    }
    outcomes
}

/// The same meter on the same day is taken once; the row that had it first is named.
fn not_twice(reading: ReadingRow, number: u32, seen: &mut HashMap<(Resource, String, Date), u32>) -> Result<ReadingRow, Vec<Problem>> {
    let first = *seen.entry((reading.resource, reading.serial.clone(), reading.on)).or_insert(number);
    if first == number {
        return Ok(reading);
    }
    Err(vec![Problem { cell: reading.serial, detail: first.to_string(), ..Problem::whole_row(ProblemCode::ReadingTwice) }])
}

struct RowReader<'a, 'r> {
    row: &'a Row,
    mapping: &'a SheetMapping,
    today: Date,
    report: Reporter<'r>,
}

impl RowReader<'_, '_> {
    /// Every cell is looked at before the row is given up, so that all reasons come back at once.
    fn read(&mut self, meter: &impl Fn(Resource, &str) -> Option<KnownMeter>) -> Option<ReadingRow> {
        let resource = self.resource();
        let serial = self.required(Field::Serial, values::serial, ProblemCode::SerialMissing);
        let on = self.required(Field::CurrentOn, values::day, ProblemCode::NoDate).or_else(|| self.column_day());
        self.check_future(on);
        let known = resource.zip(serial.as_ref()).and_then(|(resource, serial)| meter(resource, serial));
        if known.is_none() && resource.is_some() && serial.is_some() {
            self.add(Field::Serial, ProblemCode::UnknownMeter);
        }
        let zones = known.as_ref().map_or_else(|| vec![Zone::Single], |known| known.zones.clone());
        let values = self.values(&zones, known.as_ref());
        Some(ReadingRow { resource: resource?, serial: serial?, on: on?, values: known.and(values)? })
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.mapping.column(field, None)
    }

    fn add(&mut self, field: Field, code: ProblemCode) {
        self.report.add(self.row, self.place(field), code);
    }

    fn required<T>(&mut self, field: Field, parse: fn(&super::table::Cell) -> values::Parsed<T>, missing: ProblemCode) -> Option<T> {
        let Some(place) = self.place(field) else {
            if field != Field::CurrentOn || self.column_day().is_none() {
                self.add(field, missing);
            }
            return None;
        };
        let value = self.report.take(self.row, place, parse);
        if value.is_none() && !self.report.has_problem_in(place) {
            self.report.add(self.row, Some(place), missing);
        }
        value
    }

    /// The day that the header of the value column names, for files without a date column.
    fn column_day(&self) -> Option<Date> {
        let value = self.place(Field::Current)?;
        self.mapping.columns[value].day.filter(|_| self.place(Field::CurrentOn).is_none())
    }

    fn check_future(&mut self, on: Option<Date>) {
        if on.is_some_and(|on| on > self.today) {
            self.add(Field::CurrentOn, ProblemCode::FutureDate);
        }
    }

    fn resource(&mut self) -> Option<Resource> {
        let Some(place) = self.place(Field::Resource) else {
            return self.mapping.columns.iter().find(|column| column.field == Field::Current).and_then(|column| column.resource).or_else(
                || {
                    self.report.add(self.row, None, ProblemCode::UnknownResource);
                    None
                },
            );
        };
        let resource = headers::resource_of(&self.row.cell(place).shown());
        if resource.is_none() {
            self.report.add(self.row, Some(place), ProblemCode::UnknownResource);
        }
        resource
    }

    fn values(&mut self, zones: &[Zone], known: Option<&KnownMeter>) -> Option<Vec<(Zone, Quantity)>> {
        let mut taken = Vec::new();
        for zone in zones {
            let field = field_of(*zone);
            let missing = if field == Field::Current { ProblemCode::NoValue } else { ProblemCode::ZoneMissing };
            let value = self.required(field, values::quantity, missing);
            if let (Some(value), Some(known)) = (value, known)
                && value >= Quantity::dial_limit(known.dial_digits)
            {
                self.add(field, ProblemCode::TooManyDigits);
            }
            taken.extend(value.map(|value| (*zone, value)));
        }
        self.refuse_other_dials(zones, known);
        (taken.len() == zones.len()).then_some(taken)
    }

    /// A night value for a meter with one dial is a mistake in the file or in the books: nobody can say which.
    fn refuse_other_dials(&mut self, zones: &[Zone], known: Option<&KnownMeter>) {
        for zone in [Zone::Night, Zone::Peak, Zone::HalfPeak] {
            let is_filled = self.place(field_of(zone)).is_some_and(|place| !self.row.cell(place).is_blank());
            if known.is_some() && is_filled && !zones.contains(&zone) {
                self.add(field_of(zone), ProblemCode::ZoneUnexpected);
            }
        }
    }
}

const fn field_of(zone: Zone) -> Field {
    match zone {
        Zone::Single | Zone::Day => Field::Current,
        Zone::Night => Field::CurrentNight,
        Zone::Peak => Field::CurrentPeak,
        Zone::HalfPeak => Field::CurrentHalfPeak,
    }
}
