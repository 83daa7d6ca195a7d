//! The card of a premise: whose it is, what is agreed, what stands there, what was seen last, what changed.

use askama::Template;
use axum::extract::Path;

use super::{history, may_edit, owner_href, site_name, visible_premise};
use crate::{
    audit::Subject,
    debtors::pages::shown::{DebtShown, shown},
    estate::{
        account::Account,
        contract::Contract,
        owner::Owner,
        ownership::Ownership,
        premise::{Premise, PremiseId},
    },
    ledger::debt::Of,
    metering::{pages::words, photo::Photo, round, seal::SealCheck, standing::Standing},
    staff::user::Permission,
    web::{
        Ctx, Locale, Result,
        page::{HistoryLine, Shell, page},
    },
    works::WorkOrder,
};

#[derive(Template)]
#[template(path = "estate/premises/show.html")]
struct PremisePage {
    shell: Shell,
    id: PremiseId,
    sign: String,
    /// Where a meter is put up; empty for those who may not, and for a premise that ended.
    add_meter: String,
    edit: String,
    transfer: String,
    site: String,
    site_href: String,
    kind: String,
    part: String,
    area: String,
    note: String,
    ended: String,
    owners: Vec<OwnerLine>,
    past_owners: Vec<OwnerLine>,
    debt: DebtShown,
    accounts: Vec<AccountLine>,
    contracts: Vec<ContractLine>,
    meters: Vec<MeterLine>,
    visits: Vec<(String, String, String)>,
    /// Open work orders: address, title, who has it.
    works: Vec<(String, String, String)>,
    /// Where a work order for the premise is opened; empty once it ended.
    new_work: String,
    photos: Vec<(String, String, String)>,
    history: Vec<HistoryLine>,
    may_edit: bool,
}

struct OwnerLine {
    href: String,
    name: String,
    share: String,
    dates: String,
    reason: String,
    phones: Vec<(String, String)>,
}

struct AccountLine {
    href: String,
    /// Where what happened on it is; empty for who may not see money.
    statement: String,
    number: String,
    payer: String,
    state: String,
    is_open: bool,
}

struct ContractLine {
    icon: &'static str,
    service: String,
    number: String,
    account: String,
    dates: String,
    is_open: bool,
    end: String,
}

struct MeterLine {
    href: String,
    icon: &'static str,
    name: String,
    serial: String,
    last: String,
    seal: String,
    seal_kind: &'static str,
    verification: String,
    is_overdue: bool,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.a("premise-title", &[("label", &premise.label)])).await?;
    let (owners, past_owners) = owners(&ctx, premise.id).await?;
    let sees_money = ctx.actor()?.can(Permission::SeeMoney);
    let photos = Photo::of_premise(&ctx.db, premise.id).await?;
    let part = if premise.part_array.is_empty() {
        String::new()
    } else {
        l.a("premise-part", &[("array", &premise.part_array), ("line", &premise.part_line), ("sector", &premise.part_sector)])
    };
    page(&PremisePage {
        id: premise.id,
        sign: format!("/contracts/new?premise={}", premise.id),
        add_meter: if premise.ended_on.is_none() && ctx.actor()?.can(Permission::EditMeters) {
            format!("/meters/new?premise={}", premise.id)
        } else {
            String::new()
        },
        edit: format!("/premises/{}/edit", premise.id),
        transfer: format!("/premises/{}/transfer", premise.id),
        site: site_name(&shell, premise.site_id),
        site_href: format!("/sites/{}", premise.site_id),
        kind: l.t(premise.kind.key()),
        part,
        area: premise.area.map_or_else(String::new, |area| l.a("area-m2", &[("area", l.quantity(area))])),
        ended: premise.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
        owners,
        past_owners,
        debt: shown(&ctx, Of::Premise(premise.id)).await?,
        accounts: Account::of_premise(&ctx.db, premise.id).await?.iter().map(|account| account_line(l, account, sees_money)).collect(),
        contracts: Contract::of_premise(&ctx.db, premise.id).await?.iter().map(|contract| contract_line(l, contract)).collect(),
        meters: meters(&ctx, premise.id).await?,
        visits: visits(&ctx, &premise).await?,
        works: works(&ctx, premise.id).await?,
        new_work: if premise.ended_on.is_none() { format!("/work-orders/new?premise={}", premise.id) } else { String::new() },
        photos: photos.iter().take(8).map(|photo| (photo.href(), photo.thumbnail(), ctx.moment(photo.taken_at))).collect(),
        history: history(&ctx, Subject::Premise, premise.id.0).await?,
        may_edit: may_edit(&ctx)?,
        note: premise.note,
        shell,
    })
}

