//! What workers earned: one's own on the phone, everybody's for the accountant, and the company's day by day.

use std::collections::BTreeMap;

use askama::Template;
use time::Date;

use super::{
    board::{self, Balance},
    days, href, is_walking, month_began,
};
use crate::{
    estate::pages::shared::excel_address,
    kernel::Money,
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::UserId,
    web::{
        Ctx, Filled, Input, Locale, Result,
        list::{Address, Paging},
        page::{Choice, Head, Shell, page},
    },
    works::{
        analytics,
        worker::{self, Entry, EntryFilter, Standing},
    },
};

#[derive(Template)]
#[template(path = "works/workers.html")]
struct WorkersPage {
    shell: Shell,
    sub: String,
    form: Filled,
    workers: Vec<Choice>,
    today: String,
    period: String,
    balance_heads: Vec<Head>,
    balances: Vec<BalanceRow>,
    day_heads: Vec<Head>,
    days: Vec<[String; 4]>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
}

struct BalanceRow {
    href: String,
    name: String,
    is_blocked: bool,
    open: String,
    balance: String,
    is_negative: bool,
}

struct Row {
    day: String,
    worker: String,
    what: String,
    /// Address and words of the order; both empty for a payout.
    order: (String, String),
    sum: String,
    is_negative: bool,
}

fn row(l: Locale, entry: Entry) -> Row {
    let named = |title: String| match &entry.order_ticket {
        Some(ticket) => format!("{title}, {ticket}"),
        None => title,
    };
    Row {
        day: l.date(entry.day),
        worker: entry.worker_name,
        what: l.t(entry.kind.key()),
        order: entry.order_id.zip(entry.order_title).map(|(id, title)| (href(id), named(title))).unwrap_or_default(),
        sum: l.sum(entry.sum),
        is_negative: entry.sum.is_negative(),
    }
}

fn filter(ctx: &Ctx) -> EntryFilter {
    let (from, until) = days(ctx, month_began(ctx));
    EntryFilter { worker: ctx.query.text("worker").parse().ok(), from, until }
}

/// The filters as they are in force.
fn filled(ctx: &Ctx, filter: &EntryFilter) -> Filled {
    let worker = filter.worker.map_or_else(String::new, |worker| worker.to_string());
    Filled::new(ctx.l, Input::of([("worker", worker), ("from", filter.from.to_string()), ("until", filter.until.to_string())]))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let filter = filter(&ctx);
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db).await?);
    let rows = filter.rows(&ctx.db, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/workers", &ctx.query);
    let earned = analytics::by_day(&ctx.db, filter.from, filter.until).await?;
    let today = analytics::earnings(&ctx.db, ctx.today(), ctx.today()).await?;
    let balances = worker::standing(&ctx.db).await?;
    let day = |earned: &analytics::Earned| {
        let sums = [earned.fees, earned.rewards, earned.earnings()].map(|sum| l.sum(sum));
        let [fees, rewards, earnings] = sums;
        [l.date(earned.day), fees, rewards, earnings]
    };
    page(&WorkersPage {
        sub: l.n("workers-entries-count", paging.total),
        form: filled(&ctx, &filter),
        workers: board::workers(&ctx).await?,
        today: l.money(today),
        period: l.money(earned.iter().map(analytics::Earned::earnings).sum()),
        balance_heads: vec![
            Head::plain(l.t("work-order-worker")),
            Head::plain(l.t("workers-open")).number(),
            Head::plain(l.t("workers-balance")).number(),
        ],
        balances: balances.into_iter().map(|standing| balance_row(l, &address, standing)).collect(),
        day_heads: vec![
            Head::plain(l.t("workers-day")),
            Head::plain(l.t("works-fees")).number(),
            Head::plain(l.t("works-rewards")).number(),
            Head::plain(l.t("works-earnings")).number(),
        ],
        days: earned.iter().rev().map(day).collect(),
        heads: vec![
            Head::plain(l.t("workers-day")),
            Head::plain(l.t("work-order-worker")),
            Head::plain(l.t("posting-kind")),
            Head::plain(l.t("statement-why")),
            Head::plain(l.t("workers-sum")).number(),
        ],
        rows: rows.into_iter().map(|entry| row(l, entry)).collect(),
        excel: excel_address(&ctx, "/workers.xlsx"),
        paging,
        address,
        shell: Shell::of(&ctx, l.t("workers-title")).await?,
    })
}

