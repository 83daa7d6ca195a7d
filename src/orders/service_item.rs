//! The price list: what can be ordered beside the contracts, and what it costs now.

use serde::Serialize;
use time::Date;

use crate::{
    db::{self, On, Tx, q},
    estate::site::SiteId,
    kernel::{Moment, Money},
};

crate::ids! {
    /// Key of an item of the price list.
    ServiceItemId,
}

/// An item as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct ServiceItem {
    pub id: ServiceItemId,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub details: ServiceItemDetails,
    /// From this day on it cannot be ordered any more.
    pub ended_on: Option<Date>,
}

/// What a person enters about an item.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct ServiceItemDetails {
    /// The site it is offered at; all of them when there is none.
    #[sqlx(rename = "site_id")]
    pub site: Option<SiteId>,
    pub name: String,
    /// What the price is for: a piece, an hour.
    pub unit: String,
    #[sqlx(rename = "price_kopecks")]
    pub price: Money,
}

/// How an item was taken off the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Nobody ever ordered it.
    Deleted,
    /// Orders name it, so it stays, ended.
    Ended,
}

macro_rules! select_item {
    ($ending:literal) => {
        concat!("select i.id, i.site_id, i.name, i.unit, i.price_kopecks, i.ended_on from service_item i ", $ending)
    };
}

impl ServiceItem {
    pub async fn find(on: impl Into<On<'_>>, id: ServiceItemId) -> db::Result<Option<Self>> {
        q(on, select_item!("where i.id = $1")).bind(id).opt().await
    }

    /// The whole list: what is offered first, by name.
    pub async fn all(on: impl Into<On<'_>>) -> db::Result<Vec<Self>> {
        q(on, select_item!("order by i.ended_on is not null, i.name, i.id")).all().await
    }

    /// What can be ordered at a site, by name.
    pub async fn offered_at(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Vec<Self>> {
        let sql = select_item!("where i.ended_on is null and (i.site_id is null or i.site_id = $1) order by i.name, i.id");
        q(on, sql).bind(site).all().await
    }

    /// Can it be ordered by an account at the site?
    pub fn is_offered_at(&self, site: SiteId) -> bool {
        self.ended_on.is_none() && self.details.site.is_none_or(|own| own == site)
    }

    /// Takes it off the list. Deleted only when no order names it; `None` when there is no such item or it was ended before.
    pub async fn remove(tx: &mut Tx, id: ServiceItemId, on: Date) -> db::Result<Option<Removal>> {
        let sql = "delete from service_item
            where id = $1 and ended_on is null and not exists (select 1 from service_order_line where item_id = $1)";
        if q(&mut *tx, sql).bind(id).run().await? == 1 {
            return Ok(Some(Removal::Deleted));
        }
        Ok(Self::end(tx, id, on).await?.then_some(Removal::Ended))
    }

    /// Takes it off the list and keeps it; false when it was ended before.
    pub async fn end(tx: &mut Tx, id: ServiceItemId, on: Date) -> db::Result<bool> {
        Ok(q(tx, "update service_item set ended_on = $2 where id = $1 and ended_on is null").bind(id).bind(on).run().await? == 1)
    }

    /// Offers again what was ended; false when it was not.
    pub async fn offer_again(tx: &mut Tx, id: ServiceItemId) -> db::Result<bool> {
        Ok(q(tx, "update service_item set ended_on = null where id = $1 and ended_on is not null").bind(id).run().await? == 1)
    }
}

impl ServiceItemDetails {
    /// Is there another item on offer under this name, for the same site or for all?
    pub async fn is_taken(&self, tx: &mut Tx, by_another_than: Option<ServiceItemId>) -> db::Result<bool> {
        q(
            tx,
            "select exists (
                select 1
                from service_item
                where name = $1 and ended_on is null and id <> $2 and (site_id is null or $3 = 0 or site_id = $3)
            )",
        )
        .bind(self.name.as_str())
        .bind(by_another_than.map_or(0, |item| item.0))
        .bind(self.site.map_or(0, |site| site.0))
        .scalar()
        .await
    }

    pub async fn create(&self, tx: &mut Tx, now: Moment) -> db::Result<ServiceItemId> {
        let sql = "insert into service_item (site_id, name, unit, price_kopecks, created_at) values ($1, $2, $3, $4, $5) returning id";
        q(tx, sql).bind(self.site).bind(self.name.as_str()).bind(self.unit.as_str()).bind(self.price).bind(now).scalar().await
    }

    /// Orders that were placed keep their names and prices.
    pub async fn save(&self, tx: &mut Tx, id: ServiceItemId) -> db::Result<()> {
        let sql = "update service_item set site_id = $2, name = $3, unit = $4, price_kopecks = $5 where id = $1";
        q(tx, sql).bind(id).bind(self.site).bind(self.name.as_str()).bind(self.unit.as_str()).bind(self.price).run().await?;
        Ok(())
    }
}
