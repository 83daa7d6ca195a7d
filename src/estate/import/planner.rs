//! Holds a file against the present and decides, row by row, what is new, what changes and what cannot be. Pure: no database, no clock.

use std::collections::{HashMap, HashSet};

use time::Date;

use super::{
    meter_row::MeterRow,
    owners,
    plan::{
        Action, Bond, Change, Day, Difference, EarlierOpening, MeterChange, NewContract, NewMeter, NewOwner, NewPremise, NewReading,
        OwnerChange, OwnerRef, PlannedRow, PremiseChange, RowPlan, Step, shown,
    },
    present::{Meter, Premise, Present},
    registry::{PassedOver, Problem, Registry, RegistryRow},
    words::ProblemCode,
};
use crate::{
    kernel::Quantity,
    metering::{Resource, Zone},
};

/// What a serial begins with that an import made up because its file had none.
pub const MADE_UP: &str = "б/н";

/// The plan of a whole registry, in the order of the file's rows.
#[must_use]
pub fn plan(registry: &Registry, present: &Present, today: Date) -> Vec<PlannedRow> {
    let mut planner = Planner::new(registry, present, today);
    let mut rows: Vec<PlannedRow> = registry.rows.iter().map(|row| planner.row(row)).collect();
    rows.extend(registry.passed_over.iter().map(skipped));
    rows
}

/// The days that a registry's readings span, for `Present::load`.
#[must_use]
pub fn days(registry: &Registry, today: Date) -> (Date, Date) {
    let days = || registry.rows.iter().flat_map(|row| &row.meters).flat_map(|meter| &meter.readings).map(|reading| reading.on);
    (days().min().unwrap_or(today), days().max().unwrap_or(today))
}

fn skipped(row: &PassedOver) -> PlannedRow {
    PlannedRow {
        sheet: row.sheet.clone(),
        number: row.number,
        label: row.text.chars().take(120).collect(),
        action: Action::Skip,
        plan: RowPlan::default(),
        problems: Vec::new(),
    }
}

struct Planner<'a> {
    registry: &'a Registry,
    present: &'a Present,
    /// Ownerships and accounts begin here, so that they cover the file's readings.
    since: Date,
    owners: Vec<OwnerRef>,
    planned_owners: HashSet<usize>,
    planned_premises: HashSet<&'a str>,
    owned: HashSet<&'a str>,
    with_account: HashSet<&'a str>,
    with_contract: HashSet<(&'a str, Resource)>,
    planned_meters: HashSet<(Resource, String)>,
}

/// The row that is being planned.
#[derive(Default)]
struct Draft {
    plan: RowPlan,
    problems: Vec<Problem>,
}

impl Draft {
    fn differs(&mut self, what: &str, resource: Option<Resource>, old: impl Into<String>, new: impl Into<String>) {
        self.plan.differences.push(Difference { what: what.to_owned(), resource, on: None, old: old.into(), new: new.into() });
    }

    fn differs_on(&mut self, what: &str, resource: Resource, on: Date, old: impl Into<String>, new: impl Into<String>) {
        self.differs(what, Some(resource), old, new);
        if let Some(difference) = self.plan.differences.last_mut() {
            difference.on = Some(on);
        }
    }

    fn reads(&mut self, resource: Resource, serial: &str, on: Date, values: Vec<(Zone, Quantity)>) {
        self.differs_on("reading", resource, on, "", shown(&values));
        self.plan.steps.push(Step::Reading(NewReading { resource, serial: serial.to_owned(), on, values }));
    }

    fn refuse(&mut self, code: ProblemCode, cell: impl Into<String>, detail: impl Into<String>) {
        self.problems.push(Problem { cell: cell.into(), detail: detail.into(), ..Problem::whole_row(code) });
    }
}

