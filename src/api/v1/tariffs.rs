//! Tariffs: the prices of a service of a site from a month on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        call::{Call, Listed, Slice},
        calls::Op,
        error::{Error, Result},
        noun::Noun,
        values::Within,
    },
    audit::Subject,
    db::{self, On, Tx},
    estate::{
        contract::Service,
        site::{Site, SiteId},
    },
    kernel::{Period, Price, Quantity, text::clean_line},
    metering::Zone,
    staff::user::Permission,
    tariffs::{
        Basis, PriceLine, Version, VersionId,
        tariff::{self, NewVersion, NotAVersion},
    },
    web::list::Sort,
};

pub struct Tariffs;

/// Prices that hold from a month on, until the next ones of the service.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffBody {
    pub site_id: SiteId,
    pub service: Service,
    /// Of contracts of this category; of all others when it is left out.
    #[serde(default)]
    pub category: String,
    pub valid_from: Period,
    pub basis: Basis,
    /// From one to sixty.
    pub prices: Vec<PriceItem>,
    /// By how much prices differ in some months of the year.
    #[serde(default)]
    pub factors: Vec<FactorItem>,
}

/// What the prices of a month of the year are multiplied by.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorItem {
    month: Within<1, 12>,
    /// From 0.001 to 100.
    factor: Quantity,
}

/// The price of a zone from a quantity on.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceItem {
    pub zone: Zone,
    /// Where the range starts: of what is used in a month in all zones together.
    pub from: Quantity,
    /// Roubles, up to four decimals.
    pub price: Price,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TariffView {
    id: VersionId,
    site_id: SiteId,
    service: Service,
    category: String,
    valid_from: Period,
    basis: Basis,
    prices: Vec<PriceItem>,
    factors: Vec<FactorItem>,
}

crate::text_enum! {
    /// What tariffs can be sorted by.
    TariffOrder as "tariff-order" { ValidFrom = "valid_from", Service = "service" }
}

fn view(site: SiteId, service: Service, version: &Version) -> TariffView {
    let item = |line: &PriceLine| PriceItem { zone: line.zone, from: line.from, price: line.price };
    let factor = |(month, thousandths): &(u8, i64)| FactorItem {
        month: Within(i64::from(*month)),
        factor: Quantity::from_thousandths(*thousandths),
    };
    TariffView {
        id: version.id,
        site_id: site,
        service,
        category: version.category.clone(),
        valid_from: version.valid_from,
        basis: version.basis,
        prices: version.prices.iter().map(item).collect(),
        factors: version.factors.iter().map(factor).collect(),
    }
}

async fn of_site(on: impl Into<On<'_>>, site: SiteId) -> Result<Vec<TariffView>> {
    let tariffs = tariff::of_site(on, site).await?;
    let views = tariffs.iter().flat_map(|(service, tariff)| tariff.versions().iter().map(|version| view(site, *service, version)));
    Ok(views.collect())
}

impl TariffBody {
    /// By the rules of the form: each month once.
    fn factors(&self) -> Result<Vec<(u8, i64)>> {
        let mut factors = BTreeMap::new();
        for item in &self.factors {
            let thousandths = item.factor.thousandths();
            let month = u8::try_from(item.month.0)?;
            if !(1..=100_000).contains(&thousandths) || factors.insert(month, thousandths).is_some() {
                return Err(Error::field("factors", "tariff-factors-wrong"));
            }
        }
        Ok(factors.into_iter().collect())
    }

    fn version(&self) -> Result<NewVersion> {
        let category = clean_line(&self.category);
        if category.chars().count() > 60 {
            return Err(Error::field("category", "api-too-long"));
        }
        let prices = self.prices.iter().map(|item| PriceLine { zone: item.zone, from: item.from, price: item.price }).collect::<Vec<_>>();
        if prices.len() > 60 || prices.iter().any(|line| line.from.is_negative()) {
            return Err(Error::field("prices", "api-wrong-value"));
        }
        let version = NewVersion {
            site: self.site_id,
            service: self.service,
            category,
            valid_from: self.valid_from,
            basis: self.basis,
            prices,
            factors: self.factors()?,
        };
        match version.wrong() {
            Some(reason @ NotAVersion::BasisNotOfService) => Err(Error::field("basis", reason.key())),
            Some(reason) => Err(Error::field("prices", reason.key())),
            None => Ok(version),
        }
    }
}

