//! Orders from the price list, with what they set aside, give back and earn.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts;
use crate::{
    api::{
        body::Body,
        call::{Call, Turn},
        calls::{Calls, ROOT, get, post},
        error::{Error, Result},
    },
    estate::site::SiteId,
    kernel::{Moment, Money, Quantity, text::clean_line},
    orders::{
        Delivery, NewOrder, Order, OrderId, OrderState, Refusal, ServiceItemId,
        line::Line,
        list::{OrderFilter, OrderSort},
    },
    staff::user::Permission::{Order as PlaceOrders, SeeMoney},
    web::{Access::Can, Keys, list::Sort},
};

/// What is ordered from an account.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// Its number.
    account: String,
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<OrderItem>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderItem {
    service_id: ServiceItemId,
    quantity: Quantity,
}

/// What is delivered of an order: everything that is left when nothing is named.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryBody {
    #[serde(default)]
    #[schema(max_items = 100)]
    items: Vec<DeliveredItem>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveredItem {
    service_id: ServiceItemId,
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000_000_i64)]
    amount_kopecks: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderView {
    id: OrderId,
    /// Its number.
    account: String,
    site_id: SiteId,
    state: OrderState,
    placed_at: Moment,
    total_kopecks: Money,
    /// Earned.
    delivered_kopecks: Money,
    /// Given back.
    released_kopecks: Money,
    items: Vec<OrderLine>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLine {
    service_id: ServiceItemId,
    name: String,
    unit: String,
    /// As it was when the order was placed.
    price_kopecks: Money,
    quantity: Quantity,
    amount_kopecks: Money,
    delivered_kopecks: Money,
}

pub fn calls() -> Calls {
    let (see, order) = (Can(SeeMoney), Can(PlaceOrders));
    let list = get("/orders", see, "Orders of the sites that the caller sees").lists::<OrderView>().sorted::<OrderSort>();
    let list = list.by::<String>("account").by::<SiteId>("site_id").by::<OrderState>("state").refuses(StatusCode::NOT_FOUND);
    let place = post("/orders", order, "Order from an account: the cost moves from its balance to its reserve");
    let cancel = post("/orders/{id}/cancel", order, "Give back what is still in the reserve");
    let deliver = post("/orders/{id}/deliver", order, "Turn what is in the reserve into revenue, wholly or in part");
    Calls::of("orders")
        .call(list, show_all)
        .call(place.takes::<OrderBody>().makes::<OrderView>().refuses(StatusCode::CONFLICT), make)
        .call(get("/orders/{id}", see, "One order").gives::<OrderView>(), show)
        .call(cancel.gives::<OrderView>().refuses(StatusCode::CONFLICT), cancel_order)
        .call(deliver.takes::<DeliveryBody>().gives::<OrderView>().refuses(StatusCode::CONFLICT), deliver_order)
}

fn view(order: Order, lines: Vec<Line>) -> OrderView {
    let line = |line: Line| OrderLine {
        service_id: line.item,
        name: line.name,
        unit: line.unit,
        price_kopecks: line.price,
        quantity: line.quantity,
        amount_kopecks: line.amount,
        delivered_kopecks: line.delivered,
    };
    OrderView {
        id: order.id,
        account: order.account_number,
        site_id: order.site_id,
        state: order.state,
        placed_at: order.placed_at,
        total_kopecks: order.total,
        delivered_kopecks: order.delivered,
        released_kopecks: order.released,
        items: lines.into_iter().map(line).collect(),
    }
}

async fn show_all(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(OrderSort::Placed))?);
    let account = match call.asked::<String>("account")? {
        Some(named) => Some(accounts::find(&call, &call.db, &named).await?.id),
        None => None,
    };
    let filter = OrderFilter { account, site: call.asked("site_id")?, state: call.asked("state")?, ..OrderFilter::default() };
    let seen = call.seen()?;
    let total = filter.count(&call.db, seen).await?;
    let orders = filter.rows(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let mut lines = Order::lines_of(&call.db, &ids).await?;
    let listed = slice.of(orders, total).map(|order| {
        let lines = lines.remove(&order.id).unwrap_or_default();
        view(order, lines)
    });
    Ok(axum::Json(listed).into_response())
}

