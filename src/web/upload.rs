//! Forms with photos, read part by part under limits: the number of parts, the size of a text, the size of a file.

use axum::{
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::StatusCode,
};

use super::{
    error::Error,
    form::{Input, typed},
};
use crate::kernel::text::clean_line;

/// More parts than a visit to ten meters with five photos each.
const MOST_PARTS: usize = 400;
const LONGEST_TEXT_BYTES: usize = 64 * 1024;

/// A form that may carry files.
#[derive(Default)]
pub struct Upload {
    pub input: Input,
    pub files: Vec<UploadedFile>,
}

/// A file as it came; empty files, which browsers send for untouched fields, are left out.
pub struct UploadedFile {
    pub field: String,
    /// As the browser named it, without folders; only shown, never a path of ours.
    pub name: String,
    pub content: Vec<u8>,
    /// It was larger than a file may be; its content was thrown away.
    pub is_too_large: bool,
}

impl Upload {
    /// Reads the whole form; files over `largest_file_bytes` are noted but not kept.
    ///
    /// # Errors
    /// When the body is broken, too large for the route, or has too many parts.
    pub async fn read<S: Send + Sync>(request: Request, state: &S, largest_file_bytes: usize) -> Result<Self, Error> {
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Error::Unsupported("error-not-a-form"))?;
        let mut upload = Self::default();
        for _ in 0..=MOST_PARTS {
            let Some(mut part) = parts.next_field().await.map_err(|error| broken(&error))? else { return Ok(upload) };
            let field = part.name().unwrap_or_default().to_owned();
            let name = part.file_name().map(file_name);
            let is_file = name.is_some();
            let limit = if is_file { largest_file_bytes } else { LONGEST_TEXT_BYTES };
            let mut content = Vec::new();
            let mut is_too_large = false;
            while let Some(piece) = part.chunk().await.map_err(|error| broken(&error))? {
                is_too_large |= content.len() + piece.len() > limit;
                if is_too_large {
                    content = Vec::new();
                } else {
                    content.extend_from_slice(&piece);
                }
            }
            upload.take(field, content, name, is_too_large)?;
        }
        Err(Error::BadRequest("error-too-many-fields"))
    }

    fn take(&mut self, field: String, content: Vec<u8>, file: Option<String>, is_too_large: bool) -> Result<(), Error> {
        if let Some(name) = file {
            if is_too_large || !content.is_empty() {
                self.files.push(UploadedFile { field, name, content, is_too_large });
            }
            return Ok(());
        }
        if is_too_large {
            return Err(Error::TooLarge);
        }
        let text = typed(&String::from_utf8_lossy(&content));
        self.input = std::mem::take(&mut self.input).with(field, text);
        Ok(())
    }
}

/// The last part of a file's name, cleaned: it is only shown and given back, never a path of ours.
pub fn file_name(given: &str) -> String {
    let last = clean_line(given.rsplit(['/', '\\']).next().unwrap_or_default());
    last.chars().filter(|c| !matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*')).take(120).collect()
}

fn broken(error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Error::TooLarge } else { Error::BadRequest("error-broken-body") }
}
