//! A plot as the controller stands before it: whose it is, its meters, what was read last.

use askama::Template;
use axum::extract::Path;

use super::{rounds::visible_round, words};
use crate::{
    debtors::pages::shown::{DebtShown, shown},
    estate::{
        account::Account,
        owner::{Owner, Phone},
        ownership::Ownership,
        pages::shared::key,
        premise::{Premise, PremiseId},
    },
    ledger::debt::Of,
    metering::{
        checks,
        photo::Photo,
        round::{self, Round, Stop},
        seal::SealCheck,
        standing::Standing,
    },
    web::{
        Ctx, Error, Result,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "phone/plot.html")]
struct PlotPage {
    shell: Shell,
    back: String,
    visit: String,
    label: String,
    note: String,
    owners: Vec<Reachable>,
    /// Absent where nobody pays for the plot.
    debt: Option<DebtShown>,
    meters: Vec<MeterCard>,
    visits: Vec<(String, String)>,
    photos: Vec<(String, String, String)>,
    reasons: Vec<(String, String)>,
}

struct Reachable {
    name: String,
    phones: Vec<(String, String)>,
}

struct MeterCard {
    icon: &'static str,
    name: String,
    serial: String,
    last: String,
    usual: String,
    seal: String,
    seal_kind: &'static str,
    verification: String,
}

/// A plot of a round that the person walks; someone else's is as absent.
pub async fn visible_stop(ctx: &Ctx, round: &Round, premise: PremiseId) -> Result<(Stop, Premise)> {
    let mine = super::walk::own_stops(ctx)?;
    let stop = Stop::find(&ctx.db, round.id, premise).await?.ok_or(Error::NotFound)?;
    if mine.is_some() && !Stop::is_of(&ctx.db, stop.id, mine).await? {
        return Err(Error::NotFound);
    }
    let premise = Premise::find(&ctx.db, premise).await?.ok_or(Error::NotFound)?;
    Ok((stop, premise))
}

pub async fn show(ctx: Ctx, Path((round, premise)): Path<(String, String)>) -> Result {
    let round = visible_round(&ctx, &round).await?;
    let (_, premise) = visible_stop(&ctx, &round, key(&premise)?).await?;
    let l = ctx.l;
    let now = ctx.now();
    let shell = Shell::of(&ctx, premise.label.clone()).await?;
    let standing = Standing::at_premise(&ctx.db, premise.id, now).await?;
    let mut meters = Vec::new();
    for meter in &standing {
        let seal = SealCheck::of_meter(&ctx.db, meter.meter).await?.into_iter().next();
        meters.push(card(&ctx, meter, seal.as_ref()));
    }
    let zone = standing.first().map_or_else(crate::kernel::clock::Zone::moscow, |meter| meter.zone);
    let visits = round::visits_to(&ctx.db, premise.id).await?;
    let photos = Photo::of_premise(&ctx.db, premise.id).await?;
    let here = format!("/rounds/{}/plots/{}/visit", round.id, premise.id);
    page(&PlotPage {
        back: format!("/rounds/{}/walk", round.id),
        reasons: ["no_access", "no_meter", "stopped", "dog", "other"]
            .map(|word| (format!("{here}?outcome={word}"), l.t(&format!("outcome-{word}"))))
            .into(),
        visit: here,
        label: premise.label.clone(),
        note: premise.note.clone(),
        owners: reachable(&ctx, premise.id).await?,
        debt: debt(&ctx, premise.id).await?,
        meters,
        visits: visits
            .into_iter()
            .take(4)
            .map(|visit| (l.moment(visit.visited_at, zone), format!("{}, {}", l.t(visit.outcome.key()), visit.controller)))
            .collect(),
        photos: photos.iter().take(4).map(|photo| (photo.href(), photo.thumbnail(), l.moment(photo.taken_at, zone))).collect(),
        shell,
    })
}

async fn debt(ctx: &Ctx, premise: PremiseId) -> Result<Option<DebtShown>> {
    let has_account = !Account::of_premise(&ctx.db, premise).await?.is_empty();
    Ok(if has_account { Some(shown(ctx, Of::Premise(premise)).await?) } else { None })
}

async fn reachable(ctx: &Ctx, premise: PremiseId) -> Result<Vec<Reachable>> {
    let mut owners = Vec::new();
    for ownership in Ownership::of_premise(&ctx.db, premise).await?.into_iter().filter(|ownership| ownership.until_on.is_none()) {
        let phones = Owner::phones(&ctx.db, ownership.owner_id).await?;
        let phones = phones.iter().map(|phone: &Phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect();
        owners.push(Reachable { name: ownership.owner_name, phones });
    }
    Ok(owners)
}

fn card(ctx: &Ctx, meter: &Standing, seal: Option<&SealCheck>) -> MeterCard {
    let l = ctx.l;
    let now = ctx.now();
    let since = meter.last().map_or_else(|| meter.installed_at(), |taken| taken.at);
    let days = now.since(since).whole_days().max(1);
    let opening = meter.opening();
    let background = meter.background(&opening);
    let usual = meter
        .registers
        .iter()
        .map(|register| words::usual(l, checks::expected(&background, register.zone, now, days)))
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let overdue = meter.verify_by.filter(|by| *by < meter.zone.day(now));
    let (seal_key, seal_kind) = match seal.map(|check| check.state.as_str()) {
        Some("intact") => ("seal-state-intact-card", "good"),
        Some("broken") => ("seal-state-broken-card", "bad"),
        Some(_) => ("seal-state-missing-card", "bad"),
        None => ("seal-unchecked", "plain"),
    };
    MeterCard {
        icon: meter.resource.icon(),
        name: l.t(meter.resource.key()),
        serial: meter.serial.clone(),
        last: words::last(l, meter.zone, meter.last()),
        usual,
        seal: l.t(seal_key),
        seal_kind,
        verification: overdue.map_or_else(String::new, |by| l.a("meter-overdue", &[("date", l.date(by))])),
    }
}
