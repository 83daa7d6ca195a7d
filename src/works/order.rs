//! A work order: opened and given to somebody at once, later perhaps to somebody else, done by whoever has it then.

use rand::rngs::StdRng;

use super::{assign, log, log::What, worker};
use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject as About},
    db::{self, On, Tx, q},
    estate::{
        premise::{Premise, PremiseId},
        site::SiteId,
    },
    events::{self, WorkOrderAssigned, WorkOrderCompleted, WorkOrderCreated},
    kernel::{Moment, Money, clock::Zone, text::fold},
    ledger::{self, Book, Kind, NewTransfer, Subject, TransferId},
    metering::MeterId,
    staff::user::{Permission, UserId},
    web::access::Actor,
};

crate::ids! {
    /// Key of a work order; its number too.
    WorkOrderId,
}

crate::text_enum! {
    /// How far a work order is.
    WorkOrderState as "work-order-state" { Open = "open", Done = "done" }
}

crate::text_enum! {
    /// What was seen at a visit and opens an order by itself.
    Cause as "work-order-cause" {
        /// The seal of a meter is broken or missing.
        Seal = "seal",
        /// A meter shows the same again and again.
        Stopped = "stopped",
        /// The verification of a meter has run out.
        Verification = "verification",
    }
}

/// Class of the lock under which open orders change hands or are done.
pub(super) const LOCK: i32 = 58;

/// A work order as stored, with the names that people look for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WorkOrder {
    pub id: WorkOrderId,
    pub title: String,
    /// The number of a ticket in another system.
    pub ticket: Option<String>,
    pub text: String,
    pub premise_id: Option<PremiseId>,
    pub premise_label: Option<String>,
    pub site_id: Option<SiteId>,
    pub meter_id: Option<MeterId>,
    pub cause: Option<Cause>,
    pub worker_id: UserId,
    pub worker_name: String,
    pub assignment_count: i64,
    #[sqlx(rename = "fee_kopecks")]
    pub fee: Money,
    #[sqlx(rename = "reward_kopecks")]
    pub reward: Money,
    pub state: WorkOrderState,
    pub created_at: Moment,
    pub created_by: Option<UserId>,
    /// Missing when the program opened it.
    pub creator_name: Option<String>,
    pub done_at: Option<Moment>,
    pub done_note: String,
}

/// The columns of a [`WorkOrder`].
pub(super) const COLUMNS: &str = "w.id, w.title, w.ticket, w.text, w.premise_id, p.label as premise_label, p.site_id, w.meter_id, w.cause,
    w.worker_id, k.name as worker_name, w.assignment_count, w.fee_kopecks, w.reward_kopecks, w.state, w.created_at, w.created_by,
    c.name as creator_name, w.done_at, w.done_note";

pub(super) const FROM: &str = "from work_order w
    join staff_user k on k.id = w.worker_id
    left join staff_user c on c.id = w.created_by
    left join premise p on p.id = w.premise_id";

/// Why something cannot be done with a work order. Nothing has changed once the transaction is dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no worker who may have it")]
    NoWorker,
    #[error("there is no such premise, or it has ended")]
    NoPremise,
    #[error("the order is done")]
    Done,
    #[error("somebody else has the order")]
    NotYours,
    #[error("open orders or workers are not what they were when this was drawn")]
    Changed,
    #[error("the key was used for something else")]
    KeyReused,
    #[error("the program has an order open for the same")]
    OpenAlready,
    #[error("the ledger refuses: {0}")]
    Ledger(#[from] ledger::Refusal),
}

impl Refusal {
    /// The message that says so.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoWorker => "work-order-no-worker",
            Self::NoPremise => "work-order-no-premise",
            Self::Done => "work-order-done-already",
            Self::NotYours => "work-order-not-yours",
            Self::Changed => "work-order-changed",
            Self::KeyReused => "work-order-key-reused",
            Self::OpenAlready => "work-order-open-already",
            Self::Ledger(_) => "work-order-refused-by-ledger",
        }
    }
}

/// The number of a ticket stands apart from the title, so no title has room for one in brackets.
#[must_use]
pub fn is_title(text: &str) -> bool {
    !text.is_empty() && !text.contains(['[', ']'])
}

