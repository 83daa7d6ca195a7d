//! What is done at certain times without being asked. Of several nodes one puts the job into the queue; a time that nobody was there for
//! is made up for once.

use std::str::FromStr as _;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use croner::Cron;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::queue::{Kind, NewJob, enqueue};
use crate::{
    db::{self, Db, q},
    kernel::{Moment, clock::Zone},
};

/// One line of the schedule.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Under this name the database remembers when it is due next.
    pub name: &'static str,
    /// `minute hour day month weekday` on the organisation's clock.
    pub cron: &'static str,
    pub kind: Kind,
}

/// Queues what is due and that no other node has queued; answers how many jobs. At the very first start everything waits for its time.
///
/// # Errors
/// When a line's cron text cannot be read.
pub async fn enqueue_due(db: &Db, entries: &[Entry], now: Moment) -> anyhow::Result<usize> {
    let known: Vec<(String, Moment)> = q(db, "select name, next_at from schedule").all().await?;
    let mut queued = 0;
    for entry in entries {
        let is_early = known.iter().any(|(name, next_at)| name == entry.name && *next_at > now);
        if !is_early && fire(db, entry, now).await? {
            queued += 1;
        }
    }
    Ok(queued)
}

/// When the line last came up.
pub async fn last(db: &Db, name: &str) -> db::Result<Option<Moment>> {
    let last: Option<Option<Moment>> = q(db, "select last_at from schedule where name = $1").bind(name.to_owned()).scalar_opt().await?;
    Ok(last.flatten())
}

/// Of several nodes one moves the moment on, and that one queues the job, in the same transaction.
async fn fire(db: &Db, entry: &Entry, now: Moment) -> anyhow::Result<bool> {
    let next = next_after(entry.cron, Zone::moscow(), now)?;
    let mut tx = db.begin().await?;
    q(&mut tx, "insert into schedule (name, next_at) values ($1, $2) on conflict do nothing").bind(entry.name).bind(next).run().await?;
    let moved = q(&mut tx, "update schedule set next_at = $2, last_at = $3 where name = $1 and next_at <= $3")
        .bind(entry.name)
        .bind(next)
        .bind(now)
        .run()
        .await?;
    if moved == 1 {
        enqueue(&mut tx, NewJob::new(entry.kind, &()), now).await?;
    }
    tx.commit().await?;
    Ok(moved == 1)
}

/// The first moment after `now` that the cron text names, on the clock of the zone.
fn next_after(cron: &str, zone: Zone, now: Moment) -> anyhow::Result<Moment> {
    let schedule = Cron::from_str(cron).with_context(|| format!("the schedule {cron:?} cannot be read"))?;
    // The wall clock is handed over as if it were in UTC, so that only our own zones are asked.
    let here = zone.local(now);
    let wall = PrimitiveDateTime::new(here.date(), here.time()).assume_utc();
    let wall = DateTime::<Utc>::from_timestamp(wall.unix_timestamp(), 0).context("a moment beyond the calendar")?;
    let next = OffsetDateTime::from_unix_timestamp(schedule.find_next_occurrence(&wall, false)?.timestamp())?;
    Ok(zone.moment(PrimitiveDateTime::new(next.date(), next.time())))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_next_time_is_on_the_clock_of_the_zone() {
        let next = |cron, now| next_after(cron, Zone::moscow(), Moment::new(now)).unwrap().utc();
        assert_eq!(next("0 3 * * *", datetime!(2026-11-20 09:00 UTC)), datetime!(2026-11-21 00:00 UTC));
        assert_eq!(next("0 3 * * *", datetime!(2026-11-21 00:00 UTC)), datetime!(2026-11-22 00:00 UTC));
        assert_eq!(next("0 3 * * *", datetime!(2026-11-20 23:59:59.999 UTC)), datetime!(2026-11-21 00:00 UTC));
        assert_eq!(next("30 6 1 * *", datetime!(2026-11-20 09:00 UTC)), datetime!(2026-12-01 03:30 UTC));
        assert!(next_after("often", Zone::moscow(), Moment::new(datetime!(2026-11-20 09:00 UTC))).is_err());
    }
}
