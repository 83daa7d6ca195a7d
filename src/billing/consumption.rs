//! How much was used, from what the dials showed: measured, or estimated by a stated rule. Pure.

use serde::{Deserialize, Serialize};
use time::{Date, Duration};

use super::Consumption;
use crate::{
    kernel::{Period, Quantity},
    metering::{InstallationId, ReadingId, Zone},
};

/// What the dials of a meter showed on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub on: Date,
    pub values: Vec<(Zone, Quantity)>,
    /// Missing for opening and closing values, and for values between two readings.
    pub reading: Option<ReadingId>,
}

/// A meter's stay at the premise, with everything that was read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub installation: InstallationId,
    pub serial: String,
    pub dial_digits: u8,
    pub from: Date,
    pub until: Option<Date>,
    /// Opening values, accepted readings, closing values, by day.
    pub points: Vec<Point>,
    /// What the contract was charged for this meter in earlier months, by month.
    pub charged: Vec<Charged>,
}

/// What a contract was charged for one meter and month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    pub month: Period,
    pub consumption: Consumption,
    pub used: Vec<(Zone, Quantity)>,
    /// Up to which measured values everything is charged.
    pub upto: Point,
}

/// The days of a month in which a contract stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub month: Period,
    pub first: Date,
    pub last: Date,
}

impl Days {
    /// `None` when the contract does not stand in the month.
    #[must_use]
    pub fn of(month: Period, signed_on: Date, ended_on: Option<Date>) -> Option<Self> {
        let first = month.first_day().max(signed_on);
        let last = month.last_day().min(ended_on.unwrap_or(Date::MAX));
        (first <= last).then_some(Self { month, first, last })
    }

    #[must_use]
    pub fn count(self) -> i64 {
        (self.last - self.first).whole_days() + 1
    }

    /// Days of the whole month.
    #[must_use]
    pub fn of_month(self) -> i64 {
        days_of(self.month)
    }
}

/// What one meter used, and how that is known: the heart of a charge's proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    pub installation: InstallationId,
    pub serial: String,
    pub consumption: Consumption,
    pub from: Point,
    /// The later values; for an estimate those that the average was taken up to.
    pub to: Point,
    pub is_wrapped: bool,
    /// For this month alone.
    pub used: Vec<(Zone, Quantity)>,
    /// For earlier months that were estimated or left out, and are known now.
    pub earlier: Vec<(Period, Vec<(Zone, Quantity)>)>,
}

/// Why nothing is known about a meter's use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Estimated as long as the rule allows, and no norm is agreed.
    #[error("{serial}: no reading, no average, no norm")]
    Gap { serial: String },
    #[error("{serial}: {now} after {before}, too low for a dial that began anew")]
    Lower { serial: String, before: Quantity, now: Quantity },
    #[error("{serial}: its dials do not agree")]
    DialsDiffer { serial: String },
}

/// Months in a row that may be charged by the average.
pub const MOST_ESTIMATES: usize = 3;
/// The average is of the year before the last reading.
const AVERAGE_OVER: Duration = Duration::days(365);
/// No average of less than three months.
const AVERAGE_AT_LEAST: Duration = Duration::days(80);

impl Stay {
    /// What it used in the days of a contract signed on a day; `None` when it had no part in them. What was used before `since`, when the
    /// program began to bill, belongs to older books.
    ///
    /// # Errors
    /// When its use can be neither measured nor estimated.
    pub fn used(&self, days: Days, signed_on: Date, since: Date, norm: Option<Quantity>) -> Result<Option<Use>, Unknown> {
        let Some(before) = self.charged_upto(signed_on, since) else { return Ok(None) };
        if self.from > days.last || before.on > days.last || self.until.is_some_and(|until| until <= before.on) {
            return Ok(None);
        }
        match self.last_within(&before, days) {
            Some(now) => self.measured(before, now, days).map(Some),
            // A meter that came in this month has shown nothing yet but its opening values.
            None if self.from >= days.first || signed_on >= days.first => Ok(Some(self.nothing_yet(before))),
            None => self.estimated(before, days, norm).map(Some),
        }
    }

