//! What a call is handled with: the app, the caller, the language, what the address says; and the one transaction it is carried out in.

use std::{
    ops::{Deref, DerefMut},
    str::FromStr,
};

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::error::{Error, Result};
use crate::{
    app::App,
    audit::{Author, Entry, Subject},
    db::{self, On, Tx},
    estate::{
        filter::Seen,
        site::{Site, SiteId},
    },
    kernel::{
        Moment,
        clock::Zone,
        text::{Choice, hex},
    },
    web::{
        self, Input, Locale,
        access::Actor,
        guard::ClientAddress,
        list::Sort,
        once::{self, Claim, Kept},
    },
};

/// Rows on a page of a list when the caller does not say.
pub const ROWS: i64 = 50;
pub const MOST_ROWS: i64 = 200;
const LAST_PAGE: i64 = 1_000_000;
/// The header under whose value a call is made only once.
pub const KEY_HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 100;

/// The surroundings of a call. Dereferences to the app.
#[derive(Clone)]
pub struct Call {
    app: App,
    actor: Option<Actor>,
    pub l: Locale,
    pub query: Input,
    pub address: String,
    pub agent: String,
    /// Method and path: another call under the same key is another call.
    what: String,
    key: Option<String>,
}

impl Deref for Call {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRequestParts<App> for Call {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let l = parts.extensions.get::<Locale>().copied().unwrap_or_else(|| web::context::preferred_language(&parts.headers).into());
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            app: app.clone(),
            actor: parts.extensions.get::<Actor>().cloned(),
            l,
            query: Input::from_urlencoded(uri.query().unwrap_or_default().as_bytes())?,
            address: parts.extensions.get::<ClientAddress>().map_or_else(String::new, ToString::to_string),
            agent: agent.to_owned(),
            what: format!("{} {}", parts.method, uri.path()),
            key: key(&parts.headers)?,
        })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| is_key(text));
    text.map(|text| Some(text.to_owned())).ok_or_else(|| Error::field("Idempotency-Key", "api-key-wrong"))
}

/// A key that a sender may have made: up to a hundred visible characters of ASCII.
pub fn is_key(text: &str) -> bool {
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The part of a list that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    page: i64,
    per_page: i64,
}

impl Slice {
    /// How many rows, and how many before them.
    pub fn bounds(self) -> (i64, i64) {
        (self.per_page, (self.page - 1) * self.per_page)
    }

    pub fn of<T>(self, items: Vec<T>, total: i64) -> Listed<T> {
        Listed { items, page: self.page, per_page: self.per_page, total }
    }

    /// The same of rows that are few enough to be all at hand.
    pub fn cut<T>(self, all: Vec<T>) -> Listed<T> {
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (limit, offset) = self.bounds();
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        self.of(all.into_iter().skip(count(offset)).take(count(limit)).collect(), total)
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub page: i64,
    pub per_page: i64,
    /// Of all pages together.
    pub total: i64,
}

impl<T> Listed<T> {
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(change).collect(), page: self.page, per_page: self.per_page, total: self.total }
    }
}

impl Call {
    pub fn now(&self) -> Moment {
        self.app.clock.now()
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// The caller, on calls that are not public.
    ///
    /// # Errors
    /// Forbidden when there is none, which declared access has ruled out before.
    pub fn actor(&self) -> Result<&Actor> {
        Ok(self.actor.as_ref().ok_or(web::Error::Forbidden)?)
    }

    pub fn author(&self) -> Result<Author> {
        Ok(Author::from(self.actor()?))
    }

    /// The sites that the caller sees.
    pub fn seen(&self) -> Result<Seen<'_>> {
        Ok(self.actor()?.sites.as_deref())
    }

    /// Lets something through only if its site is one that the caller sees; else it is as absent.
    pub fn visible<T>(&self, found: Option<T>, site: impl Fn(&T) -> SiteId) -> Result<T> {
        let actor = self.actor()?;
        found.filter(|thing| actor.sees(site(thing))).ok_or(Error::NOT_FOUND)
    }

    /// A site that a body names.
    pub async fn site(&self, on: impl Into<On<'_>>, id: SiteId) -> Result<Site> {
        let actor = self.actor()?;
        Site::find(on, id).await?.filter(|site| actor.sees(site.id)).ok_or_else(|| Error::field("site_id", "form-choose"))
    }

    /// Today at a site.
    pub async fn today(&self, on: impl Into<On<'_>>, site: SiteId) -> Result<time::Date> {
        let zone = Site::find(on, site).await?.map_or_else(Zone::moscow, |site| site.zone());
        Ok(zone.day(self.now()))
    }

