//! The steps of a plan that concern meters: passports, installations with opening values, readings.

use serde_json::json;
use time::Date;

use super::{
    apply::{Applying, Taken},
    batch::BatchId,
    effect::{Changed, Effect, EffectKind},
    plan::{EarlierOpening, MeterChange, NewMeter, NewReading},
    planner::MADE_UP,
};
use crate::{
    audit::Subject,
    db::{self, Tx, q},
    kernel::{Moment, Quantity},
    metering::{
        InstallationId, MeterId, Zone,
        installation::Place,
        meter::{self, Meter, Passport},
        reading::{self, Source, Way},
        seal::{NewSeal, SealKind},
    },
};

impl Applying<'_> {
    pub(super) async fn meter(&mut self, meter: &NewMeter) -> Taken {
        let Some(premise) = self.premise_id(&meter.label).await? else {
            return Ok(false);
        };
        if Meter::by_serial(&mut *self.tx, meter.resource, &meter.serial).await?.is_some() {
            return Ok(false);
        }
        let new = meter::NewMeter {
            passport: Passport {
                serial: meter.serial.clone(),
                resource: meter.resource,
                model: meter.model.clone(),
                dial_digits: meter.dial_digits.into(),
                dial_decimals: meter.dial_decimals.into(),
                verified_on: meter.verified_on,
                verify_by: meter.verify_by,
                note: String::new(),
            },
            place: Place { site: self.site.id, premise: Some(premise) },
            installed_on: meter.installed_on,
            opening: meter.opening.clone(),
        };
        let (id, installation) = new.install(self.tx, self.at).await?;
        self.made(EffectKind::Meter, id.0).await?;
        self.made(EffectKind::Installation, installation.0).await?;
        if !meter.seal.is_empty() {
            self.seal(id, &meter.seal).await?;
        }
        self.note_made(Subject::Meter, id.0, &meter.serial, meter).await?;
        Ok(true)
    }

    async fn seal(&mut self, meter: MeterId, number: &str) -> db::Result<()> {
        let seal = NewSeal { meter, number: number.to_owned(), kind: SealKind::Other, place: String::new(), placed_on: None };
        for id in NewSeal::place_many(self.tx, &[seal]).await? {
            self.made(EffectKind::Seal, id).await?;
        }
        Ok(())
    }

    pub(super) async fn meter_change(&mut self, change: &MeterChange) -> Taken {
        let Some(found) = Meter::find(&mut *self.tx, MeterId(change.id)).await? else {
            return Ok(false);
        };
        let before = found.passport();
        let Some(after) = changed_passport(&before, change) else {
            return Ok(false);
        };
        if after.serial != before.serial && Meter::by_serial(&mut *self.tx, found.resource, &after.serial).await?.is_some() {
            return Ok(false);
        }
        let changed = Changed { before: passport_json(&before), after: passport_json(&after) };
        if changed.before != changed.after {
            after.save(self.tx, found.id).await?;
            self.changed(EffectKind::Meter, change.id, &changed).await?;
            self.note_changed(Subject::Meter, change.id, &after.serial, &changed).await?;
        }
        if let Some(seal) = &change.seal {
            self.seal(found.id, seal).await?;
        }
        Ok(true)
    }

    /// Only while the installation is as it was when the plan was made.
    pub(super) async fn earlier_opening(&mut self, opening: &EarlierOpening) -> Taken {
        let sql = "update installation set installed_on = $3 where id = $1 and installed_on = $2 and removed_on is null";
        let moved = q(&mut *self.tx, sql).bind(opening.installation).bind(opening.old_on).bind(opening.new_on).run().await?;
        if moved == 0 {
            return Ok(false);
        }
        set_opening(self.tx, opening.installation, &opening.new).await?;
        let values = |on: Date, values: &[(Zone, Quantity)]| json!({"installed_on": on.to_string(), "opening": values});
        let changed = Changed { before: values(opening.old_on, &opening.old), after: values(opening.new_on, &opening.new) };
        self.changed(EffectKind::Installation, opening.installation, &changed).await?;
        self.earlier_contract(opening).await?;
        Ok(true)
    }

    /// The contract that an import let begin with the meter goes back with it: else what was used in between would be on no bill.
    async fn earlier_contract(&mut self, opening: &EarlierOpening) -> db::Result<()> {
        let sql = "update contract
            set signed_on = $3
            where signed_on = $2 and ended_on is null and number = $4 and id in (
                select c.id
                from installation i
                join meter m on m.id = i.meter_id
                join account a on a.premise_id = i.premise_id
                join contract c on c.account_id = a.id and c.service = m.resource
                where i.id = $1
            )
            returning id";
        let statement = q(&mut *self.tx, sql).bind(opening.installation).bind(opening.old_on).bind(opening.new_on).bind(MADE_UP);
        let moved: Vec<i64> = statement.scalars().await?;
        let values = |on: Date| json!({"signed_on": on.to_string()});
        let changed = Changed { before: values(opening.old_on), after: values(opening.new_on) };
        for id in moved {
            self.changed(EffectKind::Contract, id, &changed).await?;
            self.note_changed(Subject::Contract, id, MADE_UP, &changed).await?;
        }
        Ok(())
    }

    /// For a meter that stands in this site; the readings of a portion are handed over together, after its meters are there.
    pub(super) async fn reading(&mut self, reading: &NewReading) -> Taken {
        let installation: Option<InstallationId> = q(
            &mut *self.tx,
            "select i.id
            from installation i join meter m on m.id = i.meter_id
            where m.resource = $1 and m.serial = $2 and i.removed_on is null and i.site_id = $3",
        )
        .bind(reading.resource)
        .bind(reading.serial.as_str())
        .bind(self.site.id)
        .scalar_opt()
        .await?;
        let Some(installation) = installation else {
            return Ok(false);
        };
        let new = reading::NewReading {
            installation,
            // a reading of today may be brought before noon
            taken_at: self.site.zone().noon(reading.on).min(self.at),
            values: reading.values.clone(),
            author: self.author.id,
            visit: None,
            reason: None,
            note: String::new(),
            client_key: None,
        };
        self.readings.push((self.position, new));
        Ok(true)
    }
}

