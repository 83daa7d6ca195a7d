//! Whether the program is alive, whether the database can keep a change, and what a scraper measures.

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use subtle::ConstantTimeEq as _;

use crate::{
    events::outbox,
    web::{Access, Ctx, Error, Result, Routes},
};

pub fn routes() -> Routes {
    Routes::new().get("/healthz", Access::Public, alive).get("/readyz", Access::Public, ready).get("/metrics", Access::Public, metrics)
}

async fn alive() -> &'static str {
    "alive\n"
}

/// Writes a change that alters nothing, all the way to the disk.
async fn ready(ctx: Ctx) -> Result {
    match ctx.db.ping_writable().await {
        Ok(()) => Ok("ready\n".into_response()),
        Err(error) => {
            tracing::error!(%error, "the database keeps no changes");
            Err(Error::Busy)
        }
    }
}

/// Prometheus text, for this machine or for whoever holds the token; for everybody else there is no such page.
async fn metrics(ctx: Ctx, headers: axum::http::HeaderMap) -> Result {
    // A proxy on this machine that we were not told of would make every stranger look local.
    let is_forwarded = ["forwarded", "x-forwarded-for"].iter().any(|name| headers.contains_key(*name));
    let is_local = !is_forwarded && ctx.address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")).unwrap_or_default();
    let is_known = ctx.config.metrics_token.as_ref().is_some_and(|token| bool::from(token.as_bytes().ct_eq(given.as_bytes())));
    if !is_local && !is_known {
        return Err(Error::NotFound);
    }
    let commits = ctx.db.commits();
    let text = format!(
        "# HELP meterbook_commits_total Commits that reached the disk.\n\
        # TYPE meterbook_commits_total counter\n\
        meterbook_commits_total {}\n\
        # HELP meterbook_transactions_total Transactions kept; several may share a commit.\n\
        # TYPE meterbook_transactions_total counter\n\
        meterbook_transactions_total {}\n{}{}",
        commits.commits,
        commits.transactions,
        ctx.requests.text(),
        waiting_events(&ctx).await?,
    );
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// How far the relay is behind; nothing where none was asked for.
async fn waiting_events(ctx: &Ctx) -> Result<String> {
    if ctx.config.nats_url.is_none() {
        return Ok(String::new());
    }
    let backlog = outbox::backlog(&ctx.db).await?;
    let oldest = backlog.oldest_at.map_or(0, |at| ctx.now().since(at).whole_seconds());
    Ok(format!(
        "# HELP meterbook_events_waiting Events that the broker has not acknowledged.\n\
        # TYPE meterbook_events_waiting gauge\n\
        meterbook_events_waiting {}\n\
        # HELP meterbook_events_oldest_seconds Age of the oldest of them.\n\
        # TYPE meterbook_events_oldest_seconds gauge\n\
        meterbook_events_oldest_seconds {oldest}\n",
        backlog.waiting,
    ))
}