impl<'a> Planner<'a> {
    fn new(registry: &'a Registry, present: &'a Present, today: Date) -> Self {
        Self {
            registry,
            present,
            since: days(registry, today).0,
            owners: match_owners(registry, present),
            planned_owners: HashSet::new(),
            planned_premises: HashSet::new(),
            owned: HashSet::new(),
            with_account: HashSet::new(),
            with_contract: HashSet::new(),
            planned_meters: HashSet::new(),
        }
    }

    fn row(&mut self, row: &'a RegistryRow) -> PlannedRow {
        let mut draft = Draft { problems: row.problems.clone(), ..Draft::default() };
        let known = self.present.premises.get(&row.label.label);
        if known.is_some_and(|premise| premise.ended_on.is_some()) {
            draft.refuse(ProblemCode::PremiseEnded, row.label.label.clone(), "");
        } else if !row.is_refused() {
            self.premise(row, known, &mut draft);
            self.owner(row, known, &mut draft);
            for meter in &row.meters {
                self.meter(row, known, meter, &mut draft);
            }
        }
        let is_refused = row.is_refused() || draft.problems.iter().any(|problem| problem.code == ProblemCode::PremiseEnded);
        PlannedRow {
            sheet: row.sheet.clone(),
            number: row.number,
            label: row.label.label.clone(),
            action: if is_refused { Action::Problem } else { draft.plan.action() },
            plan: draft.plan,
            problems: draft.problems,
        }
    }

    fn premise(&mut self, row: &'a RegistryRow, known: Option<&Premise>, draft: &mut Draft) {
        let label = row.label.label.as_str();
        match known {
            Some(premise) => change_premise(premise, row, draft),
            None if self.planned_premises.insert(label) => {
                draft.differs("premise", None, "", label);
                if let Some(area) = row.area {
                    draft.differs("area", None, "", area.to_string());
                }
                draft.plan.steps.push(Step::Premise(NewPremise {
                    label: label.to_owned(),
                    array: row.label.array.clone(),
                    line: row.label.line.clone(),
                    sector: row.label.sector.clone(),
                    area: row.area,
                    note: row.note.clone().unwrap_or_default(),
                }));
            }
            None => {}
        }
    }

    fn owner(&mut self, row: &'a RegistryRow, known: Option<&Premise>, draft: &mut Draft) {
        let Some(place) = row.owner else {
            return;
        };
        let owner = self.owners[place];
        let label = row.label.label.as_str();
        let name = self.registry.owners[place].name.full();
        if let Some(premise) = known
            && !premise.owners.is_empty()
            && !premise.owners.iter().any(|present| owner == OwnerRef::Known(*present))
        {
            let present = premise.owners.iter().filter_map(|id| self.present.owners.get(id)).map(|owner| owner.full_name.clone());
            draft.refuse(ProblemCode::OwnerDiffers, name, present.collect::<Vec<_>>().join(", "));
            return;
        }
        self.person(place, owner, &name, draft);
        let bond = || Bond { label: label.to_owned(), owner, from: self.since };
        if known.is_none_or(|premise| premise.owners.is_empty()) && !self.owned.contains(label) {
            draft.differs("ownership", None, "", name);
            draft.plan.steps.push(Step::Ownership(bond()));
            self.owned.insert(label);
        }
        if known.is_none_or(|premise| !premise.has_account) && !self.with_account.contains(label) {
            draft.plan.steps.push(Step::Account(bond()));
            self.with_account.insert(label);
        }
    }

