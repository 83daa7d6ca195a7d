//! What the columns mean: the guess, beside the first values of each column, to be put right by a person.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use super::{find, refusal, resource_name, workbook};
use crate::{
    estate::{
        import::{
            batch::{Batch, BatchId, BatchState},
            guess,
            mapping::{ColumnMapping, Content, Mapping, SheetMapping},
            planning, remembered,
            table::{Sheet, Workbook, column_name},
            words::Field,
        },
        site::Site,
    },
    metering::Resource,
    web::{
        Ctx, Error, Filled, Input, Keys, Locale, Result,
        form::parse_date,
        page::{Choice, Shell, page},
    },
};

/// How many values of a column are shown beside its meaning.
const SAMPLES: usize = 3;
/// Columns that a person is asked about; what lies further to the right is left out.
const MOST_COLUMNS_SHOWN: usize = 80;

#[derive(Template)]
#[template(path = "imports/columns.html")]
struct ColumnsPage {
    shell: Shell,
    form: Filled,
    batch: BatchId,
    file: String,
    contents: Vec<Choice>,
    sheets: Vec<SheetView>,
    fields: Vec<Choice>,
    resources: Vec<Choice>,
}

struct SheetView {
    name: String,
    /// The beginning of its fields' names.
    key: String,
    rows: String,
    columns: Vec<ColumnView>,
}

struct ColumnView {
    key: String,
    letter: String,
    header: String,
    samples: Vec<String>,
    is_of_meter: bool,
    is_reading: bool,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<BatchId>) -> Result {
    let batch = find(&ctx, id).await?;
    if !matches!(batch.state, BatchState::Uploaded | BatchState::Planned) {
        return Ok(Redirect::to(&format!("/imports/{id}")).into_response());
    }
    let workbook = match workbook(&ctx, &batch).await {
        Ok(workbook) => workbook,
        Err(refused) => return ctx.refused(refusal(&refused, ctx.l), "/imports").await,
    };
    let shell = Shell::of(&ctx, ctx.l.t("import-columns-title")).await?;
    let mapping = batch.mapping();
    let sheets =
        workbook.sheets.iter().zip(&mapping.sheets).enumerate().map(|(place, (sheet, mapping))| view(ctx.l, place, sheet, mapping));
    page(&ColumnsPage {
        form: Filled::new(ctx.l, typed(&mapping)),
        batch: id,
        file: batch.file_name.clone(),
        contents: [Content::Registry, Content::Readings].map(|content| Choice::new(word(content), ctx.l.t(content_key(content)))).into(),
        sheets: sheets.collect(),
        fields: Choice::all_of::<Field>(ctx.l),
        resources: Resource::ALL.iter().map(|resource| Choice::new(resource, resource_name(*resource, ctx.l))).collect(),
        shell,
    })
}

const fn word(content: Content) -> &'static str {
    match content {
        Content::Registry => "registry",
        Content::Readings => "readings",
    }
}

const fn content_key(content: Content) -> &'static str {
    match content {
        Content::Registry => "import-content-registry",
        Content::Readings => "import-content-readings",
    }
}

fn view(l: Locale, place: usize, sheet: &Sheet, mapping: &SheetMapping) -> SheetView {
    let columns = mapping.columns.iter().enumerate().take(MOST_COLUMNS_SHOWN).filter_map(|(column, meaning)| {
        let data = sheet.rows.iter().filter(|row| mapping.is_data(row) && row.filled().count() > 1);
        let samples: Vec<String> = data.map(|row| row.cell(column).shown()).filter(|text| !text.is_empty()).take(SAMPLES).collect();
        (!samples.is_empty() || !meaning.header.is_empty()).then(|| ColumnView {
            key: format!("s{place}-c{column}"),
            letter: column_name(column),
            header: meaning.header.clone(),
            samples,
            is_of_meter: meaning.field.is_of_meter(),
            is_reading: meaning.field.is_reading(),
        })
    });
    SheetView {
        name: if sheet.name.is_empty() { l.t("import-only-sheet") } else { sheet.name.clone() },
        key: format!("s{place}"),
        rows: l.n("import-sheet-rows", sheet.rows.len()),
        columns: columns.collect(),
    }
}

/// The mapping as the form's fields hold it.
fn typed(mapping: &Mapping) -> Input {
    let mut input = Input::default().with("content", word(mapping.content));
    for (place, sheet) in mapping.sheets.iter().enumerate() {
        if sheet.is_used {
            input = input.with(format!("s{place}-used"), "1");
        }
        input = input.with(format!("s{place}-from"), sheet.header_from).with(format!("s{place}-to"), sheet.header_to);
        for (column, meaning) in sheet.columns.iter().enumerate().take(MOST_COLUMNS_SHOWN) {
            let key = format!("s{place}-c{column}");
            input = input
                .with(format!("{key}-field"), meaning.field)
                .with(format!("{key}-resource"), meaning.resource.map_or("", Resource::as_str))
                .with(format!("{key}-day"), meaning.day.map(|day| day.to_string()).unwrap_or_default());
        }
    }
    input
}

