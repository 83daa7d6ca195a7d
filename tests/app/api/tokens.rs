//! Tokens: how a program gets one, and when it ends.

use axum::{
    body::Body,
    http::{Request, header},
};
use meterbook::{
    kernel::Moment,
    staff::{
        second_factor::{self, SecondFactor},
        user::{Role, User},
    },
};
use serde_json::json;
use time::Duration;

use crate::cast::PASSWORD;

both_engines! {
    async fn a_token_signs_in_until_it_ends(app: TestApp) {
        let anna = app.administrators_program().await;
        anna.get("/sites").await.is(200);
        let told = app.program().post("/tokens", json!({ "login": "anna", "password": PASSWORD })).await;
        assert_eq!(told.body["role"], "administrator");
        let expires: Moment = told.body["expires_at"].as_str().unwrap().parse().unwrap();
        app.clock.advance(expires.since(app.clock.now()));
        anna.get("/sites").await.refuses(401, "unauthorized");
        assert_eq!(anna.get("/sites").await.headers[header::WWW_AUTHENTICATE], "Bearer");
    }

    async fn a_token_ends_when_its_person_is_blocked_or_gets_another_password_or_role(app: TestApp) {
        let anna = app.administrators_program().await;
        let id = app.user("mark", "Марк Пристанев", Role::Manager).await;
        let change = async |way: &str| {
            let mark = app.program().signed_in("mark").await;
            mark.get("/sites").await.is(200);
            match way {
                "block" => {
                    anna.call("PATCH", &format!("/users/{id}"), r#"{"is_blocked":true}"#, None).await.is(200);
                    mark.get("/sites").await.refuses(401, "unauthorized");
                    app.program().post("/tokens", json!({ "login": "mark", "password": PASSWORD })).await.refuses(401, "sign_in_wrong");
                    anna.call("PATCH", &format!("/users/{id}"), r#"{"is_blocked":false}"#, None).await.is(200);
                }
                "role" => {
                    anna.call("PATCH", &format!("/users/{id}"), r#"{"role":"chair"}"#, None).await.is(200);
                }
                _ => {
                    let hash = app.hasher.hash(PASSWORD.to_owned()).await.unwrap();
                    let mut tx = app.db.begin().await.unwrap();
                    User::set_password(&mut tx, id, &hash).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
            mark.get("/sites").await.refuses(401, "unauthorized");
        };
        for way in ["block", "password", "role"] {
            change(way).await;
        }
    }

    async fn wrong_passwords_wait_longer_and_longer(app: TestApp) {
        app.user("anna", "Анна Светлова", Role::Administrator).await;
        let stranger = app.program();
        for _ in 0..4 {
            stranger.post("/tokens", json!({ "login": "anna", "password": "wrong wrong" })).await.refuses(401, "sign_in_wrong");
        }
        stranger.post("/tokens", json!({ "login": "anna", "password": "wrong wrong" })).await.is(401);
        let told = stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD })).await;
        told.refuses(429, "too_soon");
        assert_eq!(told.headers[header::RETRY_AFTER], "1");
        app.clock.advance(Duration::seconds(2));
        stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD })).await.is(201);
    }

    async fn a_second_factor_is_asked_of_programs_too(app: TestApp) {
        let id = app.user("anna", "Анна Светлова", Role::Administrator).await;
        let secret = SecondFactor::new_secret();
        let mut tx = app.db.begin().await.unwrap();
        second_factor::switch_on(&mut tx, id, &secret, 0).await.unwrap();
        tx.commit().await.unwrap();
        let stranger = app.program();
        stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD })).await.refuses(401, "code_needed");
        stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD, "code": "000000" })).await.refuses(401, "code_wrong");
        let code = SecondFactor::of(&secret, "anna").unwrap().code_at(app.clock.now());
        stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD, "code": code })).await.is(201);
        stranger.post("/tokens", json!({ "login": "anna", "password": PASSWORD, "code": code })).await.refuses(401, "code_wrong");
    }

    async fn who_must_have_a_second_factor_gets_no_token_without(app: TestApp) {
        app.user("anna", "Анна Светлова", Role::Administrator).await;
        let told = app.demanding_second_factor().program().post("/tokens", json!({ "login": "anna", "password": PASSWORD })).await;
        told.refuses(403, "second_factor_needed");
    }

    async fn a_cookie_opens_no_call_and_a_token_no_page(app: TestApp) {
        let browser = app.administrator().await;
        let answer = browser.get("/api/v1/sites").await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        let anna = app.program().signed_in("anna").await;
        let page = Request::get("/sites").header(header::AUTHORIZATION, format!("Bearer {}", anna.token.clone().unwrap()));
        let told = anna.send(page.body(Body::empty()).unwrap()).await;
        assert_eq!(told.status, 303, "{told:?}");
        // Another site's page may send what it likes: without a token it proves nothing, with one the origin does not matter.
        let request = anna.request("GET", "/sites").header(header::ORIGIN, "https://evil.example").header("sec-fetch-site", "cross-site");
        anna.send(request.body(Body::empty()).unwrap()).await.is(200);
        assert!(anna.get("/sites").await.headers.get(header::SET_COOKIE).is_none());
    }

    async fn a_token_calls_only_so_often(app: TestApp) {
        app.user("anna", "Анна Светлова", Role::Administrator).await;
        let slow = app.configured(|config| config.api_calls_per_minute = 3.try_into().unwrap());
        let anna = slow.program().signed_in("anna").await;
        for _ in 0..3 {
            anna.get("/sites").await.is(200);
        }
        let told = anna.get("/sites").await;
        told.refuses(429, "too_soon");
        assert!(told.headers[header::RETRY_AFTER].to_str().unwrap().parse::<i64>().unwrap() >= 1);
        slow.program().signed_in("anna").await.get("/sites").await.is(200);
    }
}
