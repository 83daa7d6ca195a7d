//! Sites: the territory or building that everything else belongs to.

use askama::Template;
use axum::extract::Path;

use crate::{
    audit::{Author, Entry, Subject},
    db::q,
    estate::site::{Site, SiteDetails, SiteId, SiteKind},
    kernel::clock::Zone,
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Head, Shell, page},
    },
};

/// The zones of Russia, from west to east.
const ZONES: &[&str] = &[
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
];

#[derive(Template)]
#[template(path = "estate/sites/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
    can_edit: bool,
}

struct Row {
    href: String,
    name: String,
    kind: String,
    address: String,
    premises: String,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let actor = ctx.actor()?;
    let can_edit = actor.can(Permission::EditEstate);
    let counts: Vec<(SiteId, i64)> =
        q(&ctx.db, "select site_id, count(*) from premise where ended_on is null group by site_id").all().await?;
    let row = |site: Site| Row {
        href: if can_edit { format!("/sites/{}", site.id) } else { String::new() },
        kind: l.t(site.details.kind.key()),
        premises: l.count(counts.iter().find(|(id, _)| *id == site.id).map_or(0, |(_, count)| *count)),
        name: site.details.name,
        address: site.details.address,
    };
    let rows = Site::all(&ctx.db).await?.into_iter().filter(|site| actor.sees(site.id)).map(row).collect();
    let heads = vec![
        Head::plain(l.t("site-name")),
        Head::plain(l.t("site-kind")),
        Head::plain(l.t("site-address")),
        Head::plain(l.t("premises-title")).number(),
    ];
    page(&ListPage { shell: Shell::of(&ctx, l.t("sites-title")).await?, heads, rows, can_edit })
}

#[derive(Template)]
#[template(path = "estate/sites/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    kinds: Vec<Choice>,
    zones: Vec<Choice>,
}

async fn form_page(ctx: &Ctx, title: String, action: String, form: Filled) -> Result {
    let kinds = Choice::all_of::<SiteKind>(ctx.l);
    let zones = ZONES.iter().map(|zone| Choice::new(zone, *zone)).collect();
    page(&FormPage { shell: Shell::of(ctx, title).await?, form, action, kinds, zones })
}

fn details(input: &Input) -> Result<SiteDetails, FieldErrors> {
    let mut check = Check::new(input);
    let details = SiteDetails {
        name: check.line("name", 120),
        kind: check.choice("kind"),
        address: check.optional_line("address", 300),
        time_zone: check.line("time_zone", 60),
        check_high_percent: check.whole("check_high_percent", 110, 10_000),
        check_low_percent: check.whole("check_low_percent", 0, 90),
        check_zero_months: check.whole("check_zero_months", 1, 24),
    };
    check.ensure(Zone::by_name(&details.time_zone).is_some(), "time_zone", "form-choose");
    check.done(details)
}

fn fields(details: &SiteDetails) -> Input {
    Input::of([
        ("name", details.name.as_str()),
        ("kind", details.kind.as_str()),
        ("address", &details.address),
        ("time_zone", &details.time_zone),
    ])
    .with("check_high_percent", details.check_high_percent)
    .with("check_low_percent", details.check_low_percent)
    .with("check_zero_months", details.check_zero_months)
}

pub async fn new(ctx: Ctx) -> Result {
    let input = Input::of([
        ("kind", "garden"),
        ("time_zone", "Europe/Moscow"),
        ("check_high_percent", "300"),
        ("check_low_percent", "10"),
        ("check_zero_months", "3"),
    ]);
    form_page(&ctx, ctx.l.t("site-new-title"), "/sites".to_owned(), Filled::new(ctx.l, input)).await
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let refuse = async |errors| {
        let filled = Filled::with_errors(ctx.l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, ctx.l.t("site-new-title"), "/sites".to_owned(), filled).await?))
    };
    let details = match details(&input) {
        Ok(details) => details,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    if Site::is_name_taken(&mut tx, &details.name, None).await? {
        tx.rollback().await?;
        return refuse(FieldErrors::one("name", "site-name-taken")).await;
    }
    let at = ctx.now();
    let id = details.create(&mut tx, at).await?;
    let author = Author::from(ctx.actor()?);
    let entry =
        Entry { author: &author, at, action: "audit-site-created", subject: Subject::Site, id: Some(id.0), name: details.name.clone() };
    entry.created(&mut tx, &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("site-created"), "/premises").await
}

async fn found(ctx: &Ctx, id: &str) -> Result<Site> {
    let id: SiteId = id.parse().map_err(|_| Error::NotFound)?;
    ctx.visible(Site::find(&ctx.db, id).await?, |site| site.id)
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let site = found(&ctx, &id).await?;
    form_page(&ctx, site.details.name.clone(), format!("/sites/{}", site.id), Filled::new(ctx.l, fields(&site.details))).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let site = found(&ctx, &id).await?;
    let refuse = async |errors| {
        let filled = Filled::with_errors(ctx.l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, site.details.name.clone(), format!("/sites/{}", site.id), filled).await?))
    };
    let details = match details(&input) {
        Ok(details) => details,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    if Site::is_name_taken(&mut tx, &details.name, Some(site.id)).await? {
        tx.rollback().await?;
        return refuse(FieldErrors::one("name", "site-name-taken")).await;
    }
    details.save(&mut tx, site.id).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-site-changed",
        subject: Subject::Site,
        id: Some(site.id.0),
        name: details.name.clone(),
    };
    entry.changed(&mut tx, &site.details, &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("site-saved"), "/sites").await
}
