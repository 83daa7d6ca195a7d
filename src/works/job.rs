//! The payout of every midnight: for the day that has just ended.

use super::payout;
use crate::{app::App, jobs::Work};

/// Pays out for yesterday; done again, it finds that everybody has their payout.
pub async fn run(app: App, work: Work) -> anyhow::Result<String> {
    let today = app.today();
    let day = today.previous_day().unwrap_or(today);
    let mut tx = app.db.begin().await?;
    let made = payout::pay_out(&mut tx, day, &work.author(), app.clock.now()).await??;
    tx.commit().await?;
    tracing::info!(%day, number = made.len(), "workers were paid");
    Ok(format!("/payouts?from={day}&until={day}"))
}
