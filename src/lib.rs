#[macro_use]
pub mod kernel;