/// Those who own it now, and those who did.
async fn owners(ctx: &Ctx, premise: PremiseId) -> Result<(Vec<OwnerLine>, Vec<OwnerLine>)> {
    let l = ctx.l;
    let (mut present, mut past) = (Vec::new(), Vec::new());
    for ownership in Ownership::of_premise(&ctx.db, premise).await? {
        let is_present = ownership.until_on.is_none();
        let phones = if is_present { Owner::phones(&ctx.db, ownership.owner_id).await? } else { Vec::new() };
        let line = OwnerLine {
            href: owner_href(ownership.owner_id),
            share: ownership.share().to_string(),
            dates: span(l, ownership.from_on, ownership.until_on),
            phones: phones.iter().map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect(),
            name: ownership.owner_name,
            reason: ownership.reason,
        };
        if is_present { present.push(line) } else { past.push(line) }
    }
    Ok((present, past))
}

/// `с 01.05.2020`, `01.05.2020 – 03.02.2024`.
pub fn span(l: Locale, from: time::Date, until: Option<time::Date>) -> String {
    match until {
        Some(until) => format!("{} – {}", l.date(from), l.date(until)),
        None => l.a("since", &[("date", l.date(from))]),
    }
}

fn account_line(l: Locale, account: &Account, sees_money: bool) -> AccountLine {
    AccountLine {
        statement: if sees_money { format!("/accounts/{}/statement", account.id) } else { String::new() },
        href: format!("/accounts/{}", account.id),
        number: account.number.clone(),
        payer: account.payer_name.clone(),
        state: span(l, account.opened_on, account.closed_on),
        is_open: account.closed_on.is_none(),
    }
}

fn contract_line(l: Locale, contract: &Contract) -> ContractLine {
    ContractLine {
        icon: contract.service.icon(),
        service: l.t(contract.service.key()),
        number: contract.number.clone(),
        account: contract.account_number.clone(),
        dates: span(l, contract.signed_on, contract.ended_on),
        is_open: contract.ended_on.is_none(),
        end: format!("/contracts/{}/end", contract.id),
    }
}

async fn meters(ctx: &Ctx, premise: PremiseId) -> Result<Vec<MeterLine>> {
    let mut lines = Vec::new();
    for meter in Standing::at_premise(&ctx.db, premise, ctx.now()).await? {
        let seal = SealCheck::of_meter(&ctx.db, meter.meter).await?.into_iter().next();
        lines.push(meter_line(ctx, &meter, seal.as_ref()));
    }
    Ok(lines)
}

fn meter_line(ctx: &Ctx, meter: &Standing, seal: Option<&SealCheck>) -> MeterLine {
    let l = ctx.l;
    let (seal_key, seal_kind) = match seal.map(|check| check.state.as_str()) {
        Some("intact") => ("seal-state-intact", "good"),
        Some("broken") => ("seal-state-broken", "bad"),
        Some(_) => ("seal-state-missing", "bad"),
        None => ("seal-unchecked", "plain"),
    };
    MeterLine {
        href: format!("/meters/{}", meter.meter),
        icon: meter.resource.icon(),
        name: l.t(meter.resource.key()),
        serial: meter.serial.clone(),
        last: words::last(l, meter.zone, meter.last()),
        seal: l.t(seal_key),
        seal_kind,
        verification: meter.verify_by.map_or_else(String::new, |by| l.a("premise-verify-by", &[("date", l.date(by))])),
        is_overdue: meter.verify_by.is_some_and(|by| by < meter.zone.day(ctx.now())),
    }
}

/// The open work orders here that the person may look at.
async fn works(ctx: &Ctx, premise: PremiseId) -> Result<Vec<(String, String, String)>> {
    let actor = ctx.actor()?;
    let orders = WorkOrder::open_at(&ctx.db, premise).await?.into_iter().filter(|order| order.is_seen_by(actor));
    Ok(orders.map(|order| (format!("/work-orders/{}", order.id), order.title, order.worker_name)).collect())
}

async fn visits(ctx: &Ctx, premise: &Premise) -> Result<Vec<(String, String, String)>> {
    let visits = round::visits_to(&ctx.db, premise.id).await?;
    let text = |visit: &round::PastVisit| {
        let note = if visit.note.is_empty() { String::new() } else { format!(" — {}", visit.note) };
        format!("{}{note}", ctx.l.t(visit.outcome.key()))
    };
    Ok(visits.iter().map(|visit| (ctx.moment(visit.visited_at), visit.controller.clone(), text(visit))).collect())
}
