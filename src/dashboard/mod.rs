//! The first page after signing in: what needs this person today, then a few numbers and charts.
//!
//! It owns no table: it reads what the areas keep.

pub mod money;
mod office;
pub mod usage;
mod walker;

use crate::web::{Access, Ctx, Result, Routes};

pub fn routes() -> Routes {
    Routes::new().get("/", Access::SignedIn, show)
}

async fn show(ctx: Ctx) -> Result {
    use crate::staff::user::Role;
    match ctx.actor()?.role {
        Role::Controller => walker::show(ctx).await,
        _ => office::show(ctx).await,
    }
}
