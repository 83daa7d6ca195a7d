//! How many premises and contracts of each service a site has: kept beside them, so that no list counts thousands to say it.
//!
//! The rule: whoever makes, ends or takes back a premise or a contract calls [`recount`] in the same transaction. `meterbook verify`
//! compares.

use super::{
    contract::Service,
    filter::{Conditions, Seen},
    site::SiteId,
};
use crate::db::{self, Db, Tx, q};

/// Class of the lock under which the tally of a site is counted anew.
const LOCK: i32 = 26;

/// The kept numbers of one site, or of all that a person sees.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Premises that have not ended.
    pub premises: i64,
    /// Standing contracts on them.
    pub contracts: Vec<(Service, i64)>,
}

impl Tally {
    pub async fn of(db: &Db, seen: Seen<'_>, chosen: Option<SiteId>) -> db::Result<Self> {
        let mut conditions = Conditions::default();
        conditions.within("site_id", seen, chosen);
        let sql = format!("select what, cast(sum(number) as bigint) from site_tally{} group by what", conditions.sql());
        let rows: Vec<(String, i64)> = conditions.bind(q(db, sql)).all().await?;
        let mut tally = Self::default();
        for (what, number) in rows {
            match what.parse() {
                Ok(service) => tally.contracts.push((service, number)),
                Err(_) => tally.premises = number,
            }
        }
        Ok(tally)
    }
}

/// Counts a site anew, as the last thing of a transaction. On PostgreSQL the second of two transactions waits here for the first, and
/// then sees what it did.
pub async fn recount(tx: &mut Tx, site: SiteId) -> db::Result<()> {
    tx.lock(LOCK, site.0).await?;
    for sql in [
        "delete from site_tally where site_id = $1",
        "insert into site_tally (site_id, what, number)
        select site_id, 'premise', count(*) from premise where site_id = $1 and ended_on is null group by site_id",
        "insert into site_tally (site_id, what, number)
        select p.site_id, c.service, count(*)
        from premise p
        join account a on a.premise_id = p.id
        join contract c on c.account_id = a.id
        where p.site_id = $1 and p.ended_on is null and c.ended_on is null
        group by p.site_id, c.service",
    ] {
        q(&mut *tx, sql).bind(site).run().await?;
    }
    Ok(())
}
