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