pub async fn choose(ctx: Ctx, Keys(id): Keys<BatchId>, input: Input) -> Result {
    let batch = find(&ctx, id).await?;
    if !matches!(batch.state, BatchState::Uploaded | BatchState::Planned) {
        return Err(Error::Conflict("import-already-running"));
    }
    let workbook = match workbook(&ctx, &batch).await {
        Ok(workbook) => workbook,
        Err(refused) => return ctx.refused(refusal(&refused, ctx.l), "/imports").await,
    };
    let site = Site::find(&ctx.db, batch.site_id).await?.ok_or(Error::NotFound)?;
    let typed = Typed { input: &input, today: site.zone().day(ctx.now()), before: batch.mapping() };
    if input.text("do") == "header" {
        let remembered = remembered::load(&ctx.db).await?;
        keep(&ctx, &batch, &typed.with_headers(&workbook, &remembered)).await?;
        return Ok(Redirect::to(&format!("/imports/{id}/columns")).into_response());
    }
    let mapping = typed.mapping();
    if let Some(text) = incomplete(&mapping, ctx.l) {
        keep(&ctx, &batch, &mapping).await?;
        return ctx.refused(text, format!("/imports/{id}/columns")).await;
    }
    plan(&ctx, &batch, &site, &workbook, &mapping).await
}

/// What is still to be said before there can be a plan.
fn incomplete(mapping: &Mapping, l: Locale) -> Option<String> {
    if !mapping.sheets.iter().any(|sheet| sheet.is_used) {
        return Some(l.t("import-no-sheet"));
    }
    let (sheet, column) = mapping.without_resource()?;
    let sheet = if sheet.is_empty() { l.t("import-only-sheet") } else { sheet.to_owned() };
    Some(l.a("import-no-resource", &[("sheet", sheet), ("column", column_name(column))]))
}

async fn keep(ctx: &Ctx, batch: &Batch, mapping: &Mapping) -> Result<()> {
    let mut tx = ctx.db.begin().await?;
    batch.save_mapping(&mut tx, mapping).await?;
    tx.commit().await?;
    Ok(())
}

async fn plan(ctx: &Ctx, batch: &Batch, site: &Site, workbook: &Workbook, mapping: &Mapping) -> Result {
    let rows = planning::plan(&ctx.db, site, workbook, mapping, ctx.now()).await?;
    let mut tx = ctx.db.begin().await?;
    if !batch.store_plan(&mut tx, mapping, &rows, ctx.now()).await? {
        return Err(Error::Conflict("import-already-running"));
    }
    remembered::save(&mut tx, mapping).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/imports/{}", batch.id)).into_response())
}

/// The form as it was sent, over the mapping that it was shown with.
struct Typed<'a> {
    input: &'a Input,
    today: time::Date,
    before: Mapping,
}

impl Typed<'_> {
    fn row(&self, key: &str, word: &str, otherwise: u32) -> u32 {
        self.input.text(&format!("{key}-{word}")).trim().parse().unwrap_or(otherwise)
    }

    fn header_rows(&self, place: usize, sheet: &SheetMapping) -> (u32, u32) {
        let key = format!("s{place}");
        let from = self.row(&key, "from", sheet.header_from);
        (from, self.row(&key, "to", sheet.header_to).max(from))
    }

    /// Sheets whose header rows were changed are guessed anew; the others keep what was chosen.
    fn with_headers(&self, workbook: &Workbook, remembered: &guess::Remembered) -> Mapping {
        let mut mapping = self.mapping();
        for (place, sheet) in workbook.sheets.iter().enumerate() {
            let Some(before) = self.before.sheets.get(place) else { continue };
            let (from, to) = self.header_rows(place, before);
            if (from, to) != (before.header_from, before.header_to) {
                mapping.sheets[place] = guess::under_header(sheet, from, to, remembered, self.today);
            }
        }
        mapping
    }

    fn mapping(&self) -> Mapping {
        let values: HashMap<&str, &str> = self.input.fields().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let value = |name: String| values.get(name.as_str()).copied();
        let sheets = self.before.sheets.iter().enumerate().map(|(place, sheet)| {
            let (header_from, header_to) = self.header_rows(place, sheet);
            let columns = sheet.columns.iter().enumerate().map(|(column, before)| {
                let part = |word: &str| value(format!("s{place}-c{column}-{word}"));
                let field = part("field").and_then(|word| word.parse().ok()).unwrap_or(before.field);
                ColumnMapping {
                    header: before.header.clone(),
                    field,
                    resource: part("resource").map_or(before.resource, |word| word.parse().ok()),
                    day: part("day").map_or(before.day, parse_date),
                }
            });
            SheetMapping {
                sheet: sheet.sheet.clone(),
                is_used: value(format!("s{place}-used")).is_some(),
                header_from,
                header_to,
                columns: columns.collect(),
            }
        });
        let content = if self.input.text("content") == word(Content::Readings) { Content::Readings } else { Content::Registry };
        Mapping { content, sheets: sheets.collect() }
    }
}
