//! All files that were brought in, the newest first.

use askama::Template;

use crate::{
    estate::import::batch::{Batch, BatchState},
    web::{
        Ctx, Locale, Result,
        list::{Address, Paging},
        page::{Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "imports/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
}

struct Row {
    href: String,
    file: String,
    site: String,
    when: String,
    kind: String,
    state: State,
    rows: String,
}

/// A batch's state as a badge.
pub struct State {
    pub kind: &'static str,
    pub text: String,
}

impl State {
    pub fn of(state: BatchState, l: Locale) -> Self {
        let kind = match state {
            BatchState::Uploaded | BatchState::Undone => "plain",
            BatchState::Planned => "info",
            BatchState::Running => "warn",
            BatchState::Done => "good",
            BatchState::Failed => "bad",
        };
        Self { kind, text: l.t(state.key()) }
    }
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("imports-title")).await?;
    let paging = Paging::of(&ctx.query, Batch::count(&ctx.db).await?);
    let batches = Batch::latest(&ctx.db, paging.per_page, paging.offset()).await?;
    let rows = batches.into_iter().map(|batch| row(&ctx, &shell, &batch)).collect();
    let heads = ["import-head-file", "import-head-site", "import-head-kind", "import-head-when", "import-head-state"]
        .map(|key| Head::plain(l.t(key)));
    let heads = heads.into_iter().chain([Head::plain(l.t("import-head-rows")).number()]).collect();
    page(&ListPage { heads, rows, paging, address: Address::new("/imports", &ctx.query), shell })
}

fn row(ctx: &Ctx, shell: &Shell, batch: &Batch) -> Row {
    let summary = batch.summary();
    let rows = summary.create + summary.change + summary.same + summary.refused;
    Row {
        href: format!("/imports/{}", batch.id),
        file: batch.file_name.clone(),
        site: shell.sites.iter().find(|site| site.id == batch.site_id).map(|site| site.name.clone()).unwrap_or_default(),
        when: ctx.moment(batch.created_at),
        kind: ctx.l.t(batch.kind.key()),
        state: State::of(batch.state, ctx.l),
        rows: ctx.l.count(i64::try_from(rows).unwrap_or(i64::MAX)),
    }
}