    /// The person himself, once, at the first row that names him.
    fn person(&mut self, place: usize, owner: OwnerRef, name: &str, draft: &mut Draft) {
        if !self.planned_owners.insert(place) {
            return;
        }
        let in_file = &self.registry.owners[place];
        let email = in_file.email.clone().unwrap_or_default();
        match owner {
            OwnerRef::New(place) => {
                draft.differs("owner", None, "", name);
                for phone in &in_file.phones {
                    draft.differs("phone", None, "", phone);
                }
                let new = NewOwner { place, name: in_file.name.clone(), phones: in_file.phones.clone(), email };
                draft.plan.steps.push(Step::Owner(new));
            }
            OwnerRef::Known(id) => {
                let Some(known) = self.present.owners.get(&id) else { return };
                let phones: Vec<String> = in_file.phones.iter().filter(|phone| !known.phones.contains(phone)).cloned().collect();
                for phone in &phones {
                    draft.differs("phone", None, known.phones.join(", "), phone);
                }
                let email = (known.email.is_empty() && !email.is_empty()).then(|| Change { old: String::new(), new: email });
                if let Some(email) = &email {
                    draft.differs("email", None, "", &email.new);
                }
                if !phones.is_empty() || email.is_some() {
                    draft.plan.steps.push(Step::OwnerChange(OwnerChange { id, phones, email }));
                }
            }
        }
    }

    fn meter(&mut self, row: &'a RegistryRow, known: Option<&Premise>, meter: &MeterRow, draft: &mut Draft) {
        let standing = known.and_then(|premise| self.present.standing.get(&(premise.id, meter.resource))).map_or(&[][..], Vec::as_slice);
        let by_serial = meter.serial.as_ref().and_then(|serial| self.present.meters.get(&(meter.resource, serial.clone())));
        let here = |serial: &String| self.present.meters.get(&(meter.resource, serial.clone()));
        match (by_serial, standing) {
            (Some(found), _) if known.is_some_and(|premise| found.premise_id == Some(premise.id)) => self.change_meter(found, meter, draft),
            (Some(found), _) => draft.refuse(ProblemCode::MeterElsewhere, &found.serial, found.place.clone().unwrap_or_default()),
            (None, [one]) if meter.serial.is_none() || one.starts_with(MADE_UP) => {
                if let Some(found) = here(one) {
                    self.change_meter(found, meter, draft);
                }
            }
            (None, []) => self.new_meter(row, known, meter, draft),
            (None, several) if meter.serial.is_none() => draft.refuse(ProblemCode::SeveralMeters, "", several.join(", ")),
            (None, several) => draft.refuse(ProblemCode::MeterDiffers, meter.serial.clone().unwrap_or_default(), several.join(", ")),
        }
    }

    fn new_meter(&mut self, row: &'a RegistryRow, known: Option<&Premise>, meter: &MeterRow, draft: &mut Draft) {
        let label = row.label.label.as_str();
        let Some((first, later)) = meter.readings.split_first() else {
            draft.refuse(ProblemCode::NoOpening, meter.serial.clone().unwrap_or_default(), "");
            return;
        };
        let serial = meter.serial.clone().unwrap_or_else(|| self.made_up_serial(meter.resource, label));
        if !self.planned_meters.insert((meter.resource, serial.clone())) {
            return;
        }
        draft.differs("meter", Some(meter.resource), "", serial.clone());
        draft.differs_on("opening", meter.resource, first.on, "", shown(&first.values));
        let (dial_digits, dial_decimals) = dial(meter);
        draft.plan.steps.push(Step::Meter(NewMeter {
            label: label.to_owned(),
            resource: meter.resource,
            serial: serial.clone(),
            zones: meter.zones.clone(),
            model: meter.model.clone().unwrap_or_default(),
            dial_digits,
            dial_decimals,
            verified_on: meter.verified_on,
            verify_by: meter.verify_by,
            seal: meter.seal.clone().unwrap_or_default(),
            installed_on: first.on,
            opening: first.values.clone(),
        }));
        let mut before = &first.values;
        for reading in later {
            note_lower(before, &reading.values, draft);
            before = &reading.values;
            draft.reads(meter.resource, &serial, reading.on, reading.values.clone());
        }
        let has_contract = known.is_some_and(|premise| premise.services.contains(meter.resource.as_str()));
        let has_account = known.is_some_and(|premise| premise.has_account) || self.with_account.contains(label);
        if has_account && !has_contract && self.with_contract.insert((label, meter.resource)) {
            draft.plan.steps.push(Step::Contract(NewContract { label: label.to_owned(), resource: meter.resource, signed_on: first.on }));
        }
    }

