//! A call is declared once: path, access, what it takes and answers. Its route, its line in the table and its description follow from that.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::StatusCode,
    middleware::{Next, from_fn},
    routing::{MethodFilter, on},
};

use tower_http::limit::RequestBodyLimitLayer;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        HttpMethod, KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{
    access::admit,
    call::{Listed, MOST_ROWS, ROWS},
    noun::Items,
};
use crate::{app::App, kernel::text::Choice, web::Access};

/// In front of every path here.
pub const ROOT: &str = "/api/v1";

const BODY_LIMIT_BYTES: usize = 256 * 1024;
/// What a body of many rows may weigh.
pub const BATCH_LIMIT_BYTES: usize = 8 * 1024 * 1024;

/// Schemas by name, as a description collects them.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// A schema with all that it refers to.
fn schema_of<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    T::schemas(schemas);
    let name = T::name().into_owned();
    schemas.push((name.clone(), T::schema()));
    RefOr::Ref(utoipa::openapi::Ref::from_schema_name(name))
}

/// What a call answers when all is well.
pub struct Answer {
    pub status: StatusCode,
    /// Nothing comes without one.
    pub schema: Option<RefOr<Schema>>,
    pub media_type: &'static str,
    /// It says where the new thing is.
    pub has_location: bool,
}

impl Answer {
    fn of(status: StatusCode, schema: Option<RefOr<Schema>>) -> Self {
        Self { status, schema, media_type: "application/json", has_location: false }
    }
}

/// The declaration of a call.
pub struct Op {
    pub method: &'static str,
    pub path: String,
    pub access: Access,
    pub limit_bytes: usize,
    pub summary: &'static str,
    pub tag: &'static str,
    pub query: Vec<Parameter>,
    pub body: Option<RefOr<Schema>>,
    /// It may be left out altogether.
    pub is_body_optional: bool,
    pub answer: Answer,
    /// Further statuses that it refuses with.
    pub refusals: Vec<StatusCode>,
    /// It may be sent again under a key.
    pub is_keyed: bool,
    pub schemas: Schemas,
    names: Vec<&'static str>,
}

fn op(method: &'static str, path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    let path = path.into();
    let refusals = if path.contains('{') { vec![StatusCode::NOT_FOUND] } else { Vec::new() };
    Op {
        method,
        path,
        access,
        limit_bytes: BODY_LIMIT_BYTES,
        summary,
        tag: "",
        query: Vec::new(),
        body: None,
        is_body_optional: false,
        answer: Answer::of(StatusCode::NO_CONTENT, None),
        refusals,
        is_keyed: false,
        schemas: Vec::new(),
        names: Vec::new(),
    }
}

pub fn get(path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    op("GET", path, access, summary)
}

/// Something new is made, moved or begun: it may be sent under a key.
pub fn post(path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    Op { is_keyed: access != Access::Public, ..op("POST", path, access, summary) }
}

pub fn put(path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    op("PUT", path, access, summary)
}

pub fn patch(path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    op("PATCH", path, access, summary)
}

pub fn delete(path: impl Into<String>, access: Access, summary: &'static str) -> Op {
    op("DELETE", path, access, summary).refuses(StatusCode::CONFLICT)
}

