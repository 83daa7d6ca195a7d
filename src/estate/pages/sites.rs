//! Sites: the list, the card with its numbers, the form with the clock and the thresholds of the checks.

use askama::Template;
use axum::extract::Path;

use super::{Checked, history, may_edit, visible_site};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        registering::Hand,
        site::{Site, SiteDetails, SiteId, SiteKind},
    },
    kernel::clock::Zone,
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Head, HistoryLine, Shell, page},
    },
};

/// The clocks of Russia, west to east; any other IANA name can be typed into the address of an import, but nobody has asked for one.
const ZONES: [&str; 11] = [
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
struct SitesPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
    may_edit: bool,
}

struct Row {
    href: String,
    name: String,
    kind: String,
    address: String,
    ended: String,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let actor = ctx.actor()?;
    let sites = Site::all(&ctx.db).await?;
    let rows = sites.into_iter().filter(|site| actor.sees(site.id)).map(|site| Row {
        href: format!("/sites/{}", site.id),
        ended: site.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
        name: site.details.name,
        kind: l.t(site.details.kind.key()),
        address: site.details.address,
    });
    page(&SitesPage {
        shell: Shell::of(&ctx, l.t("sites-title")).await?,
        heads: ["site-name", "site-kind", "site-address", "site-state"].map(|key| Head::plain(l.t(key))).into(),
        rows: rows.collect(),
        may_edit: may_edit(&ctx)?,
    })
}

#[derive(Template)]
#[template(path = "estate/sites/show.html")]
struct SitePage {
    shell: Shell,
    id: SiteId,
    edit: String,
    name: String,
    kind: String,
    address: String,
    zone: String,
    checks: Vec<(String, String)>,
    ended: String,
    numbers: Vec<(String, String, String)>,
    history: Vec<HistoryLine>,
    may_edit: bool,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let site = visible_site(&ctx, &id).await?;
    let l = ctx.l;
    let (premises, owners, meters, rounds) = Site::numbers(&ctx.db, site.id).await?;
    let number = |count: i64, key: &str, href: String| (l.count(count), l.t(key), href);
    let id = site.id;
    page(&SitePage {
        shell: Shell::of(&ctx, site.details.name.clone()).await?,
        id,
        edit: format!("/sites/{id}/edit"),
        kind: l.t(site.details.kind.key()),
        zone: zone_name(&ctx, &site.details.time_zone),
        checks: vec![
            (l.t("site-check-high"), format!("{} %", site.details.check_high_percent)),
            (l.t("site-check-low"), format!("{} %", site.details.check_low_percent)),
            (l.t("site-check-zero"), l.n("site-months", site.details.check_zero_months)),
        ],
        ended: site.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
        numbers: vec![
            number(premises, "premises-title", format!("/premises?site={id}")),
            number(owners, "owners-title", format!("/owners?site={id}")),
            number(meters, "premise-meters", format!("/meters?site={id}")),
            number(rounds, "area-rounds", "/rounds".to_owned()),
        ],
        history: history(&ctx, Subject::Site, id.0).await?,
        may_edit: may_edit(&ctx)?,
        name: site.details.name,
        address: site.details.address,
    })
}

fn zone_name(ctx: &Ctx, name: &str) -> String {
    let key = format!("time-zone-{}", name.replace('/', "-").to_lowercase());
    if ctx.l.has(&key) { ctx.l.t(&key) } else { name.to_owned() }
}

#[derive(Template)]
#[template(path = "estate/sites/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    back_label: String,
    kinds: Vec<Choice>,
    zones: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    let usual = [
        ("kind", "garden"),
        ("time_zone", "Europe/Moscow"),
        ("check_high_percent", "300"),
        ("check_low_percent", "10"),
        ("check_zero_months", "3"),
    ];
    form_page(&ctx, None, Input::of(usual), FieldErrors::default()).await
}

