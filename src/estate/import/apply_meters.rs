//! The steps of a plan that concern meters: passports, installations with opening values, readings.

use serde_json::json;
use time::Date;

use super::{
    apply::{Applying, Taken},
    effect::{Changed, EffectKind},
    plan::{MeterChange, NewMeter, NewReading},
};
use crate::{
    audit::Subject,
    db::{self, q},
    kernel::Quantity,
    metering::{Resource, Zone},
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

    /// Only for a meter that stands in this site, and only where the day has no reading yet.
    pub(super) async fn reading(&mut self, reading: &NewReading) -> Taken {
        let installation: Option<(i64, i64, Date)> = q(
            &mut *self.tx,
            "select i.id, i.meter_id, i.installed_on
            from installation i join meter m on m.id = i.meter_id
            where m.resource = $1 and m.serial = $2 and i.removed_on is null and i.site_id = $3",
        )
        .bind(reading.resource)
        .bind(reading.serial.clone())
        .bind(self.site.id)
        .opt()
        .await?;
        let Some((installation, meter, _)) = installation.filter(|(_, _, installed_on)| *installed_on <= reading.on) else {
            return Ok(false);
        };
        if self.is_read_on(installation, reading.on).await? {
            return Ok(false);
        }
        let registers: Vec<(i64, Zone)> =
            q(&mut *self.tx, "select id, zone from register where meter_id = $1 order by position").bind(meter).all().await?;
        let value_of = |zone: Zone| reading.values.iter().find(|(of, _)| *of == zone).map(|(_, value)| *value);
        let values: Option<Vec<(i64, Quantity)>> =
            registers.iter().map(|(register, zone)| value_of(*zone).map(|value| (*register, value))).collect();
        match values {
            Some(values) => self.insert_reading(installation, reading, &values).await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn is_read_on(&mut self, installation: i64, on: Date) -> db::Result<bool> {
        let zone = self.site.zone();
        let count: i64 = q(
            &mut *self.tx,
            "select count(*)
            from reading
            where installation_id = $1 and taken_at >= $2 and taken_at < $3 and state in ('accepted', 'in_review')",
        )
        .bind(installation)
        .bind(zone.start_of(on))
        .bind(zone.start_of(on.next_day().unwrap_or(on)))
        .scalar()
        .await?;
        Ok(count > 0)
    }

    async fn insert_reading(&mut self, installation: i64, reading: &NewReading, values: &[(i64, Quantity)]) -> db::Result<()> {
        let id: i64 = q(
            &mut *self.tx,
            "insert into reading (installation_id, taken_at, received_at, source, author_id, batch_id, state)
            values ($1, $2, $3, 'import', $4, $5, 'accepted')
            returning id",
        )
        .bind(installation)
        .bind(self.site.zone().noon(reading.on))
        .bind(self.at)
        .bind(self.author.id)
        .bind(self.batch)
        .scalar()
        .await?;
        for (register, value) in values {
            q(&mut *self.tx, "insert into reading_value (reading_id, register_id, value_thousandths) values ($1, $2, $3)")
                .bind(id)
                .bind(*register)
                .bind(*value)
                .run()
                .await?;
        }
        self.made(EffectKind::Reading, id).await
    }
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
