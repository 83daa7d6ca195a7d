//! The plan row by row with every difference, then its carrying out, its result and its taking back.

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Redirect},
};

use super::{find, list::State, refusal, resource_name, workbook};
use crate::{
    audit::Author,
    estate::import::{
        batch::{Batch, BatchId, BatchState},
        job,
        plan::{Difference, Summary},
        result_file::{self, Rows},
        rows::{Filter, RowResult, StoredRow},
        undo::{self, Undone},
        words::Weight,
    },
    jobs::Job,
    kernel::Quantity,
    web::{
        Ctx, Error, Keys, Locale, Result,
        list::{Address, Paging},
        page::{Live, Shell, Tab, fragment, page},
    },
};

#[derive(Template)]
#[template(path = "imports/show.html")]
struct PlanPage {
    shell: Shell,
    batch: View,
    summary: Vec<(String, String)>,
    tabs: Vec<Tab>,
    rows: Vec<RowView>,
    paging: Paging,
    address: Address,
    progress: Option<Live>,
    same_file: String,
}

/// A batch as its pages show it.
struct View {
    id: BatchId,
    file: String,
    sub: String,
    state: State,
    is_planned: bool,
    is_done: bool,
    has_problems: bool,
    /// Where its job is looked at and begun anew; empty before there is one.
    job: String,
    /// What the button says; empty when there is nothing to carry out.
    run: String,
}

struct RowView {
    place: String,
    label: String,
    kind: &'static str,
    action: String,
    differences: Vec<DifferenceView>,
    remarks: Vec<Remark>,
}

/// What could not be taken, or how it was.
struct Remark {
    kind: &'static str,
    text: String,
}

struct DifferenceView {
    what: String,
    old: String,
    new: String,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    if batch.state == BatchState::Uploaded {
        return Ok(Redirect::to(&format!("/imports/{id}/columns")).into_response());
    }
    let l = ctx.l;
    let shell = Shell::of(&ctx, batch.file_name.clone()).await?;
    let filter = ctx.query.text("show").parse().unwrap_or(Filter::All);
    let paging = Paging::of(&ctx.query, StoredRow::count(&ctx.db, id, filter).await?);
    let rows = StoredRow::page(&ctx.db, id, filter, paging.per_page, paging.offset()).await?;
    let address = Address::new(format!("/imports/{id}"), &ctx.query);
    let progress = if batch.state == BatchState::Running { Some(live(&ctx, &batch).await?) } else { None };
    let same_file = batch.same_file(&ctx.db).await?.filter(|_| batch.state == BatchState::Planned);
    page(&PlanPage {
        tabs: tabs(&ctx, id, filter, &address).await?,
        rows: rows.iter().map(|row| RowView::of(row, l)).collect(),
        summary: summary(&batch.summary(), l),
        same_file: same_file.map(|same| l.a("import-same-file", &[("when", ctx.moment(same.created_at))])).unwrap_or_default(),
        batch: View::of(&ctx, &shell, &batch),
        shell,
        paging,
        address,
        progress,
    })
}

impl View {
    fn of(ctx: &Ctx, shell: &Shell, batch: &Batch) -> Self {
        let (l, summary) = (ctx.l, batch.summary());
        let rows = summary.create + summary.change;
        let site = shell.sites.iter().find(|site| site.id == batch.site_id).map(|site| site.name.clone()).unwrap_or_default();
        Self {
            id: batch.id,
            file: batch.file_name.clone(),
            sub: format!("{site} · {} · {}", l.t(batch.kind.key()), ctx.moment(batch.created_at)),
            state: State::of(batch.state, l),
            is_planned: batch.state == BatchState::Planned,
            is_done: batch.state == BatchState::Done,
            has_problems: summary.with_problems > 0,
            job: batch.job_id.map_or_else(String::new, |job| format!("/jobs/{job}")),
            run: if rows == 0 { String::new() } else { l.n("import-run", rows) },
        }
    }
}

/// What the whole plan comes to; nothing is said of what there is none.
fn summary(summary: &Summary, l: Locale) -> Vec<(String, String)> {
    [
        ("import-sum-premises", summary.premises),
        ("import-sum-owners", summary.owners),
        ("import-sum-water", summary.water_meters),
        ("import-sum-electricity", summary.electricity_meters),
        ("import-sum-zoned", summary.zoned_meters),
        ("import-sum-readings", summary.readings),
        ("import-sum-change", summary.change),
        ("import-sum-same", summary.same),
        ("import-sum-problems", summary.with_problems),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(key, count)| (l.count(i64::try_from(count).unwrap_or(i64::MAX)), l.t(key)))
    .collect()
}

async fn tabs(ctx: &Ctx, id: BatchId, shown: Filter, address: &Address) -> Result<Vec<Tab>> {
    let mut tabs = Vec::new();
    for filter in Filter::ALL {
        let count = StoredRow::count(&ctx.db, id, *filter).await?;
        if count > 0 || *filter == Filter::All || *filter == shown {
            let href = address.with("show", if *filter == Filter::All { "" } else { filter.as_str() });
            tabs.push(Tab { href, label: ctx.l.t(filter.key()), is_current: *filter == shown, count: Some(count) });
        }
    }
    Ok(tabs)
}

