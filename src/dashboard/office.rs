//! The office's first page: what waits, how far the round is, what was used.

use askama::Template;
use time::Duration;

use crate::{
    db::{self, Db, placeholders, q},
    estate::site::{Site, SiteId},
    kernel::{Moment, Period, Quantity},
    web::{
        Ctx, Locale, Result,
        chart::{self, Mark},
        page::{Shell, page},
    },
};

/// Months in the consumption charts.
const MONTHS: i32 = 12;

#[derive(Template)]
#[template(path = "dashboard/office.html")]
struct OfficePage {
    shell: Shell,
    month: String,
    today: Option<Today>,
    sections: Vec<Section>,
    charts: Vec<Chart>,
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
    svg: String,
    values: Vec<(String, String)>,
}

pub async fn show(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("dashboard-title")).await?;
    let site = match &shell.site {
        Some(choice) => Site::find(&ctx.db, choice.id).await?,
        None => None,
    };
    let Some(site) = site else {
        return page(&OfficePage { shell, month: String::new(), today: None, sections: Vec::new(), charts: Vec::new() });
    };
    let now = ctx.now();
    let period = Period::of(site.zone().day(now));
    let round = current_round(&ctx.db, site.id).await?;
    let sections = coverage(&ctx.db, round).await?;
    let today = today(&ctx, &site, &sections, now).await?;
    let used = consumption(&ctx.db, &site, period).await?;
    let charts = ["water", "electricity"].map(|resource| chart_of(ctx.l, resource, period, &used)).into();
    page(&OfficePage { shell, month: ctx.l.period(period), today: Some(today), sections, charts })
}

/// The round walked last, if there was one.
async fn current_round(db: &Db, site: SiteId) -> db::Result<Option<i64>> {
    q(db, "select id from round where site_id = $1 order by period desc, id desc limit 1").bind(site).scalar_opt().await
}

async fn coverage(db: &Db, round: Option<i64>) -> db::Result<Vec<Section>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        section: String,
        done: i64,
        revisit: i64,
        total: i64,
    }
    let Some(round) = round else { return Ok(Vec::new()) };
    let rows: Vec<Row> = q(
        db,
        "select section,
            count(case when state = 'done' then 1 end) as done,
            count(case when state = 'revisit' then 1 end) as revisit,
            count(*) as total
        from round_stop
        where round_id = $1
        group by section
        order by min(position)",
    )
    .bind(round)
    .all()
    .await?;
    Ok(rows.into_iter().map(|row| Section { name: row.section, done: row.done, total: row.total, revisit: row.revisit }).collect())
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
    let premises: i64 = q(db, "select count(*) from premise where site_id = $1 and ended_on is null").bind(site.id).scalar().await?;
    let contracts: i64 = q(
        db,
        "select count(*)
        from contract c
        join account a on a.id = c.account_id
        join premise p on p.id = a.premise_id
        where p.site_id = $1 and c.ended_on is null",
    )
    .bind(site.id)
    .scalar()
    .await?;
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
        premises: l.count(premises),
        contracts: l.n("dashboard-contracts", contracts),
    })
}

#[derive(sqlx::FromRow)]
struct Used {
    resource: String,
    /// Index of the month in the chart, from 0.
    month: i64,
    sum_thousandths: i64,
}

/// What the premises used, by month: each accepted reading less the one before it, counted in the month it was taken.
///
/// A difference below zero (a dial that wrapped, an opening value typed too high) counts as nothing here; bills know better.
async fn consumption(db: &Db, site: &Site, last: Period) -> db::Result<Vec<Used>> {
    let months = usize::try_from(MONTHS).unwrap_or(0);
    let bounds: Vec<String> = (0..months).map(|month| format!("({})", placeholders(3 + month * 3, 3))).collect();
    let sql = format!(
        "with month (position, begins_at, ends_at) as (values {}),
        step as (
            select m.resource, r.taken_at,
                v.value_thousandths - coalesce(
                    lag(v.value_thousandths) over (partition by i.id, v.register_id order by r.taken_at, r.id),
                    o.opening_thousandths
                ) as used
            from installation i
            join meter m on m.id = i.meter_id
            join reading r on r.installation_id = i.id
            join reading_value v on v.reading_id = r.id
            join installation_value o on o.installation_id = i.id and o.register_id = v.register_id
            where i.site_id = $1 and i.premise_id is not null and r.state = 'accepted' and r.taken_at >= $2
        )
        select step.resource, cast(month.position as bigint) as month, cast(sum(step.used) as bigint) as sum_thousandths
        from step
        join month on step.taken_at >= month.begins_at and step.taken_at < month.ends_at
        where step.used > 0
        group by step.resource, month.position",
        bounds.join(", ")
    );
    let first = last.plus(1 - MONTHS);
    let zone = site.zone();
    // One month more than is shown, so that the first month shown has a reading before it.
    let mut statement = q(db, sql).bind(site.id).bind(zone.start_of(first.previous().first_day()));
    for month in 0..MONTHS {
        let period = first.plus(month);
        statement = statement.bind(i64::from(month)).bind(zone.start_of(period.first_day())).bind(zone.start_of(period.next().first_day()));
    }
    statement.all().await
}

fn chart_of(l: Locale, resource: &str, last: Period, used: &[Used]) -> Chart {
    let title = l.t(&format!("dashboard-used-{resource}"));
    let first = last.plus(1 - MONTHS);
    let marks: Vec<Mark> = (0..MONTHS)
        .map(|month| {
            let of_month = used.iter().find(|row| row.resource == resource && row.month == i64::from(month));
            // Whole units are what anyone wants to see of a whole cooperative.
            let value = Quantity::from_thousandths(of_month.map_or(0, |row| row.sum_thousandths / 1000 * 1000));
            Mark { name: l.month_short(first.plus(month)), value, text: l.quantity(value) }
        })
        .collect();
    let values = (0..).zip(&marks).map(|(month, mark)| (l.period(first.plus(month)), mark.text.clone())).collect();
    Chart { svg: chart::bars(&title, &marks, |value| l.quantity(value)), title, unit: l.t(&format!("dashboard-unit-{resource}")), values }
}
