//! What is owed for a month: from readings, areas and prices to charges and bills.
//!
//! The surprising rule: a charge keeps everything that it came from - values and days of readings, prices, days, rounding - frozen as it
//! was, so that a bill proves itself years later; after approval nothing is changed, a later month carries a correction.

pub mod bill;
pub mod bill_list;
pub mod calculate;
pub mod charge;
pub mod check;
pub mod consumption;
pub mod draft;
pub mod job;
pub mod load;
pub mod pages;
pub mod paid;
pub mod preview;
pub mod run;

crate::text_enum! {
    /// How the quantity of a charge became known.
    Consumption as "consumption" {
        Measured = "measured",
        /// From what was measured before, because nothing was read.
        Average = "average",
        Norm = "norm",
        /// Not metered: by area, premise or contract.
        Fixed = "fixed",
        /// The difference to what an earlier month was charged.
        Correction = "correction",
    }
}

crate::ids! {
    /// Key of a run: the charges of a site for a month.
    RunId,
    /// Key of a charge.
    ChargeId,
    /// Key of a bill.
    BillId,
}
