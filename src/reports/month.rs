//! The accountant's month in Excel: one row per plot, what was read before and now, what was used, paid and owed, who read it.
//!
//! A second meter for the same resource, and a meter that replaced another within the month, take a further line under their plot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    month_money::{self, OfPlot, OfService},
    table::{Cell, Column, Finished, Head, Table, letters},
};
use crate::{
    admin::settings::Settings,
    db::{self, Db, q},
    estate::{
        premise::PremiseId,
        site::{Site, SiteId},
    },
    jobs::Steps,
    kernel::{Moment, Money, Period, Quantity, clock::Zone},
    web::Locale,
};

crate::text_enum! {
    /// Whether consumption stands in the sheet as formulas that an accountant can follow, or as plain values.
    Working as "report-working" { Formulas = "formulas", Values = "values" }
}

/// What the report is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Options {
    pub period: Period,
    pub working: Working,
}

/// Writes the month of a site; debts are those of today.
pub async fn write(db: &Db, l: Locale, site: &Site, options: &Options, today: Date, steps: &Steps) -> anyhow::Result<Finished> {
    let zone = site.zone();
    let plots = plots(db, site, options.period.last_day()).await?;
    let lines = lines(db, site, options.period, zone).await?;
    let money = month_money::load(db, site.id, options.period).await?;
    let organisation = Settings::load(db).await?.organisation;
    let mut table = Table::begin(head(l, organisation, site, options.period, today));
    steps.expect(i64::try_from(plots.len())?);
    for (number, plot) in (1..).zip(&plots) {
        for (index, line) in Line::of_plot(lines.get(&plot.id).map_or(&[], Vec::as_slice)).into_iter().enumerate() {
            let number = (index == 0).then_some(number);
            let money = number.map(|_| money.get(&PremiseId(plot.id)).copied().unwrap_or_default());
            table.row(cells(l, zone, plot, number, &line, money, options.working)).await?;
        }
        steps.step();
    }
    table.finish().await
}

/// How many plots a site has: what the time of writing its month depends on.
pub async fn plots_of(db: &Db, site: SiteId) -> db::Result<i64> {
    q(db, "select count(*) from premise where site_id = $1").bind(site).scalar().await
}

#[derive(sqlx::FromRow)]
struct Plot {
    id: i64,
    label: String,
    owner: String,
    phone: String,
}

/// Plots of the site in walking order, with the owner at the end of the month (of several, the largest share) and the first phone.
async fn plots(db: &Db, site: &Site, on: Date) -> db::Result<Vec<Plot>> {
    q(
        db,
        "select p.id, p.label, coalesce(o.full_name, '') as owner,
            coalesce((select phone from owner_phone where owner_id = o.id order by position, id limit 1), '') as phone
        from premise p
        left join owner o on o.id = (
            select owner_id
            from ownership
            where premise_id = p.id and from_on <= $2 and (until_on is null or until_on > $2)
            order by share_numerator * 10000 / share_denominator desc, id
            limit 1
        )
        where p.site_id = $1 and (p.ended_on is null or p.ended_on > $2)
        order by p.sort_key, p.id",
    )
    .bind(site.id)
    .bind(on)
    .all()
    .await
}

/// One register of one meter over the month, as the database has it.
#[derive(Clone, sqlx::FromRow)]
struct Step {
    premise_id: i64,
    installation_id: i64,
    resource: String,
    zone: String,
    dial_digits: i64,
    opening_thousandths: Quantity,
    /// Only of a meter taken away by the end of the month.
    closing_thousandths: Option<Quantity>,
    removed_on: Option<Date>,
    has_wrapped: bool,
    previous_at: Option<Moment>,
    previous_thousandths: Option<Quantity>,
    current_at: Option<Moment>,
    current_thousandths: Option<Quantity>,
    current_flags: Option<String>,
    reader: Option<String>,
    pending: i64,
}

