//! Everything that the charges of some accounts depend on, read in a few statements.

use std::collections::HashMap;

use time::Date;

use super::{
    Consumption,
    calculate::{Case, OwnPrice, PastLine, Terms},
    consumption::{Charged, Point, Stay},
};
use crate::{
    db::{self, Db, placeholders, q},
    estate::{
        account::AccountId,
        contract::{ContractId, Service},
        premise::PremiseId,
        site::SiteId,
    },
    kernel::{Money, Period, Price, Quantity, clock},
    metering::{InstallationId, Resource, Zone, standing},
    tariffs::tariff::Tariff,
};

/// Accounts read, calculated and kept together.
const ACCOUNTS: i64 = 400;
/// How far back readings and charges are looked at: the year of an average, and a month.
const MONTHS: i32 = 13;

/// A contract with all that its charges depend on.
#[derive(Clone, Debug)]
pub struct Agreement {
    pub contract: ContractId,
    pub account: AccountId,
    premise: PremiseId,
    pub area: Option<Quantity>,
    pub terms: Terms,
    pub stays: Vec<Stay>,
    pub past: Vec<PastLine>,
}

impl Agreement {
    /// What its charges for the month are calculated from.
    #[must_use]
    pub fn case<'a>(&'a self, window: Window, tariff: &'a Tariff) -> Case<'a> {
        let (terms, stays, past) = (&self.terms, &self.stays, &self.past);
        Case { month: window.month, since: window.since, terms, area: self.area, stays, tariff, past }
    }
}

/// Some accounts of a run.
#[derive(Debug)]
pub struct Portion {
    pub accounts: Vec<AccountId>,
    pub agreements: Vec<Agreement>,
}

impl Portion {
    /// The last of the accounts.
    #[must_use]
    pub fn reached(&self) -> AccountId {
        self.accounts.last().copied().unwrap_or(AccountId(0))
    }
}

/// What stays the same for all portions of a run.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub month: Period,
    /// When the program began to bill the site.
    pub since: Date,
    /// The site's clock.
    pub clock: clock::Zone,
}

impl Window {
    /// The first day that is looked at.
    fn first_day(self) -> Date {
        self.month.plus(-MONTHS).first_day().min(self.since)
    }
}

/// How many accounts a month of a site has.
pub async fn count(db: &Db, site: SiteId, month: Period) -> db::Result<i64> {
    let sql = "select count(*)
        from account a
        join premise p on p.id = a.premise_id
        where p.site_id = $1 and a.opened_on <= $3 and (a.closed_on is null or a.closed_on >= $2)";
    q(db, sql).bind(site).bind(month.first_day()).bind(month.last_day()).scalar().await
}

/// The accounts of a site after the one reached; `None` at the end.
pub async fn portion(db: &Db, site: SiteId, reached: AccountId, window: Window) -> db::Result<Option<Portion>> {
    // `cross join` keeps SQLite to walking the accounts by their keys; else each portion would go through all premises of the site
    let sql = "select a.id
        from account a
        cross join premise p
        where p.id = a.premise_id and p.site_id = $1 and a.opened_on <= $3 and (a.closed_on is null or a.closed_on >= $2) and a.id > $4
        order by a.id
        limit $5";
    let (first, last) = (window.month.first_day(), window.month.last_day());
    let accounts: Vec<AccountId> = q(db, sql).bind(site).bind(first).bind(last).bind(reached).bind(ACCOUNTS).scalars().await?;
    if accounts.is_empty() {
        return Ok(None);
    }
    let mut agreements = agreements(db, &accounts, window.month).await?;
    own_prices(db, &mut agreements).await?;
    past_lines(db, &mut agreements, window).await?;
    let mut of_place: HashMap<(PremiseId, Service), Vec<Stay>> = HashMap::new();
    for (premise, service, stay) in stays(db, &agreements, window).await? {
        of_place.entry((premise, service)).or_default().push(stay);
    }
    for agreement in &mut agreements {
        // several contracts may be about the same meters
        agreement.stays = of_place.get(&(agreement.premise, agreement.terms.service)).cloned().unwrap_or_default();
    }
    charged(db, &mut agreements, window).await?;
    Ok(Some(Portion { accounts, agreements }))
}

