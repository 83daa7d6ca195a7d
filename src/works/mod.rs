//! Work orders: who is given them, what they cost and earn, what workers are paid for a day.
//!
//! The surprising rule: a worker pays for being given an order and earns by doing it. Who gets it is drawn by lot, at once and at every
//! reshuffle, and its two prices are drawn once for its life. So a balance may be below zero; what is above is paid out every midnight.

pub mod analytics;
pub mod assign;
pub mod check;
pub mod job;
pub mod list;
pub mod log;
pub mod order;
pub mod pages;
pub mod payout;
pub mod reshuffle;
pub mod seen;
pub mod terms;
pub mod worker;

pub use order::{NewWorkOrder, Opened, Refusal, WorkOrder, WorkOrderId, WorkOrderState};
pub use payout::{Payout, PayoutId, PayoutState};
pub use reshuffle::Reshuffle;
pub use terms::Terms;
