//! What a new reading looks like beside the meter's own history. Pure: values in, flags with their numbers out; flags never block.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{Resource, Zone};
use crate::kernel::{Moment, Quantity, clock};

/// Values of a meter's registers at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub at: Moment,
    pub values: Vec<(Zone, Quantity)>,
}

/// The site's settings, in percent of the usual and in months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    pub high_percent: i64,
    pub low_percent: i64,
    pub zero_months: i64,
}

/// The meter a reading is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Background<'a> {
    pub resource: Resource,
    pub dial_digits: u8,
    pub installed_on: Date,
    /// The days of dates are those of the site.
    pub days_of: clock::Zone,
    pub verify_by: Option<Date>,
    pub opening: &'a [(Zone, Quantity)],
    /// Accepted readings, by time.
    pub history: &'a [Taken],
    pub thresholds: Thresholds,
}

/// Something a person should know about a reading, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", rename_all = "snake_case")]
pub enum Flag {
    /// Less than before, by so much.
    Lower { zone: Zone, previous: Quantity, by: Quantity },
    /// The dial went past its last digit; so much was used.
    Wrapped { zone: Zone, used: Quantity },
    /// Far more than usual for so many days.
    High { zone: Zone, used: Quantity, usual: Quantity },
    /// Far less than usual.
    Low { zone: Zone, used: Quantity, usual: Quantity },
    /// Nothing used for so many months although something was before.
    ZeroAgain { months: i64 },
    /// Day and night fit only the other way round.
    ZonesSwapped,
    VerificationOverdue {
        #[serde(with = "iso_day")]
        since: Date,
    },
    /// Taken before the meter stood here.
    BeforeInstallation {
        #[serde(with = "iso_day")]
        installed: Date,
    },
    /// More than a reading that was taken later.
    HigherThanLater { zone: Zone, later: Quantity },
}

// Days stand in stored flags as people and other programs read them.
time::serde::format_description!(iso_day, Date, "[year]-[month]-[day]");

impl Flag {
    /// Must the office look before the reading counts?
    pub fn is_serious(&self) -> bool {
        match self {
            Self::Lower { .. }
            | Self::High { .. }
            | Self::ZonesSwapped
            | Self::BeforeInstallation { .. }
            | Self::HigherThanLater { .. } => true,
            Self::Wrapped { .. } | Self::Low { .. } | Self::ZeroAgain { .. } | Self::VerificationOverdue { .. } => false,
        }
    }
}

/// What one register used since the reading before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub zone: Zone,
    pub previous: Quantity,
    /// Negative when the reading is lower and no wrap explains it.
    pub used: Quantity,
    /// The usual range for as many days, where there is a history.
    pub expected: Option<Expected>,
}

/// The usual use of one register over a stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub from: Quantity,
    pub to: Quantity,
    /// The middle one of the rates seen.
    pub usual: Quantity,
    /// Seen at this time of earlier years; else only lately, in what may be another season.
    pub is_of_season: bool,
}

/// What the checks found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub used: Vec<Used>,
    pub flags: Vec<Flag>,
}

impl Verdict {
    pub fn is_serious(&self) -> bool {
        self.flags.iter().any(Flag::is_serious)
    }
}

/// Two readings less than this apart say nothing about a rate.
const SHORTEST_STRETCH_DAYS: i64 = 7;
/// A use of the same season is one whose middle lies at most so many days from this one's, a whole number of years back.
const SEASON_DAYS: i64 = 25;
/// So many latest rates count when no season is known yet.
const LATEST_RATES: usize = 6;
/// In a season not seen yet so many times more is needed for a question: of what is worth asking about, and of what was seen.
const OTHER_SEASON: i128 = 3;
/// Nanoscopic use is never "far above": whole units below which nobody is asked.
const fn noise(resource: Resource) -> Quantity {
    Quantity::from_thousandths(match resource {
        Resource::Water => 5_000,
        Resource::Electricity => 60_000,
    })
}

/// Checks a reading whose registers are those of the meter.
pub fn check(background: &Background<'_>, reading: &Taken) -> Verdict {
    let before = background.history.iter().rfind(|taken| taken.at <= reading.at);
    let previous = before.map_or(background.opening, |taken| &taken.values);
    let since = before.map_or_else(|| background.days_of.start_of(background.installed_on), |taken| taken.at);
    let days = reading.at.since(since).whole_days().max(1);
    let mut verdict = Verdict::default();
    if is_swapped(background, previous, reading) {
        verdict.flags.push(Flag::ZonesSwapped);
    }
    for (zone, value) in &reading.values {
        let previous = value_of(previous, *zone).unwrap_or_default();
        let expected = expected(background, *zone, reading.at, days);
        let used = judge_register(background, *zone, previous, *value, expected, &mut verdict.flags);
        verdict.used.push(Used { zone: *zone, previous, used, expected });
    }
    verdict.flags.extend(higher_than_later(background, reading));
    verdict.flags.extend(zero_again(background, reading, &verdict.used));
    verdict.flags.extend(calendar_flags(background, reading));
    verdict
}