async fn agreements(db: &Db, accounts: &[AccountId], month: Period) -> db::Result<Vec<Agreement>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: ContractId,
        account_id: AccountId,
        premise_id: PremiseId,
        area_thousandths: Option<Quantity>,
        service: Service,
        signed_on: Date,
        ended_on: Option<Date>,
        category: String,
        norm_thousandths: Option<Quantity>,
    }
    let sql = format!(
        "select c.id, c.account_id, a.premise_id, p.area_thousandths, c.service, c.signed_on, c.ended_on, c.category, c.norm_thousandths
        from contract c
        join account a on a.id = c.account_id
        join premise p on p.id = a.premise_id
        where c.signed_on <= $1 and (c.ended_on is null or c.ended_on >= $2) and c.account_id in ({})
        order by c.account_id, c.id",
        placeholders(3, accounts.len())
    );
    let statement = q(db, sql).bind(month.last_day()).bind(month.first_day());
    let rows: Vec<Row> = accounts.iter().fold(statement, |statement, account| statement.bind(*account)).all().await?;
    let agreement = |row: Row| Agreement {
        contract: row.id,
        account: row.account_id,
        premise: row.premise_id,
        area: row.area_thousandths,
        terms: Terms {
            service: row.service,
            signed_on: row.signed_on,
            ended_on: row.ended_on,
            category: row.category,
            norm: row.norm_thousandths,
            own_prices: Vec::new(),
        },
        stays: Vec::new(),
        past: Vec::new(),
    };
    Ok(rows.into_iter().map(agreement).collect())
}

/// Where each contract stands among the agreements.
fn places(agreements: &[Agreement]) -> HashMap<ContractId, usize> {
    agreements.iter().enumerate().map(|(place, agreement)| (agreement.contract, place)).collect()
}

fn contracts(agreements: &[Agreement]) -> Vec<ContractId> {
    agreements.iter().map(|agreement| agreement.contract).collect()
}

async fn own_prices(db: &Db, agreements: &mut [Agreement]) -> db::Result<()> {
    let places = places(agreements);
    for chunk in contracts(agreements).chunks(400) {
        let sql = format!(
            "select contract_id, valid_from, valid_until, price_ten_thousandths, reason
            from contract_price
            where contract_id in ({})
            order by contract_id, valid_from",
            placeholders(1, chunk.len())
        );
        let statement = chunk.iter().fold(q(db, sql), |statement, contract| statement.bind(*contract));
        let rows: Vec<(ContractId, Period, Option<Period>, Price, String)> = statement.all().await?;
        for (contract, from, until, price, reason) in rows {
            agreements[places[&contract]].terms.own_prices.push(OwnPrice { from, until, price, reason });
        }
    }
    Ok(())
}

/// Lines of months that were estimated, which alone may be corrected.
async fn past_lines(db: &Db, agreements: &mut [Agreement], window: Window) -> db::Result<()> {
    let places = places(agreements);
    for chunk in contracts(agreements).chunks(400) {
        let sql = format!(
            "select contract_id, period, zone, price_ten_thousandths,
                cast(sum(quantity_thousandths) as bigint), cast(sum(amount_kopecks) as bigint)
            from charge
            where period >= $1 and period < $2 and consumption in ('average', 'norm', 'correction') and contract_id in ({})
            group by contract_id, period, zone, price_ten_thousandths
            order by contract_id, period, zone, price_ten_thousandths",
            placeholders(3, chunk.len())
        );
        let statement = q(db, sql).bind(window.month.plus(-MONTHS)).bind(window.month);
        let statement = chunk.iter().fold(statement, |statement, contract| statement.bind(*contract));
        let rows: Vec<(ContractId, Period, Zone, Price, Quantity, Money)> = statement.all().await?;
        for (contract, month, zone, price, quantity, amount) in rows {
            agreements[places[&contract]].past.push(PastLine { month, zone, price, quantity, amount });
        }
    }
    Ok(())
}

/// Meters that stood at the premises of metered contracts, with everything read from them.
async fn stays(db: &Db, agreements: &[Agreement], window: Window) -> db::Result<Vec<(PremiseId, Service, Stay)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: InstallationId,
        premise_id: PremiseId,
        serial: String,
        resource: Resource,
        dial_digits: i64,
        installed_on: Date,
        removed_on: Option<Date>,
    }
    let mut premises: Vec<PremiseId> = agreements.iter().map(|agreement| agreement.premise).collect();
    premises.dedup();
    let mut stays = Vec::new();
    for chunk in premises.chunks(400) {
        let sql = format!(
            "select i.id, i.premise_id, m.serial, m.resource, m.dial_digits, i.installed_on, i.removed_on
            from installation i
            join meter m on m.id = i.meter_id
            where i.installed_on <= $1 and (i.removed_on is null or i.removed_on >= $2) and i.premise_id in ({})
            order by i.premise_id, i.installed_on, i.id",
            placeholders(3, chunk.len())
        );
        let statement = q(db, sql).bind(window.month.last_day()).bind(window.first_day());
        let rows: Vec<Row> = chunk.iter().fold(statement, |statement, premise| statement.bind(*premise)).all().await?;
        stays.extend(rows.into_iter().map(|row| {
            let service = match row.resource {
                Resource::Water => Service::Water,
                Resource::Electricity => Service::Electricity,
            };
            let dial_digits = u8::try_from(row.dial_digits).unwrap_or(12);
            let (from, until) = (row.installed_on, row.removed_on);
            let stay = Stay { installation: row.id, serial: row.serial, dial_digits, from, until, points: Vec::new(), charged: Vec::new() };
            (row.premise_id, service, stay)
        }));
    }
    let mut points = ends(db, &stays).await?;
    readings(db, &stays, window, &mut points).await?;
    for (_, _, stay) in &mut stays {
        stay.points = points.remove(&stay.installation).unwrap_or_default();
        stay.points.sort_by_key(|point| point.on);
    }
    Ok(stays)
}

