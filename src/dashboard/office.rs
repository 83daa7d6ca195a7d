//! The office's first page: what waits, how far the round is, what was used.

use askama::Template;
use time::Duration;

use super::usage::Used;
use crate::{
    admin::notice,
    db::{self, Db, q},
    estate::{
        site::{Site, SiteId},
        tally::Tally,
    },
    kernel::{Moment, Period, Quantity},
    metering::{
        Resource,
        coverage::{self, Covered},
        pages::outline::array_name,
        round::RoundId,
    },
    staff::user::Permission,
    web::{
        Ctx, Result,
        chart::{self, Mark},
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "dashboard/office.html")]
struct OfficePage {
    shell: Shell,
    month: String,
    today: Option<Today>,
    money: Option<InMoney>,
    sections: Vec<Section>,
    charts: Vec<Chart>,
    trouble: String,
}

/// The numbers of a site on this day.
struct Today {
    in_review: String,
    has_review: bool,
    done: String,
    left: String,
    percent: i64,
    revisit: String,
    has_revisit: bool,
    overdue: String,
    has_overdue: bool,
    due_soon: String,
    premises: String,
    contracts: String,
}

/// What a site is owed, for those who see it.
struct InMoney {
    debt: String,
    debtors: String,
    href: String,
    received: String,
    month: String,
}

/// Coverage of one array or street in the current round.
struct Section {
    name: String,
    done: i64,
    total: i64,
    revisit: i64,
}

struct Chart {
    title: String,
    unit: String,
    /// The unit, and when it was counted.
    note: String,
    svg: String,
    values: Vec<(String, String)>,
}

pub async fn show(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("dashboard-title")).await?;
    let site = match &shell.site {
        Some(choice) => Site::find(&ctx.db, choice.id).await?,
        None => None,
    };
    let trouble = notice::of_books(&ctx).await?;
    let Some(site) = site else {
        return page(&OfficePage {
            shell,
            month: String::new(),
            today: None,
            money: None,
            sections: Vec::new(),
            charts: Vec::new(),
            trouble,
        });
    };
    let now = ctx.now();
    let period = Period::of(site.zone().day(now));
    let round = current_round(&ctx.db, site.id).await?;
    let sections = coverage(&ctx, round).await?;
    let today = today(&ctx, &site, &sections, now).await?;
    let used = ctx.usage.of(&ctx.db, &ctx.clock, &site).await?;
    let money = money(&ctx, &site).await?;
    let charts = [Resource::Water, Resource::Electricity].map(|resource| chart_of(&ctx, resource, &used)).into();
    page(&OfficePage { shell, month: ctx.l.period(period), today: Some(today), money, sections, charts, trouble })
}

async fn money(ctx: &Ctx, site: &Site) -> Result<Option<InMoney>> {
    if !ctx.actor()?.can(Permission::SeeMoney) {
        return Ok(None);
    }
    let l = ctx.l;
    let figures = ctx.sums.of(&ctx.db, site, ctx.now()).await?;
    Ok(Some(InMoney {
        debt: l.money(figures.debt),
        debtors: l.n("debtors-count", figures.debtors),
        href: format!("/debtors?site={}", site.id),
        received: l.money(figures.received),
        month: l.period(Period::of(site.zone().day(ctx.now()))),
    }))
}

/// The round walked last, if there was one.
async fn current_round(db: &Db, site: SiteId) -> db::Result<Option<RoundId>> {
    q(db, "select id from round where site_id = $1 order by period desc, id desc limit 1").bind(site).scalar_opt().await
}

/// By array; by section where there is but one array.
async fn coverage(ctx: &Ctx, round: Option<RoundId>) -> db::Result<Vec<Section>> {
    let Some(round) = round else { return Ok(Vec::new()) };
    let arrays = coverage::arrays(&ctx.db, round, None).await?;
    let covered = if arrays.len() == 1 { coverage::sections(&ctx.db, round, None, None).await? } else { arrays };
    let name = |part: &Covered| if part.section.is_empty() { array_name(ctx.l, &part.array) } else { part.section.clone() };
    let section = |part: Covered| Section { name: name(&part), done: part.done, total: part.total, revisit: part.revisit };
    Ok(covered.into_iter().map(section).collect())
}

async fn today(ctx: &Ctx, site: &Site, sections: &[Section], now: Moment) -> db::Result<Today> {
    let (l, db) = (ctx.l, &ctx.db);
    let in_review: i64 = q(
        db,
        "select count(*)
        from reading r
        join installation i on i.id = r.installation_id
        where r.state = 'in_review' and i.site_id = $1",
    )
    .bind(site.id)
    .scalar()
    .await?;
    let day = site.zone().day(now);
    let due = async |from: time::Date, before: time::Date| -> db::Result<i64> {
        q(
            db,
            "select count(*)
            from meter m
            join installation i on i.meter_id = m.id
            where i.site_id = $1 and i.removed_on is null and m.verify_by >= $2 and m.verify_by < $3",
        )
        .bind(site.id)
        .bind(from)
        .bind(before)
        .scalar()
        .await
    };
    let overdue = due(time::macros::date!(1900 - 01 - 01), day).await?;
    let due_soon = due(day, day + Duration::days(90)).await?;
    let tally = Tally::of(db, None, Some(site.id)).await?;
    let (done, total): (i64, i64) = sections.iter().fold((0, 0), |(done, total), section| (done + section.done, total + section.total));
    Ok(Today {
        in_review: l.count(in_review),
        has_review: in_review > 0,
        done: l.count(done),
        left: l.count(total - done),
        percent: if total == 0 { 0 } else { done * 100 / total },
        revisit: l.n("dashboard-revisit", sections.iter().map(|section| section.revisit).sum::<i64>()),
        has_revisit: sections.iter().any(|section| section.revisit > 0),
        overdue: l.count(overdue),
        has_overdue: overdue > 0,
        due_soon: l.n("dashboard-due-soon", due_soon),
        premises: l.count(tally.premises),
        contracts: l.n("dashboard-contracts", tally.contracts.iter().map(|(_, number)| number).sum::<i64>()),
    })
}

fn chart_of(ctx: &Ctx, resource: Resource, used: &Used) -> Chart {
    let l = ctx.l;
    let title = l.t(&format!("dashboard-used-{resource}"));
    let of_months: Vec<(Period, Quantity)> = used.of(resource).collect();
    let mark = |(period, value): &(Period, Quantity)| Mark { name: l.month_short(*period), value: *value, text: l.quantity(*value) };
    let marks: Vec<Mark> = of_months.iter().map(mark).collect();
    let values = of_months.iter().zip(&marks).map(|((period, _), mark)| (l.period(*period), mark.text.clone())).collect();
    let note = l.a("dashboard-used-at", &[("unit", l.t(&format!("dashboard-unit-{resource}"))), ("when", ctx.moment(used.counted_at))]);
    Chart {
        svg: chart::bars(&title, &marks, |value| l.quantity(value)),
        unit: l.t(&format!("dashboard-unit-{resource}")),
        title,
        note,
        values,
    }
}
