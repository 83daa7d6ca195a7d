//! One order: what was ordered, what of it was delivered, what its money did; delivering and cancelling it.

use askama::Template;

use super::{arguments, href, list::badge, visible};
use crate::{
    audit::{Author, Subject as About},
    estate::pages::shared::{history, owner_href, premise_href, site_name},
    kernel::Money,
    orders::{Delivery, Order, OrderId, Refusal, ServiceItemId, line::Line},
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Locale, Result, form,
        page::{Head, HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "orders/show.html")]
struct ShowPage {
    shell: Shell,
    sub: String,
    state: (&'static str, String),
    account: (String, String),
    premise: (String, String),
    payer: (String, String),
    note: String,
    /// What it costs and what became of the money; the last is what is still in the reserve.
    sums: Vec<(String, String)>,
    heads: Vec<Head>,
    lines: Vec<Row>,
    form: Filled,
    key: String,
    /// Fields for what is delivered now; none when nothing can be.
    fields: Vec<(String, String)>,
    deliver: String,
    cancel: String,
    cancel_words: String,
    history: Vec<HistoryLine>,
}

struct Row {
    name: String,
    quantity: String,
    price: String,
    amount: String,
    delivered: String,
    left: String,
}

fn field(item: ServiceItemId) -> String {
    format!("amount_{item}")
}

pub async fn show(ctx: Ctx, Keys(id): Keys<OrderId>) -> Result {
    let order = visible(&ctx, id).await?;
    let lines = Order::lines(&ctx.db, id).await?;
    let left = lines.iter().filter(|line| line.left().is_positive()).map(|line| (field(line.item), line.left().to_string()));
    let input = Input::of(left.chain([("key".to_owned(), form::new_key())]));
    show_page(&ctx, order, &lines, Filled::new(ctx.l, input)).await
}

async fn show_page(ctx: &Ctx, order: Order, lines: &[Line], form: Filled) -> Result {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.a("order-title", &[("number", order.id.to_string())])).await?;
    let may = order.state.is_open() && ctx.actor()?.can(Permission::Order);
    let mut sums = vec![(l.t("order-total"), l.money(order.total)), (l.t("order-delivered"), l.money(order.delivered))];
    if order.released != Money::ZERO {
        sums.push((l.t("order-released"), l.money(order.released)));
    }
    sums.push((l.t("order-left"), l.money(order.left())));
    let open = lines.iter().filter(|line| may && line.left().is_positive());
    page(&ShowPage {
        sub: format!("{}, {}", site_name(&shell, order.site_id), l.a("order-placed-at", &[("when", ctx.moment(order.placed_at))])),
        state: (badge(order.state), l.t(order.state.key())),
        account: (format!("/accounts/{}", order.account_id), order.account_number.clone()),
        premise: (premise_href(order.premise_id), order.premise_label.clone()),
        payer: (owner_href(order.payer_id), order.payer_name.clone()),
        sums,
        heads: vec![
            Head::plain(l.t("order-item")),
            Head::plain(l.t("order-quantity")).number(),
            Head::plain(l.t("order-price")).number(),
            Head::plain(l.t("order-amount")).number(),
            Head::plain(l.t("order-delivered")).number(),
            Head::plain(l.t("order-left")).number(),
        ],
        lines: lines.iter().map(|line| row(l, line)).collect(),
        fields: open.map(|line| (field(line.item), line.name.clone())).collect(),
        key: form::key_of(form.value("key")),
        form,
        deliver: if may { format!("/orders/{}/deliver", order.id) } else { String::new() },
        cancel: if may { format!("/orders/{}/cancel", order.id) } else { String::new() },
        cancel_words: l.a("order-cancel-words", &[("sum", l.money(order.left()))]),
        history: history(ctx, About::Order, order.id.0).await?,
        note: order.note,
        shell,
    })
}

fn row(l: Locale, line: &Line) -> Row {
    Row {
        name: line.name.clone(),
        quantity: format!("{} {}", l.quantity(line.quantity), line.unit),
        price: l.sum(line.price),
        amount: l.sum(line.amount),
        delivered: l.sum(line.delivered),
        left: l.sum(line.left()),
    }
}

pub async fn deliver(ctx: Ctx, Keys(id): Keys<OrderId>, mut input: Input) -> Result {
    let order = visible(&ctx, id).await?;
    let lines = Order::lines(&ctx.db, id).await?;
    let delivery = match read(&input, id, &lines) {
        Ok(delivery) => delivery,
        Err(errors) => return refuse(&ctx, order, &lines, input, errors).await,
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    match delivery.make(&mut tx, Some(actor.id), ctx.now()).await? {
        Ok(delivered) => {
            if let Some(sum) = delivered {
                Order::note(&mut tx, id, &Author::from(actor), "audit-order-delivered", sum, ctx.now()).await?;
            }
            tx.commit().await?;
            ctx.done(ctx.l.t("audit-order-delivered"), href(id)).await
        }
        Err(refusal) => {
            tx.rollback().await?;
            if refusal == Refusal::KeyReused {
                input.set("key", "");
            }
            let mut errors = FieldErrors::default();
            let item = refusal.item().or(delivery.amounts.first().map(|(item, _)| *item));
            errors.add(item.map_or_else(|| "key".to_owned(), field), refusal.key(), arguments(ctx.l, &refusal));
            refuse(&ctx, order, &lines, input, errors).await
        }
    }
}

/// The form again, unless the order was closed before: then there is none.
async fn refuse(ctx: &Ctx, order: Order, lines: &[Line], input: Input, errors: FieldErrors) -> Result {
    if !order.state.is_open() {
        return Err(Error::Conflict("order-not-open"));
    }
    Ok(form::refused(show_page(ctx, order, lines, Filled::with_errors(ctx.l, input, errors)).await?))
}

fn read(input: &Input, order: OrderId, lines: &[Line]) -> Result<Delivery, FieldErrors> {
    let mut check = Check::new(input);
    let mut amounts = Vec::new();
    for line in lines {
        amounts.extend(check.optional_money(&field(line.item)).map(|amount| (line.item, amount)));
    }
    let first = lines.first().map_or_else(String::new, |line| field(line.item));
    let is_typed = lines.iter().any(|line| !input.text(&field(line.item)).trim().is_empty());
    check.ensure(is_typed, first, "order-nothing-delivered");
    let key = check.key("key");
    check.done(Delivery { order, amounts, key: Some(key) })
}

pub async fn cancel(ctx: Ctx, Keys(id): Keys<OrderId>) -> Result {
    visible(&ctx, id).await?;
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    match Order::cancel(&mut tx, id, Some(actor.id), ctx.now()).await? {
        Ok(sum) => {
            Order::note(&mut tx, id, &Author::from(actor), "audit-order-cancelled", sum, ctx.now()).await?;
            tx.commit().await?;
            ctx.done(ctx.l.a("order-cancelled", &[("sum", ctx.l.money(sum))]), href(id)).await
        }
        Err(refusal) => Err(Error::Conflict(refusal.key())),
    }
}
