//! The office's review: one reading at a time, its photo beside its number, decided by keyboard: a accepts, c corrects, r rejects.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};

use super::{
    decision::{self, Corrected, Decision, field},
    past::{history_chart, standing_at},
    words,
};
use crate::{
    db::Tx,
    estate::{
        pages::shared::key,
        site::{Site, SiteId},
    },
    metering::{
        ReadingId,
        photo::Photo,
        reading::{Reason, State},
        review::{self, Waiting},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "metering/review/list.html")]
struct QueuePage {
    shell: Shell,
    waiting: Vec<Line>,
}

struct Line {
    href: String,
    label: String,
    meter: String,
    taken: String,
    author: String,
    flags: Vec<String>,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("review-title")).await?;
    let site = match &shell.site {
        Some(choice) => Site::find(&ctx.db, choice.id).await?,
        None => None,
    };
    let mut waiting = Vec::new();
    if let Some(site) = &site {
        for reading in Waiting::queue(&ctx.db, site.id).await? {
            waiting.push(Line {
                href: format!("/review/{}", reading.id),
                meter: format!("{} № {}", l.t(reading.resource.key()), reading.serial),
                taken: l.moment(reading.taken_at, site.zone()),
                author: reading.author.clone().unwrap_or_default(),
                flags: reading.flags().iter().filter(|flag| flag.is_serious()).map(|flag| words::flag(l, flag)).collect(),
                label: reading.label.unwrap_or_default(),
            });
        }
    }
    page(&QueuePage { shell, waiting })
}

#[derive(Template)]
#[template(path = "metering/review/show.html")]
struct ReviewPage {
    shell: Shell,
    form: Filled,
    accept: String,
    reject: String,
    correct: String,
    premise: String,
    label: String,
    meter: String,
    taken: String,
    author: String,
    values: String,
    before: String,
    usual: String,
    flags: Vec<String>,
    reason: String,
    note: String,
    photos: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    chart: String,
    history: Vec<(String, String)>,
    left: String,
    is_open: bool,
}

async fn found(ctx: &Ctx, id: &str) -> Result<Waiting> {
    let id: ReadingId = key(id)?;
    ctx.visible(Waiting::find(&ctx.db, id).await?, |reading| reading.site_id)
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let waiting = found(&ctx, &id).await?;
    review_page(&ctx, waiting, Filled::new(ctx.l, Input::default())).await
}

async fn review_page(ctx: &Ctx, waiting: Waiting, form: Filled) -> Result {
    let l = ctx.l;
    let site = Site::find(&ctx.db, waiting.site_id).await?.ok_or(Error::NotFound)?;
    let zone = site.zone();
    let values = review::values(&ctx.db, waiting.id).await?;
    let standing = standing_at(ctx, waiting.installation_id, ctx.now()).await?;
    let before = standing.last_before(waiting.taken_at);
    let since = before.map_or_else(|| standing.installed_at(), |taken| taken.at);
    let days = waiting.taken_at.since(since).whole_days().max(1);
    let opening = standing.opening();
    let usual = standing
        .registers
        .iter()
        .map(|register| {
            words::usual(l, crate::metering::checks::expected(&standing.background(&opening), register.zone, waiting.taken_at, days))
        })
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let photos = Photo::of_reading(&ctx.db, waiting.id).await?;
    let reason: Option<Reason> = waiting.reason.parse().ok();
    let base = format!("/review/{}", waiting.id);
    let history: Vec<(String, String)> =
        standing.history.iter().rev().take(12).map(|taken| (l.date(zone.day(taken.at)), words::values(l, &taken.values))).collect();
    page(&ReviewPage {
        accept: format!("{base}/accept"),
        reject: format!("{base}/reject"),
        correct: format!("{base}/correct"),
        premise: waiting.premise_id.map_or_else(String::new, |premise| format!("/premises/{premise}")),
        label: waiting.label.clone().unwrap_or_default(),
        meter: format!("{} № {}", l.t(waiting.resource.key()), waiting.serial),
        taken: l.moment(waiting.taken_at, zone),
        author: waiting.author.clone().unwrap_or_default(),
        values: words::values(l, &values),
        before: words::last(l, zone, before),
        usual,
        flags: waiting.flags().iter().map(|flag| words::flag(l, flag)).collect(),
        reason: reason.map_or_else(String::new, |reason| l.t(reason.key())),
        note: waiting.note.clone(),
        photos: photos.iter().map(|photo| (photo.href(), l.t(photo.role.key()))).collect(),
        fields: values.iter().map(|(zone, _)| (field(*zone), words::dial(l, waiting.resource, *zone))).collect(),
        chart: history_chart(ctx, &standing, zone),
        history,
        left: l.n("review-left", review::count_waiting(&ctx.db, site.id).await?),
        is_open: waiting.state.as_str() == "in_review",
        form,
        shell: Shell::of(ctx, l.t("review-one-title")).await?,
    })
}

