//! A premise is entered, changed, ended, and taken back when it was a slip of a minute ago.

use askama::Template;
use axum::extract::Path;

use super::{Checked, key, premise_href, site_choices, today, visible_premise};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind, normal_label},
        registering::Hand,
        site::SiteId,
        tally,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/premises/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    back_label: String,
    /// Empty when the site is not to be chosen.
    sites: Vec<Choice>,
    kinds: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    new_page(&ctx, Input::of([("kind", "plot")]), FieldErrors::default()).await
}

async fn new_page(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    let shell = Shell::of(ctx, ctx.l.t("premise-new-title")).await?;
    let chosen = shell.site.as_ref().map(|site| site.id.to_string()).unwrap_or_default();
    let input = if input.has("site") { input } else { input.with("site", chosen) };
    page(&FormPage {
        form: Filled::with_errors(ctx.l, input, errors),
        action: "/premises".to_owned(),
        back: "/premises".to_owned(),
        back_label: ctx.l.t("premises-title"),
        sites: site_choices(&shell),
        kinds: Choice::all_of::<PremiseKind>(ctx.l),
        shell,
    })
}

/// The fields of a premise.
pub fn read(check: &mut Check<'_>) -> PremiseDetails {
    let details = PremiseDetails {
        kind: check.choice("kind"),
        label: normal_label(&check.line("label", 60)),
        area: check.optional_quantity("area"),
        note: check.optional_lines("note", 2000),
    };
    check.ensure(details.area.is_none_or(|area| area.thousandths() > 0), "area", "premise-area-zero");
    details
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let site = check.optional_id::<SiteId>("site").filter(|site| ctx.actor().is_ok_and(|actor| actor.sees(*site)));
    check.ensure(site.is_some(), "site", "form-choose");
    let details = read(&mut check);
    let stored = match check.done((site, details)) {
        Ok((Some(site), details)) => store(&ctx, site, &details).await?,
        Ok((None, _)) => Err(FieldErrors::one("site", "form-choose")),
        Err(errors) => Err(errors),
    };
    match stored {
        Ok(id) => ctx.done(ctx.l.t("premise-created"), premise_href(id)).await,
        Err(errors) => Ok(form::refused(new_page(&ctx, input, errors).await?)),
    }
}

async fn store(ctx: &Ctx, site: SiteId, details: &PremiseDetails) -> Result<Checked<PremiseId>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let entered = Hand { author: &author, at: ctx.now() }.enter_premise(&mut tx, site, details).await?;
    if entered.is_ok() {
        tx.commit().await?;
    }
    Ok(entered.map_err(|reason| FieldErrors::one(reason.field(), reason.key())))
}

fn entry<'a>(ctx: &Ctx, author: &'a Author, action: &'static str, id: PremiseId, label: &str) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: Subject::Premise, id: Some(id.0), name: label.to_owned() }
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let area = premise.area.map_or_else(String::new, |area| area.to_string());
    let kind = premise.kind.to_string();
    let input = Input::of([("kind", &kind), ("label", &premise.label), ("area", &area), ("note", &premise.note)]);
    edit_page(&ctx, &premise, input, FieldErrors::default()).await
}

async fn edit_page(ctx: &Ctx, premise: &Premise, input: Input, errors: FieldErrors) -> Result {
    let shell = Shell::of(ctx, ctx.l.a("premise-edit-title", &[("label", &premise.label)])).await?;
    page(&FormPage {
        form: Filled::with_errors(ctx.l, input, errors),
        action: premise_href(premise.id),
        back: premise_href(premise.id),
        back_label: premise.label.clone(),
        sites: Vec::new(),
        kinds: Choice::all_of::<PremiseKind>(ctx.l),
        shell,
    })
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let details = read(&mut check);
    let saved = match check.done(details) {
        Ok(details) => change(&ctx, &premise, &details).await?,
        Err(errors) => Err(errors),
    };
    match saved {
        Ok(()) => ctx.done(ctx.l.t("premise-saved"), premise_href(premise.id)).await,
        Err(errors) => Ok(form::refused(edit_page(&ctx, &premise, input, errors).await?)),
    }
}

async fn change(ctx: &Ctx, premise: &Premise, details: &PremiseDetails) -> Result<Checked<()>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let changed = Hand { author: &author, at: ctx.now() }.change_premise(&mut tx, premise, details).await?;
    if changed.is_ok() {
        tx.commit().await?;
    }
    Ok(changed.map_err(|reason| FieldErrors::one(reason.field(), reason.key())))
}

/// Ends it today, or takes the end back.
pub async fn end(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let on = if input.text("undo") == "1" { None } else { Some(today(&ctx, premise.site_id).await?) };
    let action = if on.is_some() { "audit-premise-ended" } else { "audit-premise-revived" };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    Premise::set_end(&mut tx, premise.id, on).await?;
    entry(&ctx, &author, action, premise.id, &premise.label).noted(&mut tx).await?;
    tally::recount(&mut tx, premise.site_id).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t(action), premise_href(premise.id)).await
}

/// Takes back a premise entered by mistake: only while nothing hangs on it.
pub async fn delete(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if !Premise::delete_mistake(&mut tx, key(&id)?, ctx.now()).await? {
        return ctx.refused(ctx.l.t("premise-has-history"), premise_href(premise.id)).await;
    }
    entry(&ctx, &author, "audit-premise-deleted", premise.id, &premise.label).noted(&mut tx).await?;
    tally::recount(&mut tx, premise.site_id).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-premise-deleted"), "/premises").await
}
