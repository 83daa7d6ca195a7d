//! What administration does in the background: backups, and every night what nobody asks for.

use std::{fs, sync::Arc};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{archive, backups, self_check};
use crate::{
    app::App,
    db::{self, Tx},
    events::outbox,
    jobs::{self, JobId, Kind, NewJob, Steps, Work},
    kernel::Moment,
    staff::{delay, token, user::UserId},
    web::{once, session},
};

#[derive(Serialize, Deserialize)]
struct Arguments {
    /// Of the file in the folder of backups.
    name: String,
}

/// Queues a backup under this name, once.
pub async fn ask_for_backup(tx: &mut Tx, name: String, by: Option<UserId>, at: Moment) -> db::Result<JobId> {
    let job = NewJob::new(Kind::Backup, &Arguments { name: name.clone() });
    jobs::enqueue(tx, job.once(format!("backup:{name}")).about(name).by(by), at).await
}

pub async fn backup(app: App, work: Work) -> anyhow::Result<String> {
    let Arguments { name } = work.arguments()?;
    let folder = app.config.backup_dir.clone().context("BACKUP_DIR is not set where this ran")?;
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let (file, steps) = (folder.join(name), Arc::<Steps>::default());
    let (making, path) = (app.clone(), file.clone());
    let counted = Arc::clone(&steps);
    let rows = work.follow(&steps, async move { archive::backup(&making, &path, &counted).await }).await?;
    tracing::info!(rows, file = %file.display(), "backed up");
    backups::forget_old(&folder)?;
    Ok("/admin#backups".to_owned())
}

/// Queues what is done every night, now; once for all who ask while it waits.
pub async fn ask_for_upkeep(tx: &mut Tx, by: Option<UserId>, at: Moment) -> db::Result<JobId> {
    jobs::enqueue(tx, NewJob::new(Kind::Upkeep, &()).by(by), at).await
}

/// Forgets what has ended, asks for the night's backup where `BACKUP_DIR` is set, and checks the books.
pub async fn upkeep(app: App, work: Work) -> anyhow::Result<String> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let sessions = session::forget_ended(&mut tx, now).await?;
    let delays = delay::forget_old(&mut tx, now).await?;
    let tokens = token::forget_ended(&mut tx, now).await?;
    let answers = once::forget_old(&mut tx, now).await?;
    if app.config.backup_dir.is_some() {
        ask_for_backup(&mut tx, backups::name_of_night(now), None, now).await?;
    }
    tx.commit().await?;
    let events = outbox::forget_old(&app.db, app.config.nats_url.is_some(), now).await?;
    tracing::info!(sessions, delays, tokens, answers, events, "what had ended was forgotten");
    let steps = Arc::<Steps>::default();
    work.follow(&steps, async move { self_check::run(&app.db, now).await }).await?;
    Ok("/admin".to_owned())
}
