//! Tariffs as the office keeps them: what holds now, what held before, and the form for a new version.

use askama::Template;

use super::{
    VersionId,
    tariff::{self, Basis, NewVersion, PriceLine, Tariff, Version},
};
use crate::{
    audit::{Author, Entry, Subject},
    billing::preview::{self, Change, Preview},
    estate::{
        contract::Service,
        site::{Site, SiteId},
    },
    kernel::{Period, Quantity, text::Choice as _},
    metering::Zone,
    staff::user::Permission::{EditTariffs, SeeMoney},
    web::{
        Access::Can,
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Locale, Result, Routes, form,
        page::{Choice, Head, Shell, page},
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/tariffs", Can(SeeMoney), list)
        .get("/tariffs/new", Can(EditTariffs), new)
        .post("/tariffs", Can(EditTariffs), create)
        .post("/tariffs/preview", Can(EditTariffs), show_preview)
        .post("/tariffs/{version}/delete", Can(EditTariffs), delete)
        .merge(super::contract_page::routes())
}

/// Ranges that the form has; more are not met in practice.
const RANGES: usize = 3;

#[derive(Template)]
#[template(path = "tariffs/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    services: Vec<OfService>,
    can_edit: bool,
}

struct OfService {
    title: String,
    icon: &'static str,
    add: String,
    versions: Vec<Row>,
}

struct Row {
    from: String,
    category: String,
    basis: String,
    prices: Vec<String>,
    factors: String,
    /// Holds in the present month.
    is_current: bool,
    delete: String,
}

async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("tariffs-title")).await?;
    let tariffs = match &shell.site {
        Some(site) => tariff::of_site(&ctx.db, site.id).await?,
        None => std::collections::HashMap::new(),
    };
    let month = Period::of(ctx.today());
    let heads = ["tariff-from", "tariff-category", "tariff-basis", "tariff-prices", "tariff-state"].map(|key| Head::plain(l.t(key)));
    let none = Tariff::default();
    page(&ListPage {
        services: Service::ALL.iter().map(|service| of_service(l, *service, tariffs.get(service).unwrap_or(&none), month)).collect(),
        heads: heads.into(),
        can_edit: ctx.actor()?.can(EditTariffs),
        shell,
    })
}

fn of_service(l: Locale, service: Service, tariff: &Tariff, month: Period) -> OfService {
    let row = |version: &Version| Row {
        from: l.period(version.valid_from),
        category: if version.category.is_empty() { l.t("tariff-usual") } else { version.category.clone() },
        basis: l.t(version.basis.key()),
        prices: version.prices.iter().map(|line| price_words(l, line)).collect(),
        factors: version.factors.iter().map(|(month, factor)| factor_words(l, *month, *factor)).collect::<Vec<_>>().join("; "),
        is_current: tariff.in_month(&version.category, month).is_some_and(|current| current.id == version.id),
        delete: format!("/tariffs/{}/delete", version.id),
    };
    OfService {
        title: l.t(service.key()),
        icon: service.icon(),
        add: format!("/tariffs/new?service={service}"),
        versions: tariff.versions().iter().rev().map(row).collect(),
    }
}

/// A price of the single zone holds for meters without zones, and for every zone that has none of its own.
fn zone_words(l: Locale, zone: Zone) -> String {
    l.t(if zone == Zone::Single { "tariff-zone-single" } else { zone.key() })
}

/// `день от 1 000: 9,00`
fn price_words(l: Locale, line: &PriceLine) -> String {
    let zone = if line.zone == Zone::Single { String::new() } else { l.t(line.zone.key()) };
    let from = if line.from == Quantity::ZERO { String::new() } else { l.a("tariff-range-from", &[("from", l.quantity(line.from))]) };
    [zone, from, l.price(line.price)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn factor_words(l: Locale, month: u8, factor: i64) -> String {
    format!("{month}: {}", l.quantity(Quantity::from_thousandths(factor)))
}

#[derive(Template)]
#[template(path = "tariffs/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    services: Vec<Choice>,
    bases: Vec<Choice>,
    ranges: Vec<Range>,
    preview: Option<Previewed>,
}

/// What the last month would have come to.
struct Previewed {
    title: String,
    /// What it says, and the sums beside it.
    stats: Vec<(String, String)>,
    remarks: Vec<String>,
    /// Heading and rows of the largest changes.
    changes: Vec<(String, Vec<ChangeRow>)>,
    heads: Vec<Head>,
}

struct ChangeRow {
    href: String,
    label: String,
    account: String,
    before: String,
    after: String,
    by: String,
}

/// One line of prices: where it begins, and a field for each zone.
struct Range {
    /// Empty for the first, which begins at zero.
    from: String,
    label: String,
    prices: Vec<(String, String)>,
}

async fn form_page(ctx: &Ctx, form: Filled) -> Result<FormPage> {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.t("tariff-new")).await?;
    let range = |place: usize| Range {
        from: if place == 0 { String::new() } else { format!("from_{place}") },
        label: l.a("tariff-range", &[("number", (place + 1).to_string())]),
        prices: Zone::ALL.iter().map(|zone| (price_field(*zone, place), zone_words(l, *zone))).collect(),
    };
    Ok(FormPage {
        sites: shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect(),
        services: Choice::all_of::<Service>(l),
        bases: Choice::all_of::<Basis>(l),
        ranges: (0..RANGES).map(range).collect(),
        preview: None,
        form,
        shell,
    })
}