impl Noun for Tariffs {
    const PATH: &'static str = "/tariffs";
    const SEE: Permission = Permission::SeeMoney;
    const EDIT: Permission = Permission::EditTariffs;
    const SUMMARIES: [&'static str; 6] = [
        "Prices of the sites that the caller sees",
        "Enter prices; they take the place of those of the same month that no bill stands on",
        "One tariff",
        "Change prices that no bill stands on",
        "Delete prices that no bill stands on",
        "Enter prices row by row; good rows stay",
    ];
    type New = TariffBody;
    type Change = TariffBody;
    type View = TariffView;
    type Order = TariffOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<Service>("service")
    }

    fn usual_order() -> Sort<TariffOrder> {
        Sort::up(TariffOrder::ValidFrom)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<TariffOrder>) -> Result<Listed<TariffView>> {
        let actor = call.actor()?;
        let (site, service): (Option<SiteId>, Option<Service>) = (call.asked("site_id")?, call.asked("service")?);
        let mut views = Vec::new();
        // Sites and their prices are few.
        for known in Site::all(&call.db).await? {
            if actor.sees(known.id) && site.is_none_or(|site| site == known.id) {
                views.append(&mut of_site(&call.db, known.id).await?);
            }
        }
        views.retain(|view| service.is_none_or(|service| service == view.service));
        match sort.by {
            TariffOrder::ValidFrom => views.sort_by_key(|view| (view.valid_from, view.id)),
            TariffOrder::Service => views.sort_by_key(|view| (view.service, view.id)),
        }
        if sort.is_descending {
            views.reverse();
        }
        Ok(slice.cut(views))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<TariffView> {
        let mut on = on;
        let id = VersionId(key);
        let site = call.visible(tariff::site_of(&mut on, id).await?, |site| *site)?;
        of_site(on, site).await?.into_iter().find(|view| view.id == id).ok_or(Error::NOT_FOUND)
    }

    async fn make(call: &Call, tx: &mut Tx, new: &TariffBody) -> Result<i64> {
        let version = new.version()?;
        let site = call.site(&mut *tx, new.site_id).await?;
        let added = version.add(tx, Some(call.actor()?.id), call.now()).await?;
        let id = added.ok_or_else(|| Error::taken("valid_from", "tariff-in-use"))?;
        let author = call.author()?;
        call.entry(&author, "audit-tariff-added", Subject::Tariff, id.0, site.details.name).created(tx, new).await?;
        Ok(id.0)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &TariffBody) -> Result<()> {
        let version = change.version()?;
        let id = VersionId(key);
        let site = tariff::site_of(&mut *tx, id).await?.ok_or(Error::NOT_FOUND)?;
        if site != change.site_id {
            return Err(Error::field("site_id", "api-never-changes"));
        }
        let replaced = version.replace(tx, id).await.map_err(|error| match error {
            db::Error::UniqueViolation(_) => Error::taken("valid_from", "api-month-taken"),
            other => other.into(),
        })?;
        if !replaced {
            return Err(Error::conflict("tariff-in-use"));
        }
        let author = call.author()?;
        Ok(call.entry(&author, "audit-tariff-changed", Subject::Tariff, key, key.to_string()).created(tx, change).await?)
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        if !tariff::take_away(tx, VersionId(key)).await? {
            return Err(Error::conflict("tariff-in-use"));
        }
        let author = call.author()?;
        Ok(call.entry(&author, "audit-tariff-deleted", Subject::Tariff, key, key.to_string()).noted(tx).await?)
    }
}
