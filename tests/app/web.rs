//! What every page promises, whatever it is about.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::cast::PASSWORD;

both_engines! {
    async fn a_signed_in_person_stays_signed_in_and_a_stranger_is_asked(app: TestApp) {
        let anna = app.administrator().await;
        assert_eq!(anna.get("/sign-in").await.location(), "/");
        let stranger = app.stranger();
        stranger.get("/sign-in").await.is(StatusCode::OK);
        assert_eq!(stranger.post("/sign-out", &[]).await.location(), "/sign-in?next=%2F");
    }

    async fn a_wrong_password_and_an_unknown_login_answer_alike(app: TestApp) {
        app.administrator().await;
        let stranger = app.stranger();
        let wrong = stranger.post("/sign-in", &[("login", "anna"), ("password", "x")]).await;
        let unknown = stranger.post("/sign-in", &[("login", "nobody"), ("password", PASSWORD)]).await;
        wrong.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Логин или пароль не подошли");
        assert_eq!(unknown.status, wrong.status);
        assert_eq!(unknown.text.replace("nobody", "anna"), wrong.text);
    }

    async fn every_answer_carries_the_protecting_headers(app: TestApp) {
        let stranger = app.stranger();
        let foreign = Request::get("/").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
        let huge = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("login={}", "x".repeat(1_000_000))))
            .unwrap();
        for (answer, status) in [
            (stranger.get("/absent").await, StatusCode::NOT_FOUND),
            (stranger.send(foreign).await, StatusCode::MISDIRECTED_REQUEST),
            (stranger.send(huge).await, StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            answer.is(status);
            for name in ["content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy"] {
                assert!(answer.headers.contains_key(name), "{status} lacks {name}");
            }
        }
    }

    async fn another_sites_page_cannot_post_for_us(app: TestApp) {
        let anna = app.administrator().await;
        let forged = Request::post("/sign-out")
            .header("sec-fetch-site", "cross-site")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::empty())
            .unwrap();
        anna.send(forged).await.is(StatusCode::FORBIDDEN);
        assert_eq!(anna.get("/sign-in").await.location(), "/", "still signed in");
    }

    async fn the_first_page_teaches_where_to_begin_and_then_shows_the_site(app: TestApp) {
        let anna = app.administrator().await;
        anna.get("/").await.is(StatusCode::OK).shows("Начните с объекта");
        app.site().await;
        anna.get("/").await.is(StatusCode::OK).shows("СОГ «Черноморец»").shows("Расход воды по месяцам").shows("ноябрь 2026");
        app.controller().await.get("/").await.is(StatusCode::OK).shows("Обходов нет").hides("СОГ «Черноморец»");
    }
}
