//! What happened in the demo cooperative, month by month, as plain values: invented once from a seed, the same on every machine.

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use time::{Date, Duration};

use super::people::Person;
use crate::kernel::{Period, Quantity};

/// How much of a cooperative to invent.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub premises: usize,
    /// Months of history before the current one.
    pub months: usize,
}

/// Everything that is told.
pub struct Story {
    pub owners: Vec<Person>,
    pub plots: Vec<Plot>,
    /// The months told, oldest first; the last is the current one, whose round is half walked.
    pub periods: Vec<Period>,
}

pub struct Plot {
    /// Array, line and number in the line: `2-5-17`.
    pub label: String,
    pub area: Quantity,
    /// Index into the owners; a few plots have none.
    pub owner: Option<usize>,
    pub meters: Vec<Meter>,
    /// What came of the controller's visit, by index of the month; missing for plots not yet reached.
    pub visits: BTreeMap<usize, Visit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFate {
    Intact,
    Broken,
    Missing,
}

pub struct Meter {
    pub is_water: bool,
    pub serial: String,
    pub model: &'static str,
    pub digits: u8,
    pub decimals: u8,
    pub is_two_zone: bool,
    pub seal: String,
    pub seal_fate: SealFate,
    pub verified_on: Date,
    pub verify_by: Date,
    /// The first month it stands; later for a meter that replaced another.
    pub from_month: usize,
    pub opening: Vec<Quantity>,
    /// Month of its removal and the values it went with.
    pub removed: Option<(usize, Vec<Quantity>)>,
    /// By index of the month.
    pub readings: BTreeMap<usize, Vec<Quantity>>,
}

pub struct Visit {
    pub day: Date,
    /// Minutes since midnight.
    pub minute: i64,
    pub controller: usize,
    /// A word of the outcomes of a visit.
    pub outcome: &'static str,
}

/// Plots of a line, lines of an array.
const PER_LINE: usize = 20;
const LINES: usize = 7;
pub const CONTROLLERS: usize = 3;

/// Percent of a summer month's use, January first: people come in May and leave in September.
const WATER_SEASON: [u64; 12] = [4, 4, 8, 30, 65, 95, 110, 115, 70, 30, 8, 4];
const POWER_SEASON: [u64; 12] = [115, 110, 90, 75, 70, 80, 95, 95, 75, 80, 100, 115];

impl Story {
    /// Invents everything up to yesterday; in the first days of a month the round of the month before is still being walked.
    pub fn tell(size: Size, today: Date) -> Self {
        let current = Period::of(today - Duration::days(3));
        let mut generator = StdRng::seed_from_u64(20_261_120);
        let months = size.months;
        let periods: Vec<Period> = (0..=months).map(|back| current.plus(-i32::try_from(months - back).unwrap_or(0))).collect();
        let mut story = Self { owners: Vec::new(), plots: Vec::new(), periods };
        for index in 0..size.premises {
            let owner = story.owner_of(&mut generator, index);
            let plot = Plot::invent(&mut generator, index, owner, &story.periods, size.premises, today);
            story.plots.push(plot);
        }
        story.bend();
        story
    }

    /// Most plots have an owner of their own; some people have several, one has ten, a few plots have nobody.
    fn owner_of(&mut self, generator: &mut StdRng, index: usize) -> Option<usize> {
        let has_neighbours_owner = (100..110).contains(&index) && index > 100 || generator.random_range(0..100) < 9;
        match index {
            _ if index % 97 == 61 => None,
            _ if has_neighbours_owner && !self.owners.is_empty() => Some(self.owners.len() - 1),
            _ => {
                self.owners.push(Person::invent(generator, self.owners.len()));
                Some(self.owners.len() - 1)
            }
        }
    }

