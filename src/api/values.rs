//! How values of the kernel are written in JSON and described: sums as whole kopecks, quantities and prices as decimal texts, days and
//! moments as in ISO 8601.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::Date;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    kernel::{Moment, Money, Period, Price, Quantity},
    web::form::parse_date,
};

/// A day as `2026-11-20`; the years 1900 to 2199.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl Day {
    pub const FIRST: Date = time::macros::date!(1900 - 01 - 01);
    pub const LAST: Date = time::macros::date!(2199 - 12 - 31);
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        // People's own way of writing days is for forms.
        if text.len() == 10 && !text.contains('.') { parse_date(text).map(Self).ok_or(NotADay) } else { Err(NotADay) }
    }
}

/// The text is no day in the form `2026-11-20`.
#[derive(Debug, thiserror::Error)]
#[error("not a day such as 2026-11-20")]
pub struct NotADay;

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

/// A whole number of a range; the least unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "i64")]
pub struct Within<const LEAST: i64, const MOST: i64>(pub i64);

/// Too small or too large.
#[derive(Debug, thiserror::Error)]
#[error("not from {0} to {1}")]
pub struct NotWithin(i64, i64);

impl<const LEAST: i64, const MOST: i64> TryFrom<i64> for Within<LEAST, MOST> {
    type Error = NotWithin;

    fn try_from(number: i64) -> Result<Self, NotWithin> {
        if (LEAST..=MOST).contains(&number) { Ok(Self(number)) } else { Err(NotWithin(LEAST, MOST)) }
    }
}

impl<const LEAST: i64, const MOST: i64> Default for Within<LEAST, MOST> {
    fn default() -> Self {
        Self(LEAST)
    }
}

impl<const LEAST: i64, const MOST: i64> fmt::Display for Within<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const LEAST: i64, const MOST: i64> PartialSchema for Within<LEAST, MOST> {
    fn schema() -> RefOr<Schema> {
        let whole = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        whole.minimum(Some(LEAST)).maximum(Some(MOST)).into()
    }
}

impl<const LEAST: i64, const MOST: i64> ToSchema for Within<LEAST, MOST> {
    fn name() -> Cow<'static, str> {
        format!("From{LEAST}To{MOST}").into()
    }
}

/// Whole digits of a dial.
pub type DialDigits = Within<1, 12>;

/// Decimals of a dial; none unless said.
pub type DialDecimals = Within<0, 3>;

fn text(format: Option<&str>, example: &str) -> RefOr<Schema> {
    let format = format.map(|format| SchemaFormat::Custom(format.to_owned()));
    ObjectBuilder::new().schema_type(Type::String).format(format).examples([example]).into()
}

macro_rules! described {
    ($($type:ty => $schema:expr;)+) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $type {}
    )+};
}

described! {
    Day => text(Some("date"), "2026-11-20");
    Moment => text(Some("date-time"), "2026-11-20T08:15:00.000Z");
    Period => ObjectBuilder::new().schema_type(Type::String).pattern(Some("^2[01][0-9]{2}-(0[1-9]|1[0-2])$")).examples(["2026-11"]).into();
    Quantity => text(None, "1234.567");
    Price => text(None, "6.73");
    Money => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .examples([123_450])
        .into();
}
