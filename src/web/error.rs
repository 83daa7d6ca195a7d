//! One error type for every page and call: the reason travels with the response, one place words it as a page or as problem details.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{form::FieldErrors, i18n::Locale, page};
use crate::{app::App, web::context::preferred_language};

pub type Result<T = Response, E = Error> = std::result::Result<T, E>;

/// Why a request was not answered as asked. Wrong input is not an error but a page of field errors.
#[derive(Debug)]
pub enum Error {
    /// Absent, or not this person's: the two answer exactly alike.
    NotFound,
    Forbidden,
    /// The message key says what is wrong with the request.
    BadRequest(&'static str),
    /// The message key says which state does not allow it.
    Conflict(&'static str),
    /// More than the route takes.
    TooLarge,
    /// A kind of content we do not take; the message key says what to send instead.
    Unsupported(&'static str),
    /// Too many at once; try again shortly.
    Busy,
    /// Our fault: logged once, with a reference that the page shows.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> Option<&'static str> {
        match self {
            Self::BadRequest(key) | Self::Conflict(key) | Self::Unsupported(key) => Some(key),
            _ => None,
        }
    }
}

/// The message key that explains an error answer, for the middleware that words it.
#[derive(Clone, Copy)]
struct Detail(&'static str);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Failed(error) = &self {
            tracing::error!(error = format!("{error:#}"), "a request failed");
        }
        let mut response = self.status().into_response();
        if let Some(key) = self.detail() {
            response.extensions_mut().insert(Detail(key));
        }
        response
    }
}

/// What a program is told of an error beside its status, in the words of a message and field by field.
#[derive(Clone, Debug)]
pub struct Told {
    /// The message that says it; without the word that its catalogue begins with, also the stable code.
    pub key: &'static str,
    pub arguments: Vec<(&'static str, String)>,
    pub errors: FieldErrors,
}

/// The stable code of a message that says what is wrong: `form-not-a-date` is `not_a_date`.
pub fn code_of(key: &str) -> String {
    let own = ["api-", "form-", "error-"].iter().find_map(|area| key.strip_prefix(area));
    own.unwrap_or(key).replace('-', "_")
}

/// A handler's own finished answer (a form with its field errors, say): it keeps its body whatever its status.
#[derive(Clone, Copy)]
pub struct Finished;

/// Words every bare error answer, whoever made it: a page for people, problem details for programs.
pub async fn explain(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_call = request.uri().path().starts_with("/api/");
    let wants_json = is_call || wants_json(request.headers());
    let fallback = preferred_language(request.headers());
    let reference = request.extensions().get::<super::guard::RequestId>().cloned().unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || response.extensions().get::<Finished>().is_some() {
        return response;
    }
    let l = response.extensions().get::<Locale>().copied().unwrap_or_else(|| fallback.into());
    let detail = response.extensions().get::<Detail>().copied();
    let body = if wants_json {
        let told = response.extensions().get::<Told>().cloned();
        let told = told.or_else(|| detail.map(|Detail(key)| Told { key, arguments: Vec::new(), errors: FieldErrors::default() }));
        problem(l, status, told.as_ref())
    } else {
        let words = Words::of(l, status, detail);
        page::error_page(&app, l, &words.title, &words.text, status.is_server_error().then_some(reference.0.as_str()))
    };
    with_headers_of(response, status, body)
}

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::METHOD_NOT_ALLOWED => "method",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::CONFLICT => "conflict",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported",
        StatusCode::MISDIRECTED_REQUEST => "host",
        StatusCode::UNPROCESSABLE_ENTITY => "wrong",
        StatusCode::TOO_MANY_REQUESTS => "too-many",
        StatusCode::SERVICE_UNAVAILABLE => "busy",
        status if status.is_server_error() => "failed",
        _ => "bad-request",
    }
}

struct Words {
    title: String,
    text: String,
}

impl Words {
    fn of(l: Locale, status: StatusCode, detail: Option<Detail>) -> Self {
        let code = if status == StatusCode::UNPROCESSABLE_ENTITY { "bad-request" } else { code(status) };
        let text = detail.map_or_else(|| l.t(&format!("error-{code}-text")), |Detail(key)| l.t(key));
        Self { title: l.t(&format!("error-{code}-title")), text }
    }
}

/// RFC 9457 problem details.
fn problem(l: Locale, status: StatusCode, told: Option<&Told>) -> Response {
    let general = code(status);
    let errors = told.iter().flat_map(|told| told.errors.iter());
    let errors: Vec<_> =
        errors.map(|error| json!({ "field": error.field, "code": code_of(error.key), "message": error.text(l) })).collect();
    let body = json!({
        "type": "about:blank",
        "title": l.t(&format!("api-title-{general}")),
        "status": status.as_u16(),
        "code": told.map_or_else(|| general.replace('-', "_"), |told| code_of(told.key)),
        "detail": told.map_or_else(|| l.t(&format!("api-text-{general}")), |told| l.a(told.key, &told.arguments)),
        "errors": errors,
    });
    ([(header::CONTENT_TYPE, "application/problem+json")], Json(body)).into_response()
}

/// The worded body under the status and headers (cookies, `Allow`, `Retry-After`) of the bare answer.
fn with_headers_of(bare: Response, status: StatusCode, worded: Response) -> Response {
    let (mut parts, _) = bare.into_parts();
    let (worded_parts, body) = worded.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(worded_parts.headers);
    parts.status = status;
    Response::from_parts(parts, body)
}

/// Does the caller prefer JSON over a page?
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}