type Points = HashMap<InstallationId, Vec<Point>>;

/// Opening and closing values.
async fn ends(db: &Db, stays: &[(PremiseId, Service, Stay)]) -> db::Result<Points> {
    let mut points = Points::new();
    for chunk in stays.chunks(400) {
        let sql = format!(
            "select v.installation_id, g.zone, v.opening_thousandths, v.closing_thousandths
            from installation_value v
            join register g on g.id = v.register_id
            where v.installation_id in ({})
            order by v.installation_id, g.position",
            placeholders(1, chunk.len())
        );
        let statement = chunk.iter().fold(q(db, sql), |statement, (_, _, stay)| statement.bind(stay.installation));
        let rows: Vec<(InstallationId, Zone, Quantity, Option<Quantity>)> = statement.all().await?;
        let of_stay: HashMap<InstallationId, &[_]> = rows.chunk_by(|a, b| a.0 == b.0).map(|own| (own[0].0, own)).collect();
        for (_, _, stay) in chunk {
            let mine = || of_stay.get(&stay.installation).copied().unwrap_or_default().iter();
            let opening = mine().map(|(_, zone, opening, _)| (*zone, *opening)).collect();
            let closing: Option<Vec<_>> = mine().map(|(_, zone, _, closing)| Some((*zone, (*closing)?))).collect();
            let own = points.entry(stay.installation).or_default();
            own.push(Point { on: stay.from, values: opening, reading: None });
            own.extend(stay.until.zip(closing).map(|(on, values)| Point { on, values, reading: None }));
        }
    }
    Ok(points)
}

/// Accepted readings of the window, and the last one before it.
async fn readings(db: &Db, stays: &[(PremiseId, Service, Stay)], window: Window, points: &mut Points) -> db::Result<()> {
    let since = window.clock.start_of(window.first_day());
    let ids: Vec<InstallationId> = stays.iter().map(|(_, _, stay)| stay.installation).collect();
    for chunk in ids.chunks(400) {
        for (installation, reading, taken) in standing::taken_since(db, chunk, since).await? {
            let point = Point { on: window.clock.day(taken.at), values: taken.values, reading: Some(reading) };
            let own = points.entry(installation).or_default();
            // of two readings of one day the later one counts
            own.retain(|other| other.on != point.on || other.reading.is_none());
            own.push(point);
        }
    }
    Ok(())
}

/// What earlier months were charged, meter by meter.
async fn charged(db: &Db, agreements: &mut [Agreement], window: Window) -> db::Result<()> {
    #[derive(sqlx::FromRow)]
    struct Row {
        contract_id: ContractId,
        installation_id: InstallationId,
        period: Period,
        zone: Zone,
        consumption: Consumption,
        used_thousandths: Quantity,
        charged_on: Date,
        value_thousandths: Quantity,
    }
    let places = places(agreements);
    for chunk in contracts(agreements).chunks(400) {
        let sql = format!(
            "select c.contract_id, c.installation_id, r.period, c.zone, c.consumption, c.used_thousandths, c.charged_on, c.value_thousandths
            from charged_point c
            join billing_run r on r.id = c.run_id
            where r.period >= $1 and r.period < $2 and c.contract_id in ({})
            order by c.contract_id, c.installation_id, r.period, c.zone",
            placeholders(3, chunk.len())
        );
        let statement = q(db, sql).bind(window.month.plus(-MONTHS)).bind(window.month);
        let rows: Vec<Row> = chunk.iter().fold(statement, |statement, contract| statement.bind(*contract)).all().await?;
        for month in rows.chunk_by(|a, b| (a.contract_id, a.installation_id, a.period) == (b.contract_id, b.installation_id, b.period)) {
            let first = &month[0];
            let values = month.iter().map(|row| (row.zone, row.value_thousandths)).collect();
            let charged = Charged {
                month: first.period,
                consumption: first.consumption,
                used: month.iter().map(|row| (row.zone, row.used_thousandths)).collect(),
                upto: Point { on: first.charged_on, values, reading: None },
            };
            let agreement = &mut agreements[places[&first.contract_id]];
            if let Some(stay) = agreement.stays.iter_mut().find(|stay| stay.installation == first.installation_id) {
                stay.charged.push(charged);
            }
        }
    }
    Ok(())
}
