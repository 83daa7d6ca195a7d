//! Letters to debtors: what a round would do, writing it, who got what, paper for those without mail, and the schedule of each site.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject},
    debtors::{
        debtor::{Day, Unpaid},
        job,
        ladder::NoticeKind,
        letter::{self, Sender},
        notice::{Notice, NoticeId, NoticeRun, NoticeRunId, Plan, STEP_DAYS, Terms},
        sending::{self, Preview},
    },
    estate::{
        owner::{Owner, OwnerId},
        pages::shared::{site_choices, site_name},
        site::{Site, SiteId},
    },
    kernel::Money,
    notify::MessageState,
    web::{
        Check, Ctx, Error, Filled, Input, Keys, Locale, Result, form,
        list::{Address, Paging},
        page::{Choice, Head, Shell, page},
    },
};

/// Rounds that are shown.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "debtors/notices/list.html")]
struct RoundsPage {
    shell: Shell,
    form: Filled,
    kinds: Vec<Choice>,
    sites: Vec<Choice>,
    /// What it would do, once the terms are chosen.
    preview: Vec<(String, String)>,
    subject: String,
    text: String,
    /// The terms as they were looked at, to be sent back with the order.
    kept: Vec<(String, String)>,
    count: String,
    heads: Vec<Head>,
    rows: Vec<RoundRow>,
    plans: Vec<PlanForm>,
}

struct RoundRow {
    href: String,
    when: String,
    kind: String,
    site: String,
    who: String,
    written: i64,
    paper: i64,
}

struct PlanForm {
    action: String,
    name: String,
    words: String,
    form: Filled,
}

fn read(check: &mut Check<'_>, input: &Input) -> Terms {
    let kind = if input.text("kind").is_empty() { None } else { Some(check.choice::<NoticeKind>("kind")) };
    let days = if input.text("step_days").is_empty() { STEP_DAYS } else { check.whole("step_days", 0, 365) };
    Terms {
        kind,
        site: input.text("site").parse().ok().map(SiteId),
        least: least(check, input),
        step_days: days,
        by_email: input.text("way") != "paper",
    }
}

/// The sum from which letters are written; everybody gets one when it is empty or nothing.
fn least(check: &mut Check<'_>, input: &Input) -> Money {
    if input.text("least").trim() == "0" { Money::ZERO } else { check.optional_money("least").unwrap_or_default() }
}

