//! A tariff version: the prices of a service of a site from a month on, until the next version.

use std::collections::{HashMap, HashSet};

use crate::{
    db::{self, On, Tx, insert_many, q},
    estate::{contract::Service, site::SiteId},
    kernel::{Moment, Period, Price, Quantity},
    metering::Zone,
    staff::user::UserId,
};

crate::ids! {
    /// Key of a tariff version.
    VersionId,
}

crate::text_enum! {
    /// What a price is for.
    Basis as "basis" {
        /// A unit of what is metered: a cubic metre, a kilowatt-hour.
        Unit = "unit",
        SquareMetre = "m2",
        /// A hundred square metres of land, a sotka.
        Hundred = "100m2",
        /// The premise; a part of a month is charged by its days.
        Premise = "premise",
        /// The contract, whole for every month it stands in.
        Fixed = "fixed",
    }
}

/// The price of a zone from a quantity on, until the next line of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceLine {
    pub zone: Zone,
    /// Of what is used in a month in all zones together.
    pub from: Quantity,
    pub price: Price,
}

/// Prices from a month on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub id: VersionId,
    /// Contracts of this category; empty for the usual one.
    pub category: String,
    pub valid_from: Period,
    pub basis: Basis,
    /// By zone and then by where they begin; the first of each zone begins at zero.
    pub prices: Vec<PriceLine>,
    /// By how many thousandths the beginnings of ranges are multiplied in a month of the year (1 to 12); one where it is not named.
    pub factors: Vec<(u8, i64)>,
}

impl Version {
    /// Where a range begins in this month.
    #[must_use]
    pub fn range_start(&self, from: Quantity, month: Period) -> Quantity {
        let factor = self.factors.iter().find(|(named, _)| *named == month.month()).map_or(1000, |(_, thousandths)| *thousandths);
        Quantity::from_thousandths(i64::try_from(i128::from(from.thousandths()) * i128::from(factor) / 1000).unwrap_or(i64::MAX))
    }

    /// Where the range of this price begins and ends in a month; `None` when the zone has one price, or not this one.
    #[must_use]
    pub fn range_of(&self, zone: Zone, price: Price, month: Period) -> Option<(Quantity, Option<Quantity>)> {
        let has_own = self.prices.iter().any(|line| line.zone == zone);
        let lines: Vec<&PriceLine> = self.prices.iter().filter(|line| line.zone == if has_own { zone } else { Zone::Single }).collect();
        let place = lines.iter().position(|line| line.price == price).filter(|_| lines.len() > 1)?;
        let start = |line: &PriceLine| self.range_start(line.from, month);
        Some((start(lines[place]), lines.get(place + 1).map(|next| start(next))))
    }
}

/// All versions of one service at a site, the earliest first.
#[derive(Clone, Debug, Default)]
pub struct Tariff(Vec<Version>);

impl Tariff {
    pub fn new(mut versions: Vec<Version>) -> Self {
        versions.sort_by_key(|version| version.valid_from);
        Self(versions)
    }

    /// The prices for a category in a month: its own version, else the usual one.
    #[must_use]
    pub fn in_month(&self, category: &str, month: Period) -> Option<&Version> {
        let of = |category: &str| self.0.iter().rfind(|version| version.category == category && version.valid_from <= month);
        of(category).or_else(|| of(""))
    }

    /// The same with one version more, in the place of that of the same month and category.
    #[must_use]
    pub fn with(&self, version: Version) -> Self {
        let is_other = |old: &&Version| (old.valid_from, &old.category) != (version.valid_from, &version.category);
        let mut versions: Vec<Version> = self.0.iter().filter(is_other).cloned().collect();
        versions.push(version);
        Self::new(versions)
    }

    pub fn version(&self, id: VersionId) -> Option<&Version> {
        self.0.iter().find(|version| version.id == id)
    }

    pub fn versions(&self) -> &[Version] {
        &self.0
    }
}

/// A version to be added.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub site: SiteId,
    pub service: Service,
    pub category: String,
    pub valid_from: Period,
    pub basis: Basis,
    pub prices: Vec<PriceLine>,
    pub factors: Vec<(u8, i64)>,
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: VersionId,
    service: Service,
    category: String,
    valid_from: Period,
    basis: Basis,
}

/// Why prices cannot be entered so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAVersion {
    /// Metered services are priced by the unit, others are not.
    BasisNotOfService,
    NoPrices,
    /// A zone has no price from zero on.
    BeginsLater,
    /// Zones are for what is metered.
    ZonesOnlyMetered,
    /// A zone has two prices from the same quantity on.
    Repeated,
}

impl NotAVersion {
    /// The key of the message that says it.
    pub fn key(self) -> &'static str {
        match self {
            Self::BasisNotOfService => "tariff-basis-not-of-service",
            Self::NoPrices => "form-required",
            Self::BeginsLater => "tariff-zone-begins-at-zero",
            Self::ZonesOnlyMetered => "tariff-zones-only-metered",
            Self::Repeated => "tariff-range-order",
        }
    }
}

impl NewVersion {
    /// What is wrong with it in itself, if anything.
    pub fn wrong(&self) -> Option<NotAVersion> {
        let is_metered = self.service.resource().is_some();
        let begins = |zone: Zone| self.prices.iter().any(|line| line.zone == zone && line.from == Quantity::ZERO);
        let places: HashSet<(Zone, Quantity)> = self.prices.iter().map(|line| (line.zone, line.from)).collect();
        if (self.basis == Basis::Unit) != is_metered {
            Some(NotAVersion::BasisNotOfService)
        } else if self.prices.is_empty() {
            Some(NotAVersion::NoPrices)
        } else if !self.prices.iter().all(|line| begins(line.zone)) {
            Some(NotAVersion::BeginsLater)
        } else if !is_metered && self.prices.iter().any(|line| line.zone != Zone::Single) {
            Some(NotAVersion::ZonesOnlyMetered)
        } else {
            (places.len() < self.prices.len()).then_some(NotAVersion::Repeated)
        }
    }

