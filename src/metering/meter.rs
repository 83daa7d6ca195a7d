//! A meter's passport: what is written on it and what is known of it wherever it stands.

use std::collections::HashMap;

use serde::Serialize;
use time::Date;

use super::{
    InstallationId, MeterId, Resource, Zone,
    installation::{Place, Stay},
    reading,
};
use crate::{
    db::{self, On, Tx, insert_many_for_ids, placeholders, q},
    estate::{
        filter::{self, Conditions, Given, Seen},
        premise::PremiseId,
        site::SiteId,
    },
    kernel::{Moment, Quantity},
    search::{self, Found},
};

/// A meter as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Meter {
    pub id: MeterId,
    pub serial: String,
    pub resource: Resource,
    pub model: String,
    pub dial_digits: i64,
    pub dial_decimals: i64,
    pub verified_on: Option<Date>,
    pub verify_by: Option<Date>,
    pub note: String,
}

/// What a person enters from the meter's passport. The serial keeps its leading zeros.
#[derive(Clone, Debug, Serialize)]
pub struct Passport {
    pub serial: String,
    pub resource: Resource,
    pub model: String,
    /// Whole digits on the dial, 1 to 12.
    pub dial_digits: i64,
    /// Digits behind the point, 0 to 3.
    pub dial_decimals: i64,
    pub verified_on: Option<Date>,
    pub verify_by: Option<Date>,
    pub note: String,
}

/// A new meter at its first place.
#[derive(Clone, Debug)]
pub struct NewMeter {
    pub passport: Passport,
    pub place: Place,
    pub installed_on: Date,
    /// One value for each dial, in the order they stand on the meter.
    pub opening: Vec<(Zone, Quantity)>,
}

macro_rules! select_meter {
    ($ending:literal) => {
        concat!("select id, serial, resource, model, dial_digits, dial_decimals, verified_on, verify_by, note from meter ", $ending)
    };
}

impl Meter {
    pub async fn find(on: impl Into<On<'_>>, id: MeterId) -> db::Result<Option<Self>> {
        q(on, select_meter!("where id = $1")).bind(id).opt().await
    }

    pub async fn by_serial(on: impl Into<On<'_>>, resource: Resource, serial: &str) -> db::Result<Option<Self>> {
        q(on, select_meter!("where resource = $1 and serial = $2")).bind(resource).bind(serial).opt().await
    }

    pub fn passport(&self) -> Passport {
        Passport {
            serial: self.serial.clone(),
            resource: self.resource,
            model: self.model.clone(),
            dial_digits: self.dial_digits,
            dial_decimals: self.dial_decimals,
            verified_on: self.verified_on,
            verify_by: self.verify_by,
            note: self.note.clone(),
        }
    }

    /// Its dials, in their order.
    pub async fn zones(on: impl Into<On<'_>>, id: MeterId) -> db::Result<Vec<Zone>> {
        q(on, "select zone from register where meter_id = $1 order by position").bind(id).scalars().await
    }
}

/// Why a passport is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotChanged {
    /// Another meter of the resource has the serial.
    SerialTaken,
    /// More digits were read of a dial than it would have.
    DigitsTooFew,
}

impl NotChanged {
    /// The field that is to blame.
    pub fn field(self) -> &'static str {
        match self {
            Self::SerialTaken => "serial",
            Self::DigitsTooFew => "dial_digits",
        }
    }

    /// The key of the message that says it.
    pub fn key(self) -> &'static str {
        match self {
            Self::SerialTaken => "meter-serial-taken",
            Self::DigitsTooFew => "meter-digits-too-few",
        }
    }
}

impl Meter {
    /// Writes another passport of it down.
    pub async fn change(&self, tx: &mut Tx, passport: &Passport) -> db::Result<Result<(), NotChanged>> {
        let other = Self::by_serial(&mut *tx, passport.resource, &passport.serial).await?;
        if other.is_some_and(|other| other.id != self.id) {
            return Ok(Err(NotChanged::SerialTaken));
        }
        let highest = reading::highest_of(tx, self.id).await?;
        let limit = Quantity::dial_limit(u8::try_from(passport.dial_digits).unwrap_or(12));
        if highest.is_some_and(|highest| highest >= limit) {
            return Ok(Err(NotChanged::DigitsTooFew));
        }
        passport.save(tx, self.id).await?;
        Ok(Ok(()))
    }

    /// Deletes it with its stays while nothing was read of it or hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something was or does.
    pub async fn take_away(&self, tx: &mut Tx) -> db::Result<()> {
        for sql in [
            "delete from installation_value where installation_id in (select id from installation where meter_id = $1)",
            "delete from installation where meter_id = $1",
            "delete from register where meter_id = $1",
            "delete from meter where id = $1",
        ] {
            q(&mut *tx, sql).bind(self.id).run().await?;
        }
        search::index(tx, Found::Meter, self.id.0, &[]).await
    }

    /// Those of the keys with their dials. At most 400 of them.
    pub async fn some(on: impl Into<On<'_>>, ids: &[MeterId]) -> db::Result<HashMap<MeterId, (Self, Vec<Zone>)>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut on = on.into();
        let list = placeholders(1, ids.len());
        let sql = format!(select_meter!("where id in ({})"), list);
        let found: Vec<Self> = ids.iter().fold(q(&mut on, sql), |statement, id| statement.bind(*id)).all().await?;
        let sql = format!("select meter_id, zone from register where meter_id in ({list}) order by meter_id, position");
        let zones: Vec<(MeterId, Zone)> = ids.iter().fold(q(&mut on, sql), |statement, id| statement.bind(*id)).all().await?;
        let mut by_key: HashMap<MeterId, (Self, Vec<Zone>)> = found.into_iter().map(|meter| (meter.id, (meter, Vec::new()))).collect();
        for (meter, zone) in zones {
            by_key.entry(meter).and_modify(|(_, zones)| zones.push(zone));
        }
        Ok(by_key)
    }
}

