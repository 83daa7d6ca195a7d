//! The manager's board of all orders, others' list of their own, and what a worker has to do.

use askama::Template;

use super::{badge, href, is_walking};
use crate::{
    estate::pages::shared::{chosen_site, excel_address, head, premise_href, site_choices},
    kernel::Money,
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission::AssignWorkOrders,
    web::{
        Ctx, Filled, Locale, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
    works::{
        WorkOrder, WorkOrderState,
        list::{WorkOrderFilter, WorkOrderSort},
        worker,
    },
};

/// Open orders on a worker's page; nobody can do more in a day.
const MOST_OPEN: i64 = 100;
/// The last orders done that a worker's page shows.
const RECENT: i64 = 10;

#[derive(Template)]
#[template(path = "works/board.html")]
struct BoardPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    states: Vec<Choice>,
    /// None for who sees only their own orders.
    workers: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    /// Empty for who sees only their own orders.
    excel: String,
    is_filtered: bool,
    may_reshuffle: bool,
}

struct Row {
    href: String,
    number: String,
    title: String,
    ticket: String,
    /// Both empty without a premise.
    premise: (String, String),
    worker: String,
    fee: String,
    reward: String,
    created: String,
    state: (&'static str, String),
}

fn filter(ctx: &Ctx) -> Result<WorkOrderFilter> {
    let actor = ctx.actor()?;
    let sees_all = actor.can(AssignWorkOrders);
    Ok(WorkOrderFilter {
        words: ctx.query.text("q").to_owned(),
        state: ctx.query.text("state").parse().ok(),
        worker: ctx.query.text("worker").parse().ok(),
        site: chosen_site(ctx),
        of: (!sees_all).then_some(actor.id),
    })
}

fn sort(ctx: &Ctx) -> Sort<WorkOrderSort> {
    Sort::of(&ctx.query, Sort::down(WorkOrderSort::Created))
}

pub async fn list(ctx: Ctx) -> Result {
    if is_walking(&ctx)? {
        return mine(ctx).await;
    }
    let l = ctx.l;
    let (filter, sort) = (filter(&ctx)?, sort(&ctx));
    let shell = Shell::of(&ctx, l.t("work-orders-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db).await?);
    let rows = filter.rows(&ctx.db, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/work-orders", &ctx.query);
    let may_reshuffle = ctx.actor()?.can(AssignWorkOrders);
    page(&BoardPage {
        sub: l.n("work-orders-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        states: Choice::all_of::<WorkOrderState>(l),
        workers: if may_reshuffle { workers(&ctx).await? } else { Vec::new() },
        heads: vec![
            head(l, "work-order-number", &address, WorkOrderSort::Created, sort),
            head(l, "work-order-name", &address, WorkOrderSort::Title, sort),
            Head::plain(l.t("work-order-label")),
            Head::plain(l.t("work-order-worker")),
            Head::plain(l.t("work-order-fee-column")).number(),
            head(l, "work-order-reward-column", &address, WorkOrderSort::Reward, sort).number(),
            Head::plain(l.t("work-order-created")),
            Head::plain(l.t("work-order-state")),
        ],
        rows: rows.into_iter().map(|order| row(&ctx, order)).collect(),
        paging,
        excel: if may_reshuffle { excel_address(&ctx, "/work-orders.xlsx") } else { String::new() },
        is_filtered: ["q", "state", "worker", "site"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_reshuffle,
        address,
        shell,
    })
}

/// Everybody who has or may have orders.
pub(super) async fn workers(ctx: &Ctx) -> Result<Vec<Choice>> {
    Ok(worker::standing(&ctx.db).await?.into_iter().map(|worker| Choice::new(worker.worker_id, worker.name)).collect())
}

fn row(ctx: &Ctx, order: WorkOrder) -> Row {
    let l = ctx.l;
    Row {
        href: href(order.id),
        number: order.id.to_string(),
        ticket: order.ticket.unwrap_or_default(),
        premise: order.premise_id.map(|id| (premise_href(id), order.premise_label.unwrap_or_default())).unwrap_or_default(),
        worker: order.worker_name,
        fee: l.sum(order.fee),
        reward: l.sum(order.reward),
        created: ctx.moment(order.created_at),
        state: (badge(order.state), l.t(order.state.key())),
        title: order.title,
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort) = (filter(&ctx)?, sort(&ctx));
    let columns = [
        ("work-order-number", 10),
        ("work-order-name", 44),
        ("work-order-ticket", 16),
        ("work-order-label", 14),
        ("work-order-worker", 28),
        ("work-order-fee-column", 14),
        ("work-order-reward-column", 18),
        ("work-order-state", 14),
        ("work-order-created", 18),
        ("work-order-creator", 28),
        ("work-order-done-at", 18),
        ("work-order-note", 44),
    ];
    let mut listing = Listing::begin(l.t("work-orders-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        for order in filter.rows(&ctx.db, sort.by, sort.is_descending, part).await? {
            let cells = vec![
                Cell::Count(order.id.0),
                order.title.into(),
                order.ticket.unwrap_or_default().into(),
                order.premise_label.unwrap_or_default().into(),
                order.worker_name.into(),
                Cell::Sum(order.fee),
                Cell::Sum(order.reward),
                l.t(order.state.key()).into(),
                ctx.moment(order.created_at).into(),
                order.creator_name.unwrap_or_else(|| l.t("work-order-by-program")).into(),
                order.done_at.map_or_else(String::new, |at| ctx.moment(at)).into(),
                order.done_note.into(),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "works/mine.html")]
struct MinePage {
    shell: Shell,
    balance: Balance,
    open: Vec<Line>,
    done: Vec<Line>,
}

/// What stands on one's book, as one is told it.
pub(super) struct Balance {
    pub sum: String,
    pub words: String,
    pub is_negative: bool,
}

impl Balance {
    pub fn of(l: Locale, sum: Money) -> Self {
        let is_negative = sum.is_negative();
        Self { sum: l.money(sum), words: l.t(if is_negative { "workers-my-debt" } else { "workers-my-balance" }), is_negative }
    }
}

struct Line {
    href: String,
    label: String,
    title: String,
    note: String,
    is_done: bool,
}

/// The worker's page: what to do, what was done last, what that came to.
async fn mine(ctx: Ctx) -> Result {
    let l = ctx.l;
    let me = ctx.actor()?.id;
    let of_mine = |state| WorkOrderFilter { worker: Some(me), state: Some(state), ..WorkOrderFilter::default() };
    let open = of_mine(WorkOrderState::Open).rows(&ctx.db, WorkOrderSort::Created, false, (MOST_OPEN, 0)).await?;
    let done = of_mine(WorkOrderState::Done).rows(&ctx.db, WorkOrderSort::Created, true, (RECENT, 0)).await?;
    let line = |order: WorkOrder| Line {
        href: href(order.id),
        label: order.premise_label.unwrap_or_else(|| format!("№ {}", order.id)),
        note: l.a("work-order-earns", &[("sum", l.money(order.reward))]),
        is_done: order.state == WorkOrderState::Done,
        title: order.title,
    };
    page(&MinePage {
        balance: Balance::of(l, worker::balance(&ctx.db, me).await?),
        open: open.into_iter().map(line).collect(),
        done: done.into_iter().map(line).collect(),
        shell: Shell::of(&ctx, l.t("work-orders-mine")).await?,
    })
}