impl Op {
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(schema_of::<T>(&mut self.schemas));
        self
    }

    /// The same, but a call without any body will do.
    #[must_use]
    pub fn takes_or_not<T: ToSchema>(self) -> Self {
        Self { is_body_optional: true, ..self.takes::<T>() }
    }

    /// Rows of `T`. A shape over any type has no name of its own, so it stands where it is used.
    #[must_use]
    pub fn takes_rows<T: ToSchema>(mut self) -> Self {
        schema_of::<T>(&mut self.schemas);
        self.body = Some(Items::<T>::schema());
        self.many()
    }

    /// Many rows: a larger body.
    #[must_use]
    pub fn many(self) -> Self {
        Self { limit_bytes: BATCH_LIMIT_BYTES, ..self }
    }

    #[must_use]
    pub fn gives<T: ToSchema>(self) -> Self {
        self.answers::<T>(StatusCode::OK)
    }

    #[must_use]
    pub fn answers<T: ToSchema>(mut self, status: StatusCode) -> Self {
        let schema = Some(schema_of::<T>(&mut self.schemas));
        self.answer = Answer::of(status, schema);
        self
    }

    /// A text of another kind than JSON.
    #[must_use]
    pub fn gives_text(mut self, media_type: &'static str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).into();
        self.answer = Answer { media_type, ..Answer::of(StatusCode::OK, Some(text)) };
        self
    }

    /// Something came into being and can be asked for at the `Location`.
    #[must_use]
    pub fn makes<T: ToSchema>(mut self) -> Self {
        self = self.answers::<T>(StatusCode::CREATED);
        self.answer.has_location = true;
        self
    }

    /// Something was begun that can be watched at the `Location`.
    #[must_use]
    pub fn begins<T: ToSchema>(mut self) -> Self {
        self = self.answers::<T>(StatusCode::ACCEPTED);
        self.answer.has_location = true;
        self
    }

    /// A list, page by page.
    #[must_use]
    pub fn lists<T: ToSchema>(mut self) -> Self {
        schema_of::<T>(&mut self.schemas);
        self.answer = Answer::of(StatusCode::OK, Some(Listed::<T>::schema()));
        self.paged()
    }

    #[must_use]
    pub fn paged(self) -> Self {
        let number = |most: i64, usual: i64| {
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1))
                .maximum(Some(most))
                .default(Some(usual.into()))
                .into()
        };
        self.parameter("page", number(1_000_000, 1)).parameter("per_page", number(MOST_ROWS, ROWS))
    }

    /// What a list may be sorted by; a minus turns it round, ties are broken by id.
    #[must_use]
    pub fn sorted<T: Choice>(self) -> Self {
        let words = T::all().iter().flat_map(|order| [order.word().to_owned(), format!("-{}", order.word())]);
        self.parameter("sort", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into())
    }

    /// What a list may be narrowed by.
    #[must_use]
    pub fn by<T: PartialSchema>(self, name: &'static str) -> Self {
        self.parameter(name, T::schema())
    }

    fn parameter(mut self, name: &'static str, schema: RefOr<Schema>) -> Self {
        let parameter =
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query).required(Required::False).schema(Some(schema)).build();
        self.query.push(parameter);
        self.names.push(name);
        self
    }

    #[must_use]
    pub fn refuses(mut self, status: StatusCode) -> Self {
        if !self.refusals.contains(&status) {
            self.refusals.push(status);
        }
        self
    }

    pub fn http_method(&self) -> HttpMethod {
        match self.method {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "PATCH" => HttpMethod::Patch,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        }
    }

    /// The names in braces of its path.
    pub fn path_names(&self) -> impl Iterator<Item = &str> {
        self.path.split(['{', '}']).skip(1).step_by(2)
    }
}

/// The calls of a resource, or of all of them.
#[derive(Default)]
pub struct Calls {
    router: Router<App>,
    ops: Vec<Op>,
    tag: &'static str,
}

impl Calls {
    /// `tag` is the word under which the description groups them.
    pub fn of(tag: &'static str) -> Self {
        Self { tag, ..Self::default() }
    }

    #[must_use]
    pub fn call<H: Handler<T, App>, T: 'static>(mut self, op: Op, handler: H) -> Self {
        let op = Op { tag: self.tag, ..op };
        let names: Arc<[&'static str]> = op.names.clone().into();
        let access = op.access;
        let filter = match op.method {
            "POST" => MethodFilter::POST,
            "PUT" => MethodFilter::PUT,
            "PATCH" => MethodFilter::PATCH,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        // Layers of the route alone: a method it has not is told so to anybody.
        let guarded = on(filter, handler)
            .route_layer(DefaultBodyLimit::disable())
            .route_layer(RequestBodyLimitLayer::new(op.limit_bytes))
            .route_layer(from_fn(move |request: Request, next: Next| admit(access, Arc::clone(&names), request, next)));
        self.router = self.router.route(&format!("{ROOT}{}", op.path), guarded);
        self.ops.push(op);
        self
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.ops.extend(other.ops);
        self
    }

    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The table of all calls, as that of the pages.
    pub fn table(&self) -> Vec<(&'static str, String, Access, usize)> {
        self.ops.iter().map(|op| (op.method, format!("{ROOT}{}", op.path), op.access, op.limit_bytes)).collect()
    }

    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
