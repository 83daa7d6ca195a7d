//! A meter where it stands, with everything a new reading of it is checked against and shown beside.

use std::collections::HashMap;

use time::Date;

use super::{
    InstallationId, MeterId, ReadingId, RegisterId, Resource, Zone,
    checks::{Background, Taken, Thresholds},
};
use crate::{
    db::{self, On, placeholders, q},
    estate::{premise::PremiseId, site::SiteId},
    kernel::{Moment, Quantity, clock},
};

/// A meter at its place.
#[derive(Clone, Debug)]
pub struct Standing {
    pub installation: InstallationId,
    pub meter: MeterId,
    /// Absent for a common meter, which belongs to the site.
    pub premise: Option<PremiseId>,
    pub site: SiteId,
    pub serial: String,
    pub resource: Resource,
    pub model: String,
    pub dial_digits: u8,
    pub dial_decimals: u8,
    pub verify_by: Option<Date>,
    pub installed_on: Date,
    pub removed_on: Option<Date>,
    /// In the order of the dials on the meter.
    pub registers: Vec<Register>,
    /// Accepted readings of the two years and some before the moment asked for, and all after it, by time; the last one before them too,
    /// however old it is.
    pub history: Vec<Taken>,
    pub zone: clock::Zone,
    pub thresholds: Thresholds,
}

/// One dial and the value it began with here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Register {
    pub id: RegisterId,
    pub zone: Zone,
    #[sqlx(rename = "opening_thousandths")]
    pub opening: Quantity,
}

/// Older readings say nothing about what is usual now: two years and a season.
const HISTORY: time::Duration = time::Duration::days(2 * 365 + 60);
/// How many keys one statement takes.
const CHUNK: usize = 400;

impl Standing {
    pub fn installed_at(&self) -> Moment {
        self.zone.start_of(self.installed_on)
    }

    /// What the checks are given.
    pub fn background<'a>(&'a self, opening: &'a [(Zone, Quantity)]) -> Background<'a> {
        Background {
            resource: self.resource,
            dial_digits: self.dial_digits,
            installed_on: self.installed_on,
            days_of: self.zone,
            verify_by: self.verify_by,
            opening,
            history: &self.history,
            thresholds: self.thresholds,
        }
    }

    pub fn opening(&self) -> Vec<(Zone, Quantity)> {
        self.registers.iter().map(|register| (register.zone, register.opening)).collect()
    }

    /// The last accepted reading; `None` when there is only the opening.
    pub fn last(&self) -> Option<&Taken> {
        self.history.last()
    }

    /// Puts an accepted reading into its place in the history.
    pub fn remember(&mut self, taken: Taken) {
        let place = self.history.partition_point(|earlier| earlier.at <= taken.at);
        self.history.insert(place, taken);
    }

    /// Did it stand here on that day?
    pub fn stood_on(&self, day: Date) -> bool {
        self.removed_on.is_none_or(|removed| day <= removed)
    }

    /// The last accepted reading before a moment.
    pub fn last_before(&self, moment: Moment) -> Option<&Taken> {
        self.history.iter().rfind(|taken| taken.at < moment)
    }

    /// The meters standing at a premise, water first, each with its history as of `now`.
    pub async fn at_premise(on: impl Into<On<'_>>, premise: PremiseId, now: Moment) -> db::Result<Vec<Self>> {
        let mut on = on.into();
        let ids: Vec<InstallationId> = q(
            &mut on,
            "select i.id
            from installation i
            join meter m on m.id = i.meter_id
            where i.premise_id = $1 and i.removed_on is null
            order by m.resource desc, i.id",
        )
        .bind(premise)
        .scalars()
        .await?;
        Self::load(on, &ids, now).await
    }

    /// The same of several premises. At most 400 of them.
    pub async fn at_premises(on: impl Into<On<'_>>, premises: &[PremiseId], now: Moment) -> db::Result<Vec<Self>> {
        if premises.is_empty() {
            return Ok(Vec::new());
        }
        let mut on = on.into();
        let sql = format!(
            "select i.id
            from installation i
            join meter m on m.id = i.meter_id
            where i.premise_id in ({}) and i.removed_on is null
            order by i.premise_id, m.resource desc, i.id",
            placeholders(1, premises.len())
        );
        let ids: Vec<InstallationId> = premises.iter().fold(q(&mut on, sql), |statement, id| statement.bind(*id)).scalars().await?;
        Self::load(on, &ids, now).await
    }

