//! All open orders drawn anew: seen before it is done, done as it was seen.

use serde_json::json;

use super::{
    assign::{self, Candidate, Move, Open},
    log::{self, What},
    order::{self, LOCK, Refusal, WorkOrderId},
    worker,
};
use crate::{
    audit::{Author, Entry, Subject as About},
    db::{self, On, Tx, bigint_rows, q},
    events::{self, WorkOrderAssigned},
    kernel::{Moment, Money},
    ledger,
    staff::user::UserId,
};

/// What a seed makes of the open orders there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshuffle {
    pub seed: u64,
    /// Of the orders and workers it was drawn for.
    pub fingerprint: String,
    /// Open orders, whether they change hands or not.
    pub open_count: usize,
    /// Those whom an order may be given to.
    pub candidates: Vec<UserId>,
    pub moves: Vec<Moved>,
}

/// An order that changes hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub order: WorkOrderId,
    pub title: String,
    pub fee: Money,
    pub from: UserId,
    pub to: UserId,
    /// Of the assignment, among all of the order.
    number: i64,
}

/// What a reshuffle did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Orders that went to another person.
    pub changed: i64,
    /// The fees taken for them.
    pub charged: Money,
}

#[derive(sqlx::FromRow)]
struct Lying {
    #[sqlx(flatten)]
    open: Open,
    title: String,
    #[sqlx(rename = "fee_kopecks")]
    fee: Money,
    assignment_count: i64,
}

impl Reshuffle {
    /// Draws for every open order; nothing is changed.
    pub async fn draw(on: impl Into<On<'_>>, seed: u64) -> db::Result<Self> {
        let mut on = on.into();
        let sql = "select w.id, w.worker_id, p.site_id, w.title, w.fee_kopecks, w.assignment_count
            from work_order w
            left join premise p on p.id = w.premise_id
            where w.state = 'open'
            order by w.id";
        let lying: Vec<Lying> = q(&mut on, sql).all().await?;
        let candidates = worker::candidates(on).await?;
        let open: Vec<Open> = lying.iter().map(|lying| lying.open.clone()).collect();
        let drawn = assign::reshuffled(&open, &candidates, seed);
        Ok(Self {
            seed,
            fingerprint: assign::fingerprint(&open, &candidates),
            open_count: open.len(),
            candidates: candidates.into_iter().map(|Candidate { id, .. }| id).collect(),
            moves: named(drawn, &lying),
        })
    }

    /// What it takes from people in all.
    pub fn charged(&self) -> Money {
        self.moves.iter().map(|moved| moved.fee).sum()
    }

    /// Does what the seed draws. With the fingerprint of a draw that somebody saw, only exactly that. When refused, drop the transaction.
    pub async fn carry_out(
        tx: &mut Tx,
        seed: u64,
        shown: Option<&str>,
        author: &Author,
        now: Moment,
    ) -> db::Result<Result<Outcome, Refusal>> {
        tx.lock(LOCK, 0).await?;
        let drawn = Self::draw(&mut *tx, seed).await?;
        if shown.is_some_and(|shown| shown != drawn.fingerprint) {
            return Ok(Err(Refusal::Changed));
        }
        if drawn.open_count > 0 && drawn.candidates.is_empty() {
            return Ok(Err(Refusal::NoWorker));
        }
        if let Err(refusal) = drawn.write(tx, author.id, now).await? {
            return Ok(Err(refusal));
        }
        let outcome = Outcome { changed: i64::try_from(drawn.moves.len()).unwrap_or(i64::MAX), charged: drawn.charged() };
        let values = json!({ "open": drawn.open_count, "changed": outcome.changed, "charged": outcome.charged.to_string() });
        let entry =
            Entry { author, at: now, action: "audit-work-orders-reshuffled", subject: About::WorkOrder, id: None, name: String::new() };
        entry.created(tx, &values).await?;
        Ok(Ok(outcome))
    }

    async fn write(&self, tx: &mut Tx, by: Option<UserId>, now: Moment) -> db::Result<Result<(), Refusal>> {
        if self.moves.is_empty() {
            return Ok(Ok(()));
        }
        let fees: Vec<_> = self.moves.iter().map(|moved| order::fee(moved.order, moved.number, moved.to, moved.fee, by, now)).collect();
        let transfers = match ledger::post(tx, &fees, now).await? {
            Ok(transfers) => transfers,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        for chunk in self.moves.chunks(400) {
            let sql = format!(
                "with change (id, worker, number) as (values {})
                update work_order
                set worker_id = change.worker, assignment_count = change.number
                from change
                where work_order.id = change.id",
                bigint_rows(chunk.len(), 3)
            );
            let statement = q(&mut *tx, sql);
            chunk.iter().fold(statement, |statement, moved| statement.bind(moved.order).bind(moved.to).bind(moved.number)).run().await?;
        }
        let step = |(moved, transfer): (&Moved, _)| log::NewStep {
            order: moved.order,
            what: What::Reassigned,
            to: Some(moved.to),
            transfer: Some(transfer),
        };
        let steps: Vec<log::NewStep> = self.moves.iter().zip(transfers).map(step).collect();
        log::note(tx, &steps, by, now).await?;
        let assigned = |moved: &Moved| WorkOrderAssigned::new(moved.order.0, moved.to.0, moved.fee);
        events::record(tx, &self.moves.iter().map(assigned).collect::<Vec<_>>(), now).await?;
        Ok(Ok(()))
    }
}

/// Both are in the order of their keys.
fn named(drawn: Vec<Move>, lying: &[Lying]) -> Vec<Moved> {
    let name = |Move { order, from, to }: Move| {
        let place = lying.binary_search_by_key(&order, |lying| lying.open.id).ok()?;
        let Lying { title, fee, assignment_count, .. } = &lying[place];
        Some(Moved { order, title: title.clone(), fee: *fee, from, to, number: assignment_count + 1 })
    };
    drawn.into_iter().filter_map(name).collect()
}
