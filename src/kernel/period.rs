//! A calendar month, the unit in which readings are reported and charges are made.

use std::{fmt, str::FromStr};

use time::{Date, Month};

/// A calendar month, written `2026-11` and stored so; the years 2000 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    year: i32,
    month: u8,
}

/// The text is not a month in the form `2026-11`, or lies outside 2000 to 2199.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a month between 2000-01 and 2199-12")]
pub struct NotAPeriod;

impl Period {
    /// # Errors
    /// When `month` is not 1 to 12 or `year` not 2000 to 2199.
    pub fn new(year: i32, month: u8) -> Result<Self, NotAPeriod> {
        if (2000..=2199).contains(&year) && (1..=12).contains(&month) { Ok(Self { year, month }) } else { Err(NotAPeriod) }
    }

    /// The month that a day belongs to; days outside 2000 to 2199 are held at the nearest month.
    #[must_use]
    pub fn of(day: Date) -> Self {
        match day.year() {
            ..2000 => Self { year: 2000, month: 1 },
            2200.. => Self { year: 2199, month: 12 },
            year => Self { year, month: day.month().into() },
        }
    }

    #[must_use]
    pub const fn year(self) -> i32 {
        self.year
    }

    /// 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    #[must_use]
    pub fn first_day(self) -> Date {
        let month = Month::try_from(self.month).unwrap_or(Month::January);
        Date::from_calendar_date(self.year, month, 1).unwrap_or(Date::MIN)
    }

    #[must_use]
    pub fn last_day(self) -> Date {
        self.next().first_day().previous_day().unwrap_or(Date::MAX)
    }

    /// Months since year 0; consecutive for consecutive months.
    const fn number(self) -> i32 {
        self.year * 12 + self.month as i32 - 1
    }

    /// This month moved by `months`, which may be negative; held inside 2000 to 2199.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let number = self.number().saturating_add(months).clamp(2000 * 12, 2199 * 12 + 11);
        Self { year: number.div_euclid(12), month: u8::try_from(number.rem_euclid(12) + 1).unwrap_or(1) }
    }

    #[must_use]
    pub fn next(self) -> Self {
        self.plus(1)
    }

    #[must_use]
    pub fn previous(self) -> Self {
        self.plus(-1)
    }

    /// Months from `earlier` to this one, negative when this one is earlier.
    #[must_use]
    pub const fn months_since(self, earlier: Self) -> i32 {
        self.number() - earlier.number()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, month) = text.split_once('-').ok_or(NotAPeriod)?;
        let is_number = |part: &str, digits| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(year, 4) || !is_number(month, 2) {
            return Err(NotAPeriod);
        }
        Self::new(year.parse().map_err(|_| NotAPeriod)?, month.parse().map_err(|_| NotAPeriod)?)
    }
}

crate::stored_as_text!(Period);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_digits_a_dash_and_two_digits_are_a_month() {
        assert_eq!("2026-11".parse(), Ok(Period { year: 2026, month: 11 }));
        for wrong in ["2026-13", "2026-00", "2026-1", "1999-12", "2200-01", "+026-11", "2026-+1", "2026", "", "２０２６-11"] {
            assert_eq!(wrong.parse::<Period>(), Err(NotAPeriod), "{wrong}");
        }
    }

    #[test]
    fn months_follow_each_other_over_the_new_year() {
        let december = Period { year: 2026, month: 12 };
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.next().previous(), december);
        assert_eq!(december.last_day().to_string(), "2026-12-31");
        assert_eq!(december.plus(-14).to_string(), "2025-10");
        assert_eq!(december.months_since(december.plus(-14)), 14);
    }
}
