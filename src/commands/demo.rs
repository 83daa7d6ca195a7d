//! `meterbook demo`: makes the invented cooperative in a local file and serves it.

use std::path::Path;

use crate::{
    config::Config,
    demo::{
        fill::{self, PASSWORD, PEOPLE},
        story::Size,
    },
    staff::user::User,
    web::{Language, Locale},
};

const DEFAULT_URL: &str = "sqlite://data/demo.db";

pub async fn run(mut config: Config, size: Size, is_served: bool) -> anyhow::Result<()> {
    if std::env::var_os("DATABASE_URL").is_none() {
        DEFAULT_URL.clone_into(&mut config.database_url);
    }
    if std::env::var_os("UPLOADS_DIR").is_none() {
        config.uploads_dir = Path::new("data").join("demo-uploads");
    }
    config.backup_dir.get_or_insert_with(|| Path::new("data").join("demo-backups"));
    config.require_second_factor = false;
    let app = super::open(config.clone()).await?;
    let is_new = User::count(&app.db).await? == 0;
    if is_new {
        let begun = tokio::time::Instant::now();
        fill::fill(&app, size).await?;
        tell_made(size, begun.elapsed().as_millis());
    }
    app.db.close().await?;
    tell_people();
    if is_served { super::serve::run(config).await } else { Ok(()) }
}

#[expect(clippy::print_stdout, reason = "a visitor waits for these lines")]
fn tell_made(size: Size, elapsed_ms: u128) {
    println!("made a cooperative of {} plots with {} months of history in {elapsed_ms} ms", size.premises, size.months);
}

#[expect(clippy::print_stdout, reason = "a visitor waits for these lines")]
fn tell_people() {
    let l = Locale::from(Language::Russian);
    println!("\nsign in as (password for all: {PASSWORD})");
    for (login, name, role) in PEOPLE {
        println!("  {login:<8} {name}, {}", l.t(role.key()));
    }
    println!();
}
