//! Makes a report and keeps it in the history: at once when it is small, as a job when somebody would wait for it.

use std::sync::Arc;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{
    everything,
    export::{Export, ExportId, ExportKind, NewExport, Written},
    month::{self, Options},
};
use crate::{
    app::App,
    audit::{Author, Entry, Subject},
    db::{self, Tx},
    estate::site::{Site, SiteId},
    files::Kind,
    jobs::{self, JobId, NewJob, Steps, Work},
    kernel::{Moment, clock::Zone},
    web::{Language, Locale},
};

/// A report that somebody asked for, with all it depends on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    pub report: Report,
    /// In which the heads of columns are written.
    pub language: Language,
}

/// Which report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Report {
    Month { site: SiteId, options: Options },
    Everything,
}

/// What the audit keeps of it.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    export: &'a NewExport,
    #[serde(flatten)]
    file: &'a Written,
}

impl Order {
    /// Queues it.
    pub async fn enqueue(&self, tx: &mut Tx, title: String, author: &Author, at: Moment) -> db::Result<JobId> {
        jobs::enqueue(tx, NewJob::new(jobs::Kind::Export, self).about(title).by(author.id), at).await
    }

    /// Writes it, keeps the file and notes the export.
    pub async fn make(self, app: App, author: Author, job: Option<JobId>, steps: Arc<Steps>) -> anyhow::Result<ExportId> {
        let l = Locale::from(self.language);
        let (finished, export) = match self.report {
            Report::Month { site, options } => {
                let site = Site::find(&app.db, site).await?.context("the site is gone")?;
                let today = site.zone().day(app.clock.now());
                let finished = month::write(&app.db, l, &site, &options, today, &steps).await?;
                let export = NewExport {
                    kind: ExportKind::Month,
                    title: month_title(l, &site, &options),
                    site: Some(site.id),
                    period: Some(options.period),
                    options: serde_json::to_string(&options)?,
                    file_name: format!("{} {}.xlsx", l.t("report-file-month"), options.period),
                };
                (finished, export)
            }
            Report::Everything => {
                let finished = everything::write(&app.db, &steps).await?;
                let day = Zone::moscow().day(app.clock.now());
                let export = NewExport {
                    kind: ExportKind::Everything,
                    title: l.t("report-everything-title"),
                    site: None,
                    period: None,
                    options: "{}".to_owned(),
                    file_name: format!("{} {day}.xlsx", l.t("report-file-everything")),
                };
                (finished, export)
            }
        };
        let content = tokio::fs::read(finished.file.path()).await?;
        let file = Written {
            file_hash: app.files.put(Kind::Export, content).await?,
            size_bytes: i64::try_from(finished.size_bytes)?,
            row_count: finished.rows,
        };
        let at = app.clock.now();
        let mut tx = app.db.begin().await?;
        let id = export.note(&mut tx, &file, author.id, job, at).await?;
        let entry = Entry {
            author: &author,
            at,
            action: "audit-export-made",
            subject: Subject::Export,
            id: Some(id.0),
            name: export.title.clone(),
        };
        entry.created(&mut tx, &Kept { export: &export, file: &file }).await?;
        tx.commit().await?;
        Ok(id)
    }
}

pub fn month_title(l: Locale, site: &Site, options: &Options) -> String {
    format!("{}, {}", site.details.name, l.period(options.period))
}

/// Answers the address of the file. An attempt that ended right after the export was noted is not made twice.
pub async fn run(app: App, work: Work) -> anyhow::Result<String> {
    if let Some(id) = Export::of_job(&app.db, work.id()).await? {
        return Ok(address(id));
    }
    let order: Order = work.arguments()?;
    let steps = Arc::<Steps>::default();
    let making = order.make(app, work.author(), Some(work.id()), Arc::clone(&steps));
    Ok(address(work.follow(&steps, making).await?))
}

fn address(id: ExportId) -> String {
    format!("/reports/{id}")
}
