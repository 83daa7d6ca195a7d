//! What a unit of a service costs, from which month on.
//!
//! The surprising rule: a version holds until the next one of its service and category, so there can be neither a gap nor an overlap
//! between two of them; and a version that a bill stands on is never changed, a later one is added.

mod contract_page;
pub mod own_price;
pub mod pages;
pub mod rate;
pub mod tariff;

pub use tariff::{Basis, PriceLine, Version, VersionId};
