//! What must hold of every calculation, whatever was read: nothing is lost, nothing charged twice, nothing breaks.

use meterbook::{
    billing::{
        Consumption,
        calculate::{Calculated, Case, OwnPrice, PastLine, Terms, calculate},
        consumption::{Charged, Point, Stay},
    },
    estate::contract::Service,
    kernel::{Money, Period, Price, Quantity},
    metering::{InstallationId, Zone},
    tariffs::{Basis, PriceLine, Version, VersionId, tariff::Tariff},
};
use proptest::{collection::vec, prelude::*, sample::select};
use time::{Date, Duration, macros::date};

const SIGNED: Date = date!(2024 - 01 - 01);

fn month() -> Period {
    "2026-10".parse().unwrap()
}

fn thousandths(amount: i64) -> Quantity {
    Quantity::from_thousandths(amount)
}

fn terms() -> Terms {
    Terms { service: Service::Electricity, signed_on: SIGNED, ended_on: None, category: String::new(), norm: None, own_prices: Vec::new() }
}

fn version(id: i64, prices: &[(Zone, i64, i64)]) -> Version {
    let line = |(zone, from, price): &(Zone, i64, i64)| PriceLine {
        zone: *zone,
        from: thousandths(*from),
        price: Price::from_ten_thousandths(*price),
    };
    let valid_from = "2024-01".parse().unwrap();
    Version {
        id: VersionId(id),
        category: String::new(),
        valid_from,
        basis: Basis::Unit,
        prices: prices.iter().map(line).collect(),
        factors: Vec::new(),
    }
}

fn point(on: Date, values: &[(Zone, i64)]) -> Point {
    Point { on, values: values.iter().map(|(zone, value)| (*zone, thousandths(*value))).collect(), reading: None }
}

fn stay(id: i64, points: Vec<Point>) -> Stay {
    let installation = InstallationId(id);
    Stay { installation, serial: id.to_string(), dial_digits: 6, from: points[0].on, until: None, points, charged: Vec::new() }
}

fn case<'a>(month: Period, terms: &'a Terms, stays: &'a [Stay], tariff: &'a Tariff, past: &'a [PastLine]) -> Case<'a> {
    Case { month, since: date!(2026 - 10 - 01), terms, area: None, stays, tariff, past }
}

fn quantity(calculated: &Calculated) -> i64 {
    calculated.lines.iter().map(|line| line.quantity.thousandths()).sum()
}

fn amount(calculated: &Calculated) -> i64 {
    calculated.lines.iter().map(|line| line.amount.kopecks()).sum()
}

/// Prices of one zone in up to three ranges, and of the night.
fn prices() -> impl Strategy<Value = Vec<(Zone, i64, i64)>> {
    (vec(1..200_000_i64, 3), 1..400_000_i64, 400_001..900_000_i64, any::<bool>()).prop_map(|(price, first, second, has_night)| {
        let mut lines = vec![(Zone::Single, 0, price[0]), (Zone::Single, first, price[1]), (Zone::Single, second, price[2])];
        lines.extend(has_night.then_some((Zone::Night, 0, price[0] / 2)));
        lines
    })
}

/// What was used by day and by night on each of some meters.
fn used() -> impl Strategy<Value = Vec<(i64, i64)>> {
    vec((0..2_000_000_i64, 0..2_000_000_i64), 1..4)
}

fn stays_of(used: &[(i64, i64)]) -> Vec<Stay> {
    let read = |(place, (day, night)): (usize, &(i64, i64))| {
        let start = i64::try_from(place).unwrap() * 1000;
        let points = vec![
            point(date!(2026 - 09 - 25), &[(Zone::Day, start), (Zone::Night, start)]),
            point(date!(2026 - 10 - 25), &[(Zone::Day, start + day), (Zone::Night, start + night)]),
        ];
        stay(i64::try_from(place).unwrap() + 1, points)
    };
    used.iter().enumerate().map(read).collect()
}

