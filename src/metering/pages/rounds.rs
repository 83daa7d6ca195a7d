//! Rounds as the office sees them: made, split among controllers, followed, printed, closed.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};

use super::{
    outline::{self, Outline},
    walk::own_stops,
};
use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject},
    estate::{
        pages::shared::key,
        site::{Site, SiteId},
    },
    kernel::Period,
    metering::{
        coverage,
        round::{NewStop, Round, Stop},
    },
    staff::user::{Permission, Role, User, UserId},
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Locale, Result, form,
        page::{Choice, Head, Shell, page},
    },
};

/// A round of a site that the person sees; someone else's answers as an absent one.
pub async fn visible_round(ctx: &Ctx, id: &str) -> Result<Round> {
    let found = Round::find(&ctx.db, key(id)?).await?;
    ctx.visible(found, |round| round.site_id)
}

#[derive(Template)]
#[template(path = "rounds/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Walked>,
    can_plan: bool,
}

struct Walked {
    href: String,
    month: String,
    title: String,
    done: i64,
    total: i64,
    count: String,
    revisit: i64,
    is_closed: bool,
}

pub async fn list(ctx: Ctx) -> Result {
    let actor = ctx.actor()?;
    if actor.role == Role::Controller {
        return Ok(Redirect::to("/").into_response());
    }
    let l = ctx.l;
    let can_plan = actor.can(Permission::PlanRounds);
    let shell = Shell::of(&ctx, l.t("rounds-title")).await?;
    let rounds = match &shell.site {
        Some(site) => Round::of_site(&ctx.db, site.id).await?,
        None => Vec::new(),
    };
    let heads =
        ["rounds-month", "rounds-name", "rounds-progress", "rounds-revisit", "rounds-state"].map(|key| Head::plain(l.t(key))).into();
    let rows = rounds
        .into_iter()
        .map(|round| Walked {
            href: format!("/rounds/{}", round.id),
            month: l.period(round.period),
            count: l.a("progress-of", &[("done", l.count(round.done)), ("total", l.count(round.total))]),
            title: round.title,
            done: round.done,
            total: round.total,
            revisit: round.revisit,
            is_closed: round.closed_at.is_some(),
        })
        .collect();
    page(&ListPage { shell, heads, rows, can_plan })
}

#[derive(Template)]
#[template(path = "rounds/new.html")]
struct NewPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    controllers: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("round-new-title")).await?;
    let site = shell.site.as_ref().map_or_else(String::new, |site| site.id.to_string());
    let period = Period::of(ctx.today());
    let mut input = Input::of([("site", site), ("period", period.to_string())]);
    for controller in User::active_with_role(&ctx.db, Role::Controller).await? {
        input = input.with("controller", controller.id);
    }
    new_page(&ctx, shell, Filled::new(ctx.l, input)).await
}

async fn new_page(ctx: &Ctx, shell: Shell, form: Filled) -> Result {
    let sites = shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect();
    let controllers = User::active_with_role(&ctx.db, Role::Controller).await?;
    let controllers = controllers.into_iter().map(|user| Choice::new(user.id, user.name)).collect();
    page(&NewPage { shell, form, sites, controllers })
}

struct Wanted {
    site: SiteId,
    period: Period,
    controllers: Vec<UserId>,
}

