//! The price list as the office keeps it.

use askama::Template;

use crate::{
    audit::{Author, Entry, Subject as About},
    estate::{
        pages::shared::{site_choices, site_name},
        site::SiteId,
    },
    kernel::Money,
    orders::{
        ServiceItem, ServiceItemId,
        service_item::{Removal, ServiceItemDetails},
    },
    staff::user::Permission::EditTariffs,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Result, form,
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "orders/items.html")]
struct ItemsPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
    can_edit: bool,
}

struct Row {
    href: String,
    name: String,
    price: String,
    unit: String,
    site: String,
    /// Since when it is not offered; empty while it is.
    ended: String,
    end: String,
    offer: String,
}

/// The item, if it is offered everywhere or at a site that the person sees.
async fn visible(ctx: &Ctx, id: ServiceItemId) -> Result<ServiceItem> {
    let actor = ctx.actor()?;
    let item = ServiceItem::find(&ctx.db, id).await?;
    item.filter(|item| item.details.site.is_none_or(|site| actor.sees(site))).ok_or(Error::NotFound)
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("services-title")).await?;
    let actor = ctx.actor()?;
    let items = ServiceItem::all(&ctx.db).await?;
    let seen = items.into_iter().filter(|item| item.details.site.is_none_or(|site| actor.sees(site)));
    let row = |item: ServiceItem| Row {
        href: format!("/services/{}", item.id),
        price: l.sum(item.details.price),
        site: item.details.site.map_or_else(|| l.t("service-item-everywhere"), |site| site_name(&shell, site)),
        ended: item.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
        end: format!("/services/{}/end", item.id),
        offer: format!("/services/{}/offer", item.id),
        name: item.details.name,
        unit: item.details.unit,
    };
    let rows = seen.map(row).collect();
    page(&ItemsPage {
        heads: vec![
            Head::plain(l.t("order-item")),
            Head::plain(l.t("order-price")).number(),
            Head::plain(l.t("service-item-unit")),
            Head::plain(l.t("premise-site")),
            Head::plain(l.t("order-state")),
        ],
        rows,
        can_edit: actor.can(EditTariffs),
        shell,
    })
}

#[derive(Template)]
#[template(path = "orders/item.html")]
struct ItemPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    action: String,
}

async fn item_page(ctx: &Ctx, id: Option<ServiceItemId>, form: Filled) -> Result {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.t(if id.is_some() { "service-item-edit" } else { "service-item-new" })).await?;
    let action = id.map_or_else(|| "/services".to_owned(), |id| format!("/services/{id}"));
    page(&ItemPage { sites: site_choices(&shell), form, action, shell })
}

pub async fn new(ctx: Ctx) -> Result {
    item_page(&ctx, None, Filled::new(ctx.l, Input::default())).await
}

pub async fn edit(ctx: Ctx, Keys(id): Keys<ServiceItemId>) -> Result {
    let item = visible(&ctx, id).await?;
    let site = item.details.site.map_or_else(String::new, |site| site.to_string());
    let fields = [("name", item.details.name), ("unit", item.details.unit), ("price", item.details.price.to_string()), ("site", site)];
    item_page(&ctx, Some(id), Filled::new(ctx.l, Input::of(fields))).await
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    keep(&ctx, None, input).await
}

pub async fn save(ctx: Ctx, Keys(id): Keys<ServiceItemId>, input: Input) -> Result {
    let item = visible(&ctx, id).await?;
    keep(&ctx, Some(item), input).await
}

async fn keep(ctx: &Ctx, old: Option<ServiceItem>, input: Input) -> Result {
    let id = old.as_ref().map(|item| item.id);
    let details = match read(ctx, &input) {
        Ok(details) => details,
        Err(errors) => return refuse(ctx, id, input, errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    if details.is_taken(&mut tx, id).await? {
        drop(tx);
        return refuse(ctx, id, input, FieldErrors::one("name", "service-item-taken")).await;
    }
    let author = Author::from(ctx.actor()?);
    let name = details.name.clone();
    let (at, subject) = (ctx.now(), About::Item);
    if let Some(item) = &old {
        details.save(&mut tx, item.id).await?;
        let entry = Entry { author: &author, at, action: "audit-item-changed", subject, id: Some(item.id.0), name };
        entry.changed(&mut tx, &shown(&item.details), &shown(&details)).await?;
    } else {
        let id = details.create(&mut tx, at).await?;
        let entry = Entry { author: &author, at, action: "audit-item-added", subject, id: Some(id.0), name };
        entry.created(&mut tx, &shown(&details)).await?;
    }
    tx.commit().await?;
    ctx.done(ctx.l.t("service-item-saved"), "/services").await
}

/// As the audit keeps it: the price in roubles.
fn shown(details: &ServiceItemDetails) -> serde_json::Value {
    serde_json::json!({ "name": details.name, "unit": details.unit, "price": details.price.to_string(), "site": details.site })
}

async fn refuse(ctx: &Ctx, id: Option<ServiceItemId>, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(item_page(ctx, id, Filled::with_errors(ctx.l, input, errors)).await?))
}

fn read(ctx: &Ctx, input: &Input) -> Result<ServiceItemDetails, FieldErrors> {
    let mut check = Check::new(input);
    let name = check.line("name", 120);
    let unit = check.line("unit", 30);
    let price = check.money("price");
    check.ensure(price <= Money::from_kopecks(1_000_000_000), "price", "form-too-large");
    let site = check.optional_id::<SiteId>("site");
    let is_seen = site.is_none_or(|site| ctx.somebody().is_some_and(|actor| actor.sees(site)));
    check.ensure(is_seen, "site", "form-choose");
    check.done(ServiceItemDetails { site, name, unit, price })
}

pub async fn end(ctx: Ctx, Keys(id): Keys<ServiceItemId>) -> Result {
    let item = visible(&ctx, id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let removal = ServiceItem::remove(&mut tx, id, ctx.today()).await?;
    let action = match removal {
        Some(Removal::Deleted) => "audit-item-deleted",
        Some(Removal::Ended) => "audit-item-ended",
        None => return Err(Error::Conflict("service-item-ended-already")),
    };
    Entry { author: &author, at: ctx.now(), action, subject: About::Item, id: Some(id.0), name: item.details.name }.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t(action), "/services").await
}

pub async fn offer_again(ctx: Ctx, Keys(id): Keys<ServiceItemId>) -> Result {
    let item = visible(&ctx, id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if item.details.is_taken(&mut tx, Some(id)).await? {
        return Err(Error::Conflict("service-item-taken"));
    }
    if !ServiceItem::offer_again(&mut tx, id).await? {
        return Err(Error::Conflict("service-item-offered-already"));
    }
    let action = "audit-item-offered";
    Entry { author: &author, at: ctx.now(), action, subject: About::Item, id: Some(id.0), name: item.details.name }.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t(action), "/services").await
}
