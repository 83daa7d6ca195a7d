//! What the database already knows of a site, read in a few queries, for a plan to be held against.

use std::collections::{HashMap, HashSet};

use time::Date;

use super::owners;
use crate::{
    db::{self, Db, q},
    estate::site::Site,
    kernel::{Moment, Quantity},
    metering::{Resource, Zone},
};

/// A site as it is now, and everyone and every meter that its file may speak of.
#[derive(Debug, Default)]
pub struct Present {
    /// By label.
    pub premises: HashMap<String, Premise>,
    /// Of all sites: a person may have plots in several.
    pub owners: HashMap<i64, Owner>,
    pub owners_by_name: HashMap<String, Vec<i64>>,
    /// Of all sites: a serial is unique within its resource.
    pub meters: HashMap<(Resource, String), Meter>,
    /// Serials standing at a premise.
    pub standing: HashMap<(i64, Resource), Vec<String>>,
    /// By installation; only of the days asked for.
    pub readings: HashMap<i64, Vec<ReadOn>>,
}

/// A day and the values of all dials on it.
pub type ReadOn = (Date, Vec<(Zone, Quantity)>);

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Premise {
    pub id: i64,
    pub label: String,
    pub area_thousandths: Option<Quantity>,
    pub note: String,
    pub ended_on: Option<Date>,
    #[sqlx(skip)]
    pub owners: Vec<i64>,
    #[sqlx(skip)]
    pub has_account: bool,
    #[sqlx(skip)]
    pub services: HashSet<String>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Owner {
    pub id: i64,
    pub full_name: String,
    pub email: String,
    #[sqlx(skip)]
    pub phones: Vec<String>,
}

impl Owner {
    /// As `owners::name_key` makes it of a file's name.
    #[must_use]
    pub fn key(&self) -> String {
        owners::text_key(&self.full_name)
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Meter {
    pub id: i64,
    pub resource: Resource,
    pub serial: String,
    pub model: String,
    pub dial_digits: i64,
    pub verified_on: Option<Date>,
    pub verify_by: Option<Date>,
    /// Where it stands now; all empty when it stands nowhere.
    pub installation_id: Option<i64>,
    pub premise_id: Option<i64>,
    pub site_id: Option<i64>,
    pub installed_on: Option<Date>,
    pub place: Option<String>,
    /// Where it stands was written down by an import, which knew only as far back as its file.
    #[sqlx(skip)]
    pub is_import: bool,
    #[sqlx(skip)]
    pub zones: Vec<Zone>,
    #[sqlx(skip)]
    pub opening: Vec<(Zone, Quantity)>,
    #[sqlx(skip)]
    pub seals: Vec<String>,
}

impl Present {
    /// Reads all of it; of readings those between two days.
    pub async fn load(db: &Db, site: &Site, from: Date, until: Date) -> db::Result<Self> {
        let mut present = Self::default();
        present.load_premises(db, site).await?;
        present.load_owners(db).await?;
        present.load_meters(db).await?;
        present.load_readings(db, site, from, until).await?;
        Ok(present)
    }

    async fn load_premises(&mut self, db: &Db, site: &Site) -> db::Result<()> {
        let premises: Vec<Premise> =
            q(db, "select id, label, area_thousandths, note, ended_on from premise where site_id = $1").bind(site.id).all().await?;
        let mut labels = HashMap::new();
        for premise in premises {
            labels.insert(premise.id, premise.label.clone());
            self.premises.insert(premise.label.clone(), premise);
        }
        let ownerships: Vec<(i64, i64)> = q(
            db,
            "select o.premise_id, o.owner_id
            from ownership o join premise p on p.id = o.premise_id
            where p.site_id = $1 and o.until_on is null
            order by o.id",
        )
        .bind(site.id)
        .all()
        .await?;
        for (premise, owner) in ownerships {
            self.at(&labels, premise, |premise| premise.owners.push(owner));
        }
        let accounts: Vec<(i64, Option<String>)> = q(
            db,
            "select a.premise_id, c.service
            from account a
            join premise p on p.id = a.premise_id
            left join contract c on c.account_id = a.id and c.ended_on is null
            where p.site_id = $1 and a.closed_on is null",
        )
        .bind(site.id)
        .all()
        .await?;
        for (premise, service) in accounts {
            self.at(&labels, premise, |premise| {
                premise.has_account = true;
                premise.services.extend(service);
            });
        }
        Ok(())
    }

    fn at(&mut self, labels: &HashMap<i64, String>, id: i64, change: impl FnOnce(&mut Premise)) {
        if let Some(premise) = labels.get(&id).and_then(|label| self.premises.get_mut(label)) {
            change(premise);
        }
    }

    async fn load_owners(&mut self, db: &Db) -> db::Result<()> {
        let owners: Vec<Owner> = q(db, "select id, full_name, email from owner order by id").all().await?;
        for owner in owners {
            self.owners_by_name.entry(owner.key()).or_default().push(owner.id);
            self.owners.insert(owner.id, owner);
        }
        let phones: Vec<(i64, String)> = q(db, "select owner_id, phone from owner_phone order by owner_id, position").all().await?;
        for (owner, phone) in phones {
            if let Some(owner) = self.owners.get_mut(&owner) {
                owner.phones.push(phone);
            }
        }
        Ok(())
    }

    async fn load_meters(&mut self, db: &Db) -> db::Result<()> {
        let meters: Vec<Meter> = q(
            db,
            "select m.id, m.resource, m.serial, m.model, m.dial_digits, m.verified_on, m.verify_by,
                i.id as installation_id, i.premise_id, i.site_id, i.installed_on, p.label as place
            from meter m
            left join installation i on i.meter_id = m.id and i.removed_on is null
            left join premise p on p.id = i.premise_id",
        )
        .all()
        .await?;
        let mut keys = HashMap::new();
        for meter in meters {
            let key = (meter.resource, meter.serial.clone());
            keys.insert(meter.id, key.clone());
            if let Some(premise) = meter.premise_id {
                self.standing.entry((premise, meter.resource)).or_default().push(meter.serial.clone());
            }
            self.meters.insert(key, meter);
        }
        let registers: Vec<(i64, Zone, Option<Quantity>)> = q(
            db,
            "select r.meter_id, r.zone, v.opening_thousandths
            from register r
            left join installation i on i.meter_id = r.meter_id and i.removed_on is null
            left join installation_value v on v.installation_id = i.id and v.register_id = r.id
            order by r.meter_id, r.position",
        )
        .all()
        .await?;
        for (meter, zone, opening) in registers {
            if let Some(meter) = keys.get(&meter).and_then(|key| self.meters.get_mut(key)) {
                meter.zones.push(zone);
                meter.opening.extend(opening.map(|opening| (zone, opening)));
            }
        }
        let imported: Vec<i64> = q(
            db,
            "select i.meter_id
            from import_effect e join installation i on i.id = e.subject_id
            where e.subject_kind = 'installation' and e.before_values is null and i.removed_on is null",
        )
        .scalars()
        .await?;
        for meter in imported {
            if let Some(meter) = keys.get(&meter).and_then(|key| self.meters.get_mut(key)) {
                meter.is_import = true;
            }
        }
        let seals: Vec<(i64, String)> = q(db, "select meter_id, number from seal where removed_on is null").all().await?;
        for (meter, seal) in seals {
            if let Some(meter) = keys.get(&meter).and_then(|key| self.meters.get_mut(key)) {
                meter.seals.push(seal);
            }
        }
        Ok(())
    }

    async fn load_readings(&mut self, db: &Db, site: &Site, from: Date, until: Date) -> db::Result<()> {
        let zone = site.zone();
        let day_after = until.next_day().unwrap_or(until);
        let values: Vec<(i64, i64, Moment, Zone, Quantity)> = q(
            db,
            "select rd.installation_id, rd.id, rd.taken_at, rg.zone, v.value_thousandths
            from reading rd
            join installation i on i.id = rd.installation_id
            join reading_value v on v.reading_id = rd.id
            join register rg on rg.id = v.register_id
            where i.site_id = $1 and rd.taken_at >= $2 and rd.taken_at < $3 and rd.state in ('accepted', 'in_review')
            order by rd.installation_id, rd.taken_at, rd.id, rg.position",
        )
        .bind(site.id)
        .bind(zone.start_of(from))
        .bind(zone.start_of(day_after))
        .all()
        .await?;
        let mut last = None;
        for (installation, reading, taken_at, dial, value) in values {
            let readings = self.readings.entry(installation).or_default();
            if last != Some(reading) {
                readings.push((zone.day(taken_at), Vec::new()));
                last = Some(reading);
            }
            if let Some((_, values)) = readings.last_mut() {
                values.push((dial, value));
            }
        }
        Ok(())
    }

    /// What is stored of a meter on a day, the opening values included.
    #[must_use]
    pub fn reading_on<'a>(&'a self, meter: &'a Meter, day: Date) -> Option<&'a [(Zone, Quantity)]> {
        let readings = meter.installation_id.and_then(|installation| self.readings.get(&installation));
        let stored = readings.into_iter().flatten().rev().find(|(on, _)| *on == day).map(|(_, values)| values.as_slice());
        stored.or_else(|| (meter.installed_on == Some(day)).then_some(meter.opening.as_slice()))
    }
}