    /// «б/н 1-1-1»: says that there is none and where it stands; unique because labels are, or else numbered.
    fn made_up_serial(&self, resource: Resource, label: &str) -> String {
        let is_taken = |serial: &String| {
            let key = (resource, serial.clone());
            self.present.meters.contains_key(&key) || self.planned_meters.contains(&key)
        };
        let plain = format!("{MADE_UP} {label}");
        let numbered = (2..=1000).map(|number| format!("{plain} ({number})"));
        std::iter::once(plain.clone()).chain(numbered).find(|serial| !is_taken(serial)).unwrap_or(plain)
    }

    fn change_meter(&self, found: &Meter, meter: &MeterRow, draft: &mut Draft) {
        let resource = Some(meter.resource);
        if found.zones.len() != meter.zones.len() {
            draft.refuse(ProblemCode::ZonesDiffer, meter.zones.len().to_string(), found.zones.len().to_string());
            return;
        }
        let serial = meter.serial.clone().filter(|serial| *serial != found.serial).map(|new| Change { old: found.serial.clone(), new });
        let text = |old: &String, new: &Option<String>| new.clone().filter(|new| new != old).map(|new| Change { old: old.clone(), new });
        let day = |old: Option<Date>, new: Option<Date>| new.filter(|_| new != old).map(|_| Change { old: Day(old), new: Day(new) });
        let change = MeterChange {
            id: found.id,
            serial,
            model: text(&found.model, &meter.model),
            verified_on: day(found.verified_on, meter.verified_on),
            verify_by: day(found.verify_by, meter.verify_by),
            seal: meter.seal.clone().filter(|seal| !found.seals.contains(seal)),
        };
        if let Some(serial) = &change.serial {
            draft.differs("meter", resource, &serial.old, &serial.new);
        }
        if let Some(model) = &change.model {
            draft.differs("model", resource, &model.old, &model.new);
        }
        for (what, day) in [("verified_on", &change.verified_on), ("verify_by", &change.verify_by)] {
            if let Some(day) = day {
                draft.differs(what, resource, day.old.to_string(), day.new.to_string());
            }
        }
        if let Some(seal) = &change.seal {
            draft.differs("seal", resource, found.seals.join(", "), seal);
        }
        let serial = change.serial.as_ref().map_or_else(|| found.serial.clone(), |serial| serial.new.clone());
        let is_changed = change.serial.is_some()
            || change.model.is_some()
            || change.verified_on.is_some()
            || change.verify_by.is_some()
            || change.seal.is_some();
        if is_changed {
            draft.plan.steps.push(Step::MeterChange(change));
        }
        self.new_readings(found, &serial, meter, draft);
    }

    fn new_readings(&self, found: &Meter, serial: &str, meter: &MeterRow, draft: &mut Draft) {
        let opening = earlier_opening(found, serial, meter, draft);
        for reading in meter.readings.iter().filter(|reading| Some(reading.on) != opening) {
            match self.present.reading_on(found, reading.on) {
                Some(stored) if *stored == reading.values => {}
                Some(stored) => draft.refuse(ProblemCode::ReadingDiffers, shown(&reading.values), shown(stored)),
                None if opening.or(found.installed_on).is_some_and(|installed| reading.on < installed) => {
                    let installed = found.installed_on.map_or_else(String::new, |day| day.to_string());
                    draft.refuse(ProblemCode::BeforeInstallation, shown(&reading.values), installed);
                }
                None => draft.reads(meter.resource, serial, reading.on, reading.values.clone()),
            }
        }
    }
}

