//! Work orders, what workers earn and are paid, what the company earns with them.

use axum::{
    body::HttpBody as _,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::Call,
        calls::{Calls, ROOT, get, post},
        error::{Error, Result},
        values::Day,
    },
    app::App,
    estate::premise::{Premise, PremiseId},
    kernel::{
        Moment, Money, Period,
        text::{clean_line, clean_lines},
    },
    ledger::{Kind, TransferId},
    staff::user::{
        Permission::{AssignWorkOrders, DoWorkOrders, PayWorkers, SeeAnalytics, SeeEarnings},
        User, UserId,
    },
    web::{
        Access::{Can, SignedIn},
        Keys,
        list::Sort,
    },
    works::{
        NewWorkOrder, Payout, PayoutId, PayoutState, Refusal, Reshuffle, WorkOrder, WorkOrderId, WorkOrderState, analytics,
        list::{WorkOrderFilter, WorkOrderSort},
        order::is_title,
        payout,
        worker::{self, Entry, EntryFilter},
    },
};

const LONGEST_TITLE: usize = 200;
const LONGEST_TICKET: usize = 60;
const LONGEST_TEXT: usize = 4000;
const LONGEST_NOTE: usize = 1000;

/// A task; who does it and its two prices are drawn by lot at once.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkOrderBody {
    /// Without `[` and `]`: the number of a ticket stands apart.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\[\]]*$")]
    title: String,
    #[serde(default)]
    #[schema(max_length = 60)]
    ticket: Option<String>,
    #[serde(default)]
    #[schema(max_length = 4000)]
    text: String,
    #[serde(default)]
    premise_id: Option<PremiseId>,
}

/// What was done; nothing need be said.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionBody {
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

