//! Money in whole kopecks and prices in whole ten-thousandths of a rouble. One rounding rule for all of the product.

use std::{fmt, iter::Sum, str::FromStr};

use super::{
    Quantity,
    decimal::{self, NotADecimal},
};

/// A sum in whole kopecks; negative for what is taken back or owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Money(i64);

/// The price of one unit in whole ten-thousandths of a rouble; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Price(i64);

/// The largest sum accepted from outside: ten milliard roubles. Millions of them can be added up in 64 bits.
const LARGEST_KOPECKS: i64 = 1_000_000_000_000;

/// The largest price accepted from outside: ten million roubles a unit.
const LARGEST_PRICE: i64 = 100_000_000_000;

impl Money {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_kopecks(kopecks: i64) -> Self {
        Self(kopecks)
    }

    #[must_use]
    pub const fn kopecks(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// What is left of it above zero.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// Reads `1 234,56` or `1234.5`; only ASCII digits, at most two decimals, at most ten milliard roubles.
    ///
    /// # Errors
    /// When the text is no such number.
    pub fn parse(typed: &str) -> Result<Self, NotADecimal> {
        decimal::parse(typed, 2, LARGEST_KOPECKS).map(Self)
    }

    /// The part that `numerator` of `denominator` takes, rounded half away from zero.
    ///
    /// # Panics
    /// When the denominator is not positive or the part does not fit: both are mistakes in the program.
    #[must_use]
    pub fn part(self, numerator: i64, denominator: i64) -> Self {
        assert!(denominator > 0, "a part of money has a positive denominator");
        Self(rounded(i128::from(self.0) * i128::from(numerator), i128::from(denominator)).expect("a part of a sum fits"))
    }
}

impl Price {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_ten_thousandths(ten_thousandths: i64) -> Self {
        Self(ten_thousandths)
    }

    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// Reads `6,73` or `6.7305`: at most four decimals, not negative.
    ///
    /// # Errors
    /// When the text is no such number; a negative one is no number of this kind.
    pub fn parse(typed: &str) -> Result<Self, NotADecimal> {
        let price = decimal::parse(typed, 4, LARGEST_PRICE)?;
        if price < 0 { Err(NotADecimal::NotANumber) } else { Ok(Self(price)) }
    }

    /// What a quantity costs, rounded to the kopeck, half away from zero; `None` beyond the largest sum accepted from outside.
    #[must_use]
    pub fn times(self, quantity: Quantity) -> Option<Money> {
        // 10^-4 roubles x 10^-3 units are 10^-7 roubles, and a kopeck has 10^5 of those.
        let kopecks = rounded(i128::from(self.0) * i128::from(quantity.thousandths()), 100_000)?;
        (kopecks.abs() <= LARGEST_KOPECKS).then_some(Money(kopecks))
    }
}

/// The rounding rule: half away from zero.
fn rounded(value: i128, by: i128) -> Option<i64> {
    let half = if value < 0 { -by / 2 } else { by / 2 };
    i64::try_from((value + half) / by).ok()
}

impl std::ops::Add for Money {
    type Output = Self;

    /// # Panics
    /// Beyond 92 million milliards of roubles, which no sum of accepted amounts reaches.
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("a sum of money fits"))
    }
}

impl std::ops::Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("a difference of money fits"))
    }
}

impl std::ops::Neg for Money {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::ZERO, |total, sum| total + sum)
    }
}

impl FromStr for Money {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromStr for Price {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Roubles as machines write them: `-1234.50`. Pages use `Locale::money`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 2, 2)
    }
}

/// Roubles as machines write them, with at least two decimals: `6.73`, `6.7305`.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 4, 2)
    }
}

serde_as_text!(Price);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_are_read_as_people_type_them() {
        for (typed, kopecks) in [("1\u{a0}234,56", 123_456), ("5", 500), ("0,5", 50), ("-12.30", -1230), ("0", 0)] {
            assert_eq!(Money::parse(typed), Ok(Money(kopecks)), "{typed}");
        }
        assert_eq!(Money::parse("0.001"), Err(NotADecimal::TooFine));
        assert_eq!(Money::parse(&"9".repeat(30)), Err(NotADecimal::TooLarge));
        assert_eq!(Money::parse("1e9999"), Err(NotADecimal::NotANumber));
        assert_eq!(Price::parse("-1"), Err(NotADecimal::NotANumber));
    }

    #[test]
    fn sums_and_prices_are_written_with_kopecks() {
        assert_eq!(Money(-123_450).to_string(), "-1234.50");
        assert_eq!(Money(5).to_string(), "0.05");
        assert_eq!(Price(67_300).to_string(), "6.73");
        assert_eq!(Price(67_305).to_string(), "6.7305");
    }

    #[test]
    fn half_a_kopeck_goes_away_from_zero() {
        let price = Price::parse("0.5").unwrap();
        for (thousandths, kopecks) in [(10, 1), (9, 0), (-10, -1), (-9, 0), (30, 2), (1000, 50)] {
            assert_eq!(price.times(Quantity::from_thousandths(thousandths)), Some(Money(kopecks)), "{thousandths}");
        }
        assert_eq!(Money(-5).part(1, 2), Money(-3));
    }

    #[test]
    fn what_cannot_be_held_is_none() {
        assert_eq!(Price(LARGEST_PRICE).times(Quantity::from_thousandths(999_999_999_999_999)), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(kopecks in -LARGEST_KOPECKS..=LARGEST_KOPECKS, price in 0..=LARGEST_PRICE) {
            prop_assert_eq!(Money::parse(&Money(kopecks).to_string()), Ok(Money(kopecks)));
            prop_assert_eq!(Price::parse(&Price(price).to_string()), Ok(Price(price)));
        }
    }
}
