//! Months billed: started, watched, looked through, approved.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::{Call, Turn},
        calls::{Calls, ROOT, get, post},
        error::{Error, Result},
    },
    audit::Subject,
    billing::{
        RunId,
        charge::Skipped,
        run::{self, Run, RunState as Stored},
    },
    estate::{
        contract::Service,
        site::{Site, SiteId},
    },
    jobs::{Job, queue::JobState},
    kernel::{Moment, Money, Period},
    staff::user::Permission::{Bill, SeeMoney},
    web::{Access::Can, Keys},
};

/// The month of a site to be calculated.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunBody {
    site_id: SiteId,
    period: Period,
}

crate::text_enum! {
    /// How far a run has come, as other programs wait for it.
    RunState as "api-run" {
        Queued = "queued",
        /// Being calculated, or being posted after its approval.
        Running = "running",
        /// A draft that waits for its approval.
        Calculated = "calculated",
        Approved = "approved",
        Failed = "failed",
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    id: RunId,
    site_id: SiteId,
    period: Period,
    state: RunState,
    /// Accounts.
    total: i64,
    done: i64,
    /// Contracts that could not be charged.
    skipped: i64,
    total_kopecks: Money,
    started_at: Moment,
    finished_at: Option<Moment>,
    /// What went wrong; empty when nothing did.
    error: String,
}

/// A contract that could not be charged, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkippedView {
    /// Its number.
    account: String,
    premise_label: String,
    service: Service,
    reason_code: String,
    reason: String,
}

pub fn calls() -> Calls {
    let start = post("/billing-runs", Can(Bill), "Calculate a month of a site; made anew as often as wanted until it is approved");
    let approve = post("/billing-runs/{run}/approve", Can(Bill), "Approve a draft: it is posted to the ledger and its bills are numbered");
    Calls::of("billing")
        .call(start.takes::<RunBody>().begins::<RunView>().refuses(StatusCode::CONFLICT), begin)
        .call(get("/billing-runs/{run}", Can(SeeMoney), "How far a run has come").gives::<RunView>(), show)
        .call(get("/billing-runs/{run}/skipped", Can(SeeMoney), "What could not be charged").lists::<SkippedView>(), skipped)
        .call(approve.begins::<RunView>().refuses(StatusCode::CONFLICT), confirm)
}

async fn visible(call: &Call, id: i64) -> Result<Run> {
    call.visible(Run::find(&call.db, RunId(id)).await?, |run| run.site_id)
}

async fn view(call: &Call, run: Run) -> Result<RunView> {
    let job = match run.job_id {
        Some(job) => Job::find(&call.db, job).await?,
        None => None,
    };
    let has_failed = run.state.is_at_work() && job.as_ref().is_some_and(|job| job.state == JobState::Failed);
    let state = match run.state {
        _ if has_failed => RunState::Failed,
        Stored::Queued => RunState::Queued,
        Stored::Running | Stored::Approving => RunState::Running,
        Stored::Calculated => RunState::Calculated,
        Stored::Approved | Stored::Closed => RunState::Approved,
        Stored::Failed => RunState::Failed,
    };
    let error = if state == RunState::Failed { job.map(|job| job.error).unwrap_or_default() } else { String::new() };
    Ok(RunView {
        id: run.id,
        site_id: run.site_id,
        period: run.period,
        state,
        total: run.accounts,
        done: run.done,
        skipped: run.skipped,
        total_kopecks: run.total,
        started_at: run.started_at,
        finished_at: run.finished_at,
        error,
    })
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let run = visible(&call, id).await?;
    Ok(axum::Json(view(&call, run).await?).into_response())
}

async fn skipped(call: Call, Keys(id): Keys<i64>) -> Result {
    let (run, slice) = (visible(&call, id).await?, call.slice()?);
    let (limit, offset) = slice.bounds();
    let rows = Skipped::of_run(&call.db, run.id, limit, offset).await?;
    let view = |skip: Skipped| {
        let words = call.l.t(&format!("skip-{}", skip.reason));
        SkippedView {
            account: skip.account_number,
            premise_label: skip.premise_label,
            service: skip.service,
            reason_code: skip.reason,
            reason: if skip.detail.is_empty() { words } else { format!("{words} ({})", skip.detail) },
        }
    };
    Ok(axum::Json(slice.of(rows, run.skipped).map(view)).into_response())
}

/// Notes what was done to a run, and answers how it stands now.
async fn begun(call: &Call, mut turn: Turn, id: RunId, action: &'static str, site: &Site) -> Result {
    let run = Run::find(&mut *turn, id).await?.ok_or(Error::NOT_FOUND)?;
    let author = call.author()?;
    let name = format!("{}, {}", site.details.name, call.l.period(run.period));
    call.entry(&author, action, Subject::Billing, id.0, name).noted(&mut turn).await?;
    let view = view(call, Run { job_id: None, ..run }).await?;
    turn.end(StatusCode::ACCEPTED, &format!("{ROOT}/billing-runs/{id}"), &view).await
}

async fn begin(call: Call, Body(body): Body<RunBody>) -> Result {
    let site = call.site(&call.db, body.site_id).await?;
    let mut turn = call.turn(&body).await?;
    let (today, by) = (site.zone().day(call.now()), Some(call.actor()?.id));
    let started = run::start(&mut turn, site.id, body.period, today, by, call.now()).await?;
    let id = started.map_err(|why| Error::conflict(why.key()))?;
    begun(&call, turn, id, "audit-run-started", &site).await
}

async fn confirm(call: Call, Keys(id): Keys<i64>) -> Result {
    let run = visible(&call, id).await?;
    let site = call.site(&call.db, run.site_id).await?;
    let mut turn = call.turn(&serde_json::Value::Null).await?;
    let approved = run.approve(&mut turn, Some(call.actor()?.id), call.now()).await?;
    approved.map_err(|why| Error::conflict(why.key()))?;
    begun(&call, turn, run.id, "audit-run-approved", &site).await
}
