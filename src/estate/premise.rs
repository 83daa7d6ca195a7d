//! A premise: a plot or an apartment, with the label people know it by.

use std::collections::HashMap;

use serde::Serialize;
use time::Date;

use super::site::SiteId;
use crate::{
    db::{self, On, Tx, insert_many_for_ids, placeholders, q},
    kernel::{
        Moment, Quantity,
        text::{clean_line, natural_key},
    },
    search::{self, Found},
};

crate::ids! {
    /// Key of a premise.
    PremiseId,
}

crate::text_enum! {
    /// What it is.
    PremiseKind as "premise-kind" { Plot = "plot", Apartment = "apartment" }
}

/// A premise as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Premise {
    pub id: PremiseId,
    pub site_id: SiteId,
    pub kind: PremiseKind,
    pub label: String,
    pub part_array: String,
    pub part_line: String,
    pub part_sector: String,
    #[sqlx(rename = "area_thousandths")]
    pub area: Option<Quantity>,
    pub note: String,
    pub ended_on: Option<Date>,
}

/// What a person enters about a premise.
#[derive(Clone, Debug, Serialize)]
pub struct PremiseDetails {
    pub kind: PremiseKind,
    pub label: String,
    /// In square metres.
    pub area: Option<Quantity>,
    pub note: String,
}

/// Array, line and sector of a label such as `3-12-7`; empty for labels of any other form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressParts {
    pub array: String,
    pub line: String,
    pub sector: String,
}

/// A label in its one form: `1 / 1 / 1` and `1 - 1 - 1` are `1-1-1`.
pub fn normal_label(typed: &str) -> String {
    let line = clean_line(typed);
    let parts: Vec<&str> = line.split(['-', '/', '\u{2013}', '\u{2014}']).map(str::trim).collect();
    let is_numbered = parts.len() > 1 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_numbered { parts.join("-") } else { line }
}

/// The parts of a label of exactly three numbers.
pub fn address_parts(label: &str) -> AddressParts {
    let parts: Vec<&str> = label.split('-').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [array, line, sector] if parts.iter().all(is_number) => {
            AddressParts { array: (*array).to_owned(), line: (*line).to_owned(), sector: (*sector).to_owned() }
        }
        _ => AddressParts::default(),
    }
}

/// One query text with another ending; the columns stand in one place.
macro_rules! select_premise {
    ($ending:literal) => {
        concat!(
            "select id, site_id, kind, label, part_array, part_line, part_sector, area_thousandths, note, ended_on from premise ",
            $ending
        )
    };
}

impl Premise {
    pub async fn find(on: impl Into<On<'_>>, id: PremiseId) -> db::Result<Option<Self>> {
        q(on, select_premise!("where id = $1")).bind(id).opt().await
    }

    pub async fn by_label(on: impl Into<On<'_>>, site: SiteId, label: &str) -> db::Result<Option<Self>> {
        q(on, select_premise!("where site_id = $1 and label = $2")).bind(site).bind(label).opt().await
    }

    /// Ends it on a day, or takes the end back.
    pub async fn set_end(tx: &mut Tx, id: PremiseId, on: Option<Date>) -> db::Result<()> {
        q(tx, "update premise set ended_on = $2 where id = $1").bind(id).bind(on).run().await?;
        Ok(())
    }

    /// Takes a premise back that was entered by mistake in the last half hour; false, and nothing changed, once anything hangs on it.
    pub async fn delete_mistake(tx: &mut Tx, id: PremiseId, now: Moment) -> db::Result<bool> {
        let gone = q(
            &mut *tx,
            "delete from premise
            where id = $1 and created_at > $2
                and not exists (select 1 from ownership where premise_id = $1)
                and not exists (select 1 from account where premise_id = $1)
                and not exists (select 1 from installation where premise_id = $1)
                and not exists (select 1 from round_stop where premise_id = $1)
                and not exists (select 1 from visit where premise_id = $1)
                and not exists (select 1 from photo where premise_id = $1)
                and not exists (select 1 from work_order where premise_id = $1)",
        )
        .bind(id)
        .bind(now.minus(time::Duration::minutes(30)))
        .run()
        .await?;
        if gone == 1 {
            search::index(tx, Found::Premise, id.0, &[]).await?;
        }
        Ok(gone == 1)
    }

