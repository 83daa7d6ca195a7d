//! What works in the background: a list, a page for each job with its progress, and the button that begins a failed one anew.

use askama::Template;

use super::queue::{Filter, Job, JobId, JobState};
use crate::{
    audit::{Author, Entry, Subject},
    kernel::Moment,
    staff::user::Permission::{self, Report},
    web::{
        Access::Can,
        Ctx, Error, Filled, Keys, Locale, Result, Routes,
        list::{Address, Paging},
        page::{Choice, Head, Live, Shell, fragment, page},
    },
};

/// Whoever may ask for something long may download reports; they see what they themselves asked for, the rest is the administrator's.
pub fn routes() -> Routes {
    Routes::new()
        .get("/jobs", Can(Report), list)
        .get("/jobs/{id}", Can(Report), show)
        .get("/jobs/{id}/progress", Can(Report), progress)
        .post("/jobs/{id}/retry", Can(Report), retry)
}

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct ListPage {
    shell: Shell,
    form: Filled,
    states: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<View>,
    paging: Paging,
    address: Address,
    is_filtered: bool,
}

#[derive(Template)]
#[template(path = "jobs/show.html")]
struct JobPage {
    shell: Shell,
    job: View,
    live: Live,
}

/// A job as its pages show it.
struct View {
    id: JobId,
    href: String,
    title: String,
    /// Empty where the title is the kind.
    kind: String,
    who: String,
    asked: String,
    began: String,
    ended: String,
    badge: &'static str,
    state: String,
    done: i64,
    total: i64,
    is_under_way: bool,
    note: String,
    /// What went wrong, word for word; only for administrators.
    error: String,
    result: String,
    result_label: String,
    can_retry: bool,
}

async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let actor = ctx.actor()?;
    let by = if actor.can(Permission::Administer) { None } else { Some(actor.id) };
    let filter = Filter { state: ctx.query.text("state").parse().ok(), by };
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db).await?);
    let jobs = filter.page(&ctx.db, paging.per_page, paging.offset()).await?;
    let heads = ["job-head-what", "job-head-state", "job-head-progress", "job-head-who", "job-head-when", "job-head-result"];
    page(&ListPage {
        form: Filled::new(l, ctx.query.clone()),
        states: Choice::all_of::<JobState>(l),
        heads: heads.map(|key| Head::plain(l.t(key))).into(),
        rows: jobs.iter().map(|job| View::of(&ctx, job)).collect(),
        paging,
        address: Address::new("/jobs", &ctx.query),
        is_filtered: filter.state.is_some(),
        shell: Shell::of(&ctx, l.t("jobs-title")).await?,
    })
}

async fn show(ctx: Ctx, Keys(id): Keys<JobId>) -> Result {
    let job = find(&ctx, id).await?;
    let view = View::of(&ctx, &job);
    let shell = Shell::of(&ctx, view.title.clone()).await?;
    page(&JobPage { shell, live: job.live(&ctx), job: view })
}

async fn progress(ctx: Ctx, Keys(id): Keys<JobId>) -> Result {
    fragment(ctx.l, find(&ctx, id).await?.live(&ctx))
}

async fn retry(ctx: Ctx, Keys(id): Keys<JobId>) -> Result {
    let job = find(&ctx, id).await?;
    let author = Author::from(ctx.actor()?);
    let at = ctx.now();
    let mut tx = ctx.db.begin().await?;
    if !Job::retry(&mut tx, id, at).await? {
        return Err(Error::Conflict("job-not-failed"));
    }
    let name = title(&job, ctx.l);
    let entry = Entry { author: &author, at, action: "audit-job-retried", subject: Subject::Job, id: Some(id.0), name };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("job-retried"), format!("/jobs/{id}")).await
}

/// The job, if it is the person's own or the person administers; else it is as absent.
async fn find(ctx: &Ctx, id: JobId) -> Result<Job> {
    let actor = ctx.actor()?;
    let job = Job::find(&ctx.db, id).await?;
    job.filter(|job| job.created_by == Some(actor.id) || actor.can(Permission::Administer)).ok_or(Error::NotFound)
}

/// What it is about, or what it is.
fn title(job: &Job, l: Locale) -> String {
    if job.title.is_empty() { l.t(job.kind.key()) } else { job.title.clone() }
}

impl Job {
    /// How it goes, for a page that asks every second.
    pub fn live(&self, ctx: &Ctx) -> Live {
        Live {
            url: format!("/jobs/{}/progress", self.id),
            label: ctx.l.t(self.state.key()),
            done: self.done_count,
            total: self.total_count,
            note: self.remark(ctx),
            kind: match self.state {
                JobState::Done => "good",
                JobState::Failed => "bad",
                JobState::Queued | JobState::Running => "",
            },
            is_done: !self.is_under_way(),
        }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.state, JobState::Queued | JobState::Running)
    }

    /// What the state alone does not say.
    fn remark(&self, ctx: &Ctx) -> String {
        let l = ctx.l;
        match self.state {
            JobState::Queued if !self.error.is_empty() && self.run_at > ctx.now() => {
                l.a("job-again-at", &[("when", ctx.moment(self.run_at))])
            }
            JobState::Failed => l.t("job-failed-note"),
            JobState::Queued | JobState::Running | JobState::Done => String::new(),
        }
    }
}

impl View {
    fn of(ctx: &Ctx, job: &Job) -> Self {
        let l = ctx.l;
        let is_administrator = ctx.somebody().is_some_and(|actor| actor.can(Permission::Administer));
        let moment = |at: Option<Moment>| at.map_or_else(String::new, |at| ctx.moment(at));
        Self {
            id: job.id,
            href: format!("/jobs/{}", job.id),
            title: title(job, l),
            kind: if job.title.is_empty() { String::new() } else { l.t(job.kind.key()) },
            who: job.author.clone().unwrap_or_else(|| l.t("job-by-program")),
            asked: ctx.moment(job.created_at),
            began: moment(job.started_at),
            ended: moment(job.finished_at),
            badge: match job.state {
                JobState::Queued if !job.error.is_empty() => "warn",
                JobState::Queued => "plain",
                JobState::Running => "info",
                JobState::Done => "good",
                JobState::Failed => "bad",
            },
            state: l.t(job.state.key()),
            done: job.done_count,
            total: job.total_count,
            is_under_way: job.is_under_way(),
            note: job.remark(ctx),
            error: if is_administrator { job.error.clone() } else { String::new() },
            result: job.result.clone(),
            result_label: l.t(&format!("job-result-{}", job.kind)),
            can_retry: job.state == JobState::Failed,
        }
    }
}