    /// The things that go wrong in every cooperative, each at a plot of its own.
    fn bend(&mut self) {
        let last = self.periods.len() - 1;
        for (index, bend) in [(3, stop as fn(&mut Meter, usize)), (24, wrap), (45, swap_zones), (66, misread), (87, misread), (129, stop)] {
            if let Some(meter) = self.plots.get_mut(index).and_then(|plot| plot.meters.last_mut()) {
                bend(meter, last);
            }
        }
        for index in [12, 150, 301] {
            if let Some(plot) = self.plots.get_mut(index) {
                replace(plot, last);
            }
        }
    }
}

/// A dial that stands still for half a year although somebody lives there.
fn stop(meter: &mut Meter, last: usize) {
    let from = last.saturating_sub(6);
    let Some(stuck) = meter.readings.get(&from).cloned() else { return };
    for (_, values) in meter.readings.range_mut(from..) {
        values.clone_from(&stuck);
    }
}

/// A five-digit dial that passed 99 999 two months ago.
fn wrap(meter: &mut Meter, last: usize) {
    let limit = Quantity::dial_limit(meter.digits).thousandths();
    let Some((_, values)) = meter.readings.range(..last.saturating_sub(1)).next_back() else { return };
    let turning = values[0].thousandths();
    let shift = limit - turning - 37_000;
    let turned = |value: Quantity| Quantity::from_thousandths((value.thousandths() + shift).rem_euclid(limit));
    for values in meter.readings.values_mut().chain([&mut meter.opening]) {
        values[0] = turned(values[0]);
    }
}

/// Day and night written into each other's fields, last month.
fn swap_zones(meter: &mut Meter, last: usize) {
    if let Some(values) = meter.readings.get_mut(&(last - 1)) {
        values.reverse();
    }
}

/// A digit misread the last time: lower than before.
fn misread(meter: &mut Meter, _last: usize) {
    if let Some(values) = meter.readings.values_mut().next_back() {
        values[0] = Quantity::from_thousandths((values[0].thousandths() - 900_000).max(0));
    }
}

/// The plot's electricity meter gives way to a new one four months ago.
fn replace(plot: &mut Plot, last: usize) {
    let month = last.saturating_sub(4);
    let Some(old) = plot.meters.last_mut() else { return };
    let Some(closing) = old.readings.get(&month).cloned() else { return };
    let zero = vec![Quantity::ZERO; closing.len()];
    let later = old.readings.split_off(&(month + 1));
    let since = |values: Vec<Quantity>| values.iter().zip(&closing).map(|(now, then)| now.minus(*then).unwrap_or_default()).collect();
    let new = Meter {
        serial: format!("9{}", &old.serial[1..]),
        seal: format!("{}Н", old.seal),
        seal_fate: SealFate::Intact,
        from_month: month,
        opening: zero,
        removed: None,
        readings: later.into_iter().map(|(at, values)| (at, since(values))).collect(),
        ..old.like()
    };
    old.removed = Some((month, closing));
    plot.meters.push(new);
}

impl Plot {
    fn invent(generator: &mut StdRng, index: usize, owner: Option<usize>, periods: &[Period], all: usize, today: Date) -> Self {
        let (line, number) = (index / PER_LINE, index % PER_LINE + 1);
        let label = format!("{}-{}-{number}", line / LINES + 1, line % LINES + 1);
        let hundreds = [400, 450, 520, 600, 612, 800, 1000, 1200];
        let area =
            Quantity::from_thousandths(hundreds[generator.random_range(0..hundreds.len())] * 1000 + if number == 7 { 500 } else { 0 });
        let visits = visits(generator, index, periods, all, today);
        let is_resident = generator.random_range(0..100) < 22;
        let mut meters = Vec::new();
        if generator.random_range(0..100) < 92 {
            meters.push(Meter::water(generator, index, periods, &visits, is_resident));
        }
        if generator.random_range(0..100) < 97 {
            meters.push(Meter::power(generator, index, periods, &visits, is_resident));
        }
        Self { label, area, owner, meters, visits }
    }
}

/// One visit a month; the current round has reached half of each controller's plots.
fn visits(generator: &mut StdRng, index: usize, periods: &[Period], all: usize, today: Date) -> BTreeMap<usize, Visit> {
    let share = all.div_ceil(CONTROLLERS).max(1);
    let last = periods.len() - 1;
    let reached = index % share < share / 2;
    let months = (0..periods.len()).filter(|month| *month < last || reached);
    months
        .map(|month| {
            let day = if month == last {
                (today - Duration::days(generator.random_range(1..8))).max(periods[month].first_day())
            } else {
                periods[month].first_day() + Duration::days(generator.random_range(19..25))
            };
            let outcome = match generator.random_range(0..100) {
                0..4 => "no_access",
                4 => "dog",
                _ => "read",
            };
            (month, Visit { day, minute: generator.random_range(8 * 60..17 * 60), controller: index / share, outcome })
        })
        .collect()
}

impl Meter {
    fn water(generator: &mut StdRng, index: usize, periods: &[Period], visits: &BTreeMap<usize, Visit>, is_resident: bool) -> Self {
        let monthly = generator.random_range(3_000..16_000);
        let start = generator.random_range(40_000..1_900_000);
        let model = if index.is_multiple_of(3) { "СХВ-15" } else { "Бетар СХВ-20" };
        let blank = Self::blank(generator, true, format!("{:08}", 10_400_000 + index * 7_127), model, (5, 3), periods);
        blank.run(generator, &[(monthly, start)], &WATER_SEASON, periods, visits, is_resident)
    }

    fn power(generator: &mut StdRng, index: usize, periods: &[Period], visits: &BTreeMap<usize, Visit>, is_resident: bool) -> Self {
        let is_two_zone = index % 5 < 2;
        let monthly = generator.random_range(60_000..340_000);
        let start = generator.random_range(900_000..62_000_000);
        let registers = if is_two_zone { vec![(monthly * 2 / 3, start), (monthly / 3, start / 3)] } else { vec![(monthly, start)] };
        let model = if is_two_zone { "Меркурий 201.8 Т2" } else { "Энергомера ЦЭ6807" };
        // Serials may begin with zeros, which must never be lost.
        let mut blank = Self::blank(generator, false, format!("{:09}", 4_100_000 + index * 90_117), model, (5, 0), periods);
        blank.is_two_zone = is_two_zone;
        blank.run(generator, &registers, &POWER_SEASON, periods, visits, is_resident)
    }

