//! Orders as a list: searched by account, premise and payer, filtered by state, sorted.

use super::order::{COLUMNS, FROM, Order, OrderState};
use crate::{
    db::{self, Db, q},
    estate::{
        account::AccountId,
        contract_list::of_account,
        filter::{Conditions, Given, Seen, words},
        site::SiteId,
    },
};

crate::text_enum! {
    /// What orders can be sorted by.
    OrderSort as "order-sort" { Placed = "placed", Label = "label", Payer = "payer", Total = "total" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub state: Option<OrderState>,
    pub account: Option<AccountId>,
}

impl OrderFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        if let Some(state) = self.state {
            conditions.and("r.state = ?1", vec![Given::Text(state.to_string())]);
        }
        if let Some(account) = self.account {
            conditions.and("r.account_id = ?1", vec![Given::Key(account.0)]);
        }
        for (from, before) in words(&self.words) {
            conditions.and(&of_account(), vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        conditions.bind(q(db, format!("select count(*) {FROM}{}", conditions.sql()))).scalar().await
    }

    pub async fn rows(
        &self,
        db: &Db,
        seen: Seen<'_>,
        sort: OrderSort,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<Order>> {
        let conditions = self.conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match sort {
            OrderSort::Placed => format!("r.id {way}"),
            OrderSort::Label => format!("p.site_id {way}, p.sort_key {way}, r.id {way}"),
            OrderSort::Payer => format!("o.sort_key {way}, r.id {way}"),
            OrderSort::Total => format!("r.total_kopecks {way}, r.id {way}"),
        };
        let next = conditions.next();
        let sql = format!("select {COLUMNS} {FROM}{} order by {order} limit ${next} offset ${}", conditions.sql(), next + 1);
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}