/// The file's first reading becomes the opening when an import has installed the meter later than that; what was the opening
/// becomes a reading. Answers the day that is opened now.
fn earlier_opening(found: &Meter, serial: &str, meter: &MeterRow, draft: &mut Draft) -> Option<Date> {
    let (installation, installed_on) = (found.installation_id?, found.installed_on?);
    let first = meter.readings.first().filter(|first| found.is_import && first.on < installed_on)?;
    draft.differs_on("opening", meter.resource, first.on, shown(&found.opening), shown(&first.values));
    draft.plan.steps.push(Step::Opening(EarlierOpening {
        installation,
        old_on: installed_on,
        new_on: first.on,
        old: found.opening.clone(),
        new: first.values.clone(),
    }));
    draft.reads(meter.resource, serial, installed_on, found.opening.clone());
    Some(first.on)
}

fn change_premise(premise: &Premise, row: &RegistryRow, draft: &mut Draft) {
    let old_area = premise.area_thousandths;
    let area = row.area.filter(|area| Some(*area) != old_area).map(|area| Change { old: old_area, new: Some(area) });
    let note = row.note.clone().filter(|_| premise.note.is_empty()).map(|new| Change { old: String::new(), new });
    if let Some(area) = &area {
        let text = |area: Option<Quantity>| area.map_or_else(String::new, |area| area.to_string());
        draft.differs("area", None, text(area.old), text(area.new));
    }
    if let Some(note) = &note {
        draft.differs("note", None, "", &note.new);
    }
    if area.is_some() || note.is_some() {
        draft.plan.steps.push(Step::PremiseChange(PremiseChange { id: premise.id, area, note }));
    }
}

fn note_lower(before: &[(Zone, Quantity)], after: &[(Zone, Quantity)], draft: &mut Draft) {
    for ((_, before), (_, after)) in before.iter().zip(after).filter(|((_, before), (_, after))| after < before) {
        draft.refuse(ProblemCode::Lower, after.to_string(), before.to_string());
    }
}

/// Whole digits and decimals of a dial: the usual ones of the resource, or as many as its readings show.
fn dial(meter: &MeterRow) -> (u8, u8) {
    let usual = match meter.resource {
        Resource::Water => 5,
        Resource::Electricity => 6,
    };
    let values = || meter.readings.iter().flat_map(|reading| &reading.values).map(|(_, value)| *value);
    let digits = (usual..=12).find(|digits| values().all(|value| value < Quantity::dial_limit(*digits))).unwrap_or(12);
    let has_fraction = values().any(|value| value.thousandths() % 1000 != 0);
    (digits, if meter.resource == Resource::Water || has_fraction { 3 } else { 0 })
}

/// Whom each of the file's owners means: an owner of one of his plots by that name, somebody with that name and telephone, or somebody new.
fn match_owners(registry: &Registry, present: &Present) -> Vec<OwnerRef> {
    let mut labels: HashMap<usize, Vec<&str>> = HashMap::new();
    for row in &registry.rows {
        if let Some(owner) = row.owner {
            labels.entry(owner).or_default().push(&row.label.label);
        }
    }
    let matched = registry.owners.iter().enumerate().map(|(place, owner)| {
        let key = owners::name_key(&owner.name);
        let shares_phone =
            |id: &i64| present.owners.get(id).is_some_and(|known| known.phones.iter().any(|phone| owner.phones.contains(phone)));
        let may_be = |id: &&i64| {
            let known = present.owners.get(*id);
            known.is_some_and(|known| known.key() == key && (known.phones.is_empty() || owner.phones.is_empty() || shares_phone(id)))
        };
        let premises = labels.get(&place).into_iter().flatten().filter_map(|label| present.premises.get(*label));
        let at_his_plot = premises.flat_map(|premise| &premise.owners).find(may_be);
        let namesakes = present.owners_by_name.get(&key).map_or(&[][..], Vec::as_slice);
        let by_phone = || namesakes.iter().find(|id| shares_phone(id));
        let by_name_alone = || namesakes.first().filter(|_| owner.phones.is_empty() && namesakes.len() == 1);
        at_his_plot.or_else(by_phone).or_else(by_name_alone).map_or(OwnerRef::New(place), |id| OwnerRef::Known(*id))
    });
    matched.collect()
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |day| write!(f, "{day}"))
    }
}
