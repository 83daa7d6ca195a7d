//! After the visit: what was stored, what the checks said of it, and the way to the next plot.

use askama::Template;
use axum::extract::Path;

use super::{plot::visible_stop, rounds::visible_round, walk::own_stops, words};
use crate::{
    db::{self, Db, q},
    estate::pages::shared::key,
    kernel::Quantity,
    metering::{
        ReadingId, Resource, VisitId, Zone,
        checks::Flag,
        coverage,
        photo::Photo,
        reading::{self, State},
        round::Stop,
    },
    web::{
        Ctx, Error, Result,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "phone/saved.html")]
struct SavedPage {
    shell: Shell,
    label: String,
    outcome: String,
    readings: Vec<Saved>,
    photos: Vec<(String, String)>,
    done: i64,
    total: i64,
    walk: String,
    next: Option<Next>,
}

struct Saved {
    icon: &'static str,
    name: String,
    values: String,
    state: String,
    is_accepted: bool,
    flags: Vec<String>,
}

struct Next {
    href: String,
    label: String,
    owner: String,
}

#[derive(sqlx::FromRow)]
struct Read {
    id: ReadingId,
    resource: Resource,
    state: State,
    flags: String,
}

pub async fn show(ctx: Ctx, Path((round, premise, visit)): Path<(String, String, String)>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let (stop, premise) = visible_stop(&ctx, &round, key(&premise)?).await?;
    let visit: VisitId = key(&visit)?;
    let l = ctx.l;
    let mine = own_stops(&ctx)?;
    let outcome: Option<crate::metering::visit::Outcome> =
        q(&ctx.db, "select outcome from visit where id = $1 and premise_id = $2").bind(visit).bind(premise.id).scalar_opt().await?;
    let outcome = outcome.ok_or(Error::NotFound)?;
    let arrays = coverage::arrays(&ctx.db, round.id, mine).await?;
    let next = Stop::next(&ctx.db, round.id, mine, stop.position).await?;
    let photos = Photo::of_visit(&ctx.db, visit).await?;
    page(&SavedPage {
        shell: Shell::of(&ctx, l.t("saved-title")).await?,
        label: premise.label.clone(),
        outcome: l.t(outcome.key()),
        readings: readings(&ctx, visit).await?,
        photos: photos.iter().map(|photo| (photo.href(), photo.thumbnail())).collect(),
        done: arrays.iter().map(|array| array.done).sum(),
        total: arrays.iter().map(|array| array.total).sum(),
        walk: format!("/rounds/{}/walk", round.id),
        next: next.map(|next| Next {
            href: format!("/rounds/{}/plots/{}/visit", round.id, next.premise_id),
            label: next.label,
            owner: next.owner,
        }),
    })
}

async fn readings(ctx: &Ctx, visit: VisitId) -> Result<Vec<Saved>> {
    let l = ctx.l;
    let mut saved = Vec::new();
    for read in of_visit(&ctx.db, visit).await? {
        let values: Vec<(Zone, Quantity)> = crate::metering::review::values(&ctx.db, read.id).await?;
        let flags: Vec<Flag> = reading::stored_flags(&read.flags);
        saved.push(Saved {
            icon: read.resource.icon(),
            name: l.t(read.resource.key()),
            values: words::values(l, &values),
            state: l.t(read.state.key()),
            is_accepted: read.state == State::Accepted,
            flags: flags.iter().map(|flag| words::flag(l, flag)).collect(),
        });
    }
    Ok(saved)
}

async fn of_visit(db: &Db, visit: VisitId) -> db::Result<Vec<Read>> {
    q(
        db,
        "select r.id, m.resource, r.state, r.flags
        from reading r
        join installation i on i.id = r.installation_id
        join meter m on m.id = i.meter_id
        where r.visit_id = $1
        order by m.resource desc, r.id",
    )
    .bind(visit)
    .all()
    .await
}