impl Passport {
    pub async fn save(&self, tx: &mut Tx, id: MeterId) -> db::Result<()> {
        q(
            &mut *tx,
            "update meter
            set serial = $2, resource = $3, model = $4, dial_digits = $5, dial_decimals = $6, verified_on = $7, verify_by = $8, note = $9
            where id = $1",
        )
        .bind(id)
        .bind(self.serial.as_str())
        .bind(self.resource)
        .bind(self.model.as_str())
        .bind(self.dial_digits)
        .bind(self.dial_decimals)
        .bind(self.verified_on)
        .bind(self.verify_by)
        .bind(self.note.as_str())
        .run()
        .await?;
        search::index(tx, Found::Meter, id.0, &[&self.serial]).await
    }
}

impl NewMeter {
    /// Writes the meter down and puts it at its place.
    pub async fn install(&self, tx: &mut Tx, at: Moment) -> db::Result<(MeterId, InstallationId)> {
        Ok(Self::install_many(tx, at, std::slice::from_ref(self)).await?[0])
    }

    /// Writes many meters down at once, each with its dials and its first stay; answers in the same order.
    pub async fn install_many(tx: &mut Tx, at: Moment, meters: &[Self]) -> db::Result<Vec<(MeterId, InstallationId)>> {
        let columns = "meter (serial, resource, model, dial_digits, dial_decimals, verified_on, verify_by, note, created_at)";
        let ids = insert_many_for_ids(tx, columns, meters, |statement, new| {
            let passport = &new.passport;
            statement
                .bind(passport.serial.as_str())
                .bind(passport.resource)
                .bind(passport.model.as_str())
                .bind(passport.dial_digits)
                .bind(passport.dial_decimals)
                .bind(passport.verified_on)
                .bind(passport.verify_by)
                .bind(passport.note.as_str())
                .bind(at)
        })
        .await?;
        let dials: Vec<(i64, Zone, i64)> = ids
            .iter()
            .zip(meters)
            .flat_map(|(id, new)| new.opening.iter().zip(0..).map(|((zone, _), position)| (*id, *zone, position)))
            .collect();
        let registers = insert_many_for_ids(tx, "register (meter_id, zone, position)", &dials, |statement, (meter, zone, position)| {
            statement.bind(*meter).bind(*zone).bind(*position)
        })
        .await?;
        let terms: Vec<_> = ids.iter().zip(meters).map(|(id, new)| (*id, search::endings(&[&new.passport.serial]))).collect();
        search::index_new(tx, Found::Meter, &terms).await?;
        let mut registers = registers.into_iter();
        let stays: Vec<Stay> = ids
            .iter()
            .zip(meters)
            .map(|(id, new)| Stay {
                meter: MeterId(*id),
                place: new.place,
                installed_on: new.installed_on,
                opening: new.opening.iter().filter_map(|(_, value)| Some((registers.next()?, *value))).collect(),
            })
            .collect();
        let installations = Stay::begin_many(tx, &stays).await?;
        Ok(ids.into_iter().map(MeterId).zip(installations).collect())
    }
}

/// One of these meters that is written down already, if any is.
pub async fn first_known(on: impl Into<On<'_>>, meters: &[(Resource, &str)]) -> db::Result<Option<(Resource, String)>> {
    let mut on = on.into();
    for chunk in meters.chunks(400) {
        let sql = format!("select resource, serial from meter where serial in ({}) order by id", placeholders(1, chunk.len()));
        let statement = chunk.iter().fold(q(&mut on, sql), |statement, (_, serial)| statement.bind(*serial));
        let known: Vec<(Resource, String)> = statement.all().await?;
        let found = known.into_iter().find(|(resource, serial)| meters.contains(&(*resource, serial.as_str())));
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A standing meter found by its serial.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FoundMeter {
    pub serial: String,
    pub resource: Resource,
    pub site_id: SiteId,
    pub premise_id: Option<PremiseId>,
    pub premise_label: Option<String>,
}

/// Standing meters whose serials hold the typed words, on the sites that are seen.
pub async fn standing_by_serial(on: impl Into<On<'_>>, seen: Seen<'_>, words: &str, limit: i64) -> db::Result<Vec<FoundMeter>> {
    let mut conditions = Conditions::default();
    conditions.within("i.site_id", seen, None);
    conditions.and("i.removed_on is null", Vec::new());
    for (from, before) in filter::words(words) {
        conditions.and(&format!("i.meter_id in ({})", filter::found(Found::Meter)), vec![Given::Text(from), Given::Text(before)]);
    }
    let sql = format!(
        "select m.serial, m.resource, i.site_id, i.premise_id, p.label as premise_label
        from installation i
        join meter m on m.id = i.meter_id
        left join premise p on p.id = i.premise_id{}
        order by m.serial, i.id
        limit ${}",
        conditions.sql(),
        conditions.next()
    );
    conditions.bind(q(on, sql)).bind(limit).all().await
}
