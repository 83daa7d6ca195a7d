//! All orders, filtered and sorted, and as a workbook.

use askama::Template;

use super::href;
use crate::{
    estate::pages::shared::{chosen_site, excel_address, head, premise_href, seen, site_choices, site_name},
    orders::{
        OrderState,
        list::{OrderFilter, OrderSort},
        order::Order,
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission,
    web::{
        Ctx, Filled, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    states: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_place: bool,
}

struct Row {
    href: String,
    number: String,
    placed: String,
    premise: (String, String),
    account: (String, String),
    payer: String,
    total: String,
    left: String,
    state: (&'static str, String),
}

/// How a state looks.
pub fn badge(state: OrderState) -> &'static str {
    match state {
        OrderState::Placed => "info",
        OrderState::PartlyDelivered => "warn",
        OrderState::Delivered => "good",
        OrderState::Cancelled => "plain",
    }
}

fn filter(ctx: &Ctx) -> OrderFilter {
    OrderFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        state: ctx.query.text("state").parse().ok(),
        account: ctx.query.text("account").parse().ok(),
    }
}

fn sort(ctx: &Ctx) -> Sort<OrderSort> {
    Sort::of(&ctx.query, Sort::down(OrderSort::Placed))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("orders-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db, seen).await?);
    let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/orders", &ctx.query);
    let row = |order: Order| Row {
        href: href(order.id),
        number: order.id.to_string(),
        placed: ctx.moment(order.placed_at),
        account: (format!("/accounts/{}", order.account_id), order.account_number.clone()),
        premise: (premise_href(order.premise_id), order.premise_label.clone()),
        total: l.sum(order.total),
        left: l.sum(order.left()),
        state: (badge(order.state), l.t(order.state.key())),
        payer: order.payer_name,
    };
    page(&ListPage {
        sub: l.n("orders-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        states: Choice::all_of::<OrderState>(l),
        heads: vec![
            head(l, "order-number", &address, OrderSort::Placed, sort),
            Head::plain(l.t("order-placed")),
            head(l, "premise-label", &address, OrderSort::Label, sort),
            Head::plain(l.t("account-number")),
            head(l, "account-payer", &address, OrderSort::Payer, sort),
            head(l, "order-total", &address, OrderSort::Total, sort).number(),
            Head::plain(l.t("order-left")).number(),
            Head::plain(l.t("order-state")),
        ],
        rows: rows.into_iter().map(row).collect(),
        paging,
        excel: excel_address(&ctx, "/orders.xlsx"),
        is_filtered: ["q", "site", "state", "account"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_place: ctx.actor()?.can(Permission::Order),
        address,
        shell,
    })
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("orders-title")).await?;
    let columns = [
        ("order-number", 10),
        ("order-placed", 18),
        ("premise-site", 26),
        ("premise-label", 14),
        ("account-number", 16),
        ("account-payer", 36),
        ("order-total", 14),
        ("order-delivered", 14),
        ("order-released", 14),
        ("order-left", 14),
        ("order-state", 18),
        ("order-note", 36),
    ];
    let mut listing = Listing::begin(l.t("orders-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        for order in rows {
            let cells = vec![
                Cell::Count(order.id.0),
                ctx.moment(order.placed_at).into(),
                site_name(&shell, order.site_id).into(),
                order.premise_label.clone().into(),
                order.account_number.clone().into(),
                order.payer_name.clone().into(),
                Cell::Sum(order.total),
                Cell::Sum(order.delivered),
                Cell::Sum(order.released),
                Cell::Sum(order.left()),
                l.t(order.state.key()).into(),
                order.note.into(),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}
