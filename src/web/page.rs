//! stand-in
use super::{Ctx, Locale, Result};
use crate::app::App;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
pub struct Shell {
    pub l: Locale,
    pub title: String,
}
impl Shell {
    pub fn plain(ctx: &Ctx, title: String) -> Self {
        Self { l: ctx.l, title }
    }
}
pub fn page(template: &impl Template) -> Result {
    Ok(Html(template.render()?).into_response())
}
pub fn error_page(_app: &App, _l: Locale, title: &str, text: &str, reference: Option<&str>) -> Response {
    Html(format!("{title} {text} {reference:?}")).into_response()
}
