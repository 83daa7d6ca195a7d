//! One field for everything: premises, owners, meters, contracts. The only hit is opened at once.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use super::{owner_href, premise_href, seen, site_name};
use crate::{
    estate::{
        contract_list::{AgreementFilter, ContractOrder},
        filter::{Seen, words},
        owner_list::{self, OwnerFilter, OwnerOrder},
        premise_list::{self, PremiseFilter, PremiseOrder},
    },
    kernel::text::clean_line,
    metering::{meter, round},
    staff::user::Role,
    web::{
        Ctx, Filled, Result,
        page::{Shell, page},
    },
};

/// Hits shown of each kind; the lists show the rest.
const HITS: i64 = 12;
/// Plots shown to a controller, who has nothing else to look for.
const PLOTS: i64 = 40;

#[derive(Template)]
#[template(path = "estate/search.html")]
struct SearchPage {
    shell: Shell,
    form: Filled,
    groups: Vec<Group>,
    is_asked: bool,
    reset: &'static str,
}

#[derive(Template)]
#[template(path = "estate/search_phone.html")]
struct PhonePage {
    shell: Shell,
    form: Filled,
    groups: Vec<Group>,
    is_asked: bool,
    reset: &'static str,
}

struct Group {
    title: String,
    icon: &'static str,
    hits: Vec<Hit>,
    /// The list with the same words; empty when everything is shown.
    all: String,
}

struct Hit {
    href: String,
    name: String,
    note: String,
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let asked = clean_line(ctx.query.text("q"));
    let shell = Shell::of(&ctx, l.t("search-title")).await?;
    let groups = if asked.is_empty() { Vec::new() } else { search(&ctx, &shell, &asked).await? };
    let mut hits = groups.iter().flat_map(|group| &group.hits);
    if let (Some(only), None) = (hits.next(), hits.next()) {
        return Ok(Redirect::to(&only.href).into_response());
    }
    let (form, is_asked, reset) = (Filled::new(l, ctx.query.clone()), !asked.is_empty(), "/search");
    if ctx.actor()?.role == Role::Controller {
        return page(&PhonePage { shell, form, groups, is_asked, reset });
    }
    page(&SearchPage { shell, form, groups, is_asked, reset })
}

/// What was found, in groups that are not empty.
async fn search(ctx: &Ctx, shell: &Shell, asked: &str) -> Result<Vec<Group>> {
    let seen = seen(ctx)?;
    if ctx.actor()?.role == Role::Controller {
        return walked(ctx, shell, seen, asked).await;
    }
    let groups = [
        premises(ctx, shell, seen, asked).await?,
        owners(ctx, seen, asked).await?,
        meters(ctx, seen, asked).await?,
        contracts(ctx, seen, asked).await?,
    ];
    Ok(groups.into_iter().filter(|group| !group.hits.is_empty()).collect())
}

fn group(ctx: &Ctx, key: &str, icon: &'static str, list: &str, hits: Vec<Hit>) -> Group {
    let is_all = i64::try_from(hits.len()).unwrap_or(0) < HITS;
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", ctx.query.text("q")).finish();
    Group { title: ctx.l.t(key), icon, hits, all: if is_all { String::new() } else { format!("{list}?{query}") } }
}

async fn premises(ctx: &Ctx, shell: &Shell, seen: Seen<'_>, asked: &str) -> Result<Group> {
    // One word is a label; of several, some may be the owner's name.
    let filter = PremiseFilter { words: asked.to_owned(), is_label_only: words(asked).len() == 1, ..PremiseFilter::default() };
    let keys = filter.keys(&ctx.db, seen, PremiseOrder::Label, false, (HITS, 0)).await?;
    let rows = premise_list::rows(&ctx.db, &keys).await?;
    let hits = rows.into_iter().map(|premise| {
        let names: Vec<&str> = premise.owners.iter().map(|(_, name, _)| name.as_str()).collect();
        let site = if shell.sites.len() > 1 { format!(" · {}", site_name(shell, premise.site_id)) } else { String::new() };
        Hit { href: premise_href(premise.id), note: format!("{}{site}", names.join(", ")), name: premise.label }
    });
    Ok(group(ctx, "premises-title", "premise", "/premises", hits.collect()))
}

/// For a controller: premises found by anything, each leading to its plot in an open round of theirs.
async fn walked(ctx: &Ctx, shell: &Shell, seen: Seen<'_>, asked: &str) -> Result<Vec<Group>> {
    let filter = PremiseFilter { words: asked.to_owned(), ..PremiseFilter::default() };
    let keys = filter.keys(&ctx.db, seen, PremiseOrder::Label, false, (PLOTS, 0)).await?;
    let rounds = round::open_for(&ctx.db, ctx.actor()?.id, &keys).await?;
    let hits = premise_list::rows(&ctx.db, &keys).await?.into_iter().map(|premise| {
        let names: Vec<&str> = premise.owners.iter().map(|(_, name, _)| name.as_str()).collect();
        let site = if shell.sites.len() > 1 { format!(" · {}", site_name(shell, premise.site_id)) } else { String::new() };
        let plot = rounds.iter().find(|(of, _)| *of == premise.id).map(|(_, round)| format!("/rounds/{round}/plots/{}", premise.id));
        Hit { href: plot.unwrap_or_else(|| premise_href(premise.id)), note: format!("{}{site}", names.join(", ")), name: premise.label }
    });
    let group = group(ctx, "premises-title", "premise", "/premises", hits.collect());
    Ok(if group.hits.is_empty() { Vec::new() } else { vec![group] })
}

async fn owners(ctx: &Ctx, seen: Seen<'_>, asked: &str) -> Result<Group> {
    let filter = OwnerFilter { words: asked.to_owned(), is_name_only: true, ..OwnerFilter::default() };
    let keys = filter.keys(&ctx.db, seen, OwnerOrder::Name, false, (HITS, 0)).await?;
    let rows = owner_list::rows(&ctx.db, seen, &keys).await?;
    let hits = rows.into_iter().map(|owner| {
        let labels: Vec<String> = owner.premises.into_iter().map(|(_, label)| label).collect();
        Hit { href: owner_href(owner.id), name: owner.full_name, note: labels.join(", ") }
    });
    Ok(group(ctx, "owners-title", "owners", "/owners", hits.collect()))
}

async fn meters(ctx: &Ctx, seen: Seen<'_>, asked: &str) -> Result<Group> {
    let found = meter::standing_by_serial(&ctx.db, seen, asked, HITS).await?;
    let hits = found.into_iter().map(|meter| Hit {
        href: meter.premise_id.map_or_else(|| format!("/sites/{}", meter.site_id), premise_href),
        name: format!("№ {}", meter.serial),
        note: format!("{} · {}", ctx.l.t(meter.resource.key()), meter.premise_label.unwrap_or_else(|| ctx.l.t("search-common-meter"))),
    });
    Ok(group(ctx, "premise-meters", "meter", "/premises", hits.collect()))
}

async fn contracts(ctx: &Ctx, seen: Seen<'_>, asked: &str) -> Result<Group> {
    let filter = AgreementFilter { words: asked.to_owned(), is_number_only: true, ..AgreementFilter::default() };
    let rows = filter.contracts(&ctx.db, seen, ContractOrder::Number, false, (HITS, 0)).await?;
    let hits = rows.into_iter().map(|contract| Hit {
        href: premise_href(contract.premise_id),
        name: format!("№ {}", contract.number),
        note: format!("{} · {} · {}", ctx.l.t(contract.service.key()), contract.premise_label, contract.payer_name),
    });
    Ok(group(ctx, "contracts-title", "contract", "/contracts", hits.collect()))
}
