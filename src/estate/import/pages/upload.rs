//! A file comes in: it is read at once, so that whoever brought it hears right here when it is no table.

use askama::Template;
use axum::{
    extract::{Multipart, multipart::Field},
    response::{IntoResponse, Redirect},
};

use super::refusal;
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        import::{
            batch::{BatchId, NewBatch},
            guard::{LARGEST_FILE_BYTES, Refusal, Refused},
            guess,
            mapping::Mapping,
            remembered,
        },
        site::{Site, SiteId},
    },
    files::Kind,
    web::{
        Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
        upload::file_name,
    },
};

/// The file, the site, and nothing else.
const MOST_PARTS: usize = 4;

#[derive(Template)]
#[template(path = "imports/new.html")]
struct UploadPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    /// Why the file was not read; empty at first.
    refused: String,
}

pub async fn show(ctx: Ctx) -> Result {
    upload_page(&ctx, Input::default(), FieldErrors::default(), String::new()).await
}

async fn upload_page(ctx: &Ctx, input: Input, errors: FieldErrors, refused: String) -> Result {
    let shell = Shell::of(ctx, ctx.l.t("import-new-title")).await?;
    let sites = shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect();
    let chosen = shell.site.as_ref().map(|site| site.id.to_string()).unwrap_or_default();
    let input = if input.has("site") { input } else { input.with("site", chosen) };
    page(&UploadPage { form: Filled::with_errors(ctx.l, input, errors), shell, sites, refused })
}

/// What arrived: the form's fields, and the file with its name.
#[derive(Default)]
struct Arrived {
    input: Input,
    file: Option<(String, Vec<u8>)>,
    is_too_large: bool,
}

pub async fn receive(ctx: Ctx, mut parts: Multipart) -> Result {
    let mut arrived = Arrived::default();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        count += 1;
        if count > MOST_PARTS {
            return Err(Error::BadRequest("error-too-many-fields"));
        }
        arrived.take(part).await?;
    }
    accept(&ctx, arrived).await
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Error {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge } else { Error::BadRequest("error-broken-body") }
}

impl Arrived {
    async fn take(&mut self, mut part: Field<'_>) -> Result<()> {
        if part.name() != Some("file") {
            let name = part.name().unwrap_or_default().to_owned();
            let mut value = Vec::new();
            while let Some(bytes) = part.chunk().await.map_err(|error| broken(&error))? {
                value.extend_from_slice(&bytes);
                if value.len() > 4096 {
                    return Err(Error::BadRequest("error-broken-body"));
                }
            }
            self.input = std::mem::take(&mut self.input).with(name, String::from_utf8_lossy(&value));
            return Ok(());
        }
        let name = file_name(part.file_name().unwrap_or_default());
        let mut content = Vec::new();
        while let Some(bytes) = part.chunk().await.map_err(|error| broken(&error))? {
            content.extend_from_slice(&bytes);
            if content.len() as u64 > LARGEST_FILE_BYTES {
                self.is_too_large = true;
                return Ok(());
            }
        }
        self.file = (!name.is_empty() || !content.is_empty()).then_some((name, content));
        Ok(())
    }
}

async fn accept(ctx: &Ctx, arrived: Arrived) -> Result {
    let site = arrived.input.text("site").parse::<SiteId>().ok();
    let site = match site {
        Some(id) => Site::find(&ctx.db, id).await?,
        None => None,
    };
    let Ok(site) = ctx.visible(site, |site| site.id) else {
        return refuse(ctx, arrived.input, FieldErrors::one("site", "form-choose"), String::new()).await;
    };
    if arrived.is_too_large {
        return refuse(ctx, arrived.input, FieldErrors::one("file", Refusal::TooLarge.key()), String::new()).await;
    }
    let Some((name, content)) = arrived.file else {
        return refuse(ctx, arrived.input, FieldErrors::one("file", "import-file-missing"), String::new()).await;
    };
    let mapping = match mapping(ctx, &site, &content).await? {
        Ok(mapping) => mapping,
        Err(refused) => {
            let text = refusal(&refused, ctx.l);
            return refuse(ctx, arrived.input, FieldErrors::default(), text).await;
        }
    };
    let file_hash = ctx.files.put(Kind::Import, content).await?;
    let id = store(ctx, NewBatch { site: site.id, file_name: name, file_hash, mapping, by: Some(ctx.actor()?.id) }).await?;
    Ok(Redirect::to(&format!("/imports/{id}/columns")).into_response())
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors, refused: String) -> Result {
    Ok(form::refused(upload_page(ctx, input, errors, refused).await?))
}

/// Reads the content from a passing file: only what is a table is kept.
async fn mapping(ctx: &Ctx, site: &Site, content: &[u8]) -> Result<std::result::Result<Mapping, Refused>> {
    let passing = tempfile::NamedTempFile::new()?;
    tokio::fs::write(passing.path(), content).await?;
    let remembered = remembered::load(&ctx.db).await?;
    let today = site.zone().day(ctx.now());
    Ok(ctx.tables.read(passing.path()).await.map(|workbook| guess::guess(&workbook, &remembered, today)))
}

async fn store(ctx: &Ctx, new: NewBatch) -> Result<BatchId> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let id = new.create(&mut tx, ctx.now()).await?;
    let name = new.file_name.clone();
    let entry = Entry { author: &author, at: ctx.now(), action: "audit-import-uploaded", subject: Subject::Import, id: Some(id.0), name };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}
