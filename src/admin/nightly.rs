//! What is done every night without being asked: ended sessions are forgotten and, where `BACKUP_DIR` is set, a backup is kept.

use std::{fs, path::Path};

use anyhow::Context as _;
use time::Duration;
use tokio::time::MissedTickBehavior;

use super::archive;
use crate::{
    app::App,
    db::{self, q},
    kernel::{Moment, clock::Zone},
    web::session,
};

const NAME: &str = "nightly";
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_mins(1);
/// Nobody works then.
const AT: Duration = Duration::hours(3);
/// After a failure; a disk may have been full.
const AGAIN_AFTER: Duration = Duration::hours(1);
/// Backups of so many nights are kept.
const NIGHTS: usize = 14;

/// Looks every minute whether the night's work is due, until dropped.
pub async fn keep_up(app: App) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = take_turn(&app).await {
            tracing::error!(error = format!("{error:#}"), "the night's work failed");
        }
    }
}

/// Does the night's work when it is due and no other node has taken it; answers whether it did.
///
/// # Errors
/// When the work failed; it is then due again an hour later.
pub async fn take_turn(app: &App) -> anyhow::Result<bool> {
    let now = app.clock.now();
    if !is_ours(app, now).await? {
        return Ok(false);
    }
    let done = work(app, now).await;
    if done.is_err() {
        let mut tx = app.db.begin().await?;
        q(&mut tx, "update schedule set next_at = $2 where name = $1").bind(NAME).bind(now.plus(AGAIN_AFTER)).run().await?;
        tx.commit().await?;
    }
    done.map(|()| true)
}

/// Of several nodes one moves the moment on, and that one works. At the very first start the work waits for the night.
async fn is_ours(app: &App, now: Moment) -> db::Result<bool> {
    let due: Option<Moment> = q(&app.db, "select next_at from schedule where name = $1").bind(NAME).scalar_opt().await?;
    if due.is_some_and(|due| due > now) {
        return Ok(false);
    }
    let next = next_night(now);
    let mut tx = app.db.begin().await?;
    q(&mut tx, "insert into schedule (name, next_at) values ($1, $2) on conflict do nothing").bind(NAME).bind(next).run().await?;
    let moved = q(&mut tx, "update schedule set next_at = $2, last_at = $3 where name = $1 and next_at <= $3")
        .bind(NAME)
        .bind(next)
        .bind(now)
        .run()
        .await?;
    tx.commit().await?;
    Ok(moved == 1)
}

fn next_night(now: Moment) -> Moment {
    let zone = Zone::moscow();
    let tonight = zone.start_of(zone.day(now)).plus(AT);
    if tonight > now { tonight } else { zone.start_of(zone.day(now.plus(Duration::DAY))).plus(AT) }
}

async fn work(app: &App, now: Moment) -> anyhow::Result<()> {
    let mut tx = app.db.begin().await?;
    let forgotten = session::forget_ended(&mut tx, now).await?;
    tx.commit().await?;
    tracing::info!(forgotten, "ended sessions forgotten");
    if let Some(folder) = &app.config.backup_dir {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let file = folder.join(format!("meterbook-{}.zip", Zone::moscow().day(now)));
        let rows = archive::backup(app, &file).await?;
        tracing::info!(rows, file = %file.display(), "backed up");
        forget_old(folder)?;
    }
    Ok(())
}

/// Deletes all but the newest backups; files of other names are not ours.
fn forget_old(folder: &Path) -> anyhow::Result<()> {
    let mut backups = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let day = name.to_str().and_then(|name| name.strip_prefix("meterbook-")?.strip_suffix(".zip"));
        if day.is_some_and(|day| day.len() == "2026-11-21".len()) {
            backups.push(entry.path());
        }
    }
    backups.sort();
    for old in backups.iter().rev().skip(NIGHTS) {
        fs::remove_file(old)?;
    }
    Ok(())
}