/// For every meter that stood at a plot in the month: the last accepted reading before it and the last one in it.
async fn lines(db: &Db, site: &Site, period: Period, zone: Zone) -> db::Result<BTreeMap<i64, Vec<Step>>> {
    let steps: Vec<Step> = q(
        db,
        "with stood as (
            select i.id, i.meter_id, i.premise_id, case when i.removed_on <= $5 then i.removed_on end as removed_on,
                (select r.id
                from reading r
                where r.installation_id = i.id and r.state = 'accepted' and r.taken_at < $2
                order by r.taken_at desc, r.id desc
                limit 1) as previous_id,
                (select r.id
                from reading r
                where r.installation_id = i.id and r.state = 'accepted' and r.taken_at >= $2 and r.taken_at < $3
                order by r.taken_at desc, r.id desc
                limit 1) as current_id,
                (select count(*)
                from reading r
                where r.installation_id = i.id and r.state = 'in_review' and r.taken_at >= $2 and r.taken_at < $3) as pending,
                exists (
                    select 1 from reading r
                    where r.installation_id = i.id and r.state = 'accepted' and r.taken_at >= $2 and r.taken_at < $3
                        and r.flags like '%wrapped%') as has_wrapped
            from installation i
            where i.site_id = $1 and i.premise_id is not null
                and i.installed_on <= $5 and (i.removed_on is null or i.removed_on >= $4)
        )
        select s.premise_id, s.id as installation_id, m.resource, g.zone, m.dial_digits, s.removed_on, s.pending, s.has_wrapped,
            o.opening_thousandths, case when s.removed_on is not null then o.closing_thousandths end as closing_thousandths,
            b.taken_at as previous_at, bv.value_thousandths as previous_thousandths,
            c.taken_at as current_at, cv.value_thousandths as current_thousandths, c.flags as current_flags,
            u.name as reader
        from stood s
        join meter m on m.id = s.meter_id
        join register g on g.meter_id = m.id
        join installation_value o on o.installation_id = s.id and o.register_id = g.id
        left join reading b on b.id = s.previous_id
        left join reading_value bv on bv.reading_id = b.id and bv.register_id = g.id
        left join reading c on c.id = s.current_id
        left join reading_value cv on cv.reading_id = c.id and cv.register_id = g.id
        left join staff_user u on u.id = c.author_id
        order by s.premise_id, m.resource, s.id, g.position",
    )
    .bind(site.id)
    .bind(zone.start_of(period.first_day()))
    .bind(zone.start_of(period.next().first_day()))
    .bind(period.first_day())
    .bind(period.last_day())
    .all()
    .await?;
    let mut by_premise: BTreeMap<i64, Vec<Step>> = BTreeMap::new();
    for step in steps {
        by_premise.entry(step.premise_id).or_default().push(step);
    }
    Ok(by_premise)
}

impl Step {
    /// Where the month began: the last reading before it, or the opening value of a meter that had none.
    fn from(&self) -> Quantity {
        self.previous_thousandths.unwrap_or(self.opening_thousandths)
    }

    /// Where the month ended: the closing value of a meter taken away, or the last reading.
    fn to(&self) -> Option<Quantity> {
        self.closing_thousandths.or(self.current_thousandths)
    }

    /// The day on which it showed that.
    fn ended_on(&self, zone: Zone) -> Option<Date> {
        self.closing_thousandths.and(self.removed_on).or(self.current_at.map(|at| zone.day(at)))
    }

    /// A reading of the month found that the dial went round, or only that explains how low the closing value is.
    fn is_wrapped(&self) -> bool {
        self.to().is_some_and(|to| to < self.from()) && (self.has_wrapped || self.closing_thousandths.is_some())
    }

    /// What a dial that went round must be given back.
    fn turn(&self) -> Quantity {
        let digits = u8::try_from(self.dial_digits).unwrap_or(12);
        if self.is_wrapped() { Quantity::dial_limit(digits) } else { Quantity::ZERO }
    }

    fn used(&self) -> Option<Quantity> {
        self.to()?.minus(self.from())?.plus(self.turn())
    }
}

/// One line of the sheet: at most one meter of each resource.
#[derive(Default)]
struct Line<'a> {
    water: Option<&'a Step>,
    /// Single or day.
    day: Option<&'a Step>,
    night: Option<&'a Step>,
}

