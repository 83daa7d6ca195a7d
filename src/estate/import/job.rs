//! Carries batches out in the background. A batch says itself that it is running, so that a new start of the program goes on with it.

use super::{
    batch::{BatchId, Running},
    execution::Execution,
};
use crate::{app::App, audit::Author};

/// Goes on with everything that an earlier process has begun.
pub async fn resume(app: &App) -> crate::db::Result<()> {
    for batch in Running::all(&app.db).await? {
        start(app, batch.id, batch.author());
    }
    Ok(())
}

/// Carries one batch out beside the request that asked for it.
pub fn start(app: &App, id: BatchId, author: Author) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = carry_out(&app, id, author).await {
            tracing::error!(import = id.0, error = format!("{error:#}"), "an import stopped; it goes on at the next start");
        }
    });
}

/// To the end.
pub async fn carry_out(app: &App, id: BatchId, author: Author) -> anyhow::Result<()> {
    let mut execution = Execution::resume(&app.db, &app.clock, id, author).await?;
    while execution.next().await?.is_some() {}
    Ok(())
}
