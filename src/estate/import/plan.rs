//! What an import will do, row by row, written down before anybody says yes. Exactly this is carried out, or the row says why not.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    mapping::{day, optional_day},
    names::Name,
    registry::Problem,
    words::Weight,
};
use crate::{
    kernel::Quantity,
    metering::{Resource, Zone},
};

crate::text_enum! {
    /// What becomes of a row.
    Action as "import-action" { Create = "create", Change = "change", Same = "same", Problem = "problem", Skip = "skip" }
}

/// A row of the file with everything that was decided about it.
#[derive(Clone, Debug)]
pub struct PlannedRow {
    pub sheet: String,
    pub number: u32,
    pub label: String,
    pub action: Action,
    pub plan: RowPlan,
    pub problems: Vec<Problem>,
}

/// What will be done for one row, and how a person sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlan {
    pub steps: Vec<Step>,
    pub differences: Vec<Difference>,
}

/// One cell's difference to what is there. An empty `old` is something new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The message key of what is changed.
    pub what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The day of a reading.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_day")]
    pub on: Option<Date>,
    pub old: String,
    pub new: String,
}

/// Somebody already known, or the file's owner of this place, who is made by an earlier step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRef {
    Known(i64),
    New(usize),
}

/// A value and the one it replaces; the old one must still be there when the plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    pub old: T,
    pub new: T,
}

/// One thing to write. Premises are named by their label, meters by resource and serial: both are unique.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Premise(NewPremise),
    PremiseChange(PremiseChange),
    Owner(NewOwner),
    OwnerChange(OwnerChange),
    Ownership(Bond),
    Account(Bond),
    Contract(NewContract),
    Meter(NewMeter),
    MeterChange(MeterChange),
    Opening(EarlierOpening),
    Reading(NewReading),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPremise {
    pub label: String,
    pub array: String,
    pub line: String,
    pub sector: String,
    pub area: Option<Quantity>,
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PremiseChange {
    pub id: i64,
    pub area: Option<Change<Option<Quantity>>>,
    pub note: Option<Change<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOwner {
    /// The place in the file's list of owners, by which later steps name this person.
    pub place: usize,
    pub name: Name,
    pub phones: Vec<String>,
    pub email: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerChange {
    pub id: i64,
    /// To be added to those that are there.
    pub phones: Vec<String>,
    pub email: Option<Change<String>>,
}

/// An owner and a premise: an ownership of the whole, or an account that this owner pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bond {
    pub label: String,
    pub owner: OwnerRef,
    #[serde(with = "day")]
    pub from: Date,
}

/// For the service of a resource, with the premise's account. The file knows no number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewContract {
    pub label: String,
    pub resource: Resource,
    #[serde(with = "day")]
    pub signed_on: Date,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMeter {
    pub label: String,
    pub resource: Resource,
    pub serial: String,
    pub zones: Vec<Zone>,
    pub model: String,
    pub dial_digits: u8,
    pub dial_decimals: u8,
    #[serde(with = "optional_day")]
    pub verified_on: Option<Date>,
    #[serde(with = "optional_day")]
    pub verify_by: Option<Date>,
    pub seal: String,
    #[serde(with = "day")]
    pub installed_on: Date,
    /// One for each zone, in its order.
    pub opening: Vec<(Zone, Quantity)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterChange {
    pub id: i64,
    /// From one made up by an earlier import to the real one.
    pub serial: Option<Change<String>>,
    pub model: Option<Change<String>>,
    pub verified_on: Option<Change<Day>>,
    pub verify_by: Option<Change<Day>>,
    /// A seal to be added.
    pub seal: Option<String>,
}

/// A day that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(#[serde(with = "optional_day")] pub Option<Date>);

/// An earlier value of a meter that an import has installed: it stood there before, so the installation begins earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierOpening {
    pub installation: i64,
    #[serde(with = "day")]
    pub old_on: Date,
    #[serde(with = "day")]
    pub new_on: Date,
    pub old: Vec<(Zone, Quantity)>,
    pub new: Vec<(Zone, Quantity)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewReading {
    pub resource: Resource,
    pub serial: String,
    #[serde(with = "day")]
    pub on: Date,
    pub values: Vec<(Zone, Quantity)>,
}

/// What a whole plan comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub create: usize,
    pub change: usize,
    pub same: usize,
    /// Rows with at least one cell that is not taken; some of them are also counted above.
    pub with_problems: usize,
    pub refused: usize,
    pub skip: usize,
    pub premises: usize,
    pub owners: usize,
    pub water_meters: usize,
    pub electricity_meters: usize,
    pub zoned_meters: usize,
    pub readings: usize,
}

impl Summary {
    #[must_use]
    pub fn of(rows: &[PlannedRow]) -> Self {
        let mut summary = Self::default();
        for row in rows {
            match row.action {
                Action::Create => summary.create += 1,
                Action::Change => summary.change += 1,
                Action::Same => summary.same += 1,
                Action::Problem => summary.refused += 1,
                Action::Skip => summary.skip += 1,
            }
            summary.with_problems += usize::from(row.problems.iter().any(|problem| problem.code.weight() > Weight::Notice));
            row.plan.steps.iter().for_each(|step| summary.count(step));
        }
        summary
    }

    fn count(&mut self, step: &Step) {
        match step {
            Step::Premise(_) => self.premises += 1,
            Step::Owner(_) => self.owners += 1,
            Step::Reading(_) => self.readings += 1,
            Step::Meter(meter) => {
                self.water_meters += usize::from(meter.resource == Resource::Water);
                self.electricity_meters += usize::from(meter.resource == Resource::Electricity);
                self.zoned_meters += usize::from(meter.zones.len() > 1);
            }
            _ => {}
        }
    }
}

impl RowPlan {
    /// Whether the row makes something, changes something or leaves all as it is.
    #[must_use]
    pub fn action(&self) -> Action {
        let makes = |step: &Step| matches!(step, Step::Premise(_) | Step::Meter(_) | Step::Ownership(_) | Step::Owner(_));
        if self.steps.iter().any(makes) {
            Action::Create
        } else if self.steps.is_empty() {
            Action::Same
        } else {
            Action::Change
        }
    }
}

/// Values of a meter's dials in one line, as plans show them.
#[must_use]
pub fn shown(values: &[(Zone, Quantity)]) -> String {
    values.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" / ")
}
