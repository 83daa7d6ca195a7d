//! Pages of the registry.

mod contracts;
mod owners;
mod premises;
mod search;
mod sites;

use crate::{
    audit::{Recorded, Subject, history},
    staff::user::Permission::{EditEstate, SeeEstate},
    web::{
        Access::Can,
        Ctx, Result, Routes,
        page::{HistoryChange, HistoryLine},
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sites", Can(SeeEstate), sites::list)
        .get("/sites/new", Can(EditEstate), sites::new)
        .post("/sites", Can(EditEstate), sites::create)
        .get("/sites/{site}", Can(EditEstate), sites::edit)
        .post("/sites/{site}", Can(EditEstate), sites::save)
        .get("/premises", Can(SeeEstate), premises::list)
        .get("/premises/new", Can(EditEstate), premises::new)
        .post("/premises", Can(EditEstate), premises::create)
        .get("/premises/{premise}", Can(SeeEstate), premises::card::show)
        .get("/premises/{premise}/edit", Can(EditEstate), premises::edit)
        .post("/premises/{premise}", Can(EditEstate), premises::save)
        .post("/premises/{premise}/end", Can(EditEstate), premises::end)
        .get("/owners", Can(SeeEstate), owners::list)
        .get("/owners/{owner}", Can(SeeEstate), owners::show)
        .get("/owners/{owner}/edit", Can(EditEstate), owners::edit)
        .post("/owners/{owner}", Can(EditEstate), owners::save)
        .get("/contracts/new", Can(EditEstate), contracts::new)
        .post("/contracts", Can(EditEstate), contracts::create)
        .get("/search", Can(SeeEstate), search::show)
}

/// What happened to a thing, for its card.
async fn history_of(ctx: &Ctx, subject: Subject, id: i64) -> Result<Vec<HistoryLine>> {
    let line = |recorded: &Recorded| HistoryLine {
        when: ctx.moment(recorded.at),
        who: recorded.actor_name.clone(),
        what: if ctx.l.has(&recorded.action) { ctx.l.t(&recorded.action) } else { recorded.action.clone() },
        changes: recorded.differences().into_iter().map(|(field, before, after)| HistoryChange { field, before, after }).collect(),
    };
    Ok(history(&ctx.db, subject, id).await?.iter().map(line).collect())
}
