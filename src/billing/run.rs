//! A run: the charges of a site for a month, first a draft that may be made again, then approved and unchangeable.

use time::Date;

use super::{RunId, draft};
use crate::{
    admin::self_check,
    db::{self, Db, On, Tx, q},
    estate::{account::AccountId, site::SiteId},
    jobs::{self, JobId, Kind, NewJob},
    kernel::{Moment, Money, Period},
    ledger::closing::{self, Closing},
    staff::user::UserId,
};

crate::text_enum! {
    /// How far a run has come.
    RunState as "run-state" {
        Queued = "queued",
        Running = "running",
        /// A draft that waits for a person's yes.
        Calculated = "calculated",
        Approving = "approving",
        Approved = "approved",
        Closed = "closed",
        Failed = "failed",
    }
}

impl RunState {
    /// Its charges stand in the ledger, or are on their way there.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Approving | Self::Approved | Self::Closed)
    }

    pub fn is_at_work(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Approving)
    }
}

/// A run as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Run {
    pub id: RunId,
    pub site_id: SiteId,
    pub period: Period,
    pub state: RunState,
    pub job_id: Option<JobId>,
    #[sqlx(rename = "reached_account_id")]
    pub reached: AccountId,
    #[sqlx(rename = "total_count")]
    pub accounts: i64,
    #[sqlx(rename = "done_count")]
    pub done: i64,
    #[sqlx(rename = "skip_count")]
    pub skipped: i64,
    #[sqlx(rename = "total_kopecks")]
    pub total: Money,
    pub started_at: Moment,
    pub finished_at: Option<Moment>,
    pub approved_at: Option<Moment>,
}

/// Why a run cannot be started or approved now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("the run is under way")]
    Running,
    #[error("the month is approved")]
    Approved,
    #[error("an earlier month is not approved yet")]
    EarlierIsDraft,
    #[error("a later month was calculated")]
    LaterExists,
    #[error("the month has not begun")]
    Future,
    #[error("there is no draft to approve")]
    NoDraft,
    #[error("the last check of the books found differences")]
    Unsound,
    #[error("only an approved month is closed, and only after all before it")]
    NotNext,
    #[error("a transfer of the month is not sealed yet")]
    Unsealed,
}

impl NotNow {
    /// The key of the message that says so.
    pub fn key(self) -> &'static str {
        match self {
            Self::Running => "run-not-running",
            Self::Approved => "run-not-approved",
            Self::EarlierIsDraft => "run-not-earlier",
            Self::LaterExists => "run-not-later",
            Self::Future => "run-not-future",
            Self::NoDraft => "run-not-draft",
            Self::Unsound => "run-not-unsound",
            Self::NotNext => "run-not-next",
            Self::Unsealed => "run-not-unsealed",
        }
    }
}

macro_rules! select_run {
    ($ending:literal) => {
        concat!(
            "select r.id, r.site_id, r.period, r.state, r.job_id, r.reached_account_id, r.total_count, r.done_count, r.skip_count,
                r.total_kopecks, r.started_at, r.finished_at, r.approved_at
            from billing_run r ",
            $ending
        )
    };
}

impl Run {
    pub async fn find(on: impl Into<On<'_>>, id: RunId) -> db::Result<Option<Self>> {
        q(on, select_run!("where r.id = $1")).bind(id).opt().await
    }