impl RowView {
    fn of(row: &StoredRow, l: Locale) -> Self {
        let outcome = row.outcome();
        let result = outcome.as_ref().map(|outcome| outcome.result);
        let missed = outcome
            .into_iter()
            .flat_map(|outcome| outcome.missed)
            .map(|missed| Remark { kind: "bad", text: l.t(&format!("import-what-{missed}")) });
        let problems = row.problems();
        let told = problems.iter().map(|problem| {
            let kind = if problem.code.weight() > Weight::Notice { "warn" } else { "info" };
            Remark { kind, text: result_file::sentence(problem, l) }
        });
        Self {
            place: if row.sheet.is_empty() { row.row_number.to_string() } else { format!("{}, {}", row.sheet, row.row_number) },
            label: row.label.clone(),
            kind: kind(row),
            action: l.t(result.map_or(row.action.key(), RowResult::key)),
            differences: row.plan().differences.iter().map(|difference| DifferenceView::of(difference, l)).collect(),
            remarks: missed.chain(told).collect(),
        }
    }
}

fn kind(row: &StoredRow) -> &'static str {
    use crate::estate::import::plan::Action;
    match (row.outcome().map(|outcome| outcome.result), row.action) {
        (Some(RowResult::Stale), _) | (_, Action::Problem) => "bad",
        (_, Action::Create) => "good",
        (_, Action::Change) => "info",
        _ => "plain",
    }
}

impl DifferenceView {
    fn of(difference: &Difference, l: Locale) -> Self {
        let what = l.t(&format!("import-what-{}", difference.what));
        let resource = difference.resource.map(|resource| format!(" ({})", resource_name(resource, l))).unwrap_or_default();
        let on = difference.on.map(|on| format!(", {}", l.date(on))).unwrap_or_default();
        let is_quantity = matches!(difference.what.as_str(), "area" | "opening" | "reading");
        let shown = |text: &String| if is_quantity { quantities(text, l) } else { text.clone() };
        Self { what: format!("{what}{resource}{on}"), old: shown(&difference.old), new: shown(&difference.new) }
    }
}

/// The values of a meter's dials as the person writes numbers.
fn quantities(text: &str, l: Locale) -> String {
    let parts = text.split(" / ").map(|part| part.parse().map_or_else(|_| part.to_owned(), |quantity: Quantity| l.quantity(quantity)));
    parts.collect::<Vec<_>>().join(" / ")
}

pub async fn run(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if job::start(&mut tx, &batch, author.id, ctx.now()).await?.is_none() {
        return Err(Error::Conflict("import-already-running"));
    }
    tx.commit().await?;
    Ok(Redirect::to(&format!("/imports/{id}")).into_response())
}

pub async fn progress(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    fragment(ctx.l, live(&ctx, &batch).await?)
}

/// How the carrying out goes: the rows that have an outcome, and what its job says.
async fn live(ctx: &Ctx, batch: &Batch) -> Result<Live> {
    let l = ctx.l;
    let progress = batch.progress(&ctx.db).await?;
    let job = match batch.job_id {
        Some(job) => Job::find(&ctx.db, job).await?,
        None => None,
    };
    Ok(Live {
        url: format!("/imports/{}/progress", batch.id),
        label: l.t("import-progress"),
        done: progress.done,
        total: progress.total,
        is_done: batch.state != BatchState::Running,
        ..job.map_or_else(Live::default, |job| job.live(ctx))
    })
}

pub async fn result(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    let workbook = match workbook(&ctx, &batch).await {
        Ok(workbook) => workbook,
        Err(refused) => return ctx.refused(refusal(&refused, ctx.l), format!("/imports/{id}")).await,
    };
    let which = if ctx.query.text("rows") == "bad" { Rows::Bad } else { Rows::All };
    let rows = StoredRow::all(&ctx.db, id).await?;
    let (l, name) = (ctx.l, result_file::name(&batch, which, ctx.l));
    let kind = result_file::content_type(&workbook);
    let bytes = tokio::task::spawn_blocking(move || result_file::write(&workbook, &batch, &rows, which, l)).await??;
    let escaped: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let disposition = format!("attachment; filename*=UTF-8''{}", escaped.replace('+', "%20"));
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

#[derive(Template)]
#[template(path = "imports/undo.html")]
struct UndoPage {
    shell: Shell,
    id: BatchId,
    file: String,
    made: Vec<(String, String)>,
    blockers: Vec<String>,
}

pub async fn ask_undo(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    if batch.state != BatchState::Done {
        return Ok(Redirect::to(&format!("/imports/{id}")).into_response());
    }
    let blockers = undo::blockers(&ctx.db, id).await?.iter().map(|blocker| ctx.l.n(blocker.key, blocker.count)).collect();
    let shell = Shell::of(&ctx, ctx.l.t("import-undo-title")).await?;
    page(&UndoPage { shell, id, file: batch.file_name.clone(), made: summary(&made(&batch.summary()), ctx.l), blockers })
}

/// Of a plan only what it makes, which is what taking back removes.
fn made(summary: &Summary) -> Summary {
    Summary { same: 0, with_problems: 0, refused: 0, skip: 0, ..*summary }
}

pub async fn undo(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    match undo::undo(&ctx.db, &ctx.clock, &batch, &Author::from(ctx.actor()?)).await? {
        Undone::Done => ctx.done(ctx.l.t("import-undone"), format!("/imports/{id}")).await,
        Undone::NotNow => Err(Error::Conflict("import-not-done")),
        Undone::Blocked(_) => Ok(Redirect::to(&format!("/imports/{id}/undo")).into_response()),
    }
}

pub async fn discard(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    let mut tx = ctx.db.begin().await?;
    if !batch.discard(&mut tx).await? {
        return Err(Error::Conflict("import-already-running"));
    }
    tx.commit().await?;
    ctx.done(ctx.l.t("import-discarded"), "/imports").await
}
