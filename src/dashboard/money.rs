//! What a site is owed and what came in this month: kept until money moves again, so that the first page does not add up ten thousand accounts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use time::Duration;

use crate::{
    db::{self, Db, q},
    estate::site::{Site, SiteId},
    kernel::{Moment, Money, Period},
    ledger::debt,
    payments::latest,
};

/// So long what was added up may be shown without looking again: two nodes may finish their transfers in another order than they began them.
const FRESH: Duration = Duration::minutes(1);

/// The numbers of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    pub debt: Money,
    /// People who owe.
    pub debtors: i64,
    /// In the present month.
    pub received: Money,
}

/// What this process has added up, by site and month.
#[derive(Clone, Debug, Default)]
pub struct Sums(Arc<Mutex<HashMap<(SiteId, Period), Kept>>>);

#[derive(Clone, Copy, Debug)]
struct Kept {
    figures: Figures,
    last_transfer: Option<i64>,
    added_at: Moment,
}

impl Sums {
    pub async fn of(&self, db: &Db, site: &Site, now: Moment) -> db::Result<Figures> {
        let period = Period::of(site.zone().day(now));
        let last_transfer: Option<i64> = q(db, "select max(id) from transfer").scalar().await?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(site.id, period)).copied();
        let is_fresh = |kept: &Kept| kept.last_transfer == last_transfer && kept.added_at <= now && now < kept.added_at.plus(FRESH);
        if let Some(kept) = kept.filter(is_fresh) {
            return Ok(kept.figures);
        }
        let (debt, debtors) = debt::total(db, None, Some(site.id)).await?;
        let received = latest::received(db, site.id, period.first_day(), period.last_day()).await?;
        let figures = Figures { debt, debtors, received };
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sums.retain(|(_, month), _| *month == period);
        sums.insert((site.id, period), Kept { figures, last_transfer, added_at: now });
        Ok(figures)
    }
}
