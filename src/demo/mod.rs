//! The demo cooperative: invented, the same on every machine, believable down to the photos.

pub mod dial;
pub mod fill;
mod money;
mod orders;
mod payments;
mod people;
pub mod story;
mod works;
