//! The people who work here: who they are, how they sign in, what their role lets them do.
//!
//! The surprising rule: a session holds only whose it is; role, block and language are read anew for every request.

pub mod delay;
pub mod invite;
pub mod pages;
pub mod password;
pub mod proof;
pub mod second_factor;
pub mod signed_in;
pub mod token;
pub mod user;

pub use pages::routes;
