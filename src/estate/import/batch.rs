//! A file that came in, from its upload to its end: planned, carried out, perhaps undone.

use serde::{Deserialize, Serialize};

use super::{
    mapping::{Content, Mapping},
    plan::{PlannedRow, Summary},
};
use crate::{
    db::{self, On, Tx, placeholders, q},
    estate::site::SiteId,
    files::Hash,
    jobs::JobId,
    kernel::Moment,
    staff::user::UserId,
};

crate::ids! {
    /// Key of an imported file.
    BatchId,
}

crate::text_enum! {
    /// How far a file has come.
    BatchState as "import-state" {
        Uploaded = "uploaded", Planned = "planned", Running = "running", Done = "done", Failed = "failed", Undone = "undone"
    }
}

crate::text_enum! {
    /// What its rows are, as the database keeps it.
    BatchKind as "import-kind" { Registry = "registry", Readings = "readings" }
}

impl From<Content> for BatchKind {
    fn from(content: Content) -> Self {
        match content {
            Content::Registry => Self::Registry,
            Content::Readings => Self::Readings,
        }
    }
}

/// A batch as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Batch {
    pub id: BatchId,
    pub site_id: SiteId,
    pub kind: BatchKind,
    pub file_name: String,
    pub file_hash: Hash,
    pub state: BatchState,
    mapping: String,
    summary: String,
    pub created_by: Option<UserId>,
    pub created_at: Moment,
    pub executed_by: Option<UserId>,
    pub executed_at: Option<Moment>,
    pub undone_at: Option<Moment>,
    /// Which carries it out.
    pub job_id: Option<JobId>,
}

const COLUMNS: &str =
    "id, site_id, kind, file_name, file_hash, state, mapping, summary, created_by, created_at, executed_by, executed_at, undone_at, job_id";

/// What a person brings.
pub struct NewBatch {
    pub site: SiteId,
    pub file_name: String,
    pub file_hash: Hash,
    pub mapping: Mapping,
    pub by: Option<UserId>,
}

/// How far carrying out has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: i64,
    pub total: i64,
}

impl NewBatch {
    pub async fn create(&self, tx: &mut Tx, at: Moment) -> db::Result<BatchId> {
        q(
            tx,
            "insert into import_batch (site_id, kind, file_name, file_hash, state, mapping, created_by, created_at)
            values ($1, $2, $3, $4, 'uploaded', $5, $6, $7)
            returning id",
        )
        .bind(self.site)
        .bind(BatchKind::from(self.mapping.content))
        .bind(self.file_name.clone())
        .bind(self.file_hash.clone())
        .bind(json(&self.mapping))
        .bind(self.by)
        .bind(at)
        .scalar()
        .await
    }
}

impl Batch {
    pub async fn find(on: impl Into<On<'_>>, id: BatchId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS} from import_batch where id = $1")).bind(id).opt().await
    }

    /// The latest files of all sites, the newest first.
    pub async fn latest(on: impl Into<On<'_>>, limit: i64, offset: i64) -> db::Result<Vec<Self>> {
        q(on, format!("select {COLUMNS} from import_batch order by id desc limit $1 offset $2")).bind(limit).bind(offset).all().await
    }

    pub async fn count(on: impl Into<On<'_>>) -> db::Result<i64> {
        q(on, "select count(*) from import_batch").scalar().await
    }

    /// An earlier import of exactly this file into this site that still stands.
    pub async fn same_file(&self, on: impl Into<On<'_>>) -> db::Result<Option<Self>> {
        let sql = format!(
            "select {COLUMNS} from import_batch where site_id = $1 and file_hash = $2 and id < $3 and state = 'done' order by id desc limit 1"
        );
        q(on, sql).bind(self.site_id).bind(self.file_hash.clone()).bind(self.id).opt().await
    }

    pub fn mapping(&self) -> Mapping {
        serde_json::from_str(&self.mapping).unwrap_or_default()
    }

    pub fn summary(&self) -> Summary {
        serde_json::from_str(&self.summary).unwrap_or_default()
    }

