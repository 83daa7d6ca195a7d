//! The body of a call: JSON that says exactly what is asked, nothing besides.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::IntoResponse,
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::error::{Error, Result};
use crate::{app::App, web};

/// The content of a call, of the right shape; its rules are judged by the handler.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(web::Error::Unsupported("api-not-json").into());
        }
        let body = Bytes::from_request(request, app).await.map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => web::Error::TooLarge,
            _ => web::Error::BadRequest("error-broken-body"),
        })?;
        read(&body).map(Self)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let malformed = || Error::of(StatusCode::BAD_REQUEST, "api-malformed-json");
    // serde would take a list for an object whose fields are in that order.
    let is_object = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_object {
        let is_json = serde_json::from_slice::<serde_json::Value>(body).is_ok();
        return Err(if is_json { Error::wrong("api-not-an-object") } else { malformed() });
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| if error.inner().classify() == Category::Data { wrong_shape(&error) } else { malformed() })?;
    reader.end().map_err(|_| malformed())?;
    Ok(value)
}

/// Names the field whose name or type is wrong. Only the library's words tell what kind of mistake it is.
fn wrong_shape(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let said = error.inner().to_string();
    let named = said.split('`').nth(1).unwrap_or_default();
    let path = error.path().to_string();
    let inside = path.strip_suffix(named).map_or(path.as_str(), |outer| outer.trim_end_matches('.'));
    let full = |inside: &str| match inside {
        "" | "." => named.to_owned(),
        outer => format!("{outer}.{named}"),
    };
    if said.starts_with("missing field") {
        Error::field(full(&path), "form-required")
    } else if said.starts_with("unknown field") {
        Error::field(full(inside), "api-unknown-field")
    } else if said.starts_with("duplicate field") {
        Error::field(full(inside), "api-repeated-field")
    } else {
        Error::field(path, "api-wrong-value")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::web::{Language, Locale};

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its shape is tried")]
        items: Vec<Inner>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its shape is tried")]
        n: i64,
    }

    #[test]
    fn a_wrong_body_names_its_field() {
        for (body, code, field) in [
            (r#"{"items":[{"n":1},{"n":"x"}]}"#, "wrong_value", "items[1].n"),
            (r#"{"items":[{"n":1,"role":2}]}"#, "unknown_field", "items[0].role"),
            (r#"{"items":[],"role":2}"#, "unknown_field", "role"),
            (r#"{"items":[{}]}"#, "required", "items[0].n"),
            ("{}", "required", "items"),
            (r#"{"items":[{"n":1,"n":2}]}"#, "repeated_field", "items[0].n"),
            (r#"{"items":[{"n":9223372036854775808}]}"#, "wrong_value", "items[0].n"),
            ("[]", "not_an_object", ""),
            (r#"{"items":[]"#, "malformed_json", ""),
            (r#"{"items":[]} x"#, "malformed_json", ""),
            (r#"{"items":[{"n":1e400}]}"#, "malformed_json", ""),
        ] {
            let (found, words) = read::<Outer>(body.as_bytes()).unwrap_err().words(Locale::from(Language::English));
            assert_eq!(found, code, "{body}");
            assert!(words.starts_with(field), "{body}: {words}");
        }
        let deep = format!("{{\"items\":{}", "[".repeat(10_000));
        assert_eq!(read::<Outer>(deep.as_bytes()).unwrap_err().words(Locale::from(Language::English)).0, "wrong_value");
    }
}
