//! A meter's passport as a form; a new meter is put up with it at a premise, or at the site for all.

use askama::Template;
use axum::extract::Path;

use super::{Checked, Known, entry, href};
use crate::{
    audit::Author,
    estate::{
        pages::shared::{premise_href, site_choices, today},
        premise::{Premise, PremiseId, normal_label},
        site::{Site, SiteId},
    },
    metering::{
        MeterId, Resource,
        installation::{NewInstallation, Place},
        meter::Passport,
        pages::passport_form,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "metering/meters/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    /// A new meter needs a place, dials and opening values too.
    is_new: bool,
    sites: Vec<Choice>,
    resources: Vec<Choice>,
    dials: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    let premise = match ctx.query.text("premise").parse::<PremiseId>() {
        Ok(id) => Some(ctx.visible(Premise::find(&ctx.db, id).await?, |premise| premise.site_id)?),
        Err(_) => None,
    };
    let shell = Shell::of(&ctx, String::new()).await?;
    let site =
        premise.as_ref().map(|premise| premise.site_id).or_else(|| ctx.query.text("site").parse().ok()).or(shell.site.map(|site| site.id));
    let on = match site {
        Some(site) => today(&ctx, site).await?.to_string(),
        None => String::new(),
    };
    let input = passport_form::usual()
        .with("site", site.map_or_else(String::new, |site| site.to_string()))
        .with("label", premise.map_or_else(String::new, |premise| premise.label))
        .with("is_common", ctx.query.text("common"))
        .with("resource", Resource::Electricity)
        .with("installed_on", on);
    form_page(&ctx, None, input, FieldErrors::default()).await
}

async fn form_page(ctx: &Ctx, known: Option<&Known>, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let title = known.map_or_else(|| l.t("meter-new"), |known| known.title(l));
    let shell = Shell::of(ctx, title).await?;
    page(&FormPage {
        action: known.map_or_else(|| "/meters".to_owned(), Known::href),
        back: known.map_or_else(|| "/meters".to_owned(), Known::href),
        is_new: known.is_none(),
        sites: site_choices(&shell),
        resources: Choice::all_of::<Resource>(l),
        dials: Choice::all_of::<passport_form::Dials>(l),
        form: Filled::with_errors(l, input, errors),
        shell,
    })
}

/// A meter to be put up, and where.
struct Wanted {
    site: SiteId,
    /// Empty for a common meter.
    label: String,
    meter: NewInstallation,
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let stored = match read(&ctx, &input).await? {
        Ok(wanted) => store(&ctx, &wanted).await?,
        Err(errors) => Err(errors),
    };
    match stored {
        Ok(meter) => ctx.done(ctx.l.t("meter-put-up"), href(meter)).await,
        Err(errors) => Ok(form::refused(form_page(&ctx, None, input, errors).await?)),
    }
}

async fn read(ctx: &Ctx, input: &Input) -> Result<Checked<Wanted>> {
    let mut check = Check::new(input);
    let actor = ctx.actor()?;
    let site = check.id::<SiteId>("site").filter(|site| actor.sees(*site));
    check.ensure(site.is_some() || input.text("site").is_empty(), "site", "form-choose");
    let is_common = check.is_checked("is_common");
    let label = if is_common { String::new() } else { normal_label(&check.line("label", 60)) };
    let resource: Resource = check.choice("resource");
    let site = site.unwrap_or(SiteId(0));
    let now = today(ctx, site).await?;
    let meter = passport_form::read(&mut check, resource, now);
    check.ensure(meter.on <= now, "installed_on", "reading-refused-future");
    Ok(check.done(Wanted { site, label, meter }))
}

async fn store(ctx: &Ctx, wanted: &Wanted) -> Result<Checked<MeterId>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if Site::find(&mut tx, wanted.site).await?.is_none_or(|site| site.ended_on.is_some()) {
        return Ok(Err(FieldErrors::one("site", "form-choose")));
    }
    let mut premise = None;
    if !wanted.label.is_empty() {
        match Premise::by_label(&mut tx, wanted.site, &wanted.label).await?.filter(|premise| premise.ended_on.is_none()) {
            Some(found) => premise = Some(found.id),
            None => return Ok(Err(FieldErrors::one("label", "meter-no-premise"))),
        }
    }
    let meter = match wanted.meter.put_up(&mut tx, ctx.now(), Place { site: wanted.site, premise }).await? {
        Ok((meter, _)) => meter,
        Err(refusal) => return Ok(Err(FieldErrors::one("serial", refusal.key()))),
    };
    entry(ctx, &author, "audit-meter-installed", meter, &wanted.meter.passport.serial).created(&mut tx, &wanted.meter.passport).await?;
    tx.commit().await?;
    Ok(Ok(meter))
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let input = passport_form::of(&known.meter.passport(), &known.zones);
    form_page(&ctx, Some(&known), input, FieldErrors::default()).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let passport = passport_form::read_passport(&mut check, known.meter.resource);
    let saved = match check.done(passport) {
        Ok(passport) => change(&ctx, &known, &passport).await?,
        Err(errors) => Err(errors),
    };
    match saved {
        Ok(()) => ctx.done(ctx.l.t("meter-saved"), known.href()).await,
        Err(errors) => Ok(form::refused(form_page(&ctx, Some(&known), input, errors).await?)),
    }
}

async fn change(ctx: &Ctx, known: &Known, passport: &Passport) -> Result<Checked<()>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if let Err(reason) = known.meter.change(&mut tx, passport).await? {
        return Ok(Err(FieldErrors::one(reason.field(), reason.key())));
    }
    entry(ctx, &author, "audit-meter-changed", known.meter.id, &passport.serial)
        .changed(&mut tx, &known.meter.passport(), passport)
        .await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The place of a meter as a link.
pub fn place_link(known: &super::Installation, common: String) -> (String, String) {
    match (known.premise_id, &known.premise_label) {
        (Some(premise), Some(label)) => (premise_href(premise), label.clone()),
        _ => (format!("/sites/{}", known.site_id), common),
    }
}
