//! The steps of a plan that concern meters: passports, installations with opening values, readings.

use serde_json::json;
use time::Date;

use super::{
    apply::{Applying, Taken},
    batch::BatchId,
    effect::{Changed, Effect, EffectKind},
    plan::{MeterChange, NewMeter, NewReading},
};
use crate::{
    audit::Subject,
    db::{self, Tx, q},
    kernel::{Moment, Quantity},
    metering::{
        InstallationId, Resource, Zone,
        reading::{self, Source, Way},
    },
    search::{self, Found},
};

/// A meter's passport as far as an import may change it.
type Passport = (String, String, Option<Date>, Option<Date>);

impl Applying<'_> {
    pub(super) async fn meter(&mut self, meter: &NewMeter) -> Taken {
        let Some(premise) = self.premise_id(&meter.label).await? else {
            return Ok(false);
        };
        if self.is_serial_taken(meter.resource, &meter.serial).await? {
            return Ok(false);
        }
        let id = self.insert_meter(meter).await?;
        self.made(EffectKind::Meter, id).await?;
        let installation: i64 =
            q(&mut *self.tx, "insert into installation (meter_id, premise_id, site_id, installed_on) values ($1, $2, $3, $4) returning id")
                .bind(id)
                .bind(premise)
                .bind(self.site.id)
                .bind(meter.installed_on)
                .scalar()
                .await?;
        self.made(EffectKind::Installation, installation).await?;
        self.insert_registers(id, installation, &meter.opening).await?;
        if !meter.seal.is_empty() {
            self.seal(id, &meter.seal).await?;
        }
        search::index(self.tx, Found::Meter, id, &[&meter.serial]).await?;
        self.note_made(Subject::Meter, id, &meter.serial, meter).await?;
        Ok(true)
    }

    async fn is_serial_taken(&mut self, resource: Resource, serial: &str) -> db::Result<bool> {
        let count: i64 = q(&mut *self.tx, "select count(*) from meter where resource = $1 and serial = $2")
            .bind(resource)
            .bind(serial.to_owned())
            .scalar()
            .await?;
        Ok(count > 0)
    }

    async fn insert_meter(&mut self, meter: &NewMeter) -> db::Result<i64> {
        q(
            &mut *self.tx,
            "insert into meter (serial, resource, model, dial_digits, dial_decimals, verified_on, verify_by, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            returning id",
        )
        .bind(meter.serial.clone())
        .bind(meter.resource)
        .bind(meter.model.clone())
        .bind(i64::from(meter.dial_digits))
        .bind(i64::from(meter.dial_decimals))
        .bind(meter.verified_on)
        .bind(meter.verify_by)
        .bind(self.at)
        .scalar()
        .await
    }

    async fn insert_registers(&mut self, meter: i64, installation: i64, opening: &[(Zone, Quantity)]) -> db::Result<()> {
        for ((zone, value), position) in opening.iter().zip(0_i64..) {
            let register: i64 = q(&mut *self.tx, "insert into register (meter_id, zone, position) values ($1, $2, $3) returning id")
                .bind(meter)
                .bind(*zone)
                .bind(position)
                .scalar()
                .await?;
            q(&mut *self.tx, "insert into installation_value (installation_id, register_id, opening_thousandths) values ($1, $2, $3)")
                .bind(installation)
                .bind(register)
                .bind(*value)
                .run()
                .await?;
        }
        Ok(())
    }

    async fn seal(&mut self, meter: i64, number: &str) -> db::Result<()> {
        let id: i64 = q(&mut *self.tx, "insert into seal (meter_id, number, kind) values ($1, $2, 'other') returning id")
            .bind(meter)
            .bind(number.to_owned())
            .scalar()
            .await?;
        self.made(EffectKind::Seal, id).await
    }

    pub(super) async fn meter_change(&mut self, change: &MeterChange) -> Taken {
        let sql = "select serial, model, verified_on, verify_by, resource from meter where id = $1";
        let found: Option<(String, String, Option<Date>, Option<Date>, Resource)> = q(&mut *self.tx, sql).bind(change.id).opt().await?;
        let Some((serial, model, verified_on, verify_by, resource)) = found else {
            return Ok(false);
        };
        let before: Passport = (serial, model, verified_on, verify_by);
        let Some(after) = changed_passport(&before, change) else {
            return Ok(false);
        };
        if after.0 != before.0 && self.is_serial_taken(resource, &after.0).await? {
            return Ok(false);
        }
        if after != before {
            self.save_passport(change.id, &before, &after).await?;
        }
        if let Some(seal) = &change.seal {
            self.seal(change.id, seal).await?;
        }
        Ok(true)
    }

    async fn save_passport(&mut self, id: i64, before: &Passport, after: &Passport) -> db::Result<()> {
        q(&mut *self.tx, "update meter set serial = $2, model = $3, verified_on = $4, verify_by = $5 where id = $1")
            .bind(id)
            .bind(after.0.clone())
            .bind(after.1.clone())
            .bind(after.2)
            .bind(after.3)
            .run()
            .await?;
        let changed = Changed { before: passport_json(before), after: passport_json(after) };
        self.changed(EffectKind::Meter, id, &changed).await?;
        self.note_changed(Subject::Meter, id, &after.0, &changed).await?;
        search::index(self.tx, Found::Meter, id, &[&after.0]).await
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
        .bind(reading.serial.clone())
        .bind(self.site.id)
        .scalar_opt()
        .await?;
        let Some(installation) = installation else {
            return Ok(false);
        };
        // a reading of today may be brought before noon
        let taken_at = self.site.zone().noon(reading.on).min(self.at);
        let values = reading.values.clone();
        let new = reading::NewReading {
            installation,
            taken_at,
            values,
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
        (before.0 == serial.old).then(|| after.0.clone_from(&serial.new))?;
    }
    if let Some(model) = &change.model {
        (before.1 == model.old).then(|| after.1.clone_from(&model.new))?;
    }
    if let Some(day) = &change.verified_on {
        (before.2 == day.old.0).then(|| after.2 = day.new.0)?;
    }
    if let Some(day) = &change.verify_by {
        (before.3 == day.old.0).then(|| after.3 = day.new.0)?;
    }
    Some(after)
}

fn passport_json((serial, model, verified_on, verify_by): &Passport) -> serde_json::Value {
    let day = |day: &Option<Date>| day.map(|day| day.to_string());
    json!({"serial": serial, "model": model, "verified_on": day(verified_on), "verify_by": day(verify_by)})
}
