//! The charges of one contract for one month. Pure: the same case always gives the same lines, and each line says how it came about.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    Consumption,
    consumption::{Days, Stay, Unknown, Use, minus, part, plus},
};
use crate::{
    estate::contract::Service,
    kernel::{Money, Period, Price, Quantity},
    metering::Zone,
    tariffs::{
        Basis, PriceLine, Version, VersionId,
        rate::{self, Portion, Unpriced},
        tariff::Tariff,
    },
};

/// Everything that the charges of a contract for a month depend on.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    pub month: Period,
    /// When the program began to bill the site.
    pub since: Date,
    pub terms: &'a Terms,
    /// Of the premise, in square metres.
    pub area: Option<Quantity>,
    pub stays: &'a [Stay],
    pub tariff: &'a Tariff,
    /// What earlier months were charged, corrections included.
    pub past: &'a [PastLine],
}

/// What the contract says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub service: Service,
    pub signed_on: Date,
    pub ended_on: Option<Date>,
    pub category: String,
    /// A month's use where nothing can be measured or estimated.
    pub norm: Option<Quantity>,
    pub own_prices: Vec<OwnPrice>,
}

/// A price agreed with this payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPrice {
    pub from: Period,
    pub until: Option<Period>,
    pub price: Price,
    pub reason: String,
}

/// A line that an earlier month was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastLine {
    pub month: Period,
    pub zone: Zone,
    pub price: Price,
    pub quantity: Quantity,
    pub amount: Money,
}

/// A line that is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The month it is for.
    pub month: Period,
    pub zone: Zone,
    pub quantity: Quantity,
    pub price: Price,
    pub amount: Money,
    pub consumption: Consumption,
    pub version: VersionId,
}

/// How the lines came about; kept with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// Days of the month in which the contract stood, and of the whole month.
    pub days: i64,
    pub of_days: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<Use>,
    /// In square metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Quantity>,
    /// Why the price is not that of the tariff; empty when it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub own_price: String,
}

/// What a contract owes for a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calculated {
    pub lines: Vec<Line>,
    pub working: Working,
}

/// Why a contract cannot be charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    #[error("no tariff for the month")]
    NoTariff,
    #[error("no price for the zone {0}")]
    NoPriceForZone(Zone),
    #[error("the premise has no area")]
    NoArea,
    #[error("no meter and no norm")]
    NoMeter,
    #[error(transparent)]
    Unknown(#[from] Unknown),
    #[error("the amount cannot be held")]
    TooLarge,
}

impl From<Unpriced> for Skip {
    fn from(unpriced: Unpriced) -> Self {
        match unpriced {
            Unpriced::NoPriceForZone(zone) => Self::NoPriceForZone(zone),
            Unpriced::TooLarge => Self::TooLarge,
        }
    }
}

type Zones = BTreeMap<Zone, Quantity>;

/// The lines of the month, then those that correct earlier ones; none when the contract does not stand in the month.
///
/// # Errors
/// When something that the charge depends on is not known.
pub fn calculate(case: &Case<'_>) -> Result<Calculated, Skip> {
    let Some(days) = Days::of(case.month, case.terms.signed_on, case.terms.ended_on) else { return Ok(Calculated::default()) };
    let version = case.version(case.month)?;
    let mut working = Working { days: days.count(), of_days: days.of_month(), own_price: case.own_reason(), ..Working::default() };
    if version.basis != Basis::Unit {
        let quantity = case.flat_quantity(version.basis, days)?;
        working.area = case.area.filter(|_| matches!(version.basis, Basis::SquareMetre | Basis::Hundred));
        let portions = rate::portions(&version, case.month, &[(Zone::Single, quantity)])?;
        return Ok(Calculated { lines: lines(case.month, &version, Consumption::Fixed, portions), working });
    }
    working.meters = case.uses(days)?;
    let (used, consumption) = case.total(&working.meters, days)?;
    let portions = rate::portions(&version, case.month, &used.into_iter().collect::<Vec<_>>())?;
    let mut lines = lines(case.month, &version, consumption, portions);
    for (month, (estimated, known)) in changed_months(&working.meters, case.stays) {
        lines.extend(case.correction(month, &estimated, &known)?);
    }
    Ok(Calculated { lines, working })
}

fn lines(month: Period, version: &Version, consumption: Consumption, portions: Vec<Portion>) -> Vec<Line> {
    let line = |portion: Portion| Line {
        month,
        zone: portion.zone,
        quantity: portion.quantity,
        price: portion.price,
        amount: portion.amount,
        consumption,
        version: version.id,
    };
    portions.into_iter().map(line).collect()
}

