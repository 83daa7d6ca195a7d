//! Decimal numbers as people type and machines write them, held in whole smallest units. No floats anywhere.

use std::fmt;

/// Kept in JSON as the text that it is shown as and parsed from, so that no reader takes it for a float.
macro_rules! serde_as_text {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Why typed text is not such a number.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotADecimal {
    #[error("not a number")]
    NotANumber,
    #[error("more decimals than are kept")]
    TooFine,
    #[error("too large")]
    TooLarge,
}

/// Reads `1234,5`, `1 234.567` (also with no-break spaces), `-0` into units of `decimals` places; only ASCII digits.
///
/// # Errors
/// When the text is no plain decimal number, has more than `decimals` places, or is beyond `largest` units either way.
pub fn parse(typed: &str, decimals: usize, largest: i64) -> Result<i64, NotADecimal> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let (is_negative, unsigned) = match compact.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, compact.strip_prefix('+').unwrap_or(&compact)),
    };
    let (whole, fraction) = unsigned.split_once([',', '.']).unwrap_or((unsigned, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(NotADecimal::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        return Err(NotADecimal::TooFine);
    }
    let whole = whole.trim_start_matches('0');
    let units: i64 = format!("0{whole}{fraction:0<decimals$}").parse().map_err(|_| NotADecimal::TooLarge)?;
    if units > largest {
        return Err(NotADecimal::TooLarge);
    }
    Ok(if is_negative { -units } else { units })
}

/// Writes units of `decimals` places as machines do: a point, no grouping, zeros at the end only up to `shown` places.
pub fn write(f: &mut fmt::Formatter<'_>, units: i64, decimals: u32, shown: usize) -> fmt::Result {
    let one = 10_u64.pow(decimals);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, fraction) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let width = usize::try_from(decimals).unwrap_or_default();
    let fraction = format!("{fraction:0width$}");
    let kept = fraction.trim_end_matches('0').len().max(shown);
    if kept == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{}", &fraction[..kept]) }
}
