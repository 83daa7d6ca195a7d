//! `meterbook import FILE --site NAME`: the same plan as on the page, shown or carried out.

use std::{io::Write as _, path::Path};

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};

use crate::{
    app::{self, App},
    audit::{Author, Entry, Subject},
    config::Config,
    estate::{
        import::{
            batch::{Batch, BatchId, NewBatch},
            guess, job,
            mapping::Mapping,
            plan::{PlannedRow, Summary},
            planning, remembered, result_file,
            rows::{RowResult, StoredRow},
            table::{Workbook, column_name},
        },
        site::{Site, SiteDetails, SiteId, SiteKind},
    },
    files::Kind,
    jobs::Worker,
    kernel::text::{clean_line, fold},
    web::{Language, Locale},
};

pub async fn run(config: Config, file: &Path, site: &str, is_agreed: bool, is_json: bool) -> anyhow::Result<()> {
    let app = super::open(config).await?;
    let workbook = read(&app, file).await?;
    let (site, is_new) = find_site(&app, site, is_agreed).await?;
    let mapping = guess::guess(&workbook, &remembered::load(&app.db).await?, site.zone().day(app.clock.now()));
    if !mapping.sheets.iter().any(|sheet| sheet.is_used) {
        bail!("no sheet of the file looks like a register or a list of readings; choose its columns on the page /imports");
    }
    if let Some((sheet, column)) = mapping.without_resource() {
        bail!("{sheet}!{}: water or electricity? Say it on the page /imports, in a header or in the sheet's name", column_name(column));
    }
    let rows = planning::plan(&app.db, &site, &workbook, &mapping, app.clock.now()).await?;
    let mut answer = answer(&site, is_new, &mapping, &rows);
    if is_agreed {
        let id = carry_out(&app, file, &site, &mapping, &rows).await?;
        answer["batch"] = json!(id.0);
        answer["outcome"] = outcome(&app, id).await?;
    }
    app.db.close().await?;
    if is_json {
        print(&answer.to_string());
    } else {
        tell(&answer);
    }
    Ok(())
}

async fn read(app: &App, file: &Path) -> anyhow::Result<Workbook> {
    let words = Locale::from(Language::English);
    app.tables
        .read(file)
        .await
        .map_err(|refused| anyhow!("{}: {}", file.display(), words.a(refused.why.key(), &[("place", &refused.place)])))
}

/// The site of this name; one that is only planned for has no key yet.
async fn find_site(app: &App, name: &str, is_agreed: bool) -> anyhow::Result<(Site, bool)> {
    let name = clean_line(name);
    if name.is_empty() || name.chars().count() > 200 {
        bail!("the site's name must have 1 to 200 characters");
    }
    if let Some(site) = Site::all(&app.db).await?.into_iter().find(|site| fold(&site.details.name) == fold(&name)) {
        return Ok((site, false));
    }
    let details = SiteDetails {
        name,
        kind: SiteKind::Garden,
        address: String::new(),
        time_zone: "Europe/Moscow".to_owned(),
        check_high_percent: 300,
        check_low_percent: 10,
        check_zero_months: 3,
    };
    let created_at = app.clock.now();
    let id = if is_agreed { create_site(app, &details).await? } else { SiteId(0) };
    Ok((Site { id, details, created_at, ended_on: None }, true))
}

async fn create_site(app: &App, details: &SiteDetails) -> anyhow::Result<SiteId> {
    let at = app.clock.now();
    let author = Author::program("import");
    let mut tx = app.db.begin().await?;
    let id = details.create(&mut tx, at).await?;
    let entry =
        Entry { author: &author, at, action: "audit-site-created", subject: Subject::Site, id: Some(id.0), name: details.name.clone() };
    entry.created(&mut tx, details).await?;
    tx.commit().await?;
    Ok(id)
}

async fn carry_out(app: &App, file: &Path, site: &Site, mapping: &Mapping, rows: &[PlannedRow]) -> anyhow::Result<BatchId> {
    let file_hash = app.files.put(Kind::Import, tokio::fs::read(file).await?).await?;
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let new = NewBatch { site: site.id, file_name, file_hash, mapping: mapping.clone(), by: None };
    let at = app.clock.now();
    let mut tx = app.db.begin().await?;
    let id = new.create(&mut tx, at).await?;
    let batch = Batch::find(&mut tx, id).await?.context("the import was just stored")?;
    batch.store_plan(&mut tx, mapping, rows, at).await?;
    let job = job::start(&mut tx, &batch, None, at).await?.context("the import was just planned")?;
    tx.commit().await?;
    Worker::new(app, app::carry_out).see_through(job).await?;
    Ok(id)
}

fn answer(site: &Site, is_new: bool, mapping: &Mapping, rows: &[PlannedRow]) -> Value {
    let words = Locale::from(Language::English);
    let problems = rows.iter().flat_map(|row| {
        row.problems.iter().map(move |problem| {
            json!({
                "sheet": row.sheet,
                "row": row.number,
                "column": problem.column.map(column_name),
                "cell": problem.cell,
                "code": problem.code,
                "text": result_file::sentence(problem, words),
            })
        })
    });
    json!({
        "site": site.details.name,
        "is_new_site": is_new,
        "content": mapping.content,
        "rows": rows.len(),
        "summary": Summary::of(rows),
        "problems": problems.collect::<Vec<_>>(),
    })
}

/// How many rows ended how.
async fn outcome(app: &App, id: BatchId) -> anyhow::Result<Value> {
    let rows = StoredRow::all(&app.db, id).await?;
    let count = |result: RowResult| rows.iter().filter(|row| row.outcome().is_some_and(|outcome| outcome.result == result)).count();
    Ok(RowResult::ALL.iter().map(|result| (result.to_string(), json!(count(*result)))).collect::<serde_json::Map<_, _>>().into())
}

fn tell(answer: &Value) {
    let site = answer["site"].as_str().unwrap_or_default();
    let is_new = answer["is_new_site"] == json!(true);
    print(&format!("site: {site}{}", if is_new { " (new)" } else { "" }));
    for part in ["summary", "outcome"] {
        for (name, count) in answer[part].as_object().into_iter().flatten().filter(|(_, count)| **count != json!(0)) {
            print(&format!("{part}: {} {count}", name.replace('_', " ")));
        }
    }
    for problem in answer["problems"].as_array().into_iter().flatten() {
        let place = [&problem["sheet"], &problem["row"]].map(|part| part.as_str().map_or_else(|| part.to_string(), ToOwned::to_owned));
        print(&format!("{}: {}", place.join(" "), problem["text"].as_str().unwrap_or_default()));
    }
    if answer["outcome"].is_null() {
        print("nothing was changed; add --yes to carry this out");
    }
}

/// Whoever reads only the first lines is not to be told of an error.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
