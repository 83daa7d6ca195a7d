//! Everything that is refused is refused in one shape, with a stable code and words in the caller's language.

use axum::{body::Body, http::header};
use serde_json::json;

both_engines! {
    async fn every_error_has_one_shape(app: TestApp) {
        let anna = app.administrators_program().await;
        anna.get("/absent").await.refuses(404, "not_found");
        anna.get("/sites/999999").await.refuses(404, "not_found");
        anna.get("/sites/x").await.refuses(404, "not_found");
        anna.get("/sites/-1").await.refuses(404, "not_found");
        anna.get("/sites/9223372036854775808").await.refuses(404, "not_found");
        let told = anna.call("PATCH", "/sites", "{}", None).await;
        told.refuses(405, "method");
        assert!(told.headers.contains_key(header::ALLOW));
        anna.call("POST", "/sites", "{", None).await.refuses(400, "malformed_json");
        anna.call("POST", "/sites", "", None).await.refuses(400, "malformed_json");
        anna.call("POST", "/sites", "[1]", None).await.refuses(422, "not_an_object");
        anna.call("POST", "/sites", &"[".repeat(100_000), None).await.refuses(400, "malformed_json");
        anna.call("POST", "/sites", &format!("{{\"name\":\"{}\"}}", "я".repeat(200_000)), None).await.refuses(413, "too_large");
        let request = anna.request("POST", "/sites").header(header::CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
        anna.send(request).await.refuses(415, "not_json");
        let foreign = anna.request("GET", "/sites").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
        anna.send(foreign).await.refuses(421, "host");
        app.program().get("/sites").await.refuses(401, "unauthorized");
    }

    async fn what_is_wrong_is_said_field_by_field(app: TestApp) {
        let anna = app.administrators_program().await;
        for (body, field, code) in [
            (json!({ "kind": "garden" }), "name", "required"),
            (json!({ "name": " \u{200b}", "kind": "garden" }), "name", "required"),
            (json!({ "name": "x".repeat(121), "kind": "garden" }), "name", "too_long"),
            (json!({ "name": "x", "kind": "palace" }), "kind", "wrong_value"),
            (json!({ "name": "x", "kind": "garden", "time_zone": "Mars/Olympus" }), "time_zone", "choose"),
            (json!({ "name": "x", "kind": "garden", "id": 7 }), "id", "unknown_field"),
            (json!({ "name": 7, "kind": "garden" }), "name", "wrong_value"),
            (json!({ "name": null, "kind": "garden" }), "name", "wrong_value"),
        ] {
            let told = anna.post("/sites", body).await;
            told.refuses(422, "wrong_content");
            assert_eq!(told.wrong_field(), (field, code), "{:#}", told.body);
        }
        let told = anna.get("/sites?page=0&role=admin").await;
        assert_eq!(told.refuses(422, "wrong_content").wrong_field(), ("role", "unknown_field"));
        for query in ["page=0", "page=-1", "page=x", "page=1000001", "page=9223372036854775808"] {
            assert_eq!(anna.get(&format!("/sites?{query}")).await.refuses(422, "wrong_content").wrong_field(), ("page", "wrong_value"));
        }
        for query in ["per_page=0", "per_page=201"] {
            assert_eq!(anna.get(&format!("/sites?{query}")).await.refuses(422, "wrong_content").wrong_field(), ("per_page", "wrong_value"));
        }
        assert_eq!(anna.get("/sites?sort=password_hash").await.refuses(422, "wrong_content").wrong_field(), ("sort", "wrong_value"));
    }

    async fn words_are_in_the_callers_language(app: TestApp) {
        let anna = app.administrators_program().await;
        let said = async |language: Option<&str>| {
            let mut request = anna.request("GET", "/absent");
            if let Some(language) = language {
                request = request.header(header::ACCEPT_LANGUAGE, language);
            }
            anna.send(request.body(Body::empty()).unwrap()).await.body["title"].as_str().unwrap().to_owned()
        };
        assert_eq!(said(Some("en-GB,ru;q=0.5")).await, "Not found");
        assert_eq!(said(Some("de,ru")).await, "Не найдено");
        assert_eq!(said(None).await, "Не найдено");
    }

    async fn the_description_and_its_page_are_open_to_anybody(app: TestApp) {
        let told = app.program().get("/openapi.json").await;
        assert_eq!(told.is(200).body["openapi"], "3.1.0");
        assert!(told.body["paths"]["/api/v1/sites"]["post"].is_object());
        let page = app.stranger().get("/docs").await;
        page.is(axum::http::StatusCode::OK).shows("swagger-ui-bundle").hides("https://");
        assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    }
}
