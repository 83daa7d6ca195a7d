//! Files as answers: read piece by piece, whatever their size, under the name that a person will find them by.

use std::path::Path;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tokio::{fs::File, io::AsyncReadExt as _};

/// Answers with the file at `path`. What `guard` holds, such as a temporary file, goes when the last piece is sent.
pub async fn file<G: Send + 'static>(path: &Path, guard: G, name: &str, kind: &str) -> anyhow::Result<Response> {
    let opened = File::open(path).await?;
    let headers = headers(name, kind, opened.metadata().await?.len());
    let pieces = stream::try_unfold((opened, guard), |(mut opened, guard)| async move {
        let mut piece = vec![0; 64 * 1024];
        let length = opened.read(&mut piece).await?;
        piece.truncate(length);
        Ok::<_, std::io::Error>((length > 0).then_some((piece, (opened, guard))))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// The headers of a download; the name may hold any letters (RFC 6266).
pub fn headers(name: &str, kind: &str, size_bytes: u64) -> [(header::HeaderName, String); 3] {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let encoded: String =
        name.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    let extension = Path::new(name).extension().map_or_else(String::new, |extension| extension.to_string_lossy().into_owned());
    let disposition = format!("attachment; filename=\"meterbook.{extension}\"; filename*=UTF-8''{encoded}");
    [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition), (header::CONTENT_LENGTH, size_bytes.to_string())]
}
