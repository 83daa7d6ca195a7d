//! Serves photos to those who may see the premise they show.

use axum::{extract::Path, http::header, response::IntoResponse as _};

use crate::{
    files::{Hash, Kind},
    metering::photo::Photo,
    web::{Ctx, Error, Result},
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