fn price_field(zone: Zone, range: usize) -> String {
    format!("price_{}_{range}", zone.word())
}

async fn new(ctx: Ctx) -> Result {
    let site = ctx.query.text("site").to_owned();
    let service: Service = ctx.query.text("service").parse().unwrap_or(Service::Water);
    let basis = if matches!(service, Service::Water | Service::Electricity) { Basis::Unit } else { Basis::Hundred };
    let month = Period::of(ctx.today());
    let input =
        Input::of([("site", site), ("service", service.to_string()), ("basis", basis.to_string()), ("valid_from", month.to_string())]);
    page(&form_page(&ctx, Filled::new(ctx.l, input)).await?)
}

async fn create(ctx: Ctx, input: Input) -> Result {
    let version = match read(&input) {
        Ok(version) => version,
        Err(errors) => return refuse(&ctx, input, errors).await,
    };
    let site = ctx.visible(Site::find(&ctx.db, version.site).await?, |site| site.id)?;
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    let Some(id) = version.add(&mut tx, Some(actor.id), ctx.now()).await? else {
        drop(tx);
        return refuse(&ctx, input, FieldErrors::one("valid_from", "tariff-in-use")).await;
    };
    let entry = Entry {
        author: &Author::from(actor),
        at: ctx.now(),
        action: "audit-tariff-added",
        subject: Subject::Tariff,
        id: Some(id.0),
        name: format!("{}, {}", site.details.name, ctx.l.t(version.service.key())),
    };
    let prices: Vec<String> = version.prices.iter().map(|line| format!("{} {} {}", line.zone, line.from, line.price)).collect();
    let after = serde_json::json!({ "valid_from": version.valid_from, "category": version.category, "prices": prices });
    entry.created(&mut tx, &after).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("tariff-added"), "/tariffs").await
}

/// The same form, with what the last month would have come to; nothing is written.
async fn show_preview(ctx: Ctx, input: Input) -> Result {
    let version = match read(&input) {
        Ok(version) => version,
        Err(errors) => return refuse(&ctx, input, errors).await,
    };
    let site = ctx.visible(Site::find(&ctx.db, version.site).await?, |site| site.id)?;
    let found = preview::of(&ctx.db, &site, &version).await?;
    let mut shown = form_page(&ctx, Filled::new(ctx.l, input)).await?;
    shown.preview = Some(match found {
        Some(found) => previewed(ctx.l, found),
        None => {
            Previewed { title: ctx.l.t("preview-nothing"), stats: Vec::new(), remarks: Vec::new(), changes: Vec::new(), heads: Vec::new() }
        }
    });
    page(&shown)
}

fn previewed(l: Locale, found: Preview) -> Previewed {
    let row = |change: Change| ChangeRow {
        href: format!("/accounts/{}", change.account),
        label: change.label,
        account: change.number,
        before: l.money(change.before),
        after: l.money(change.after),
        by: l.money(change.after - change.before),
    };
    let mut remarks = Vec::new();
    if found.is_part {
        remarks.push(l.a("preview-part", &[("most", l.count(preview::MOST_ACCOUNTS))]));
    }
    if found.uncharged > 0 {
        remarks.push(l.n("preview-uncharged", found.uncharged));
    }
    let mut changes: Vec<(String, Vec<ChangeRow>)> = vec![
        (l.t("preview-rises"), found.rises.into_iter().map(row).collect()),
        (l.t("preview-falls"), found.falls.into_iter().map(row).collect()),
    ];
    changes.retain(|(_, rows)| !rows.is_empty());
    let heads = ["premise-label", "account-number", "preview-was", "preview-would-be", "run-difference"];
    Previewed {
        title: l.a("preview-title", &[("month", l.period(found.month))]),
        stats: vec![
            (l.money(found.after), l.t("preview-after")),
            (l.money(found.before), l.t("preview-before")),
            (l.money(found.after - found.before), l.t("run-difference")),
            (l.count(found.accounts), l.t("run-accounts")),
        ],
        remarks,
        changes,
        heads: heads
            .iter()
            .enumerate()
            .map(|(place, key)| if place > 1 { Head::plain(l.t(key)).number() } else { Head::plain(l.t(key)) })
            .collect(),
    }
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(page(&form_page(ctx, Filled::with_errors(ctx.l, input, errors)).await?)?))
}

