//! Seals: what holds a meter shut, and what was found of it at each visit.

use std::collections::HashMap;

use time::Date;

use super::{MeterId, VisitId};
use crate::{
    db::{self, On, Tx, insert_many, insert_many_for_ids, placeholders, q},
    kernel::Moment,
    staff::user::UserId,
};

crate::text_enum! {
    /// What it is made of.
    SealKind as "seal-kind" { Lead = "lead", Plastic = "plastic", Sticker = "sticker", Magnetic = "magnetic", Other = "other" }
}

crate::text_enum! {
    /// What a visit found of it.
    SealState as "seal-state" { Intact = "intact", Broken = "broken", Missing = "missing" }
}

/// A seal to be put on.
#[derive(Clone, Debug)]
pub struct NewSeal {
    pub meter: MeterId,
    pub number: String,
    pub kind: SealKind,
    pub place: String,
    pub placed_on: Option<Date>,
}

/// What somebody found.
#[derive(Clone, Debug)]
pub struct NewSealCheck {
    pub meter: MeterId,
    pub visit: Option<VisitId>,
    pub state: SealState,
    pub note: String,
    pub checked_at: Moment,
    pub checked_by: Option<UserId>,
}

/// A seal as stored, with what was found last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Seal {
    pub id: i64,
    pub number: String,
    pub kind: SealKind,
    pub place: String,
    pub placed_on: Option<Date>,
    pub removed_on: Option<Date>,
}

/// One check as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SealCheck {
    pub state: SealState,
    pub note: String,
    pub checked_at: Moment,
    pub checker: Option<String>,
}

impl Seal {
    /// Seals of a meter, those still on it first.
    pub async fn of_meter(on: impl Into<On<'_>>, meter: MeterId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select id, number, kind, place, placed_on, removed_on from seal where meter_id = $1 order by removed_on is not null, id desc",
        )
        .bind(meter)
        .all()
        .await
    }

    /// Takes a seal off.
    pub async fn remove(tx: &mut Tx, id: i64, meter: MeterId, on: Date) -> db::Result<bool> {
        let changed = q(tx, "update seal set removed_on = $3 where id = $1 and meter_id = $2 and removed_on is null")
            .bind(id)
            .bind(meter)
            .bind(on)
            .run()
            .await?;
        Ok(changed == 1)
    }
}

impl SealCheck {
    /// The last twenty checks of a meter's seals, newest first.
    pub async fn of_meter(on: impl Into<On<'_>>, meter: MeterId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select c.state, c.note, c.checked_at, u.name as checker
            from seal_check c
            left join staff_user u on u.id = c.checked_by
            where c.meter_id = $1
            order by c.checked_at desc, c.id desc
            limit 20",
        )
        .bind(meter)
        .all()
        .await
    }
}

impl NewSeal {
    pub async fn place_many(tx: &mut Tx, seals: &[Self]) -> db::Result<Vec<i64>> {
        insert_many_for_ids(tx, "seal (meter_id, number, kind, place, placed_on)", seals, |statement, seal| {
            statement.bind(seal.meter).bind(seal.number.as_str()).bind(seal.kind).bind(seal.place.as_str()).bind(seal.placed_on)
        })
        .await
    }
}

impl NewSealCheck {
    /// Notes what was found; it is held against the seal that is on the meter now, if one is registered.
    pub async fn note_many(tx: &mut Tx, checks: &[Self]) -> db::Result<()> {
        let seals = seals_on(tx, checks).await?;
        let columns = "seal_check (meter_id, seal_id, visit_id, state, note, checked_at, checked_by)";
        insert_many(tx, columns, checks, |statement, check| {
            statement
                .bind(check.meter)
                .bind(seals.get(&check.meter).copied())
                .bind(check.visit)
                .bind(check.state)
                .bind(check.note.as_str())
                .bind(check.checked_at)
                .bind(check.checked_by)
        })
        .await
    }
}

/// The seal put on last of those that are on each meter.
async fn seals_on(tx: &mut Tx, checks: &[NewSealCheck]) -> db::Result<HashMap<MeterId, i64>> {
    let mut seals = HashMap::new();
    for chunk in checks.chunks(400) {
        let sql = format!(
            "select meter_id, max(id) from seal where removed_on is null and meter_id in ({}) group by meter_id",
            placeholders(1, chunk.len())
        );
        let statement = chunk.iter().fold(q(&mut *tx, sql), |statement, check| statement.bind(check.meter));
        seals.extend(statement.all::<(MeterId, i64)>().await?);
    }
    Ok(seals)
}
