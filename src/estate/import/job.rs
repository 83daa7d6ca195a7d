//! Carries batches out in the background. Each portion is kept with its record, so an attempt goes on where the one before it ended.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{
    batch::{Batch, BatchId},
    execution::Execution,
};
use crate::{
    app::App,
    db::{self, Tx, q},
    jobs::{self, JobId, Kind, NewJob, Work},
    kernel::Moment,
    staff::user::UserId,
};

#[derive(Serialize, Deserialize)]
struct Arguments {
    batch: BatchId,
}

/// Says yes to a plan and queues its carrying out. `None` when it is not a plan that waits: somebody else was faster.
pub async fn start(tx: &mut Tx, batch: &Batch, by: Option<UserId>, at: Moment) -> db::Result<Option<JobId>> {
    if !batch.start(tx, by, at).await? {
        return Ok(None);
    }
    let job = NewJob::new(Kind::Import, &Arguments { batch: batch.id });
    let job = job.about(&batch.file_name).once(format!("import:{}", batch.id)).by(by);
    let id = jobs::enqueue(tx, job, at).await?;
    q(tx, "update import_batch set job_id = $2 where id = $1").bind(batch.id).bind(id).run().await?;
    Ok(Some(id))
}

/// To the end; answers the address of what became of it.
pub async fn run(app: App, work: Work) -> anyhow::Result<String> {
    let Arguments { batch } = work.arguments().context("which import")?;
    let mut execution = Execution::resume(&app.db, &app.clock, batch, work.author()).await?;
    while let Some(progress) = execution.next().await? {
        work.kept(progress.done, progress.total).await?;
    }
    Ok(format!("/imports/{batch}"))
}
