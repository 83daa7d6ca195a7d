//! Premises in the order of their owners: goes along the owners by name and stops at the limit, instead of asking every premise whose it is.

use super::{filter::Conditions, premise::PremiseId};
use crate::db::{self, Db, q};

/// Keys of the premises `p` under the conditions, of which there is at least one; of several owners the first by name counts. Those that
/// nobody owns stand at the end, whichever way the rest is sorted.
pub(super) async fn keys(db: &Db, conditions: &Conditions, is_descending: bool, (limit, offset): (i64, i64)) -> db::Result<Vec<PremiseId>> {
    let way = if is_descending { "desc" } else { "asc" };
    let (narrowed, next) = (conditions.sql(), conditions.next());
    // cross joins keep SQLite from beginning elsewhere
    let sql = format!(
        "select w.premise_id
        from owner o
        cross join ownership w
        cross join premise p{narrowed} and w.owner_id = o.id and w.until_on is null and p.id = w.premise_id
            and not exists (
                select 1
                from ownership x
                join owner y on y.id = x.owner_id
                where x.premise_id = w.premise_id and x.until_on is null and (y.sort_key, y.id, x.id) < (o.sort_key, o.id, w.id))
        order by o.sort_key {way}, o.id {way}, p.site_id, p.sort_key, p.id
        limit ${next} offset ${}",
        next + 1
    );
    let mut found: Vec<PremiseId> = conditions.bind(q(db, sql)).bind(limit).bind(offset).scalars().await?;
    let missing = limit - i64::try_from(found.len()).unwrap_or(limit);
    if missing > 0 {
        let owned = "exists (select 1 from ownership w where w.premise_id = p.id and w.until_on is null)";
        let sql = format!("select count(*) from premise p{narrowed} and {owned}");
        let with_owner: i64 = conditions.bind(q(db, sql)).scalar().await?;
        let sql = format!(
            "select p.id from premise p{narrowed} and not {owned} order by p.site_id, p.sort_key, p.id limit ${next} offset ${}",
            next + 1
        );
        let rest = (offset - with_owner).max(0);
        found.extend(conditions.bind(q(db, sql)).bind(missing).bind(rest).scalars::<PremiseId>().await?);
    }
    Ok(found)
}
