//! The description of all calls in the form of OpenAPI 3.1, made from their declarations. `docs/openapi.json` is this, kept for readers.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::{
    PartialSchema as _, ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr,
        Required, Response, ResponseBuilder, ResponsesBuilder, SchemaFormat, Type,
        header::HeaderBuilder,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem},
        request_body::RequestBodyBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::calls::{Calls, Op, ROOT};
use crate::web::Access;

const ABOUT: &str = "What other programs can do with Meterbook. `POST /api/v1/tokens` gives a token; every other call carries it as \
`Authorization: Bearer …`. Sums are whole kopecks, quantities and prices decimal texts, days `2026-11-20`, months `2026-11`. Unknown fields \
are refused. A `POST` may carry an `Idempotency-Key`: sent again with the same content it gives the first answer again and changes \
nothing; with other content it is refused.";

/// What is wrong, as RFC 9457 has it.
#[derive(Serialize, ToSchema)]
struct Problem {
    r#type: String,
    title: String,
    status: i64,
    /// Stable, for programs.
    code: String,
    /// For people, in the caller's language.
    detail: String,
    errors: Vec<FieldProblem>,
}

#[derive(Serialize, ToSchema)]
struct FieldProblem {
    field: String,
    code: String,
    message: String,
}

/// The description of these calls.
pub fn document(calls: &Calls) -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .schema("Problem", Problem::schema())
        .schema("FieldProblem", FieldProblem::schema())
        .response(REFUSAL, refusal())
        .security_scheme("token", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    let mut items: BTreeMap<String, PathItem> = BTreeMap::new();
    for op in calls.ops() {
        for (name, schema) in &op.schemas {
            components = components.schema(name.clone(), schema.clone());
        }
        let item = PathItem::new(op.http_method(), operation(op));
        items.entry(format!("{ROOT}{}", op.path)).or_default().merge_operations(item);
    }
    let paths = items.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Meterbook")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .license(Some(LicenseBuilder::new().name("AGPL-3.0-or-later").identifier(Some("AGPL-3.0-or-later")).build()))
                .build(),
        )
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(op: &Op) -> Operation {
    let mut operation = OperationBuilder::new().tag(op.tag).summary(Some(op.summary)).operation_id(Some(name(op)));
    if op.access == Access::Public {
        operation = operation.securities(Some(Vec::<SecurityRequirement>::new()));
    } else {
        operation = operation.security(SecurityRequirement::new("token", Vec::<String>::new()));
        if op.access != Access::SignedIn {
            operation = operation.description(Some(format!("Needs the permission `{}`.", op.access)));
        }
    }
    for name in op.path_names() {
        // An account goes by its number too.
        let schema: RefOr<utoipa::openapi::Schema> = if name == "account" {
            ObjectBuilder::new().schema_type(Type::String).description(Some("Number, or id")).into()
        } else {
            crate::kernel::id::schema()
        };
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(schema));
        operation = operation.parameter(parameter);
    }
    for parameter in &op.query {
        operation = operation.parameter(parameter.clone());
    }
    if op.is_keyed {
        let key = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,100}$"));
        let parameter =
            ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header).required(Required::False).schema(Some(key));
        operation = operation.parameter(parameter);
    }
    if let Some(schema) = &op.body {
        let content = ContentBuilder::new().schema(Some(schema.clone())).build();
        let required = if op.is_body_optional { Required::False } else { Required::True };
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(required)).build();
        operation = operation.request_body(Some(body));
    }
    operation.responses(responses(op)).build()
}

/// `POST /billing-runs/{run}/approve` is `post_billing_runs_run_approve`.
fn name(op: &Op) -> String {
    let path: String = op.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let words: Vec<&str> = path.split('_').filter(|word| !word.is_empty()).collect();
    format!("{}_{}", op.method.to_lowercase(), words.join("_"))
}

fn responses(op: &Op) -> utoipa::openapi::Responses {
    let mut answer = ResponseBuilder::new().description(op.answer.status.canonical_reason().unwrap_or_default());
    if let Some(schema) = &op.answer.schema {
        answer = answer.content(op.answer.media_type, ContentBuilder::new().schema(Some(schema.clone())).build());
    }
    if op.answer.has_location {
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom("uri-reference".to_owned())));
        answer = answer.header("Location", HeaderBuilder::new().schema(Some(text)).build());
    }
    let mut refusals = vec![
        StatusCode::BAD_REQUEST,
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::UNPROCESSABLE_ENTITY,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if op.access != Access::Public {
        refusals.extend([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN]);
    }
    if op.body.is_some() {
        refusals.extend([StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNSUPPORTED_MEDIA_TYPE]);
    }
    refusals.extend(op.refusals.iter().copied());
    let responses = ResponsesBuilder::new().response(op.answer.status.as_str(), answer.build());
    let refusal = || RefOr::<Response>::Ref(Ref::from_response_name(REFUSAL));
    refusals.into_iter().fold(responses, |responses, status| responses.response(status.as_str(), refusal())).build()
}

/// The name of the answer that says why not.
const REFUSAL: &str = "Refusal";

fn refusal() -> Response {
    let content = ContentBuilder::new().schema(Some(RefOr::<utoipa::openapi::Schema>::Ref(Ref::from_schema_name("Problem")))).build();
    ResponseBuilder::new().description("Why not: see the code").content("application/problem+json", content).build()
}
