//! What a batch made or changed, in order, so that it can be undone backwards.

use serde_json::Value;

use super::batch::BatchId;
use crate::db::{self, On, Tx, q};

crate::text_enum! {
    /// What was made or changed.
    EffectKind as "import-effect" {
        Premise = "premise", Owner = "owner", Ownership = "ownership", Account = "account", Contract = "contract",
        Meter = "meter", Installation = "installation", Seal = "seal", Reading = "reading",
    }
}

/// One thing made (`before_values` is empty) or changed (its old and new values).
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Effect {
    pub id: i64,
    pub subject_kind: EffectKind,
    pub subject_id: i64,
    before_values: Option<String>,
}

/// The values of a changed thing before and after, by column.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Changed {
    pub before: Value,
    pub after: Value,
}

impl Effect {
    pub async fn made(tx: &mut Tx, batch: BatchId, position: i64, kind: EffectKind, id: i64) -> db::Result<()> {
        write(tx, batch, position, kind, id, None).await
    }

    pub async fn changed(tx: &mut Tx, batch: BatchId, position: i64, kind: EffectKind, id: i64, changed: &Changed) -> db::Result<()> {
        write(tx, batch, position, kind, id, serde_json::to_string(changed).ok()).await
    }

    /// The last ones first.
    pub async fn backwards(on: impl Into<On<'_>>, batch: BatchId) -> db::Result<Vec<Self>> {
        q(on, "select id, subject_kind, subject_id, before_values from import_effect where batch_id = $1 order by id desc")
            .bind(batch)
            .all()
            .await
    }

    /// `None` for a thing that was made.
    pub fn change(&self) -> Option<Changed> {
        self.before_values.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    pub fn is_made(&self) -> bool {
        self.before_values.is_none()
    }
}

async fn write(tx: &mut Tx, batch: BatchId, position: i64, kind: EffectKind, id: i64, values: Option<String>) -> db::Result<()> {
    q(tx, "insert into import_effect (batch_id, position, subject_kind, subject_id, before_values) values ($1, $2, $3, $4, $5)")
        .bind(batch)
        .bind(position)
        .bind(kind)
        .bind(id)
        .bind(values)
        .run()
        .await?;
    Ok(())
}
