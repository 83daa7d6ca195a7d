//! What a handler is given: the app, the person, the language, the session; and how it answers.

use std::ops::Deref;

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Redirect},
};
use tower_sessions::Session;

use super::{
    access::Actor,
    error::{Error, Result},
    form::Input,
    guard::ClientAddress,
    i18n::{Language, Locale},
    session,
};
use crate::{
    app::App,
    estate::site::SiteId,
    kernel::{Moment, clock::Zone},
};

/// The request's surroundings. Dereferences to the app, so that `ctx.db` and `ctx.clock` are at hand.
#[derive(Clone)]
pub struct Ctx {
    app: App,
    /// Absent only on public routes.
    actor: Option<Actor>,
    pub l: Locale,
    pub session: Session,
    pub path: String,
    pub query: Input,
    pub address: String,
    pub agent: String,
}

impl Deref for Ctx {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = Session::from_request_parts(parts, app).await.map_err(|_| Error::Busy)?;
        let actor = parts.extensions.get::<Actor>().cloned();
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let query = Input::from_urlencoded(uri.query().unwrap_or_default().as_bytes())?;
        let language = match &actor {
            Some(actor) => actor.language,
            None => query.text("lang").parse().unwrap_or_else(|_| preferred_language(&parts.headers)),
        };
        let l = language.into();
        let address = parts.extensions.get::<ClientAddress>().map_or_else(String::new, ToString::to_string);
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Self { app: app.clone(), actor, l, session, path: uri.path().to_owned(), query, address, agent })
    }
}

impl Ctx {
    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn now(&self) -> Moment {
        self.app.clock.now()
    }

    /// The person, on routes that are not public.
    ///
    /// # Errors
    /// Forbidden when nobody signed in, which declared access has ruled out before.
    pub fn actor(&self) -> Result<&Actor> {
        self.actor.as_ref().ok_or(Error::Forbidden)
    }

    /// The person, if any.
    pub fn somebody(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Lets something through only if its site is one that the person sees; else it is as absent.
    pub fn visible<T>(&self, found: Option<T>, site: impl Fn(&T) -> SiteId) -> Result<T> {
        let actor = self.actor()?;
        found.filter(|thing| actor.sees(site(thing))).ok_or(Error::NotFound)
    }

    /// Leaves a sentence for the next page and goes there.
    pub async fn done(&self, text: String, to: impl AsRef<str>) -> Result {
        session::flash(&self.session, "good", text).await?;
        Ok(Redirect::to(to.as_ref()).into_response())
    }

    /// The same for something that did not work out but needs no form.
    pub async fn refused(&self, text: String, to: impl AsRef<str>) -> Result {
        session::flash(&self.session, "bad", text).await?;
        Ok(Redirect::to(to.as_ref()).into_response())
    }

    /// A moment as written on the organisation's clock.
    pub fn moment(&self, moment: Moment) -> String {
        self.l.moment(moment, Zone::moscow())
    }
}

/// Keys out of the path. What is no key names nothing, so it is absent rather than a bad request.
pub struct Keys<T>(pub T);

impl<T: serde::de::DeserializeOwned + Send> FromRequestParts<App> for Keys<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let found = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        found.map(|axum::extract::Path(keys)| Self(keys)).map_err(|_| Error::NotFound)
    }
}

/// The language of a stranger: the first of ours that the browser asks for, else Russian.
pub fn preferred_language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').find_map(|part| part.trim().get(..2)?.to_ascii_lowercase().parse().ok()).unwrap_or(Language::Russian)
}

/// A path inside this site, for `next=` parameters; anything else leads home.
///
/// Browsers leave out tabs and line ends and take `\` for `/`, so `/<tab>/evil.example` is another site's address.
pub fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/') && !next.starts_with("//") && !next.contains(|c: char| c == '\\' || c.is_control());
    if is_local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(local_path("/rounds/1?x=1"), "/rounds/1?x=1");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:alert(1)", "/\n/evil", "/\t/evil"] {
            assert_eq!(local_path(evil), "/", "{evil:?}");
        }
    }
}