    /// A value of the address; nothing when it is not there.
    ///
    /// # Errors
    /// When it is there and is none of its kind.
    pub fn asked<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        if !self.query.has(name) {
            return Ok(None);
        }
        self.query.text(name).parse().map(Some).map_err(|_| Error::field(name, "api-wrong-value"))
    }

    pub fn slice(&self) -> Result<Slice> {
        let number = |name: &str, usual: i64, most: i64| {
            let asked = self.asked::<i64>(name)?.unwrap_or(usual);
            if (1..=most).contains(&asked) { Ok(asked) } else { Err(Error::field(name, "api-wrong-value")) }
        };
        Ok(Slice { page: number("page", 1, LAST_PAGE)?, per_page: number("per_page", ROWS, MOST_ROWS)? })
    }

    pub fn sort<T: Choice>(&self, usual: Sort<T>) -> Result<Sort<T>> {
        if !self.query.has("sort") {
            return Ok(usual);
        }
        let text = self.query.text("sort");
        let (is_descending, word) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        word.parse().map(|by| Sort { by, is_descending }).map_err(|_| Error::field("sort", "api-wrong-value"))
    }

    /// Begins what the call does. One with a key that was made before answers here as it did then.
    pub async fn turn(&self, body: &impl Serialize) -> Result<Turn> {
        let Some(key) = &self.key else { return Ok(Turn { tx: self.app.db.begin().await?, kept: None }) };
        let (tx, claim) = self.claim(key, body).await?;
        match claim {
            Claim::First(id) => Ok(Turn { tx, kept: Some(id) }),
            Claim::Again(kept) => Err(Error::Answered(Box::new(again(kept)))),
            Claim::Other => Err(Error::wrong("api-idempotency-mismatch")),
        }
    }

    /// Begins a row of a batch, in a transaction of its own. When the batch was broken off before and comes again with its key, rows that
    /// were made are not made again.
    pub async fn row(&self, index: i64, body: &impl Serialize) -> Result<Row> {
        let Some(key) = &self.key else { return Ok(Row::New(Turn { tx: self.app.db.begin().await?, kept: None })) };
        // No sender's key has a space in it.
        let (tx, claim) = self.claim(&format!("{key} {index}"), body).await?;
        match claim {
            Claim::First(id) => Ok(Row::New(Turn { tx, kept: Some(id) })),
            Claim::Again(kept) => Ok(Row::Made(kept.body.parse()?)),
            Claim::Other => Err(Error::wrong("api-idempotency-mismatch")),
        }
    }

    async fn claim(&self, key: &str, body: &impl Serialize) -> Result<(Tx, Claim)> {
        let mut tx = self.app.db.begin().await?;
        let mut hasher = Sha256::new();
        hasher.update(self.what.as_bytes());
        hasher.update([0]);
        hasher.update(serde_json::to_vec(body)?);
        let hash = hex(&hasher.finalize());
        let claim = once::claim(&mut tx, self.actor()?.id, key, &hash, self.now()).await?;
        Ok((tx, claim))
    }

    /// The key of the call as other areas keep it: the keys of two callers never meet.
    pub fn key_of(&self, what: &str) -> Result<Option<String>> {
        let user = self.actor()?.id;
        Ok(self.key.as_ref().map(|key| format!("api:{user}:{what}:{key}")))
    }

    pub fn entry<'a>(&self, author: &'a Author, action: &'static str, subject: Subject, id: i64, name: impl Into<String>) -> Entry<'a> {
        Entry { author, at: self.now(), action, subject, id: Some(id), name: name.into() }
    }
}

/// A row of a batch that is begun.
pub enum Row {
    /// To be made.
    New(Turn),
    /// Made when the batch was sent before; its key.
    Made(i64),
}

/// The transaction of a call, and the place where its answer is kept.
pub struct Turn {
    tx: Tx,
    kept: Option<i64>,
}

impl Deref for Turn {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

impl Turn {
    /// Keeps everything, the answer with it.
    pub async fn end(self, status: StatusCode, location: &str, body: &impl Serialize) -> Result {
        let body = serde_json::to_string(body)?;
        self.keep(status, location, &body).await?;
        Ok(json_answer(status, location, body))
    }

    /// Keeps a row of a batch, with the key of what was made.
    pub async fn made(self, key: i64) -> Result<()> {
        self.keep(StatusCode::CREATED, "", &key.to_string()).await
    }

    async fn keep(mut self, status: StatusCode, location: &str, body: &str) -> Result<()> {
        if let Some(id) = self.kept {
            once::keep(&mut self.tx, id, status.as_u16(), location, body).await?;
        }
        Ok(self.tx.commit().await?)
    }
}

fn again(kept: Kept) -> Response {
    let status = u16::try_from(kept.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    json_answer(status.unwrap_or(StatusCode::OK), &kept.location, kept.body)
}

fn json_answer(status: StatusCode, location: &str, body: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(value) = HeaderValue::from_str(location).ok().filter(|_| !location.is_empty()) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// What refers to something that is still referred to cannot go.
pub fn in_use(error: db::Error) -> Error {
    match error {
        db::Error::ForeignKeyViolation(_) => Error::conflict("api-in-use"),
        other => other.into(),
    }
}