fn kept(terms: &Terms) -> Vec<(String, String)> {
    let site = terms.site.map_or_else(String::new, |site| site.to_string());
    let way = if terms.by_email { "email" } else { "paper" };
    [
        ("kind", terms.kind.map_or("", NoticeKind::as_str).to_owned()),
        ("site", site),
        ("least", if terms.least.is_positive() { terms.least.to_string() } else { String::new() }),
        ("step_days", terms.step_days.to_string()),
        ("way", way.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The terms in the address are looked at; nothing is written by looking.
pub async fn list(ctx: Ctx) -> Result {
    let asked = ctx.query.has("step_days");
    let mut input = ctx.query.clone();
    if !asked {
        input.set("step_days", STEP_DAYS.to_string());
    }
    let mut check = Check::new(&input);
    let terms = read(&mut check, &input);
    match check.done(terms) {
        Ok(terms) => rounds_page(&ctx, Filled::new(ctx.l, input.clone()), asked.then_some(terms), None).await,
        Err(errors) => rounds_page(&ctx, Filled::with_errors(ctx.l, input.clone(), errors), None, None).await,
    }
}

async fn rounds_page(ctx: &Ctx, form: Filled, terms: Option<Terms>, refused: Option<(SiteId, Filled)>) -> Result {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.t("notices-title")).await?;
    let day = Day::of(&ctx.db, ctx.today()).await?;
    let (mut preview, mut sample, mut kept_terms, mut count) = (Vec::new(), None, Vec::new(), String::new());
    if let Some(terms) = terms {
        let found = sending::preview(&ctx.db, &terms, day).await?;
        preview = words(l, &found);
        if let Some((owner, kind)) = found.first {
            sample = compose(ctx, owner, kind, terms.site, day).await?;
            count = l.n("notices-write", found.by_email + found.paper);
        }
        kept_terms = kept(&terms);
    }
    let sample = sample.unwrap_or_default();
    let rows = NoticeRun::latest(&ctx.db, SHOWN).await?.into_iter().map(|run| RoundRow {
        href: format!("/notices/{}", run.id),
        when: ctx.moment(run.made_at),
        kind: kind_words(l, run.terms.kind),
        site: run.terms.site.map_or_else(|| l.t("filter-all"), |site| site_name(&shell, site)),
        who: run.author.unwrap_or_else(|| l.t("notices-schedule")),
        written: run.written,
        paper: run.paper,
    });
    let rows = rows.collect();
    let plans = plans(ctx, &shell, refused).await?;
    page(&RoundsPage {
        form,
        kinds: Choice::all_of::<NoticeKind>(l),
        sites: site_choices(&shell),
        preview,
        subject: sample.0,
        text: sample.1,
        kept: kept_terms,
        count,
        heads: vec![
            Head::plain(l.t("notices-when")),
            Head::plain(l.t("notices-kind")),
            Head::plain(l.t("premise-site")),
            Head::plain(l.t("notices-who")),
            Head::plain(l.t("notices-written")).number(),
            Head::plain(l.t("notices-paper")).number(),
        ],
        rows,
        plans,
        shell,
    })
}

fn kind_words(l: Locale, kind: Option<NoticeKind>) -> String {
    kind.map_or_else(|| l.t("notices-next-step"), |kind| l.t(kind.key()))
}

fn words(l: Locale, found: &Preview) -> Vec<(String, String)> {
    let counts = [
        ("notices-by-email", found.by_email),
        ("notices-on-paper", found.paper),
        ("notices-left-alone", found.left_alone),
        ("notices-not-yet", found.not_yet),
    ];
    let debt = (l.t("notices-debt"), l.money(found.debt));
    counts.into_iter().map(|(key, count)| (l.t(key), l.count(count))).chain([debt]).collect()
}

/// Subject and text of somebody's letter.
async fn compose(ctx: &Ctx, owner: OwnerId, kind: NoticeKind, site: Option<SiteId>, day: Day) -> Result<Option<(String, String)>> {
    let Some(owner) = Owner::find(&ctx.db, owner).await? else { return Ok(None) };
    let unpaid = Unpaid::of_payers(&ctx.db, None, site, &[owner.id]).await?;
    let sender = Sender::of(Settings::load(&ctx.db).await?);
    let letter = letter::compose(Locale::from(sender.language), kind, &owner.full_name, &sender, &unpaid, day);
    Ok(Some((letter.subject, letter.text)))
}

async fn plans(ctx: &Ctx, shell: &Shell, refused: Option<(SiteId, Filled)>) -> Result<Vec<PlanForm>> {
    let l = ctx.l;
    let stored = Plan::all(&ctx.db).await?;
    let mut refused = refused;
    let mut forms = Vec::new();
    for site in &shell.sites {
        let plan = stored.iter().find(|plan| plan.site == site.id);
        let filled = plan.map_or_else(
            || Input::of([("month_day", "20".to_owned()), ("least", "500".to_owned()), ("step_days", STEP_DAYS.to_string())]),
            |plan| {
                Input::of([
                    ("month_day", plan.month_day.to_string()),
                    ("least", if plan.least.is_positive() { plan.least.to_string() } else { String::new() }),
                    ("step_days", plan.step_days.to_string()),
                    ("is_on", if plan.is_on { "1" } else { "" }.to_owned()),
                ])
            },
        );
        let form = match refused.take_if(|(id, _)| *id == site.id) {
            Some((_, form)) => form,
            None => Filled::new(l, filled),
        };
        let is_on = plan.is_some_and(|plan| plan.is_on);
        let words = plan.filter(|_| is_on).map_or_else(|| l.t("plan-off"), |plan| l.a("plan-on", &[("day", plan.month_day.to_string())]));
        forms.push(PlanForm { action: format!("/notices/plans/{}", site.id), name: site.name.clone(), words, form });
    }
    Ok(forms)
}

/// Queues a round on the terms that were looked at.
pub async fn create(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let terms = read(&mut check, &input);
    let terms = match check.done(terms) {
        Ok(terms) => terms,
        Err(errors) => return Ok(form::refused(rounds_page(&ctx, Filled::with_errors(ctx.l, input, errors), None, None).await?)),
    };
    let author = Author::from(ctx.actor()?);
    let title = kind_words(ctx.l, terms.kind);
    let mut tx = ctx.db.begin().await?;
    let key = Some(input.text("key")).filter(|key| !key.is_empty()).map(|key| format!("page:{key}"));
    let run = terms.begin(&mut tx, key.as_deref(), author.id, ctx.now()).await?;
    let work = job::ask(&mut tx, run, title.clone(), author.id, ctx.now()).await?;
    let entry = Entry { author: &author, at: ctx.now(), action: "audit-notices-written", subject: Subject::Debtor, id: None, name: title };
    entry.created(&mut tx, &terms).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/jobs/{work}")).into_response())
}

pub async fn save_plan(ctx: Ctx, Keys(site): Keys<SiteId>, input: Input) -> Result {
    let site = ctx.visible(Site::find(&ctx.db, site).await?, |site| site.id)?;
    let mut check = Check::new(&input);
    let plan = Plan {
        site: site.id,
        month_day: check.whole("month_day", 1, 28),
        least: least(&mut check, &input),
        step_days: check.whole("step_days", 1, 365),
        is_on: input.text("is_on") == "1",
    };
    let plan = match check.done(plan) {
        Ok(plan) => plan,
        Err(errors) => {
            let usual = Filled::new(ctx.l, Input::of([("step_days", STEP_DAYS.to_string())]));
            let refused = Some((site.id, Filled::with_errors(ctx.l, input, errors)));
            return Ok(form::refused(rounds_page(&ctx, usual, None, refused).await?));
        }
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    plan.save(&mut tx).await?;
    let (action, subject) = ("audit-notices-planned", Subject::Site);
    let entry = Entry { author: &author, at: ctx.now(), action, subject, id: Some(site.id.0), name: site.details.name.clone() };
    entry.created(&mut tx, &plan).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-notices-planned"), "/notices").await
}

#[derive(Template)]
#[template(path = "debtors/notices/show.html")]
struct RoundPage {
    shell: Shell,
    sub: String,
    stats: Vec<(String, String)>,
    print: String,
    heads: Vec<Head>,
    rows: Vec<NoticeRow>,
    paging: Paging,
    address: Address,
}

/// One letter of a round, or of a person.
pub struct NoticeRow {
    pub href: String,
    pub name: String,
    pub when: String,
    pub kind: String,
    pub debt: String,
    pub state: (&'static str, String),
    /// The proof of its delivery, if it went by mail.
    pub message: String,
}

/// Whether a letter arrived, as far as is known.
fn state(ctx: &Ctx, notice: &Notice) -> (&'static str, String) {
    let l = ctx.l;
    match (notice.message_state, notice.sent_at) {
        (Some(MessageState::Sent), Some(at)) => ("good", l.a("notice-sent-at", &[("when", ctx.moment(at))])),
        (Some(state @ (MessageState::Parked | MessageState::Refused)), _) => ("bad", l.t(state.key())),
        (Some(state), _) => ("info", l.t(state.key())),
        (None, _) => ("plain", l.t("notice-paper")),
    }
}

pub fn row(ctx: &Ctx, notice: &Notice) -> NoticeRow {
    NoticeRow {
        href: format!("/debtors/{}", notice.owner_id),
        name: notice.name.clone(),
        when: ctx.l.date(notice.written_on),
        kind: ctx.l.t(notice.kind.key()),
        debt: ctx.l.sum(notice.debt),
        state: state(ctx, notice),
        message: notice.message_id.map_or_else(|| format!("/notices/letters/{}", notice.id), |id| format!("/messages/{id}")),
    }
}

pub async fn show(ctx: Ctx, Keys(id): Keys<NoticeRunId>) -> Result {
    let l = ctx.l;
    let run = NoticeRun::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let paging = Paging::of(&ctx.query, run.written);
    let notices = Notice::of_run(&ctx.db, id, (paging.per_page, paging.offset())).await?;
    let path = format!("/notices/{id}");
    page(&RoundPage {
        shell: Shell::of(&ctx, kind_words(l, run.terms.kind)).await?,
        sub: l.a("notices-sub", &[("when", ctx.moment(run.made_at)), ("who", run.author.unwrap_or_else(|| l.t("notices-schedule")))]),
        stats: vec![
            (l.count(run.written), l.t("notices-written")),
            (l.count(run.written - run.paper), l.t("notices-by-email")),
            (l.count(run.paper), l.t("notices-paper")),
        ],
        print: if run.paper > 0 { format!("{path}/print") } else { String::new() },
        heads: vec![
            Head::plain(l.t("debtor-name")),
            Head::plain(l.t("notices-kind")),
            Head::plain(l.t("debtor-debt")).number(),
            Head::plain(l.t("message-state")),
        ],
        rows: notices.iter().map(|notice| row(&ctx, notice)).collect(),
        paging,
        address: Address::new(path, &ctx.query),
    })
}

#[derive(Template)]
#[template(path = "debtors/notices/print.html")]
struct PrintPage {
    shell: Shell,
    organisation: String,
    letters: Vec<Sheet>,
    sign: String,
}

struct Sheet {
    title: String,
    subtitle: String,
    text: String,
}

/// The letters of a round for those without mail, a page each.
pub async fn print(ctx: Ctx, Keys(id): Keys<NoticeRunId>) -> Result {
    NoticeRun::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    paper(&ctx, Notice::on_paper(&ctx.db, id).await?).await
}

pub async fn print_one(ctx: Ctx, Keys(id): Keys<NoticeId>) -> Result {
    paper(&ctx, vec![Notice::find(&ctx.db, id).await?.ok_or(Error::NotFound)?]).await
}

async fn paper(ctx: &Ctx, notices: Vec<Notice>) -> Result {
    let settings = Settings::load(&ctx.db).await?;
    let sheet = |notice: Notice| Sheet { title: notice.subject, subtitle: notice.name, text: notice.text };
    page(&PrintPage {
        shell: Shell::of(ctx, ctx.l.t("notices-title")).await?,
        organisation: settings.organisation,
        letters: notices.into_iter().map(sheet).collect(),
        sign: settings.signer,
    })
}