impl<'a> Line<'a> {
    /// A plot without meters has one empty line; otherwise as many as it has meters of the more frequent resource. The half-peak dial of a
    /// meter with three stands under its peak.
    fn of_plot(steps: &'a [Step]) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::new();
        let mut counts = [0_usize; 2];
        for meter in steps.chunk_by(|a, b| a.installation_id == b.installation_id) {
            let kind = usize::from(meter[0].resource != "water");
            if lines.len() <= counts[kind] {
                lines.push(Self::default());
            }
            lines[counts[kind]].take(meter);
            counts[kind] += 1;
            if let Some(half_peak) = meter.iter().find(|step| step.zone == "half_peak") {
                if lines.len() <= counts[kind] {
                    lines.push(Self::default());
                }
                lines[counts[kind]].day = Some(half_peak);
                counts[kind] += 1;
            }
        }
        if lines.is_empty() {
            lines.push(Self::default());
        }
        lines
    }

    fn take(&mut self, meter: &'a [Step]) {
        for step in meter {
            match (step.resource.as_str(), step.zone.as_str()) {
                ("water", _) => self.water = Some(step),
                (_, "night") => self.night = Some(step),
                (_, "half_peak") => {}
                _ => self.day = Some(step),
            }
        }
    }

    fn steps(&self) -> impl Iterator<Item = &'a Step> {
        [self.water, self.day, self.night].into_iter().flatten()
    }
}

/// Columns by position; formulas are made of these.
const WATER_FROM: usize = 4;
const WATER_TO: usize = 6;
const WATER_OWED: usize = 11;
const DAY_FROM: usize = 12;
const NIGHT_FROM: usize = 13;
const DAY_TO: usize = 15;
const NIGHT_TO: usize = 16;
const POWER_OWED: usize = 22;
const REST_OWED: usize = 25;

fn head(l: Locale, organisation: String, site: &Site, period: Period, today: Date) -> Head {
    let (water, power, rest) = (l.t("report-water"), l.t("report-electricity"), l.t("report-rest"));
    let column = |key: &str, width| Column::new(l.t(key), width);
    let mut lines = vec![organisation, site.details.name.clone(), l.a("report-month-title", &[("month", l.period(period))])];
    let owed_on = l.a("report-owed-on", &[("date", l.date(today))]);
    lines.retain(|line| !line.is_empty());
    lines.dedup();
    lines.push(owed_on);
    Head {
        sheet: l.period(period),
        lines,
        columns: vec![
            column("report-number", 5),
            column("report-plot", 10),
            column("report-owner", 34),
            column("report-phone", 16),
            column("report-previous", 12).under(&water),
            column("report-date", 11).under(&water),
            column("report-current", 12).under(&water),
            column("report-date", 11).under(&water),
            column("report-used-water", 11).under(&water).summed(),
            column("report-paid", 12).under(&water).summed(),
            column("report-last-paid", 12).under(&water),
            column("report-owed", 12).under(&water).owed(),
            column("report-previous-day", 12).under(&power),
            column("report-previous-night", 12).under(&power),
            column("report-date", 11).under(&power),
            column("report-current-day", 12).under(&power),
            column("report-current-night", 12).under(&power),
            column("report-date", 11).under(&power),
            column("report-used-day", 12).under(&power).summed(),
            column("report-used-night", 12).under(&power).summed(),
            column("report-paid", 12).under(&power).summed(),
            column("report-last-paid", 12).under(&power),
            column("report-owed", 12).under(&power).owed(),
            column("report-paid", 12).under(&rest).summed(),
            column("report-last-paid", 12).under(&rest),
            column("report-owed", 12).under(&rest).owed(),
            column("report-owed-all", 13).owed(),
            column("report-reader", 22),
            column("report-flags", 30),
        ],
        total: l.t("report-total"),
    }
}

