//! The round as its controller walks it: sections in walking order, the stops of one of them, search by number.

use askama::Template;
use axum::extract::Path;

use super::rounds::visible_round;
use crate::{
    metering::round::{Round, Section, Stop, StopState},
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
    sections: Vec<Street>,
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
    let sections = Round::sections(&ctx.db, round.id, mine).await?;
    let state: Option<StopState> = ctx.query.text("show").parse().ok();
    let typed = ctx.query.text("q").trim().to_owned();
    let open = open_section(&sections, ctx.query.text("section"), state);
    let stops = if typed.is_empty() {
        Stop::of_section(&ctx.db, round.id, &open, mine, state).await?
    } else {
        Stop::search(&ctx.db, round.id, mine, &typed).await?
    };
    let base = format!("/rounds/{}/walk", round.id);
    let shown = [("", "walk-all"), ("left", "walk-left"), ("revisit", "walk-revisit")]
        .map(|(word, key)| Shown { href: format!("{base}?show={word}"), label: l.t(key), is_current: ctx.query.text("show") == word })
        .into();
    let street = |section: &Section| Street {
        href: format!("{base}?{}", query(&[("show", ctx.query.text("show")), ("section", &section.section)])),
        name: section.section.clone(),
        count: format!("{}/{}", section.done, section.total),
        is_open: section.section == open,
        is_done: section.done == section.total,
    };
    let row = |stop: Stop| Row {
        href: format!("/rounds/{}/plots/{}", round.id, stop.premise_id),
        label: stop.label,
        owner: stop.owner,
        state: stop.state.as_str(),
        note: if stop.state == StopState::Revisit { l.t("stop-state-revisit") } else { String::new() },
        has_water: stop.has_water,
        has_electricity: stop.has_electricity,
    };
    let sections_shown = sections.iter().map(street).collect();
    page(&WalkPage {
        base: base.clone(),
        done: sections.iter().map(|section| section.done).sum(),
        total: sections.iter().map(|section| section.total).sum(),
        form: Filled::new(l, ctx.query.clone()),
        shown,
        sections: sections_shown,
        stops: stops.into_iter().map(row).collect(),
        is_search: !typed.is_empty(),
        shell,
    })
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The section asked for, or the first with something left to do.
fn open_section(sections: &[Section], asked: &str, state: Option<StopState>) -> String {
    let is_wanted = |section: &&Section| match state {
        Some(StopState::Revisit) => section.revisit > 0,
        _ => section.done + section.revisit < section.total,
    };
    let found = sections.iter().find(|section| section.section == asked && !asked.is_empty());
    found.or_else(|| sections.iter().find(is_wanted)).or(sections.first()).map_or_else(String::new, |section| section.section.clone())
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
