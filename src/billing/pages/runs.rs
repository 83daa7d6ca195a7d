//! Months as the office bills them: started, watched, looked through, approved.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use crate::{
    admin::notice,
    audit::{Author, Entry, Subject},
    billing::{
        RunId,
        bill::Bill,
        charge::{self, Deviation, ServiceTotal, Skipped},
        run::{self, NotNow, Run, RunState},
    },
    db::Tx,
    estate::site::{Site, SiteId},
    jobs::Job,
    kernel::Period,
    ledger::{closing::Closing, seal},
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Locale, Result, form,
        list::{Address, Paging},
        page::{Choice, Head, Live, Shell, fragment, page},
    },
};

/// The run, if its site is one that the person sees.
pub async fn visible_run(ctx: &Ctx, id: RunId) -> Result<Run> {
    ctx.visible(Run::find(&ctx.db, id).await?, |run| run.site_id)
}

#[derive(Template)]
#[template(path = "billing/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
    form: Filled,
    sites: Vec<Choice>,
    can_bill: bool,
    trouble: String,
}

struct Row {
    href: String,
    month: String,
    badge: &'static str,
    state: String,
    accounts: String,
    skipped: String,
    total: String,
}

/// How a state looks.
fn badge(state: RunState) -> &'static str {
    match state {
        RunState::Queued | RunState::Running | RunState::Approving => "info",
        RunState::Calculated => "warn",
        RunState::Approved | RunState::Closed => "good",
        RunState::Failed => "bad",
    }
}

pub async fn list(ctx: Ctx) -> Result {
    let month = Period::of(ctx.today());
    let form = Filled::new(ctx.l, Input::of([("period", month.to_string())]));
    page(&list_page(&ctx, form).await?)
}

async fn list_page(ctx: &Ctx, form: Filled) -> Result<ListPage> {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.t("billing-title")).await?;
    let runs = match &shell.site {
        Some(site) => Run::of_site(&ctx.db, site.id).await?,
        None => Vec::new(),
    };
    let heads = vec![
        Head::plain(l.t("rounds-month")),
        Head::plain(l.t("run-state")),
        Head::plain(l.t("run-accounts")).number(),
        Head::plain(l.t("run-skipped")).number(),
        Head::plain(l.t("run-total")).number(),
    ];
    Ok(ListPage {
        heads,
        rows: runs
            .into_iter()
            .map(|run| Row {
                href: format!("/billing/{}", run.id),
                month: l.period(run.period),
                badge: badge(run.state),
                state: l.t(run.state.key()),
                accounts: l.count(run.done),
                skipped: l.count(run.skipped),
                total: l.money(run.total),
            })
            .collect(),
        form,
        sites: shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect(),
        can_bill: ctx.actor()?.can(Permission::Bill),
        trouble: notice::of_books(ctx).await?,
        shell,
    })
}

pub async fn start(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let site = check.id::<SiteId>("site");
    let period = check.period("period");
    let (Some(site), Some(period)) = (site, period) else {
        let errors = check.done(()).err().unwrap_or_default();
        return refuse(&ctx, input, errors).await;
    };
    let site = ctx.visible(Site::find(&ctx.db, site).await?, |site| site.id)?;
    let actor = ctx.actor()?;
    let today = site.zone().day(ctx.now());
    let mut tx = ctx.db.begin().await?;
    match run::start(&mut tx, site.id, period, today, Some(actor.id), ctx.now()).await? {
        Ok(id) => {
            note(&ctx, &mut tx, id, "audit-run-started", period).await?;
            tx.commit().await?;
            Ok(Redirect::to(&format!("/billing/{id}")).into_response())
        }
        Err(why) => {
            drop(tx);
            refuse(&ctx, input, FieldErrors::one("period", why.key())).await
        }
    }
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(page(&list_page(ctx, Filled::with_errors(ctx.l, input, errors)).await?)?))
}

async fn note(ctx: &Ctx, tx: &mut Tx, id: RunId, action: &'static str, period: Period) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::Billing, id: Some(id.0), name: ctx.l.period(period) };
    entry.noted(tx).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "billing/show.html")]