fn balance_row(l: Locale, address: &Address, standing: Standing) -> BalanceRow {
    BalanceRow {
        href: address.with("worker", standing.worker_id),
        name: standing.name,
        is_blocked: standing.is_blocked,
        open: l.count(standing.open_count),
        balance: l.sum(standing.balance),
        is_negative: standing.balance.is_negative(),
    }
}

/// The same entries as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let filter = filter(&ctx);
    let columns = [
        ("workers-day", 14),
        ("work-order-worker", 28),
        ("posting-kind", 26),
        ("work-order-number", 10),
        ("work-order-name", 44),
        ("work-order-ticket", 16),
        ("workers-sum", 14),
        ("posting-number", 12),
    ];
    let mut listing = Listing::begin(l.t("workers-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        for entry in filter.rows(&ctx.db, part).await? {
            let cells = vec![
                Cell::Day(entry.day),
                entry.worker_name.into(),
                l.t(entry.kind.key()).into(),
                entry.order_id.map_or(Cell::Empty, |id| Cell::Count(id.0)),
                entry.order_title.unwrap_or_default().into(),
                entry.order_ticket.unwrap_or_default().into(),
                Cell::Sum(entry.sum),
                Cell::Count(entry.transfer_id.0),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "works/account.html")]
struct DeskPage {
    shell: Shell,
    own: Own,
}

#[derive(Template)]
#[template(path = "works/account_phone.html")]
struct PhonePage {
    shell: Shell,
    own: Own,
}

struct Own {
    balance: Balance,
    form: Filled,
    days: Vec<Day>,
    paging: Paging,
    address: Address,
}

/// A day with its entries, and what all of that day come to.
struct Day {
    name: String,
    sum: String,
    rows: Vec<Row>,
}

/// One's own balance and log.
pub async fn mine(ctx: Ctx) -> Result {
    let l = ctx.l;
    let me = ctx.actor()?.id;
    let filter = EntryFilter { worker: Some(me), ..filter(&ctx) };
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db).await?);
    let entries = filter.rows(&ctx.db, (paging.per_page, paging.offset())).await?;
    let sums = earned_by_day(&ctx, &filter, me).await?;
    let own = Own {
        balance: Balance::of(l, worker::balance(&ctx.db, me).await?),
        form: filled(&ctx, &filter),
        days: by_day(l, entries, &sums),
        paging,
        address: Address::new("/workers/me", &ctx.query),
    };
    let shell = Shell::of(&ctx, l.t("workers-mine")).await?;
    if is_walking(&ctx)? { page(&PhonePage { shell, own }) } else { page(&DeskPage { shell, own }) }
}

async fn earned_by_day(ctx: &Ctx, filter: &EntryFilter, worker: UserId) -> Result<BTreeMap<Date, Money>> {
    Ok(worker::by_day(&ctx.db, worker, filter.from, filter.until).await?.into_iter().collect())
}

fn by_day(l: Locale, entries: Vec<Entry>, sums: &BTreeMap<Date, Money>) -> Vec<Day> {
    let mut days: Vec<(Date, Day)> = Vec::new();
    for entry in entries {
        if days.last().is_none_or(|(day, _)| *day != entry.day) {
            let sum = sums.get(&entry.day).copied().unwrap_or_default();
            days.push((
                entry.day,
                Day { name: l.date(entry.day), sum: l.a("workers-day-sum", &[("sum", l.money(sum))]), rows: Vec::new() },
            ));
        }
        if let Some((_, day)) = days.last_mut() {
            day.rows.push(row(l, entry));
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}