    /// Keeps what was chosen so far; an older plan no longer holds.
    pub async fn save_mapping(&self, tx: &mut Tx, mapping: &Mapping) -> db::Result<()> {
        q(tx, "update import_batch set state = 'uploaded', kind = $2, mapping = $3 where id = $1 and state in ('uploaded', 'planned')")
            .bind(self.id)
            .bind(BatchKind::from(mapping.content))
            .bind(json(mapping))
            .run()
            .await?;
        Ok(())
    }

    /// Puts a new plan in the place of an older one. `false` when the batch is already being carried out.
    pub async fn store_plan(&self, tx: &mut Tx, mapping: &Mapping, rows: &[PlannedRow], at: Moment) -> db::Result<bool> {
        let summary = Summary::of(rows);
        let changed = q(
            &mut *tx,
            "update import_batch
            set state = 'planned', kind = $2, mapping = $3, summary = $4, planned_at = $5
            where id = $1 and state in ('uploaded', 'planned')",
        )
        .bind(self.id)
        .bind(BatchKind::from(mapping.content))
        .bind(json(mapping))
        .bind(json(&summary))
        .bind(at)
        .run()
        .await?;
        if changed == 0 {
            return Ok(false);
        }
        q(&mut *tx, "delete from import_row where batch_id = $1").bind(self.id).run().await?;
        for (chunk, rows) in rows.chunks(50).enumerate() {
            insert_rows(tx, self.id, chunk * 50, rows).await?;
        }
        Ok(true)
    }

    /// Starts carrying out. `false` when it is not a plan that waits: somebody else was faster.
    pub async fn start(&self, tx: &mut Tx, by: Option<UserId>, at: Moment) -> db::Result<bool> {
        let sql = "update import_batch set state = 'running', executed_by = $2, executed_at = $3 where id = $1 and state = 'planned'";
        Ok(q(tx, sql).bind(self.id).bind(by).bind(at).run().await? > 0)
    }

    /// All rows have been carried out. `false` when somebody else has said so already.
    pub async fn finish(tx: &mut Tx, id: BatchId) -> db::Result<bool> {
        Ok(q(tx, "update import_batch set state = 'done' where id = $1 and state = 'running'").bind(id).run().await? > 0)
    }

    pub async fn progress(&self, on: impl Into<On<'_>>) -> db::Result<Progress> {
        let (done, total) = q(
            on,
            "select cast(coalesce(sum(case when outcome <> '' then 1 else 0 end), 0) as bigint), count(*)
            from import_row
            where batch_id = $1",
        )
        .bind(self.id)
        .one()
        .await?;
        Ok(Progress { done, total })
    }

    /// Takes away a file that nothing was done with.
    pub async fn discard(&self, tx: &mut Tx) -> db::Result<bool> {
        if !matches!(self.state, BatchState::Uploaded | BatchState::Planned) {
            return Ok(false);
        }
        q(&mut *tx, "delete from import_row where batch_id = $1").bind(self.id).run().await?;
        Ok(q(tx, "delete from import_batch where id = $1 and state in ('uploaded', 'planned')").bind(self.id).run().await? > 0)
    }
}

async fn insert_rows(tx: &mut Tx, batch: BatchId, from: usize, rows: &[PlannedRow]) -> db::Result<()> {
    let values: Vec<String> = (0..rows.len()).map(|index| format!("({})", placeholders(index * 8 + 1, 8))).collect();
    let sql = format!(
        "insert into import_row (batch_id, position, sheet, row_number, label, action, plan, problems) values {}",
        values.join(", ")
    );
    let mut statement = q(tx, sql);
    for (index, row) in rows.iter().enumerate() {
        statement = statement
            .bind(batch)
            .bind(i64::try_from(from + index).unwrap_or(i64::MAX))
            .bind(row.sheet.clone())
            .bind(i64::from(row.number))
            .bind(row.label.clone())
            .bind(row.action)
            .bind(json(&row.plan))
            .bind(json(&row.problems));
    }
    statement.run().await?;
    Ok(())
}

/// Our own values are always written; a failure would be a defect of ours, and an empty text shows it at once.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
