//! The reading screen: everything that is written down at one plot, sent as one form.

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse, Redirect},
};

use super::{photos, plot::visible_stop, rounds::visible_round, words};
use crate::{
    app::App,
    audit::{Author, Entry, Subject},
    estate::{pages::shared::key, premise::Premise},
    kernel::{Moment, Quantity, text::Choice as _},
    metering::{
        InstallationId, checks,
        photo::{LARGEST_BYTES, NewPhoto, PhotoRole},
        reading::{Reason, Refusal},
        round::Round,
        seal::SealState,
        standing::{Register, Standing},
        visit::{NewVisit, Outcome, Seen, Stored, VisitRefusal},
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Locale, Result, form,
        page::{Choice, Dial, Shell, page},
        upload::{Upload, UploadedFile},
    },
    works,
};

#[derive(Template)]
#[template(path = "phone/visit.html")]
struct VisitPage {
    shell: Shell,
    back: String,
    action: String,
    label: String,
    owner: String,
    form: Filled,
    /// The reading screen, or the one that says why there is none.
    is_reading: bool,
    meters: Vec<Sheet>,
    outcomes: Vec<Choice>,
}

/// One meter on the screen.
struct Sheet {
    id: i64,
    /// Names of the fields beside the dials.
    reason: String,
    photo: String,
    seal: String,
    title: String,
    serial: String,
    dials: Vec<Dial>,
    seals: Vec<Choice>,
    reasons: Vec<Choice>,
}

pub async fn show(ctx: Ctx, Path((round, premise)): Path<(String, String)>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let (stop, premise) = visible_stop(&ctx, &round, key(&premise)?).await?;
    let outcome = ctx.query.text("outcome").parse().unwrap_or(Outcome::Read);
    let input = Input::of([("key", form::new_key()), ("outcome", outcome.as_str().to_owned())]);
    visit_page(&ctx, &round, &premise, &stop.owner, Filled::new(ctx.l, input)).await
}

async fn visit_page(ctx: &Ctx, round: &Round, premise: &Premise, owner: &str, form: Filled) -> Result {
    let l = ctx.l;
    let now = ctx.now();
    let standing = Standing::at_premise(&ctx.db, premise.id, now).await?;
    let shell = Shell::of(ctx, l.a("visit-title", &[("label", &premise.label)])).await?;
    let here = format!("/rounds/{}/plots/{}", round.id, premise.id);
    let is_reading = !Outcome::ALL.iter().any(|outcome| *outcome != Outcome::Read && form.is("outcome", outcome.as_str()));
    page(&VisitPage {
        action: format!("{here}/visit"),
        back: here,
        label: premise.label.clone(),
        owner: owner.to_owned(),
        form,
        is_reading,
        meters: standing.iter().map(|meter| sheet(l, meter, now)).collect(),
        outcomes: Outcome::ALL
            .iter()
            .filter(|outcome| **outcome != Outcome::Read)
            .map(|outcome| Choice::new(outcome, l.t(outcome.message_key())))
            .collect(),
        shell,
    })
}

fn sheet(l: Locale, meter: &Standing, now: Moment) -> Sheet {
    let mut reasons = Choice::all_of::<Reason>(l);
    reasons.insert(0, Choice::new("", l.t("reason-none")));
    Sheet {
        id: meter.installation.0,
        reason: format!("reason-{}", meter.installation),
        photo: format!("photo-{}", meter.meter),
        seal: format!("seal-{}", meter.meter),
        title: l.t(meter.resource.key()),
        serial: meter.serial.clone(),
        dials: meter.registers.iter().map(|register| dial(l, meter, register, now)).collect(),
        seals: vec![
            Choice::new(SealState::Intact, l.t("seal-state-intact")).look("seal", "good"),
            Choice::new(SealState::Broken, l.t("seal-state-broken")).look("seal-broken", "bad"),
            Choice::new(SealState::Missing, l.t("seal-state-missing")).look("seal-missing", "bad"),
        ],
        reasons,
    }
}

