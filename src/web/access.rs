//! Who is asking, and whether a route is open to them. Decided for every request from the database, never from the session alone.

use std::sync::Arc;

use axum::{
    extract::{OriginalUri, Request, State},
    http::{Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use tower_sessions::Session;

use super::{
    error::{Error, wants_json},
    i18n::Locale,
    session,
};
use crate::{
    app::App,
    db,
    estate::site::SiteId,
    staff::user::{Permission, Role, User, UserId},
    web::i18n::Language,
};

/// What a route asks of the person who calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, also a stranger.
    Public,
    /// Anyone who signed in.
    SignedIn,
    /// Whoever's role has the permission.
    Can(Permission),
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::SignedIn => f.write_str("signed in"),
            Self::Can(permission) => write!(f, "{permission}"),
        }
    }
}

/// The signed-in person of this request, as the database has them now.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub language: Language,
    pub theme: String,
    /// The sites a controller was given; `None` means all.
    pub sites: Option<Arc<[SiteId]>>,
    /// Where the request came from, for the audit.
    pub address: String,
    /// Has a role that needs a second factor and none yet: reaches only the own account's pages.
    pub must_enrol: bool,
}

impl Actor {
    /// Somebody who proved who they are, with the sites they see now.
    pub async fn of(app: &App, user: User, address: String) -> db::Result<Self> {
        let sites = user.visible_sites(&app.db).await?;
        let must_enrol = app.config.require_second_factor && user.role.needs_second_factor() && user.totp_secret.is_none();
        Ok(Self { id: user.id, name: user.name, role: user.role, language: user.language, theme: user.theme, sites, address, must_enrol })
    }

    pub fn can(&self, permission: Permission) -> bool {
        self.role.can(permission)
    }

    /// May this person see anything of the site? Someone else's site answers exactly as an absent one.
    pub fn sees(&self, site: SiteId) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.contains(&site))
    }
}

/// Finds out who is asking and leaves it with the request; tells the answer which language to use.
pub async fn identify(State(app): State<App>, session: Session, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<super::guard::ClientAddress>().map_or_else(String::new, ToString::to_string);
    let actor = match session::actor(&app, &session, address).await {
        Ok(actor) => actor,
        Err(error) => return error.into_response(),
    };
    let locale = actor.as_ref().map(|actor| Locale::from(actor.language));
    let is_signed_in = actor.is_some();
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    let mut response = next.run(request).await;
    if let Some(locale) = locale {
        response.extensions_mut().insert(locale);
    }
    if is_signed_in && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    response
}

/// The layer that each route carries: lets the request through or answers in the route's stead.
pub async fn check(access: Access, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>();
    match (access, actor) {
        (Access::Public, _) => next.run(request).await,
        (Access::Can(permission), Some(actor)) if !actor.can(permission) => Error::Forbidden.into_response(),
        (_, Some(actor)) if actor.must_enrol && !is_own_account(&request) => ask_to_enrol(&request),
        (_, Some(_)) => next.run(request).await,
        (_, None) => ask_to_sign_in(&request),
    }
}

/// The pages that must stay open to whoever still lacks a second factor.
fn is_own_account(request: &Request) -> bool {
    let path = original_uri(request).path().to_owned();
    path == "/me" || path.starts_with("/me/") || path == "/sign-out"
}

fn ask_to_enrol(request: &Request) -> Response {
    if wants_json(request.headers()) { Error::Forbidden.into_response() } else { Redirect::to("/me/second-factor").into_response() }
}

fn original_uri(request: &Request) -> Uri {
    request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone())
}

/// A page leads to the sign-in and back; a program is told that it lacks a sign-in.
fn ask_to_sign_in(request: &Request) -> Response {
    if wants_json(request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let original = original_uri(request);
    let back = if request.method() == Method::GET { original.path_and_query().map(ToString::to_string) } else { referring_page(request) };
    let query: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("next", &back.unwrap_or_else(|| "/".to_owned())).finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

/// The page whose form was sent, so that a person whose session ended comes back to it.
fn referring_page(request: &Request) -> Option<String> {
    let referrer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let (_, rest) = referrer.split_once("://")?;
    rest.find('/').map(|at| rest[at..].to_owned())
}
