//! The installation at a glance: what it says of itself, how much room it takes, whether it was backed up, and the button to do so now.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use askama::Template;
use axum::{
    extract::Path as InPath,
    response::{IntoResponse, Redirect},
};

use super::{backups, job, notice, self_check::SelfCheck, settings::Settings, surroundings};
use crate::{
    app,
    audit::{Author, Entry, Subject},
    db::Engine,
    jobs::{Job, Kind, schedule},
    notify::pace::QuietHours,
    payments::payee::Payee,
    staff::user::Permission::Administer,
    web::{
        Access::Can,
        Check, Ctx, Error, FieldErrors, Filled, Input, Language, Locale, Result, Routes, download, form,
        page::{Choice, Shell, page},
    },
    works::{Terms, order::Cause},
};

/// So long the page waits for the size of the uploads.
const COUNT_WITHIN: Duration = Duration::from_millis(300);
/// The newest backups that are shown.
const SHOWN: usize = 30;

pub fn routes() -> Routes {
    Routes::new()
        .get("/admin", Can(Administer), show)
        .post("/admin", Can(Administer), save)
        .post("/admin/payee", Can(Administer), save_payee)
        .post("/admin/works", Can(Administer), save_works)
        .post("/admin/check", Can(Administer), check)
        .post("/admin/backups", Can(Administer), back_up)
        .get("/admin/backups/{name}", Can(Administer), fetch)
}

#[derive(Template)]
#[template(path = "admin/show.html")]
struct AdminPage {
    shell: Shell,
    form: Filled,
    payee: Filled,
    works: Filled,
    causes: Vec<Choice>,
    languages: Vec<Choice>,
    facts: Vec<Fact>,
    has_backup_dir: bool,
    backups: Vec<Row>,
    /// The last backup that failed or is being made, when it matters.
    trouble: Option<Trouble>,
    /// What is wrong with the books; empty when nothing is.
    books: String,
}

struct Fact {
    name: String,
    value: String,
}

struct Row {
    href: String,
    name: String,
    when: String,
    size: String,
}

struct Trouble {
    kind: &'static str,
    text: String,
    href: String,
}

async fn show(ctx: Ctx) -> Result {
    let settings = Settings::load(&ctx.db).await?;
    admin_page(&ctx, Forms::of(&ctx, &settings)).await
}

/// The forms of the page, each sent by itself.
struct Forms {
    own: Filled,
    payee: Filled,
    works: Filled,
}

impl Forms {
    /// As they stand now.
    fn of(ctx: &Ctx, settings: &Settings) -> Self {
        let due_day = settings.due_day.map_or_else(String::new, |day| day.to_string());
        let (from, until) = (settings.quiet_hours.from.to_string(), settings.quiet_hours.until.to_string());
        let own = [
            ("organisation", settings.organisation.as_str()),
            ("signer", &settings.signer),
            ("language", settings.language.as_str()),
            ("due_day", &due_day),
            ("quiet_from", &from),
            ("quiet_until", &until),
        ];
        let [limits @ .., _] = Terms::NAMES;
        let works = limits.into_iter().zip(settings.works.values());
        let causes = settings.works.causes.iter().map(|cause| ("works_causes", cause.to_string()));
        let filled = |input| Filled::new(ctx.l, input);
        Self {
            own: filled(Input::of(own)),
            payee: filled(Input::of(settings.payee.fields())),
            works: filled(Input::of(works.chain(causes))),
        }
    }
}

