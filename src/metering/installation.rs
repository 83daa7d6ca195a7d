//! A meter's stays: where it stands, from when until when, with which opening and closing values; how it is put up, taken away, replaced.
//!
//! The values at both ends are what bills of that month stand on, so a stay ends only with all of them, none below what was read before.

use std::collections::HashMap;

use time::Date;

use super::{
    InstallationId, MeterId, Resource, Zone,
    checks::{self, Taken},
    meter::{Meter, NewMeter, Passport},
    reading::{Refusal, values_by_register},
    standing::Standing,
};
use crate::{
    db::{self, On, Tx, insert_many, insert_many_for_ids, placeholders, q},
    estate::{
        filter::{Conditions, Seen},
        premise::PremiseId,
        site::SiteId,
    },
    kernel::{Moment, Quantity, clock},
};

/// Where a meter stands: at a premise, or, as a common meter, at the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub site: SiteId,
    pub premise: Option<PremiseId>,
}

/// One stay of a meter, with the label of its premise.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Installation {
    pub id: InstallationId,
    pub meter_id: MeterId,
    pub site_id: SiteId,
    pub premise_id: Option<PremiseId>,
    pub premise_label: Option<String>,
    pub installed_on: Date,
    pub removed_on: Option<Date>,
    pub removal_reason: String,
}

/// Opening and closing value of one dial during a stay.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bounds {
    pub installation_id: InstallationId,
    pub zone: Zone,
    #[sqlx(rename = "opening_thousandths")]
    pub opening: Quantity,
    #[sqlx(rename = "closing_thousandths")]
    pub closing: Option<Quantity>,
}

impl Installation {
    /// Every stay of a meter, the latest first.
    pub async fn of_meter(on: impl Into<On<'_>>, id: MeterId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select i.id, i.meter_id, i.site_id, i.premise_id, p.label as premise_label, i.installed_on, i.removed_on, i.removal_reason
            from installation i
            left join premise p on p.id = i.premise_id
            where i.meter_id = $1
            order by i.installed_on desc, i.id desc",
        )
        .bind(id)
        .all()
        .await
    }
}

impl Bounds {
    /// Opening and closing values of every stay of a meter.
    pub async fn of_meter(on: impl Into<On<'_>>, id: MeterId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select v.installation_id, g.zone, v.opening_thousandths, v.closing_thousandths
            from installation i
            join installation_value v on v.installation_id = i.id
            join register g on g.id = v.register_id
            where i.meter_id = $1
            order by v.installation_id, g.position",
        )
        .bind(id)
        .all()
        .await
    }
}

/// The stays of meters by what is written on them: which one a reading is of.
#[derive(Clone, Debug, Default)]
pub struct StayOf(HashMap<(Resource, String), Vec<Where>>);

#[derive(Clone, Debug, sqlx::FromRow)]
struct Where {
    resource: Resource,
    serial: String,
    installation: InstallationId,
    installed_on: Date,
    removed_on: Option<Date>,
    time_zone: String,
}

impl StayOf {
    /// The stay of a meter at a moment; outside all of them, the last one.
    pub fn at(&self, resource: Resource, serial: &str, moment: Moment) -> Option<InstallationId> {
        let stays = self.0.get(&(resource, serial.to_owned()))?;
        let is_then = |stay: &&Where| {
            let day = clock::Zone::by_name(&stay.time_zone).unwrap_or_else(clock::Zone::moscow).day(moment);
            stay.installed_on <= day && stay.removed_on.is_none_or(|removed| day <= removed)
        };
        // On the day of a move the meter stands at its new place.
        stays.iter().rev().find(is_then).or(stays.last()).map(|stay| stay.installation)
    }
}

/// Every stay of these meters on the sites that are seen; unknown ones are left out.
pub async fn stays_of(on: impl Into<On<'_>>, seen: Seen<'_>, meters: &[(Resource, &str)]) -> db::Result<StayOf> {
    let mut on = on.into();
    let mut found = StayOf::default();
    for chunk in meters.chunks(400) {
        let mut conditions = Conditions::default();
        conditions.within("i.site_id", seen, None);
        let first = conditions.next();
        let joint = if conditions.sql().is_empty() { "where" } else { "and" };
        let sql = format!(
            "select distinct m.resource, m.serial, i.id as installation, i.installed_on, i.removed_on, s.time_zone
            from meter m
            join installation i on i.meter_id = m.id
            join site s on s.id = i.site_id{} {joint} m.serial in ({})
            order by i.installed_on, installation",
            conditions.sql(),
            placeholders(first, chunk.len())
        );
        let statement = conditions.bind(q(&mut on, sql));
        let rows: Vec<Where> =
            chunk.iter().fold(statement, |statement, (_, serial)| statement.bind(serial.replace('\0', ""))).all().await?;
        for row in rows {
            let stays = found.0.entry((row.resource, row.serial.clone())).or_default();
            if stays.iter().all(|stay| stay.installation != row.installation) {
                stays.push(row);
            }
        }
    }
    Ok(found)
}

