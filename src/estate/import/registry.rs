//! A register of plots as its rows tell it: plots, owners, meters, and everything that could not be read, in its place.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    headers,
    mapping::{Mapping, SheetMapping},
    meter_row::{self, MeterRow},
    names::{self, Name},
    owners::{self, Mention, Owner},
    table::{Cell, Row, Sheet, Workbook},
    values::{self, Label},
    words::{Field, ProblemCode, Weight},
};
use crate::{
    kernel::{
        Quantity,
        text::{clean_line, fold},
    },
    metering::Resource,
};

/// Everything the used sheets say.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub rows: Vec<RegistryRow>,
    pub owners: Vec<Owner>,
    pub passed_over: Vec<PassedOver>,
}

/// One row of the file and what it says about one plot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RegistryRow {
    pub sheet: String,
    pub number: u32,
    pub label: Label,
    /// Square metres.
    pub area: Option<Quantity>,
    /// The place of the owner in `Registry::owners`.
    pub owner: Option<usize>,
    pub note: Option<String>,
    pub meters: Vec<MeterRow>,
    pub problems: Vec<Problem>,
}

/// A cell, or a whole row, that was not taken as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Counted from 0; `None` where the row as a whole is meant.
    pub column: Option<usize>,
    /// What stands in the cell.
    pub cell: String,
    pub code: ProblemCode,
    /// What else the sentence needs: the other plot, the limit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

crate::text_enum! {
    /// Why a row is no plot.
    RowKind as "import-row-kind" { Section = "section", Total = "total", Header = "header", Remark = "remark" }
}

/// A row that is not data, said so that nobody looks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    pub sheet: String,
    pub number: u32,
    pub kind: RowKind,
    pub text: String,
}

/// Reads all used sheets. `today` is the site's; a reading after it is refused.
#[must_use]
pub fn read(workbook: &Workbook, mapping: &Mapping, today: Date) -> Registry {
    let mut registry = Registry::default();
    let mut mentions = Vec::new();
    for (sheet, mapping) in workbook.sheets.iter().zip(&mapping.sheets).filter(|(_, mapping)| mapping.is_used) {
        SheetReader { sheet, mapping, today, section: Section::default() }.read(&mut registry, &mut mentions);
    }
    let merged = owners::merge(mentions);
    for (row, (owner, remark)) in merged.found {
        registry.rows[row].owner = Some(owner);
        registry.rows[row].problems.extend(remark.map(Problem::whole_row));
    }
    registry.owners = merged.owners;
    check_doubles(&mut registry);
    meter_row::drop_shared_serials(&mut registry.rows);
    registry
}

struct SheetReader<'a> {
    sheet: &'a Sheet,
    mapping: &'a SheetMapping,
    today: Date,
    section: Section,
}

/// The part of the site that a heading row such as «Массив 1, линия 2» opens.
#[derive(Default)]
struct Section {
    array: String,
    line: String,
}

