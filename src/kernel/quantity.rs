//! Quantities in whole thousandths of a unit: cubic metres, kilowatt-hours, square metres. No floats anywhere.

use std::{fmt, str::FromStr};

use super::decimal::{self, NotADecimal};

/// An amount of something metered or measured, in whole thousandths of its unit; at most about 9.2 million millions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Quantity(i64);

/// The largest quantity that is accepted from outside: twelve digits before the point.
const LARGEST_THOUSANDTHS: i64 = 999_999_999_999_999;

impl Quantity {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The difference, or `None` where it cannot be held.
    #[must_use]
    pub const fn minus(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    #[must_use]
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The first value a dial with `digits` whole digits cannot show: 100 000 for five.
    #[must_use]
    pub fn dial_limit(digits: u8) -> Self {
        Self(10_i64.pow(u32::from(digits.min(12))) * 1000)
    }

    /// Reads what people type: `1234,5`, `1 234.567` (also with no-break spaces), `-0`. Only ASCII digits; at most three decimals.
    ///
    /// # Errors
    /// When the text is no plain decimal number, is finer than a thousandth, or has more than twelve whole digits.
    pub fn parse(typed: &str) -> Result<Self, NotADecimal> {
        decimal::parse(typed, 3, LARGEST_THOUSANDTHS).map(Self)
    }
}

impl FromStr for Quantity {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// As machines write it: a point, no grouping, no trailing zeros (`1234.5`). Pages use `Locale::quantity`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 3, 0)
    }
}

serde_as_text!(Quantity);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_read_as_people_type_them() {
        for (typed, thousandths) in [
            ("1234,5", 1_234_500),
            ("1\u{a0}234.567", 1_234_567),
            ("-0", 0),
            ("007", 7000),
            (",5", 500),
            ("5.", 5000),
            ("1,5000", 1500),
            ("\u{2212}5", -5000),
        ] {
            assert_eq!(Quantity::parse(typed), Ok(Quantity(thousandths)), "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_plain_number_is_refused() {
        for typed in ["", " ", ".", "-", "1e9", "NaN", "0x10", "１２", "٣", "1,2,3", "1.234,5", "--1", "абв", "inf"] {
            assert_eq!(Quantity::parse(typed), Err(NotADecimal::NotANumber), "{typed}");
        }
        assert_eq!(Quantity::parse("0.0001"), Err(NotADecimal::TooFine));
        assert_eq!(Quantity::parse("1000000000000"), Err(NotADecimal::TooLarge));
        assert_eq!(Quantity::parse(&"9".repeat(30)), Err(NotADecimal::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(thousandths in -LARGEST_THOUSANDTHS..=LARGEST_THOUSANDTHS) {
            let quantity = Quantity(thousandths);
            prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        }
    }
}