/// Writes the values that an installation begins with.
pub(super) async fn set_opening(tx: &mut Tx, installation: i64, values: &[(Zone, Quantity)]) -> db::Result<()> {
    for (zone, value) in values {
        q(
            &mut *tx,
            "update installation_value set opening_thousandths = $3
            where installation_id = $1 and register_id in (
                select r.id
                from register r join installation i on i.meter_id = r.meter_id
                where i.id = $1 and r.zone = $2
            )",
        )
        .bind(installation)
        .bind(*zone)
        .bind(*value)
        .run()
        .await?;
    }
    Ok(())
}

/// Hands the readings of a portion over to metering, whose checks decide what goes to review. Answers the rows whose reading was refused.
pub async fn submit(tx: &mut Tx, batch: BatchId, at: Moment, readings: Vec<(i64, reading::NewReading)>) -> db::Result<Vec<i64>> {
    let (positions, readings): (Vec<i64>, Vec<reading::NewReading>) = readings.into_iter().unzip();
    let way = Way { source: Source::Import, batch: Some(batch.0) };
    let mut refused = Vec::new();
    for (position, outcome) in positions.into_iter().zip(reading::submit_many(tx, way, at, readings).await?) {
        match outcome {
            Ok(submitted) => Effect::made(tx, batch, position, EffectKind::Reading, submitted.id.0).await?,
            Err(_) => refused.push(position),
        }
    }
    Ok(refused)
}

/// The passport after the change; `None` when it is not what the plan was made upon.
fn changed_passport(before: &Passport, change: &MeterChange) -> Option<Passport> {
    let mut after = before.clone();
    if let Some(serial) = &change.serial {
        (before.serial == serial.old).then(|| after.serial.clone_from(&serial.new))?;
    }
    if let Some(model) = &change.model {
        (before.model == model.old).then(|| after.model.clone_from(&model.new))?;
    }
    if let Some(day) = &change.verified_on {
        (before.verified_on == day.old.0).then(|| after.verified_on = day.new.0)?;
    }
    if let Some(day) = &change.verify_by {
        (before.verify_by == day.old.0).then(|| after.verify_by = day.new.0)?;
    }
    Some(after)
}

/// What an import may change of a passport.
fn passport_json(passport: &Passport) -> serde_json::Value {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    json!({
        "serial": passport.serial,
        "model": passport.model,
        "verified_on": day(passport.verified_on),
        "verify_by": day(passport.verify_by),
    })
}
