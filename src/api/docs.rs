//! The page on which the calls can be read and tried.

use askama::Template;

use crate::web::{
    Access::Public,
    Ctx, Result, Routes,
    page::{Shell, page},
};

#[derive(Template)]
#[template(path = "api/docs.html")]
struct DocsPage {
    shell: Shell,
}

pub fn routes() -> Routes {
    Routes::new().get("/docs", Public, show)
}

async fn show(ctx: Ctx) -> Result {
    page(&DocsPage { shell: Shell::plain(&ctx, ctx.l.t("api-docs-title")) })
}
