//! The list of meters, and the list of verifications that are due with whom to call; both as pages and as Excel.

use askama::Template;
use time::Date;

use super::href;
use crate::{
    estate::{
        filter::Seen,
        pages::shared::{chosen_site, excel_address, head, premise_href, seen, site_choices, site_name, today},
        premise::PremiseId,
        premise_list::{self, PremiseRow},
    },
    kernel::clock::Zone as Clock,
    metering::{
        InstallationId, Resource,
        meter_list::{Due, MeterFilter, MeterOrder, MeterRow, Whereabouts},
        pages::words,
        standing::Standing,
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission,
    web::{
        Ctx, Filled, Locale, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "metering/meters/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    resources: Vec<Choice>,
    whereabouts: Vec<Choice>,
    dues: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_edit: bool,
}

struct Row {
    href: String,
    icon: &'static str,
    resource: String,
    serial: String,
    model: String,
    place: (String, String),
    last: String,
    verify_by: String,
    is_overdue: bool,
    removed: String,
}

async fn filter(ctx: &Ctx) -> Result<MeterFilter> {
    let site = chosen_site(ctx);
    let today = match site {
        Some(site) => today(ctx, site).await?,
        None => Clock::moscow().day(ctx.now()),
    };
    Ok(MeterFilter {
        words: ctx.query.text("q").to_owned(),
        site,
        resource: ctx.query.text("resource").parse().ok(),
        whereabouts: ctx.query.text("place").parse().ok(),
        due: ctx.query.text("due").parse().ok(),
        today,
    })
}

fn sort(ctx: &Ctx) -> Sort<MeterOrder> {
    Sort::of(&ctx.query, Sort::up(MeterOrder::Label))
}

/// Where a meter stands: the premise with its address, or the site for all.
fn place(l: Locale, meter: &MeterRow) -> (String, String) {
    match (&meter.premise_id, &meter.label) {
        (Some(premise), Some(label)) => (premise_href(*premise), label.clone()),
        _ => (format!("/sites/{}", meter.site_id), l.t("meter-common")),
    }
}

/// What was read last of each meter, in the order of the rows.
async fn last_readings(ctx: &Ctx, rows: &[MeterRow]) -> Result<Vec<Option<Standing>>> {
    let ids: Vec<InstallationId> = rows.iter().map(|row| row.installation_id).collect();
    let mut standings = Standing::load(&ctx.db, &ids, ctx.now()).await?.into_iter().peekable();
    Ok(ids.iter().map(|id| standings.next_if(|standing| standing.installation == *id)).collect())
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx).await?, sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("meters-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db, seen).await?);
    let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let last = last_readings(&ctx, &rows).await?;
    let address = Address::new("/meters", &ctx.query);
    page(&ListPage {
        sub: l.n("meters-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        resources: Choice::all_of::<Resource>(l),
        whereabouts: Choice::all_of::<Whereabouts>(l),
        dues: Choice::all_of::<Due>(l),
        heads: vec![
            head(l, "meter-serial", &address, MeterOrder::Serial, sort),
            head(l, "meter-place", &address, MeterOrder::Label, sort),
            Head::plain(l.t("meter-model")),
            Head::plain(l.t("premise-last-reading")),
            head(l, "meter-verify-by", &address, MeterOrder::VerifyBy, sort),
        ],
        rows: rows.iter().zip(&last).map(|(meter, standing)| row(l, meter, standing.as_ref(), filter.today)).collect(),
        paging,
        excel: excel_address(&ctx, "/meters.xlsx"),
        is_filtered: ["q", "site", "resource", "place", "due"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_edit: ctx.actor()?.can(Permission::EditMeters),
        address,
        shell,
    })
}

fn row(l: Locale, meter: &MeterRow, standing: Option<&Standing>, today: Date) -> Row {
    Row {
        href: href(meter.id),
        icon: meter.resource.icon(),
        resource: l.t(meter.resource.key()),
        serial: meter.serial.clone(),
        model: meter.model.clone(),
        place: place(l, meter),
        last: standing.map_or_else(String::new, |standing| words::last(l, standing.zone, standing.last())),
        verify_by: meter.verify_by.map_or_else(String::new, |by| l.date(by)),
        is_overdue: meter.removed_on.is_none() && meter.verify_by.is_some_and(|by| by < today),
        removed: meter.removed_on.map_or_else(String::new, |on| l.a("meter-removed-on", &[("date", l.date(on))])),
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx).await?, sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("meters-title")).await?;
    let columns = [
        ("premise-site", 26),
        ("meter-place", 16),
        ("meter-resource", 16),
        ("meter-serial", 18),
        ("meter-model", 24),
        ("meter-last-values", 24),
        ("meter-last-day", 14),
        ("meter-verify-by", 14),
        ("meter-installed", 14),
        ("meter-removed", 14),
    ];
    let mut listing = Listing::begin(l.t("meters-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        let last = last_readings(&ctx, &rows).await?;
        for (meter, standing) in rows.iter().zip(&last) {
            let reading = standing.as_ref().and_then(|standing| standing.last().map(|taken| (standing.zone, taken)));
            let cells = vec![
                site_name(&shell, meter.site_id).into(),
                place(l, meter).1.into(),
                l.t(meter.resource.key()).into(),
                meter.serial.clone().into(),
                meter.model.clone().into(),
                reading.map_or(Cell::Empty, |(_, taken)| words::values(l, &taken.values).into()),
                Cell::day(reading.map(|(zone, taken)| zone.day(taken.at))),
                Cell::day(meter.verify_by),
                Cell::Day(meter.installed_on),
                Cell::day(meter.removed_on),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "metering/meters/due.html")]
struct DuePage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    dues: Vec<Choice>,
    rows: Vec<DueRow>,
    paging: Paging,
    address: Address,
    excel: String,
}

struct DueRow {
    href: String,
    icon: &'static str,
    serial: String,
    place: (String, String),
    owners: Vec<(String, Vec<(String, String)>)>,
    verify_by: String,
    /// `на 34 дня`; empty before the day.
    late: String,
}

/// What the list of due verifications shows when nothing is chosen.
fn due_filter(filter: MeterFilter) -> MeterFilter {
    MeterFilter { due: filter.due.or(Some(Due::Quarter)), whereabouts: filter.whereabouts, ..filter }
}

/// The meters by the day their verification ends, each with the people to be told.
async fn due_rows(ctx: &Ctx, filter: &MeterFilter, seen: Seen<'_>, part: (i64, i64)) -> Result<Vec<(MeterRow, Option<PremiseRow>)>> {
    let rows = filter.rows(&ctx.db, seen, MeterOrder::VerifyBy, false, part).await?;
    let premises: Vec<PremiseId> = rows.iter().filter_map(|row| row.premise_id).collect();
    let people = premise_list::rows(&ctx.db, &premises).await?;
    let of = |premise: Option<PremiseId>| people.iter().find(|row| Some(row.id) == premise).cloned();
    Ok(rows
        .into_iter()
        .map(|row| {
            let people = of(row.premise_id);
            (row, people)
        })
        .collect())
}

pub async fn due(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, seen) = (due_filter(filter(&ctx).await?), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("meters-due-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db, seen).await?);
    let rows = due_rows(&ctx, &filter, seen, (paging.per_page, paging.offset())).await?;
    let mut shown = ctx.query.clone();
    shown.set("due", filter.due.map_or("", Due::as_str));
    page(&DuePage {
        sub: l.n("meters-count", paging.total),
        form: Filled::new(l, shown),
        sites: site_choices(&shell),
        dues: Choice::all_of::<Due>(l),
        rows: rows.into_iter().map(|(meter, people)| due_row(l, &meter, people, filter.today)).collect(),
        paging,
        excel: excel_address(&ctx, "/meters/due.xlsx"),
        address: Address::new("/meters/due", &ctx.query),
        shell,
    })
}

fn due_row(l: Locale, meter: &MeterRow, people: Option<PremiseRow>, today: Date) -> DueRow {
    let owners = people.map(|premise| premise.owners).unwrap_or_default();
    let phones = |phones: Vec<crate::estate::owner::Phone>| {
        phones.iter().map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect::<Vec<_>>()
    };
    DueRow {
        href: href(meter.id),
        icon: meter.resource.icon(),
        serial: meter.serial.clone(),
        place: place(l, meter),
        owners: owners.into_iter().map(|(_, name, numbers)| (name, phones(numbers))).collect(),
        verify_by: meter.verify_by.map_or_else(String::new, |by| l.date(by)),
        late: meter.verify_by.filter(|by| *by < today).map_or_else(String::new, |by| l.n("meter-late", (today - by).whole_days())),
    }
}

/// The list to hand over to those who verify.
pub async fn due_excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, seen) = (due_filter(filter(&ctx).await?), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("meters-due-title")).await?;
    let columns = [
        ("meter-verify-by", 14),
        ("premise-site", 26),
        ("meter-place", 16),
        ("premise-owners", 36),
        ("owner-phone", 30),
        ("meter-resource", 16),
        ("meter-serial", 18),
        ("meter-model", 24),
    ];
    let mut listing = Listing::begin(l.t("meters-due-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let rows = due_rows(&ctx, &filter, seen, part).await?;
        for (meter, people) in rows {
            let owners = people.map(|premise| premise.owners).unwrap_or_default();
            let names: Vec<&str> = owners.iter().map(|(_, name, _)| name.as_str()).collect();
            let phones: Vec<String> = owners.iter().flat_map(|(_, _, phones)| phones).map(crate::estate::owner::Phone::readable).collect();
            let cells = vec![
                Cell::day(meter.verify_by),
                site_name(&shell, meter.site_id).into(),
                place(l, &meter).1.into(),
                names.join(", ").into(),
                phones.join(", ").into(),
                l.t(meter.resource.key()).into(),
                meter.serial.into(),
                meter.model.into(),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}