async fn admin_page(ctx: &Ctx, forms: Forms) -> Result {
    let l = ctx.l;
    let backups = match &ctx.config.backup_dir {
        Some(folder) => {
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || backups::list(&folder)).await?.context("reading BACKUP_DIR")?
        }
        None => Vec::new(),
    };
    let last_backup = backups.first().map(|backup| ctx.moment(backup.made_at));
    page(&AdminPage {
        shell: Shell::of(ctx, l.t("admin-title")).await?,
        form: forms.own,
        payee: forms.payee,
        works: forms.works,
        causes: Choice::all_of::<Cause>(l),
        languages: Choice::all_of::<Language>(l),
        facts: facts(ctx, last_backup).await?,
        has_backup_dir: ctx.config.backup_dir.is_some(),
        backups: backups
            .into_iter()
            .take(SHOWN)
            .map(|backup| Row {
                href: format!("/admin/backups/{}", backup.name),
                when: ctx.moment(backup.made_at),
                size: l.size(backup.size_bytes),
                name: backup.name,
            })
            .collect(),
        trouble: trouble(ctx).await?,
        books: notice::of_books(ctx).await?,
    })
}

async fn facts(ctx: &Ctx, last_backup: Option<String>) -> Result<Vec<Fact>> {
    let l = ctx.l;
    let engine = if ctx.db.engine() == Engine::Sqlite { "SQLite" } else { "PostgreSQL" };
    let database = l.size(surroundings::database_bytes(&ctx.db).await?);
    let last_night = schedule::last(&ctx.db, app::NIGHT).await?;
    let never = || l.t("admin-never");
    let last_check = SelfCheck::last(&ctx.db).await?.map_or_else(never, |check| {
        let key = if check.is_clean() { "admin-check-clean" } else { "admin-check-differs" };
        l.a(key, &[("when", ctx.moment(check.checked_at))])
    });
    let backup_dir = ctx.config.backup_dir.as_ref().map_or_else(|| l.t("admin-not-set"), |folder| folder.display().to_string());
    let facts = [
        ("admin-version", env!("CARGO_PKG_VERSION").to_owned()),
        ("admin-database", format!("{engine}, {database}")),
        ("admin-uploads", uploads(&ctx.config.uploads_dir, l).await?),
        ("admin-backup-dir", backup_dir),
        ("admin-last-backup", last_backup.unwrap_or_else(never)),
        ("admin-last-check", last_check),
        ("admin-last-night", last_night.map_or_else(never, |at| ctx.moment(at))),
    ];
    Ok(facts.into_iter().map(|(key, value)| Fact { name: l.t(key), value }).collect())
}

async fn uploads(folder: &Path, l: Locale) -> Result<String> {
    let folder = folder.to_owned();
    let (bytes, is_all) = tokio::task::spawn_blocking(move || surroundings::folder_bytes(&folder, COUNT_WITHIN)).await?;
    Ok(if is_all { l.size(bytes) } else { l.a("admin-more-than", &[("size", l.size(bytes))]) })
}

/// What an administrator must know of the last backup: that it is being made, or that it failed.
async fn trouble(ctx: &Ctx) -> Result<Option<Trouble>> {
    let job = Job::latest(&ctx.db, Kind::Backup).await?;
    Ok(job.filter(|job| job.finished_at.is_none() || job.result.is_empty()).map(|job| {
        let (kind, key) = if job.error.is_empty() { ("info", "admin-backup-under-way") } else { ("bad", "admin-backup-failed") };
        Trouble { kind, text: ctx.l.t(key), href: format!("/jobs/{}", job.id) }
    }))
}

async fn save(ctx: Ctx, input: Input) -> Result {
    let stored = Settings::load(&ctx.db).await?;
    let mut check = Check::new(&input);
    let usual = QuietHours::default();
    let mut hour = |field: &str, usual: u8| check.optional_whole(field, 0, 23).and_then(|hour| u8::try_from(hour).ok()).unwrap_or(usual);
    let quiet_hours = QuietHours { from: hour("quiet_from", usual.from), until: hour("quiet_until", usual.until) };
    let settings = Settings {
        organisation: check.optional_line("organisation", 200),
        signer: check.optional_line("signer", 200),
        quiet_hours,
        language: check.choice("language"),
        payee: stored.payee.clone(),
        works: stored.works.clone(),
        due_day: check.optional_whole("due_day", 1, 28).and_then(|day| u8::try_from(day).ok()),
    };
    match check.done(settings) {
        Ok(settings) => keep(&ctx, &settings).await,
        Err(errors) => {
            let forms = Forms { own: Filled::with_errors(ctx.l, input, errors), ..Forms::of(&ctx, &stored) };
            Ok(form::refused(admin_page(&ctx, forms).await?))
        }
    }
}

