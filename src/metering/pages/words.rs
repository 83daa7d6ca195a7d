//! Meters and readings in a person's words.

use crate::{
    kernel::{Quantity, clock::Zone as Clock},
    metering::{
        Resource, Zone,
        checks::{Expected, Flag, Taken},
    },
    web::Locale,
};

/// A flag with its numbers, as a sentence.
pub fn flag(l: Locale, flag: &Flag) -> String {
    let sentence = flag_text(l, flag);
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn flag_text(l: Locale, flag: &Flag) -> String {
    let number = |quantity: &Quantity| l.quantity(*quantity);
    let zone = |zone: &Zone| zone_word(l, *zone);
    match flag {
        Flag::Lower { zone: of, previous, by } => {
            l.a("flag-lower-text", &[("zone", zone(of)), ("previous", number(previous)), ("by", number(by))])
        }
        Flag::Wrapped { zone: of, used } => l.a("flag-wrapped-text", &[("zone", zone(of)), ("used", number(used))]),
        Flag::High { zone: of, used, usual } => {
            l.a("flag-high-text", &[("zone", zone(of)), ("used", number(used)), ("usual", number(usual))])
        }
        Flag::Low { zone: of, used, usual } => {
            l.a("flag-low-text", &[("zone", zone(of)), ("used", number(used)), ("usual", number(usual))])
        }
        Flag::ZeroAgain { months } => l.n("flag-zero-again-text", *months),
        Flag::ZonesSwapped => l.t("flag-zones-swapped-text"),
        Flag::VerificationOverdue { since } => l.a("flag-verification-overdue-text", &[("since", l.date(*since))]),
        Flag::BeforeInstallation { installed } => l.a("flag-before-installation-text", &[("installed", l.date(*installed))]),
        Flag::HigherThanLater { zone: of, later } => l.a("flag-higher-than-later-text", &[("zone", zone(of)), ("later", number(later))]),
    }
}

/// `day: ` in front of a sentence about one of several registers; nothing for a single one.
fn zone_word(l: Locale, zone: Zone) -> String {
    if zone == Zone::Single { String::new() } else { format!("{}: ", l.t(zone.key())) }
}

/// `обычно 110–160`; empty without a history.
pub fn usual(l: Locale, expected: Option<Expected>) -> String {
    expected.map_or_else(String::new, |expected| {
        // Whole units of what is counted in tens, tenths of the rest: a garden's water in winter.
        let step = if expected.to >= Quantity::from_thousandths(10_000) { 1000 } else { 100 };
        let rounded = |quantity: Quantity| Quantity::from_thousandths((quantity.thousandths() + step / 2).div_euclid(step) * step);
        let (from, to) = (rounded(expected.from), rounded(expected.to));
        if to == Quantity::ZERO {
            return l.t("dial-usual-nothing");
        }
        l.a("dial-usual", &[("from", l.quantity(from)), ("to", l.quantity(to))])
    })
}

/// The values of a reading in one line: `день 12 345, ночь 6 789`.
pub fn values(l: Locale, values: &[(Zone, Quantity)]) -> String {
    let one = |(zone, value): &(Zone, Quantity)| match zone {
        Zone::Single => l.quantity(*value),
        _ => format!("{} {}", l.t(zone.key()), l.quantity(*value)),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What was read last and when; that nothing was, if so.
pub fn last(l: Locale, zone: Clock, taken: Option<&Taken>) -> String {
    taken.map_or_else(
        || l.t("meter-never-read"),
        |taken| l.a("meter-last", &[("values", values(l, &taken.values)), ("date", l.date(zone.day(taken.at)))]),
    )
}

/// The name of one dial: the resource where there is one dial, the zone where there are several.
pub fn dial(l: Locale, resource: Resource, zone: Zone) -> String {
    if zone == Zone::Single { l.t(resource.key()) } else { format!("{}, {}", l.t(resource.key()), l.t(zone.key()).to_lowercase()) }
}