pub async fn accept(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let waiting = found(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let note = check.optional_line("review_note", 500);
    let note = match check.done(note) {
        Ok(note) => note,
        Err(errors) => return review_again(&ctx, waiting, input, errors).await,
    };
    let by = ctx.actor()?.id;
    let mut tx = ctx.db.begin().await?;
    let is_ours = review::accept(&mut tx, waiting.id, by, &note, ctx.now()).await?.is_ok();
    let decision = Decision { state: State::Accepted, values: review::values(&mut tx, waiting.id).await?, note };
    finish(&ctx, tx, &waiting, is_ours.then_some(decision)).await
}

pub async fn reject(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let waiting = found(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let note = check.line("review_note", 500);
    let note = match check.done(note) {
        Ok(note) => note,
        Err(errors) => return review_again(&ctx, waiting, input, errors).await,
    };
    let by = ctx.actor()?.id;
    let mut tx = ctx.db.begin().await?;
    let is_ours = review::reject(&mut tx, waiting.id, by, &note, ctx.now()).await?.is_ok();
    let decision = Decision { state: State::Rejected, values: review::values(&mut tx, waiting.id).await?, note };
    finish(&ctx, tx, &waiting, is_ours.then_some(decision)).await
}

pub async fn correct(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let waiting = found(&ctx, &id).await?;
    let standing = standing_at(&ctx, waiting.installation_id, waiting.taken_at).await?;
    let mut tx = ctx.db.begin().await?;
    match decision::correct(&ctx, &mut tx, &standing, (waiting.id, State::InReview), input).await? {
        Corrected::Done(decision) => finish(&ctx, tx, &waiting, Some(decision)).await,
        Corrected::TooLate => finish(&ctx, tx, &waiting, None).await,
        Corrected::Refused(input, errors) => {
            tx.rollback().await?;
            review_again(&ctx, waiting, input, errors).await
        }
    }
}

async fn review_again(ctx: &Ctx, waiting: Waiting, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(review_page(ctx, waiting, Filled::with_errors(ctx.l, input, errors)).await?))
}

/// Writes the decision into the audit and goes on to the next reading that waits; `None` when somebody else was quicker.
async fn finish(ctx: &Ctx, mut tx: Tx, waiting: &Waiting, decision: Option<Decision>) -> Result {
    let Some(after) = decision else {
        tx.rollback().await?;
        return ctx.refused(ctx.l.t("review-decided-already"), "/review").await;
    };
    let said = match after.state {
        State::Rejected => "review-rejected",
        State::Superseded => "review-corrected",
        State::Accepted | State::InReview => "review-accepted",
    };
    let before = Decision { state: waiting.state, values: review::values(&mut tx, waiting.id).await?, note: String::new() };
    let name = waiting.label.clone().unwrap_or_else(|| waiting.serial.clone());
    after.record(ctx, &mut tx, waiting.id, name, &before).await?;
    tx.commit().await?;
    let next = next_of(ctx, waiting.site_id).await?;
    ctx.done(ctx.l.t(said), next).await
}

async fn next_of(ctx: &Ctx, site: SiteId) -> Result<String> {
    let queue = Waiting::queue(&ctx.db, site).await?;
    Ok(queue.first().map_or_else(|| "/review".to_owned(), |next| format!("/review/{}", next.id)))
}

/// The first reading that waits, for those who go through all of them.
pub async fn first(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, String::new()).await?;
    let to = match &shell.site {
        Some(site) => next_of(&ctx, site.id).await?,
        None => "/review".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}