async fn save_payee(ctx: Ctx, input: Input) -> Result {
    let stored = Settings::load(&ctx.db).await?;
    let mut check = Check::new(&input);
    let payee = Payee::of(|name| {
        let typed = check.optional_line(name, if name == "payee_bank" { 45 } else { 160 });
        // numbers are copied with blanks in them
        if matches!(name, "payee_name" | "payee_bank") { typed } else { typed.split_whitespace().collect() }
    });
    for (field, key) in payee.wrong() {
        check.wrong(field, key);
    }
    match check.done(payee) {
        Ok(payee) => keep(&ctx, &Settings { payee, ..stored }).await,
        Err(errors) => {
            let forms = Forms { payee: Filled::with_errors(ctx.l, input, errors), ..Forms::of(&ctx, &stored) };
            Ok(form::refused(admin_page(&ctx, forms).await?))
        }
    }
}

async fn save_works(ctx: Ctx, input: Input) -> Result {
    let stored = Settings::load(&ctx.db).await?;
    let mut check = Check::new(&input);
    let works = Terms {
        fee_least: check.money("works_fee_least"),
        fee_most: check.money("works_fee_most"),
        reward_least: check.money("works_reward_least"),
        reward_most: check.money("works_reward_most"),
        payout_limit: check.optional_money("works_payout_limit"),
        causes: Cause::ALL.iter().copied().filter(|cause| input.all("works_causes").any(|word| word == cause.as_str())).collect(),
    };
    let errors = match check.done(works) {
        Ok(works) => match works.wrong().into_iter().next() {
            None => return keep(&ctx, &Settings { works, ..stored }).await,
            Some((field, key)) => FieldErrors::one(field, key),
        },
        Err(errors) => errors,
    };
    let forms = Forms { works: Filled::with_errors(ctx.l, input, errors), ..Forms::of(&ctx, &stored) };
    Ok(form::refused(admin_page(&ctx, forms).await?))
}

async fn keep(ctx: &Ctx, settings: &Settings) -> Result {
    let mut tx = ctx.db.begin().await?;
    settings.save(&mut tx, &Author::from(ctx.actor()?), ctx.now()).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("admin-saved"), "/admin").await
}

async fn check(ctx: Ctx) -> Result {
    let mut tx = ctx.db.begin().await?;
    let id = job::ask_for_upkeep(&mut tx, Some(ctx.actor()?.id), ctx.now()).await?;
    let author = Author::from(ctx.actor()?);
    let entry =
        Entry { author: &author, at: ctx.now(), action: "audit-check-asked", subject: Subject::Job, id: Some(id.0), name: String::new() };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

async fn back_up(ctx: Ctx) -> Result {
    if ctx.config.backup_dir.is_none() {
        return Err(Error::Conflict("admin-backup-dir-missing"));
    }
    let author = Author::from(ctx.actor()?);
    let (at, name) = (ctx.now(), backups::name_of_now(ctx.now()));
    let mut tx = ctx.db.begin().await?;
    let id = job::ask_for_backup(&mut tx, name.clone(), author.id, at).await?;
    let entry = Entry { author: &author, at, action: "audit-backup-asked", subject: Subject::Job, id: Some(id.0), name };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

async fn fetch(ctx: Ctx, InPath(name): InPath<String>) -> Result {
    let folder = ctx.config.backup_dir.as_ref().ok_or(Error::NotFound)?;
    let path = backups::path(folder, &name).ok_or(Error::NotFound)?;
    Ok(download::file(&path, (), &name, "application/zip").await?)
}
