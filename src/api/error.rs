//! Why a call was not answered as asked. `web::error` words it as problem details, in the caller's language.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    kernel::Moment,
    ledger,
    web::{
        self, FieldErrors, Locale,
        error::{Told, code_of},
    },
};

pub type Result<T = Response, E = Error> = std::result::Result<T, E>;

/// Nothing was changed when a call ends in one of these.
#[derive(Debug)]
pub enum Error {
    Web(web::Error),
    Refused(Box<Refused>),
    /// The call was made before under the same key: its first answer.
    Answered(Box<Response>),
}

/// A refusal with its words.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    told: Told,
    /// After so many seconds it may be tried again.
    wait_seconds: Option<i64>,
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Web(web::Error::Failed(error.into()))
    }
}

impl From<web::Error> for Error {
    fn from(error: web::Error) -> Self {
        Self::Web(error)
    }
}

/// What is wrong with the content of a call.
impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::told(StatusCode::UNPROCESSABLE_ENTITY, "api-wrong-content", errors)
    }
}

impl Error {
    pub const NOT_FOUND: Self = Self::Web(web::Error::NotFound);

    fn told(status: StatusCode, key: &'static str, errors: FieldErrors) -> Self {
        Self::Refused(Box::new(Refused { status, told: Told { key, arguments: Vec::new(), errors }, wait_seconds: None }))
    }

    /// A refusal that one message says.
    pub fn of(status: StatusCode, key: &'static str) -> Self {
        Self::told(status, key, FieldErrors::default())
    }

    /// The state of things does not allow it.
    pub fn conflict(key: &'static str) -> Self {
        Self::of(StatusCode::CONFLICT, key)
    }

    /// One field, or the content as a whole, is wrong.
    pub fn wrong(key: &'static str) -> Self {
        Self::of(StatusCode::UNPROCESSABLE_ENTITY, key)
    }

    pub fn field(field: impl Into<String>, key: &'static str) -> Self {
        FieldErrors::one(field, key).into()
    }

    /// Something else has it already.
    pub fn taken(field: impl Into<String>, key: &'static str) -> Self {
        Self::told(StatusCode::CONFLICT, key, FieldErrors::one(field, key))
    }

    /// The same about a part of a body, whose fields are named with their place.
    #[must_use]
    pub fn inside(mut self, place: &str) -> Self {
        if let Self::Refused(refused) = &mut self {
            refused.told.errors = std::mem::take(&mut refused.told.errors).inside(place);
        }
        self
    }

    /// The same under other names of fields.
    #[must_use]
    pub fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        if let Self::Refused(refused) = &mut self {
            refused.told.errors = std::mem::take(&mut refused.told.errors).renamed(names);
        }
        self
    }

    /// Too often: try again then.
    pub fn too_soon(until: Moment, now: Moment) -> Self {
        let mut refused = Refused {
            status: StatusCode::TOO_MANY_REQUESTS,
            told: Told { key: "api-too-soon", arguments: Vec::new(), errors: FieldErrors::default() },
            wait_seconds: None,
        };
        refused.wait_seconds = Some(until.since(now).whole_seconds().max(1));
        Self::Refused(Box::new(refused))
    }

    /// Code and words, as a row of a batch tells them: those of the first wrong field, where one is.
    pub fn words(&self, l: Locale) -> (String, String) {
        match self {
            Self::Refused(refused) => match refused.told.errors.iter().next() {
                Some(error) => (code_of(error.key), format!("{}: {}", error.field, error.text(l))),
                None => (code_of(refused.told.key), l.a(refused.told.key, &refused.told.arguments)),
            },
            Self::Web(web::Error::NotFound) => ("not_found".to_owned(), l.t("api-text-not-found")),
            Self::Web(web::Error::Forbidden) => ("forbidden".to_owned(), l.t("api-text-forbidden")),
            Self::Web(_) | Self::Answered(_) => ("failed".to_owned(), l.t("api-text-failed")),
        }
    }

    /// Is it our fault? Such an error ends a batch.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Web(web::Error::Failed(_) | web::Error::Busy))
    }
}

/// What the ledger refuses, as a caller is told.
pub fn of_ledger(refusal: &ledger::Refusal) -> Error {
    match refusal {
        ledger::Refusal::SameBook { .. } => Error::wrong("api-same-account"),
        ledger::Refusal::NotPositive { .. } => Error::field("amount_kopecks", "form-not-positive"),
        ledger::Refusal::InsufficientFunds { .. } => Error::conflict("api-insufficient-funds"),
        ledger::Refusal::KeyReused { .. } => Error::wrong("api-idempotency-mismatch"),
        ledger::Refusal::ReversedAlready { .. } => Error::conflict("api-reversed-already"),
        ledger::Refusal::Closed { .. } => Error::conflict("api-month-closed"),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Web(error) => error.into_response(),
            Self::Answered(response) => *response,
            Self::Refused(refused) => {
                let mut response = refused.status.into_response();
                if let Some(seconds) = refused.wait_seconds {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                }
                if refused.status == StatusCode::UNAUTHORIZED {
                    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                }
                response.extensions_mut().insert(refused.told);
                response
            }
        }
    }
}
