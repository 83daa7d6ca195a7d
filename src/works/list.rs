//! Work orders as a list: searched by title and ticket, filtered by state, worker, site and creator, sorted.

use super::order::{COLUMNS, FROM, WorkOrder, WorkOrderState};
use crate::{
    db::{self, Db, q},
    estate::{
        filter::{Conditions, Given},
        site::SiteId,
    },
    kernel::text::like_anywhere,
    staff::user::UserId,
};

crate::text_enum! {
    /// What work orders can be sorted by.
    WorkOrderSort as "work-order-sort" { Created = "created", Title = "title", Reward = "reward" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct WorkOrderFilter {
    pub words: String,
    pub state: Option<WorkOrderState>,
    pub worker: Option<UserId>,
    pub site: Option<SiteId>,
    /// Only what this person has or opened.
    pub of: Option<UserId>,
}

impl WorkOrderFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(state) = self.state {
            conditions.and("w.state = ?1", vec![Given::Text(state.to_string())]);
        }
        if let Some(worker) = self.worker {
            conditions.and("w.worker_id = ?1", vec![Given::Key(worker.0)]);
        }
        if let Some(site) = self.site {
            conditions.and("p.site_id = ?1", vec![Given::Key(site.0)]);
        }
        if let Some(person) = self.of {
            conditions.and("w.worker_id = ?1 or w.created_by = ?1", vec![Given::Key(person.0)]);
        }
        if !self.words.trim().is_empty() {
            conditions.and("w.folded like ?1 escape '\\'", vec![Given::Text(like_anywhere(&self.words))]);
        }
        conditions
    }

    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        let conditions = self.conditions();
        conditions.bind(q(db, format!("select count(*) {FROM}{}", conditions.sql()))).scalar().await
    }

    pub async fn rows(&self, db: &Db, sort: WorkOrderSort, is_descending: bool, (limit, offset): (i64, i64)) -> db::Result<Vec<WorkOrder>> {
        let conditions = self.conditions();
        let way = if is_descending { "desc" } else { "asc" };
        let order = match sort {
            WorkOrderSort::Created => format!("w.id {way}"),
            WorkOrderSort::Title => format!("w.folded {way}, w.id {way}"),
            WorkOrderSort::Reward => format!("w.reward_kopecks {way}, w.id {way}"),
        };
        let next = conditions.next();
        let sql = format!("select {COLUMNS} {FROM}{} order by {order} limit ${next} offset ${}", conditions.sql(), next + 1);
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}