    fn blank(generator: &mut StdRng, is_water: bool, serial: String, model: &'static str, dial: (u8, u8), periods: &[Period]) -> Self {
        let years = if is_water { 6 } else { 16 };
        let verified_on = periods[0].first_day() - Duration::days(generator.random_range(60..years * 340));
        let seal_fate = match generator.random_range(0..100) {
            0..2 => SealFate::Broken,
            2 => SealFate::Missing,
            _ => SealFate::Intact,
        };
        let seal = format!("{}{:06}", if is_water { "В" } else { "Э" }, generator.random_range(1_000..999_999));
        Self {
            is_water,
            serial,
            model,
            digits: dial.0,
            decimals: dial.1,
            is_two_zone: false,
            seal,
            seal_fate,
            verified_on,
            verify_by: verified_on + Duration::days(years * 365),
            from_month: 0,
            opening: Vec::new(),
            removed: None,
            readings: BTreeMap::new(),
        }
    }

    /// The same kind of meter with no history.
    fn like(&self) -> Self {
        Self {
            serial: self.serial.clone(),
            seal: self.seal.clone(),
            opening: Vec::new(),
            removed: None,
            readings: BTreeMap::new(),
            ..*self
        }
    }

    /// Lets the dials turn month by month; a reading is what a visit that could read saw.
    fn run(
        mut self,
        generator: &mut StdRng,
        registers: &[(u64, u64)],
        season: &[u64; 12],
        periods: &[Period],
        visits: &BTreeMap<usize, Visit>,
        is_resident: bool,
    ) -> Self {
        let mut dials: Vec<u64> = registers.iter().map(|(_, start)| *start).collect();
        let whole = if self.decimals == 0 { 1000 } else { 1 };
        let shown = |dials: &[u64]| dials.iter().map(|value| quantity(value / whole * whole)).collect::<Vec<_>>();
        self.opening = shown(&dials);
        for (month, period) in periods.iter().enumerate() {
            let percent = season[usize::from(period.month()) - 1];
            let percent = if is_resident {
                percent.max(70)
            } else if percent < 40 {
                percent / 2
            } else {
                percent
            };
            for (dial, (monthly, _)) in dials.iter_mut().zip(registers) {
                *dial += monthly * percent * generator.random_range(70..130) / 10_000;
            }
            if visits.get(&month).is_some_and(|visit| visit.outcome == "read") {
                self.readings.insert(month, shown(&dials));
            }
        }
        self
    }
}

fn quantity(thousandths: u64) -> Quantity {
    Quantity::from_thousandths(i64::try_from(thousandths).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Story {
        Story::tell(Size { premises: 420, months: 14 }, time::macros::date!(2026 - 11 - 20))
    }

    #[test]
    fn the_story_is_the_same_every_time_and_has_its_people_and_its_troubles() {
        let (one, two) = (demo(), demo());
        assert_eq!(one.owners, two.owners);
        assert_eq!(one.plots.len(), 420);
        assert_eq!(one.plots[419].label, "3-7-20");
        assert!(one.plots.iter().any(|plot| plot.owner.is_none()));
        let most = (0..one.owners.len()).map(|owner| one.plots.iter().filter(|plot| plot.owner == Some(owner)).count()).max();
        assert!(most >= Some(10), "somebody has ten plots");
        assert_eq!(one.plots[12].meters.iter().filter(|meter| meter.removed.is_some()).count(), 1);
        let serials: std::collections::BTreeSet<_> =
            one.plots.iter().flat_map(|plot| &plot.meters).map(|meter| (meter.is_water, &meter.serial)).collect();
        assert_eq!(serials.len(), one.plots.iter().map(|plot| plot.meters.len()).sum::<usize>(), "no serial repeats");
    }

    #[test]
    fn dials_show_no_more_digits_than_they_have_and_half_the_round_is_walked() {
        let story = demo();
        for meter in story.plots.iter().flat_map(|plot| &plot.meters) {
            let limit = Quantity::dial_limit(meter.digits);
            assert!(meter.readings.values().flatten().all(|value| *value < limit), "{}", meter.serial);
        }
        let walked = story.plots.iter().filter(|plot| plot.visits.contains_key(&14)).count();
        assert!((180..=220).contains(&walked), "{walked}");
    }

    #[test]
    fn a_dial_wraps_two_are_misread_and_one_has_its_zones_swapped() {
        let story = demo();
        let falls = |meter: &&Meter| {
            let values: Vec<&Vec<Quantity>> = meter.readings.values().collect();
            values.windows(2).any(|pair| pair[1][0] < pair[0][0])
        };
        let fallen: Vec<&Meter> = story.plots.iter().flat_map(|plot| &plot.meters).filter(falls).collect();
        assert_eq!(fallen.len(), 4, "{:?}", fallen.iter().map(|meter| &meter.serial).collect::<Vec<_>>());
    }
}
