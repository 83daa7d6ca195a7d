//! The prices of the demo cooperative, and its months billed one after the other as the office would have done.

use anyhow::{Context as _, ensure};

use super::payments;
use crate::{
    app::{self, App},
    billing::run::{self, Run, RunState},
    estate::{contract::Service, site::SiteId},
    jobs::Worker,
    kernel::{Period, Quantity, clock::Zone as Clock},
    ledger::seal,
    metering::Zone,
    tariffs::{Basis, PriceLine, tariff::NewVersion},
};

/// Enters prices and bills every month between the first, whose readings are where the program began, and the present one.
pub async fn bill(app: &App, site: SiteId, periods: &[Period]) -> anyhow::Result<()> {
    let [first, .., present] = periods else { return Ok(()) };
    prices(app, site, *first).await?;
    let worker = Worker::new(app, app::carry_out);
    for period in &periods[1..periods.len() - 1] {
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        let id = run::start(&mut tx, site, *period, Clock::moscow().day(now), None, now).await??;
        tx.commit().await?;
        work(&worker).await?;
        let run = Run::find(&app.db, id).await?.context("the run was just made")?;
        let mut tx = app.db.begin().await?;
        run.approve(&mut tx, None, now).await??;
        tx.commit().await?;
        work(&worker).await?;
        let run = Run::find(&app.db, id).await?.context("the run was just approved")?;
        ensure!(run.state == RunState::Approved, "{period} of the demo is not approved before {present}");
        payments::receive(app, site, *period).await?;
        close(app, &run).await?;
    }
    Ok(())
}

async fn close(app: &App, run: &Run) -> anyhow::Result<()> {
    seal::run(&app.db).await?;
    let mut tx = app.db.begin().await?;
    run.close(&mut tx, None, app.clock.now()).await??;
    tx.commit().await?;
    Ok(())
}

async fn work(worker: &Worker) -> anyhow::Result<()> {
    while let Some(job) = worker.take().await? {
        worker.carry(job).await;
    }
    Ok(())
}

/// Water and electricity from the first month on; in July everything becomes dearer, as it does.
async fn prices(app: &App, site: SiteId, first: Period) -> anyhow::Result<()> {
    let july = (0..12).map(|months| first.plus(months)).find(|period| period.month() == 7).unwrap_or(first);
    let water = |price: &'static str| vec![(Zone::Single, price)];
    let power = |single, day, night| vec![(Zone::Single, single), (Zone::Day, day), (Zone::Night, night)];
    let mut versions = vec![(Service::Water, first, water("42.30")), (Service::Electricity, first, power("6.05", "6.96", "3.62"))];
    if july > first {
        versions.push((Service::Water, july, water("45.90")));
        versions.push((Service::Electricity, july, power("6.73", "7.74", "4.03")));
    }
    let mut tx = app.db.begin().await?;
    for (service, valid_from, prices) in versions {
        let line = |(zone, price): (Zone, &str)| Ok(PriceLine { zone, from: Quantity::ZERO, price: price.parse()? });
        let prices = prices.into_iter().map(line).collect::<anyhow::Result<Vec<_>>>()?;
        let version = NewVersion { site, service, category: String::new(), valid_from, basis: Basis::Unit, prices, factors: Vec::new() };
        version.add(&mut tx, None, app.clock.now()).await?.context("nothing stands on a price yet")?;
    }
    tx.commit().await?;
    Ok(())
}
