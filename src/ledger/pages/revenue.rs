//! Revenue by service and month: charts of a year, the same as figures, one month in full, and that month for other programs.

use askama::Template;
use axum::response::{IntoResponse, Response};

use super::words::Names;
use crate::{
    db::{self, Db},
    estate::{
        contract::Service,
        pages::shared::{chosen_site, excel_address, site_choices},
    },
    kernel::{Money, Period, Quantity},
    ledger::{
        Earning,
        revenue::{self, Revenue},
    },
    reports::{
        listing::Listing,
        table::{Cell, Column},
    },
    web::{
        Ctx, Filled, Locale, Result,
        chart::{self, Mark},
        download,
        list::Address,
        page::{Choice, Head, Shell, page},
    },
};

/// Months shown, the chosen one being the last.
const MONTHS: i32 = 12;

#[derive(Template)]
#[template(path = "ledger/revenue.html")]
struct RevenuePage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    charts: Vec<Chart>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    month: String,
    month_heads: Vec<Head>,
    month_rows: Vec<(String, String)>,
    month_total: String,
    csv: String,
    excel: String,
    is_empty: bool,
}

struct Chart {
    title: String,
    svg: String,
    values: Vec<(String, String)>,
}

struct Row {
    href: String,
    month: String,
    figures: Vec<String>,
    is_chosen: bool,
}

/// A column of the table: a service, or everything sold by the piece together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Service(Service),
    Items,
}

impl Part {
    /// Those that earned anything.
    fn of(revenue: &Revenue) -> Vec<Self> {
        let earnings = revenue.earnings();
        let services = Service::ALL.iter().filter(|service| earnings.contains(&Earning::Service(**service)));
        let items = earnings.iter().any(|earning| matches!(earning, Earning::Item(_))).then_some(Self::Items);
        services.map(|service| Self::Service(*service)).chain(items).collect()
    }

    fn title(self, l: Locale) -> String {
        match self {
            Self::Service(service) => l.t(service.key()),
            Self::Items => l.t("revenue-items"),
        }
    }

    fn sum(self, revenue: &Revenue, month: Period) -> Money {
        match self {
            Self::Service(service) => revenue.of(month, Earning::Service(service)),
            Self::Items => revenue.of_items(month),
        }
    }
}

/// The month that the address names, else the present one.
fn chosen_month(ctx: &Ctx) -> Period {
    ctx.query.text("month").parse().unwrap_or_else(|_| Period::of(ctx.today()))
}

/// The months shown, the latest first.
fn months(last: Period) -> Vec<Period> {
    (0..MONTHS).map(|back| last.plus(-back)).collect()
}

/// The last month shown: the present one, or a later or much earlier one that was asked for.
fn last_month(ctx: &Ctx, chosen: Period) -> Period {
    let present = Period::of(ctx.today());
    if (0..MONTHS).contains(&present.months_since(chosen)) { present } else { chosen }
}

async fn year(ctx: &Ctx, last: Period) -> Result<Revenue> {
    Ok(Revenue::between(&ctx.db, chosen_site(ctx), last.plus(1 - MONTHS), last).await?)
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let chosen = chosen_month(&ctx);
    let last = last_month(&ctx, chosen);
    let revenue = year(&ctx, last).await?;
    let shell = Shell::of(&ctx, l.t("revenue-title")).await?;
    let address = Address::new("/revenue", &ctx.query);
    let (parts, months) = (Part::of(&revenue), months(last));
    let named = named(&ctx.db, l, &revenue, chosen).await?;
    let mut heads = vec![Head::plain(l.t("dashboard-month"))];
    heads.extend(parts.iter().map(|part| Head::plain(part.title(l)).number()));
    heads.push(Head::plain(l.t("revenue-total")).number());
    let row = |month: &Period| {
        let sums = parts.iter().map(|part| part.sum(&revenue, *month)).chain([revenue.of_month(*month)]);
        Row {
            href: address.with("month", month),
            month: l.period(*month),
            figures: sums.map(|sum| l.sum(sum)).collect(),
            is_chosen: *month == chosen,
        }
    };
    let filled = ctx.query.clone().with("month", chosen);
    page(&RevenuePage {
        form: Filled::new(l, if ctx.query.has("month") { ctx.query.clone() } else { filled }),
        sites: site_choices(&shell),
        charts: charts(l, &revenue, &parts, &months),
        heads,
        rows: months.iter().map(row).collect(),
        month: l.a("revenue-of-month", &[("month", l.period(chosen))]),
        month_heads: vec![Head::plain(l.t("contract-service")), Head::plain(l.t("posting-amount")).number()],
        month_total: l.sum(named.iter().map(|(_, sum)| *sum).sum()),
        month_rows: named.into_iter().map(|(name, sum)| (name, l.sum(sum))).collect(),
        csv: Address::new("/revenue.csv", &ctx.query).with("month", chosen),
        excel: excel_address(&ctx, "/revenue.xlsx"),
        is_empty: revenue.is_empty(),
        shell,
    })
}

