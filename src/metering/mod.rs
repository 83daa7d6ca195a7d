//! Meters and what was read from them.
//!
//! The surprising rule: a reading is never edited and never lost. What was seen stays as seen; a correction is a new reading that
//! supersedes the old one, and whether a reading counts (accepted, in review, rejected) is said beside it.

mod accepted;
pub mod checks;
pub mod correction;
pub mod coverage;
pub mod installation;
pub mod meter;
pub mod meter_list;
pub mod pages;
pub mod photo;
pub mod reading;
pub mod reading_list;
pub mod review;
pub mod round;
pub mod seal;
pub mod standing;
pub mod visit;
pub mod worklist;

crate::text_enum! {
    /// What a meter measures.
    Resource as "resource" { Water = "water", Electricity = "electricity" }
}

crate::text_enum! {
    /// When a register counts: always, or only at its hours.
    Zone as "zone" { Single = "single", Day = "day", Night = "night", Peak = "peak", HalfPeak = "half_peak" }
}

crate::ids! {
    /// Key of a meter.
    MeterId,
    /// Key of one dial of a meter.
    RegisterId,
    /// Key of a meter's stay at a premise or a site.
    InstallationId,
    /// Key of a reading.
    ReadingId,
    /// Key of a controller's visit.
    VisitId,
}

impl Resource {
    /// The key of the message that names the unit: cubic metres, kilowatt-hours.
    pub fn unit_key(self) -> &'static str {
        match self {
            Self::Water => "unit-water",
            Self::Electricity => "unit-electricity",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Electricity => "bolt",
        }
    }
}

impl Zone {
    pub fn icon(self) -> &'static str {
        match self {
            Self::Single => "meter",
            Self::Day | Self::Peak | Self::HalfPeak => "sun",
            Self::Night => "moon",
        }
    }
}