impl SheetReader<'_> {
    fn read(&mut self, registry: &mut Registry, mentions: &mut Vec<Mention>) {
        for row in self.sheet.rows.iter().filter(|row| self.mapping.is_data(row)) {
            if let Some(kind) = self.kind(row) {
                let text = row.filled().next().map(|(_, cell)| cell.shown()).unwrap_or_default();
                registry.passed_over.push(PassedOver { sheet: self.sheet.name.clone(), number: row.number, kind, text });
            } else {
                let (data, mention) = self.data(row, registry.rows.len());
                registry.rows.push(data);
                mentions.extend(mention);
            }
        }
    }

    /// `None` for a row of data.
    fn kind(&mut self, row: &Row) -> Option<RowKind> {
        let (_, first) = row.filled().next()?;
        let folded = fold(&first.shown());
        if ["итог", "всего", "total", "grand total"].iter().any(|word| folded.starts_with(word)) {
            return Some(RowKind::Total);
        }
        if row.filled().count() > 2 && row.filled().all(|(place, cell)| self.is_header_again(place, cell)) {
            return Some(RowKind::Header);
        }
        let label = self.mapping.column(Field::Label, None)?;
        let is_alone = row.filled().count() == 1 && matches!(first, Cell::Text(_));
        let is_label = !row.cell(label).is_blank() && folded.starts_with(|c: char| c.is_ascii_digit());
        if !is_alone || is_label {
            return None;
        }
        Some(if self.section.open(&folded) { RowKind::Section } else { RowKind::Remark })
    }

    fn is_header_again(&self, place: usize, cell: &Cell) -> bool {
        self.mapping.columns.get(place).is_some_and(|column| !column.header.is_empty() && fold(&column.header) == fold(&cell.shown()))
    }

    fn data(&self, row: &Row, index: usize) -> (RegistryRow, Option<Mention>) {
        let mut data = RegistryRow { sheet: self.sheet.name.clone(), number: row.number, ..RegistryRow::default() };
        let mut report = Reporter { problems: &mut data.problems };
        let Some(label) = self.label(row, &mut report) else {
            return (data, None);
        };
        data.area = self.area(row, &mut report);
        data.note = self.note(row);
        for resource in self.mapping.resources() {
            data.meters.extend(meter_row::read(row, self.mapping, resource, self.today, &mut report));
        }
        let mention = self.mention(row, index, &label.label, &mut report);
        data.label = label;
        (data, mention)
    }

    fn label(&self, row: &Row, report: &mut Reporter<'_>) -> Option<Label> {
        let place = self.mapping.column(Field::Label, None)?;
        let mut label = report.take(row, place, values::label);
        if label.is_none() && report.problems.is_empty() {
            report.add(row, Some(place), ProblemCode::NoLabel);
        }
        let label = label.as_mut()?;
        for (field, part) in [(Field::Array, &mut label.array), (Field::Line, &mut label.line), (Field::Sector, &mut label.sector)] {
            if let Some(text) = self.mapping.column(field, None).and_then(|place| report.take(row, place, values::text)) {
                *part = text;
            }
        }
        let label = std::mem::take(label);
        let own = Section { array: label.array.clone(), line: label.line.clone() };
        Some(if own.array.is_empty() { self.section.complete(label) } else { own.complete(label) })
    }

    fn area(&self, row: &Row, report: &mut Reporter<'_>) -> Option<Quantity> {
        let square = self.mapping.column(Field::Area, None).and_then(|place| report.take(row, place, values::quantity));
        let hundreds = || self.mapping.column(Field::AreaHundreds, None).and_then(|place| report.take(row, place, values::hundreds));
        square.or_else(hundreds).filter(|area| *area > Quantity::ZERO)
    }

    /// All note columns, in their order.
    fn note(&self, row: &Row) -> Option<String> {
        let notes = self.mapping.meanings().filter(|(_, column)| column.field == Field::Note).map(|(place, _)| row.cell(place).shown());
        let text = notes.filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; ");
        (!text.is_empty()).then_some(text)
    }

    fn mention(&self, row: &Row, index: usize, label: &str, report: &mut Reporter<'_>) -> Option<Mention> {
        let name = self.name(row, report)?;
        if names::names_several(&name.last_name) && !name.is_company {
            report.add(row, self.mapping.column(Field::OwnerName, None), ProblemCode::SeveralOwners);
        }
        let mut phones: Vec<String> = Vec::new();
        for (place, _) in self.mapping.meanings().filter(|(_, column)| column.field == Field::Phone) {
            let found = report.take(row, place, values::phones).unwrap_or_default();
            phones.extend(found.into_iter().filter(|phone| !phones.contains(phone)).collect::<Vec<_>>());
        }
        let email = self.mapping.column(Field::Email, None).and_then(|place| report.take(row, place, values::email));
        Some(Mention { row: index, label: label.to_owned(), name, phones, email })
    }

    fn name(&self, row: &Row, report: &mut Reporter<'_>) -> Option<Name> {
        if let Some(place) = self.mapping.column(Field::OwnerName, None) {
            return report.take(row, place, names::name);
        }
        let mut part = |field| self.mapping.column(field, None).and_then(|place| report.take(row, place, values::text)).unwrap_or_default();
        let whole = clean_line(&[part(Field::LastName), part(Field::FirstName), part(Field::Patronymic)].join(" "));
        (!whole.is_empty()).then(|| names::parse(&whole))
    }
}

impl Section {
    /// Takes array and line from a heading; `false` when it names neither.
    fn open(&mut self, folded: &str) -> bool {
        let plain = headers::plain(folded);
        let words: Vec<&str> = plain.split_whitespace().collect();
        let after = |names: &[&str]| words.windows(2).find(|pair| names.contains(&pair[0])).map(|pair| pair[1].to_owned());
        let (array, line) = (after(&["массив", "array"]), after(&["линия", "улица", "line", "street"]));
        let is_section = array.is_some() || line.is_some();
        if array.is_some() {
            self.line = String::new();
        }
        self.array = array.unwrap_or_else(|| std::mem::take(&mut self.array));
        self.line = line.unwrap_or_else(|| std::mem::take(&mut self.line));
        is_section
    }

