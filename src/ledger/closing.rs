//! A month of a site that is closed: what stood in the ledger for it is fixed by a hash that people hold on paper.
//!
//! The hash of a closing is that of the seal of the last transfer in the chain that is effective in the month or before it. The chain binds
//! it to everything sealed before, so it covers every transfer effective up to the month's last day that was there when the month was
//! closed. From then on the site's charges and corrections, whatever touches its revenue, are effective later; a payment that came late
//! may still be, and stands behind the closing in the chain.

use time::Date;

use super::{account::Book, posting::Refusal, seal::GENESIS, transfer::NewTransfer};
use crate::{
    db::{self, On, Tx, q},
    estate::site::SiteId,
    events::{self, MonthClosed},
    kernel::{Moment, Period},
    staff::user::UserId,
};

/// Class of the lock under which a site's revenue moves and its months are closed.
const LOCK: i32 = 42;

/// A closed month.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Closing {
    pub site_id: SiteId,
    pub period: Period,
    pub position: i64,
    pub hash: String,
    pub closed_at: Moment,
}

/// A transfer of the month waits for its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a transfer of the month is not sealed yet")]
pub struct Unsealed;

macro_rules! select_closing {
    ($ending:literal) => {
        concat!("select site_id, period, position, hash, closed_at from month_closing ", $ending)
    };
}

impl Closing {
    pub async fn of_month(on: impl Into<On<'_>>, site: SiteId, period: Period) -> db::Result<Option<Self>> {
        q(on, select_closing!("where site_id = $1 and period = $2")).bind(site).bind(period).opt().await
    }

    /// The last closed month of a site.
    pub async fn last(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Option<Self>> {
        q(on, select_closing!("where site_id = $1 order by period desc limit 1")).bind(site).opt().await
    }
}

/// Closes a month of a site. Whether it is the next to be closed is for the caller to know.
pub async fn close(tx: &mut Tx, site: SiteId, period: Period, by: Option<UserId>, now: Moment) -> db::Result<Result<Closing, Unsealed>> {
    tx.lock(LOCK, site.0).await?;
    let sql = "select exists (
            select 1 from unsealed_transfer u join transfer t on t.id = u.transfer_id where t.effective_on <= $1
        )";
    if q(&mut *tx, sql).bind(period.last_day()).scalar().await? {
        return Ok(Err(Unsealed));
    }
    // `cross join` keeps SQLite to walking the chain from its end, where it soon finds one
    let sql = "select s.position, s.hash
        from transfer_seal s
        cross join transfer t
        where t.id = s.transfer_id and t.effective_on <= $1
        order by s.position desc
        limit 1";
    let last: Option<(i64, String)> = q(&mut *tx, sql).bind(period.last_day()).opt().await?;
    let (position, hash) = last.unwrap_or_else(|| (0, GENESIS.to_owned()));
    let sql = "insert into month_closing (site_id, period, position, hash, closed_at, closed_by) values ($1, $2, $3, $4, $5, $6)";
    q(&mut *tx, sql).bind(site).bind(period).bind(position).bind(hash.as_str()).bind(now).bind(by).run().await?;
    events::record(tx, &[MonthClosed { site_id: site, period, position, hash: hash.clone() }], now).await?;
    Ok(Ok(Closing { site_id: site, period, position, hash, closed_at: now }))
}

/// The first transfer that would move a site's revenue in a month that is closed, or earlier. Nobody closes one of these sites meanwhile.
pub(super) async fn refused(tx: &mut Tx, transfers: &[NewTransfer]) -> db::Result<Option<Refusal>> {
    let site = |book: Book| book.earning().map(|(site, _)| site);
    let mut sites: Vec<SiteId> = transfers.iter().flat_map(|transfer| [transfer.debit, transfer.credit]).filter_map(site).collect();
    sites.sort_unstable();
    sites.dedup();
    for named in sites {
        tx.lock(LOCK, named.0).await?;
        let Some(last) = Closing::last(&mut *tx, named).await? else { continue };
        let closed_until: Date = last.period.last_day();
        let is_inside = |transfer: &NewTransfer| {
            transfer.effective_on <= closed_until && [transfer.debit, transfer.credit].into_iter().filter_map(site).any(|one| one == named)
        };
        if let Some(index) = transfers.iter().position(is_inside) {
            return Ok(Some(Refusal::Closed { index, period: last.period }));
        }
    }
    Ok(None)
}

/// Rules of closed months as counts that must be zero. That the chain up to a closing is what it was is for the chain's own check; here
/// its hash is compared with the one that was given out.
pub const RULES: &[(&str, &str)] = &[
    (
        "every closed month has the hash of the chain that was given out",
        "select count(*)
        from month_closing c
        left join transfer_seal s on s.position = c.position
        where case when c.position = 0 then c.hash <> '0000000000000000000000000000000000000000000000000000000000000000'
            else s.hash is null or s.hash <> c.hash end",
    ),
    (
        "nothing was charged in a month after it was closed",
        "select count(*)
        from month_closing c
        join ledger_account r on r.site_id = c.site_id and r.kind = 'revenue'
        join transfer t on t.debit_id = r.id or t.credit_id = r.id
        left join transfer_seal s on s.transfer_id = t.id
        where substr(cast(t.effective_on as text), 1, 7) <= c.period and (s.position is null or s.position > c.position)",
    ),
    (
        "the months of a run and of its closing agree",
        "select count(*)
        from billing_run r
        full join month_closing c on c.site_id = r.site_id and c.period = r.period
        where (c.id is null and r.state = 'closed') or (c.id is not null and (r.id is null or r.state <> 'closed'))",
    ),
];
