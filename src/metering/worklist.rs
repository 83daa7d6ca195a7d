//! The meters of a site in walking order, for those who enter readings one after the other.

use super::InstallationId;
use crate::{
    db::{self, Db, q},
    estate::{
        filter::{Conditions, Given},
        premise::PremiseId,
        premise_list,
        site::SiteId,
    },
    kernel::Moment,
};

/// Which meters are gone through.
#[derive(Clone, Debug)]
pub struct Worklist {
    pub site: SiteId,
    /// `3` is an array, `3-12` a line of it; all of the site when empty.
    pub part: String,
    /// Only those without a reading since then.
    pub unread_since: Option<Moment>,
}

/// One meter of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Item {
    pub installation_id: InstallationId,
    pub premise_id: PremiseId,
    pub label: String,
}

const FROM: &str = "from premise p
    join installation i on i.premise_id = p.id and i.removed_on is null
    join meter m on m.id = i.meter_id";

impl Worklist {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.and("p.site_id = ?1 and p.ended_on is null", vec![Given::Key(self.site.0)]);
        premise_list::within_part(&mut conditions, &self.part);
        if let Some(since) = self.unread_since {
            conditions.and(
                "not exists (
                    select 1 from reading r
                    where r.installation_id = i.id and r.taken_at >= ?1 and r.state in ('accepted', 'in_review'))",
                vec![Given::Moment(since)],
            );
        }
        conditions
    }

    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        let conditions = self.conditions();
        conditions.bind(q(db, format!("select count(*) {FROM}{}", conditions.sql()))).scalar().await
    }

    /// `limit` of them from `offset` on.
    pub async fn items(&self, db: &Db, (limit, offset): (i64, i64)) -> db::Result<Vec<Item>> {
        let conditions = self.conditions();
        let next = conditions.next();
        let sql = format!(
            "select i.id as installation_id, p.id as premise_id, p.label
            {FROM}{}
            order by p.sort_key, m.resource desc, i.id
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}