impl WorkOrder {
    pub async fn find(on: impl Into<On<'_>>, id: WorkOrderId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS} {FROM} where w.id = $1")).bind(id).opt().await
    }

    /// The open orders at a premise, the oldest first.
    pub async fn open_at(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<Self>> {
        q(on, format!("select {COLUMNS} {FROM} where w.premise_id = $1 and w.state = 'open' order by w.id limit 50"))
            .bind(premise)
            .all()
            .await
    }

    /// May this person look at it? It is their own - to do or opened by themselves -, or they see everybody's.
    pub fn is_seen_by(&self, actor: &Actor) -> bool {
        let sees_all = actor.can(Permission::AssignWorkOrders) || actor.can(Permission::SeeEarnings);
        sees_all || self.worker_id == actor.id || self.created_by == Some(actor.id)
    }

    /// Marks it done by the worker who has it and credits the reward; answers how it stands then.
    pub async fn complete(tx: &mut Tx, id: WorkOrderId, by: UserId, note: &str, now: Moment) -> db::Result<Result<Self, Refusal>> {
        tx.lock(LOCK, 0).await?;
        let order = Self::find(&mut *tx, id).await?.ok_or(db::Error::RowNotFound)?;
        if order.worker_id != by {
            return Ok(Err(Refusal::NotYours));
        }
        if order.state == WorkOrderState::Done {
            return Ok(Err(Refusal::Done));
        }
        let reward = NewTransfer::new(Kind::Reward, Book::Works, Book::Worker(by), order.reward, Zone::moscow().day(now));
        let reward = reward.about(Subject::WorkOrder, id.0).by(Some(by)).keyed(format!("work order {id} reward"));
        let transfer = match ledger::post(tx, &[reward], now).await? {
            Ok(ids) => ids[0],
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        let sql = "update work_order set state = 'done', done_at = $2, done_note = $3 where id = $1";
        q(&mut *tx, sql).bind(id).bind(now).bind(note.to_owned()).run().await?;
        log::note(tx, &[log::NewStep { order: id, what: What::Completed, to: Some(by), transfer: Some(transfer) }], Some(by), now).await?;
        events::record(tx, &[WorkOrderCompleted::new(id.0, by.0, order.reward)], now).await?;
        Ok(Ok(Self::find(tx, id).await?.ok_or(db::Error::RowNotFound)?))
    }

    /// Records in the audit what somebody did with it.
    pub async fn noted(&self, tx: &mut Tx, author: &Author, action: &'static str, at: Moment) -> db::Result<()> {
        let entry = Entry { author, at, action, subject: About::WorkOrder, id: Some(self.id.0), name: self.title.clone() };
        entry.created(tx, &serde_json::json!({ "worker": self.worker_name, "ticket": self.ticket })).await
    }
}

/// The fee of an order's `number`th assignment, from 1.
pub(super) fn fee(order: WorkOrderId, number: i64, worker: UserId, sum: Money, by: Option<UserId>, now: Moment) -> NewTransfer {
    let fee = NewTransfer::new(Kind::Fee, Book::Worker(worker), Book::Works, sum, Zone::moscow().day(now));
    fee.about(Subject::WorkOrder, order.0).by(by).keyed(format!("work order {order} fee {number}"))
}

/// An order that stands.
#[derive(Clone, Debug)]
pub struct Opened {
    pub order: WorkOrder,
    /// False when it was opened before under the same key.
    pub is_new: bool,
}

/// An order to be opened. Its title is one by [`is_title`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewWorkOrder {
    pub title: String,
    pub ticket: Option<String>,
    pub text: String,
    pub premise: Option<PremiseId>,
    /// What was seen at the premise, and at which meter, when the program opens it.
    pub seen: Option<(Option<MeterId>, Cause)>,
    /// Made by the sender; the same key and content is the same order.
    pub key: Option<String>,
}

impl NewWorkOrder {
    /// Opens it: its worker and its prices are drawn, the fee is taken. When refused, drop the transaction.
    pub async fn open(&self, tx: &mut Tx, by: Option<UserId>, dice: &mut StdRng, now: Moment) -> db::Result<Result<Opened, Refusal>> {
        if let Some(known) = self.known(tx).await? {
            return Ok(known);
        }
        let site = match self.premise {
            Some(id) => match Premise::find(&mut *tx, id).await?.filter(|premise| premise.ended_on.is_none()) {
                Some(premise) => Some(premise.site_id),
                None => return Ok(Err(Refusal::NoPremise)),
            },
            None => None,
        };
        let candidates = worker::candidates(&mut *tx).await?;
        let Some(worker) = assign::choose(&candidates, site, dice) else { return Ok(Err(Refusal::NoWorker)) };
        let terms = Settings::load(&mut *tx).await?.works;
        let (fee_sum, reward) = (assign::price(terms.fee(), dice), assign::price(terms.reward(), dice));
        let Some(id) = self.write(tx, worker, (fee_sum, reward), by, now).await? else {
            return Ok(self.known(tx).await?.unwrap_or(Err(Refusal::OpenAlready)));
        };
        let transfer = match ledger::post(tx, &[fee(id, 1, worker, fee_sum, by, now)], now).await? {
            Ok(ids) => ids[0],
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        self.log(tx, id, worker, transfer, by, now).await?;
        events::record(tx, &[WorkOrderCreated::new(id.0, self.premise)], now).await?;
        events::record(tx, &[WorkOrderAssigned::new(id.0, worker.0, fee_sum)], now).await?;
        let order = WorkOrder::find(tx, id).await?.ok_or(db::Error::RowNotFound)?;
        Ok(Ok(Opened { order, is_new: true }))
    }

    /// The order that was opened under the key, if any.
    async fn known(&self, tx: &mut Tx) -> db::Result<Option<Result<Opened, Refusal>>> {
        let Some(key) = &self.key else { return Ok(None) };
        let order: Option<WorkOrder> = q(tx, format!("select {COLUMNS} {FROM} where w.key = $1")).bind(key.as_str()).opt().await?;
        Ok(order.map(|order| {
            let is_same =
                (&order.title, &order.ticket, &order.text, order.premise_id) == (&self.title, &self.ticket, &self.text, self.premise);
            if is_same { Ok(Opened { order, is_new: false }) } else { Err(Refusal::KeyReused) }
        }))
    }

    /// `None` when another call took the key in this very moment, or the program has such an order open for the meter.
    async fn write(
        &self,
        tx: &mut Tx,
        worker: UserId,
        (fee, reward): (Money, Money),
        by: Option<UserId>,
        now: Moment,
    ) -> db::Result<Option<WorkOrderId>> {
        let sql =
            "insert into work_order (title, ticket, text, folded, premise_id, meter_id, cause, worker_id, fee_kopecks, reward_kopecks,
                state, created_at, created_by, key)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $11, $12, $13)
            on conflict do nothing
            returning id";
        let folded = fold(&format!("{} {}", self.title, self.ticket.as_deref().unwrap_or_default()));
        let statement = q(tx, sql).bind(self.title.as_str()).bind(self.ticket.as_deref()).bind(self.text.as_str()).bind(folded);
        let statement = statement.bind(self.premise).bind(self.seen.and_then(|(meter, _)| meter)).bind(self.seen.map(|(_, cause)| cause));
        statement.bind(worker).bind(fee).bind(reward).bind(now).bind(by).bind(self.key.as_deref()).scalar_opt().await
    }

    async fn log(
        &self,
        tx: &mut Tx,
        order: WorkOrderId,
        worker: UserId,
        fee: TransferId,
        by: Option<UserId>,
        now: Moment,
    ) -> db::Result<()> {
        let steps = [
            log::NewStep { order, what: What::Created, to: None, transfer: None },
            log::NewStep { order, what: What::Assigned, to: Some(worker), transfer: Some(fee) },
        ];
        log::note(tx, &steps, by, now).await
    }
}

#[cfg(test)]
mod tests {
    use super::is_title;

    #[test]
    fn a_title_has_no_brackets() {
        assert!(is_title("Заменить пломбу (участок 1-1-1)"));
        for wrong in ["", "[UBERPOP-42] Пломба", "Пломба]", "["] {
            assert!(!is_title(wrong), "{wrong}");
        }
    }
}