/// Why a meter is not put up or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StayRefusal {
    /// It stands somewhere, or stood there later than that day.
    Standing,
    /// It was taken away already.
    NotStanding,
    /// The day lies before the installation, or is still to come.
    WrongDay,
    /// The meter of this serial has other dials.
    OtherDials,
    /// A value is missing, negative or has too many digits.
    Value(Refusal),
    /// A closing value is below what was read of the dial before.
    BelowLast(Zone, Quantity),
    /// There are readings after that day.
    ReadLater(Date),
}

impl StayRefusal {
    /// The key of the message that says it; `last` and `date` are its arguments.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Standing => "meter-stands",
            Self::NotStanding => "meter-stands-no-more",
            Self::WrongDay => "meter-wrong-day",
            Self::OtherDials => "meter-other-dials",
            Self::Value(refusal) => refusal.key(),
            Self::BelowLast(..) => "meter-closing-below",
            Self::ReadLater(_) => "meter-read-later",
        }
    }
}

/// The class of locks, by meter, under which stays begin and end.
const STAY_LOCK: i32 = 31;

/// A meter that is put up by what stands on it; one of this serial that stands nowhere is used again.
#[derive(Clone, Debug)]
pub struct NewInstallation {
    pub passport: Passport,
    pub on: Date,
    /// One value for each dial, in the order they stand on the meter.
    pub opening: Vec<(Zone, Quantity)>,
}

impl NewInstallation {
    /// Puts it up. Of a meter used again the passport is brought up to date.
    pub async fn put_up(&self, tx: &mut Tx, at: Moment, place: Place) -> db::Result<Result<(MeterId, InstallationId), StayRefusal>> {
        let Some(known) = Meter::by_serial(&mut *tx, self.passport.resource, &self.passport.serial).await? else {
            let meter = NewMeter { passport: self.passport.clone(), place, installed_on: self.on, opening: self.opening.clone() };
            return Ok(Ok(meter.install(tx, at).await?));
        };
        let again = Reinstallation { meter: known.id, place, on: self.on, opening: &self.opening };
        let stay = again.put_up(tx).await?;
        if stay.is_ok() {
            self.passport.save(tx, known.id).await?;
        }
        Ok(stay.map(|installation| (known.id, installation)))
    }
}

/// A meter that exists and stands nowhere, at a new place.
#[derive(Clone, Copy, Debug)]
pub struct Reinstallation<'a> {
    pub meter: MeterId,
    pub place: Place,
    pub on: Date,
    pub opening: &'a [(Zone, Quantity)],
}

impl Reinstallation<'_> {
    pub async fn put_up(&self, tx: &mut Tx) -> db::Result<Result<InstallationId, StayRefusal>> {
        tx.lock(STAY_LOCK, self.meter.0).await?;
        let stays = Installation::of_meter(&mut *tx, self.meter).await?;
        if stays.iter().any(|stay| stay.removed_on.is_none_or(|removed| removed > self.on)) {
            return Ok(Err(StayRefusal::Standing));
        }
        let registers: Vec<(i64, Zone)> =
            q(&mut *tx, "select id, zone from register where meter_id = $1 order by position").bind(self.meter).all().await?;
        let value = |zone: Zone| self.opening.iter().find(|(of, _)| *of == zone).map(|(_, value)| *value);
        let opening: Vec<(i64, Quantity)> =
            registers.iter().filter_map(|(register, zone)| value(*zone).map(|value| (*register, value))).collect();
        if opening.len() != registers.len() || opening.len() != self.opening.len() {
            return Ok(Err(StayRefusal::OtherDials));
        }
        let stay = Stay { meter: self.meter, place: self.place, installed_on: self.on, opening };
        Ok(Ok(Stay::begin_many(tx, &[stay]).await?[0]))
    }
}

/// A meter that is taken away: the stay ends on a day with the values its dials showed.
#[derive(Clone, Copy, Debug)]
pub struct Removal<'a> {
    pub installation: InstallationId,
    pub on: Date,
    pub reason: &'a str,
    pub closing: &'a [(Zone, Quantity)],
}

