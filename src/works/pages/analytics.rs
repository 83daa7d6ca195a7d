//! What the chair asks: what work orders earn, who is below zero, which order was the dearest.

use askama::Template;
use time::{Date, Duration};

use super::days;
use crate::{
    kernel::{Money, Period, Quantity},
    web::{
        Ctx, Filled, Input, Locale, Result,
        chart::{self, Mark},
        page::{Head, Shell, page},
    },
    works::analytics::{self, Earned},
};

/// Days shown when nobody asks for others: as many as a chart names.
const DAYS: i64 = 28;

#[derive(Template)]
#[template(path = "works/analytics.html")]
struct AnalyticsPage {
    shell: Shell,
    form: Filled,
    today: Stat,
    week: Stat,
    month: Stat,
    below_zero: i64,
    dearest: Vec<Dearest>,
    charts: Vec<Chart>,
    heads: Vec<Head>,
    days: Vec<[String; 4]>,
}

struct Stat {
    sum: String,
    is_negative: bool,
}

/// The dearest order of some days; title and reward empty when none was done.
struct Dearest {
    when: String,
    title: String,
    reward: String,
    worker: String,
}

struct Chart {
    title: String,
    svg: String,
    values: Vec<(String, String)>,
}

pub async fn show(ctx: Ctx) -> Result {
    let (l, today) = (ctx.l, ctx.today());
    let (from, until) = days(&ctx, today.saturating_sub(Duration::days(DAYS - 1)));
    let month = Period::of(today);
    let earned = analytics::by_day(&ctx.db, from, until).await?;
    page(&AnalyticsPage {
        form: Filled::new(l, Input::of([("from", from), ("until", until)])),
        today: stat(&ctx, today, today).await?,
        week: stat(&ctx, today.saturating_sub(Duration::days(6)), today).await?,
        month: stat(&ctx, month.first_day(), today).await?,
        below_zero: analytics::below_zero(&ctx.db).await?,
        dearest: dearest(&ctx, until).await?,
        charts: charts(l, &earned),
        heads: vec![
            Head::plain(l.t("workers-day")),
            Head::plain(l.t("works-fees")).number(),
            Head::plain(l.t("works-rewards")).number(),
            Head::plain(l.t("works-earnings")).number(),
        ],
        days: earned.iter().rev().map(|earned| day(l, earned)).collect(),
        shell: Shell::of(&ctx, l.t("works-title")).await?,
    })
}

fn day(l: Locale, earned: &Earned) -> [String; 4] {
    [l.date(earned.day), l.sum(earned.fees), l.sum(earned.rewards), l.sum(earned.earnings())]
}

async fn stat(ctx: &Ctx, from: Date, until: Date) -> Result<Stat> {
    let sum = analytics::earnings(&ctx.db, from, until).await?;
    Ok(Stat { sum: ctx.l.money(sum), is_negative: sum.is_negative() })
}

/// Of the day, of its week from Monday to Sunday, and of its month.
async fn dearest(ctx: &Ctx, day: Date) -> Result<Vec<Dearest>> {
    let l = ctx.l;
    let monday = day.saturating_sub(Duration::days(day.weekday().number_days_from_monday().into()));
    let sunday = monday.saturating_add(Duration::days(6));
    let month = Period::of(day);
    let spans = [
        (day, day, l.a("works-dearest-day", &[("day", l.date(day))])),
        (monday, sunday, l.a("works-dearest-week", &[("from", l.date(monday)), ("until", l.date(sunday))])),
        (month.first_day(), month.last_day(), format!("{} {}", l.t("works-dearest-month"), l.period(month))),
    ];
    let mut found = Vec::with_capacity(spans.len());
    for (from, until, when) in spans {
        let order = analytics::dearest(&ctx.db, from, until).await?;
        let (title, reward, worker) = order.map(|order| (order.title, l.money(order.reward), order.worker_name)).unwrap_or_default();
        found.push(Dearest { when, title, reward, worker });
    }
    Ok(found)
}

fn charts(l: Locale, earned: &[Earned]) -> Vec<Chart> {
    let chart = |key: &str, sum: fn(&Earned) -> Money| {
        let mark = |earned: &Earned| Mark {
            name: earned.day.day().to_string(),
            value: Quantity::from_thousandths(sum(earned).kopecks().saturating_mul(10)),
            text: l.money(sum(earned)),
        };
        let shown = &earned[earned.len().saturating_sub(usize::try_from(DAYS).unwrap_or(usize::MAX))..];
        let marks: Vec<Mark> = shown.iter().map(mark).collect();
        let values = shown.iter().zip(&marks).map(|(earned, mark)| (l.date(earned.day), mark.text.clone())).collect();
        let title = l.t(key);
        Chart { svg: chart::bars(&title, &marks, |value| l.quantity(value)), title, values }
    };
    vec![chart("works-chart-fees", |earned| earned.fees), chart("works-chart-rewards", |earned| earned.rewards)]
}
