//! The pages of the registry: lists, cards and forms of sites, premises, owners, accounts and contracts, and the search over all of them.

mod accounts;
mod contract_form;
mod contracts;
mod merge;
pub mod owner_form;
mod owners;
mod party;
mod premise_card;
pub mod premise_form;
mod premises;
mod search;
pub mod shared;
pub mod sites;
mod transfer;

use shared::{chosen_site, excel_address, head, history, key, owner_href, parts, premise_href, seen, site_choices, site_name, today};

use super::{
    owner::{Owner, OwnerId},
    premise::Premise,
    site::Site,
};
use crate::{
    staff::user::Permission,
    web::{Access, Ctx, Error, FieldErrors, Result, Routes},
};

pub fn routes() -> Routes {
    let see = Access::Can(Permission::SeeEstate);
    let edit = Access::Can(Permission::EditEstate);
    Routes::new()
        .get("/search", see, search::show)
        .get("/sites", see, sites::list)
        .get("/sites/new", edit, sites::new)
        .post("/sites", edit, sites::create)
        .get("/sites/{id}", see, sites::show)
        .get("/sites/{id}/edit", edit, sites::edit)
        .post("/sites/{id}", edit, sites::save)
        .post("/sites/{id}/end", edit, sites::end)
        .get("/premises", see, premises::list)
        .get("/premises.xlsx", see, premises::excel)
        .get("/premises/new", edit, premise_form::new)
        .post("/premises", edit, premise_form::create)
        .get("/premises/{id}", see, premise_card::show)
        .get("/premises/{id}/edit", edit, premise_form::edit)
        .post("/premises/{id}", edit, premise_form::save)
        .post("/premises/{id}/end", edit, premise_form::end)
        .post("/premises/{id}/delete", edit, premise_form::delete)
        .get("/premises/{id}/transfer", edit, transfer::show)
        .post("/premises/{id}/transfer", edit, transfer::save)
        .get("/owners", see, owners::list)
        .get("/owners.xlsx", see, owners::excel)
        .get("/owners/new", edit, owner_form::new)
        .post("/owners", edit, owner_form::create)
        .get("/owners/{id}", see, owners::show)
        .get("/owners/{id}/edit", edit, owner_form::edit)
        .post("/owners/{id}", edit, owner_form::save)
        .get("/owners/{id}/merge", edit, merge::show)
        .post("/owners/{id}/merge", edit, merge::run)
        .get("/accounts", see, accounts::list)
        .get("/accounts/{id}", see, accounts::show)
        .post("/accounts/{id}/close", edit, accounts::close)
        .get("/contracts", see, contracts::list)
        .get("/contracts.xlsx", see, contracts::excel)
        .get("/contracts/new", edit, contract_form::new)
        .post("/contracts", edit, contract_form::create)
        .get("/contracts/{id}/end", edit, contracts::ask_end)
        .post("/contracts/{id}/end", edit, contracts::end)
}

/// A form's errors inside the answer of a transaction that went through.
type Checked<T> = std::result::Result<T, FieldErrors>;

async fn visible_site(ctx: &Ctx, id: &str) -> Result<Site> {
    ctx.visible(Site::find(&ctx.db, key(id)?).await?, |site| site.id)
}

async fn visible_premise(ctx: &Ctx, id: &str) -> Result<Premise> {
    ctx.visible(Premise::find(&ctx.db, key(id)?).await?, |premise| premise.site_id)
}

/// An owner of anything, ever, on a site that the person sees; whoever sees all sites sees also owners of nothing.
async fn visible_owner(ctx: &Ctx, id: &str) -> Result<Owner> {
    let id: OwnerId = key(id)?;
    let owner = Owner::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let actor = ctx.actor()?;
    if actor.sites.is_none() || Owner::sites(&ctx.db, id).await?.into_iter().any(|site| actor.sees(site)) {
        return Ok(owner);
    }
    Err(Error::NotFound)
}

fn may_edit(ctx: &Ctx) -> Result<bool> {
    Ok(ctx.actor()?.can(Permission::EditEstate))
}
