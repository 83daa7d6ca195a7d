//! Pages about work orders: the worker's on the phone, the others' at the desk.

mod analytics;
mod board;
mod earnings;
mod open;
mod payouts;
mod reshuffle;
mod show;

use std::collections::BTreeMap;

use time::Date;

use super::{WorkOrderId, WorkOrderState, order::WorkOrder};
use crate::{
    kernel::Period,
    staff::user::{
        Permission::{AssignWorkOrders, DecidePayouts, DoWorkOrders, SeeAnalytics, SeeEarnings},
        Role, User, UserId,
    },
    web::{
        Access::{Can, SignedIn},
        Ctx, Error, Result, Routes,
        form::parse_date,
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/work-orders", SignedIn, board::list)
        .get("/work-orders.xlsx", Can(AssignWorkOrders), board::excel)
        .get("/work-orders/new", SignedIn, open::new)
        .post("/work-orders", SignedIn, open::create)
        .get("/work-orders/reshuffle", Can(AssignWorkOrders), reshuffle::preview)
        .post("/work-orders/reshuffle", Can(AssignWorkOrders), reshuffle::carry_out)
        .get("/work-orders/{order}", SignedIn, show::show)
        .post("/work-orders/{order}/complete", Can(DoWorkOrders), show::complete)
        .get("/workers/me", SignedIn, earnings::mine)
        .get("/workers", Can(SeeEarnings), earnings::list)
        .get("/workers.xlsx", Can(SeeEarnings), earnings::excel)
        .get("/payouts", Can(SeeEarnings), payouts::list)
        .get("/payouts.xlsx", Can(SeeEarnings), payouts::excel)
        .post("/payouts", Can(DecidePayouts), payouts::make)
        .post("/payouts/{payout}/approve", Can(DecidePayouts), payouts::approve)
        .post("/payouts/{payout}/decline", Can(DecidePayouts), payouts::decline)
        .get("/works", Can(SeeAnalytics), analytics::show)
}

fn href(id: WorkOrderId) -> String {
    format!("/work-orders/{id}")
}

/// The order, if the person may look at it; else it is as absent.
async fn visible(ctx: &Ctx, id: WorkOrderId) -> Result<WorkOrder> {
    let actor = ctx.actor()?;
    WorkOrder::find(&ctx.db, id).await?.filter(|order| order.is_seen_by(actor)).ok_or(Error::NotFound)
}

/// Does the person stand at a plot with a phone?
fn is_walking(ctx: &Ctx) -> Result<bool> {
    Ok(ctx.actor()?.role == Role::Controller)
}

/// How a state looks.
fn badge(state: WorkOrderState) -> &'static str {
    match state {
        WorkOrderState::Open => "info",
        WorkOrderState::Done => "good",
    }
}

/// The days that the address asks for, else from `from` to today; never the wrong way round.
fn days(ctx: &Ctx, from: Date) -> (Date, Date) {
    let day = |field: &str| parse_date(ctx.query.text(field).trim());
    let until = day("until").unwrap_or_else(|| ctx.today());
    (day("from").unwrap_or(from).min(until), until)
}

/// The first day of the present month.
fn month_began(ctx: &Ctx) -> Date {
    Period::of(ctx.today()).first_day()
}

/// Everybody's name.
async fn names(ctx: &Ctx) -> Result<BTreeMap<UserId, String>> {
    Ok(User::all(&ctx.db).await?.into_iter().map(|user| (user.id, user.name)).collect())
}