    /// The values up to which everything is charged: of an earlier bill; else those of the day the contract began, or the last before the
    /// program began to bill. While nothing was read after the contract began, it takes over at the last values before.
    fn charged_upto(&self, signed_on: Date, since: Date) -> Option<Point> {
        if let Some(charged) = self.charged.last() {
            return Some(charged.upto.clone());
        }
        let last_before = |day: Date| self.points.iter().rfind(|point| point.on < day).cloned();
        if signed_on > since {
            let begun_on = signed_on.max(self.from);
            return self.at(begun_on).or_else(|| last_before(begun_on));
        }
        last_before(since).or_else(|| self.points.first().cloned())
    }

    /// What the dials showed on a day: as read, or between two readings in proportion to the days. `None` beyond the last.
    fn at(&self, day: Date) -> Option<Point> {
        let place = self.points.partition_point(|point| point.on < day);
        let after = self.points.get(place)?;
        if after.on == day {
            return Some(after.clone());
        }
        let before = self.points.get(place.checked_sub(1)?)?;
        let (passed, all) = ((day - before.on).whole_days(), (after.on - before.on).whole_days());
        let values = self.difference(before, after).ok()?.0;
        let between = before.values.iter().zip(&values).map(|((zone, start), (_, used))| (*zone, plus(*start, part(*used, passed, all))));
        Some(Point { on: day, values: between.collect(), reading: None })
    }

    /// The last values after `before` that the contract can be charged up to.
    fn last_within(&self, before: &Point, days: Days) -> Option<Point> {
        // A contract that ends inside the month is charged up to the day after its last.
        let ends_early = days.last < days.month.last_day();
        let limit = if ends_early { days.last.next_day().unwrap_or(days.last) } else { days.last };
        let exact = ends_early.then(|| self.at(limit)).flatten();
        exact.or_else(|| self.points.iter().rfind(|point| point.on <= limit).cloned()).filter(|point| point.on > before.on)
    }

    /// Zone by zone how much the second point shows more than the first, and whether a dial began anew between them.
    fn difference(&self, before: &Point, now: &Point) -> Result<(Vec<(Zone, Quantity)>, bool), Unknown> {
        let limit = Quantity::dial_limit(self.dial_digits);
        let mut is_wrapped = false;
        let mut used = Vec::with_capacity(now.values.len());
        for (zone, value) in &now.values {
            let start = before.values.iter().find(|(other, _)| other == zone).map(|(_, start)| *start);
            let start = start.ok_or_else(|| Unknown::DialsDiffer { serial: self.serial.clone() })?;
            let more = minus(*value, start);
            if !more.is_negative() {
                used.push((*zone, more));
                continue;
            }
            let around = plus(more, limit);
            // Half of a dial in a few months is no use but a mistake, and so is a value that the dial cannot show.
            if around.is_negative() || around.thousandths() > limit.thousandths() / 2 {
                return Err(Unknown::Lower { serial: self.serial.clone(), before: start, now: *value });
            }
            is_wrapped = true;
            used.push((*zone, around));
        }
        Ok((used, is_wrapped))
    }

    /// What was measured since the last measured values, this month's part of it and those of the months estimated in between.
    fn measured(&self, before: Point, now: Point, days: Days) -> Result<Use, Unknown> {
        let (all, is_wrapped) = self.difference(&before, &now)?;
        let open = self.open_months(days.month);
        let weight: i64 = open.iter().map(|month| days_of(*month)).sum::<i64>() + days.count();
        let share = |month: Period| all.iter().map(|(zone, used)| (*zone, part(*used, days_of(month), weight))).collect::<Vec<_>>();
        let earlier: Vec<(Period, Vec<(Zone, Quantity)>)> = open.iter().map(|month| (*month, share(*month))).collect();
        let of_earlier = |zone: Zone| {
            earlier
                .iter()
                .flat_map(|(_, used)| used)
                .filter(|(other, _)| *other == zone)
                .fold(Quantity::ZERO, |sum, (_, used)| plus(sum, *used))
        };
        let used = all.iter().map(|(zone, all)| (*zone, minus(*all, of_earlier(*zone)))).collect();
        Ok(self.use_of(Consumption::Measured, before, now, used).wrapped(is_wrapped).with_earlier(earlier))
    }

