//! Runs in the background. Each portion is kept with how far the run has come, so that an attempt goes on where the one before it ended.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{
    RunId, bill,
    calculate::calculate,
    draft::{self, Outcome},
    load::{self, Agreement, Window},
    run::{Run, RunState},
};
use crate::{
    app::App,
    db::{Db, q},
    estate::site::Site,
    jobs::Work,
    ledger::seal,
    tariffs::tariff::{self, Tariff},
};

#[derive(Serialize, Deserialize)]
pub struct Arguments {
    pub run: RunId,
}

/// To the next state in which a person decides; answers the address of the run.
pub async fn run(app: App, work: Work) -> anyhow::Result<String> {
    let Arguments { run } = work.arguments().context("which run")?;
    let mut run = Run::find(&app.db, run).await?.context("the run is gone")?;
    match run.state {
        RunState::Queued | RunState::Running => draw_up(&app, &work, &mut run).await?,
        RunState::Approving => approve(&app, &work, &mut run).await?,
        RunState::Calculated | RunState::Approved | RunState::Closed | RunState::Failed => {}
    }
    Ok(format!("/billing/{}", run.id))
}

/// Calculates the draft, account by account.
async fn draw_up(app: &App, work: &Work, run: &mut Run) -> anyhow::Result<()> {
    let site = Site::find(&app.db, run.site_id).await?.context("the site is gone")?;
    let clock = site.zone();
    let since = Run::billed_since(&app.db, run.site_id).await?.unwrap_or_else(|| run.period.first_day());
    let window = Window { month: run.period, since, clock };
    let tariffs = tariff::of_site(&app.db, run.site_id).await?;
    if run.state == RunState::Queued {
        draft::clear(&app.db, run.id).await?;
        run.accounts = load::count(&app.db, run.site_id, run.period).await?;
        begin(&app.db, run).await?;
    }
    let none = Tariff::default();
    let mut next = load::portion(&app.db, run.site_id, run.reached, window).await?;
    while let Some(portion) = next {
        let outcome = |agreement: &Agreement| {
            let tariff = tariffs.get(&agreement.terms.service).unwrap_or(&none);
            calculate(&agreement.case(window, tariff))
        };
        let outcomes: Vec<Outcome<'_>> =
            portion.agreements.iter().map(|agreement| Outcome { agreement, calculated: outcome(agreement) }).collect();
        // while these are written, the next ones are read
        let (site, reached) = (run.site_id, portion.reached());
        let keep = async {
            let mut tx = app.db.begin().await?;
            draft::keep(&mut tx, run, &portion, &outcomes).await?;
            tx.commit().await?;
            anyhow::Ok(work.kept(run.done, run.accounts).await?)
        };
        let read = async { anyhow::Ok(load::portion(&app.db, site, reached, window).await?) };
        ((), next) = tokio::try_join!(keep, read)?;
    }
    let mut tx = app.db.begin().await?;
    let sql = "update billing_run set state = 'calculated', finished_at = $2 where id = $1";
    q(&mut tx, sql).bind(run.id).bind(app.clock.now()).run().await?;
    tx.commit().await?;
    Ok(())
}

/// Posts the draft, bill by bill.
async fn approve(app: &App, work: &Work, run: &mut Run) -> anyhow::Result<()> {
    let site = Site::find(&app.db, run.site_id).await?.context("the site is gone")?;
    let clock = site.zone();
    loop {
        let now = app.clock.now();
        if !bill::make_some(&app.db, run, now, clock.day(now)).await? {
            break;
        }
        work.kept(run.done, run.accounts).await?;
    }
    seal::run(&app.db).await?;
    let mut tx = app.db.begin().await?;
    let sql = "update billing_run set state = 'approved', approved_at = $2, done_count = total_count where id = $1";
    q(&mut tx, sql).bind(run.id).bind(app.clock.now()).run().await?;
    tx.commit().await?;
    Ok(())
}

/// The old draft is gone, and so many accounts there are.
async fn begin(db: &Db, run: &Run) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let sql = "update billing_run set state = 'running', total_count = $2 where id = $1";
    q(&mut tx, sql).bind(run.id).bind(run.accounts).run().await?;
    tx.commit().await?;
    Ok(())
}
