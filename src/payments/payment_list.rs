//! Payments as a list: searched by plot and payer, filtered, sorted.

use time::Date;

use super::payment::{COLUMNS, Method, Payment, PaymentImportId, State, TABLES};
use crate::{
    db::{self, Db, q},
    estate::{
        contract_list,
        filter::{Conditions, Given, Seen, words},
        site::SiteId,
    },
    kernel::Money,
};

crate::text_enum! {
    /// What the payments can be sorted by.
    PaymentOrder as "payment-order" { Received = "received", Amount = "amount", Label = "label" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct PaymentFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub state: Option<State>,
    pub method: Option<Method>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub import: Option<PaymentImportId>,
}

impl PaymentFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        let mut when = |condition: &str, value: Option<Given>| {
            if let Some(value) = value {
                conditions.and(condition, vec![value]);
            }
        };
        when("y.state = ?1", self.state.map(|state| Given::Text(state.to_string())));
        when("y.method = ?1", self.method.map(|method| Given::Text(method.to_string())));
        when("y.received_on >= ?1", self.from.map(Given::Day));
        when("y.received_on <= ?1", self.until.map(Given::Day));
        when("y.import_id = ?1", self.import.map(|import| Given::Key(import.0)));
        for (from, before) in words(&self.words) {
            let condition = format!("y.account_id in (select a.id from account a where {})", contract_list::of_account());
            conditions.and(&condition, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    /// How many there are, and what those that were not reversed come to.
    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<(i64, Money)> {
        let conditions = self.conditions(seen);
        let sql = format!(
            "select count(*), cast(coalesce(sum(case when y.state <> 'reversed' then y.amount_kopecks end), 0) as bigint) {TABLES}{}",
            conditions.sql()
        );
        conditions.bind(q(db, sql)).one().await
    }

    pub async fn rows(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: PaymentOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<Payment>> {
        let conditions = self.conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            PaymentOrder::Received => format!("y.received_on {way}, y.id {way}"),
            PaymentOrder::Amount => format!("y.amount_kopecks {way}, y.id {way}"),
            PaymentOrder::Label => format!("p.sort_key {way}, y.received_on, y.id"),
        };
        let next = conditions.next();
        let sql = format!("select {COLUMNS} {TABLES}{} order by {order} limit ${next} offset ${}", conditions.sql(), next + 1);
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}
