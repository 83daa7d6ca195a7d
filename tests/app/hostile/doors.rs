//! Ways in and out that are none: foreign addresses to go to, methods nobody has, searches that are patterns.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};

use crate::cast::PASSWORD;

both_engines! {
    async fn the_sign_in_leads_nowhere_else(app: TestApp) {
        app.administrator().await;
        for next in ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example", "/\t/evil.example", " //evil.example", "/a\r\nSet-Cookie: x=y"] {
            let stranger = app.stranger();
            let page = stranger.get(&format!("/sign-in?next={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>())).await;
            page.is(StatusCode::OK);
            let answer = stranger.post("/sign-in", &[("login", "anna"), ("password", PASSWORD), ("next", next)]).await;
            answer.is(StatusCode::SEE_OTHER);
            let to = answer.location();
            assert!(to.starts_with('/') && !to.contains("//") && !to.contains('\\') && !to.contains('\t'), "{next:?} leads to {to:?}");
            assert!(answer.headers.get_all("set-cookie").iter().all(|cookie| !cookie.as_bytes().starts_with(b"x=")));
        }
    }

    async fn methods_that_a_page_has_not_are_told_so(app: TestApp) {
        let anna = app.administrator().await;
        for method in [Method::TRACE, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::from_bytes(b"MOVE").unwrap()] {
            for path in ["/", "/premises", "/sign-in", "/absent"] {
                let answer = anna.send(Request::builder().method(method.clone()).uri(path).body(Body::empty()).unwrap()).await;
                assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
            }
        }
    }

    async fn signs_of_patterns_and_of_sql_are_searched_as_they_are(app: TestApp) {
        let site = app.site().await;
        for label in ["100%", "1_1", "1-1", "О'Нил", "а\\б"] {
            app.plot(site, label).await;
        }
        let anna = app.administrator().await;
        for (words, found) in [("%25", "100%"), ("_", "1_1"), ("%27", "О&#39;Нил"), ("%5C", "а\\б")] {
            anna.get(&format!("/premises?q={words}")).await.is(StatusCode::OK).shows(found).hides("1-1</");
            // the only one that is found is opened at once
            let found_at = anna.get(&format!("/search?q={words}")).await;
            anna.get(found_at.location()).await.is(StatusCode::OK).shows(found);
        }
    }

    async fn forwarded_headers_of_strangers_change_nothing(app: TestApp) {
        let stranger = app.stranger();
        for (name, value) in [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example;proto=https"), ("x-original-url", "/admin"), ("x-http-method-override", "DELETE")] {
            let answer = stranger.send(Request::get("/admin").header(name, value).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.location(), "/sign-in?next=%2Fadmin", "{name}");
        }
    }
}
