//! The list of debtors, the card of one, and the words in which every other page says what is owed.

mod card;
mod list;
mod notices;
pub mod shown;

use crate::{
    audit::{self, Author, Entry, Subject},
    estate::owner::OwnerId,
    staff::user::Permission::{Notify, SeeMoney},
    web::{Access::Can, Ctx, Result, Routes},
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/debtors", Can(SeeMoney), list::show)
        .get("/debtors.xlsx", Can(SeeMoney), list::excel)
        .get("/debtors/{owner}", Can(SeeMoney), card::show)
        .post("/debtors/{owner}/marks", Can(Notify), card::mark)
        .post("/debtors/marks/{mark}/remove", Can(Notify), card::remove_mark)
        .get("/notices", Can(Notify), notices::list)
        .post("/notices", Can(Notify), notices::create)
        .post("/notices/plans/{site}", Can(Notify), notices::save_plan)
        .get("/notices/{run}", Can(Notify), notices::show)
        .get("/notices/{run}/print", Can(Notify), notices::print)
        .get("/notices/letters/{notice}", Can(Notify), notices::print_one)
}

/// Notes who looked at somebody's debts: the one thing that looking at a page writes down. Looking again within the hour is the same look.
async fn note_look(ctx: &Ctx, id: OwnerId, name: String) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let since = ctx.now().minus(time::Duration::hours(1));
    if !audit::has_noted(&ctx.db, &author, Subject::Debtor, id.0, since).await? {
        note(ctx, "audit-debt-seen", Some(id), name).await?;
    }
    Ok(())
}

async fn note(ctx: &Ctx, action: &'static str, id: Option<OwnerId>, name: String) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::Debtor, id: id.map(|id| id.0), name };
    entry.noted(&mut tx).await?;
    Ok(tx.commit().await?)
}