fn value_of(values: &[(Zone, Quantity)], zone: Zone) -> Option<Quantity> {
    values.iter().find(|(of, _)| *of == zone).map(|(_, value)| *value)
}

fn thousandths(quantity: Quantity) -> i128 {
    i128::from(quantity.thousandths())
}

fn quantity(thousandths: i128) -> Quantity {
    Quantity::from_thousandths(i64::try_from(thousandths).unwrap_or(i64::MAX))
}

/// The difference, with the dial's turn where it went round; notes what is odd about it.
fn judge_register(
    background: &Background<'_>,
    zone: Zone,
    previous: Quantity,
    value: Quantity,
    expected: Option<Expected>,
    flags: &mut Vec<Flag>,
) -> Quantity {
    let used = quantity(thousandths(value) - thousandths(previous));
    if flags.contains(&Flag::ZonesSwapped) {
        // Values in each other's fields say nothing one by one.
        return used;
    }
    if used.is_negative() {
        if let Some(used) = used_over_the_top(background, previous, value, expected) {
            flags.push(Flag::Wrapped { zone, used });
            return used;
        }
        flags.push(Flag::Lower { zone, previous, by: quantity(-thousandths(used)) });
        return used;
    }
    if let Some(expected) = expected {
        let percent = |percent: i64| quantity(thousandths(expected.usual) * i128::from(percent) / 100);
        // The first spring is no wonder after a winter.
        let times = if expected.is_of_season { 1 } else { OTHER_SEASON };
        let is_worth_asking = thousandths(used) > thousandths(noise(background.resource)) * times;
        if is_worth_asking && used > percent(background.thresholds.high_percent) && thousandths(used) > thousandths(expected.to) * times {
            flags.push(Flag::High { zone, used, usual: expected.usual });
        }
        // Equal to the previous is fine: people go away. Months of it are `zero_again`.
        let is_worth_missing = used > Quantity::ZERO && expected.usual > noise(background.resource);
        if is_worth_missing && used < percent(background.thresholds.low_percent) && used < expected.from {
            flags.push(Flag::Low { zone, used, usual: expected.usual });
        }
    }
    used
}

/// What was used if the dial went past its last digit: it stood in its last fifth, stands in its first, and the use is believable.
fn used_over_the_top(background: &Background<'_>, previous: Quantity, value: Quantity, expected: Option<Expected>) -> Option<Quantity> {
    let limit = thousandths(Quantity::dial_limit(background.dial_digits));
    let used = limit - thousandths(previous) + thousandths(value);
    let was_near_the_top = thousandths(previous) * 5 >= limit * 4;
    let is_near_the_bottom = thousandths(value) * 5 <= limit;
    let most = expected.map_or(limit / 10, |expected| {
        (thousandths(expected.usual) * i128::from(background.thresholds.high_percent) / 100).max(limit / 50)
    });
    (was_near_the_top && is_near_the_bottom && used <= most).then(|| quantity(used))
}

/// Does the reading fit only when day and night change places?
fn is_swapped(background: &Background<'_>, previous: &[(Zone, Quantity)], reading: &Taken) -> bool {
    let both = |values: &[(Zone, Quantity)]| Some((thousandths(value_of(values, Zone::Day)?), thousandths(value_of(values, Zone::Night)?)));
    let (Some((day_before, night_before)), Some((day, night))) = (both(previous), both(&reading.values)) else { return false };
    let straight_fits = day >= day_before && night >= night_before;
    let (crossed_day, crossed_night) = (night - day_before, day - night_before);
    let believable = thousandths(Quantity::dial_limit(background.dial_digits)) / 10;
    !straight_fits && (0..=believable).contains(&crossed_day) && (0..=believable).contains(&crossed_night)
}

fn higher_than_later(background: &Background<'_>, reading: &Taken) -> Option<Flag> {
    let later = background.history.iter().find(|taken| taken.at > reading.at)?;
    reading.values.iter().find_map(|(zone, value)| {
        let later = value_of(&later.values, *zone)?;
        (*value > later).then_some(Flag::HigherThanLater { zone: *zone, later })
    })
}

