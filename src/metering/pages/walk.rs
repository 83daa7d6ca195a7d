//! The round as its controller walks it: sections in walking order, the stops of one of them, search by number.

use askama::Template;
use axum::extract::Path;

use super::{
    outline::{self, Entry, Outline},
    rounds::visible_round,
};
use crate::{
    estate::premise::PremiseId,
    ledger::debt,
    metering::{
        coverage::Covered,
        round::{Stop, StopState},
    },
    staff::user::{Role, UserId},
    web::{
        Ctx, Filled, Result,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "phone/walk.html")]
struct WalkPage {
    shell: Shell,
    base: String,
    done: i64,
    total: i64,
    form: Filled,
    shown: Vec<Shown>,
    streets: Vec<Street>,
    stops: Vec<Row>,
    is_search: bool,
}

/// One of the filters: all, left, to visit again.
struct Shown {
    href: String,
    label: String,
    is_current: bool,
}

struct Street {
    href: String,
    name: String,
    count: String,
    is_array: bool,
    is_open: bool,
    is_done: bool,
}

struct Row {
    href: String,
    label: String,
    owner: String,
    state: &'static str,
    note: String,
    has_water: bool,
    has_electricity: bool,
    /// How much stands on the page of the plot.
    owes: bool,
}

/// A controller walks his own stops; others see everybody's.
pub fn own_stops(ctx: &Ctx) -> Result<Option<UserId>> {
    let actor = ctx.actor()?;
    Ok((actor.role == Role::Controller).then_some(actor.id))
}

pub async fn show(ctx: Ctx, Path(round): Path<String>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let mine = own_stops(&ctx)?;
    let l = ctx.l;
    let shell = Shell::of(&ctx, round.title.clone()).await?;
    let state: Option<StopState> = ctx.query.text("show").parse().ok();
    let base = format!("/rounds/{}/walk", round.id);
    let typed = ctx.query.text("q").trim().to_owned();
    let is_wanted = |part: &Covered| match state {
        Some(StopState::Revisit) => part.revisit > 0,
        _ => part.done + part.revisit < part.total,
    };
    let outline = Outline::of(&ctx, round.id, mine, is_wanted).await?;
    let asked = outline.sections.iter().find(|section| section.section == ctx.query.text("section"));
    let open = asked.or_else(|| outline.sections.iter().find(|section| is_wanted(section))).or(outline.sections.first());
    let open = open.map_or_else(String::new, |section| section.section.clone());
    let stops = if typed.is_empty() {
        Stop::of_section(&ctx.db, round.id, &open, mine, state).await?
    } else {
        Stop::search(&ctx.db, round.id, mine, &typed).await?
    };
    let premises: Vec<PremiseId> = stops.iter().map(|stop| stop.premise_id).collect();
    let debts = debt::of_premises(&ctx.db, &premises).await?;
    let shown = [("", "walk-all"), ("left", "walk-left"), ("revisit", "walk-revisit")]
        .map(|(word, key)| Shown { href: format!("{base}?show={word}"), label: l.t(key), is_current: ctx.query.text("show") == word })
        .into();
    let is_whole = outline.arrays.iter().all(|array| outline.is_open(array));
    let show = ctx.query.text("show");
    let street = |entry: Entry<'_>| {
        let (part, name, more) = match entry {
            Entry::Array(array) => (array, outline::array_name(l, &array.array), None),
            Entry::Section(section) => (section, section.section.clone(), Some(("section", section.section.as_str()))),
        };
        let others: Vec<(&str, &str)> = [("show", show)].into_iter().chain(more).collect();
        Street {
            href: outline::opening(&base, &part.array, &others),
            name,
            count: format!("{}/{}", part.done, part.total),
            is_array: more.is_none(),
            is_open: more.is_some() && part.section == open,
            is_done: part.done == part.total,
        }
    };
    let row = |stop: Stop| Row {
        href: format!("/rounds/{}/plots/{}", round.id, stop.premise_id),
        label: stop.label,
        owner: stop.owner,
        state: stop.state.as_str(),
        note: if stop.state == StopState::Revisit { l.t("stop-state-revisit") } else { String::new() },
        has_water: stop.has_water,
        has_electricity: stop.has_electricity,
        owes: debts.contains_key(&stop.premise_id),
    };
    // Where all lines fit, the arrays above them would only be in the way.
    let streets = outline.entries().filter(|entry| !is_whole || matches!(entry, Entry::Section(_))).map(street).collect();
    page(&WalkPage {
        base: base.clone(),
        done: outline.done(),
        total: outline.total(),
        form: Filled::new(l, ctx.query.clone()),
        shown,
        streets,
        stops: stops.into_iter().map(row).collect(),
        is_search: !typed.is_empty(),
        shell,
    })
}

#[derive(Template)]
#[template(path = "phone/queue.html")]
struct QueuePage {
    shell: Shell,
}

/// What waits on this phone. The phone keeps the page and opens it without a connection, so it knows nothing of anybody: the phone's own
/// store fills it.
pub async fn queue(ctx: Ctx) -> Result {
    let shell = Shell::plain(&ctx, ctx.l.t("queue-title"));
    page(&QueuePage { shell })
}
