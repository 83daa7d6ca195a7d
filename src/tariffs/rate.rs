//! What a quantity costs: zones, ranges, seasonal factors. Pure.

use super::tariff::{PriceLine, Version};
use crate::{
    kernel::{Money, Period, Price, Quantity},
    metering::Zone,
};

/// A part of what was used, all of it at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    pub zone: Zone,
    /// Where the range begins, after the seasonal factor.
    pub from: Quantity,
    pub quantity: Quantity,
    pub price: Price,
    pub amount: Money,
}

/// Why a quantity has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    #[error("the tariff has no price for the zone {0}")]
    NoPriceForZone(Zone),
    #[error("the amount cannot be held")]
    TooLarge,
}

/// What was used in a month, priced zone by zone and range by range. A zone in which nothing was used gives one portion of zero.
///
/// Ranges are those of all zones together, as the general rules for tariffs by ranges say: what lies in a range is split over the zones in
/// the proportion of what was used in each. A zone without prices of its own takes those of the single zone.
///
/// # Errors
/// When a zone has no price, or the amount is beyond what can be held.
pub fn portions(version: &Version, month: Period, used: &[(Zone, Quantity)]) -> Result<Vec<Portion>, Unpriced> {
    let total: i128 = used.iter().map(|(_, quantity)| i128::from(quantity.thousandths())).sum();
    let mut portions = Vec::with_capacity(used.len());
    for (zone, quantity) in used {
        let ranges = ranges(version, month, *zone)?;
        let mut before = 0;
        for (place, (from, price)) in ranges.iter().enumerate() {
            let until = ranges.get(place + 1).map_or(i128::MAX, |(next, _)| i128::from(next.thousandths()));
            // Rounded where the range ends, so that the parts of a zone are together exactly what was used in it.
            let upto = share(until.min(total), *quantity, total);
            let part = Quantity::from_thousandths(i64::try_from(upto - before).map_err(|_| Unpriced::TooLarge)?);
            before = upto;
            if part != Quantity::ZERO || place == 0 && *quantity == Quantity::ZERO {
                let amount = price.times(part).ok_or(Unpriced::TooLarge)?;
                portions.push(Portion { zone: *zone, from: *from, quantity: part, price: *price, amount });
            }
        }
    }
    Ok(portions)
}

/// The part of the first `upto` thousandths of all zones that was used in this one, to the nearest thousandth.
fn share(upto: i128, used: Quantity, total: i128) -> i128 {
    if total == 0 { 0 } else { (upto * i128::from(used.thousandths()) * 2 + total) / (total * 2) }
}

/// Where each range of a zone begins in this month, and its price; the first begins at zero.
fn ranges(version: &Version, month: Period, zone: Zone) -> Result<Vec<(Quantity, Price)>, Unpriced> {
    let has_own = version.prices.iter().any(|line| line.zone == zone);
    let priced_as = if has_own { zone } else { Zone::Single };
    let lines = version.prices.iter().filter(|line| line.zone == priced_as);
    let ranges: Vec<_> = lines.map(|line: &PriceLine| (version.range_start(line.from, month), line.price)).collect();
    if ranges.is_empty() { Err(Unpriced::NoPriceForZone(zone)) } else { Ok(ranges) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tariffs::tariff::{Basis, VersionId};

    fn version(prices: &[(Zone, i64, &str)]) -> Version {
        Version {
            id: VersionId(1),
            category: String::new(),
            valid_from: "2026-01".parse().unwrap(),
            basis: Basis::Unit,
            prices: prices
                .iter()
                .map(|(zone, from, price)| PriceLine {
                    zone: *zone,
                    from: Quantity::from_thousandths(from * 1000),
                    price: price.parse().unwrap(),
                })
                .collect(),
            factors: Vec::new(),
        }
    }

    fn month() -> Period {
        "2026-11".parse().unwrap()
    }

    fn units(whole: i64) -> Quantity {
        Quantity::from_thousandths(whole * 1000)
    }

    fn amounts(version: &Version, used: &[(Zone, Quantity)]) -> Vec<(Zone, String, i64)> {
        let portions = portions(version, month(), used).unwrap();
        portions.iter().map(|portion| (portion.zone, portion.quantity.to_string(), portion.amount.kopecks())).collect()
    }

    #[test]
    fn one_zone_and_one_price() {
        let water = version(&[(Zone::Single, 0, "42.30")]);
        assert_eq!(amounts(&water, &[(Zone::Single, units(7))]), [(Zone::Single, "7".to_owned(), 29_610)]);
        assert_eq!(amounts(&water, &[(Zone::Single, units(0))]), [(Zone::Single, "0".to_owned(), 0)]);
    }

    #[test]
    fn ranges_are_those_of_both_zones_together_and_split_in_proportion() {
        let power = version(&[(Zone::Day, 0, "6"), (Zone::Day, 1000, "9"), (Zone::Night, 0, "3"), (Zone::Night, 1000, "5")]);
        let used = [(Zone::Day, units(900)), (Zone::Night, units(300))];
        let expected = [
            (Zone::Day, "750".to_owned(), 450_000),
            (Zone::Day, "150".to_owned(), 135_000),
            (Zone::Night, "250".to_owned(), 75_000),
            (Zone::Night, "50".to_owned(), 25_000),
        ];
        assert_eq!(amounts(&power, &used), expected);
    }

    #[test]
    fn in_a_heating_month_the_ranges_are_wider() {
        let mut power = version(&[(Zone::Single, 0, "6"), (Zone::Single, 100, "9")]);
        power.factors = vec![(11, 1500)];
        let expected = [(Zone::Single, "150".to_owned(), 90_000), (Zone::Single, "10".to_owned(), 9000)];
        assert_eq!(amounts(&power, &[(Zone::Single, units(160))]), expected);
    }

    #[test]
    fn a_zone_without_prices_takes_the_single_one_or_is_named() {
        let single = version(&[(Zone::Single, 0, "6")]);
        assert_eq!(amounts(&single, &[(Zone::Night, units(1))]), [(Zone::Night, "1".to_owned(), 600)]);
        let zoned = version(&[(Zone::Day, 0, "6")]);
        assert_eq!(portions(&zoned, month(), &[(Zone::Night, units(1))]), Err(Unpriced::NoPriceForZone(Zone::Night)));
    }

    proptest! {
        #[test]
        fn the_parts_are_together_exactly_what_was_used(day in 0..5_000_000_i64, night in 0..5_000_000_i64, first in 1..2000_i64, second in 2001..4000_i64) {
            let power = version(&[(Zone::Single, 0, "1"), (Zone::Single, first, "2"), (Zone::Single, second, "3")]);
            let used = [(Zone::Day, Quantity::from_thousandths(day)), (Zone::Night, Quantity::from_thousandths(night))];
            let portions = portions(&power, month(), &used).unwrap();
            for (zone, quantity) in used {
                let parts: i64 = portions.iter().filter(|portion| portion.zone == zone).map(|portion| portion.quantity.thousandths()).sum();
                prop_assert_eq!(parts, quantity.thousandths());
                prop_assert!(portions.iter().all(|portion| portion.quantity >= Quantity::ZERO));
            }
        }
    }
}
