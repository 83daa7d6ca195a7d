//! All readings as a list with its Excel, and the correction of one that counts already.

use askama::Template;
use axum::extract::Path;

use super::{
    decision::{self, Corrected, Decision, field},
    meters::card::{ReadingLine, reading_line},
    past::standing_at,
    words,
};
use crate::{
    estate::{
        pages::shared::{chosen_site, excel_address, head, key, premise_href, seen, site_choices, site_name},
        site::Site,
    },
    kernel::{Period, clock::Zone},
    metering::{
        ReadingId, Resource,
        reading::{Source, State},
        reading_list::{MOST_COUNTED, ReadingFilter, ReadingOrder, ReadingRow},
        review::{self, Waiting},
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission,
    web::{
        Ctx, Error, FieldErrors, Filled, Input, Result, form,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "metering/readings/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    resources: Vec<Choice>,
    states: Vec<Choice>,
    sources: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_enter: bool,
}

struct Row {
    place: (String, String),
    meter: (String, String),
    icon: &'static str,
    resource: String,
    line: ReadingLine,
}

/// The filter of the address; days are those of the chosen site.
async fn filter(ctx: &Ctx) -> Result<(ReadingFilter, Zone)> {
    let site = chosen_site(ctx);
    let zone = match site {
        Some(site) => Site::find(&ctx.db, site).await?.map_or_else(Zone::moscow, |site| site.zone()),
        None => Zone::moscow(),
    };
    let month: Option<Period> = ctx.query.text("month").parse().ok();
    let filter = ReadingFilter {
        words: ctx.query.text("q").to_owned(),
        site,
        meter: ctx.query.text("meter").parse().ok(),
        between: month.map(|month| (zone.start_of(month.first_day()), zone.start_of(month.next().first_day()))),
        state: ctx.query.text("state").parse().ok(),
        source: ctx.query.text("source").parse().ok(),
        resource: ctx.query.text("resource").parse().ok(),
    };
    Ok((filter, zone))
}

fn sort(ctx: &Ctx) -> Sort<ReadingOrder> {
    Sort::of(&ctx.query, Sort::down(ReadingOrder::Taken))
}

fn place(ctx: &Ctx, row: &ReadingRow) -> (String, String) {
    match (row.premise_id, &row.label) {
        (Some(premise), Some(label)) => (premise_href(premise), label.clone()),
        _ => (format!("/sites/{}", row.site_id), ctx.l.t("meter-common")),
    }
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let ((filter, zone), sort, seen) = (filter(&ctx).await?, sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("readings-title")).await?;
    let paging = Paging::up_to(&ctx.query, filter.count(&ctx.db, seen).await?, MOST_COUNTED);
    let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/readings", &ctx.query);
    let actor = ctx.actor()?;
    let may_decide = actor.can(Permission::ReviewReadings);
    let row = |row: &ReadingRow| Row {
        place: place(&ctx, row),
        meter: (format!("/meters/{}", row.meter_id), row.serial.clone()),
        icon: row.resource.icon(),
        resource: l.t(row.resource.key()),
        line: reading_line(&ctx, row, zone, may_decide),
    };
    page(&ListPage {
        sub: l.n(if paging.is_open { "readings-count-open" } else { "readings-count" }, paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        resources: Choice::all_of::<Resource>(l),
        states: Choice::all_of::<State>(l),
        sources: Choice::all_of::<Source>(l),
        heads: vec![
            head(l, "reading-taken", &address, ReadingOrder::Taken, sort),
            head(l, "premise-label", &address, ReadingOrder::Label, sort),
            Head::plain(l.t("meter-serial")),
            Head::plain(l.t("reading-values")).number(),
            Head::plain(l.t("reading-state")),
            Head::plain(l.t("reading-author")),
            Head::plain(""),
        ],
        rows: rows.iter().map(row).collect(),
        paging,
        excel: excel_address(&ctx, "/readings.xlsx"),
        is_filtered: ["q", "site", "month", "state", "source", "resource", "meter"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_enter: actor.can(Permission::EnterReadings),
        address,
        shell,
    })
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let ((filter, zone), sort, seen) = (filter(&ctx).await?, sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("readings-title")).await?;
    let columns = [
        ("reading-taken", 14),
        ("premise-site", 26),
        ("premise-label", 14),
        ("meter-resource", 16),
        ("meter-serial", 18),
        ("reading-values", 24),
        ("reading-state", 16),
        ("reading-flags", 40),
        ("reading-source", 14),
        ("reading-author", 26),
    ];
    let mut listing = Listing::begin(l.t("readings-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        for row in &rows {
            let flags: Vec<String> = row.flags().iter().map(|flag| words::flag(l, flag)).collect();
            let cells = vec![
                Cell::Day(zone.day(row.taken_at)),
                site_name(&shell, row.site_id).into(),
                place(&ctx, row).1.into(),
                l.t(row.resource.key()).into(),
                row.serial.clone().into(),
                // One dial's value is a number, to be counted with; several stand as they are said.
                if let [(_, value)] = row.values[..] { Cell::Number(value) } else { words::values(l, &row.values).into() },
                l.t(row.state.key()).into(),
                flags.join("; ").into(),
                l.t(row.source.key()).into(),
                row.author.clone().unwrap_or_default().into(),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "metering/readings/correct.html")]
struct CorrectPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    meter: String,
    taken: String,
    was: String,
    fields: Vec<(String, String)>,
}

async fn found(ctx: &Ctx, id: &str) -> Result<Waiting> {
    ctx.visible(Waiting::find(&ctx.db, key::<ReadingId>(id)?).await?, |reading| reading.site_id)
}

pub async fn ask_correct(ctx: Ctx, Path(id): Path<String>) -> Result {
    let reading = found(&ctx, &id).await?;
    let back = format!("/meters/{}", reading.meter_id);
    if reading.state != State::Accepted {
        return ctx.refused(ctx.l.t("reading-decided"), back).await;
    }
    correct_page(&ctx, &reading, Input::default(), FieldErrors::default()).await
}

async fn correct_page(ctx: &Ctx, reading: &Waiting, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let site = Site::find(&ctx.db, reading.site_id).await?.ok_or(Error::NotFound)?;
    let values = review::values(&ctx.db, reading.id).await?;
    page(&CorrectPage {
        shell: Shell::of(ctx, l.t("reading-correct-title")).await?,
        action: format!("/readings/{}/correct", reading.id),
        back: format!("/meters/{}", reading.meter_id),
        meter: format!(
            "{}, {} № {}",
            reading.label.clone().unwrap_or_else(|| l.t("meter-common")),
            l.t(reading.resource.key()),
            reading.serial
        ),
        taken: l.moment(reading.taken_at, site.zone()),
        was: words::values(l, &values),
        fields: values.iter().map(|(zone, _)| (field(*zone), words::dial(l, reading.resource, *zone))).collect(),
        form: Filled::with_errors(l, input, errors),
    })
}

pub async fn correct(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let reading = found(&ctx, &id).await?;
    let back = format!("/meters/{}", reading.meter_id);
    let standing = standing_at(&ctx, reading.installation_id, reading.taken_at).await?;
    let mut tx = ctx.db.begin().await?;
    let before = Decision { state: State::Accepted, values: review::values(&mut tx, reading.id).await?, note: String::new() };
    match decision::correct(&ctx, &mut tx, &standing, (reading.id, State::Accepted), input).await? {
        Corrected::Done(after) => {
            let name = reading.label.clone().unwrap_or_else(|| reading.serial.clone());
            after.record(&ctx, &mut tx, reading.id, name, &before).await?;
            tx.commit().await?;
            ctx.done(ctx.l.t("review-corrected"), back).await
        }
        Corrected::TooLate => {
            tx.rollback().await?;
            ctx.refused(ctx.l.t("reading-decided"), back).await
        }
        Corrected::Refused(input, errors) => {
            tx.rollback().await?;
            Ok(form::refused(correct_page(&ctx, &reading, input, errors).await?))
        }
    }
}
