//! Who is calling, by their token alone: a cookie proves nothing here. And how often they may.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DefaultKeyedStateStore,
};

use super::error::{Error, Result};
use crate::{
    app::App,
    staff::token,
    web::{Access, FieldErrors, Input, Language, Locale, access::Actor, guard::ClientAddress},
};

/// Tokens are forgotten by the limiter once so many are known.
const MANY: usize = 10_000;

/// How often each token may call.
pub struct Limits {
    limiter: RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock>,
}

impl Limits {
    pub fn new(calls_per_minute: NonZeroU32) -> Self {
        Self { limiter: RateLimiter::keyed(Quota::per_minute(calls_per_minute)) }
    }

    /// Counts a call; how long to wait when it is one too many.
    fn count(&self, token: &str) -> Option<Duration> {
        if self.limiter.len() > MANY {
            self.limiter.retain_recent();
        }
        let refused = self.limiter.check_key(&token::hash(token)).err()?;
        Some(refused.wait_time_from(DefaultClock::default().now()))
    }
}

/// Finds out whose token came with the call and leaves them with it; tells the answer which language to use.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ClientAddress>().map_or_else(String::new, ToString::to_string);
    let found = match bearer(request.headers()) {
        Some(token) => caller(&app, token, address).await,
        None => Ok(None),
    };
    let actor = match found {
        Ok(actor) => actor,
        Err(error) => return error.into_response(),
    };
    let asked = asked_language(request.headers());
    let language = asked.or(actor.as_ref().map(|actor| actor.language)).unwrap_or(Language::Russian);
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    let l = Locale::from(language);
    request.extensions_mut().insert(l);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(l);
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(header::HeaderValue::from_static("no-store"));
    response
}

async fn caller(app: &App, token: &str, address: String) -> Result<Option<Actor>> {
    let now = app.clock.now();
    let Some(user) = token::owner(&app.db, token, now).await? else { return Ok(None) };
    if let Some(wait) = app.limits.count(token) {
        return Err(Error::too_soon(now.plus(time::Duration::try_from(wait)? + time::Duration::seconds(1)), now));
    }
    Ok(Some(Actor::of(app, user, address).await?))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The first of our languages that the caller asks for.
fn asked_language(headers: &HeaderMap) -> Option<Language> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accepted.split(',').find_map(|part| part.trim().get(..2)?.to_ascii_lowercase().parse().ok())
}

/// The layer that each call carries: lets it through, or answers in its stead.
pub async fn admit(access: Access, names: Arc<[&'static str]>, request: Request, next: Next) -> Response {
    match judge(access, &names, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn judge(access: Access, names: &[&str], request: &Request) -> Result<()> {
    let actor = request.extensions().get::<Actor>();
    match (access, actor) {
        (Access::Public, _) => {}
        (_, None) => return Err(Error::of(StatusCode::UNAUTHORIZED, "api-unauthorized")),
        (_, Some(actor)) if actor.must_enrol => return Err(Error::of(StatusCode::FORBIDDEN, "api-second-factor-needed")),
        (Access::Can(permission), Some(actor)) if !actor.can(permission) => return Err(crate::web::Error::Forbidden.into()),
        _ => {}
    }
    let query = Input::from_urlencoded(request.uri().query().unwrap_or_default().as_bytes())?;
    let mut errors = FieldErrors::default();
    for (name, _) in query.fields().iter().filter(|(name, _)| !names.contains(&name.as_str())) {
        errors.add(name.clone(), "api-unknown-field", Vec::new());
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}