pub fn dial(l: Locale, meter: &Standing, register: &Register, now: Moment) -> Dial {
    let last = meter.last();
    let value =
        last.and_then(|taken| taken.values.iter().find(|(zone, _)| *zone == register.zone)).map_or(register.opening, |(_, value)| *value);
    let since = last.map_or_else(|| meter.installed_at(), |taken| taken.at);
    let days = now.since(since).whole_days().max(1);
    let opening = meter.opening();
    let expected = checks::expected(&meter.background(&opening), register.zone, now, days);
    let plain = |quantity: Option<Quantity>| quantity.map_or_else(String::new, |quantity| quantity.to_string());
    Dial {
        name: field(meter.installation, register),
        label: words::dial(l, meter.resource, register.zone),
        icon: if register.zone.as_str() == "single" { meter.resource.icon() } else { register.zone.icon() },
        unit: l.t(meter.resource.unit_key()),
        // Not grouped by thousands: each digit stands above the one that is typed.
        previous: value.to_string().replace('.', if l.lang() == "ru" { "," } else { "." }),
        previous_note: l.a(if last.is_some() { "dial-was" } else { "dial-opening" }, &[("date", l.date(meter.zone.day(since)))]),
        expected: words::usual(l, expected),
        previous_plain: value.to_string(),
        low_plain: plain(expected.map(|expected| expected.from)),
        high_plain: plain(expected.map(|expected| expected.to)),
        limit_plain: Quantity::dial_limit(meter.dial_digits).to_string(),
    }
}

/// The name of the field of one dial.
pub fn field(installation: InstallationId, register: &Register) -> String {
    format!("value-{installation}-{}", register.zone)
}

pub async fn store(State(app): State<App>, Path((round, premise)): Path<(String, String)>, ctx: Ctx, request: Request) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let (stop, premise) = visible_stop(&ctx, &round, key(&premise)?).await?;
    let upload = Upload::read(request, &app, LARGEST_BYTES).await?;
    let standing = Standing::at_premise(&ctx.db, premise.id, ctx.now()).await?;
    let told = told(&ctx, &upload.input, &round, &premise, &standing);
    let outcome = match told {
        Ok(told) => keep(&ctx, told, upload.files, &premise, &standing).await?,
        Err(errors) => Err(errors),
    };
    match outcome {
        Ok(stored) => Ok(Redirect::to(&format!("/rounds/{}/plots/{}/saved/{}", round.id, premise.id, stored.id)).into_response()),
        Err(errors) => {
            let mut input = upload.input;
            if errors.has("key") {
                // Under its old key it would be refused for ever.
                input.set("key", form::new_key());
            }
            let form = Filled::with_errors(ctx.l, input, errors);
            Ok(form::refused(visit_page(&ctx, &round, &premise, &stop.owner, form).await?))
        }
    }
}

/// The form as a visit, or everything that is wrong with it.
fn told(ctx: &Ctx, input: &Input, round: &Round, premise: &Premise, standing: &[Standing]) -> Result<NewVisit, FieldErrors> {
    let mut check = Check::new(input);
    let key = input.text("key").to_owned();
    check.ensure(form::is_key(&key), "key", "visit-key-broken");
    let outcome: Outcome = check.choice("outcome");
    let note = check.optional_lines("note", 1000);
    let meters: Vec<Seen> = standing.iter().map(|meter| seen(&mut check, input, meter, outcome)).collect();
    let has_values = meters.iter().any(|seen| !seen.values.is_empty());
    if outcome == Outcome::Read && !has_values {
        let first = standing.first().and_then(|meter| Some(field(meter.installation, meter.registers.first()?)));
        check.wrong(first.unwrap_or_else(|| "outcome".to_owned()), "visit-nothing-read");
    }
    // A phone without signal sends later what it wrote down now; its clock may run ahead a little.
    let visited_at = input.text("visited_at").parse::<Moment>().ok().filter(|at| *at <= ctx.now()).unwrap_or_else(|| ctx.now());
    check.done(NewVisit { key, premise: premise.id, round: Some(round.id), outcome, note, visited_at, meters })
}

