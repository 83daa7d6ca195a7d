//! Takes photos of forms in, and serves photos to those who may see the premise they show.

use axum::{extract::Path, http::header, response::IntoResponse as _};

use crate::{
    files::{Hash, Kind},
    metering::photo::{Kept, Photo, PhotoRefusal},
    web::{Ctx, Error, FieldErrors, Result, upload::UploadedFile},
};

pub async fn show(ctx: Ctx, Path(hash): Path<String>) -> Result {
    serve(&ctx, Kind::Photo, &hash).await
}

pub async fn small(ctx: Ctx, Path(hash): Path<String>) -> Result {
    serve(&ctx, Kind::Thumbnail, &hash).await
}

async fn serve(ctx: &Ctx, kind: Kind, name: &str) -> Result {
    let hash: Hash = name.parse().map_err(|_| Error::NotFound)?;
    let actor = ctx.actor()?;
    let sites = Photo::sites_of(&ctx.db, &hash).await?;
    if !sites.into_iter().any(|site| actor.sees(site)) {
        return Err(Error::NotFound);
    }
    let content = ctx.files.read(kind, &hash).await.map_err(|_| Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        // The name is the content's hash: what stands under it never changes, but only this person may keep it.
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, content).into_response())
}

/// Keeps the photos of a form, each with the name of its field; or says of every field what is wrong with its photo.
pub async fn develop(ctx: &Ctx, files: Vec<UploadedFile>) -> Result<std::result::Result<Vec<(String, Kept)>, FieldErrors>> {
    let mut kept = Vec::new();
    let mut errors = FieldErrors::default();
    for file in files {
        let taken = if file.is_too_large { Err(PhotoRefusal::TooHeavy) } else { ctx.darkroom.take(file.content).await? };
        match taken {
            Ok(photo) => kept.push((file.field, photo)),
            Err(refusal) => errors.add(file.field, refusal.key(), Vec::new()),
        }
    }
    Ok(if errors.is_empty() { Ok(kept) } else { Err(errors) })
}
