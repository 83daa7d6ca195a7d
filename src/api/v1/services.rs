//! The price list: what can be ordered beside the contracts.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::Call,
        calls::{Calls, ROOT, get, patch, post},
        error::{Error, Result},
    },
    audit::Subject,
    db::On,
    estate::site::SiteId,
    kernel::Money,
    orders::{ServiceItem, ServiceItemId, service_item::ServiceItemDetails},
    staff::user::Permission::{EditTariffs, SeeMoney},
    web::{Access::Can, Check, Input, Keys},
};

/// A service of the price list.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceBody {
    /// Offered at this site; at all of them when it is left out.
    #[serde(default)]
    site_id: Option<SiteId>,
    name: String,
    /// What the price is for: a piece, an hour.
    unit: String,
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000)]
    price_kopecks: Money,
}

/// What changes; what is left out stays. Orders that were placed keep their prices.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000)]
    price_kopecks: Option<Money>,
    /// Takes it off the list, or puts it there again.
    #[serde(default)]
    is_offered: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    id: ServiceItemId,
    site_id: Option<SiteId>,
    name: String,
    unit: String,
    price_kopecks: Money,
    is_offered: bool,
}

pub fn calls() -> Calls {
    let (see, edit) = (Can(SeeMoney), Can(EditTariffs));
    let add = post("/services", edit, "Put a service on the price list").takes::<ServiceBody>().makes::<ServiceView>();
    let change = patch("/services/{id}", edit, "Change a service, take it off the list or put it there again");
    Calls::of("services")
        .call(get("/services", see, "The price list").lists::<ServiceView>(), show_all)
        .call(add.refuses(StatusCode::CONFLICT), make)
        .call(get("/services/{id}", see, "One service").gives::<ServiceView>(), show)
        .call(change.takes::<ServiceChange>().gives::<ServiceView>().refuses(StatusCode::CONFLICT), save)
}

fn view(item: ServiceItem) -> ServiceView {
    ServiceView {
        id: item.id,
        site_id: item.details.site,
        name: item.details.name,
        unit: item.details.unit,
        price_kopecks: item.details.price,
        is_offered: item.ended_on.is_none(),
    }
}

async fn show_all(call: Call) -> Result {
    let (slice, actor) = (call.slice()?, call.actor()?);
    let items = ServiceItem::all(&call.db).await?.into_iter();
    let seen = items.filter(|item| item.details.site.is_none_or(|site| actor.sees(site)));
    Ok(axum::Json(slice.cut(seen.collect()).map(view)).into_response())
}

async fn visible(call: &Call, on: impl Into<On<'_>>, id: i64) -> Result<ServiceItem> {
    let actor = call.actor()?;
    let found = ServiceItem::find(on, ServiceItemId(id)).await?;
    found.filter(|item| item.details.site.is_none_or(|site| actor.sees(site))).ok_or(Error::NOT_FOUND)
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    Ok(axum::Json(view(visible(&call, &call.db, id).await?)).into_response())
}

/// The same rules as on the page.
fn details(body: &ServiceBody) -> Result<ServiceItemDetails> {
    let input = Input::of([("name", &body.name), ("unit", &body.unit)]);
    let mut check = Check::new(&input);
    let (name, unit) = (check.line("name", 120), check.line("unit", 30));
    check.ensure(body.price_kopecks.is_positive(), "price_kopecks", "form-not-positive");
    check.ensure(body.price_kopecks.kopecks() <= 1_000_000_000, "price_kopecks", "form-too-large");
    Ok(check.done(ServiceItemDetails { site: body.site_id, name, unit, price: body.price_kopecks })?)
}

async fn make(call: Call, Body(body): Body<ServiceBody>) -> Result {
    let details = details(&body)?;
    if let Some(site) = details.site {
        call.site(&call.db, site).await?;
    }
    let mut turn = call.turn(&body).await?;
    if details.is_taken(&mut turn, None).await? {
        return Err(Error::taken("name", "service-item-taken"));
    }
    let id = details.create(&mut turn, call.now()).await?;
    let author = call.author()?;
    call.entry(&author, "audit-item-added", Subject::Item, id.0, details.name.clone()).created(&mut turn, &details).await?;
    let view = view(ServiceItem { id, details, ended_on: None });
    turn.end(StatusCode::CREATED, &format!("{ROOT}/services/{id}"), &view).await
}

async fn save(call: Call, Keys(id): Keys<i64>, Body(change): Body<ServiceChange>) -> Result {
    let mut tx = call.db.begin().await?;
    let item = visible(&call, &mut tx, id).await?;
    let before = &item.details;
    let after = details(&ServiceBody {
        site_id: before.site,
        name: change.name.unwrap_or_else(|| before.name.clone()),
        unit: change.unit.unwrap_or_else(|| before.unit.clone()),
        price_kopecks: change.price_kopecks.unwrap_or(before.price),
    })?;
    let is_offered = change.is_offered.unwrap_or(item.ended_on.is_none());
    if is_offered && after.is_taken(&mut tx, Some(item.id)).await? {
        return Err(Error::taken("name", "service-item-taken"));
    }
    let author = call.author()?;
    after.save(&mut tx, item.id).await?;
    call.entry(&author, "audit-item-changed", Subject::Item, id, after.name.clone()).changed(&mut tx, before, &after).await?;
    if is_offered != item.ended_on.is_none() {
        let action = if is_offered { "audit-item-offered" } else { "audit-item-ended" };
        if is_offered {
            ServiceItem::offer_again(&mut tx, item.id).await?;
        } else {
            ServiceItem::end(&mut tx, item.id, call.app().today()).await?;
        }
        call.entry(&author, action, Subject::Item, id, after.name.clone()).noted(&mut tx).await?;
    }
    let view = view(visible(&call, &mut tx, id).await?);
    tx.commit().await?;
    Ok(axum::Json(view).into_response())
}
