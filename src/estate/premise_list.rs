//! Premises as a list: searched by label, owner, phone, serial and contract number, filtered, sorted, counted.

use std::collections::HashMap;

use time::Date;

use super::{
    contract::Service,
    filter::{Conditions, Given, Seen, found, words},
    owner::{OwnerId, Phone},
    premise::PremiseId,
    premises_by_owner,
    site::SiteId,
    tally::Tally,
};
use crate::{
    db::{self, Db, placeholders, q},
    kernel::{Moment, Quantity},
    ledger::debt,
    search::Found,
};

crate::text_enum! {
    /// What the list can be sorted by.
    PremiseOrder as "premise-order" { Label = "label", Owner = "owner", Area = "area", Read = "read", Debt = "debt" }
}

crate::text_enum! {
    /// Whether somebody owns it now.
    Owned as "owned" { Yes = "yes", No = "no" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct PremiseFilter {
    pub words: String,
    pub site: Option<SiteId>,
    /// `3` is an array, `3-12` a line of it.
    pub part: String,
    pub owned: Option<Owned>,
    pub service: Option<Service>,
    pub is_ended: bool,
    /// Look for the words in labels alone.
    pub is_label_only: bool,
}

/// One row of the list.
#[derive(Clone, Debug)]
pub struct PremiseRow {
    pub id: PremiseId,
    pub site_id: SiteId,
    pub label: String,
    pub area: Option<Quantity>,
    pub ended_on: Option<Date>,
    pub last_read_at: Option<Moment>,
    /// Name and phones of those who own it now.
    pub owners: Vec<(OwnerId, String, Vec<Phone>)>,
    pub services: Vec<Service>,
}

/// How many keys one statement takes.
const CHUNK: usize = 400;

impl PremiseFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        conditions.and(if self.is_ended { "p.ended_on is not null" } else { "p.ended_on is null" }, Vec::new());
        within_part(&mut conditions, &self.part);
        let owned = "exists (select 1 from ownership w where w.premise_id = p.id and w.until_on is null)";
        match self.owned {
            Some(Owned::Yes) => conditions.and(owned, Vec::new()),
            Some(Owned::No) => conditions.and(&format!("not {owned}"), Vec::new()),
            None => {}
        }
        if let Some(service) = self.service {
            conditions.and(
                "exists (select 1 from account a join contract c on c.account_id = a.id
                    where a.premise_id = p.id and c.ended_on is null and c.service = ?1)",
                vec![Given::Text(service.to_string())],
            );
        }
        let anywhere = matching();
        for (from, before) in words(&self.words) {
            let own = format!("p.id in ({})", found(Found::Premise));
            conditions.and(if self.is_label_only { &own } else { &anywhere }, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    /// How many premises are on the list, and standing contracts per service of all of them; not when words are looked for, which finds
    /// few and from everywhere.
    pub async fn tally(&self, db: &Db, seen: Seen<'_>) -> db::Result<Tally> {
        if !self.words.is_empty() {
            Ok(Tally { premises: self.count(db, seen).await?, contracts: Vec::new() })
        } else if self.is_narrow() {
            Ok(Tally { premises: self.count(db, seen).await?, contracts: self.contracts(db, seen).await? })
        } else {
            Tally::of(db, seen, self.site).await
        }
    }

    /// Narrowed by more than the site.
    fn is_narrow(&self) -> bool {
        let is_filtered = self.is_ended || self.owned.is_some() || self.service.is_some() || !self.part.is_empty();
        is_filtered || !self.words.is_empty()
    }

    async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        conditions.bind(q(db, format!("select count(*) from premise p{}", conditions.sql()))).scalar().await
    }

    async fn contracts(&self, db: &Db, seen: Seen<'_>) -> db::Result<Vec<(Service, i64)>> {
        let conditions = self.conditions(seen);
        let sql = format!(
            "select c.service, count(*)
            from premise p
            join account a on a.premise_id = p.id
            join contract c on c.account_id = a.id and c.ended_on is null
            {}
            group by c.service",
            conditions.sql()
        );
        conditions.bind(q(db, sql)).all().await
    }

    /// Keys of the premises in order; `limit` of them from `offset` on.
    pub async fn keys(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: PremiseOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<PremiseId>> {
        if order == PremiseOrder::Owner && !self.is_narrow() {
            return premises_by_owner::keys(db, &self.conditions(seen), is_descending, (limit, offset)).await;
        }
        let (conditions, sql) = self.ordered("p.id", seen, order, is_descending);
        conditions.bind(q(db, sql)).bind(limit).bind(offset).scalars().await
    }

    /// The same with how many there are on the whole list, for searches, which look at all they find anyway; zero when the part is beyond its end.
    pub async fn counted(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: PremiseOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<(Vec<PremiseId>, i64)> {
        let (conditions, sql) = self.ordered("p.id, count(*) over ()", seen, order, is_descending);
        let rows: Vec<(PremiseId, i64)> = conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await?;
        let number = rows.first().map_or(0, |(_, number)| *number);
        Ok((rows.into_iter().map(|(id, _)| id).collect(), number))
    }

    fn ordered(&self, columns: &str, seen: Seen<'_>, order: PremiseOrder, is_descending: bool) -> (Conditions, String) {
        let conditions = self.conditions(seen);
        let debts = match order {
            PremiseOrder::Debt => format!(" left join {} debt on debt.premise_id = p.id", debt::BY_PREMISE),
            _ => String::new(),
        };
        let next = conditions.next();
        let sql = format!(
            "select {columns} from premise p{debts}{} order by {} limit ${next} offset ${}",
            conditions.sql(),
            order_by(order, is_descending),
            next + 1
        );
        (conditions, sql)
    }
}

/// The array and the line that `3-12` names; the line is empty in `3`.
pub fn part_of(typed: &str) -> (&str, &str) {
    typed.split_once('-').unwrap_or((typed, ""))
}

/// Of premises `p`, those of an array (`3`) or of a line of it (`3-12`); all when nothing is named.
pub fn within_part(conditions: &mut Conditions, part: &str) {
    let (array, line) = part_of(part);
    for (column, name) in [("p.part_array", array), ("p.part_line", line)] {
        if !name.is_empty() {
            conditions.and(&format!("{column} = ?1"), vec![Given::Text(name.to_owned())]);
        }
    }
}

/// A premise matches a word by its label, a present owner's name or phone, the serial of a meter that stands there, or a contract's number.
fn matching() -> String {
    let (premise, owner, meter, contract) = (found(Found::Premise), found(Found::Owner), found(Found::Meter), found(Found::Contract));
    format!(
        "p.id in (
            {premise}
            union select w.premise_id from ownership w where w.until_on is null and w.owner_id in ({owner})
            union select i.premise_id from installation i where i.removed_on is null and i.premise_id is not null and i.meter_id in ({meter})
            union select a.premise_id from account a join contract c on c.account_id = a.id where c.id in ({contract}))"
    )
}

fn order_by(order: PremiseOrder, is_descending: bool) -> String {
    let way = if is_descending { "desc" } else { "asc" };
    // What is unknown stands at the end, whichever way the rest is sorted.
    let unknown_last = |value: &str| format!("{value} {way} nulls last, p.site_id, p.sort_key, p.id");
    match order {
        PremiseOrder::Label => format!("p.site_id {way}, p.sort_key {way}, p.id {way}"),
        PremiseOrder::Area => unknown_last("p.area_thousandths"),
        PremiseOrder::Owner => unknown_last(
            "(select min(o.sort_key) from ownership w join owner o on o.id = w.owner_id where w.premise_id = p.id and w.until_on is null)",
        ),
        PremiseOrder::Read => unknown_last(LAST_READ),
        PremiseOrder::Debt => unknown_last("debt.kopecks"),
    }
}

/// When anything at the premise was read last. A superseded reading was still taken, so its day counts.
const LAST_READ: &str = "(select max((select max(r.taken_at) from reading r where r.installation_id = i.id))
    from installation i where i.premise_id = p.id)";

/// The rows of these premises, in the order of the keys.
pub async fn rows(db: &Db, ids: &[PremiseId]) -> db::Result<Vec<PremiseRow>> {
    let mut found: HashMap<PremiseId, PremiseRow> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        for row in premises(db, chunk).await? {
            found.insert(row.id, row);
        }
        for (premise, owner, name, phone) in owners(db, chunk).await? {
            let Some(row) = found.get_mut(&premise) else { continue };
            if row.owners.last().is_none_or(|(last, ..)| *last != owner) {
                row.owners.push((owner, name, Vec::new()));
            }
            if let (Some(phone), Some((_, _, phones))) = (phone, row.owners.last_mut()) {
                phones.push(Phone::stored(&phone));
            }
        }
        for (premise, service) in services(db, chunk).await? {
            if let Some(row) = found.get_mut(&premise) {
                row.services.push(service);
            }
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

async fn premises(db: &Db, ids: &[PremiseId]) -> db::Result<Vec<PremiseRow>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: PremiseId,
        site_id: SiteId,
        label: String,
        area_thousandths: Option<Quantity>,
        ended_on: Option<Date>,
        last_read_at: Option<Moment>,
    }
    let sql = format!(
        "select p.id, p.site_id, p.label, p.area_thousandths, p.ended_on, {LAST_READ} as last_read_at from premise p where p.id in ({})",
        placeholders(1, ids.len())
    );
    let rows: Vec<Row> = ids.iter().fold(q(db, sql), |statement, id| statement.bind(*id)).all().await?;
    let row = |row: Row| PremiseRow {
        id: row.id,
        site_id: row.site_id,
        label: row.label,
        area: row.area_thousandths,
        ended_on: row.ended_on,
        last_read_at: row.last_read_at,
        owners: Vec::new(),
        services: Vec::new(),
    };
    Ok(rows.into_iter().map(row).collect())
}

async fn owners(db: &Db, ids: &[PremiseId]) -> db::Result<Vec<(PremiseId, OwnerId, String, Option<String>)>> {
    let sql = format!(
        "select w.premise_id, o.id, o.full_name, f.phone
        from ownership w
        join owner o on o.id = w.owner_id
        left join owner_phone f on f.owner_id = o.id
        where w.premise_id in ({}) and w.until_on is null
        order by w.premise_id, o.sort_key, o.id, f.position",
        placeholders(1, ids.len())
    );
    ids.iter().fold(q(db, sql), |statement, id| statement.bind(*id)).all().await
}

async fn services(db: &Db, ids: &[PremiseId]) -> db::Result<Vec<(PremiseId, Service)>> {
    let sql = format!(
        "select distinct a.premise_id, c.service
        from account a
        join contract c on c.account_id = a.id
        where a.premise_id in ({}) and c.ended_on is null
        order by a.premise_id, c.service",
        placeholders(1, ids.len())
    );
    ids.iter().fold(q(db, sql), |statement, id| statement.bind(*id)).all().await
}

/// The arrays of a site. Goes from each to the next one, however many premises stand in it.
pub async fn arrays(db: &Db, site: SiteId) -> db::Result<Vec<String>> {
    q(
        db,
        "with recursive part (name) as (
            select min(part_array) from premise where site_id = $1 and part_array > ''
            union all
            select (select min(p.part_array) from premise p where p.site_id = $1 and p.part_array > part.name)
            from part
            where part.name is not null
        )
        select name from part where name is not null",
    )
    .bind(site)
    .scalars()
    .await
}

/// The lines of an array.
pub async fn lines(db: &Db, site: SiteId, array: &str) -> db::Result<Vec<String>> {
    q(db, "select distinct part_line from premise where site_id = $1 and part_array = $2 and part_line > ''")
        .bind(site)
        .bind(array)
        .scalars()
        .await
}
