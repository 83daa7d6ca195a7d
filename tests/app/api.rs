//! What other programs are promised.

mod access;
mod debts;
mod money;
mod months;
mod nouns;
mod sales;
mod shapes;
mod tokens;
mod works;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use meterbook::{app::App, staff::user::Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::cast::{PASSWORD, TestApp};

/// Another program, with or without a token.
#[derive(Clone)]
pub struct Program {
    app: App,
    pub token: Option<String>,
}

/// What it was answered.
#[derive(Debug)]
pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Told {
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self
    }

    /// Problem details of this status and code.
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{:#}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.body["status"], status);
        for name in ["type", "title", "detail"] {
            assert!(self.body[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {:#}", self.body);
        }
        self
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Field and code of the first wrong field.
    pub fn wrong_field(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        (error["field"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    }

    pub fn id(&self) -> i64 {
        self.body["id"].as_i64().unwrap_or_else(|| panic!("no id: {:#}", self.body))
    }
}

impl TestApp {
    /// A program that has not signed in.
    pub fn program(&self) -> Program {
        Program { app: self.app.clone(), token: None }
    }

    /// A program that signed in as one of the cast.
    pub async fn program_of(&self, login: &str, name: &str, role: Role) -> Program {
        self.user(login, name, role).await;
        self.program().signed_in(login).await
    }

    pub async fn administrators_program(&self) -> Program {
        self.program_of("anna", "Анна Светлова", Role::Administrator).await
    }
}

impl Program {
    pub async fn signed_in(mut self, login: &str) -> Self {
        let told = self.post("/tokens", json!({ "login": login, "password": PASSWORD })).await;
        told.is(201);
        self.token = told.body["token"].as_str().map(str::to_owned);
        self
    }

    pub async fn get(&self, path: &str) -> Told {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Told {
        self.send(self.request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Told {
        self.call("POST", path, &body.to_string(), None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Told {
        self.call("PUT", path, &body.to_string(), None).await
    }

    pub async fn keyed(&self, path: &str, key: &str, body: Value) -> Told {
        self.call("POST", path, &body.to_string(), Some(key)).await
    }

    pub async fn call(&self, method: &str, path: &str, body: &str, key: Option<&str>) -> Told {
        let mut request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn send(&self, mut request: Request<Body>) -> Told {
        request.headers_mut().entry(header::HOST).or_insert_with(|| self.app.config.host().parse().unwrap());
        let response = self.app.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Told { status: parts.status, headers: parts.headers, body }
    }
}
