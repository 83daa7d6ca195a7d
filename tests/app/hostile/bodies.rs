//! Bodies that are not what a form would send.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::cast::{Answer, Browser};

async fn send(browser: &Browser, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    browser.send(Request::post(path).header(header::CONTENT_TYPE, kind).body(body.into()).unwrap()).await
}

const URLENCODED: &str = "application/x-www-form-urlencoded";

both_engines! {
    async fn the_first_of_equal_fields_counts_and_unknown_ones_do_nothing(app: TestApp) {
        let anna = app.administrator().await;
        let fields = [("name", "Первый"), ("name", "Второй"), ("kind", "garden"), ("time_zone", "Europe/Moscow"), ("check_high_percent", "300"), ("check_low_percent", "10"), ("check_zero_months", "3"), ("id", "77"), ("is_ended", "1")];
        let created = anna.post("/sites", &fields).await;
        anna.get(created.location()).await.is(StatusCode::OK).shows("Первый").hides("Второй");
        anna.get("/sites/77").await.is(StatusCode::NOT_FOUND);
    }

    async fn nobody_makes_himself_an_administrator_by_a_field_more(app: TestApp) {
        let kirill = app.controller().await;
        for path in ["/me/language", "/me/theme", "/me/password", "/me/site"] {
            kirill.post(path, &[("language", "ru"), ("theme", "dark"), ("role", "administrator"), ("role", "admin")]).await;
        }
        kirill.get("/staff").await.is(StatusCode::FORBIDDEN);
    }

    async fn a_form_of_ten_thousand_fields_is_refused_at_once(app: TestApp) {
        let anna = app.administrator().await;
        let body = (0..10_000).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
        send(&anna, "/sites", URLENCODED, body).await.is(StatusCode::BAD_REQUEST);
        assert_eq!(app.count("site").await, 0);
    }

    async fn a_form_of_twenty_thousand_parts_is_refused_at_once(app: TestApp) {
        let anna = app.administrator().await;
        let part = "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n1\r\n";
        let body = part.repeat(20_000) + "--b--\r\n";
        send(&anna, "/imports", "multipart/form-data; boundary=b", body).await.is(StatusCode::BAD_REQUEST);
    }

    async fn what_is_no_form_is_told_so(app: TestApp) {
        let anna = app.administrator().await;
        for (kind, body) in [
            ("application/json", "{\"name\":1}"),
            ("text/plain", "name=a"),
            ("multipart/form-data", "--b"),
            ("", "name=a"),
        ] {
            send(&anna, "/sites", kind, body).await.is(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        for (kind, body) in [
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"site\"\r\n\r\n1"),
            ("multipart/form-data; boundary=b", "no boundary at all"),
            ("multipart/form-data; boundary=b", "--b\r\nbroken\r\n\r\n\r\n--b--\r\n"),
        ] {
            let status = send(&anna, "/imports", kind, body).await.status;
            assert!(status.is_client_error(), "{body:?}: {status}");
        }
        let status = send(&anna, "/sites", URLENCODED, &b"name=%ff%fe%00&kind=%zz&\xff=\xfe&=&&&"[..]).await.status;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!((app.count("site").await, app.count("import_batch").await), (0, 0));
    }
}
