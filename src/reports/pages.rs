//! Reports: made, kept, and downloaded again.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};

use super::{
    export::{Export, ExportId, ExportKind},
    job::{self, Order, Report},
    month::{self, Options, Working},
    table::XLSX,
};
use crate::{
    audit::Author,
    estate::site::{Site, SiteId},
    files::Kind,
    kernel::Period,
    staff::user::Permission,
    web::{
        Access::Can,
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, Routes, download, form,
        page::{Choice, Shell, page},
    },
};

/// A month of so many plots is written within a second; a larger one becomes a job.
const PLOTS_AT_ONCE: i64 = 2000;

pub fn routes() -> Routes {
    Routes::new()
        .get("/reports", Can(Permission::Report), list)
        .post("/reports/month", Can(Permission::Report), make_month)
        .post("/reports/everything", Can(Permission::ExportEverything), make_everything)
        .get("/reports/{export}", Can(Permission::Report), fetch)
}

#[derive(Template)]
#[template(path = "reports/list.html")]
struct ListPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    workings: Vec<Choice>,
    rows: Vec<Row>,
    can_everything: bool,
}

struct Row {
    href: String,
    title: String,
    when: String,
    who: String,
    rows: String,
    size: String,
}

pub async fn list(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("reports-title")).await?;
    let site = shell.site.as_ref().map_or_else(String::new, |site| site.id.to_string());
    let period = Period::of(ctx.today());
    let input = Input::of([("site", site), ("period", period.to_string()), ("working", "formulas".to_owned())]);
    list_page(&ctx, shell, Filled::new(ctx.l, input)).await
}

async fn list_page(ctx: &Ctx, shell: Shell, form: Filled) -> Result {
    let l = ctx.l;
    let actor = ctx.actor()?;
    let exports = Export::latest(&ctx.db).await?;
    let visible = exports.into_iter().filter(|export| may_fetch(ctx, export).unwrap_or(false));
    let row = |export: Export| Row {
        href: format!("/reports/{}", export.id),
        title: export.title,
        when: ctx.moment(export.created_at),
        who: export.author.unwrap_or_default(),
        rows: export.row_count.map_or_else(String::new, |rows| l.count(rows)),
        size: export.size_bytes.map_or_else(String::new, |bytes| l.size(bytes.unsigned_abs())),
    };
    page(&ListPage {
        sites: shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect(),
        workings: Choice::all_of::<Working>(l),
        rows: visible.map(row).collect(),
        can_everything: actor.can(Permission::ExportEverything),
        shell,
        form,
    })
}

/// A month is for those who see its site; everything for those who may take everything.
fn may_fetch(ctx: &Ctx, export: &Export) -> Result<bool> {
    let actor = ctx.actor()?;
    Ok(match export.kind {
        ExportKind::Month => export.site_id.is_some_and(|site| actor.sees(site)),
        ExportKind::Everything => actor.can(Permission::ExportEverything),
    })
}

fn wanted(input: &Input) -> Result<(SiteId, Options), FieldErrors> {
    let mut check = Check::new(input);
    let site = check.id::<SiteId>("site").unwrap_or(SiteId(0));
    let period = check.period("period").unwrap_or_else(|| Period::of(time::Date::MIN));
    let working = check.choice("working");
    check.done((site, Options { period, working }))
}

async fn make_month(ctx: Ctx, input: Input) -> Result {
    let l = ctx.l;
    let (site, options) = match wanted(&input) {
        Ok(wanted) => wanted,
        Err(errors) => {
            let shell = Shell::of(&ctx, l.t("reports-title")).await?;
            return Ok(form::refused(list_page(&ctx, shell, Filled::with_errors(l, input, errors)).await?));
        }
    };
    let site = ctx.visible(Site::find(&ctx.db, site).await?, |site| site.id)?;
    let title = job::month_title(l, &site, &options);
    let order = Order { report: Report::Month { site: site.id, options }, language: l.language() };
    if month::plots_of(&ctx.db, site.id).await? > PLOTS_AT_ONCE {
        return enqueue(&ctx, &order, title).await;
    }
    let author = Author::from(ctx.actor()?);
    let id = order.make(ctx.app().clone(), author, None, Arc::default()).await?;
    Ok(Redirect::to(&format!("/reports/{id}")).into_response())
}

async fn make_everything(ctx: Ctx) -> Result {
    let order = Order { report: Report::Everything, language: ctx.l.language() };
    enqueue(&ctx, &order, ctx.l.t("report-everything-title")).await
}

/// Leads to the page of the job, which leads to the file.
async fn enqueue(ctx: &Ctx, order: &Order, title: String) -> Result {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let id = order.enqueue(&mut tx, title, &author, ctx.now()).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/jobs/{id}")).into_response())
}

async fn fetch(ctx: Ctx, Path(id): Path<String>) -> Result {
    let id: ExportId = id.parse().map_err(|_| Error::NotFound)?;
    let export = Export::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    if !may_fetch(&ctx, &export)? {
        return Err(Error::NotFound);
    }
    let hash = export.file_hash.ok_or(Error::NotFound)?;
    Ok(download::file(&ctx.files.path(Kind::Export, &hash), (), &export.file_name, XLSX).await?)
}