    /// The runs of a site, the latest month first.
    pub async fn of_site(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Vec<Self>> {
        q(on, select_run!("where r.site_id = $1 order by r.period desc")).bind(site).all().await
    }

    async fn of_month(on: impl Into<On<'_>>, site: SiteId, period: Period) -> db::Result<Option<Self>> {
        q(on, select_run!("where r.site_id = $1 and r.period = $2")).bind(site).bind(period).opt().await
    }

    /// The first day that the program bills the site for.
    pub async fn billed_since(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Option<Date>> {
        let first: Option<Period> = q(on, "select min(period) from billing_run where site_id = $1").bind(site).scalar().await?;
        Ok(first.map(Period::first_day))
    }

    async fn has_given_up(&self, tx: &mut Tx) -> db::Result<bool> {
        let sql = "select exists (select 1 from job where id = $1 and state = 'failed')";
        q(tx, sql).bind(self.job_id).scalar().await
    }

    /// Gives a draft up; false when there is none. What is left of it goes with [`Run::forget`], and is seen as failed until then.
    pub async fn give_up(&self, tx: &mut Tx) -> db::Result<bool> {
        let sql = "update billing_run set state = 'failed' where id = $1 and state in ('calculated', 'failed')";
        Ok(q(tx, sql).bind(self.id).run().await? == 1)
    }

    /// Takes a draft that was given up away as if it had never been made, its charges first.
    pub async fn forget(&self, db: &Db) -> db::Result<()> {
        draft::clear(db, self.id).await?;
        let mut tx = db.begin().await?;
        q(&mut tx, "delete from billing_run where id = $1 and state = 'failed'").bind(self.id).run().await?;
        tx.commit().await
    }

    /// Says yes to the draft; its charges go to the ledger in the background. Not while the books are known to be wrong.
    pub async fn approve(&self, tx: &mut Tx, by: Option<UserId>, now: Moment) -> db::Result<Result<JobId, NotNow>> {
        if !self_check::is_clean(&mut *tx).await? {
            return Ok(Err(NotNow::Unsound));
        }
        let sql = "update billing_run
            set state = 'approving', reached_account_id = 0, done_count = 0, approved_by = $2
            where id = $1 and state = 'calculated'";
        if q(&mut *tx, sql).bind(self.id).bind(by).run().await? == 0 {
            return Ok(Err(NotNow::NoDraft));
        }
        enqueue(tx, self.id, self.period, by, now).await.map(Ok)
    }

    /// Closes the month for good: nothing is charged in it any more, and the hash of the ledger up to it is kept.
    pub async fn close(&self, tx: &mut Tx, by: Option<UserId>, now: Moment) -> db::Result<Result<Closing, NotNow>> {
        let sql = "update billing_run
            set state = 'closed'
            where id = $1 and state = 'approved'
                and not exists (select 1 from billing_run e where e.site_id = $2 and e.period < $3 and e.state <> 'closed')";
        if q(&mut *tx, sql).bind(self.id).bind(self.site_id).bind(self.period).run().await? == 0 {
            return Ok(Err(NotNow::NotNext));
        }
        Ok(closing::close(tx, self.site_id, self.period, by, now).await?.map_err(|_| NotNow::Unsealed))
    }

    /// Can its month be closed now?
    pub async fn is_next_to_close(&self, on: impl Into<On<'_>>) -> db::Result<bool> {
        let sql = "select not exists (select 1 from billing_run where site_id = $1 and period < $2 and state <> 'closed')";
        Ok(self.state == RunState::Approved && q(on, sql).bind(self.site_id).bind(self.period).scalar().await?)
    }
}

/// Class of the lock under which runs of a site are started.
const LOCK: i32 = 51;

/// Starts the calculation of a month, or makes its draft anew.
pub async fn start(
    tx: &mut Tx,
    site: SiteId,
    period: Period,
    today: Date,
    by: Option<UserId>,
    now: Moment,
) -> db::Result<Result<RunId, NotNow>> {
    tx.lock(LOCK, site.0).await?;
    if let Some(why) = not_now(tx, site, period, today).await? {
        return Ok(Err(why));
    }
    let sql = "insert into billing_run (site_id, period, state, started_at, started_by)
        values ($1, $2, 'queued', $3, $4)
        on conflict (site_id, period) do update
        set state = 'queued', started_at = $3, started_by = $4, finished_at = null, error = '',
            reached_account_id = 0, total_count = 0, done_count = 0, skip_count = 0, total_kopecks = 0
        returning id";
    let id: RunId = q(&mut *tx, sql).bind(site).bind(period).bind(now).bind(by).scalar().await?;
    enqueue(tx, id, period, by, now).await?;
    Ok(Ok(id))
}

/// Months are billed one after the other: each stands on what the one before it was charged.
async fn not_now(tx: &mut Tx, site: SiteId, period: Period, today: Date) -> db::Result<Option<NotNow>> {
    if period > Period::of(today) {
        return Ok(Some(NotNow::Future));
    }
    if let Some(run) = Run::of_month(&mut *tx, site, period).await? {
        if run.state.is_final() {
            return Ok(Some(NotNow::Approved));
        }
        if run.state.is_at_work() && !run.has_given_up(tx).await? {
            return Ok(Some(NotNow::Running));
        }
    }
    let sql = "select exists (select 1 from billing_run where site_id = $1 and period > $2)";
    if q(&mut *tx, sql).bind(site).bind(period).scalar().await? {
        return Ok(Some(NotNow::LaterExists));
    }
    let sql = "select exists (select 1 from billing_run where site_id = $1 and period < $2 and state not in ('approved', 'closed'))";
    let is_earlier_open: bool = q(&mut *tx, sql).bind(site).bind(period).scalar().await?;
    Ok(is_earlier_open.then_some(NotNow::EarlierIsDraft))
}

async fn enqueue(tx: &mut Tx, run: RunId, period: Period, by: Option<UserId>, now: Moment) -> db::Result<JobId> {
    let job = NewJob::new(Kind::Billing, &super::job::Arguments { run }).about(period.to_string()).by(by);
    let id = jobs::enqueue(tx, job, now).await?;
    q(tx, "update billing_run set job_id = $2 where id = $1").bind(run).bind(id).run().await?;
    Ok(id)
}
