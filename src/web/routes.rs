//! Path, access and handler declared together. An area owns its routes; `app.rs` only joins them.

use std::convert::Infallible;

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    middleware::{Next, from_fn},
    routing::{MethodFilter, MethodRouter, on},
};
use tower_http::limit::RequestBodyLimitLayer;

use super::access::{self, Access};
use crate::app::App;

/// What an ordinary form may weigh.
const FORM_LIMIT_BYTES: usize = 256 * 1024;

/// The routes of an area, and the table of them that the access test walks.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

/// One line of the route table.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub access: Access,
    pub limit_bytes: usize,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// A page that is shown; never changes anything.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.route("GET", path, access, FORM_LIMIT_BYTES, on(MethodFilter::GET, handler))
    }

    /// A form that is sent.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, handler: H) -> Self {
        self.route("POST", path, access, FORM_LIMIT_BYTES, on(MethodFilter::POST, handler))
    }

    /// A form with files, of at most `limit_bytes` in all.
    #[must_use]
    pub fn upload<H: Handler<T, App>, T: 'static>(self, path: &'static str, access: Access, limit_bytes: usize, handler: H) -> Self {
        self.route("POST", path, access, limit_bytes, on(MethodFilter::POST, handler))
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// Everything declared, in order of declaration.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    pub fn into_router(self) -> Router<App> {
        self.router
    }

    fn route(mut self, method: &'static str, path: &'static str, access: Access, limit_bytes: usize, handler: MethodRouter<App>) -> Self {
        let guarded = handler
            .layer::<_, Infallible>(axum::extract::DefaultBodyLimit::disable())
            .layer(RequestBodyLimitLayer::new(limit_bytes))
            .layer(from_fn(move |request: Request, next: Next| access::check(access, request, next)));
        self.router = self.router.route(path, guarded);
        self.table.push(Route { method, path, access, limit_bytes });
        self
    }
}
