//! From a table and its meaning to a plan, held against the database as it is now.

use time::Date;

use super::{
    mapping::{Content, Mapping},
    plan::{Action, Difference, NewReading, PlannedRow, RowPlan, Step, shown},
    planner,
    present::{Meter, Present},
    readings_file::{self, KnownMeter, Outcome, ReadingRow},
    registry::{self, Problem},
    table::Workbook,
    words::{ProblemCode, Weight},
};
use crate::{
    db::{self, Db},
    estate::site::Site,
    kernel::Moment,
    metering::Resource,
};

/// The plan of a file for a site; only reads.
pub async fn plan(db: &Db, site: &Site, workbook: &Workbook, mapping: &Mapping, now: Moment) -> db::Result<Vec<PlannedRow>> {
    let today = site.zone().day(now);
    match mapping.content {
        Content::Registry => {
            let registry = registry::read(workbook, mapping, today);
            let (from, until) = planner::days(&registry, today);
            let present = Present::load(db, site, from, until).await?;
            Ok(planner::plan(&registry, &present, today))
        }
        Content::Readings => {
            let (from, until) = days(workbook, mapping, today);
            let present = Present::load(db, site, from, until).await?;
            Ok(plan_readings(workbook, mapping, today, &present, site))
        }
    }
}

/// The days that a file of readings spans, whatever its meters.
fn days(workbook: &Workbook, mapping: &Mapping, today: Date) -> (Date, Date) {
    let any = |_: Resource, _: &str| Some(KnownMeter { zones: Vec::new(), dial_digits: 12 });
    let outcomes = readings_file::read(workbook, mapping, today, any);
    let days = || outcomes.iter().filter_map(|outcome| outcome.reading.as_ref().ok()).map(|reading| reading.on);
    (days().min().unwrap_or(today), days().max().unwrap_or(today))
}

fn plan_readings(workbook: &Workbook, mapping: &Mapping, today: Date, present: &Present, site: &Site) -> Vec<PlannedRow> {
    let find = |resource: Resource, serial: &str| {
        let meter = present.meters.get(&(resource, serial.to_owned()));
        meter.filter(|meter| meter.site_id == Some(site.id.0))
    };
    let known = |resource: Resource, serial: &str| {
        let dial_digits = |meter: &Meter| u8::try_from(meter.dial_digits).unwrap_or(12);
        find(resource, serial).map(|meter| KnownMeter { zones: meter.zones.clone(), dial_digits: dial_digits(meter) })
    };
    let outcomes = readings_file::read(workbook, mapping, today, known);
    let planned = outcomes.into_iter().map(|outcome| {
        let meter = outcome.reading.as_ref().ok().and_then(|reading| find(reading.resource, &reading.serial));
        planned_reading(outcome, meter, present)
    });
    planned.collect()
}

fn planned_reading(outcome: Outcome, meter: Option<&Meter>, present: &Present) -> PlannedRow {
    let place = meter.and_then(|meter| meter.place.clone());
    let label = place.map_or_else(|| outcome.serial.clone(), |place| format!("{place} · {}", outcome.serial));
    let decided = outcome.reading.and_then(|reading| against_present(reading, meter, present));
    let (plan, problems) = match decided {
        Ok(plan) => (plan, Vec::new()),
        Err(problems) => (RowPlan::default(), problems),
    };
    let is_refused = problems.iter().any(|problem| problem.code.weight() > Weight::Notice);
    let action = if is_refused { Action::Problem } else { plan.action() };
    PlannedRow { sheet: outcome.sheet, number: outcome.number, label, action, plan, problems }
}

fn against_present(reading: ReadingRow, meter: Option<&Meter>, present: &Present) -> Result<RowPlan, Vec<Problem>> {
    let refuse = |code, detail: String| vec![Problem { cell: shown(&reading.values), detail, ..Problem::whole_row(code) }];
    let Some(meter) = meter else {
        return Err(refuse(ProblemCode::UnknownMeter, String::new()));
    };
    if let Some(installed) = meter.installed_on.filter(|installed| reading.on < *installed) {
        let refused = refuse(ProblemCode::DateTooFar, installed.to_string());
        return Err(refused);
    }
    match present.reading_on(meter, reading.on) {
        Some(stored) if *stored == reading.values => Ok(RowPlan::default()),
        Some(stored) => Err(refuse(ProblemCode::ReadingDiffers, shown(stored))),
        None => {
            let new = Difference {
                what: "reading".to_owned(),
                resource: Some(reading.resource),
                on: Some(reading.on),
                old: String::new(),
                new: shown(&reading.values),
            };
            let step = NewReading { resource: reading.resource, serial: reading.serial, on: reading.on, values: reading.values };
            Ok(RowPlan { steps: vec![Step::Reading(step)], differences: vec![new] })
        }
    }
}
