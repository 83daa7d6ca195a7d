//! What other programs call: JSON under `/api/v1`, by bearer token.
//!
//! The surprising rule: a call is declared once ([`calls`]), and its route, its line in the table of access and its description for other
//! programs are all made of that declaration. Sessions and cookies mean nothing here.

pub mod access;
pub mod body;
pub mod call;
pub mod calls;
pub mod docs;
pub mod error;
pub mod noun;
pub mod openapi;
pub mod v1;
pub mod values;

use std::sync::LazyLock;

use axum::{
    Router,
    http::header,
    middleware::from_fn_with_state,
    response::IntoResponse,
    routing::{any, get},
};

use crate::{app::App, web};

pub use v1::calls as all_calls;

/// The description as JSON text, made once.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| description().unwrap_or_default());

/// The description of all calls as JSON text for readers.
///
/// # Errors
/// When it cannot be written as JSON, which a test rules out.
pub fn description() -> serde_json::Result<String> {
    let mut text = openapi::document(&all_calls()).to_pretty_json()?;
    text.push('\n');
    Ok(text)
}

/// All calls behind the guards of calls.
pub fn router(app: &App) -> Router<App> {
    all_calls()
        .into_router()
        .route(&format!("{}/openapi.json", calls::ROOT), get(async || ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION.as_str())))
        .route("/api/{*rest}", any(async || web::Error::NotFound.into_response()))
        .layer(from_fn_with_state(app.clone(), access::identify))
}