    /// Puts it in the place of a version that no bill stands on; false, and nothing changed, when one does.
    ///
    /// # Errors
    /// A violated unique key when another version of the service holds from the month.
    pub async fn replace(&self, tx: &mut Tx, id: VersionId) -> db::Result<bool> {
        if is_used(tx, id).await? {
            return Ok(false);
        }
        clear(tx, id).await?;
        q(&mut *tx, "update tariff_version set service = $2, category = $3, valid_from = $4, basis = $5 where id = $1")
            .bind(id)
            .bind(self.service)
            .bind(self.category.as_str())
            .bind(self.valid_from)
            .bind(self.basis)
            .run()
            .await?;
        self.write_prices(tx, id).await?;
        Ok(true)
    }

    async fn write_prices(&self, tx: &mut Tx, id: VersionId) -> db::Result<()> {
        let into = "tariff_price (version_id, zone, from_thousandths, price_ten_thousandths)";
        insert_many(tx, into, &self.prices, |statement, line| statement.bind(id).bind(line.zone).bind(line.from).bind(line.price)).await?;
        insert_many(tx, "tariff_factor (version_id, month, factor_thousandths)", &self.factors, |statement, (month, factor)| {
            statement.bind(id).bind(i64::from(*month)).bind(*factor)
        })
        .await
    }

    /// Adds it, or takes the place of the one of the same month that no bill stands on; `None` when one does.
    pub async fn add(&self, tx: &mut Tx, user: Option<UserId>, now: Moment) -> db::Result<Option<VersionId>> {
        let sql = "select v.id
            from tariff_version v
            where v.site_id = $1 and v.service = $2 and v.category = $3 and v.valid_from = $4";
        let old: Option<VersionId> =
            q(&mut *tx, sql).bind(self.site).bind(self.service).bind(self.category.as_str()).bind(self.valid_from).scalar_opt().await?;
        if let Some(old) = old
            && !take_away(tx, old).await?
        {
            return Ok(None);
        }
        let sql = "insert into tariff_version (site_id, service, category, valid_from, basis, created_at, created_by)
            values ($1, $2, $3, $4, $5, $6, $7)
            returning id";
        let id: VersionId = q(&mut *tx, sql)
            .bind(self.site)
            .bind(self.service)
            .bind(self.category.as_str())
            .bind(self.valid_from)
            .bind(self.basis)
            .bind(now)
            .bind(user)
            .scalar()
            .await?;
        self.write_prices(tx, id).await?;
        Ok(Some(id))
    }
}

/// Removes a version that no charge names; false, and nothing changed, when one does.
pub async fn take_away(tx: &mut Tx, id: VersionId) -> db::Result<bool> {
    if is_used(tx, id).await? {
        return Ok(false);
    }
    clear(tx, id).await?;
    Ok(q(tx, "delete from tariff_version where id = $1").bind(id).run().await? == 1)
}

async fn is_used(tx: &mut Tx, id: VersionId) -> db::Result<bool> {
    q(tx, "select exists (select 1 from charge where version_id = $1)").bind(id).scalar().await
}

async fn clear(tx: &mut Tx, id: VersionId) -> db::Result<()> {
    for sql in ["delete from tariff_price where version_id = $1", "delete from tariff_factor where version_id = $1"] {
        q(&mut *tx, sql).bind(id).run().await?;
    }
    Ok(())
}

/// Every tariff of a site, by service.
pub async fn of_site(on: impl Into<On<'_>>, site: SiteId) -> db::Result<HashMap<Service, Tariff>> {
    let mut on = on.into();
    let stored: Vec<Stored> =
        q(&mut on, "select id, service, category, valid_from, basis from tariff_version where site_id = $1").bind(site).all().await?;
    let prices: Vec<(VersionId, Zone, Quantity, Price)> = q(
        &mut on,
        "select p.version_id, p.zone, p.from_thousandths, p.price_ten_thousandths
        from tariff_version v
        join tariff_price p on p.version_id = v.id
        where v.site_id = $1
        order by p.version_id, p.zone, p.from_thousandths",
    )
    .bind(site)
    .all()
    .await?;
    let factors: Vec<(VersionId, i64, i64)> = q(
        &mut on,
        "select f.version_id, f.month, f.factor_thousandths
        from tariff_version v
        join tariff_factor f on f.version_id = v.id
        where v.site_id = $1
        order by f.version_id, f.month",
    )
    .bind(site)
    .all()
    .await?;
    let mut versions: HashMap<Service, Vec<Version>> = HashMap::new();
    for row in stored {
        let own_prices = prices.iter().filter(|(version, ..)| *version == row.id);
        let own_factors = factors.iter().filter(|(version, ..)| *version == row.id);
        versions.entry(row.service).or_default().push(Version {
            id: row.id,
            category: row.category,
            valid_from: row.valid_from,
            basis: row.basis,
            prices: own_prices.map(|(_, zone, from, price)| PriceLine { zone: *zone, from: *from, price: *price }).collect(),
            factors: own_factors.filter_map(|(_, month, factor)| Some((u8::try_from(*month).ok()?, *factor))).collect(),
        });
    }
    Ok(versions.into_iter().map(|(service, versions)| (service, Tariff::new(versions))).collect())
}

/// Whose version it is.
pub async fn site_of(on: impl Into<On<'_>>, id: VersionId) -> db::Result<Option<SiteId>> {
    q(on, "select site_id from tariff_version where id = $1").bind(id).scalar_opt().await
}