/// What was written about one meter. Values of a meter go together: all of its dials or none.
fn seen(check: &mut Check<'_>, input: &Input, meter: &Standing, outcome: Outcome) -> Seen {
    let mut values = Vec::new();
    if outcome == Outcome::Read {
        let typed = meter.registers.iter().filter(|register| !input.text(&field(meter.installation, register)).trim().is_empty()).count();
        for register in &meter.registers {
            let name = field(meter.installation, register);
            match check.optional_quantity(&name) {
                Some(value) => values.push((register.zone, value)),
                None if typed > 0 && input.text(&name).trim().is_empty() => check.wrong(name, "visit-both-dials"),
                None => {}
            }
        }
    }
    Seen {
        installation: meter.installation,
        meter: meter.meter,
        values,
        reason: input.text(&format!("reason-{}", meter.installation)).parse().ok(),
        note: String::new(),
        seal: input.text(&format!("seal-{}", meter.meter)).parse().ok(),
    }
}

/// Photos first, each on its own; then everything in one transaction.
async fn keep(
    ctx: &Ctx,
    told: NewVisit,
    files: Vec<UploadedFile>,
    premise: &Premise,
    standing: &[Standing],
) -> Result<Result<Stored, FieldErrors>> {
    let kept = match photos::develop(ctx, files).await? {
        Ok(kept) => kept,
        Err(errors) => return Ok(Err(errors)),
    };
    let actor = ctx.actor()?;
    let now = ctx.now();
    let mut tx = ctx.db.begin().await?;
    let stored = match told.store(&mut tx, actor.id, now).await? {
        Ok(stored) => stored,
        Err(refusal) => {
            // Nothing of a refused visit stays.
            tx.rollback().await?;
            return Ok(Err(refused(&refusal, standing)));
        }
    };
    let photos: Vec<NewPhoto> = (0..)
        .zip(kept)
        .map(|(index, (field, kept)): (i64, _)| {
            let meter = standing.iter().find(|meter| field == format!("photo-{}", meter.meter));
            NewPhoto {
                key: Some(format!("{}:p{index}", told.key)),
                kept,
                role: if meter.is_some() { PhotoRole::Dial } else { PhotoRole::Place },
                premise: Some(premise.id),
                meter: meter.map(|meter| meter.meter),
                visit: Some(stored.id),
                reading: meter
                    .and_then(|meter| stored.readings.iter().find(|(of, _)| *of == meter.installation))
                    .map(|(_, submitted)| submitted.id),
                author: Some(actor.id),
                taken_at: told.visited_at,
            }
        })
        .collect();
    NewPhoto::add_many(&mut tx, &photos, now).await?;
    let entry = Entry {
        author: &Author::from(actor),
        at: now,
        action: "audit-visit",
        subject: Subject::Premise,
        id: Some(premise.id.0),
        name: premise.label.clone(),
    };
    if stored.is_new {
        entry.created(&mut tx, &told).await?;
        works::seen::open(&mut tx, ctx.app(), &told, &stored, standing).await?;
    }
    tx.commit().await?;
    Ok(Ok(stored))
}

fn refused(refusal: &VisitRefusal, standing: &[Standing]) -> FieldErrors {
    match refusal {
        VisitRefusal::KeyReused => FieldErrors::one("key", Refusal::KeyReused.key()),
        VisitRefusal::Reading(installation, refusal) => {
            let meter = standing.iter().find(|meter| meter.installation == *installation);
            let name = meter.and_then(|meter| Some(field(meter.installation, meter.registers.first()?)));
            FieldErrors::one(name.unwrap_or_else(|| "outcome".to_owned()), refusal.key())
        }
    }
}
