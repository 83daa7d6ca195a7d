//! A meter taken away, replaced by another, put up again: forms with the values its dials show and a photo of them.

use askama::Template;
use axum::extract::{Path, Request, State};
use serde_json::json;
use time::Date;

use super::{Checked, Known, entry, href, place_of};
use crate::{
    app::App,
    audit::Author,
    db::Tx,
    estate::{
        pages::shared::site_choices,
        premise::{Premise, normal_label},
        site::{Site, SiteId},
    },
    kernel::Quantity,
    metering::{
        MeterId, Zone,
        installation::{self, Installation, NewInstallation, NotReplaced, Place, Reinstallation, Removal, StayRefusal},
        pages::{passport_form, photos, words},
        photo::{Kept, LARGEST_BYTES, NewPhoto, PhotoRole},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Locale, Result, form,
        page::{Choice, Shell, page},
        upload::Upload,
    },
};

#[derive(Template)]
#[template(path = "metering/meters/stay.html")]
struct StayPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    title: String,
    what: Change,
    /// Field, name and last value of each dial of the meter that goes.
    closing: Vec<(String, String, String)>,
    dials: Vec<Choice>,
}

/// What a form does with a meter that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Replace,
    Remove,
}

impl Change {
    fn is_replacement(self) -> bool {
        self == Self::Replace
    }

    fn title(self, l: Locale) -> String {
        l.t(if self.is_replacement() { "meter-replace-title" } else { "meter-remove-title" })
    }
}

pub async fn ask_replace(ctx: Ctx, Path(id): Path<String>) -> Result {
    ask(&ctx, &id, Change::Replace).await
}

pub async fn ask_remove(ctx: Ctx, Path(id): Path<String>) -> Result {
    ask(&ctx, &id, Change::Remove).await
}

async fn ask(ctx: &Ctx, id: &str, what: Change) -> Result {
    let known = Known::visible(ctx, id).await?;
    // The new meter is most often of the same kind, but never of the same serial and verification.
    let mut input = passport_form::of(&known.meter.passport(), &known.zones).with("on", known.today(ctx));
    for other in ["serial", "verified_on", "verify_by", "meter_note"] {
        input.set(other, "");
    }
    stay_page(ctx, &known, what, input, FieldErrors::default()).await
}

async fn stay_page(ctx: &Ctx, known: &Known, what: Change, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let stay = known.present().ok_or(Error::NotFound)?;
    let standing = super::super::past::standing_at(ctx, stay.id, ctx.now()).await?;
    let last = |zone: Zone| {
        let read = standing.last().and_then(|taken| taken.values.iter().find(|(of, _)| *of == zone)).map(|(_, value)| *value);
        let opening = standing.registers.iter().find(|register| register.zone == zone).map(|register| register.opening);
        read.or(opening).map_or_else(String::new, |value| l.a("meter-closing-hint", &[("value", l.quantity(value))]))
    };
    let word = if what.is_replacement() { "replace" } else { "remove" };
    page(&StayPage {
        title: what.title(l),
        action: format!("{}/{word}", known.href()),
        back: known.href(),
        closing: known.zones.iter().map(|zone| (closing_field(*zone), words::dial(l, known.meter.resource, *zone), last(*zone))).collect(),
        dials: Choice::all_of::<passport_form::Dials>(l),
        form: Filled::with_errors(l, input, errors),
        what,
        shell: Shell::of(ctx, known.title(l)).await?,
    })
}

fn closing_field(zone: Zone) -> String {
    format!("closing-{zone}")
}

pub async fn replace(State(app): State<App>, Path(id): Path<String>, ctx: Ctx, request: Request) -> Result {
    change(&app, &ctx, &id, Change::Replace, request).await
}

pub async fn remove(State(app): State<App>, Path(id): Path<String>, ctx: Ctx, request: Request) -> Result {
    change(&app, &ctx, &id, Change::Remove, request).await
}

