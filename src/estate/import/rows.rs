//! The rows of a stored plan: shown page by page, carried out in order, each with what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    batch::{BatchId, json},
    plan::{Action, RowPlan},
    registry::Problem,
};
use crate::db::{self, On, Tx, q};

crate::text_enum! {
    /// What became of a row.
    RowResult as "import-result" {
        Created = "created",
        Changed = "changed",
        Same = "same",
        Refused = "refused",
        Skipped = "skipped",
        /// What was there when the plan was made is there no more; what could not be done is named.
        Stale = "stale",
    }
}

/// A row as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredRow {
    pub id: i64,
    pub position: i64,
    pub sheet: String,
    pub row_number: i64,
    pub label: String,
    pub action: Action,
    plan: String,
    problems: String,
    outcome: String,
}

/// What became of a row, as kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub result: RowResult,
    /// Steps that could not be taken any more, by their message keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<String>,
    /// People this row brought in: the file's place and our key, so that later rows find them also after a restart.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owners: BTreeMap<usize, i64>,
}

impl Outcome {
    #[must_use]
    pub const fn of(result: RowResult) -> Self {
        Self { result, missed: Vec::new(), owners: BTreeMap::new() }
    }

    /// Notes a step that could not be taken any more.
    pub fn miss(&mut self, step: &str) {
        self.missed.push(step.to_owned());
        self.result = RowResult::Stale;
    }
}

crate::text_enum! {
    /// Which rows of a plan to show.
    Filter as "import-filter" {
        All = "all", Create = "create", Change = "change", Same = "same", Problem = "problem", Skip = "skip"
    }
}

const COLUMNS: &str = "id, position, sheet, row_number, label, action, plan, problems, outcome";

impl Filter {
    /// Rows that lose something are found under `problem` also when the rest of them goes in.
    const fn condition(self) -> &'static str {
        match self {
            Self::All => "1 = 1",
            Self::Create => "action = 'create'",
            Self::Change => "action = 'change'",
            Self::Same => "action = 'same'",
            Self::Problem => "problems <> '[]'",
            Self::Skip => "action = 'skip'",
        }
    }
}

impl StoredRow {
    pub async fn page(on: impl Into<On<'_>>, batch: BatchId, filter: Filter, limit: i64, offset: i64) -> db::Result<Vec<Self>> {
        let sql =
            format!("select {COLUMNS} from import_row where batch_id = $1 and {} order by position limit $2 offset $3", filter.condition());
        q(on, sql).bind(batch).bind(limit).bind(offset).all().await
    }

    pub async fn count(on: impl Into<On<'_>>, batch: BatchId, filter: Filter) -> db::Result<i64> {
        q(on, format!("select count(*) from import_row where batch_id = $1 and {}", filter.condition())).bind(batch).scalar().await
    }

    /// The next rows that nothing was done with yet.
    pub async fn waiting(on: impl Into<On<'_>>, batch: BatchId, limit: i64) -> db::Result<Vec<Self>> {
        let sql = format!("select {COLUMNS} from import_row where batch_id = $1 and outcome = '' order by position limit $2");
        q(on, sql).bind(batch).bind(limit).all().await
    }

    /// Everything, for the result file.
    pub async fn all(on: impl Into<On<'_>>, batch: BatchId) -> db::Result<Vec<Self>> {
        q(on, format!("select {COLUMNS} from import_row where batch_id = $1 order by position")).bind(batch).all().await
    }

    pub async fn set_outcome(&self, tx: &mut Tx, outcome: &Outcome) -> db::Result<()> {
        q(tx, "update import_row set outcome = $2 where id = $1").bind(self.id).bind(json(outcome)).run().await?;
        Ok(())
    }

    pub fn plan(&self) -> RowPlan {
        serde_json::from_str(&self.plan).unwrap_or_default()
    }

    pub fn problems(&self) -> Vec<Problem> {
        serde_json::from_str(&self.problems).unwrap_or_default()
    }

    pub fn outcome(&self) -> Option<Outcome> {
        serde_json::from_str(&self.outcome).ok()
    }
}

/// The people that a batch has brought in so far, by their place in the file.
pub async fn owners_made(on: impl Into<On<'_>>, batch: BatchId) -> db::Result<BTreeMap<usize, i64>> {
    let outcomes: Vec<String> =
        q(on, "select outcome from import_row where batch_id = $1 and outcome like '%\"owners\"%' order by position")
            .bind(batch)
            .scalars()
            .await?;
    Ok(outcomes.iter().filter_map(|text| serde_json::from_str::<Outcome>(text).ok()).flat_map(|outcome| outcome.owners).collect())
}
