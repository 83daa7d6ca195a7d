//! What every page and call shares: routes with their access, forms, lists, sessions, errors, languages, the shell around a page.
//!
//! The surprising rule: a handler never decides who may call it. Access is declared beside the path and checked before the handler runs.

pub mod access;
pub mod assets;
pub mod chart;
pub mod context;
pub mod download;
pub mod error;
pub mod form;
pub mod guard;
pub mod i18n;
pub mod list;
pub mod nav;
pub mod once;
pub mod page;
pub mod requests;
pub mod routes;
pub mod session;
pub mod upload;

pub use access::Access;
pub use context::{Ctx, Keys};
pub use error::{Error, Result};
pub use form::{Check, FieldErrors, Filled, Input};
pub use i18n::{Language, Locale};
pub use routes::Routes;