async fn change(app: &App, ctx: &Ctx, id: &str, what: Change, request: Request) -> Result {
    let known = Known::visible(ctx, id).await?;
    let upload = Upload::read(request, app, LARGEST_BYTES).await?;
    let Some(stay) = known.present() else {
        return ctx.refused(ctx.l.t(StayRefusal::NotStanding.key()), known.href()).await;
    };
    let done = match told(&known, what, &upload.input) {
        Ok(told) => carry_out(ctx, &known, stay, &told, upload.files).await?,
        Err(errors) => Err(errors),
    };
    match done {
        Ok(meter) => ctx.done(ctx.l.t(if what.is_replacement() { "meter-replaced" } else { "meter-removed-done" }), href(meter)).await,
        Err(errors) => Ok(form::refused(stay_page(ctx, &known, what, upload.input, errors).await?)),
    }
}

/// What the form says.
struct Told {
    on: Date,
    reason: String,
    closing: Vec<(Zone, Quantity)>,
    new: Option<NewInstallation>,
}

fn told(known: &Known, what: Change, input: &Input) -> Checked<Told> {
    let mut check = Check::new(input);
    let on = check.date("on");
    let reason = check.line("reason", 200);
    let closing = known.zones.iter().map(|zone| (*zone, check.quantity(&closing_field(*zone)))).collect();
    let new = what.is_replacement().then(|| NewInstallation { on, ..passport_form::read(&mut check, known.meter.resource, on) });
    if let Some(new) = &new {
        check.ensure(new.passport.serial != known.meter.serial, "serial", "meter-serial-same");
    }
    check.done(Told { on, reason, closing, new })
}

/// Everything in one transaction: the end, the new meter, the photo, the record. Answers the meter that stands then, or went.
async fn carry_out(
    ctx: &Ctx,
    known: &Known,
    stay: &Installation,
    told: &Told,
    files: Vec<crate::web::upload::UploadedFile>,
) -> Result<Checked<MeterId>> {
    let kept = match photos::develop(ctx, files).await? {
        Ok(kept) => kept,
        Err(errors) => return Ok(Err(errors)),
    };
    let author = Author::from(ctx.actor()?);
    let now = ctx.now();
    let removal = Removal { installation: stay.id, on: told.on, reason: &told.reason, closing: &told.closing };
    let mut tx = ctx.db.begin().await?;
    let meter = match &told.new {
        None => match removal.carry_out(&mut tx, now).await? {
            Ok(()) => known.meter.id,
            Err(refusal) => return Ok(Err(refused(ctx.l, &refusal, false))),
        },
        Some(new) => match installation::replace(&mut tx, now, removal, new, place_of(stay)).await? {
            Ok((meter, _)) => {
                entry(ctx, &author, "audit-meter-installed", meter, &new.passport.serial).created(&mut tx, &new.passport).await?;
                meter
            }
            Err(NotReplaced::Old(refusal)) => return Ok(Err(refused(ctx.l, &refusal, false))),
            Err(NotReplaced::New(refusal)) => return Ok(Err(refused(ctx.l, &refusal, true))),
        },
    };
    add_photos(ctx, &mut tx, known, stay, kept).await?;
    let closing: Vec<String> = told.closing.iter().map(|(_, value)| value.to_string()).collect();
    let values = json!({ "removed_on": told.on.to_string(), "removal_reason": told.reason, "closing": closing.join(" / ") });
    entry(ctx, &author, "audit-meter-removed", known.meter.id, &known.meter.serial).created(&mut tx, &values).await?;
    tx.commit().await?;
    Ok(Ok(meter))
}

async fn add_photos(ctx: &Ctx, tx: &mut Tx, known: &Known, stay: &Installation, kept: Vec<(String, Kept)>) -> Result<()> {
    let photo = |(_, kept): (String, Kept)| NewPhoto {
        key: None,
        kept,
        role: PhotoRole::Dial,
        premise: stay.premise_id,
        meter: Some(known.meter.id),
        visit: None,
        reading: None,
        author: ctx.somebody().map(|actor| actor.id),
        taken_at: ctx.now(),
    };
    let photos: Vec<NewPhoto> = kept.into_iter().map(photo).collect();
    Ok(NewPhoto::add_many(tx, &photos, ctx.now()).await?)
}

