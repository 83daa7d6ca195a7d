//! What one row says about one meter: its number, its dials, its readings with their days.

use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use super::{
    mapping::{ColumnMapping, SheetMapping},
    registry::{Problem, Reporter},
    table::Row,
    values,
    words::{Field, ProblemCode},
};
use crate::{
    kernel::Quantity,
    metering::{Resource, Zone},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterRow {
    pub resource: Resource,
    /// `None` where the file gives no number; the plan then makes one up that says so.
    pub serial: Option<String>,
    pub zones: Vec<Zone>,
    pub model: Option<String>,
    pub seal: Option<String>,
    #[serde(with = "super::mapping::optional_day")]
    pub verified_on: Option<Date>,
    #[serde(with = "super::mapping::optional_day")]
    pub verify_by: Option<Date>,
    /// The oldest first; the first reading of a new meter becomes its opening values.
    pub readings: Vec<DatedReading>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedReading {
    #[serde(with = "super::mapping::day")]
    pub on: Date,
    /// The file names no day: a month before the next reading was taken for it.
    pub is_day_assumed: bool,
    /// One for each zone of the meter, in its order.
    pub values: Vec<(Zone, Quantity)>,
}

/// The meter of a resource in a row; `None` where the row says nothing of one.
pub fn read(row: &Row, sheet: &SheetMapping, resource: Resource, today: Date, report: &mut Reporter<'_>) -> Option<MeterRow> {
    let is_ours = |column: &ColumnMapping| column.field.is_of_meter() && column.resource.is_none_or(|of| of == resource);
    let says_something = |field: Field| field.is_reading() || field == Field::Serial;
    let has_cells = sheet.meanings().any(|(place, column)| is_ours(column) && says_something(column.field) && !row.cell(place).is_blank());
    if !has_cells {
        return None;
    }
    let mut reader = MeterReader { row, sheet, resource, today, report };
    let zones = reader.zones();
    Some(MeterRow {
        resource,
        serial: reader.serial(),
        model: reader.cell(Field::Model, values::text),
        seal: reader.cell(Field::Seal, values::text),
        verified_on: reader.cell(Field::VerifiedOn, values::day),
        verify_by: reader.cell(Field::VerifyBy, values::day),
        readings: reader.readings(&zones),
        zones,
    })
}

/// Which of a row's readings.
#[derive(Clone, Copy)]
enum Which {
    Current,
    /// The previous one in the columns of this day.
    Previous(Option<Date>),
}

struct MeterReader<'a, 'r> {
    row: &'a Row,
    sheet: &'a SheetMapping,
    resource: Resource,
    today: Date,
    report: &'a mut Reporter<'r>,
}

impl MeterReader<'_, '_> {
    fn cell<T>(&mut self, field: Field, parse: fn(&super::table::Cell) -> values::Parsed<T>) -> Option<T> {
        let place = self.sheet.column(field, Some(self.resource))?;
        self.report.take(self.row, place, parse)
    }

    fn serial(&mut self) -> Option<String> {
        let place = self.sheet.column(Field::Serial, Some(self.resource))?;
        let serial = self.report.take(self.row, place, values::serial);
        if serial.is_none() && !self.report.has_problem_in(place) {
            self.report.add(self.row, Some(place), ProblemCode::SerialMissing);
        }
        serial
    }

    /// What the file states, or else as many dials as the row has values.
    fn zones(&mut self) -> Vec<Zone> {
        if let Some(zones) = self.cell(Field::Zones, values::zones) {
            return zones;
        }
        let has = |previous: Field, current: Field| {
            let is_filled = |field: Field| self.columns(field).any(|place| !self.row.cell(place).is_blank());
            is_filled(previous) || is_filled(current)
        };
        let (night, peak) = (has(Field::PreviousNight, Field::CurrentNight), has(Field::PreviousPeak, Field::CurrentPeak));
        let half_peak = has(Field::PreviousHalfPeak, Field::CurrentHalfPeak);
        match (night, peak, half_peak) {
            (_, true, true) => vec![Zone::Peak, Zone::HalfPeak, Zone::Night],
            (_, true, false) => vec![Zone::Day, Zone::Night, Zone::Peak],
            (true, ..) => vec![Zone::Day, Zone::Night],
            _ => vec![Zone::Single],
        }
    }

    fn columns(&self, field: Field) -> impl Iterator<Item = usize> {
        let resource = self.resource;
        self.sheet
            .meanings()
            .filter(move |(_, column)| column.field == field && column.resource.is_none_or(|of| of == resource))
            .map(|(place, _)| place)
    }

    fn readings(&mut self, zones: &[Zone]) -> Vec<DatedReading> {
        let mut readings: Vec<DatedReading> = Vec::new();
        let current = self.reading(Which::Current, zones, None);
        let mut days: Vec<Option<Date>> =
            self.sheet.meanings().filter(|(_, column)| self.is_previous_of_ours(column)).map(|(_, column)| column.day).collect();
        days.dedup();
        let before = current.as_ref().map(|current| current.on);
        for day in days {
            readings.extend(self.reading(Which::Previous(day), zones, before));
        }
        readings.extend(current);
        self.refuse_other_dials(zones);
        readings.sort_by_key(|reading| reading.on);
        readings.dedup_by(|later, earlier| later.on == earlier.on && later.values == earlier.values);
        readings
    }

    /// A night value in the row of a meter with one dial: not taken, and nobody can say which of the two is wrong.
    fn refuse_other_dials(&mut self, zones: &[Zone]) {
        for zone in [Zone::Night, Zone::Peak, Zone::HalfPeak].into_iter().filter(|zone| !zones.contains(zone)) {
            let places: Vec<usize> = self.columns(field_of(true, zone)).chain(self.columns(field_of(false, zone))).collect();
            for place in places {
                if !self.row.cell(place).is_blank() {
                    self.report.add(self.row, Some(place), ProblemCode::ZoneUnexpected);
                }
            }
        }
    }

    fn is_previous_of_ours(&self, column: &ColumnMapping) -> bool {
        column.field.is_previous() && column.resource.is_none_or(|of| of == self.resource)
    }

    /// One reading: all its dials or nothing. `before` dates a previous one that has no day.
    fn reading(&mut self, which: Which, zones: &[Zone], before: Option<Date>) -> Option<DatedReading> {
        let places: Vec<(Zone, Option<usize>)> = zones.iter().map(|zone| (*zone, self.place(*zone, which))).collect();
        if places.iter().all(|(_, place)| place.is_none_or(|place| self.row.cell(place).is_blank())) {
            return None;
        }
        let mut values = Vec::with_capacity(zones.len());
        for (zone, place) in &places {
            let value = place.and_then(|place| self.report.take(self.row, place, values::quantity));
            let is_told = place.is_some_and(|place| self.report.has_problem_in(place));
            if value.is_none() && !is_told {
                let place = place.or_else(|| places.iter().find_map(|(_, place)| *place));
                self.report.add(self.row, place, ProblemCode::ZoneMissing);
            }
            values.extend(value.map(|value| (*zone, value)));
        }
        let first = places.iter().find_map(|(_, place)| *place)?;
        let (on, is_day_assumed) = self.day(which, first, before)?;
        (values.len() == zones.len()).then_some(DatedReading { on, is_day_assumed, values })
    }

    fn place(&self, zone: Zone, which: Which) -> Option<usize> {
        match which {
            Which::Current => self.columns(field_of(false, zone)).next(),
            Which::Previous(day) => self.columns(field_of(true, zone)).find(|place| self.sheet.columns[*place].day == day),
        }
    }

    /// The day from its own column, from the header, or, for a previous reading, assumed. A day that is wrong takes its reading with it.
    fn day(&mut self, which: Which, first: usize, before: Option<Date>) -> Option<(Date, bool)> {
        let is_previous = matches!(which, Which::Previous(_));
        let field = if is_previous { Field::PreviousOn } else { Field::CurrentOn };
        if let Some(place) = self.sheet.column(field, Some(self.resource)) {
            let day = self.report.take(self.row, place, values::day);
            if day.is_some_and(|day| day > self.today) {
                self.report.add(self.row, Some(place), ProblemCode::FutureDate);
                return None;
            }
            if day.is_some() || self.report.has_problem_in(place) {
                return day.map(|day| (day, false));
            }
        }
        if let Some(day) = self.sheet.columns[first].day {
            let is_past = day <= self.today;
            if !is_past {
                self.report.add(self.row, Some(first), ProblemCode::FutureDate);
            }
            return is_past.then_some((day, false));
        }
        let assumed = before.filter(|_| is_previous).and_then(|next| next.checked_sub(Duration::days(30)));
        if assumed.is_none() {
            self.report.add(self.row, Some(first), ProblemCode::NoDate);
        }
        assumed.map(|day| (day, true))
    }
}

const fn field_of(is_previous: bool, zone: Zone) -> Field {
    match (is_previous, zone) {
        (true, Zone::Single | Zone::Day) => Field::Previous,
        (true, Zone::Night) => Field::PreviousNight,
        (true, Zone::Peak) => Field::PreviousPeak,
        (true, Zone::HalfPeak) => Field::PreviousHalfPeak,
        (false, Zone::Single | Zone::Day) => Field::Current,
        (false, Zone::Night) => Field::CurrentNight,
        (false, Zone::Peak) => Field::CurrentPeak,
        (false, Zone::HalfPeak) => Field::CurrentHalfPeak,
    }
}

impl MeterRow {
    /// The reading that counts most: the latest.
    #[must_use]
    pub fn latest(&self) -> Option<&DatedReading> {
        self.readings.last()
    }
}

/// Names the meters that stand at two plots; the first keeps it, the second row loses it.
pub fn drop_shared_serials(rows: &mut [super::registry::RegistryRow]) {
    let mut places: std::collections::HashMap<(Resource, String), String> = std::collections::HashMap::new();
    for row in rows {
        let label = row.label.label.clone();
        let mut refused = Vec::new();
        row.meters.retain(|meter| {
            let Some(serial) = &meter.serial else { return true };
            let first = places.entry((meter.resource, serial.clone())).or_insert_with(|| label.clone());
            if *first != label {
                refused.push((serial.clone(), first.clone()));
            }
            *first == label
        });
        for (serial, first) in refused {
            row.problems.push(Problem { column: None, cell: serial, code: ProblemCode::SerialTwice, detail: first });
        }
    }
}
