//! Values and their rules: no I/O, no clock, no SQL. Everything else parses into these at its edge and trusts them inside.

pub mod clock;
#[macro_use]
pub mod decimal;
pub mod dice;
pub mod id;
pub mod money;
pub mod period;
pub mod qr;
pub mod quantity;
pub mod text;

pub use clock::{Clock, Moment};
pub use dice::Dice;
pub use money::{Money, Price};
pub use period::Period;
pub use quantity::Quantity;
