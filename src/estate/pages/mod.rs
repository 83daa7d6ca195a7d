//! The pages of the registry: lists, cards and forms of sites, premises, owners, accounts and contracts, and the search over all of them.

mod accounts;
mod contract_form;
mod contracts;
mod merge;
mod owner_form;
mod owners;
mod party;
mod premise_card;
mod premise_form;
mod premises;
mod search;
mod sites;
mod transfer;

use time::Date;

use super::{
    filter::Seen,
    owner::{Owner, OwnerId},
    premise::{Premise, PremiseId},
    site::{Site, SiteId},
};
use crate::{
    audit::{self, Subject},
    kernel::{clock::Zone, text::Choice as Word},
    staff::user::Permission,
    web::{
        Access, Ctx, Error, FieldErrors, Locale, Result, Routes,
        list::{Address, Sort},
        page::{Choice, HistoryChange, HistoryLine, Shell},
    },
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

/// A key from the address; one that is no number is as absent.
fn key<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
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

fn seen(ctx: &Ctx) -> Result<Seen<'_>> {
    Ok(ctx.actor()?.sites.as_deref())
}

fn may_edit(ctx: &Ctx) -> Result<bool> {
    Ok(ctx.actor()?.can(Permission::EditEstate))
}

/// The site chosen in a list's filter.
fn chosen_site(ctx: &Ctx) -> Option<SiteId> {
    ctx.query.text("site").parse().ok()
}

fn site_choices(shell: &Shell) -> Vec<Choice> {
    shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect()
}

fn site_name(shell: &Shell, id: SiteId) -> String {
    shell.sites.iter().find(|site| site.id == id).map(|site| site.name.clone()).unwrap_or_default()
}

/// The address of the Excel of a list: the same filters and order.
fn excel_address(ctx: &Ctx, path: &str) -> String {
    Address::new(path, &ctx.query).with("page", "")
}

/// The links of a list's heads that sort both ways.
fn head<T: Word>(l: Locale, key: &str, address: &Address, column: T, sort: Sort<T>) -> crate::web::page::Head {
    crate::web::page::Head::sorted(l.t(key), address, column, sort)
}

/// Today at a site.
async fn today(ctx: &Ctx, site: SiteId) -> Result<Date> {
    let zone = Site::find(&ctx.db, site).await?.map_or_else(Zone::moscow, |site| site.zone());
    Ok(zone.day(ctx.now()))
}

/// What happened to a thing, newest first, for its card.
async fn history(ctx: &Ctx, subject: Subject, id: i64) -> Result<Vec<HistoryLine>> {
    let l = ctx.l;
    let known = |key: String, otherwise: &str| if l.has(&key) { l.t(&key) } else { otherwise.to_owned() };
    let entries = audit::history(&ctx.db, subject, id).await?;
    Ok(entries
        .into_iter()
        .map(|entry| HistoryLine {
            when: ctx.moment(entry.at),
            who: entry.actor_name.clone(),
            what: known(entry.action.clone(), &entry.action),
            changes: entry
                .differences()
                .into_iter()
                .filter(|(_, before, after)| !(before.is_empty() && after.is_empty()))
                .map(|(field, before, after)| HistoryChange { field: known(format!("field-{field}"), &field), before, after })
                .collect(),
        })
        .collect())
}

/// The owner's address on our pages.
fn owner_href(id: OwnerId) -> String {
    format!("/owners/{id}")
}

fn premise_href(id: PremiseId) -> String {
    format!("/premises/{id}")
}