/// All parts together, and each by itself.
fn charts(l: Locale, revenue: &Revenue, parts: &[Part], months: &[Period]) -> Vec<Chart> {
    let chart = |title: String, sum: &dyn Fn(Period) -> Money| {
        let mark = |month: &Period| {
            let sum = sum(*month);
            Mark { name: l.month_short(*month), value: Quantity::from_thousandths(sum.kopecks().saturating_mul(10)), text: l.money(sum) }
        };
        let marks: Vec<Mark> = months.iter().rev().map(mark).collect();
        let values = months.iter().rev().zip(&marks).map(|(month, mark)| (l.period(*month), mark.text.clone())).collect();
        Chart { svg: chart::bars(&title, &marks, |value| l.quantity(value)), title, values }
    };
    let all = chart(l.t("revenue-total"), &|month| revenue.of_month(month));
    let each = parts.iter().map(|part| chart(part.title(l), &|month| part.sum(revenue, month)));
    let each: Vec<Chart> = if parts.len() > 1 { each.collect() } else { Vec::new() };
    std::iter::once(all).chain(each).collect()
}

/// What each service and each item earned in a month, by name; those of the same name together. The rows of [`revenue::csv`].
pub async fn named(db: &Db, l: Locale, revenue: &Revenue, month: Period) -> db::Result<Vec<(String, Money)>> {
    let names = Names::load(db).await?;
    let mut rows: Vec<(String, Money)> = Vec::new();
    for earning in revenue.earnings() {
        let (name, sum) = (names.earning(l, earning), revenue.of(month, earning));
        if sum == Money::ZERO {
            continue;
        }
        match rows.iter_mut().find(|(other, _)| *other == name) {
            Some((_, total)) => *total += sum,
            None => rows.push((name, sum)),
        }
    }
    Ok(rows)
}

/// The table of months as a workbook, every item of the price list by itself.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let last = last_month(&ctx, chosen_month(&ctx));
    let revenue = year(&ctx, last).await?;
    let names = Names::load(&ctx.db).await?;
    let earnings = revenue.earnings();
    let mut columns = vec![Column::new(l.t("dashboard-month"), 18)];
    columns.extend(earnings.iter().map(|earning| Column::new(names.earning(l, *earning), 18)));
    columns.push(Column::new(l.t("revenue-total"), 18));
    let mut listing = Listing::begin(l.t("revenue-title"), columns);
    for month in months(last) {
        let sums = earnings.iter().map(|earning| revenue.of(month, *earning)).chain([revenue.of_month(month)]);
        listing.row(std::iter::once(l.period(month).into()).chain(sums.map(Cell::Sum)).collect()).await?;
    }
    listing.download().await
}

/// `service;revenue` of a month.
pub async fn csv(ctx: Ctx) -> Result {
    let month = chosen_month(&ctx);
    let revenue = Revenue::between(&ctx.db, chosen_site(&ctx), month, month).await?;
    let text = revenue::csv(&named(&ctx.db, ctx.l, &revenue, month).await?);
    Ok(csv_answer(text, &format!("revenue-{month}.csv")))
}

fn csv_answer(text: String, name: &str) -> Response {
    let headers = download::headers(name, "text/csv; charset=utf-8", text.len() as u64);
    (headers, text).into_response()
}
