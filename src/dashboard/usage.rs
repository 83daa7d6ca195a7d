//! What a site used month by month: added up from all readings of a year, so it is kept for a while and counted anew behind the scenes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::Duration;

use crate::{
    db::{self, Db, placeholders, q},
    estate::site::{Site, SiteId},
    kernel::{Clock, Moment, Period, Quantity},
    metering::Resource,
};

/// Months shown.
const MONTHS: i32 = 12;
/// Older numbers are shown once more, and counted anew meanwhile.
const FRESH: Duration = Duration::minutes(5);

/// Of one site, up to the month in which it was counted.
#[derive(Clone, Debug)]
pub struct Used {
    pub counted_at: Moment,
    first: Period,
    sums: Vec<Sum>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
struct Sum {
    resource: Resource,
    /// Index of the month, from 0.
    month: i64,
    thousandths: i64,
}

impl Used {
    /// Each month shown with whole units; nobody wants more digits of a whole cooperative.
    pub fn of(&self, resource: Resource) -> impl Iterator<Item = (Period, Quantity)> {
        (0..MONTHS).map(move |month| {
            let sum = self.sums.iter().find(|sum| sum.resource == resource && sum.month == i64::from(month));
            let whole = sum.map_or(0, |sum| sum.thousandths / 1000 * 1000);
            (self.first.plus(month), Quantity::from_thousandths(whole))
        })
    }
}

/// What this process has counted, by site.
#[derive(Clone, Debug, Default)]
pub struct Usage(Arc<Mutex<HashMap<SiteId, Kept>>>);

#[derive(Debug)]
struct Kept {
    used: Used,
    is_being_counted: bool,
}

impl Usage {
    /// What is kept; counted on the spot only for the first who asks.
    pub async fn of(&self, db: &Db, clock: &Clock, site: &Site) -> db::Result<Used> {
        let now = clock.now();
        let Some((used, is_to_be_counted)) = self.kept_of(site.id, now) else {
            let used = count(db, site, now).await?;
            self.keep(site.id, used.clone());
            return Ok(used);
        };
        if is_to_be_counted {
            let (usage, db, site) = (self.clone(), db.clone(), site.clone());
            tokio::spawn(async move {
                match count(&db, &site, now).await {
                    Ok(used) => usage.keep(site.id, used),
                    Err(error) => {
                        tracing::warn!(site = site.id.0, %error, "what the site used could not be counted");
                        usage.kept().remove(&site.id);
                    }
                }
            });
        }
        Ok(used)
    }

    /// What is kept of a site, and whether the one who asks shall have it counted anew.
    fn kept_of(&self, site: SiteId, now: Moment) -> Option<(Used, bool)> {
        let mut kept = self.kept();
        let kept = kept.get_mut(&site)?;
        let is_old = kept.used.counted_at.plus(FRESH) <= now || kept.used.counted_at > now;
        let is_to_be_counted = is_old && !kept.is_being_counted;
        kept.is_being_counted |= is_to_be_counted;
        Some((kept.used.clone(), is_to_be_counted))
    }

    fn keep(&self, site: SiteId, used: Used) {
        self.kept().insert(site, Kept { used, is_being_counted: false });
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<SiteId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each accepted reading of a premise less the one before it, counted in the month it was taken.
///
/// A difference below zero (a dial that wrapped, an opening value typed too high) counts as nothing here; bills know better.
async fn count(db: &Db, site: &Site, now: Moment) -> db::Result<Used> {
    let months = usize::try_from(MONTHS).unwrap_or(0);
    let bounds: Vec<String> = (0..months).map(|month| format!("({})", placeholders(3 + month * 3, 3))).collect();
    let sql = format!(
        "with month (position, begins_at, ends_at) as (values {}),
        step as (
            select m.resource, r.taken_at,
                v.value_thousandths - coalesce(
                    lag(v.value_thousandths) over (partition by i.id, v.register_id order by r.taken_at, r.id),
                    o.opening_thousandths
                ) as used
            from installation i
            join meter m on m.id = i.meter_id
            join reading r on r.installation_id = i.id
            join reading_value v on v.reading_id = r.id
            join installation_value o on o.installation_id = i.id and o.register_id = v.register_id
            where i.site_id = $1 and i.premise_id is not null and r.state = 'accepted' and r.taken_at >= $2
        )
        select step.resource, cast(month.position as bigint) as month, cast(sum(step.used) as bigint) as thousandths
        from step
        join month on step.taken_at >= month.begins_at and step.taken_at < month.ends_at
        where step.used > 0
        group by step.resource, month.position",
        bounds.join(", ")
    );
    let zone = site.zone();
    let first = Period::of(zone.day(now)).plus(1 - MONTHS);
    // One month more than is shown, so that the first month shown has a reading before it.
    let mut statement = q(db, sql).bind(site.id).bind(zone.start_of(first.previous().first_day()));
    for month in 0..MONTHS {
        let period = first.plus(month);
        statement = statement.bind(i64::from(month)).bind(zone.start_of(period.first_day())).bind(zone.start_of(period.next().first_day()));
    }
    Ok(Used { counted_at: now, first, sums: statement.all().await? })
}
