//! Every route, tried as nobody and as every role: what is declared is what happens.

use axum::http::StatusCode;
use meterbook::{
    app::routes,
    staff::user::Role,
    web::{Access, routes::Route},
};

use crate::cast::{Answer, Browser};

/// A path with its parameters filled in.
fn filled(path: &str, with: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

async fn call(browser: &Browser, route: &Route, id: &str) -> Answer {
    let path = filled(route.path, id);
    if route.method == "GET" { browser.get(&path).await } else { browser.post(&path, &[]).await }
}

fn is_sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in?next=")
}

#[test]
fn the_table_of_routes_is_what_was_agreed() {
    let lines: Vec<String> = routes()
        .table()
        .iter()
        .map(|route| format!("{:<4} {:<52} {:<20} {:>8} KiB", route.method, route.path, route.access.to_string(), route.limit_bytes / 1024))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// What would end the test's own session.
const ENDS_THE_SESSION: &[&str] = &["/sign-out", "/staff/{user}/block", "/staff/{user}/second-factor"];

both_engines! {
    async fn nobody_gets_further_than_the_sign_in(app: TestApp) {
        let stranger = app.stranger();
        for route in routes().table() {
            let answer = call(&stranger, route, "1").await;
            let is_public = route.access == Access::Public;
            assert!(!answer.status.is_server_error(), "{} {}: {}", route.method, route.path, answer.status);
            assert_eq!(is_sent_to_sign_in(&answer), !is_public, "{} {}: {}", route.method, route.path, answer.status);
        }
    }

    async fn every_role_gets_exactly_what_its_rights_say(app: TestApp) {
        app.site().await;
        // Everybody first: junk sent to the sign-in slows down whoever comes from the same address later.
        let mut browsers = Vec::new();
        for role in Role::ALL {
            browsers.push((role, app.anyone(*role).await));
        }
        for (role, browser) in browsers {
            for route in routes().table() {
                if ENDS_THE_SESSION.contains(&route.path) {
                    continue;
                }
                let answer = call(&browser, route, "0").await;
                let may = match route.access {
                    Access::Public | Access::SignedIn => true,
                    Access::Can(permission) => role.can(permission),
                };
                let seen = format!("{role} {} {}: {}", route.method, route.path, answer.status);
                assert!(!answer.status.is_server_error(), "{seen}");
                assert!(!is_sent_to_sign_in(&answer), "{seen}");
                assert_eq!(answer.status == StatusCode::FORBIDDEN, !may, "{seen}");
            }
        }
    }

    async fn keys_that_name_nothing_are_absent_not_errors(app: TestApp) {
        let site = app.site().await;
        let anna = app.administrator().await;
        for id in ["0", "-1", "9223372036854775807", "9223372036854775808", "x", "%00", "1e3"] {
            for route in routes().table().iter().filter(|route| route.method == "GET" && route.path.contains('{')) {
                // The site's own key happens to be among those tried.
                if id == site.to_string() {
                    continue;
                }
                let answer = call(&anna, route, id).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} with {id}", route.path);
            }
        }
    }

    async fn lists_take_any_address_without_an_error(app: TestApp) {
        app.site().await;
        let anna = app.administrator().await;
        let queries = ["page=-1", "page=99999999999999999999", "sort=password_hash", "sort=-", "q=%25_%27%22", "q=%00", "q=%E2%80%AE", "array=%27%3B--", "from=31.02.2026", "subject=x"];
        for route in routes().table().iter().filter(|route| route.method == "GET" && !route.path.contains('{')) {
            for query in queries {
                let answer = anna.get(&format!("{}?{query}", route.path)).await;
                assert!(!answer.status.is_server_error(), "{}?{query}: {}\n{}", route.path, answer.status, answer.text);
            }
        }
    }

    async fn forms_take_any_content_without_an_error(app: TestApp) {
        app.site().await;
        let long = "я".repeat(60_000);
        let anna = app.administrator().await;
        for route in routes().table().iter().filter(|route| route.method == "POST" && !ENDS_THE_SESSION.contains(&route.path)) {
            let path = filled(route.path, "1");
            for (name, value) in [("name", "\0\u{202e}<script>{{7*7}}"), ("label", "1e9999"), ("area", "NaN"), ("signed_on", "29.02.2027"), ("login", long.as_str()), ("role", "admin"), ("period", "2026-13"), ("site", "9223372036854775808")] {
                let answer = anna.post(&path, &[(name, value), (name, value)]).await;
                assert!(!answer.status.is_server_error(), "{path} with {name}: {}\n{}", answer.status, answer.text);
            }
        }
    }
}
