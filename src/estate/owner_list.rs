//! Owners as a list: searched by name and phone, with everything they own.

use std::collections::HashMap;

use super::{
    filter::{Conditions, Given, Seen, found, keys, words},
    owner::{OwnerId, OwnerKind, Phone},
    premise::PremiseId,
    site::SiteId,
};
use crate::{
    db::{self, Db, placeholders, q},
    search::Found,
};

crate::text_enum! {
    /// What the list can be sorted by.
    OwnerOrder as "owner-order" { Name = "name", Premises = "premises" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct OwnerFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub kind: Option<OwnerKind>,
    /// Look for the words in names and phones alone.
    pub is_name_only: bool,
}

/// One row of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OwnerRow {
    pub id: OwnerId,
    pub kind: OwnerKind,
    pub full_name: String,
    pub email: String,
    #[sqlx(skip)]
    pub phones: Vec<Phone>,
    /// What they own now, in natural order.
    #[sqlx(skip)]
    pub premises: Vec<(PremiseId, String)>,
}

/// How many keys one statement takes.
const CHUNK: usize = 400;

impl OwnerFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        let owns = "exists (select 1 from ownership w join premise p on p.id = w.premise_id where w.owner_id = o.id and p.site_id";
        if let Some(seen) = seen {
            conditions.and(&format!("{owns} in ({}))", keys(seen)), Vec::new());
        }
        if let Some(site) = self.site {
            conditions.and(&format!("{owns} = ?1)"), vec![Given::Key(site.0)]);
        }
        if let Some(kind) = self.kind {
            conditions.and("o.kind = ?1", vec![Given::Text(kind.to_string())]);
        }
        for (from, before) in words(&self.words) {
            // A plot's label finds its owner too: people come to the desk with either.
            let own = format!("o.id in ({})", found(Found::Owner));
            let owned = format!(
                "o.id in ({} union select w.owner_id from ownership w where w.until_on is null and w.premise_id in ({}))",
                found(Found::Owner),
                found(Found::Premise)
            );
            conditions.and(if self.is_name_only { &own } else { &owned }, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        conditions.bind(q(db, format!("select count(*) from owner o{}", conditions.sql()))).scalar().await
    }

    /// Keys of the owners in order; `limit` of them from `offset` on.
    pub async fn keys(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: OwnerOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<OwnerId>> {
        let conditions = self.conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            OwnerOrder::Name => format!("o.sort_key {way}, o.id {way}"),
            OwnerOrder::Premises => {
                format!("(select count(*) from ownership w where w.owner_id = o.id and w.until_on is null) {way}, o.sort_key, o.id")
            }
        };
        let next = conditions.next();
        let sql = format!("select o.id from owner o{} order by {order} limit ${next} offset ${}", conditions.sql(), next + 1);
        conditions.bind(q(db, sql)).bind(limit).bind(offset).scalars().await
    }
}

/// The rows of these owners, in the order of the keys; of what they own, what the person sees.
pub async fn rows(db: &Db, seen: Seen<'_>, ids: &[OwnerId]) -> db::Result<Vec<OwnerRow>> {
    let mut found: HashMap<OwnerId, OwnerRow> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let list = placeholders(1, chunk.len());
        let bound = |sql: String| chunk.iter().fold(q(db, sql), |statement, id| statement.bind(*id));
        let owners: Vec<OwnerRow> = bound(format!("select id, kind, full_name, email from owner where id in ({list})")).all().await?;
        found.extend(owners.into_iter().map(|owner| (owner.id, owner)));
        let phones: Vec<(OwnerId, String)> =
            bound(format!("select owner_id, phone from owner_phone where owner_id in ({list}) order by owner_id, position, id"))
                .all()
                .await?;
        for (owner, phone) in phones {
            found.entry(owner).and_modify(|row| row.phones.push(Phone::stored(&phone)));
        }
        let premises: Vec<(OwnerId, PremiseId, String, SiteId)> = bound(format!(
            "select w.owner_id, p.id, p.label, p.site_id
            from ownership w
            join premise p on p.id = w.premise_id
            where w.owner_id in ({list}) and w.until_on is null
            order by w.owner_id, p.site_id, p.sort_key"
        ))
        .all()
        .await?;
        for (owner, premise, label, site) in premises {
            if seen.is_none_or(|seen| seen.contains(&site)) {
                found.entry(owner).and_modify(|row| row.premises.push((premise, label)));
            }
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