fn read(input: &Input) -> Result<NewVersion, FieldErrors> {
    let mut check = Check::new(input);
    let site = check.id::<SiteId>("site");
    let service = check.choice::<Service>("service");
    let category = check.optional_line("category", 60);
    let valid_from = check.period("valid_from");
    let basis = check.choice::<Basis>("basis");
    check.ensure(
        (basis == Basis::Unit) == matches!(service, Service::Water | Service::Electricity),
        "basis",
        "tariff-basis-not-of-service",
    );
    let prices = prices(&mut check, basis);
    let factors = factors(&mut check, input.text("factors"));
    let (site, valid_from) = (site.unwrap_or(SiteId(0)), valid_from.unwrap_or(Period::of(time::Date::MIN)));
    check.done(NewVersion { site, service, category, valid_from, basis, prices, factors })
}

fn prices(check: &mut Check<'_>, basis: Basis) -> Vec<PriceLine> {
    let mut lines: Vec<PriceLine> = Vec::new();
    let mut last_from = Quantity::ZERO;
    for range in 0..RANGES {
        let from = if range == 0 { Some(Quantity::ZERO) } else { check.optional_quantity(&format!("from_{range}")) };
        let typed: Vec<(Zone, _)> =
            Zone::ALL.iter().filter_map(|zone| Some((*zone, check.optional_price(&price_field(*zone, range))?))).collect();
        match from {
            Some(from) if range > 0 => {
                check.ensure(from > last_from, format!("from_{range}"), "tariff-range-order");
                check.ensure(!typed.is_empty(), price_field(Zone::Single, range), "form-required");
                last_from = from;
            }
            None if !typed.is_empty() => check.wrong(format!("from_{range}"), "form-required"),
            _ => {}
        }
        let from = from.unwrap_or_default();
        lines.extend(typed.into_iter().map(|(zone, price)| PriceLine { zone, from, price }));
    }
    let begins = |zone: Zone| lines.iter().any(|line| line.zone == zone && line.from == Quantity::ZERO);
    check.ensure(lines.iter().all(|line| begins(line.zone)), price_field(Zone::Single, 0), "tariff-zone-begins-at-zero");
    check.ensure(!lines.is_empty(), price_field(Zone::Single, 0), "form-required");
    check.ensure(basis == Basis::Unit || lines.iter().all(|line| line.zone == Zone::Single), "basis", "tariff-zones-only-metered");
    lines
}

/// `11: 1,5; 12: 1,5`
fn factors(check: &mut Check<'_>, typed: &str) -> Vec<(u8, i64)> {
    let one = |text: &str| {
        let (month, factor) = text.split_once(':')?;
        let month: u8 = month.trim().parse().ok().filter(|month| (1..=12).contains(month))?;
        let factor = Quantity::parse(factor).ok().filter(|factor| (1..=100_000).contains(&factor.thousandths()))?;
        Some((month, factor.thousandths()))
    };
    let parts: Vec<&str> = typed.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut factors: Vec<(u8, i64)> = parts.iter().filter_map(|part| one(part)).collect();
    factors.sort_unstable();
    factors.dedup_by_key(|(month, _)| *month);
    check.ensure(factors.len() == parts.len(), "factors", "tariff-factors-wrong");
    factors
}

async fn delete(ctx: Ctx, Keys(id): Keys<VersionId>) -> Result {
    let site = tariff::site_of(&ctx.db, id).await?;
    ctx.visible(site, |site| *site)?;
    let mut tx = ctx.db.begin().await?;
    if !tariff::take_away(&mut tx, id).await? {
        return Err(Error::Conflict("tariff-in-use"));
    }
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-tariff-deleted",
        subject: Subject::Tariff,
        id: Some(id.0),
        name: id.to_string(),
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("tariff-deleted"), "/tariffs").await
}
