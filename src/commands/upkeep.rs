//! The words for whoever keeps the installation alive: `backup`, `restore`, `verify`, `doctor`, `copy-db`.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::{Context as _, ensure};

use crate::{
    admin::{archive, surroundings, verify},
    config::Config,
    db::{self, Db, Engine, Target},
    events::broker::{Address, Broker},
    kernel::clock::Zone,
    staff::user::{Role, User},
};

#[expect(clippy::print_stdout, reason = "whoever typed the command waits for its outcome")]
fn say(text: &str) {
    println!("{text}");
}

pub async fn backup(config: Config, file: &Path) -> anyhow::Result<()> {
    let app = super::open(config).await?;
    let rows = archive::backup(&app, file, &Arc::default()).await?;
    say(&format!("{}: {rows} rows and all files", file.display()));
    Ok(app.db.close().await?)
}

pub async fn restore(config: Config, file: &Path, is_forced: bool) -> anyhow::Result<()> {
    let app = super::open(config).await?;
    let target = if is_forced { Target::Replaced } else { Target::Empty };
    let restored = archive::restore(&app, file, target).await;
    let rows = if is_forced { restored } else { restored.context("nothing was restored (--force replaces everything that is there)") }?;
    say(&format!("restored {rows} rows and all files; everybody signs in anew"));
    Ok(app.db.close().await?)
}

pub async fn copy(from: &str, to: &str) -> anyhow::Result<()> {
    ensure!(from != to, "the database cannot be copied onto itself");
    let (from, to) = (Db::open(from, db::Options::default()).await?, Db::open(to, db::Options::default()).await?);
    from.migrate().await?;
    to.migrate().await?;
    let rows = db::copy(&from, &to, Target::Empty, |_| {}).await?;
    say(&format!("copied {rows} rows"));
    from.close().await?;
    Ok(to.close().await?)
}

/// Exit code 0 when everything agrees, 1 when anything does not.
pub async fn verify(config: Config) -> anyhow::Result<ExitCode> {
    let app = super::open(config).await?;
    let findings = verify::all(&app).await?;
    for finding in &findings {
        say(&if finding.broken == 0 {
            format!("good    {}", finding.what)
        } else {
            format!("BROKEN  {} ({} times)", finding.what, finding.broken)
        });
    }
    app.db.close().await?;
    Ok(if findings.iter().all(|finding| finding.broken == 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Exit code 0 when the installation may go live, 1 when something is missing.
pub async fn doctor(config: Config) -> anyhow::Result<ExitCode> {
    let mut complaints: Vec<String> = Vec::new();
    if !config.is_https() {
        complaints.push(format!("BASE_URL={} is not https: passwords travel as plain text beyond this machine", config.base_url));
    }
    if tempfile::tempfile_in(&config.uploads_dir)
        .or_else(|_| std::fs::create_dir_all(&config.uploads_dir).and_then(|()| tempfile::tempfile_in(&config.uploads_dir)))
        .is_err()
    {
        complaints.push(format!("UPLOADS_DIR={} cannot be written", config.uploads_dir.display()));
    }
    if Zone::by_name("Europe/Moscow").is_none() {
        complaints.push("the database of time zones is missing".to_owned());
    }
    let listen = config.listen;
    for store in surroundings::stores(&config) {
        if let Some(free_bytes) = store.free_bytes() {
            say(&format!("{}: {} MiB free at {}", store.setting, free_bytes >> 20, store.folder.display()));
            complaints.extend(store.complaint(free_bytes));
        }
    }
    if let Some(address) = &config.nats_url {
        complaints.extend(broker_complaint(address).await);
    }
    match super::open(config).await {
        Err(error) => complaints.push(format!("the database does not open: {error:#}")),
        Ok(app) => {
            let engine = if app.db.engine() == Engine::Sqlite { "SQLite" } else { "PostgreSQL" };
            say(&format!("database: {engine}, schema up to date; would listen on {listen}"));
            if let Err(error) = app.db.ping_writable().await {
                complaints.push(format!("the database keeps no changes: {error}"));
            }
            complaints.extend(surroundings::clock_complaint(app.clock.now(), surroundings::newest_moment(&app.db).await?));
            if User::active_with_role(&app.db, Role::Administrator).await?.is_empty() {
                complaints.push("nobody administers yet: start `serve` and open /setup with the code it prints".to_owned());
            }
            app.db.close().await?;
        }
    }
    for complaint in &complaints {
        say(&format!("missing: {complaint}"));
    }
    if complaints.is_empty() {
        say("ready to go live");
    }
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says that the broker is there, or answers what is wrong with it.
async fn broker_complaint(address: &Address) -> Option<String> {
    match Broker::examine(address).await {
        Ok(()) => {
            say(&format!("events: the broker at {address} keeps streams"));
            None
        }
        Err(error) => Some(format!("NATS_URL: {error:#}")),
    }
}
