//! The history of what was downloaded: who, when, what - and the very file, to be downloaded again.

use serde::Serialize;

use crate::{
    db::{self, On, Tx, q},
    estate::site::SiteId,
    files::Hash,
    jobs::JobId,
    kernel::{Moment, Period},
    staff::user::UserId,
};

crate::ids! {
    /// Key of an export.
    ExportId,
}

crate::text_enum! {
    /// Which report it was.
    ExportKind as "export-kind" { Month = "month", Everything = "everything" }
}

/// An export as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Export {
    pub id: ExportId,
    pub kind: ExportKind,
    pub title: String,
    pub site_id: Option<SiteId>,
    pub file_name: String,
    pub file_hash: Option<Hash>,
    pub size_bytes: Option<i64>,
    pub row_count: Option<i64>,
    pub created_at: Moment,
    pub author: Option<String>,
}

/// An export to be noted.
#[derive(Clone, Debug, Serialize)]
pub struct NewExport {
    pub kind: ExportKind,
    pub title: String,
    pub site: Option<SiteId>,
    pub period: Option<Period>,
    pub options: String,
    pub file_name: String,
}

/// Its file, which is kept already.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    pub file_hash: Hash,
    pub size_bytes: i64,
    pub row_count: i64,
}

impl Export {
    pub async fn find(on: impl Into<On<'_>>, id: ExportId) -> db::Result<Option<Self>> {
        q(
            on,
            "select e.id, e.kind, e.title, e.site_id, e.file_name, e.file_hash, e.size_bytes, e.row_count, e.created_at, u.name as author
            from export e
            left join staff_user u on u.id = e.created_by
            where e.id = $1",
        )
        .bind(id)
        .opt()
        .await
    }

    /// What a job has made, if it has come so far.
    pub async fn of_job(on: impl Into<On<'_>>, job: JobId) -> db::Result<Option<ExportId>> {
        q(on, "select id from export where job_id = $1").bind(job).scalar_opt().await
    }

    /// The last hundred, newest first.
    pub async fn latest(on: impl Into<On<'_>>) -> db::Result<Vec<Self>> {
        q(
            on,
            "select e.id, e.kind, e.title, e.site_id, e.file_name, e.file_hash, e.size_bytes, e.row_count, e.created_at, u.name as author
            from export e
            left join staff_user u on u.id = e.created_by
            order by e.created_at desc, e.id desc
            limit 100",
        )
        .all()
        .await
    }
}

impl NewExport {
    pub async fn note(&self, tx: &mut Tx, file: &Written, by: Option<UserId>, job: Option<JobId>, at: Moment) -> db::Result<ExportId> {
        q(
            tx,
            "insert into export
                (kind, title, site_id, period, options, file_name, file_hash, size_bytes, row_count, job_id, created_by, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            returning id",
        )
        .bind(self.kind)
        .bind(self.title.as_str())
        .bind(self.site)
        .bind(self.period)
        .bind(self.options.as_str())
        .bind(self.file_name.as_str())
        .bind(file.file_hash.clone())
        .bind(file.size_bytes)
        .bind(file.row_count)
        .bind(job)
        .bind(by)
        .bind(at)
        .scalar()
        .await
    }
}