/// Nothing used since the last reading nor for the months before it, by a meter that did turn once.
fn zero_again(background: &Background<'_>, reading: &Taken, used: &[Used]) -> Option<Flag> {
    let is_still = |values: &[(Zone, Quantity)]| reading.values.iter().all(|(zone, value)| value_of(values, *zone) == Some(*value));
    if used.is_empty() || !used.iter().all(|used| used.used == Quantity::ZERO) {
        return None;
    }
    let past: Vec<&Taken> = background.history.iter().filter(|taken| taken.at <= reading.at).collect();
    let still_since = past.iter().rev().take_while(|taken| is_still(&taken.values)).last()?;
    let months = (reading.at.since(still_since.at).whole_days() + 15) / 30;
    let did_turn = past.iter().any(|taken| !is_still(&taken.values));
    (did_turn && months >= background.thresholds.zero_months).then_some(Flag::ZeroAgain { months })
}

fn calendar_flags(background: &Background<'_>, reading: &Taken) -> Vec<Flag> {
    let mut flags = Vec::new();
    let day = background.days_of.day(reading.at);
    if let Some(since) = background.verify_by.filter(|verify_by| *verify_by < day) {
        flags.push(Flag::VerificationOverdue { since });
    }
    if day < background.installed_on {
        flags.push(Flag::BeforeInstallation { installed: background.installed_on });
    }
    flags
}

/// One stretch between two readings.
struct Stretch {
    middle: Moment,
    days: i64,
    used: i128,
}

/// What the register usually uses in so many days at this time of the year; `None` without a history.
///
/// Rates of the same season of earlier years count if there are any, else the latest ones.
pub fn expected(background: &Background<'_>, zone: Zone, at: Moment, days: i64) -> Option<Expected> {
    let stretches = stretches(background.history, zone, at);
    let middle = at.minus(time::Duration::days(days / 2));
    let seasonal: Vec<&Stretch> = stretches.iter().filter(|stretch| is_same_season(stretch.middle, middle)).collect();
    let is_of_season = !seasonal.is_empty();
    let chosen: Vec<&Stretch> = if seasonal.is_empty() { stretches.iter().rev().take(LATEST_RATES).collect() } else { seasonal };
    let mut over: Vec<i128> = chosen.iter().map(|stretch| stretch.used * i128::from(days) / i128::from(stretch.days)).collect();
    over.sort_unstable();
    let usual = *over.get(over.len() / 2)?;
    // One or two rates make no range: give them a third either way.
    let (least, most) = (over[0].min(usual * 2 / 3), over[over.len() - 1].max(usual * 4 / 3));
    Some(Expected { from: quantity(least), to: quantity(most), usual: quantity(usual), is_of_season })
}

fn stretches(history: &[Taken], zone: Zone, before: Moment) -> Vec<Stretch> {
    history
        .windows(2)
        .filter(|pair| pair[1].at <= before)
        .filter_map(|pair| {
            let used = thousandths(value_of(&pair[1].values, zone)?) - thousandths(value_of(&pair[0].values, zone)?);
            let days = pair[1].at.since(pair[0].at).whole_days();
            let middle = pair[0].at.plus(time::Duration::days(days / 2));
            // A step back is a wrap or a mistake, not a rate.
            (used >= 0 && days >= SHORTEST_STRETCH_DAYS).then_some(Stretch { middle, days, used })
        })
        .collect()
}