impl Case<'_> {
    /// The prices of a month: of the tariff, or the payer's own in their place.
    fn version(&self, month: Period) -> Result<Cow<'_, Version>, Skip> {
        let version = self.tariff.in_month(&self.terms.category, month).ok_or(Skip::NoTariff)?;
        Ok(match self.own_price(month) {
            None => Cow::Borrowed(version),
            Some(own) => {
                let prices = vec![PriceLine { zone: Zone::Single, from: Quantity::ZERO, price: own.price }];
                Cow::Owned(Version { prices, ..version.clone() })
            }
        })
    }

    fn own_price(&self, month: Period) -> Option<&OwnPrice> {
        self.terms.own_prices.iter().rfind(|own| own.from <= month && own.until.is_none_or(|until| month <= until))
    }

    fn own_reason(&self) -> String {
        self.own_price(self.month).map_or_else(String::new, |own| own.reason.clone())
    }

    /// What is not metered: an area, a premise or a contract; the first two by the days of the contract.
    fn flat_quantity(&self, basis: Basis, days: Days) -> Result<Quantity, Skip> {
        let one = Quantity::from_thousandths(1000);
        Ok(match basis {
            Basis::Unit | Basis::Fixed => one,
            Basis::Premise => part(one, days.count(), days.of_month()),
            Basis::SquareMetre => part(self.area.ok_or(Skip::NoArea)?, days.count(), days.of_month()),
            Basis::Hundred => part(self.area.ok_or(Skip::NoArea)?, days.count(), days.of_month() * 100),
        })
    }

    fn uses(&self, days: Days) -> Result<Vec<Use>, Skip> {
        let mut uses = Vec::with_capacity(self.stays.len());
        for stay in self.stays {
            uses.extend(stay.used(days, self.terms.signed_on, self.since, self.terms.norm)?);
        }
        Ok(uses)
    }

    /// What all meters used together; without any meter, the norm.
    fn total(&self, uses: &[Use], days: Days) -> Result<(Zones, Consumption), Skip> {
        if uses.is_empty() {
            let norm = self.terms.norm.ok_or(Skip::NoMeter)?;
            return Ok((Zones::from([(Zone::Single, part(norm, days.count(), days.of_month()))]), Consumption::Norm));
        }
        let mut total = Zones::new();
        for (zone, used) in uses.iter().flat_map(|one| &one.used) {
            add(&mut total, *zone, *used);
        }
        // One estimated meter makes the whole an estimate.
        let is = |kind| uses.iter().any(|one| one.consumption == kind);
        let consumption = [Consumption::Norm, Consumption::Average].into_iter().find(|kind| is(*kind)).unwrap_or(Consumption::Measured);
        Ok((total, consumption))
    }

    /// What an earlier month would have been charged had this been known, less what it was charged: by zone and price.
    fn correction(&self, month: Period, estimated: &Zones, known: &Zones) -> Result<Vec<Line>, Skip> {
        let past: Vec<&PastLine> = self.past.iter().filter(|line| line.month == month).collect();
        let mut total = Zones::new();
        for line in &past {
            add(&mut total, line.zone, line.quantity);
        }
        for (zone, used) in known {
            let before = estimated.get(zone).copied().unwrap_or_default();
            add(&mut total, *zone, minus(*used, before));
        }
        let version = self.version(month)?;
        let portions = rate::portions(&version, month, &total.into_iter().collect::<Vec<_>>())?;
        let mut changes: BTreeMap<(Zone, Price), (Quantity, Money)> = BTreeMap::new();
        for portion in portions {
            let change = changes.entry((portion.zone, portion.price)).or_default();
            *change = (plus(change.0, portion.quantity), change.1 + portion.amount);
        }
        for line in past {
            let change = changes.entry((line.zone, line.price)).or_default();
            *change = (minus(change.0, line.quantity), change.1 - line.amount);
        }
        changes.retain(|_, (quantity, amount)| (*quantity, *amount) != (Quantity::ZERO, Money::ZERO));
        let line = |((zone, price), (quantity, amount))| Line {
            month,
            zone,
            quantity,
            price,
            amount,
            consumption: Consumption::Correction,
            version: version.id,
        };
        Ok(changes.into_iter().map(line).collect())
    }
}

/// Months whose use is known now: what was charged for these meters then, and what it was.
fn changed_months(uses: &[Use], stays: &[Stay]) -> BTreeMap<Period, (Zones, Zones)> {
    let mut months: BTreeMap<Period, (Zones, Zones)> = BTreeMap::new();
    for one in uses {
        let stay = stays.iter().find(|stay| stay.installation == one.installation);
        for (month, used) in &one.earlier {
            let (estimated, known) = months.entry(*month).or_default();
            for (zone, used) in used {
                add(known, *zone, *used);
            }
            let charged = stay.and_then(|stay| stay.charged.iter().find(|charged| charged.month == *month));
            for (zone, used) in charged.iter().flat_map(|charged| &charged.used) {
                add(estimated, *zone, *used);
            }
        }
    }
    months
}

fn add(zones: &mut Zones, zone: Zone, used: Quantity) {
    let total = zones.entry(zone).or_default();
    *total = plus(*total, used);
}