    /// The installations asked for, in that order, each with the history that a reading taken at `at` or later is held against; unknown ones
    /// are left out.
    pub async fn load(on: impl Into<On<'_>>, ids: &[InstallationId], at: Moment) -> db::Result<Vec<Self>> {
        let mut on = on.into();
        let mut found: HashMap<InstallationId, Self> = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            for place in places(&mut on, chunk).await? {
                found.insert(place.installation, place.into());
            }
            for (installation, register) in registers(&mut on, chunk).await? {
                if let Some(standing) = found.get_mut(&installation) {
                    standing.registers.push(register);
                }
            }
            for (installation, _, taken) in taken_since(&mut on, chunk, at.minus(HISTORY)).await? {
                if let Some(standing) = found.get_mut(&installation) {
                    standing.history.push(taken);
                }
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

#[derive(sqlx::FromRow)]
struct Place {
    installation: InstallationId,
    meter: MeterId,
    premise: Option<PremiseId>,
    site: SiteId,
    serial: String,
    resource: Resource,
    model: String,
    dial_digits: i64,
    dial_decimals: i64,
    verify_by: Option<Date>,
    installed_on: Date,
    removed_on: Option<Date>,
    time_zone: String,
    check_high_percent: i64,
    check_low_percent: i64,
    check_zero_months: i64,
}

impl From<Place> for Standing {
    fn from(place: Place) -> Self {
        Self {
            installation: place.installation,
            meter: place.meter,
            premise: place.premise,
            site: place.site,
            serial: place.serial,
            resource: place.resource,
            model: place.model,
            dial_digits: u8::try_from(place.dial_digits).unwrap_or(12),
            dial_decimals: u8::try_from(place.dial_decimals).unwrap_or(3),
            verify_by: place.verify_by,
            installed_on: place.installed_on,
            removed_on: place.removed_on,
            registers: Vec::new(),
            history: Vec::new(),
            zone: clock::Zone::by_name(&place.time_zone).unwrap_or_else(clock::Zone::moscow),
            thresholds: Thresholds {
                high_percent: place.check_high_percent,
                low_percent: place.check_low_percent,
                zero_months: place.check_zero_months,
            },
        }
    }
}

async fn places(on: &mut On<'_>, ids: &[InstallationId]) -> db::Result<Vec<Place>> {
    let sql = format!(
        "select i.id as installation, i.meter_id as meter, i.premise_id as premise, i.site_id as site, m.serial, m.resource, m.model,
            m.dial_digits, m.dial_decimals, m.verify_by, i.installed_on, i.removed_on,
            s.time_zone, s.check_high_percent, s.check_low_percent, s.check_zero_months
        from installation i
        join meter m on m.id = i.meter_id
        join site s on s.id = i.site_id
        where i.id in ({})",
        placeholders(1, ids.len())
    );
    let mut statement = q(on, sql);
    for id in ids {
        statement = statement.bind(*id);
    }
    statement.all().await
}

async fn registers(on: &mut On<'_>, ids: &[InstallationId]) -> db::Result<Vec<(InstallationId, Register)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        installation_id: InstallationId,
        #[sqlx(flatten)]
        register: Register,
    }
    let sql = format!(
        "select v.installation_id, g.id, g.zone, v.opening_thousandths
        from installation_value v
        join register g on g.id = v.register_id
        where v.installation_id in ({})
        order by v.installation_id, g.position",
        placeholders(1, ids.len())
    );
    let mut statement = q(on, sql);
    for id in ids {
        statement = statement.bind(*id);
    }
    let rows: Vec<Row> = statement.all().await?;
    Ok(rows.into_iter().map(|row| (row.installation_id, row.register)).collect())
}

/// Accepted readings of these installations since a moment, each with its key, and the last one before it however old; by installation and
/// time. At most 400 installations at once.
pub async fn taken_since(
    on: impl Into<On<'_>>,
    ids: &[InstallationId],
    since: Moment,
) -> db::Result<Vec<(InstallationId, ReadingId, Taken)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        reading_id: ReadingId,
        installation_id: InstallationId,
        taken_at: Moment,
        zone: Zone,
        value_thousandths: Quantity,
    }
    // `cross join` keeps SQLite to beginning with these meters; else it may walk through the accepted readings of all
    let sql = format!(
        "select r.id as reading_id, r.installation_id, r.taken_at, g.zone, v.value_thousandths
        from installation i
        cross join reading r
        join reading_value v on v.reading_id = r.id
        join register g on g.id = v.register_id
        where i.id in ({})
            and r.installation_id = i.id
            and r.state = 'accepted'
            and r.taken_at >= coalesce(
                (select max(o.taken_at) from reading o where o.installation_id = i.id and o.state = 'accepted' and o.taken_at < $1), $1)
        order by r.installation_id, r.taken_at, r.id, g.position",
        placeholders(2, ids.len())
    );
    let mut statement = q(on, sql).bind(since);
    for id in ids {
        statement = statement.bind(*id);
    }
    let rows: Vec<Row> = statement.all().await?;
    let readings = rows.chunk_by(|a, b| a.reading_id == b.reading_id);
    let taken = |rows: &[Row]| Taken { at: rows[0].taken_at, values: rows.iter().map(|row| (row.zone, row.value_thousandths)).collect() };
    Ok(readings.map(|rows| (rows[0].installation_id, rows[0].reading_id, taken(rows))).collect())
}