/// The money of a plot stands in its first line.
fn cells(l: Locale, zone: Zone, plot: &Plot, number: Option<i64>, line: &Line<'_>, money: Option<OfPlot>, working: Working) -> Vec<Cell> {
    let from = |step: Option<&Step>| Cell::number(step.map(Step::from));
    let to = |step: Option<&Step>| Cell::number(step.and_then(Step::to));
    let day = |at: Option<Moment>| Cell::day(at.map(|at| zone.day(at)));
    let began = |step: Option<&Step>| day(step.and_then(|step| step.previous_at));
    let ended = |step: Option<&Step>| Cell::day(step.and_then(|step| step.ended_on(zone)));
    let used = |step: Option<&Step>, from: usize, to: usize| used(step, from, to, working);
    let [water, power, rest] =
        [|of: OfPlot| of.water, |of: OfPlot| of.electricity, |of: OfPlot| of.rest].map(|part| money_cells(money.map(part)));
    let mut cells = vec![
        number.map_or(Cell::Empty, Cell::Count),
        plot.label.as_str().into(),
        plot.owner.as_str().into(),
        plot.phone.as_str().into(),
        from(line.water),
        began(line.water),
        to(line.water),
        ended(line.water),
        used(line.water, WATER_FROM, WATER_TO),
    ];
    cells.extend(water);
    cells.extend([
        from(line.day),
        from(line.night),
        began(line.day),
        to(line.day),
        to(line.night),
        ended(line.day),
        used(line.day, DAY_FROM, DAY_TO),
        used(line.night, NIGHT_FROM, NIGHT_TO),
    ]);
    cells.extend(power.into_iter().chain(rest));
    cells.extend([owed(money, working), readers(line).into(), flags(l, line)]);
    cells
}

/// Paid in the month, the last payment, what is owed; nothing where nothing is.
fn money_cells(of: Option<OfService>) -> [Cell; 3] {
    let of = of.unwrap_or_default();
    let sum = |money: Money| if money == Money::ZERO { Cell::Empty } else { Cell::Sum(money) };
    [sum(of.paid), Cell::day(of.last_paid_on), sum(of.standing)]
}

/// What a plot owes in all, or has paid ahead with a minus: the sum of the three columns.
fn owed(money: Option<OfPlot>, working: Working) -> Cell {
    let Some(now) = money.map(|of| of.standing()) else { return Cell::Empty };
    match working {
        Working::Values => Cell::Sum(now),
        Working::Formulas => {
            let columns = [WATER_OWED, POWER_OWED, REST_OWED].map(|column| format!("{}{{row}}", letters(column)));
            Cell::SumFormula { text: format!("={}", columns.join("+")), now }
        }
    }
}

/// `=G5-E5`, and `+100000` for a dial that went round, so that the sheet shows where each number comes from.
fn used(step: Option<&Step>, from: usize, to: usize, working: Working) -> Cell {
    let Some((step, now)) = step.and_then(|step| Some((step, step.used()?))) else { return Cell::Empty };
    match working {
        Working::Values => Cell::Number(now),
        Working::Formulas => {
            let turn = if step.is_wrapped() { format!("+{}", step.turn()) } else { String::new() };
            Cell::Formula { text: format!("={}{{row}}-{}{{row}}{turn}", letters(to), letters(from)), now }
        }
    }
}

/// Who read, each once.
fn readers(line: &Line<'_>) -> String {
    let mut names: Vec<&str> = line.steps().filter_map(|step| step.reader.as_deref()).collect();
    names.dedup();
    names.join(", ")
}

/// What asks for attention: readings still in review, flags on those accepted, meters not read this month.
fn flags(l: Locale, line: &Line<'_>) -> Cell {
    let mut notes: Vec<String> = Vec::new();
    for step in line.steps().filter(|step| step.zone != "night") {
        if step.zone == "half_peak" {
            notes.push(l.t("zone-half_peak").to_lowercase());
            continue;
        }
        let resource = l.t(if step.resource == "water" { "report-water" } else { "report-electricity" });
        if step.pending > 0 {
            notes.push(format!("{resource}: {}", l.t("report-in-review")));
        } else if step.to().is_none() {
            notes.push(format!("{resource}: {}", l.t("report-not-read")));
        }
        if let Some(removed) = step.removed_on {
            notes.push(format!("{resource}: {}", l.a("meter-removed-on", &[("date", l.date(removed))])));
        }
        notes.extend(flag_words(l, step).into_iter().map(|word| format!("{resource}: {word}")));
    }
    if notes.is_empty() { Cell::Empty } else { Cell::Alarm(notes.join("; ")) }
}

fn flag_words(l: Locale, step: &Step) -> Vec<String> {
    #[derive(Deserialize)]
    struct Stored {
        flag: String,
    }
    let stored: Vec<Stored> = step.current_flags.as_deref().and_then(|flags| serde_json::from_str(flags).ok()).unwrap_or_default();
    let keys = stored.into_iter().map(|stored| format!("flag-{}", stored.flag.replace('_', "-")));
    keys.filter(|key| l.has(key)).map(|key| l.t(&key)).collect()
}
