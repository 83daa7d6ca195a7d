//! What happened to a work order, by whom and when; only added to.

use super::order::WorkOrderId;
use crate::{
    db::{self, On, Tx, insert_many, q},
    kernel::Moment,
    ledger::TransferId,
    staff::user::UserId,
};

crate::text_enum! {
    /// What happened.
    What as "work-order-step" {
        Created = "created",
        Assigned = "assigned",
        /// A reshuffle gave it to somebody else.
        Reassigned = "reassigned",
        Completed = "completed",
    }
}

/// A step to be noted.
#[derive(Clone, Copy, Debug)]
pub struct NewStep {
    pub order: WorkOrderId,
    pub what: What,
    /// Who has it from then on, or did it.
    pub to: Option<UserId>,
    /// The fee or the reward.
    pub transfer: Option<TransferId>,
}

/// A step as stored, with the names of people.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Step {
    pub what: What,
    pub at: Moment,
    /// Missing when the program did it.
    pub by_name: Option<String>,
    pub to_name: Option<String>,
    pub transfer_id: Option<TransferId>,
}

pub(super) async fn note(tx: &mut Tx, steps: &[NewStep], by: Option<UserId>, at: Moment) -> db::Result<()> {
    insert_many(tx, "work_order_step (order_id, what, at, by_id, to_id, transfer_id)", steps, |statement, step| {
        statement.bind(step.order).bind(step.what).bind(at).bind(by).bind(step.to).bind(step.transfer)
    })
    .await
}

/// Everything that happened to an order, the first thing first.
pub async fn of_order(on: impl Into<On<'_>>, order: WorkOrderId) -> db::Result<Vec<Step>> {
    q(
        on,
        "select s.what, s.at, b.name as by_name, t.name as to_name, s.transfer_id
        from work_order_step s
        left join staff_user b on b.id = s.by_id
        left join staff_user t on t.id = s.to_id
        where s.order_id = $1
        order by s.id",
    )
    .bind(order)
    .all()
    .await
}
