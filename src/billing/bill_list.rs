//! Bills as a list: of an account, a site or a month, and by how far they are paid.

use super::{BillId, bill::Bill};
use crate::{
    db::{self, Db, q},
    estate::{
        account::AccountId,
        filter::{Conditions, Given, Seen},
        site::SiteId,
    },
    kernel::Period,
};

crate::text_enum! {
    /// How far a bill is paid.
    BillState as "bill-state" { Unpaid = "unpaid", PartlyPaid = "partly_paid", Paid = "paid" }
}

crate::text_enum! {
    /// What bills can be sorted by.
    BillOrder as "bill-order" { Period = "period", Number = "number", Total = "total" }
}

/// What the list is narrowed by.
#[derive(Clone, Copy, Debug, Default)]
pub struct BillFilter {
    pub account: Option<AccountId>,
    pub site: Option<SiteId>,
    pub period: Option<Period>,
    pub state: Option<BillState>,
}

/// What is owed for a bill's own lines, and what of it is open.
const OWED: &str = "coalesce((select sum(d.amount_kopecks) from open_item d where d.bill_id = b.id and d.side = 'debit'), 0)";
const OPEN: &str = "coalesce((select sum(d.open_kopecks) from open_item d where d.bill_id = b.id and d.side = 'debit'), 0)";

const FROM: &str = "from bill b
    join account a on a.id = b.account_id
    join premise p on p.id = a.premise_id";

impl BillFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        if let Some(account) = self.account {
            conditions.and("b.account_id = ?1", vec![Given::Key(account.0)]);
        }
        if let Some(period) = self.period {
            conditions.and("b.period = ?1", vec![Given::Text(period.to_string())]);
        }
        match self.state {
            Some(BillState::Unpaid) => conditions.and(&format!("{OPEN} > 0 and {OPEN} = {OWED}"), Vec::new()),
            Some(BillState::PartlyPaid) => conditions.and(&format!("{OPEN} > 0 and {OPEN} < {OWED}"), Vec::new()),
            Some(BillState::Paid) => conditions.and(&format!("{OPEN} = 0"), Vec::new()),
            None => {}
        }
        conditions
    }

    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        conditions.bind(q(db, format!("select count(*) {FROM}{}", conditions.sql()))).scalar().await
    }

    /// The bills in order; `limit` of them from `offset` on.
    pub async fn rows(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: BillOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<Bill>> {
        let conditions = self.conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            BillOrder::Period => format!("b.period {way}, b.id {way}"),
            BillOrder::Number => format!("b.number {way}"),
            BillOrder::Total => format!("b.charged_kopecks + b.corrected_kopecks {way}, b.id {way}"),
        };
        let next = conditions.next();
        let sql = format!("select b.id {FROM}{} order by {order} limit ${next} offset ${}", conditions.sql(), next + 1);
        let ids: Vec<BillId> = conditions.bind(q(db, sql)).bind(limit).bind(offset).scalars().await?;
        Bill::some(db, &ids).await
    }
}
