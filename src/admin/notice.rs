//! What people must know of the books before they trust a page about money.

use super::self_check::SelfCheck;
use crate::{
    staff::user::Permission,
    web::{Ctx, Result},
};

/// That the last check found the books wrong, for whoever sees money or administers; empty otherwise.
pub async fn of_books(ctx: &Ctx) -> Result<String> {
    let actor = ctx.actor()?;
    if !actor.can(Permission::SeeMoney) && !actor.can(Permission::Administer) {
        return Ok(String::new());
    }
    let Some(check) = SelfCheck::last(&ctx.db).await?.filter(|check| !check.is_clean()) else { return Ok(String::new()) };
    let differences: Vec<String> = check.differences.iter().map(|found| format!("{} ({})", found.what, found.times)).collect();
    Ok(ctx.l.a("books-trouble", &[("when", ctx.moment(check.checked_at)), ("what", differences.join("; "))]))
}