async fn form_page(ctx: &Ctx, site: Option<&Site>, input: Input, errors: FieldErrors) -> Result {
    let title = site.map_or_else(|| ctx.l.t("site-new-title"), |site| site.details.name.clone());
    let here = site.map_or_else(|| "/sites".to_owned(), |site| format!("/sites/{}", site.id));
    let mut zones: Vec<Choice> = ZONES.iter().map(|name| Choice::new(name, zone_name(ctx, name))).collect();
    // A site keeps the clock it has, also one from elsewhere.
    if let Some(site) = site.filter(|site| !ZONES.contains(&site.details.time_zone.as_str())) {
        zones.push(Choice::new(&site.details.time_zone, &site.details.time_zone));
    }
    page(&FormPage {
        shell: Shell::of(ctx, title.clone()).await?,
        form: Filled::with_errors(ctx.l, input, errors),
        back_label: site.map_or_else(|| ctx.l.t("sites-title"), |_| title),
        action: here.clone(),
        back: here,
        kinds: Choice::all_of::<SiteKind>(ctx.l),
        zones,
    })
}

/// The fields of a site.
pub fn read(check: &mut Check<'_>) -> SiteDetails {
    let details = SiteDetails {
        name: check.line("name", 120),
        kind: check.choice("kind"),
        address: check.optional_line("address", 300),
        time_zone: check.line("time_zone", 60),
        check_high_percent: check.whole("check_high_percent", 110, 10_000),
        check_low_percent: check.whole("check_low_percent", 0, 90),
        check_zero_months: check.whole("check_zero_months", 1, 24),
    };
    check.ensure(details.time_zone.is_empty() || Zone::by_name(&details.time_zone).is_some(), "time_zone", "form-choose");
    details
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let details = read(&mut check);
    let stored = match check.done(details) {
        Ok(details) => store(&ctx, None, &details).await?,
        Err(errors) => Err(errors),
    };
    match stored {
        Ok(id) => ctx.done(ctx.l.t("site-created"), format!("/sites/{id}")).await,
        Err(errors) => Ok(form::refused(form_page(&ctx, None, input, errors).await?)),
    }
}

async fn store(ctx: &Ctx, site: Option<&Site>, details: &SiteDetails) -> Result<Checked<SiteId>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let entered = Hand { author: &author, at: ctx.now() }.enter_site(&mut tx, site, details).await?;
    if entered.is_ok() {
        tx.commit().await?;
    }
    Ok(entered.map_err(|reason| FieldErrors::one(reason.field(), reason.key())))
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let site = visible_site(&ctx, &id).await?;
    let details = &site.details;
    let input = Input::of([
        ("name", details.name.clone()),
        ("kind", details.kind.to_string()),
        ("address", details.address.clone()),
        ("time_zone", details.time_zone.clone()),
        ("check_high_percent", details.check_high_percent.to_string()),
        ("check_low_percent", details.check_low_percent.to_string()),
        ("check_zero_months", details.check_zero_months.to_string()),
    ]);
    form_page(&ctx, Some(&site), input, FieldErrors::default()).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let site = visible_site(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let details = read(&mut check);
    let saved = match check.done(details) {
        Ok(details) => store(&ctx, Some(&site), &details).await?,
        Err(errors) => Err(errors),
    };
    match saved {
        Ok(id) => ctx.done(ctx.l.t("site-saved"), format!("/sites/{id}")).await,
        Err(errors) => Ok(form::refused(form_page(&ctx, Some(&site), input, errors).await?)),
    }
}

/// Ends it today, or takes the end back.
pub async fn end(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let site = visible_site(&ctx, &id).await?;
    let on = if input.text("undo") == "1" { None } else { Some(site.zone().day(ctx.now())) };
    let action = if on.is_some() { "audit-site-ended" } else { "audit-site-revived" };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    Site::set_end(&mut tx, site.id, on).await?;
    let name = site.details.name.clone();
    Entry { author: &author, at: ctx.now(), action, subject: Subject::Site, id: Some(site.id.0), name }.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t(action), format!("/sites/{}", site.id)).await
}
