//! What the company earns with work orders, who is below zero, which order was the dearest.

use time::Date;

use super::order::{COLUMNS, FROM, WorkOrder};
use crate::{
    db::{self, On, q},
    kernel::{Money, clock::Zone},
};

/// What work orders came to on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Earned {
    pub day: Date,
    #[sqlx(rename = "fee_kopecks")]
    pub fees: Money,
    #[sqlx(rename = "reward_kopecks")]
    pub rewards: Money,
}

impl Earned {
    /// What is left to the company: below zero when rewards were more.
    pub fn earnings(&self) -> Money {
        self.fees - self.rewards
    }
}

/// Days on which anything moved, the earliest first; both ends included.
pub async fn by_day(on: impl Into<On<'_>>, from: Date, until: Date) -> db::Result<Vec<Earned>> {
    q(
        on,
        "select t.effective_on as day,
            cast(sum(case when t.kind = 'fee' then t.amount_kopecks else 0 end) as bigint) as fee_kopecks,
            cast(sum(case when t.kind = 'reward' then t.amount_kopecks else 0 end) as bigint) as reward_kopecks
        from transfer t
        where t.kind in ('fee', 'reward') and t.effective_on >= $1 and t.effective_on <= $2
        group by t.effective_on
        order by t.effective_on",
    )
    .bind(from)
    .bind(until)
    .all()
    .await
}

/// What the company earned in these days.
pub async fn earnings(on: impl Into<On<'_>>, from: Date, until: Date) -> db::Result<Money> {
    Ok(by_day(on, from, until).await?.iter().map(Earned::earnings).sum())
}

/// How many workers owe more than they have earned.
pub async fn below_zero(on: impl Into<On<'_>>) -> db::Result<i64> {
    q(on, "select count(*) from ledger_account a where a.kind = 'worker' and a.balance_kopecks < 0").scalar().await
}

/// The order with the highest reward among those done in these days; of equal ones the first.
pub async fn dearest(on: impl Into<On<'_>>, from: Date, until: Date) -> db::Result<Option<WorkOrder>> {
    let zone = Zone::moscow();
    q(on, format!("select {COLUMNS} {FROM} where w.done_at >= $1 and w.done_at < $2 order by w.reward_kopecks desc, w.id limit 1"))
        .bind(zone.start_of(from))
        .bind(zone.start_of(until.next_day().unwrap_or(until)))
        .opt()
        .await
}