    /// Deletes it while nothing hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_away(&self, tx: &mut Tx) -> db::Result<()> {
        q(&mut *tx, "delete from premise where id = $1").bind(self.id).run().await?;
        search::index(tx, Found::Premise, self.id.0, &[]).await
    }

    /// Those of the keys, in their order. At most 400 of them.
    pub async fn some(on: impl Into<On<'_>>, ids: &[PremiseId]) -> db::Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(select_premise!("where id in ({})"), placeholders(1, ids.len()));
        let found: Vec<Self> = ids.iter().fold(q(on, sql), |statement, id| statement.bind(*id)).all().await?;
        let mut by_key: HashMap<PremiseId, Self> = found.into_iter().map(|premise| (premise.id, premise)).collect();
        Ok(ids.iter().filter_map(|id| by_key.remove(id)).collect())
    }

    pub fn details(&self) -> PremiseDetails {
        PremiseDetails { kind: self.kind, label: self.label.clone(), area: self.area, note: self.note.clone() }
    }
}

impl PremiseDetails {
    /// The class of locks, by site, under which labels are given.
    pub const LABEL_LOCK: i32 = 21;

    pub async fn create(&self, tx: &mut Tx, site: SiteId, at: Moment) -> db::Result<PremiseId> {
        let ids = Self::create_many(tx, site, at, std::slice::from_ref(self)).await?;
        Ok(ids[0])
    }

    /// Creates many at once, findable by their labels; answers the keys in the same order.
    pub async fn create_many(tx: &mut Tx, site: SiteId, at: Moment, premises: &[Self]) -> db::Result<Vec<PremiseId>> {
        let columns = "premise (site_id, kind, label, sort_key, part_array, part_line, part_sector, area_thousandths, note, created_at)";
        let ids = insert_many_for_ids(tx, columns, premises, |statement, premise| {
            let parts = address_parts(&premise.label);
            statement
                .bind(site)
                .bind(premise.kind)
                .bind(premise.label.as_str())
                .bind(natural_key(&premise.label))
                .bind(parts.array)
                .bind(parts.line)
                .bind(parts.sector)
                .bind(premise.area)
                .bind(premise.note.as_str())
                .bind(at)
        })
        .await?;
        let terms: Vec<_> = ids.iter().zip(premises).map(|(id, premise)| (*id, search::endings(&[&premise.label]))).collect();
        search::index_new(tx, Found::Premise, &terms).await?;
        Ok(ids.into_iter().map(PremiseId).collect())
    }

    pub async fn save(&self, tx: &mut Tx, id: PremiseId) -> db::Result<()> {
        let parts = address_parts(&self.label);
        q(
            &mut *tx,
            "update premise
            set kind = $2, label = $3, sort_key = $4, part_array = $5, part_line = $6, part_sector = $7, area_thousandths = $8, note = $9
            where id = $1",
        )
        .bind(id)
        .bind(self.kind)
        .bind(self.label.as_str())
        .bind(natural_key(&self.label))
        .bind(parts.array)
        .bind(parts.line)
        .bind(parts.sector)
        .bind(self.area)
        .bind(self.note.as_str())
        .run()
        .await?;
        search::index(tx, Found::Premise, id.0, &[&self.label]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_one_form_and_numbered_ones_have_parts() {
        for typed in ["3-12-7", " 3 / 12 / 7 ", "3 – 12 – 7", "3/12/7"] {
            assert_eq!(normal_label(typed), "3-12-7", "{typed}");
        }
        assert_eq!(normal_label(" кв.  7-а "), "кв. 7-а");
        assert_eq!(address_parts("3-12-7"), AddressParts { array: "3".into(), line: "12".into(), sector: "7".into() });
        for label in ["3-12", "3-12-7-1", "кв. 7", "3--7", ""] {
            assert_eq!(address_parts(label), AddressParts::default(), "{label}");
        }
    }
}