async fn visible(call: &Call, id: i64) -> Result<Order> {
    call.visible(Order::find(&call.db, OrderId(id)).await?, |order| order.site_id)
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let order = visible(&call, id).await?;
    let lines = Order::lines(&call.db, order.id).await?;
    Ok(axum::Json(view(order, lines)).into_response())
}

fn refused(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::InsufficientFunds { .. } => Error::conflict("api-insufficient-funds"),
        Refusal::KeyReused => Error::wrong("api-idempotency-mismatch"),
        Refusal::AccountClosed => Error::conflict("api-account-closed"),
        Refusal::NotOpen(_) => Error::conflict("api-order-not-open"),
        Refusal::MoreThanLeft { .. } => Error::field("items", "api-more-than-left"),
        _ => Error::field("items", refusal.key()),
    }
}

/// Notes what was done to an order, and answers how it stands now.
async fn done(call: &Call, mut turn: Turn, id: OrderId, action: &'static str, sum: Money, status: StatusCode) -> Result {
    Order::note(&mut turn, id, &call.author()?, action, sum, call.now()).await?;
    let order = Order::find(&mut *turn, id).await?.ok_or(Error::NOT_FOUND)?;
    let lines = Order::lines(&mut *turn, id).await?;
    let location = if status == StatusCode::CREATED { format!("{ROOT}/orders/{id}") } else { String::new() };
    turn.end(status, &location, &view(order, lines)).await
}

async fn make(call: Call, Body(body): Body<OrderBody>) -> Result {
    if body.items.is_empty() || body.items.len() > 100 || body.items.iter().any(|item| item.quantity.is_negative()) {
        return Err(Error::field("items", "api-wrong-value"));
    }
    let found = accounts::find(&call, &call.db, &clean_line(&body.account)).await;
    let account = found.map_err(|error| if error.is_failure() { error } else { Error::field("account", "form-choose") })?;
    let mut turn = call.turn(&body).await?;
    let items = body.items.iter().map(|item| (item.service_id, item.quantity)).collect();
    let new = NewOrder { account: account.id, items, note: String::new(), key: call.key_of("order")? };
    let placed = new.place(&mut turn, Some(call.actor()?.id), call.now()).await?.map_err(|refusal| refused(&refusal))?;
    let total = Order::find(&mut *turn, placed.id).await?.map_or(Money::ZERO, |order| order.total);
    done(&call, turn, placed.id, "audit-order-placed", total, StatusCode::CREATED).await
}

async fn cancel_order(call: Call, Keys(id): Keys<i64>) -> Result {
    let order = visible(&call, id).await?;
    let mut turn = call.turn(&serde_json::Value::Null).await?;
    let back = Order::cancel(&mut turn, order.id, Some(call.actor()?.id), call.now()).await?.map_err(|refusal| refused(&refusal))?;
    done(&call, turn, order.id, "audit-order-cancelled", back, StatusCode::OK).await
}

async fn deliver_order(call: Call, Keys(id): Keys<i64>, Body(body): Body<DeliveryBody>) -> Result {
    let order = visible(&call, id).await?;
    let mut turn = call.turn(&body).await?;
    let amounts = body.items.iter().map(|item| (item.service_id, item.amount_kopecks)).collect();
    let delivery = Delivery { order: order.id, amounts, key: call.key_of("deliver")? };
    let made = delivery.make(&mut turn, Some(call.actor()?.id), call.now()).await?.map_err(|refusal| refused(&refusal))?;
    done(&call, turn, order.id, "audit-order-delivered", made.unwrap_or_default(), StatusCode::OK).await
}