fn wanted(input: &Input) -> Result<Wanted, FieldErrors> {
    let mut check = Check::new(input);
    let site = check.id::<SiteId>("site");
    let period = check.period("period");
    let controllers: Vec<UserId> = input.all("controller").filter_map(|id| id.parse().ok()).collect();
    match (site, period) {
        (Some(site), Some(period)) => check.done(Wanted { site, period, controllers }),
        // Both readers noted what is wrong, so this is never `Ok`.
        _ => check.done(Wanted { site: SiteId(0), period: Period::of(time::Date::MIN), controllers }),
    }
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let l = ctx.l;
    let wanted = match wanted(&input) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let shell = Shell::of(&ctx, l.t("round-new-title")).await?;
            return Ok(form::refused(new_page(&ctx, shell, Filled::with_errors(l, input, errors)).await?));
        }
    };
    let site = ctx.visible(Site::find(&ctx.db, wanted.site).await?, |site| site.id)?;
    let active = User::active_with_role(&ctx.db, Role::Controller).await?;
    if !wanted.controllers.iter().all(|wanted| active.iter().any(|user| user.id == *wanted)) {
        return Err(Error::BadRequest("round-not-a-controller"));
    }
    let stops = split(Round::premises_to_walk(&ctx.db, site.id).await?, &wanted.controllers, |array, line| match (array, line) {
        ("", _) => l.t("round-section-other"),
        (array, line) => l.a("round-section", &[("array", array), ("line", line)]),
    });
    if stops.is_empty() {
        let shell = Shell::of(&ctx, l.t("round-new-title")).await?;
        let errors = FieldErrors::one("site", "round-nothing-to-walk");
        return Ok(form::refused(new_page(&ctx, shell, Filled::with_errors(l, input, errors)).await?));
    }
    let actor = ctx.actor()?;
    let title = l.a("round-default-title", &[("month", l.period(wanted.period))]);
    let now = ctx.now();
    let mut tx = ctx.db.begin().await?;
    let id = Round::create(&mut tx, site.id, wanted.period, &title, Some(actor.id), now, &stops).await?;
    for controller in &wanted.controllers {
        User::also_give_site(&mut tx, *controller, site.id).await?;
    }
    let entry = Entry {
        author: &Author::from(actor),
        at: now,
        action: "audit-round-created",
        subject: Subject::Round,
        id: Some(id.0),
        name: title,
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(l.n("round-created", i64::try_from(stops.len())?), format!("/rounds/{id}")).await
}

/// Whole sections to each controller in turn, so that nobody crosses the territory twice; as even as sections allow.
fn split(
    premises: Vec<(crate::estate::premise::PremiseId, String, String)>,
    controllers: &[UserId],
    name: impl Fn(&str, &str) -> String,
) -> Vec<NewStop> {
    let total = premises.len();
    let mut placed = 0;
    let mut stops = Vec::with_capacity(total);
    for section in premises.chunk_by(|a, b| (&a.1, &a.2) == (&b.1, &b.2)) {
        let middle = placed + section.len() / 2;
        let controller = controllers.get(middle * controllers.len() / total.max(1)).copied();
        let name = name(&section[0].1, &section[0].2);
        let stop = |(premise, array, _): &_| NewStop { premise: *premise, controller, array: String::clone(array), section: name.clone() };
        stops.extend(section.iter().map(stop));
        placed += section.len();
    }
    stops
}

#[derive(Template)]
#[template(path = "rounds/show.html")]
struct ShowPage {
    shell: Shell,
    id: i64,
    hrefs: Hrefs,
    month: String,
    done: i64,
    total: i64,
    revisit: String,
    has_revisit: bool,
    is_open: bool,
    can_plan: bool,
    rows: Vec<Row>,
    controllers: Vec<Choice>,
    revisits: Vec<(String, String, String)>,
    /// Words for those not named; empty when all are.
    more_revisits: String,
}

/// Where the round's buttons lead.
struct Hrefs {
    walk: String,
    sheet: String,
    close: String,
}

/// Premises to visit again that are named; the walk shows the others.
const MOST_REVISITS: i64 = 40;

/// An array or a section of it.
struct Row {
    /// Leads to the sections of an array that is closed.
    href: String,
    name: String,
    array: String,
    section: String,
    is_array: bool,
    done: i64,
    total: i64,
    revisit: i64,
    who: String,
}

pub async fn show(ctx: Ctx, Path(round): Path<String>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let l = ctx.l;
    let mine = own_stops(&ctx)?;
    let outline = Outline::of(&ctx, round.id, mine, |array| array.done < array.total).await?;
    let controllers = User::active_with_role(&ctx.db, Role::Controller).await?;
    let revisits = Stop::revisits(&ctx.db, round.id, MOST_REVISITS).await?;
    let base = format!("/rounds/{}", round.id);
    let more = round.revisit - i64::try_from(revisits.len())?;
    page(&ShowPage {
        more_revisits: if more > 0 { l.n("round-more-revisits", more) } else { String::new() },
        id: round.id.0,
        hrefs: Hrefs {
            walk: format!("/rounds/{}/walk", round.id),
            sheet: format!("/rounds/{}/sheet", round.id),
            close: format!("/rounds/{}/close", round.id),
        },
        month: l.period(round.period),
        done: round.done,
        total: round.total,
        revisit: l.n("dashboard-revisit", round.revisit),
        has_revisit: round.revisit > 0,
        is_open: round.closed_at.is_none(),
        can_plan: ctx.actor()?.can(Permission::PlanRounds),
        rows: outline.entries().map(|entry| row(l, &base, &outline, &entry)).collect(),
        controllers: controllers.into_iter().map(|user| Choice::new(user.id, user.name)).collect(),
        revisits: revisits.into_iter().map(|stop| (format!("/premises/{}", stop.premise_id), stop.label, stop.owner)).collect(),
        shell: Shell::of(&ctx, round.title).await?,
    })
}