    /// Months since the last measured one that were estimated or left out.
    fn open_months(&self, month: Period) -> Vec<Period> {
        let Some(measured) = self.charged.iter().rfind(|charged| charged.consumption == Consumption::Measured) else {
            return self.charged.iter().map(|charged| charged.month).collect();
        };
        (1..month.months_since(measured.month)).map(|later| measured.month.plus(later)).collect()
    }

    fn nothing_yet(&self, before: Point) -> Use {
        let zero = before.values.iter().map(|(zone, _)| (*zone, Quantity::ZERO)).collect();
        self.use_of(Consumption::Measured, before.clone(), before, zero)
    }

    /// The rule for a month without a reading: the average of the year before the last reading, at most three months in a row; then the
    /// norm; then nothing but a gap that is listed.
    fn estimated(&self, before: Point, days: Days, norm: Option<Quantity>) -> Result<Use, Unknown> {
        let in_a_row = self.charged.iter().rev().take_while(|charged| charged.consumption != Consumption::Measured).count();
        let average = if in_a_row < MOST_ESTIMATES { self.average(&before, days) } else { None };
        if let Some((from, used)) = average {
            return Ok(self.use_of(Consumption::Average, from, before, used));
        }
        let Some(norm) = norm else { return Err(Unknown::Gap { serial: self.serial.clone() }) };
        let norm = part(norm, days.count(), days.of_month());
        let used =
            before.values.iter().enumerate().map(|(place, (zone, _))| (*zone, if place == 0 { norm } else { Quantity::ZERO })).collect();
        Ok(self.use_of(Consumption::Norm, before.clone(), before, used))
    }

    /// Use in the days asked for as in the year before `last`, and where that year begins.
    fn average(&self, last: &Point, days: Days) -> Option<(Point, Vec<(Zone, Quantity)>)> {
        let since = last.on.saturating_sub(AVERAGE_OVER);
        let from = self.points.iter().find(|point| point.on >= since && point.on + AVERAGE_AT_LEAST <= last.on)?;
        let passed = (last.on - from.on).whole_days();
        let used = self.difference(from, last).ok()?.0;
        Some((from.clone(), used.into_iter().map(|(zone, used)| (zone, part(used, days.count(), passed))).collect()))
    }

    fn use_of(&self, consumption: Consumption, from: Point, to: Point, used: Vec<(Zone, Quantity)>) -> Use {
        let (installation, serial) = (self.installation, self.serial.clone());
        Use { installation, serial, consumption, from, to, is_wrapped: false, used, earlier: Vec::new() }
    }
}

impl Use {
    fn wrapped(self, is_wrapped: bool) -> Self {
        Self { is_wrapped, ..self }
    }

    fn with_earlier(self, earlier: Vec<(Period, Vec<(Zone, Quantity)>)>) -> Self {
        Self { earlier, ..self }
    }
}

fn days_of(month: Period) -> i64 {
    i64::from(month.last_day().day())
}

/// `numerator` of `denominator` parts of a quantity, to the nearest thousandth, half away from zero.
#[must_use]
pub fn part(quantity: Quantity, numerator: i64, denominator: i64) -> Quantity {
    let doubled = i128::from(quantity.thousandths()) * i128::from(numerator) * 2;
    let denominator = i128::from(denominator.max(1));
    let rounded = (doubled + if doubled < 0 { -denominator } else { denominator }) / (denominator * 2);
    Quantity::from_thousandths(i64::try_from(rounded).unwrap_or(i64::MAX))
}

/// Dials hold at most twelve digits, so their sums and differences fit.
pub(super) fn plus(a: Quantity, b: Quantity) -> Quantity {
    a.plus(b).expect("a sum of dials fits")
}

pub(super) fn minus(a: Quantity, b: Quantity) -> Quantity {
    a.minus(b).expect("a difference of dials fits")
}
