//! The draft of a run: charges, the points they reach, and what was passed over. Made anew as often as wanted until it is approved.

use super::{
    Consumption, RunId,
    calculate::{Calculated, Line, Skip},
    consumption::{Unknown, Use},
    load::{Agreement, Portion},
    run::Run,
};
use crate::{
    db::{self, Db, Tx, insert_many, q},
    estate::contract::ContractId,
    kernel::{Money, Quantity},
    metering::{InstallationId, Zone},
};

/// Rows taken away in one transaction, so that nobody waits long for the turn to write.
const AT_ONCE: i64 = 2000;

/// What came of one contract.
#[derive(Debug)]
pub struct Outcome<'a> {
    pub agreement: &'a Agreement,
    pub calculated: Result<Calculated, Skip>,
}

/// The word and the particulars under which a skip is listed.
#[must_use]
pub fn reason(skip: &Skip) -> (&'static str, String) {
    match skip {
        Skip::NoTariff => ("no_tariff", String::new()),
        Skip::NoPriceForZone(zone) => ("no_price_for_zone", zone.to_string()),
        Skip::NoArea => ("no_area", String::new()),
        Skip::NoMeter => ("no_meter", String::new()),
        Skip::Unknown(Unknown::Gap { serial }) => ("gap", serial.clone()),
        Skip::Unknown(Unknown::Lower { serial, before, now }) => ("lower", format!("{serial}: {before} → {now}")),
        Skip::Unknown(Unknown::DialsDiffer { serial }) => ("dials_differ", serial.clone()),
        Skip::TooLarge => ("too_large", String::new()),
    }
}

/// Takes the whole draft away, in portions.
pub async fn clear(db: &Db, run: RunId) -> db::Result<()> {
    for sql in [
        "delete from charge where id in (select id from charge where run_id = $1 limit $2)",
        "delete from charge_skip where id in (select id from charge_skip where run_id = $1 limit $2)",
        "delete from charged_point
        where run_id = $1 and contract_id in (select contract_id from charged_point where run_id = $1 order by contract_id limit $2)",
    ] {
        loop {
            let mut tx = db.begin().await?;
            let gone = q(&mut tx, sql).bind(run).bind(AT_ONCE).run().await?;
            tx.commit().await?;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// Keeps what came of some accounts, and how far the run has come with it.
pub async fn keep(tx: &mut Tx, run: &mut Run, portion: &Portion, outcomes: &[Outcome<'_>]) -> anyhow::Result<()> {
    let done: Vec<(&Agreement, &Calculated)> =
        outcomes.iter().filter_map(|outcome| Some((outcome.agreement, outcome.calculated.as_ref().ok()?))).collect();
    let total = charges(tx, run.id, &done).await?;
    points(tx, run.id, &done).await?;
    let skips: Vec<(&Agreement, &Skip)> =
        outcomes.iter().filter_map(|outcome| Some((outcome.agreement, outcome.calculated.as_ref().err()?))).collect();
    insert_many(tx, "charge_skip (run_id, account_id, contract_id, reason, detail)", &skips, |statement, (agreement, skip)| {
        let (word, detail) = reason(skip);
        statement.bind(run.id).bind(agreement.account).bind(agreement.contract).bind(word).bind(detail)
    })
    .await?;
    run.reached = portion.reached();
    run.done += i64::try_from(portion.accounts.len())?;
    run.skipped += i64::try_from(skips.len())?;
    run.total += total;
    let sql = "update billing_run
        set reached_account_id = $2, done_count = $3, skip_count = $4, total_kopecks = $5
        where id = $1";
    q(tx, sql).bind(run.id).bind(run.reached).bind(run.done).bind(run.skipped).bind(run.total).run().await?;
    Ok(())
}

/// Writes the lines; the working stands with the first line of each contract. Answers their sum.
async fn charges(tx: &mut Tx, run: RunId, done: &[(&Agreement, &Calculated)]) -> anyhow::Result<Money> {
    let mut rows: Vec<(&Agreement, &Line, String)> = Vec::new();
    for (agreement, calculated) in done {
        for (place, line) in calculated.lines.iter().enumerate() {
            let working = if place == 0 { serde_json::to_string(&calculated.working)? } else { String::new() };
            rows.push((agreement, line, working));
        }
    }
    let into = "charge (run_id, account_id, contract_id, period, service, zone, quantity_thousandths, price_ten_thousandths,
        amount_kopecks, consumption, version_id, working)";
    insert_many(tx, into, &rows, |statement, (agreement, line, working)| {
        statement
            .bind(run)
            .bind(agreement.account)
            .bind(agreement.contract)
            .bind(line.month)
            .bind(agreement.terms.service)
            .bind(line.zone)
            .bind(line.quantity)
            .bind(line.price)
            .bind(line.amount)
            .bind(line.consumption)
            .bind(line.version)
            .bind(working.as_str())
    })
    .await?;
    Ok(rows.iter().map(|(_, line, _)| line.amount).sum())
}

/// One dial of a meter, as it was charged.
struct Dial<'a> {
    contract: ContractId,
    installation: InstallationId,
    zone: Zone,
    consumption: Consumption,
    used: Quantity,
    of: &'a Use,
    value: Quantity,
}

async fn points(tx: &mut Tx, run: RunId, done: &[(&Agreement, &Calculated)]) -> db::Result<()> {
    let dials = |agreement: &Agreement, one| dials(agreement.contract, one);
    let rows: Vec<Dial<'_>> = done
        .iter()
        .flat_map(|(agreement, calculated)| calculated.working.meters.iter().flat_map(move |one| dials(agreement, one)))
        .collect();
    let into = "charged_point (run_id, contract_id, installation_id, zone, consumption, used_thousandths, charged_on, value_thousandths)";
    insert_many(tx, into, &rows, |statement, dial| {
        statement
            .bind(run)
            .bind(dial.contract)
            .bind(dial.installation)
            .bind(dial.zone)
            .bind(dial.consumption)
            .bind(dial.used)
            .bind(dial.of.to.on)
            .bind(dial.value)
    })
    .await
}

fn dials(contract: ContractId, one: &Use) -> Vec<Dial<'_>> {
    let dial = |(zone, value): &(Zone, Quantity)| {
        let used = one.used.iter().find(|(other, _)| other == zone).map_or(Quantity::ZERO, |(_, used)| *used);
        Dial { contract, installation: one.installation, zone: *zone, consumption: one.consumption, used, of: one, value: *value }
    };
    one.to.values.iter().map(dial).collect()
}