    /// A bare number under a heading is one of that line: «Массив 1, линия 2» and `7` are plot `1-2-7`.
    fn complete(&self, label: Label) -> Label {
        let is_bare = label.label.bytes().all(|byte| byte.is_ascii_digit());
        if !is_bare || self.array.is_empty() || self.line.is_empty() {
            return label;
        }
        let whole = format!("{}-{}-{}", self.array, self.line, label.label);
        Label { array: self.array.clone(), line: self.line.clone(), sector: label.label, label: whole }
    }
}

/// Two rows of one sheet for one plot: the second is taken only for another meter. Owners and areas must agree.
fn check_doubles(registry: &mut Registry) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for index in 0..registry.rows.len() {
        let label = registry.rows[index].label.label.clone();
        if label.is_empty() {
            continue;
        }
        let Some(first) = seen.get(&label).copied() else {
            seen.insert(label, index);
            continue;
        };
        let (before, after) = registry.rows.split_at_mut(index);
        compare(&mut before[first], &mut after[0]);
    }
}

fn compare(first: &mut RegistryRow, second: &mut RegistryRow) {
    let is_new_meter = |meter: &MeterRow| meter.serial.is_some() && !first.meters.iter().any(|known| known.serial == meter.serial);
    if first.sheet == second.sheet && !second.meters.iter().any(is_new_meter) {
        second.problems.push(Problem {
            detail: first.number.to_string(),
            cell: second.label.label.clone(),
            ..Problem::whole_row(ProblemCode::LabelTwice)
        });
        second.meters.clear();
        second.owner = None;
        return;
    }
    if first.owner.is_some() && second.owner.is_some() && first.owner != second.owner {
        second.problems.push(Problem { detail: first.number.to_string(), ..Problem::whole_row(ProblemCode::OwnerDiffers) });
        second.owner = first.owner;
    }
    if let (Some(known), Some(other)) = (first.area, second.area)
        && known != other
    {
        second.problems.push(Problem {
            detail: known.to_string(),
            cell: other.to_string(),
            ..Problem::whole_row(ProblemCode::AreaDiffers)
        });
        second.area = first.area;
    }
}

/// Takes cells of one row and notes what could not be taken.
pub struct Reporter<'a> {
    pub problems: &'a mut Vec<Problem>,
}

impl Reporter<'_> {
    pub fn take<T>(&mut self, row: &Row, place: usize, parse: fn(&Cell) -> values::Parsed<T>) -> Option<T> {
        parse(row.cell(place)).unwrap_or_else(|code| {
            self.add(row, Some(place), code);
            None
        })
    }

    pub fn add(&mut self, row: &Row, place: Option<usize>, code: ProblemCode) {
        let cell = place.map(|place| row.cell(place).shown()).unwrap_or_default();
        let problem = Problem { column: place, cell, code, detail: String::new() };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    #[must_use]
    pub fn has_problem_in(&self, place: usize) -> bool {
        self.problems.iter().any(|problem| problem.column == Some(place))
    }
}

impl Problem {
    #[must_use]
    pub fn whole_row(code: ProblemCode) -> Self {
        Self { column: None, cell: String::new(), code, detail: String::new() }
    }
}

impl RegistryRow {
    /// Nothing of the row is taken.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.label.label.is_empty() || self.problems.iter().any(|problem| problem.code.weight() == Weight::Row)
    }
}

/// What a registry holds, for the person who must say yes to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub premises: usize,
    pub owners: usize,
    pub water_meters: usize,
    pub electricity_meters: usize,
    /// Electricity meters with more than one dial.
    pub zoned_meters: usize,
}

impl Registry {
    #[must_use]
    pub fn counts(&self) -> Counts {
        let taken = || self.rows.iter().filter(|row| !row.is_refused());
        let labels: std::collections::HashSet<&str> = taken().map(|row| row.label.label.as_str()).collect();
        let meters = |resource: Resource| {
            let of = |row: &RegistryRow| row.meters.iter().filter(|meter| meter.resource == resource).cloned().collect::<Vec<_>>();
            let keyed =
                taken().flat_map(|row| of(row).into_iter().map(|meter| ((row.label.label.clone(), meter.serial), meter.zones.len())));
            keyed.collect::<HashMap<_, _>>()
        };
        let electricity = meters(Resource::Electricity);
        Counts {
            premises: labels.len(),
            owners: self.owners.len(),
            water_meters: meters(Resource::Water).len(),
            zoned_meters: electricity.values().filter(|dials| **dials > 1).count(),
            electricity_meters: electricity.len(),
        }
    }
}
