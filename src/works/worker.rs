//! Those who may be given work, what each of them has earned, and what moved it.

use time::Date;

use super::{assign::Candidate, order::WorkOrderId};
use crate::{
    db::{self, Db, On, q},
    kernel::Money,
    ledger::{Book, Kind, TransferId, account},
    staff::user::{Role, User, UserId},
};

/// Controllers who may sign in, always in the same order; nobody of another role is ever given work.
pub async fn candidates(on: impl Into<On<'_>>) -> db::Result<Vec<Candidate>> {
    let mut on = on.into();
    let controllers = User::active_with_role(&mut on, Role::Controller).await?;
    let mut given = User::all_given_sites(on).await?;
    let mut candidates: Vec<Candidate> =
        controllers.into_iter().map(|user| Candidate { id: user.id, sites: given.remove(&user.id).unwrap_or_default() }).collect();
    candidates.sort_unstable_by_key(|candidate| candidate.id);
    Ok(candidates)
}

/// What a worker has earned and was not paid yet; below zero by fees.
pub async fn balance(on: impl Into<On<'_>>, worker: UserId) -> db::Result<Money> {
    account::balance(on, Book::Worker(worker)).await
}

/// A worker with what stands on their book.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Standing {
    pub worker_id: UserId,
    pub name: String,
    pub is_blocked: bool,
    #[sqlx(rename = "balance_kopecks")]
    pub balance: Money,
    pub open_count: i64,
}

/// All controllers, and whoever else ever had an order, by name.
pub async fn standing(on: impl Into<On<'_>>) -> db::Result<Vec<Standing>> {
    q(
        on,
        "select u.id as worker_id, u.name, u.is_blocked, coalesce(a.balance_kopecks, 0) as balance_kopecks,
            (select count(*) from work_order w where w.worker_id = u.id and w.state = 'open') as open_count
        from staff_user u
        left join ledger_account a on a.user_id = u.id
        where u.role = 'controller' or a.id is not null
        order by u.name, u.id",
    )
    .all()
    .await
}

/// A fee, a reward or a payout of a worker.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    pub transfer_id: TransferId,
    pub day: Date,
    pub kind: Kind,
    pub worker_id: UserId,
    pub worker_name: String,
    /// Below zero for what was taken.
    #[sqlx(rename = "kopecks")]
    pub sum: Money,
    /// Missing for payouts.
    pub order_id: Option<WorkOrderId>,
    pub order_title: Option<String>,
    pub order_ticket: Option<String>,
}

/// Whose entries, and of which days, both included.
#[derive(Clone, Copy, Debug)]
pub struct EntryFilter {
    pub worker: Option<UserId>,
    pub from: Date,
    pub until: Date,
}

/// Each kind stands on one side of a worker's book.
const ENTRIES: &str = "from transfer t
    join ledger_account a on a.id = case when t.kind = 'reward' then t.credit_id else t.debit_id end
    join staff_user u on u.id = a.user_id
    left join work_order w on t.subject = 'work_order' and w.id = t.subject_id
    where t.kind in ('fee', 'reward', 'payout') and t.effective_on >= $1 and t.effective_on <= $2 and ($3 = 0 or a.user_id = $3)";

impl EntryFilter {
    fn whose(&self) -> i64 {
        self.worker.map_or(0, |worker| worker.0)
    }

    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        q(db, format!("select count(*) {ENTRIES}")).bind(self.from).bind(self.until).bind(self.whose()).scalar().await
    }

    /// The latest first.
    pub async fn rows(&self, db: &Db, (limit, offset): (i64, i64)) -> db::Result<Vec<Entry>> {
        let sql = format!(
            "select t.id as transfer_id, t.effective_on as day, t.kind, a.user_id as worker_id, u.name as worker_name,
                case when t.kind = 'reward' then t.amount_kopecks else -t.amount_kopecks end as kopecks,
                w.id as order_id, w.title as order_title, w.ticket as order_ticket
            {ENTRIES}
            order by t.effective_on desc, t.id desc
            limit $4 offset $5"
        );
        q(db, sql).bind(self.from).bind(self.until).bind(self.whose()).bind(limit).bind(offset).all().await
    }
}

/// What fees, rewards and payouts of a worker came to on each day on which there were any.
pub async fn by_day(on: impl Into<On<'_>>, worker: UserId, from: Date, until: Date) -> db::Result<Vec<(Date, Money)>> {
    let sql = format!(
        "select t.effective_on, cast(sum(case when t.kind = 'reward' then t.amount_kopecks else -t.amount_kopecks end) as bigint)
        {ENTRIES}
        group by t.effective_on"
    );
    q(on, sql).bind(from).bind(until).bind(worker).all().await
}