fn row(l: Locale, base: &str, outline: &Outline, entry: &outline::Entry<'_>) -> Row {
    let (covered, is_array) = match entry {
        outline::Entry::Array(array) => (array, true),
        outline::Entry::Section(section) => (section, false),
    };
    Row {
        href: if is_array && !outline.is_open(covered) { outline::opening(base, &covered.array, &[]) } else { String::new() },
        name: if is_array { outline::array_name(l, &covered.array) } else { covered.section.clone() },
        array: covered.array.clone(),
        section: covered.section.clone(),
        is_array,
        done: covered.done,
        total: covered.total,
        revisit: covered.revisit,
        who: match (covered.controllers, &covered.controller_name) {
            (1, Some(name)) => name.clone(),
            (0, _) => l.t("round-nobody"),
            _ => l.t("round-several"),
        },
    }
}

pub async fn assign(ctx: Ctx, Path(round): Path<String>, input: Input) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let (array, section) = (input.text("array"), input.text("section"));
    let section = Some(section).filter(|section| !section.is_empty());
    let controller: Option<UserId> = Some(input.text("controller")).filter(|id| !id.is_empty()).map(key).transpose()?;
    let mut tx = ctx.db.begin().await?;
    if let Some(controller) = controller {
        let user = User::find(&mut tx, controller).await?.filter(|user| user.role == Role::Controller && !user.is_blocked);
        user.ok_or(Error::BadRequest("round-not-a-controller"))?;
        User::also_give_site(&mut tx, controller, round.site_id).await?;
    }
    Round::assign(&mut tx, round.id, array, section, controller).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-round-assigned",
        subject: Subject::Round,
        id: Some(round.id.0),
        name: section.map_or_else(|| outline::array_name(ctx.l, array), str::to_owned),
    };
    entry.created(&mut tx, &serde_json::json!({ "controller": controller })).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("round-assigned"), outline::opening(&format!("/rounds/{}", round.id), array, &[])).await
}

pub async fn close(ctx: Ctx, Path(round): Path<String>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let mut tx = ctx.db.begin().await?;
    if !Round::close(&mut tx, round.id, ctx.now()).await? {
        return Err(Error::Conflict("round-closed-already"));
    }
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-round-closed",
        subject: Subject::Round,
        id: Some(round.id.0),
        name: round.title,
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("round-closed"), "/rounds").await
}

#[derive(Template)]
#[template(path = "rounds/sheet.html")]
struct SheetPage {
    shell: Shell,
    organisation: String,
    sheets: Vec<Sheet>,
}

/// One section on paper.
struct Sheet {
    title: String,
    subtitle: String,
    stops: Vec<(String, String)>,
}

/// The list on paper, one section after another, with room to write.
pub async fn sheet(ctx: Ctx, Path(round): Path<String>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let mine = own_stops(&ctx)?;
    let mut sheets = Vec::new();
    for section in coverage::sections(&ctx.db, round.id, mine, None).await? {
        let stops = Stop::of_section(&ctx.db, round.id, &section.section, mine, None).await?;
        sheets.push(Sheet {
            title: section.section,
            subtitle: [Some(round.title.as_str()), section.controller_name.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
            stops: stops.into_iter().map(|stop| (stop.label, stop.owner)).collect(),
        });
    }
    let organisation = Settings::load(&ctx.db).await?.organisation;
    let shell = Shell::of(&ctx, round.title).await?;
    page(&SheetPage { shell, organisation, sheets })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::premise::PremiseId;

    #[test]
    fn sections_go_whole_to_controllers_and_evenly() {
        let premises = (0..9).map(|index| (PremiseId(index), "1".to_owned(), (index / 3).to_string())).collect();
        let stops = split(premises, &[UserId(1), UserId(2), UserId(3)], |array, line| format!("{array}/{line}"));
        let by: Vec<i64> = stops.iter().map(|stop| stop.controller.unwrap().0).collect();
        assert_eq!(by, [1, 1, 1, 2, 2, 2, 3, 3, 3]);
        assert_eq!(stops[8].section, "1/2");
        assert!(split(Vec::new(), &[], |_, _| String::new()).is_empty());
    }
}
