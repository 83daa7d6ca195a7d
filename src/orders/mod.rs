//! Services that a payer orders and pays for by the piece: the price list, orders, what of them was delivered.
//!
//! The surprising rule: an order is paid for when it is placed - its cost moves from the account to its reserve - and earned only when it is
//! delivered, wholly or in part; what is never delivered goes back when the order is cancelled. Names and prices of an order stay those of
//! the day it was placed.

pub mod check;
pub mod line;
pub mod list;
pub mod order;
pub mod pages;
pub mod service_item;

pub use line::Refusal;
pub use order::{Delivery, NewOrder, Order, OrderId, OrderState, Placed};
pub use service_item::{ServiceItem, ServiceItemId};
