//! The list of premises: filtered, sorted, counted and paged in the database, through indexes.

use time::Date;

use super::{premise::PremiseId, site::SiteId};
use crate::{
    db::{self, Db, Q, q},
    kernel::Moment,
    search,
};

crate::text_enum! {
    /// What the list is sorted by.
    PremiseColumn as "premise-column" { Label = "label", Owner = "owner", Area = "area", Read = "read" }
}

/// What is asked of the list.
#[derive(Clone, Debug)]
pub struct PremiseFilter {
    pub site: SiteId,
    /// Parts of label, name, phone or serial; each word must be found somewhere.
    pub typed: String,
    /// Only this array; empty for all.
    pub array: String,
    /// Only with, or only without, an owner.
    pub has_owner: Option<bool>,
}

/// A row of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PremiseRow {
    pub id: PremiseId,
    pub label: String,
    pub owner: String,
    pub phone: String,
    pub area_thousandths: Option<crate::kernel::Quantity>,
    pub services: i64,
    pub last_read_at: Option<Moment>,
    pub ended_on: Option<Date>,
}

/// The owner shown for a premise: of those today, the one entered first.
const OWNER: &str = "(select w.owner_id from ownership w where w.premise_id = p.id and w.until_on is null order by w.id limit 1)";

impl PremiseFilter {
    /// The conditions in SQL; parameters from `$1` on are bound by `bind`.
    fn conditions(&self) -> String {
        let mut sql = "p.site_id = $1 and ($2 = '' or p.part_array = $2)".to_owned();
        match self.has_owner {
            Some(true) => sql.push_str(" and exists (select 1 from ownership w where w.premise_id = p.id and w.until_on is null)"),
            Some(false) => sql.push_str(" and not exists (select 1 from ownership w where w.premise_id = p.id and w.until_on is null)"),
            None => {}
        }
        for word in 0..search::bounds(&self.typed).len() {
            let (from, before) = (3 + word * 2, 4 + word * 2);
            let term =
                |kind: &str| format!("select entity_id from search_term where kind = '{kind}' and term >= ${from} and term < ${before}");
            sql.push_str(&format!(
                " and p.id in ({}
                    union select w.premise_id from ownership w where w.until_on is null and w.owner_id in ({})
                    union select i.premise_id from installation i where i.removed_on is null and i.premise_id is not null and i.meter_id in ({}))",
                term("premise"),
                term("owner"),
                term("meter"),
            ));
        }
        sql
    }

    fn bind<'a>(&self, statement: Q<'a>) -> Q<'a> {
        let statement = statement.bind(self.site).bind(self.array.as_str());
        search::bounds(&self.typed).into_iter().fold(statement, |statement, (from, before)| statement.bind(from).bind(before))
    }

    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        self.bind(q(db, format!("select count(*) from premise p where {}", self.conditions()))).scalar().await
    }

    /// One page, or all of it for a download.
    pub async fn rows(&self, db: &Db, by: PremiseColumn, direction: &str, page: Option<(i64, i64)>) -> db::Result<Vec<PremiseRow>> {
        let direction = if direction == "desc" { "desc" } else { "asc" };
        let order = match by {
            PremiseColumn::Label => "p.sort_key",
            PremiseColumn::Owner => "coalesce(o.sort_key, '')",
            PremiseColumn::Area => "coalesce(p.area_thousandths, 0)",
            PremiseColumn::Read => "coalesce(last_read_at, $LONG_AGO)",
        };
        let words = search::bounds(&self.typed).len();
        let order = order.replace("$LONG_AGO", &format!("${}", 3 + words * 2));
        let limit = page.map_or_else(String::new, |(rows, offset)| format!("limit {rows} offset {offset}"));
        let sql = format!(
            "select * from (
                select p.id, p.label, p.sort_key, p.area_thousandths, p.ended_on,
                    coalesce(o.full_name, '') as owner,
                    coalesce((select f.phone from owner_phone f where f.owner_id = o.id order by f.position limit 1), '') as phone,
                    (select count(*) from contract c join account a on a.id = c.account_id where a.premise_id = p.id and c.ended_on is null) as services,
                    (select max(r.taken_at) from installation i join reading r on r.installation_id = i.id
                        where i.premise_id = p.id and r.state = 'accepted') as last_read_at,
                    o.sort_key as owner_key
                from premise p
                left join owner o on o.id = {OWNER}
                where {}
            ) p
            order by {} {direction}, p.id
            {limit}",
            self.conditions(),
            order.replace("o.sort_key", "p.owner_key"),
        );
        let statement = self.bind(q(db, sql));
        let statement = if by == PremiseColumn::Read { statement.bind(long_ago()) } else { statement };
        statement.all().await
    }

    /// The arrays of a site, for the filter.
    pub async fn arrays(db: &Db, site: SiteId) -> db::Result<Vec<String>> {
        q(db, "select part_array from premise where site_id = $1 and part_array <> '' group by part_array order by part_array")
            .bind(site)
            .scalars()
            .await
    }

    /// How many contracts of each service are in force at a site.
    pub async fn services(db: &Db, site: SiteId) -> db::Result<Vec<(super::contract::Service, i64)>> {
        q(
            db,
            "select c.service, count(*)
            from premise p
            join account a on a.premise_id = p.id
            join contract c on c.account_id = a.id
            where p.site_id = $1 and c.ended_on is null
            group by c.service
            order by c.service desc",
        )
        .bind(site)
        .all()
        .await
    }
}

/// Before any reading: what was never read sorts first.
fn long_ago() -> Moment {
    Moment::new(time::OffsetDateTime::UNIX_EPOCH)
}
