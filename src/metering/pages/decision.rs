//! What the office decides about a reading, as the audit keeps it; and the form that corrects one.

use serde::Serialize;

use super::words;
use crate::{
    audit::{Author, Entry, Subject},
    db::Tx,
    kernel::Quantity,
    metering::{
        ReadingId, Zone,
        checks::Flag,
        correction::{Correction, NotCorrected},
        reading::State,
        standing::Standing,
    },
    web::{Check, Ctx, FieldErrors, Input, Result},
};

/// A reading before or after a decision.
#[derive(Serialize)]
pub struct Decision {
    pub state: State,
    #[serde(serialize_with = "by_dial", flatten)]
    pub values: Vec<(Zone, Quantity)>,
    pub note: String,
}

/// One field for each dial: `value_day`, `value_night`.
fn by_dial<S: serde::Serializer>(values: &[(Zone, Quantity)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(zone, value)| (format!("value_{zone}"), value.to_string())))
}

impl Decision {
    /// Writes what was decided about a reading, beside what it was before.
    pub async fn record(&self, ctx: &Ctx, tx: &mut Tx, id: ReadingId, name: String, before: &Self) -> Result<()> {
        let action = match self.state {
            State::Rejected => "audit-reading-rejected",
            State::Superseded => "audit-reading-corrected",
            State::Accepted | State::InReview => "audit-reading-accepted",
        };
        let author = Author::from(ctx.actor()?);
        let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::Reading, id: Some(id.0), name };
        Ok(entry.changed(tx, before, self).await?)
    }
}

/// What came of a correction.
pub enum Corrected {
    Done(Decision),
    /// Somebody else decided before.
    TooLate,
    /// Nothing was written; the form is shown again.
    Refused(Input, FieldErrors),
}

/// Holds the values that the checks doubted and the person was told about: sent again, they are meant.
const INSISTED: &str = "insisted";

/// Puts the typed values in the place of a reading that was seen in a state.
pub async fn correct(ctx: &Ctx, tx: &mut Tx, standing: &Standing, (id, seen): (ReadingId, State), mut input: Input) -> Result<Corrected> {
    let (values, note) = match typed(&input, standing, seen) {
        Ok(valid) => valid,
        Err(errors) => return Ok(Corrected::Refused(input, errors)),
    };
    let plain = values.iter().map(|(_, value)| value.to_string()).collect::<Vec<_>>().join(" ");
    let is_insisted = input.text(INSISTED) == plain;
    let by = ctx.actor()?.id;
    let correction = Correction { of: id, seen, values: values.clone(), note: note.clone(), by, is_insisted };
    let (key, doubts) = match correction.store(tx, ctx.now()).await? {
        Ok(_) => return Ok(Corrected::Done(Decision { state: State::Superseded, values, note })),
        Err(NotCorrected::DecidedAlready) => return Ok(Corrected::TooLate),
        Err(NotCorrected::Impossible(refusal)) => (refusal.key(), String::new()),
        Err(NotCorrected::Odd(flags)) => {
            input.set(INSISTED, plain);
            let doubts = flags.iter().filter(|flag| Flag::is_serious(flag)).map(|flag| words::flag(ctx.l, flag));
            ("review-odd", doubts.collect::<Vec<_>>().join(". "))
        }
    };
    let mut errors = FieldErrors::default();
    let first = standing.registers.first().map_or_else(String::new, |first| field(first.zone));
    errors.add(first, key, vec![("doubts", doubts)]);
    Ok(Corrected::Refused(input, errors))
}

/// The corrected values, one for each dial, and why. What counted already needs a reason.
fn typed(input: &Input, standing: &Standing, seen: State) -> Result<(Vec<(Zone, Quantity)>, String), FieldErrors> {
    let mut check = Check::new(input);
    let values = standing.registers.iter().map(|register| (register.zone, check.quantity(&field(register.zone)))).collect();
    let note = if seen == State::Accepted { check.line("review_note", 500) } else { check.optional_line("review_note", 500) };
    check.done((values, note))
}

/// The name of the field of one dial.
pub fn field(zone: Zone) -> String {
    format!("value-{zone}")
}