/// The refusal beside the field that it is about.
fn refused(l: Locale, refusal: &StayRefusal, is_new: bool) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let (field, arguments) = match refusal {
        _ if is_new => ("serial".to_owned(), Vec::new()),
        StayRefusal::BelowLast(zone, last) => (closing_field(*zone), vec![("last", l.quantity(*last))]),
        StayRefusal::ReadLater(day) => ("on".to_owned(), vec![("date", l.date(*day))]),
        _ => ("on".to_owned(), Vec::new()),
    };
    errors.add(field, refusal.key(), arguments);
    errors
}

#[derive(Template)]
#[template(path = "metering/meters/install.html")]
struct InstallPage {
    shell: Shell,
    form: Filled,
    back: String,
    sites: Vec<Choice>,
    /// Field and name of each dial.
    opening: Vec<(String, String)>,
}

pub async fn ask_install(ctx: Ctx, Path(id): Path<String>) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let input = Input::of([("site", known.site.id.to_string()), ("installed_on", known.today(&ctx).to_string())]);
    install_page(&ctx, &known, input, FieldErrors::default()).await
}

async fn install_page(ctx: &Ctx, known: &Known, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let shell = Shell::of(ctx, known.title(l)).await?;
    page(&InstallPage {
        back: known.href(),
        sites: site_choices(&shell),
        opening: known.zones.iter().map(|zone| (opening_field(*zone), words::dial(l, known.meter.resource, *zone))).collect(),
        form: Filled::with_errors(l, input, errors),
        shell,
    })
}

fn opening_field(zone: Zone) -> String {
    format!("opening-{zone}")
}

pub async fn install(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    match put_up(&ctx, &known, &input).await? {
        Ok(()) => ctx.done(ctx.l.t("meter-put-up"), known.href()).await,
        Err(errors) => Ok(form::refused(install_page(&ctx, &known, input, errors).await?)),
    }
}

async fn put_up(ctx: &Ctx, known: &Known, input: &Input) -> Result<Checked<()>> {
    let mut check = Check::new(input);
    let actor = ctx.actor()?;
    let site = check.id::<SiteId>("site").filter(|site| actor.sees(*site));
    check.ensure(site.is_some() || input.text("site").is_empty(), "site", "form-choose");
    let label = if check.is_checked("is_common") { String::new() } else { normal_label(&check.line("label", 60)) };
    let on = check.date("installed_on");
    check.ensure(on <= known.today(ctx), "installed_on", "reading-refused-future");
    let limit = Quantity::dial_limit(u8::try_from(known.meter.dial_digits).unwrap_or(12));
    let mut opening = Vec::new();
    for zone in &known.zones {
        let value = check.quantity(&opening_field(*zone));
        check.ensure(value < limit, opening_field(*zone), "reading-refused-digits");
        opening.push((*zone, value));
    }
    let (site, label, on, opening) = match check.done((site.unwrap_or(SiteId(0)), label, on, opening)) {
        Ok(valid) => valid,
        Err(errors) => return Ok(Err(errors)),
    };
    let author = Author::from(actor);
    let mut tx = ctx.db.begin().await?;
    if Site::find(&mut tx, site).await?.is_none_or(|site| site.ended_on.is_some()) {
        return Ok(Err(FieldErrors::one("site", "form-choose")));
    }
    let premise =
        if label.is_empty() { None } else { Premise::by_label(&mut tx, site, &label).await?.filter(|found| found.ended_on.is_none()) };
    if premise.is_none() && !label.is_empty() {
        return Ok(Err(FieldErrors::one("label", "meter-no-premise")));
    }
    let place = Place { site, premise: premise.map(|premise| premise.id) };
    let again = Reinstallation { meter: known.meter.id, place, on, opening: &opening };
    if let Err(refusal) = again.put_up(&mut tx).await? {
        return Ok(Err(FieldErrors::one("installed_on", refusal.key())));
    }
    let opening: Vec<String> = opening.iter().map(|(_, value)| value.to_string()).collect();
    let values = json!({ "label": label, "installed_on": on.to_string(), "opening": opening.join(" / ") });
    entry(ctx, &author, "audit-meter-put-up-again", known.meter.id, &known.meter.serial).created(&mut tx, &values).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
