//! Files that bring payments: all of them, a new one, the columns of a register.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Request,
    response::{IntoResponse as _, Redirect},
};

use crate::{
    audit::{Author, Entry, Subject},
    estate::import::table::{Sheet, column_name},
    files::{Hash, Kind},
    payments::{
        bank_file::{self, Document, LineProblem, Refusal},
        import::{self, ImportKind, ImportState, PaymentImport},
        known,
        payment::PaymentImportId,
        plan,
        register::{self, Layout, Meaning},
    },
    web::{
        Ctx, Error, FieldErrors, Filled, Input, Locale, Result, form,
        list::{Address, Paging},
        page::{Choice, Head, Shell, page},
        upload::Upload,
    },
};

/// Form fields beside the file.
const AROUND_BYTES: usize = 64 << 10;
/// The largest file with the fields around it.
pub const UPLOAD_BYTES: usize = bank_file::LARGEST_FILE_BYTES + AROUND_BYTES;

#[derive(Template)]
#[template(path = "payments/imports.html")]
struct ImportsPage {
    shell: Shell,
    form: Filled,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
}

struct Row {
    href: String,
    file: String,
    when: String,
    state: (&'static str, String),
    documents: String,
    credited: String,
    unknown: String,
}

/// How a state looks.
pub fn badge(state: ImportState) -> &'static str {
    match state {
        ImportState::Planned => "warn",
        ImportState::Executed => "good",
        ImportState::Undone | ImportState::Discarded => "plain",
    }
}

/// Files name anybody's account, so they are for those who see all sites.
pub fn everything_seen(ctx: &Ctx) -> Result<()> {
    if ctx.actor()?.sites.is_none() { Ok(()) } else { Err(Error::Forbidden) }
}

pub async fn list(ctx: Ctx) -> Result {
    everything_seen(&ctx)?;
    list_page(&ctx, FieldErrors::default()).await
}

async fn list_page(ctx: &Ctx, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let paging = Paging::of(&ctx.query, PaymentImport::count(&ctx.db).await?);
    let imports = PaymentImport::latest(&ctx.db, paging.per_page, paging.offset()).await?;
    page(&ImportsPage {
        shell: Shell::of(ctx, l.t("payment-imports")).await?,
        form: Filled::with_errors(l, Input::default(), errors),
        heads: vec![
            Head::plain(l.t("import-head-file")),
            Head::plain(l.t("import-head-when")),
            Head::plain(l.t("import-head-state")),
            Head::plain(l.t("payment-import-documents")).number(),
            Head::plain(l.t("payment-import-credited")).number(),
            Head::plain(l.t("payment-import-unknown")).number(),
        ],
        rows: imports
            .into_iter()
            .map(|import| Row {
                href: format!("/payments/imports/{}", import.id),
                when: ctx.moment(import.made_at),
                state: (badge(import.state), l.t(import.state.key())),
                documents: l.count(import.documents),
                credited: l.sum(import.credited_sum),
                unknown: l.sum(import.unknown_sum),
                file: import.file_name,
            })
            .collect(),
        address: Address::new("/payments/imports", &ctx.query),
        paging,
    })
}

pub async fn receive(ctx: Ctx, request: Request) -> Result {
    everything_seen(&ctx)?;
    let mut upload = Upload::read(request, ctx.app(), bank_file::LARGEST_FILE_BYTES).await?;
    let Some(file) = upload.files.pop() else { return refuse(&ctx, "payment-import-no-file").await };
    if file.is_too_large {
        return refuse(&ctx, Refusal::TooLarge.key()).await;
    }
    let hash = ctx.files.put(Kind::Import, file.content.clone()).await.map_err(anyhow::Error::from)?;
    if let Some(before) = import::same_file(&ctx.db, &hash).await? {
        return ctx.refused(ctx.l.t("payment-import-same"), format!("/payments/imports/{before}")).await;
    }
    match bank_file::read(&file.content) {
        Ok(statement) => {
            let name = file.name;
            let is_incoming = |document: &Document| statement.is_incoming(document);
            keep(&ctx, ImportKind::Bank, (&name, &hash), (&statement.documents, &statement.problems), is_incoming).await
        }
        Err(refused) if refused.why == Refusal::NotAStatement => {
            if table(&ctx, &hash).await?.is_none() {
                return refuse(&ctx, "payment-import-not-read").await;
            }
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("name", &file.name).finish();
            Ok(Redirect::to(&format!("/payments/registers/{hash}?{query}")).into_response())
        }
        Err(refused) => refuse(&ctx, refused.why.key()).await,
    }
}

async fn refuse(ctx: &Ctx, key: &'static str) -> Result {
    Ok(form::refused(list_page(ctx, FieldErrors::one("file", key)).await?))
}