fn is_same_season(earlier: Moment, now: Moment) -> bool {
    let days = now.since(earlier).whole_days();
    let years = (days + 182).div_euclid(365);
    years >= 1 && (days - years * 365).abs() <= SEASON_DAYS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{
        Duration,
        macros::{date, datetime},
    };

    use super::*;

    fn start() -> Moment {
        Moment::new(datetime!(2025-09-20 9:00 UTC))
    }

    fn units(whole: i64) -> Quantity {
        Quantity::from_thousandths(whole * 1000)
    }

    fn taken(month: i64, values: &[(Zone, i64)]) -> Taken {
        Taken { at: start().plus(Duration::days(month * 30)), values: values.iter().map(|(zone, value)| (*zone, units(*value))).collect() }
    }

    const USUAL: Thresholds = Thresholds { high_percent: 300, low_percent: 10, zero_months: 3 };

    fn electricity<'a>(history: &'a [Taken], opening: &'a [(Zone, Quantity)]) -> Background<'a> {
        Background {
            resource: Resource::Electricity,
            dial_digits: 5,
            installed_on: date!(2025 - 09 - 20),
            days_of: clock::Zone::moscow(),
            verify_by: None,
            opening,
            history,
            thresholds: USUAL,
        }
    }

    /// What the flags of one single-zone reading are, after these monthly values.
    fn flags_after(values: &[i64], new: i64) -> Vec<Flag> {
        let history: Vec<Taken> = (0..).zip(values).map(|(month, value)| taken(month, &[(Zone::Single, *value)])).collect();
        let opening = [(Zone::Single, units(values.first().copied().unwrap_or(0)))];
        let month = i64::try_from(values.len()).unwrap();
        check(&electricity(&history, &opening), &taken(month, &[(Zone::Single, new)])).flags
    }

    #[test]
    fn worked_examples() {
        let zone = Zone::Single;
        assert_eq!(flags_after(&[1000, 1100, 1200], 1300), []);
        assert_eq!(flags_after(&[1000, 1100, 1200], 1200), [], "equal to the previous is fine");
        assert_eq!(flags_after(&[1000, 1100, 1200], 1188), [Flag::Lower { zone, previous: units(1200), by: units(12) }]);
        assert_eq!(flags_after(&[99_700, 99_800, 99_900], 10), [Flag::Wrapped { zone, used: units(110) }]);
        assert_eq!(flags_after(&[99_700, 99_800, 99_900], 19_000), [Flag::Lower { zone, previous: units(99_900), by: units(80_900) }]);
        assert_eq!(flags_after(&[1000, 1100, 1200], 1900), [Flag::High { zone, used: units(700), usual: units(100) }]);
        assert_eq!(flags_after(&[1000, 1100, 1200], 1205), [Flag::Low { zone, used: units(5), usual: units(100) }]);
        assert_eq!(flags_after(&[1000, 1020, 1040], 1099), [], "59 kWh are nothing to ask about");
        assert_eq!(flags_after(&[], 500), [], "the first reading has nothing to be compared with");
    }

    #[test]
    fn a_meter_that_stands_still_for_months_is_noticed() {
        let flags = flags_after(&[1000, 1100, 1100, 1100], 1100);
        assert_eq!(flags, [Flag::ZeroAgain { months: 3 }]);
        assert_eq!(flags_after(&[1000, 1000, 1000, 1000], 1000), [], "a meter that never turned has not stopped");
    }

    #[test]
    fn day_and_night_in_each_others_fields_are_noticed() {
        let history = [taken(0, &[(Zone::Day, 5000), (Zone::Night, 2000)]), taken(1, &[(Zone::Day, 5200), (Zone::Night, 2080)])];
        let opening = [(Zone::Day, units(5000)), (Zone::Night, units(2000))];
        let verdict = check(&electricity(&history, &opening), &taken(2, &[(Zone::Day, 2150), (Zone::Night, 5400)]));
        assert_eq!(verdict.flags, [Flag::ZonesSwapped]);
    }

    #[test]
    fn an_earlier_reading_is_held_against_what_was_read_later() {
        let history = [taken(0, &[(Zone::Single, 100)]), taken(2, &[(Zone::Single, 300)])];
        let opening = [(Zone::Single, units(100))];
        let verdict = check(&electricity(&history, &opening), &taken(1, &[(Zone::Single, 310)]));
        assert!(verdict.flags.contains(&Flag::HigherThanLater { zone: Zone::Single, later: units(300) }));
    }

    #[test]
    fn days_are_stored_as_people_read_them() {
        let flag = Flag::VerificationOverdue { since: date!(2026 - 02 - 19) };
        let stored = serde_json::to_string(&flag).unwrap();
        assert_eq!(stored, r#"{"flag":"verification_overdue","since":"2026-02-19"}"#);
        assert_eq!(serde_json::from_str::<Flag>(&stored).unwrap(), flag);
    }

    #[test]
    fn dates_out_of_bounds_are_flagged() {
        let opening = [(Zone::Single, units(1))];
        let mut background = electricity(&[], &opening);
        background.verify_by = Some(date!(2025 - 01 - 31));
        let flags = check(&background, &taken(-1, &[(Zone::Single, 2)])).flags;
        assert_eq!(
            flags,
            [Flag::VerificationOverdue { since: date!(2025 - 01 - 31) }, Flag::BeforeInstallation { installed: date!(2025 - 09 - 20) },]
        );
    }

    proptest! {
        #[test]
        fn dials_may_be_told_in_any_order(day in 0_i64..90_000, night in 0_i64..90_000, used_day in -500_i64..5000, used_night in -500_i64..5000) {
            let history = [taken(0, &[(Zone::Day, day), (Zone::Night, night)]), taken(1, &[(Zone::Day, day + 100), (Zone::Night, night + 50)])];
            let (new_day, new_night) = ((Zone::Day, day + 100 + used_day), (Zone::Night, night + 50 + used_night));
            let straight = check(&electricity(&history, &[]), &taken(2, &[new_day, new_night]));
            let mut turned = check(&electricity(&history, &[]), &taken(2, &[new_night, new_day]));
            turned.used.reverse();
            prop_assert_eq!(&straight.used, &turned.used);
            prop_assert_eq!(straight.is_serious(), turned.is_serious());
            prop_assert_eq!(straight.flags.len(), turned.flags.len());
            prop_assert!(straight.flags.iter().all(|flag| turned.flags.contains(flag)), "{:?} {:?}", straight.flags, turned.flags);
        }

        #[test]
        fn day_and_night_typed_the_wrong_way_round_are_one_flag(night in 0_i64..40_000, apart in 1001_i64..50_000, used_day in 0_i64..1000, used_night in 0_i64..1000) {
            let day = night + apart;
            let history = [taken(0, &[(Zone::Day, day), (Zone::Night, night)])];
            let verdict = check(&electricity(&history, &[]), &taken(1, &[(Zone::Day, night + used_night), (Zone::Night, day + used_day)]));
            prop_assert_eq!(verdict.flags, [Flag::ZonesSwapped]);
        }

        #[test]
        fn a_dial_that_went_round_uses_what_is_left_and_what_it_shows(left in 1_i64..1000, shown in 0_i64..1000) {
            let history = [taken(0, &[(Zone::Single, 100_000 - left)])];
            let verdict = check(&electricity(&history, &[]), &taken(1, &[(Zone::Single, shown)]));
            prop_assert_eq!(verdict.flags, [Flag::Wrapped { zone: Zone::Single, used: units(left + shown) }]);
        }

        #[test]
        fn a_reading_inside_the_expected_range_is_neither_high_nor_low(steps in prop::collection::vec(0_i64..5000, 3..30), share in 0_i128..=100) {
            let mut value = 10_000;
            let history: Vec<Taken> = (0..).zip(&steps).map(|(month, step)| { value += step; taken(month, &[(Zone::Single, value)]) }).collect();
            let opening = [(Zone::Single, units(10_000))];
            let background = Background { dial_digits: 8, ..electricity(&history, &opening) };
            let month = i64::try_from(history.len()).unwrap();
            let at = start().plus(Duration::days(month * 30));
            let expected = expected(&background, Zone::Single, at, 30).unwrap();
            let used = thousandths(expected.from) + (thousandths(expected.to) - thousandths(expected.from)) * share / 100;
            let reading = Taken { at, values: vec![(Zone::Single, quantity(i128::from(value) * 1000 + used))] };
            let verdict = check(&background, &reading);
            prop_assert!(!verdict.flags.iter().any(|flag| matches!(flag, Flag::High { .. } | Flag::Low { .. } | Flag::Lower { .. })), "{:?}", verdict);
        }

        #[test]
        fn an_equal_reading_uses_nothing_and_is_not_lower(value in 0_i64..100_000) {
            let history = [taken(0, &[(Zone::Single, value)])];
            let verdict = check(&electricity(&history, &[]), &taken(1, &[(Zone::Single, value)]));
            prop_assert_eq!(verdict.used[0].used, Quantity::ZERO);
            prop_assert!(verdict.flags.is_empty());
        }

        #[test]
        fn any_numbers_and_dates_are_answered(values in prop::collection::vec((0_i64..1_000_000_000_000_000, -2000_i64..2000), 0..12), new in 0_i64..1_000_000_000_000_000, digits in 0_u8..=12, day in -2000_i64..2000) {
            let mut history: Vec<Taken> = values.iter().map(|(value, day)| Taken { at: start().plus(Duration::days(*day)), values: vec![(Zone::Single, Quantity::from_thousandths(*value))] }).collect();
            history.sort_by_key(|taken| taken.at);
            let background = Background { dial_digits: digits, ..electricity(&history, &[]) };
            let reading = Taken { at: start().plus(Duration::days(day)), values: vec![(Zone::Single, Quantity::from_thousandths(new))] };
            let verdict = check(&background, &reading);
            prop_assert_eq!(verdict.used.len(), 1);
        }
    }
}
