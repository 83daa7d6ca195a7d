//! When money came last, and how much came in a time.

use time::Date;

use crate::{
    db::{self, Db, On, q},
    estate::{
        filter::{Conditions, Given, Seen},
        site::SiteId,
    },
    kernel::Money,
    ledger::debt::Of,
};

/// The payment received last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Latest {
    pub received_on: Date,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
}

impl Latest {
    pub async fn find(on: impl Into<On<'_>>, of: Of, seen: Seen<'_>) -> db::Result<Option<Self>> {
        let mut conditions = Conditions::default();
        conditions.and(&format!("{} = ?1", of.column()), vec![Given::Key(of.key())]);
        conditions.within("p.site_id", seen, None);
        let sql = format!(
            "select y.received_on, y.amount_kopecks
            from account a
            join premise p on p.id = a.premise_id
            join payment y on y.account_id = a.id and y.state = 'credited'{}
            order by y.received_on desc, y.id desc
            limit 1",
            conditions.sql()
        );
        conditions.bind(q(on, sql)).opt().await
    }
}

/// What was received from a day until another, both included, for accounts of a site.
pub async fn received(db: &Db, site: SiteId, from: Date, until: Date) -> db::Result<Money> {
    let sql = "select cast(coalesce(sum(y.amount_kopecks), 0) as bigint)
        from payment y
        join account a on a.id = y.account_id
        join premise p on p.id = a.premise_id
        where y.state = 'credited' and y.received_on between $2 and $3 and p.site_id = $1";
    q(db, sql).bind(site).bind(from).bind(until).scalar().await
}