struct ShowPage {
    shell: Shell,
    state: (&'static str, String),
    sub: String,
    /// While it works.
    live: Option<Live>,
    stats: Vec<(String, String)>,
    totals: Vec<[String; 4]>,
    total_heads: Vec<Head>,
    deviations: Vec<Difference>,
    deviation_heads: Vec<Head>,
    skips: Vec<Passed>,
    skip_heads: Vec<Head>,
    paging: Paging,
    address: Address,
    /// Addresses of what can be done; empty for what cannot.
    approve: String,
    approve_words: String,
    again: Option<(String, String)>,
    discard: String,
    bills: String,
    close: String,
    close_words: String,
    /// When the month was closed and the hash of the ledger up to it.
    closed: Option<(String, String)>,
    trouble: String,
}

struct Difference {
    href: String,
    label: String,
    account: String,
    before: String,
    now: String,
    by: String,
}

struct Passed {
    href: String,
    label: String,
    account: String,
    service: String,
    reason: String,
}

/// Accounts named as the most different.
const DEVIATIONS: i64 = 10;

pub async fn show(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let l = ctx.l;
    let can_bill = ctx.actor()?.can(Permission::Bill);
    let shell = Shell::of(&ctx, l.a("run-title", &[("month", l.period(run.period))])).await?;
    let paging = Paging::of(&ctx.query, run.skipped);
    let is_draft = run.state == RunState::Calculated;
    let closing = Closing::of_month(&ctx.db, run.site_id, run.period).await?;
    let has_bills = run.state.is_final() && Bill::count_of_run(&ctx.db, id).await? > 0;
    page(&ShowPage {
        state: (badge(run.state), l.t(run.state.key())),
        sub: l.a("run-started", &[("when", ctx.moment(run.started_at))]),
        live: if run.state.is_at_work() { live(&ctx, &run).await? } else { None },
        stats: vec![
            (l.money(run.total), l.t("run-total")),
            (l.count(run.done), l.t("run-accounts")),
            (l.count(run.skipped), l.t("run-skipped")),
        ],
        totals: charge::totals(&ctx.db, id).await?.iter().map(|total| total_row(l, total)).collect(),
        total_heads: number_heads(l, &["contract-service", "run-accounts", "run-estimated", "run-sum"], 1),
        deviations: differences(&ctx, &run).await?,
        deviation_heads: number_heads(l, &["premise-label", "account-number", "run-before", "run-now", "run-difference"], 2),
        skips: Skipped::of_run(&ctx.db, id, paging.per_page, paging.offset()).await?.iter().map(|skip| passed(l, skip)).collect(),
        skip_heads: number_heads(l, &["premise-label", "account-number", "contract-service", "run-reason"], 4),
        address: Address::new(format!("/billing/{id}"), &ctx.query),
        approve: if is_draft && can_bill { format!("/billing/{id}/approve") } else { String::new() },
        approve_words: l.a("run-approve-words", &[("total", l.money(run.total)), ("month", l.period(run.period))]),
        again: (is_draft && can_bill).then(|| (run.site_id.to_string(), run.period.to_string())),
        discard: if (is_draft || run.state == RunState::Failed) && can_bill { format!("/billing/{id}/discard") } else { String::new() },
        bills: if has_bills { format!("/billing/{id}/bills") } else { String::new() },
        close: if can_bill && run.is_next_to_close(&ctx.db).await? { format!("/billing/{id}/close") } else { String::new() },
        close_words: l.a("run-close-words", &[("month", l.period(run.period))]),
        closed: closing.map(|closing| (l.a("run-closed-at", &[("when", ctx.moment(closing.closed_at))]), closing.hash)),
        trouble: notice::of_books(&ctx).await?,
        paging,
        shell,
    })
}

/// Heads of which those from `first` on are above figures.
fn number_heads(l: Locale, keys: &[&str], first: usize) -> Vec<Head> {
    let head = |(place, key): (usize, &&str)| {
        let head = Head::plain(l.t(key));
        if place >= first { head.number() } else { head }
    };
    keys.iter().enumerate().map(head).collect()
}

fn total_row(l: Locale, total: &ServiceTotal) -> [String; 4] {
    [l.t(total.service.key()), l.count(total.accounts), l.count(total.estimated), l.money(total.amount)]
}

async fn differences(ctx: &Ctx, run: &Run) -> Result<Vec<Difference>> {
    let runs = Run::of_site(&ctx.db, run.site_id).await?;
    let Some(before) = runs.into_iter().find(|other| other.period == run.period.previous()) else { return Ok(Vec::new()) };
    let l = ctx.l;
    let difference = |found: Deviation| Difference {
        href: format!("/billing/{}/accounts/{}", run.id, found.account_id),
        label: found.premise_label,
        account: found.account_number,
        before: l.money(found.before),
        now: l.money(found.now),
        by: l.money(found.now - found.before),
    };
    Ok(charge::deviations(&ctx.db, run.id, before.id, DEVIATIONS).await?.into_iter().map(difference).collect())
}

fn passed(l: Locale, skip: &Skipped) -> Passed {
    let reason = l.t(&format!("skip-{}", skip.reason));
    Passed {
        href: format!("/premises/{}", skip.premise_id),
        label: skip.premise_label.clone(),
        account: skip.account_number.clone(),
        service: l.t(skip.service.key()),
        reason: if skip.detail.is_empty() { reason } else { format!("{reason} ({})", skip.detail) },
    }
}

async fn live(ctx: &Ctx, run: &Run) -> Result<Option<Live>> {
    let Some(job) = run.job_id else { return Ok(None) };
    let job = Job::find(&ctx.db, job).await?;
    let url = format!("/billing/{}/progress", run.id);
    Ok(job.map(|job| Live { url, ..job.live(ctx) }))
}

pub async fn progress(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let live = live(&ctx, &run).await?.ok_or(Error::NotFound)?;
    fragment(ctx.l, live)
}

pub async fn approve(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    match run.approve(&mut tx, Some(actor.id), ctx.now()).await? {
        Ok(_) => {
            note(&ctx, &mut tx, id, "audit-run-approved", run.period).await?;
            tx.commit().await?;
            Ok(Redirect::to(&format!("/billing/{id}")).into_response())
        }
        Err(why) => Err(conflict(why)),
    }
}

/// Seals what waits, so that only a transfer of this very moment can be in the way.
pub async fn close(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let actor = ctx.actor()?;
    seal::run(&ctx.db).await?;
    let mut tx = ctx.db.begin().await?;
    match run.close(&mut tx, Some(actor.id), ctx.now()).await? {
        Ok(_) => {
            note(&ctx, &mut tx, id, "audit-run-closed", run.period).await?;
            tx.commit().await?;
            ctx.done(ctx.l.t("run-closed"), format!("/billing/{id}")).await
        }
        Err(why) => Err(conflict(why)),
    }
}

pub async fn discard(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let mut tx = ctx.db.begin().await?;
    if !run.give_up(&mut tx).await? {
        return Err(conflict(NotNow::NoDraft));
    }
    note(&ctx, &mut tx, id, "audit-run-discarded", run.period).await?;
    tx.commit().await?;
    run.forget(&ctx.db).await?;
    ctx.done(ctx.l.t("run-discarded"), "/billing").await
}

fn conflict(why: NotNow) -> Error {
    Error::Conflict(why.key())
}
