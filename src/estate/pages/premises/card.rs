//! The card of a premise: whose it is, its contracts, its meters with what was read last, visits, photos, history.

use askama::Template;
use axum::extract::Path;

use super::found;
use crate::{
    audit::Subject,
    estate::{account::Account, contract::Contract, owner::Owner, ownership::Ownership, site::Site},
    kernel::clock::Zone,
    metering::{pages::words, photo::Photo, round, seal::SealCheck, standing::Standing},
    staff::user::Permission,
    web::{
        Ctx, Error, Result,
        page::{HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/premises/card.html")]
struct CardPage {
    shell: Shell,
    sub: String,
    hrefs: Hrefs,
    is_ended: bool,
    can_edit: bool,
    area: String,
    note: String,
    owners: Vec<Share>,
    contracts: Vec<Agreement>,
    meters: Vec<MeterLine>,
    visits: Vec<(String, String, String)>,
    photos: Vec<(String, String, String)>,
    history: Vec<HistoryLine>,
}

struct Hrefs {
    edit: String,
    end: String,
    contract: String,
}

struct Share {
    href: String,
    name: String,
    phones: String,
    share: String,
    since: String,
    until: String,
}

struct Agreement {
    icon: &'static str,
    service: String,
    number: String,
    account: String,
    signed: String,
    ended: String,
}

struct MeterLine {
    icon: &'static str,
    resource: String,
    serial: String,
    model: String,
    values: String,
    read: String,
    seal: String,
    seal_kind: &'static str,
    verify: String,
    is_overdue: bool,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = found(&ctx, &id).await?;
    let site = Site::find(&ctx.db, premise.site_id).await?.ok_or(Error::NotFound)?;
    let (l, zone) = (ctx.l, site.zone());
    let visits = round::visits_to(&ctx.db, premise.id).await?;
    let photos = Photo::of_premise(&ctx.db, premise.id).await?;
    page(&CardPage {
        sub: site.details.name.clone(),
        hrefs: Hrefs {
            edit: format!("/premises/{}/edit", premise.id),
            end: format!("/premises/{}/end", premise.id),
            contract: format!("/contracts/new?label={}", form_urlencoded::byte_serialize(premise.label.as_bytes()).collect::<String>()),
        },
        is_ended: premise.ended_on.is_some(),
        can_edit: ctx.actor()?.can(Permission::EditEstate),
        area: premise.area.map_or_else(|| "—".to_owned(), |area| l.a("premise-area-value", &[("area", l.quantity(area))])),
        note: premise.note.clone(),
        owners: owners(&ctx, &premise).await?,
        contracts: contracts(&ctx, &premise).await?,
        meters: meters(&ctx, &premise, zone).await?,
        visits: visits.into_iter().map(|visit| (l.moment(visit.visited_at, zone), l.t(visit.outcome.key()), visit.controller)).collect(),
        photos: photos.iter().map(|photo| (photo.href(), photo.thumbnail(), l.moment(photo.taken_at, zone))).collect(),
        history: super::super::history_of(&ctx, Subject::Premise, premise.id.0).await?,
        shell: Shell::of(&ctx, l.a("premise-title", &[("label", &premise.label)])).await?,
    })
}

type Premise = crate::estate::premise::Premise;

async fn owners(ctx: &Ctx, premise: &Premise) -> Result<Vec<Share>> {
    let l = ctx.l;
    let mut shares = Vec::new();
    for ownership in Ownership::of_premise(&ctx.db, premise.id).await? {
        let phones = Owner::phones(&ctx.db, ownership.owner_id).await?;
        shares.push(Share {
            href: format!("/owners/{}", ownership.owner_id),
            share: ownership.share().to_string(),
            since: l.date(ownership.from_on),
            until: ownership.until_on.map_or_else(String::new, |until| l.date(until)),
            phones: phones.iter().map(crate::estate::owner::Phone::readable).collect::<Vec<_>>().join(", "),
            name: ownership.owner_name,
        });
    }
    Ok(shares)
}

async fn contracts(ctx: &Ctx, premise: &Premise) -> Result<Vec<Agreement>> {
    let l = ctx.l;
    let mut agreements: Vec<Agreement> = Contract::of_premise(&ctx.db, premise.id)
        .await?
        .into_iter()
        .map(|contract| Agreement {
            icon: contract.service.icon(),
            service: l.t(contract.service.key()),
            number: contract.number,
            account: contract.account_number,
            signed: l.date(contract.signed_on),
            ended: contract.ended_on.map_or_else(String::new, |ended| l.date(ended)),
        })
        .collect();
    if agreements.is_empty() {
        // An account without contracts is still worth seeing.
        agreements = Account::of_premise(&ctx.db, premise.id)
            .await?
            .into_iter()
            .map(|account| Agreement {
                icon: "account",
                service: String::new(),
                number: String::new(),
                account: account.number,
                signed: l.date(account.opened_on),
                ended: account.closed_on.map_or_else(String::new, |closed| l.date(closed)),
            })
            .collect();
    }
    Ok(agreements)
}

async fn meters(ctx: &Ctx, premise: &Premise, zone: Zone) -> Result<Vec<MeterLine>> {
    let l = ctx.l;
    let today = zone.day(ctx.now());
    let mut lines = Vec::new();
    for meter in Standing::at_premise(&ctx.db, premise.id, ctx.now()).await? {
        let seal = SealCheck::of_meter(&ctx.db, meter.meter).await?.into_iter().next();
        let (seal, seal_kind) = match seal {
            Some(check) => (l.t(check.state.key()), if check.state.as_str() == "intact" { "good" } else { "bad" }),
            None => (l.t("seal-unchecked"), "plain"),
        };
        lines.push(MeterLine {
            icon: meter.resource.icon(),
            resource: l.t(meter.resource.key()),
            values: meter.last().map_or_else(|| words::values(l, &meter.opening()), |taken| words::values(l, &taken.values)),
            read: meter.last().map_or_else(|| l.t("meter-never-read"), |taken| l.date(zone.day(taken.at))),
            seal,
            seal_kind,
            verify: l.date_or_dash(meter.verify_by),
            is_overdue: meter.verify_by.is_some_and(|by| by < today),
            serial: meter.serial,
            model: meter.model,
        });
    }
    Ok(lines)
}