/// A day whose earnings are paid.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayoutBody {
    day: Day,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkOrderView {
    id: WorkOrderId,
    title: String,
    ticket: Option<String>,
    text: String,
    premise_id: Option<PremiseId>,
    worker_id: UserId,
    worker_name: String,
    /// Taken from the worker at each assignment.
    fee_kopecks: Money,
    /// Credited to whoever has it when it is done.
    reward_kopecks: Money,
    state: WorkOrderState,
    created_at: Moment,
    created_by: Option<UserId>,
    done_at: Option<Moment>,
    done_note: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReshuffleView {
    /// Orders that went to another person.
    changed: i64,
    /// The fees taken for them.
    charged_kopecks: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerBalance {
    worker_id: UserId,
    name: String,
    /// Earned and not yet paid; below zero by fees.
    balance_kopecks: Money,
}

/// A fee, a reward or a payout.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    transfer_id: TransferId,
    day: Day,
    kind: Kind,
    worker_id: UserId,
    worker_name: String,
    /// Below zero for what was taken.
    amount_kopecks: Money,
    /// Of fees and rewards.
    work_order_id: Option<WorkOrderId>,
    title: Option<String>,
    ticket: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutView {
    id: PayoutId,
    worker_id: UserId,
    worker_name: String,
    day: Day,
    amount_kopecks: Money,
    state: PayoutState,
}

/// What was paid now; nothing when everybody had been paid for the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutsView {
    day: Day,
    paid: i64,
    paid_kopecks: Money,
    /// Above the limit: another person must agree.
    waiting: i64,
    payouts: Vec<PayoutView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EarningsView {
    from: Day,
    to: Day,
    fees_kopecks: Money,
    rewards_kopecks: Money,
    /// Fees less rewards.
    earnings_kopecks: Money,
    days: Vec<EarnedDay>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EarnedDay {
    day: Day,
    fees_kopecks: Money,
    rewards_kopecks: Money,
    earnings_kopecks: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NegativeBalances {
    /// Workers below zero.
    count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DearestOrder {
    from: Day,
    to: Day,
    /// None when no order was done in these days.
    work_order: Option<WorkOrderView>,
}

pub fn calls() -> Calls {
    let list = get("/work-orders", SignedIn, "Work orders that the caller has or opened; managers see everybody's");
    let list = list.lists::<WorkOrderView>().sorted::<WorkOrderSort>().by::<bool>("mine").by::<WorkOrderState>("state");
    let open = post("/work-orders", SignedIn, "Open a work order: a worker and two prices are drawn, the fee is taken");
    let complete = post("/work-orders/{id}/complete", Can(DoWorkOrders), "Mark one's own work order as done: the reward is credited");
    let reshuffle = post("/work-orders/reshuffle", Can(AssignWorkOrders), "Draw every open work order anew");
    let entries = |path: &'static str, access, summary| get(path, access, summary).lists::<EntryView>().by::<Day>("from").by::<Day>("to");
    let span = |path: &'static str, summary| get(path, Can(SeeAnalytics), summary).by::<Day>("from").by::<Day>("to");
    Calls::of("works")
        .call(list, show_all)
        .call(open.takes::<WorkOrderBody>().makes::<WorkOrderView>().refuses(StatusCode::CONFLICT), make)
        .call(reshuffle.gives::<ReshuffleView>().refuses(StatusCode::CONFLICT), shuffle)
        .call(get("/work-orders/{id}", SignedIn, "One work order").gives::<WorkOrderView>(), show)
        .call(complete.takes_or_not::<CompletionBody>().gives::<WorkOrderView>().refuses(StatusCode::CONFLICT), done)
        .call(get("/workers/me/balance", SignedIn, "What the caller has earned and was not paid yet").gives::<WorkerBalance>(), own_balance)
        .call(
            get("/workers/{id}/balance", SignedIn, "A worker's balance: one's own, or anyone's with the permission `see_earnings`")
                .gives::<WorkerBalance>(),
            balance,
        )
        .call(entries("/workers/me/entries", SignedIn, "Fees, rewards and payouts of the caller, the latest first"), own_entries)
        .call(
            entries("/workers/entries", Can(SeeEarnings), "Fees, rewards and payouts of all workers").by::<UserId>("worker_id"),
            all_entries,
        )
        .call(post("/payouts", Can(PayWorkers), "Pay workers for a day, once each").takes::<PayoutBody>().gives::<PayoutsView>(), pay)
        .call(span("/analytics/earnings", "What the company earned with work orders, by day").gives::<EarningsView>(), earnings)
        .call(
            get("/analytics/negative-balances", Can(SeeAnalytics), "How many workers are below zero").gives::<NegativeBalances>(),
            below_zero,
        )
        .call(
            span("/analytics/dearest-order", "The order with the highest reward among those done in these days").gives::<DearestOrder>(),
            dearest,
        )
}

fn view(order: WorkOrder) -> WorkOrderView {
    WorkOrderView {
        id: order.id,
        title: order.title,
        ticket: order.ticket,
        text: order.text,
        premise_id: order.premise_id,
        worker_id: order.worker_id,
        worker_name: order.worker_name,
        fee_kopecks: order.fee,
        reward_kopecks: order.reward,
        state: order.state,
        created_at: order.created_at,
        created_by: order.created_by,
        done_at: order.done_at,
        done_note: order.done_note,
    }
}

fn refused(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::NoWorker => Error::conflict("work-order-no-worker"),
        Refusal::NoPremise => Error::field("premise_id", "form-choose"),
        Refusal::Done => Error::conflict("work-order-done-already"),
        Refusal::NotYours => Error::conflict("work-order-not-yours"),
        Refusal::Changed => Error::conflict("work-order-changed"),
        Refusal::KeyReused => Error::wrong("api-idempotency-mismatch"),
        Refusal::OpenAlready | Refusal::Ledger(_) => Error::conflict(refusal.key()),
    }
}

async fn show_all(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(WorkOrderSort::Created))?);
    let actor = call.actor()?;
    let is_mine = call.asked::<bool>("mine")?.unwrap_or(false);
    let filter = WorkOrderFilter {
        state: call.asked("state")?,
        worker: is_mine.then_some(actor.id),
        of: (!actor.can(AssignWorkOrders)).then_some(actor.id),
        ..WorkOrderFilter::default()
    };
    let total = filter.count(&call.db).await?;
    let orders = filter.rows(&call.db, sort.by, sort.is_descending, slice.bounds()).await?;
    Ok(axum::Json(slice.of(orders, total).map(view)).into_response())
}

async fn visible(call: &Call, id: i64) -> Result<WorkOrder> {
    let actor = call.actor()?;
    WorkOrder::find(&call.db, WorkOrderId(id)).await?.filter(|order| order.is_seen_by(actor)).ok_or(Error::NOT_FOUND)
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    Ok(axum::Json(view(visible(&call, id).await?)).into_response())
}

/// As it was sent, as the description says; cleaning only makes it shorter.
fn limited(field: &'static str, text: &str, longest: usize) -> Result<()> {
    if text.chars().count() > longest { Err(Error::field(field, "api-too-long")) } else { Ok(()) }
}

async fn read(call: &Call, body: &WorkOrderBody) -> Result<NewWorkOrder> {
    limited("title", &body.title, LONGEST_TITLE)?;
    limited("ticket", body.ticket.as_deref().unwrap_or_default(), LONGEST_TICKET)?;
    limited("text", &body.text, LONGEST_TEXT)?;
    let title = clean_line(&body.title);
    if title.is_empty() {
        return Err(Error::field("title", "form-required"));
    }
    if !is_title(&title) {
        return Err(Error::field("title", "work-order-brackets"));
    }
    if let Some(id) = body.premise_id {
        let actor = call.actor()?;
        let premise = Premise::find(&call.db, id).await?.filter(|premise| actor.sees(premise.site_id));
        premise.ok_or_else(|| Error::field("premise_id", "form-choose"))?;
    }
    let ticket = body.ticket.as_deref().map(clean_line).filter(|ticket| !ticket.is_empty());
    let key = call.key_of("work order")?;
    Ok(NewWorkOrder { title, ticket, text: clean_lines(&body.text), premise: body.premise_id, seen: None, key })
}

async fn make(call: Call, Body(body): Body<WorkOrderBody>) -> Result {
    let new = read(&call, &body).await?;
    let mut turn = call.turn(&body).await?;
    let opened = new.open(&mut turn, Some(call.actor()?.id), &mut call.dice.generator(), call.now()).await?;
    let opened = opened.map_err(|refusal| refused(&refusal))?;
    if opened.is_new {
        opened.order.noted(&mut turn, &call.author()?, "audit-work-order-opened", call.now()).await?;
    }
    let location = format!("{ROOT}/work-orders/{}", opened.order.id);
    turn.end(StatusCode::CREATED, &location, &view(opened.order)).await
}

/// A body that may be left out altogether.
pub struct Completion(CompletionBody);

impl FromRequest<App> for Completion {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        if request.body().is_end_stream() {
            return Ok(Self(CompletionBody::default()));
        }
        Body::from_request(request, app).await.map(|Body(body)| Self(body))
    }
}

async fn done(call: Call, Keys(id): Keys<i64>, Completion(body): Completion) -> Result {
    limited("note", &body.note, LONGEST_NOTE)?;
    let order = visible(&call, id).await?;
    let mut turn = call.turn(&body).await?;
    let completed = WorkOrder::complete(&mut turn, order.id, call.actor()?.id, &clean_lines(&body.note), call.now()).await?;
    let order = completed.map_err(|refusal| refused(&refusal))?;
    order.noted(&mut turn, &call.author()?, "audit-work-order-done", call.now()).await?;
    turn.end(StatusCode::OK, "", &view(order)).await
}

async fn shuffle(call: Call) -> Result {
    let mut turn = call.turn(&serde_json::Value::Null).await?;
    let outcome = Reshuffle::carry_out(&mut turn, call.dice.seed(), None, &call.author()?, call.now()).await?;
    let outcome = outcome.map_err(|refusal| refused(&refusal))?;
    turn.end(StatusCode::OK, "", &ReshuffleView { changed: outcome.changed, charged_kopecks: outcome.charged }).await
}

async fn balance_of(call: &Call, worker_id: UserId, name: String) -> Result {
    let balance_kopecks = worker::balance(&call.db, worker_id).await?;
    Ok(axum::Json(WorkerBalance { worker_id, name, balance_kopecks }).into_response())
}

async fn own_balance(call: Call) -> Result {
    let actor = call.actor()?;
    balance_of(&call, actor.id, actor.name.clone()).await
}

async fn balance(call: Call, Keys(id): Keys<i64>) -> Result {
    let actor = call.actor()?;
    let user = User::find(&call.db, UserId(id)).await?;
    let user = user.filter(|user| user.id == actor.id || actor.can(SeeEarnings)).ok_or(Error::NOT_FOUND)?;
    balance_of(&call, user.id, user.name).await
}

/// The days asked for, both included; this month up to today when nothing is asked.
fn days(call: &Call) -> Result<(Date, Date)> {
    let until = call.asked::<Day>("to")?.map_or_else(|| call.app().today(), |day| day.0);
    let from = call.asked::<Day>("from")?.map_or_else(|| Period::of(until).first_day(), |day| day.0);
    if from > until { Err(Error::field("from", "api-wrong-value")) } else { Ok((from, until)) }
}

fn entry_view(entry: Entry) -> EntryView {
    EntryView {
        transfer_id: entry.transfer_id,
        day: Day(entry.day),
        kind: entry.kind,
        worker_id: entry.worker_id,
        worker_name: entry.worker_name,
        amount_kopecks: entry.sum,
        work_order_id: entry.order_id,
        title: entry.order_title,
        ticket: entry.order_ticket,
    }
}

async fn entries(call: &Call, worker: Option<UserId>) -> Result {
    let slice = call.slice()?;
    let (from, until) = days(call)?;
    let filter = EntryFilter { worker, from, until };
    let total = filter.count(&call.db).await?;
    let rows = filter.rows(&call.db, slice.bounds()).await?;
    Ok(axum::Json(slice.of(rows, total).map(entry_view)).into_response())
}

async fn own_entries(call: Call) -> Result {
    let me = call.actor()?.id;
    entries(&call, Some(me)).await
}

async fn all_entries(call: Call) -> Result {
    let worker = call.asked("worker_id")?;
    entries(&call, worker).await
}

fn payout_view(payout: Payout) -> PayoutView {
    PayoutView {
        id: payout.id,
        worker_id: payout.worker_id,
        worker_name: payout.worker_name,
        day: Day(payout.day),
        amount_kopecks: payout.sum,
        state: payout.state,
    }
}

async fn pay(call: Call, Body(body): Body<PayoutBody>) -> Result {
    let mut turn = call.turn(&body).await?;
    let made = payout::pay_out(&mut turn, body.day.0, &call.author()?, call.now()).await?;
    let made = made.map_err(|refusal| match refusal {
        payout::Refusal::Future => Error::field("day", refusal.key()),
        other => Error::conflict(other.key()),
    })?;
    let paid = made.iter().filter(|payout| payout.state == PayoutState::Paid);
    let view = PayoutsView {
        day: body.day,
        paid: i64::try_from(paid.clone().count())?,
        paid_kopecks: paid.map(|payout| payout.sum).sum(),
        waiting: i64::try_from(made.iter().filter(|payout| payout.state == PayoutState::Waiting).count())?,
        payouts: made.into_iter().map(payout_view).collect(),
    };
    turn.end(StatusCode::OK, "", &view).await
}

async fn earnings(call: Call) -> Result {
    let (from, until) = days(&call)?;
    let earned = analytics::by_day(&call.db, from, until).await?;
    let day = |earned: &analytics::Earned| EarnedDay {
        day: Day(earned.day),
        fees_kopecks: earned.fees,
        rewards_kopecks: earned.rewards,
        earnings_kopecks: earned.earnings(),
    };
    let view = EarningsView {
        from: Day(from),
        to: Day(until),
        fees_kopecks: earned.iter().map(|earned| earned.fees).sum(),
        rewards_kopecks: earned.iter().map(|earned| earned.rewards).sum(),
        earnings_kopecks: earned.iter().map(analytics::Earned::earnings).sum(),
        days: earned.iter().map(day).collect(),
    };
    Ok(axum::Json(view).into_response())
}

async fn below_zero(call: Call) -> Result {
    Ok(axum::Json(NegativeBalances { count: analytics::below_zero(&call.db).await? }).into_response())
}

async fn dearest(call: Call) -> Result {
    let (from, until) = days(&call)?;
    let order = analytics::dearest(&call.db, from, until).await?;
    Ok(axum::Json(DearestOrder { from: Day(from), to: Day(until), work_order: order.map(view) }).into_response())
}