/// Plans and keeps what a file says; goes to the plan.
async fn keep(
    ctx: &Ctx,
    kind: ImportKind,
    (name, hash): (&str, &Hash),
    (documents, problems): (&[Document], &[LineProblem]),
    is_incoming: impl Fn(&Document) -> bool,
) -> Result {
    if documents.is_empty() && problems.is_empty() {
        return refuse(ctx, Refusal::Empty.key()).await;
    }
    let said = plan::read(documents);
    let bills = known::bills(&ctx.db, &plan::named_bills(&said)).await?;
    let known = known::load(&ctx.db, &bills).await?;
    let fingerprints: Vec<String> = documents.iter().map(Document::fingerprint).collect();
    let before = import::met_before(&ctx.db, fingerprints.iter().map(String::as_str)).await?;
    let plan = plan::plan((documents, &said), problems, is_incoming, &known, &bills, &before);
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    let id = import::store(&mut tx, kind, (name, hash), &plan, Some(actor.id), ctx.now()).await?;
    note(ctx, &mut tx, id, "audit-payments-planned", name).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/payments/imports/{id}")).into_response())
}

/// Says in the audit what was done with a file.
pub async fn note(ctx: &Ctx, tx: &mut crate::db::Tx, id: PaymentImportId, action: &'static str, name: &str) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::Payment, id: None, name: format!("{name} ({id})") };
    entry.noted(tx).await?;
    Ok(())
}

/// The first sheet of a stored file, if it is a table at all.
async fn table(ctx: &Ctx, hash: &Hash) -> Result<Option<Sheet>> {
    if !ctx.files.exists(Kind::Import, hash).await {
        return Ok(None);
    }
    let workbook = ctx.tables.read(&ctx.files.path(Kind::Import, hash)).await;
    Ok(workbook.ok().and_then(|workbook| workbook.sheets.into_iter().find(|sheet| !sheet.rows.is_empty())))
}

#[derive(Template)]
#[template(path = "payments/register.html")]
struct RegisterPage {
    shell: Shell,
    form: Filled,
    action: String,
    meanings: Vec<Choice>,
    columns: Vec<Column>,
}

struct Column {
    field: String,
    letter: String,
    head: String,
    samples: Vec<String>,
}

/// Values of a column shown beside its meaning.
const SAMPLES: usize = 3;
/// What lies further to the right is left out.
const MOST_COLUMNS: usize = 60;

pub async fn register(ctx: Ctx, axum::extract::Path(hash): axum::extract::Path<String>) -> Result {
    let (hash, sheet) = stored(&ctx, &hash).await?;
    let layout = register::guess(&sheet);
    let fields = layout.meanings.iter().enumerate().map(|(place, meaning)| (format!("c{place}"), meaning.to_string()));
    let input = Input::of(fields).with("head", layout.head_row).with("name", ctx.query.text("name"));
    register_page(&ctx, &hash, &sheet, input, FieldErrors::default()).await
}

async fn stored(ctx: &Ctx, hash: &str) -> Result<(Hash, Sheet)> {
    everything_seen(ctx)?;
    let hash: Hash = hash.parse().map_err(|_| Error::NotFound)?;
    let sheet = table(ctx, &hash).await?.ok_or(Error::NotFound)?;
    Ok((hash, sheet))
}

async fn register_page(ctx: &Ctx, hash: &Hash, sheet: &Sheet, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let head_row: u32 = input.text("head").parse().unwrap_or(0);
    let column = |place: usize| Column {
        field: format!("c{place}"),
        letter: column_name(place),
        head: sheet.row(head_row).map(|row| row.cell(place).shown()).unwrap_or_default(),
        samples: samples(sheet, head_row, place),
    };
    page(&RegisterPage {
        shell: Shell::of(ctx, l.t("register-title")).await?,
        form: Filled::with_errors(l, input, errors),
        action: format!("/payments/registers/{hash}"),
        meanings: Choice::all_of::<Meaning>(l),
        columns: (0..sheet.width().min(MOST_COLUMNS)).map(column).filter(|column| !column.samples.is_empty()).collect(),
    })
}

fn samples(sheet: &Sheet, head_row: u32, place: usize) -> Vec<String> {
    let below = sheet.rows.iter().filter(|row| row.number > head_row);
    below.map(|row| row.cell(place).shown()).filter(|text| !text.is_empty()).take(SAMPLES).collect()
}

pub async fn plan_register(ctx: Ctx, axum::extract::Path(hash): axum::extract::Path<String>, input: Input) -> Result {
    let (hash, sheet) = stored(&ctx, &hash).await?;
    let typed: HashMap<&str, &str> = input.fields().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let meaning = |place: usize| typed.get(format!("c{place}").as_str()).and_then(|word| word.parse().ok()).unwrap_or(Meaning::Nothing);
    let layout = Layout {
        head_row: input.text("head").trim().parse().unwrap_or(0),
        meanings: (0..sheet.width().min(MOST_COLUMNS)).map(meaning).collect(),
    };
    if !layout.is_enough() {
        let errors = FieldErrors::one("c0", "register-not-enough");
        return Ok(form::refused(register_page(&ctx, &hash, &sheet, input, errors).await?));
    }
    let (documents, problems) = register::documents(&sheet, &layout);
    let name = crate::kernel::text::clean_line(input.text("name"));
    keep(&ctx, ImportKind::Register, (&name, &hash), (&documents, &problems), |_| true).await
}

/// `Счёт-1.txt: 61 документ` for the head of a plan.
pub fn sub(l: Locale, import: &PaymentImport) -> String {
    l.a("payment-import-sub", &[("file", import.file_name.clone()), ("count", l.n("payments-documents", import.documents))])
}
