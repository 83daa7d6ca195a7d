//! One work order: what is to be done, who has it, what happened to it and to its money; marking it done.

use std::collections::BTreeMap;

use askama::Template;

use super::{badge, href, is_walking, visible};
use crate::{
    audit::Author,
    estate::pages::shared::premise_href,
    kernel::Money,
    ledger::{Subject, TransferId, transfer},
    metering::meter::Meter,
    staff::user::Permission::{AssignWorkOrders, DoWorkOrders, SeeEarnings, SeeEstate, SeeMoney},
    web::{
        Check, Ctx, Error, Filled, Input, Keys, Result, form,
        page::{Head, Shell, page},
    },
    works::{
        Refusal, WorkOrder, WorkOrderId, WorkOrderState,
        log::{self, Step, What},
    },
};

#[derive(Template)]
#[template(path = "works/show.html")]
struct DeskPage {
    shell: Shell,
    order: Shown,
}

#[derive(Template)]
#[template(path = "works/show_phone.html")]
struct PhonePage {
    shell: Shell,
    order: Shown,
}

struct Shown {
    title: String,
    ticket: String,
    text: String,
    state: (&'static str, String),
    worker: String,
    creator: String,
    /// Address and label; both empty without one.
    premise: (String, String),
    meter: (String, String),
    cause: String,
    fee: String,
    reward: String,
    done_note: String,
    log: Vec<Line>,
    log_heads: Vec<Head>,
    /// Where it is marked done; empty for whom it is not for.
    complete: String,
    form: Filled,
}

/// A step of the log with its money.
struct Line {
    when: String,
    what: String,
    who: String,
    /// Empty for who does not see others' money.
    sum: String,
    href: String,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<WorkOrderId>) -> Result {
    let order = visible(&ctx, id).await?;
    show_page(&ctx, order, Filled::new(ctx.l, Input::default())).await
}

async fn show_page(ctx: &Ctx, order: WorkOrder, form: Filled) -> Result {
    let (l, actor) = (ctx.l, ctx.actor()?);
    let shell = Shell::of(ctx, l.a("work-order-title-of", &[("number", order.id.to_string())])).await?;
    let is_to_do = order.state == WorkOrderState::Open && order.worker_id == actor.id && actor.can(DoWorkOrders);
    let meter = match order.meter_id.filter(|_| actor.can(SeeEstate)) {
        Some(id) => Meter::find(&ctx.db, id).await?,
        None => None,
    };
    let shown = Shown {
        state: (badge(order.state), l.t(order.state.key())),
        ticket: order.ticket.clone().unwrap_or_default(),
        text: order.text.clone(),
        worker: order.worker_name.clone(),
        creator: order.creator_name.clone().unwrap_or_else(|| l.t("work-order-by-program")),
        premise: order.premise_id.map(|id| (premise_href(id), order.premise_label.clone().unwrap_or_default())).unwrap_or_default(),
        meter: meter
            .map(|meter| (format!("/meters/{}", meter.id), l.a("work-order-meter-of", &[("serial", &meter.serial)])))
            .unwrap_or_default(),
        cause: order.cause.map_or_else(String::new, |cause| l.t(cause.key())),
        fee: l.money(order.fee),
        reward: l.money(order.reward),
        done_note: order.done_note.clone(),
        log: log_lines(ctx, &order).await?,
        log_heads: vec![
            Head::plain(l.t("posting-date")),
            Head::plain(l.t("work-order-log")),
            Head::plain(l.t("posting-who")),
            Head::plain(l.t("workers-sum")).number(),
        ],
        complete: if is_to_do { format!("/work-orders/{}/complete", order.id) } else { String::new() },
        form,
        title: order.title,
    };
    if is_walking(ctx)? { page(&PhonePage { shell, order: shown }) } else { page(&DeskPage { shell, order: shown }) }
}

async fn log_lines(ctx: &Ctx, order: &WorkOrder) -> Result<Vec<Line>> {
    let (l, actor) = (ctx.l, ctx.actor()?);
    let sees_sums = actor.can(AssignWorkOrders) || actor.can(SeeEarnings);
    let transfers = if sees_sums { transfer::about(&ctx.db, Subject::WorkOrder, &[order.id.0]).await? } else { Vec::new() };
    let sums: BTreeMap<TransferId, Money> = transfers.iter().map(|transfer| (transfer.id, transfer.amount)).collect();
    let line = |step: Step| {
        let sum = step.transfer_id.and_then(|id| sums.get(&id).copied());
        let signed = sum.map(|sum| if step.what == What::Completed { sum } else { Money::ZERO - sum });
        Line {
            when: ctx.moment(step.at),
            what: l.a(step.what.key(), &[("name", step.to_name.unwrap_or_default())]),
            who: step.by_name.unwrap_or_else(|| l.t("work-order-by-program")),
            sum: signed.map_or_else(String::new, |sum| l.sum(sum)),
            href: step.transfer_id.filter(|_| actor.can(SeeMoney)).map_or_else(String::new, |id| format!("/journal/{id}")),
        }
    };
    Ok(log::of_order(&ctx.db, order.id).await?.into_iter().map(line).collect())
}

pub async fn complete(ctx: Ctx, Keys(id): Keys<WorkOrderId>, input: Input) -> Result {
    let order = visible(&ctx, id).await?;
    let actor = ctx.actor()?;
    let told = |sum| ctx.l.a("work-order-completed", &[("sum", ctx.l.money(sum))]);
    if order.state == WorkOrderState::Done && order.worker_id == actor.id {
        // the same button pressed twice: there is no form to show again
        return ctx.done(told(order.reward), href(id)).await;
    }
    let mut check = Check::new(&input);
    let note = check.optional_lines("note", 1000);
    let note = match check.done(note) {
        Ok(note) => note,
        Err(errors) => return Ok(form::refused(show_page(&ctx, order, Filled::with_errors(ctx.l, input, errors)).await?)),
    };
    let mut tx = ctx.db.begin().await?;
    match WorkOrder::complete(&mut tx, id, actor.id, &note, ctx.now()).await? {
        Ok(order) => {
            order.noted(&mut tx, &Author::from(actor), "audit-work-order-done", ctx.now()).await?;
            tx.commit().await?;
            ctx.done(told(order.reward), href(id)).await
        }
        Err(Refusal::Done) => ctx.done(told(order.reward), href(id)).await,
        Err(refusal) => Err(Error::Conflict(refusal.key())),
    }
}
