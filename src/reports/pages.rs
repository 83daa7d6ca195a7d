//! Reports: made, kept, and downloaded again.

use askama::Template;
use axum::{
    body::Body,
    extract::Path,
    response::{IntoResponse, Redirect},
};

use super::{
    everything,
    export::{Export, ExportId, ExportKind, NewExport},
    month::{self, Options, Working},
    table::{Finished, XLSX, headers},
};
use crate::{
    audit::{Author, Entry, Subject},
    estate::site::{Site, SiteId},
    files::Kind,
    kernel::{Period, clock::Zone},
    staff::user::Permission::{self, ExportEverything, Report},
    web::{
        Access::Can,
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, Routes, form,
        page::{Choice, Shell, page},
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/reports", Can(Report), list)
        .post("/reports/month", Can(Report), make_month)
        .post("/reports/everything", Can(ExportEverything), make_everything)
        .get("/reports/{export}", Can(Report), fetch)
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
    let period = Period::of(Zone::moscow().day(ctx.now()));
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
        size: export.size_bytes.map_or_else(String::new, |bytes| l.a("report-size", &[("kib", l.count((bytes + 1023) / 1024))])),
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
    let finished = month::write(&ctx.db, l, &site, &options).await?;
    let title = format!("{}, {}", site.details.name, l.period(options.period));
    let new = |file_hash, size_bytes, row_count| NewExport {
        kind: ExportKind::Month,
        title: title.clone(),
        site: Some(site.id),
        period: Some(options.period),
        options: serde_json::to_string(&options).unwrap_or_default(),
        file_name: format!("{} {}.xlsx", l.t("report-file-month"), options.period),
        file_hash,
        size_bytes,
        row_count,
    };
    keep(&ctx, finished, new).await
}

async fn make_everything(ctx: Ctx) -> Result {
    let finished = everything::write(&ctx.db).await?;
    let day = Zone::moscow().day(ctx.now());
    let l = ctx.l;
    let new = |file_hash, size_bytes, row_count| NewExport {
        kind: ExportKind::Everything,
        title: l.t("report-everything-title"),
        site: None,
        period: None,
        options: "{}".to_owned(),
        file_name: format!("{} {day}.xlsx", l.t("report-file-everything")),
        file_hash,
        size_bytes,
        row_count,
    };
    keep(&ctx, finished, new).await
}

/// Keeps the file, notes the export, and leads to the download.
async fn keep(ctx: &Ctx, finished: Finished, new: impl FnOnce(crate::files::Hash, i64, i64) -> NewExport) -> Result {
    let content = tokio::fs::read(finished.file.path()).await?;
    let hash = ctx.files.put(Kind::Export, content).await?;
    let new = new(hash, i64::try_from(finished.size_bytes)?, finished.rows);
    let actor = ctx.actor()?;
    let at = ctx.now();
    let mut tx = ctx.db.begin().await?;
    let id = new.note(&mut tx, actor.id, at).await?;
    let entry = Entry {
        author: &Author::from(actor),
        at,
        action: "audit-export-made",
        subject: Subject::Export,
        id: Some(id.0),
        name: new.title.clone(),
    };
    entry.created(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/reports/{id}")).into_response())
}

async fn fetch(ctx: Ctx, Path(id): Path<String>) -> Result {
    let id: ExportId = id.parse().map_err(|_| Error::NotFound)?;
    let export = Export::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    if !may_fetch(&ctx, &export)? {
        return Err(Error::NotFound);
    }
    let hash = export.file_hash.ok_or(Error::NotFound)?;
    let content = ctx.files.read(Kind::Export, &hash).await?;
    let size = u64::try_from(content.len())?;
    Ok((headers(&export.file_name, XLSX, size), Body::from(content)).into_response())
}