impl Removal<'_> {
    /// Ends the stay; a refusal has changed nothing.
    pub async fn carry_out(&self, tx: &mut Tx, now: Moment) -> db::Result<Result<(), StayRefusal>> {
        let meter: Option<MeterId> =
            q(&mut *tx, "select meter_id from installation where id = $1").bind(self.installation).scalar_opt().await?;
        let Some(meter) = meter else { return Ok(Err(StayRefusal::NotStanding)) };
        tx.lock(STAY_LOCK, meter.0).await?;
        let values = match self.judge(tx, now).await? {
            Ok(values) => values,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let ended = q(&mut *tx, "update installation set removed_on = $2, removal_reason = $3 where id = $1 and removed_on is null")
            .bind(self.installation)
            .bind(self.on)
            .bind(self.reason)
            .run()
            .await?;
        if ended == 0 {
            return Ok(Err(StayRefusal::NotStanding));
        }
        for (register, value) in values {
            q(&mut *tx, "update installation_value set closing_thousandths = $3 where installation_id = $1 and register_id = $2")
                .bind(self.installation)
                .bind(register)
                .bind(value)
                .run()
                .await?;
        }
        Ok(Ok(()))
    }

    /// The closing values by register key, or what speaks against ending the stay with them.
    async fn judge(&self, tx: &mut Tx, now: Moment) -> db::Result<Result<Vec<(i64, Quantity)>, StayRefusal>> {
        let Some(standing) = Standing::load(&mut *tx, &[self.installation], now).await?.pop().filter(|found| found.removed_on.is_none())
        else {
            return Ok(Err(StayRefusal::NotStanding));
        };
        if self.on < standing.installed_on || self.on > standing.zone.day(now) {
            return Ok(Err(StayRefusal::WrongDay));
        }
        let last: Option<Moment> =
            q(tx, "select max(taken_at) from reading where installation_id = $1 and state in ('accepted', 'in_review')")
                .bind(self.installation)
                .scalar()
                .await?;
        if let Some(day) = last.map(|last| standing.zone.day(last)).filter(|day| *day > self.on) {
            return Ok(Err(StayRefusal::ReadLater(day)));
        }
        let values = match values_by_register(&standing, self.closing) {
            Ok(values) => values,
            Err(refusal) => return Ok(Err(StayRefusal::Value(refusal))),
        };
        let Some(tomorrow) = self.on.next_day() else { return Ok(Err(StayRefusal::WrongDay)) };
        let opening = standing.opening();
        let shown = Taken { at: standing.zone.start_of(tomorrow), values: self.closing.to_vec() };
        // A dial that went round used something; only what fits no turn is below.
        let below = checks::check(&standing.background(&opening), &shown).used.into_iter().find(|used| used.used.is_negative());
        Ok(below.map_or(Ok(values), |used| Err(StayRefusal::BelowLast(used.zone, used.previous))))
    }
}

/// One meter gives way to another at the same place and on the same day, in one transaction.
///
/// A refusal says whether it is about the old meter or the new one; the caller rolls back.
pub async fn replace(
    tx: &mut Tx,
    at: Moment,
    old: Removal<'_>,
    new: &NewInstallation,
    place: Place,
) -> db::Result<Result<(MeterId, InstallationId), NotReplaced>> {
    if let Err(refusal) = old.carry_out(tx, at).await? {
        return Ok(Err(NotReplaced::Old(refusal)));
    }
    Ok(new.put_up(tx, at, place).await?.map_err(NotReplaced::New))
}

/// Which of the two meters speaks against a replacement, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReplaced {
    Old(StayRefusal),
    New(StayRefusal),
}

/// A meter that is put somewhere, with the value of each of its dials by register key.
pub(super) struct Stay {
    pub meter: MeterId,
    pub place: Place,
    pub installed_on: Date,
    pub opening: Vec<(i64, Quantity)>,
}

impl Stay {
    pub async fn begin_many(tx: &mut Tx, stays: &[Self]) -> db::Result<Vec<InstallationId>> {
        let ids = insert_many_for_ids(tx, "installation (meter_id, premise_id, site_id, installed_on)", stays, |statement, stay| {
            statement.bind(stay.meter).bind(stay.place.premise).bind(stay.place.site).bind(stay.installed_on)
        })
        .await?;
        let values: Vec<(i64, i64, Quantity)> =
            ids.iter().zip(stays).flat_map(|(id, stay)| stay.opening.iter().map(|(register, value)| (*id, *register, *value))).collect();
        insert_many(
            tx,
            "installation_value (installation_id, register_id, opening_thousandths)",
            &values,
            |statement, (installation, register, value)| statement.bind(*installation).bind(*register).bind(*value),
        )
        .await?;
        Ok(ids.into_iter().map(InstallationId).collect())
    }
}
