//! What the columns of a file mean: guessed first, then a person's to change. The stored plan is made from this and nothing else.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{table::Row, words::Field};
use crate::metering::Resource;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    pub content: Content,
    /// One for each sheet of the file, in its order.
    pub sheets: Vec<SheetMapping>,
}

/// What one row of the file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A plot with its owner and meters.
    #[default]
    Registry,
    /// A reading of a meter known by its serial.
    Readings,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetMapping {
    pub sheet: String,
    pub is_used: bool,
    /// Row numbers as the spreadsheet shows them; 0 and 0 when there is no header. Data begins after `header_to`.
    pub header_from: u32,
    pub header_to: u32,
    pub columns: Vec<ColumnMapping>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    pub header: String,
    pub field: Field,
    /// What the column's meter measures; only for fields of a meter.
    pub resource: Option<Resource>,
    /// The day of the readings in this column, when no date column says it.
    #[serde(with = "optional_day")]
    pub day: Option<Date>,
}

impl Mapping {
    /// A column of a meter, with its sheet, of which nobody said what the meter measures: nothing could be taken from it.
    #[must_use]
    pub fn without_resource(&self) -> Option<(&str, usize)> {
        let used = self.sheets.iter().filter(|sheet| sheet.is_used && !sheet.has(Field::Resource));
        let mut columns = used.flat_map(|sheet| sheet.meanings().map(move |(place, column)| (sheet, place, column)));
        columns
            .find(|(_, _, column)| column.field.is_of_meter() && column.resource.is_none())
            .map(|(sheet, place, _)| (sheet.sheet.as_str(), place))
    }
}

impl SheetMapping {
    /// The columns with a meaning, with their places counted from 0.
    pub fn meanings(&self) -> impl Iterator<Item = (usize, &ColumnMapping)> {
        self.columns.iter().enumerate().filter(|(_, column)| !matches!(column.field, Field::Ignore | Field::NotYetUsed | Field::Ordinal))
    }

    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|column| column.field == field)
    }

    /// The first column with this meaning; for a field of a meter, of this resource or of none.
    #[must_use]
    pub fn column(&self, field: Field, resource: Option<Resource>) -> Option<usize> {
        let fits =
            |column: &ColumnMapping| column.field == field && (resource.is_none() || column.resource.is_none_or(|of| Some(of) == resource));
        self.columns.iter().position(fits)
    }

    /// The resources whose meters the sheet describes, in the order of their columns.
    #[must_use]
    pub fn resources(&self) -> Vec<Resource> {
        let mut resources = Vec::new();
        for resource in self.columns.iter().filter(|column| column.field.is_of_meter()).filter_map(|column| column.resource) {
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        resources
    }

    /// Is the row below the header?
    #[must_use]
    pub fn is_data(&self, row: &Row) -> bool {
        row.number > self.header_to
    }
}

pub mod optional_day {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::{Date, macros::format_description};

    pub fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => serializer.collect_str(day),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Date::parse(&text, format_description!("[year]-[month]-[day]")).map_err(serde::de::Error::custom)).transpose()
    }
}

/// A day as `2026-10-23`.
pub mod day {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::{Date, macros::format_description};

    pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        Date::parse(&String::deserialize(deserializer)?, format_description!("[year]-[month]-[day]")).map_err(serde::de::Error::custom)
    }
}
