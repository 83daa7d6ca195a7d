//! Static files: each under an address that carries a hash of its content, so that browsers may keep it for ever.
//!
//! A release carries the files inside itself. A debug build reads them from disk at every request, under the hash they had at start.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use memory_serve::{CacheControl, MemoryServe};

use crate::app::App;

const FOLDER: &str = "/static";

/// Path inside `static/` to the address it is served at.
static ADDRESSES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    files().manifest().iter().map(|(route, served)| (route.trim_start_matches('/'), format!("{FOLDER}{served}"))).collect()
});

fn files() -> MemoryServe {
    // Without their hash files may be kept but are asked after each time: the manifest, and everything while it is being edited.
    memory_serve::load!()
        .index_file(None)
        .enable_hashed_routes(true)
        .enable_gzip(true)
        .enable_brotli(!cfg!(debug_assertions))
        .cache_control(CacheControl::NoCache)
}

/// The address of a file in `static/`, such as `css/tokens.css`.
///
/// A name that does not exist is a mistake in a template: it leads nowhere and is logged.
pub fn url(path: &str) -> &'static str {
    ADDRESSES.get(path).map_or_else(
        || {
            tracing::error!(path, "a page links a file that static/ does not have");
            "/static/missing"
        },
        String::as_str,
    )
}

/// Serves everything in `static/`, and the addresses that browsers ask for unasked.
pub fn router() -> Router<App> {
    // The hashes of the addresses and of the routes must be taken from the same contents.
    LazyLock::force(&ADDRESSES);
    Router::new()
        .nest(FOLDER, files().into_router())
        .layer(from_fn(describe))
        .route("/favicon.ico", get(async || Redirect::permanent(url("img/favicon.svg")).into_response()))
        .route("/manifest.webmanifest", get(async || Redirect::temporary(url("manifest.webmanifest"))))
}

/// The phone's service worker answers for pages, which lie above its own folder.
const WORKER: &str = "/static/js/worker.js";

/// Files may be kept by everybody, also by proxies; a signed-in person's pages are kept by nobody.
async fn describe(request: Request, next: Next) -> Response {
    let is_worker = request.uri().path() == WORKER;
    let mut response = next.run(request).await;
    if is_worker {
        response.headers_mut().insert("service-worker-allowed", HeaderValue::from_static("/"));
    }
    response.headers_mut().entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_address_with_its_hash() {
        let address = url("css/tokens.css");
        assert!(address.starts_with("/static/css/tokens.") && address.len() > "/static/css/tokens..css".len() + 8, "{address}");
        assert_eq!(url("css/absent.css"), "/static/missing");
    }
}