proptest! {
    #[test]
    fn the_lines_are_together_what_was_used_each_at_its_price(used in used(), prices in prices()) {
        let (terms, stays, tariff) = (terms(), stays_of(&used), Tariff::new(vec![version(1, &prices)]));
        let calculated = calculate(&case(month(), &terms, &stays, &tariff, &[])).unwrap();
        for (zone, wanted) in [(Zone::Day, used.iter().map(|one| one.0).sum::<i64>()), (Zone::Night, used.iter().map(|one| one.1).sum())] {
            let own = calculated.lines.iter().filter(|line| line.zone == zone);
            prop_assert_eq!(own.map(|line| line.quantity.thousandths()).sum::<i64>(), wanted);
        }
        for line in &calculated.lines {
            prop_assert_eq!(Some(line.amount), line.price.times(line.quantity));
            prop_assert_eq!((line.month, line.consumption, line.version), (month(), Consumption::Measured, VersionId(1)));
        }
    }

    #[test]
    fn what_was_not_used_costs_nothing(meters in 1..4_usize, prices in prices()) {
        let (terms, stays, tariff) = (terms(), stays_of(&vec![(0, 0); meters]), Tariff::new(vec![version(1, &prices)]));
        let calculated = calculate(&case(month(), &terms, &stays, &tariff, &[])).unwrap();
        prop_assert!(!calculated.lines.is_empty(), "a bill says that nothing was used");
        prop_assert!(calculated.lines.iter().all(|line| line.quantity == Quantity::ZERO && line.amount == Money::ZERO));
    }

    #[test]
    fn who_uses_more_pays_no_less(less in 0..2_000_000_i64, more in 0..2_000_000_i64, prices in prices()) {
        let single: Vec<_> = prices.into_iter().filter(|(zone, ..)| *zone == Zone::Single).collect();
        let (terms, tariff) = (terms(), Tariff::new(vec![version(1, &single)]));
        let costs = |used: i64| {
            let points = vec![point(date!(2026 - 09 - 25), &[(Zone::Single, 0)]), point(date!(2026 - 10 - 25), &[(Zone::Single, used)])];
            amount(&calculate(&case(month(), &terms, &[stay(1, points)], &tariff, &[])).unwrap())
        };
        prop_assert!(costs(less) <= costs(less + more));
    }

    /// Some months are read, the others estimated; when a reading comes, everything charged is what the meter measured, once.
    #[test]
    fn estimates_and_their_corrections_come_to_what_was_measured(daily in 1..40_000_i64, later in 0..60_000_i64, is_read in vec(any::<bool>(), 6), prices in prices()) {
        let single: Vec<_> = prices.into_iter().filter(|(zone, ..)| *zone == Zone::Single).collect();
        let (terms, tariff) = (terms(), Tariff::new(vec![version(1, &single)]));
        let start = date!(2026 - 05 - 25);
        let mut stays = [stay(1, vec![point(start, &[(Zone::Single, 0)]), point(date!(2026 - 09 - 25), &[(Zone::Single, daily * 123)])])];
        let (mut past, mut charged, mut final_value) = (Vec::<PastLine>::new(), Vec::new(), daily * 123);
        for (place, is_read) in is_read.iter().chain([&true]).enumerate() {
            let month = month().plus(i32::try_from(place).unwrap());
            final_value += later * i64::from(month.last_day().day());
            if *is_read {
                stays[0].points.push(point(month.first_day() + Duration::days(24), &[(Zone::Single, final_value)]));
            }
            // after three estimates and without a norm nothing is charged, which is listed
            let Ok(calculated) = calculate(&case(month, &terms, &stays, &tariff, &past)) else { continue };
            for line in &calculated.lines {
                if matches!(line.consumption, Consumption::Average | Consumption::Norm | Consumption::Correction) {
                    past.push(PastLine { month: line.month, zone: line.zone, price: line.price, quantity: line.quantity, amount: line.amount });
                }
            }
            let of = &calculated.working.meters[0];
            stays[0].charged.push(Charged { month, consumption: of.consumption, used: of.used.clone(), upto: of.to.clone() });
            charged.extend(calculated.lines);
        }
        prop_assert_eq!(charged.iter().map(|line| line.quantity.thousandths()).sum::<i64>(), final_value - daily * 123);
        let mut months: Vec<Period> = charged.iter().map(|line| line.month).collect();
        months.sort_unstable();
        months.dedup();
        for month in months {
            let own = || charged.iter().filter(|line| line.month == month);
            let used: i64 = own().map(|line| line.quantity.thousandths()).sum();
            let points = vec![point(date!(2026 - 09 - 25), &[(Zone::Single, 0)]), point(date!(2026 - 10 - 25), &[(Zone::Single, used)])];
            let at_once = calculate(&case(self::month(), &terms, &[stay(1, points)], &tariff, &[])).unwrap();
            prop_assert_eq!(own().map(|line| line.amount.kopecks()).sum::<i64>(), amount(&at_once), "{} as if it had been known", month);
            prop_assert_eq!(used, quantity(&at_once));
        }
    }

    #[test]
    fn the_order_of_what_is_known_does_not_matter(used in used(), prices in prices(), turn in 0..4_usize) {
        let terms = terms();
        let mut stays = stays_of(&used);
        let earlier = Version { valid_from: "2025-01".parse().unwrap(), ..version(2, &[(Zone::Single, 0, 1)]) };
        let special = Version { category: "сад".into(), ..version(3, &[(Zone::Single, 0, 2)]) };
        let mut versions = vec![Version { valid_from: "2026-01".parse().unwrap(), ..version(1, &prices) }, earlier, special];
        let tariff = Tariff::new(versions.clone());
        let one = calculate(&case(month(), &terms, &stays, &tariff, &[])).unwrap();
        let meters = stays.len();
        stays.rotate_left(turn % meters);
        versions.rotate_left(turn % 3);
        let tariff = Tariff::new(versions);
        let other = calculate(&case(month(), &terms, &stays, &tariff, &[])).unwrap();
        prop_assert_eq!(one.lines, other.lines);
    }

    /// Whatever stands in the database, the program answers: lines or a reason.
    #[test]
    fn nothing_breaks_on_the_strangest_values(
        values in vec((0..4000_i64, 0..=999_999_999_999_999_i64, 0..=999_999_999_999_999_i64), 0..6),
        prices in vec((select(vec![Zone::Single, Zone::Day, Zone::Night]), 0..=999_999_999_999_999_i64, 0..=100_000_000_000_i64), 0..5),
        digits in 0..=12_u8,
        norm in proptest::option::of(0..=999_999_999_999_999_i64),
        area in proptest::option::of(0..=999_999_999_999_999_i64),
        basis in select(Basis::ALL.to_vec()),
        factor in 1..=100_000_000_i64,
        own in proptest::option::of(0..=100_000_000_000_i64),
        ends in proptest::option::of(0..4000_i64),
        past in vec((-999_999_999_999_999..=999_999_999_999_999_i64, -1_000_000_000_000..=1_000_000_000_000_i64), 0..3),
    ) {
        let day = |number: i64| date!(2020 - 01 - 01) + Duration::days(number);
        let mut points: Vec<Point> = values.iter().map(|(on, one, two)| point(day(*on), &[(Zone::Day, *one), (Zone::Night, *two)])).collect();
        points.sort_by_key(|point| point.on);
        let charged = points.iter().map(|point| Charged {
            month: Period::of(point.on), consumption: Consumption::Average, used: point.values.clone(), upto: point.clone(),
        });
        let stays: Vec<Stay> = if points.is_empty() { Vec::new() } else {
            vec![Stay { dial_digits: digits, charged: charged.take(2).collect(), ..stay(1, points.clone()) }, Stay { dial_digits: digits, ..stay(2, points.clone()) }]
        };
        let mut version = Version { basis, ..version(1, &prices) };
        version.factors = vec![(10, factor)];
        let tariff = Tariff::new(vec![version]);
        let own_prices = own.map(|price| OwnPrice { from: "2020-01".parse().unwrap(), until: None, price: Price::from_ten_thousandths(price), reason: "x".into() });
        let terms = Terms { norm: norm.map(thousandths), ended_on: ends.map(day), own_prices: own_prices.into_iter().collect(), ..terms() };
        let past: Vec<PastLine> = past.iter().flat_map(|(quantity, amount)| points.iter().map(|point| PastLine {
            month: Period::of(point.on), zone: Zone::Day, price: Price::from_ten_thousandths(1), quantity: thousandths(*quantity), amount: Money::from_kopecks(*amount),
        })).collect();
        for month in ["2020-02", "2026-10", "2030-12"] {
            let _ = calculate(&Case { area: area.map(thousandths), ..case(month.parse().unwrap(), &terms, &stays, &tariff, &past) });
        }
    }
}
