//! Who comes in, how, and what keeps others out.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use meterbook::staff::{invite, second_factor::SecondFactor, user::User};
use time::Duration;

use crate::cast::{Answer, Browser, PASSWORD};

const NEW_PASSWORD: &str = "прибой у пятой линии";

/// What stands between two texts on a page.
#[track_caller]
fn between<'a>(answer: &'a Answer, before: &str, after: &str) -> &'a str {
    let (_, rest) = answer.text.split_once(before).unwrap_or_else(|| panic!("{before:?} is not on the page:\n{}", answer.text));
    rest.split_once(after).unwrap().0
}

/// Switches the second factor on; the phone and the recovery codes.
async fn enrol(browser: &Browser, app: &TestApp) -> (SecondFactor, Vec<String>) {
    browser.post("/me/second-factor/begin", &[]).await.is(StatusCode::SEE_OTHER);
    let page = browser.get("/me/second-factor").await;
    page.shows("<svg");
    let secret = between(&page, "<code class=\"strong\">", "</code>").replace(' ', "");
    let phone = SecondFactor::of(&secret, "somebody").unwrap();
    browser.post("/me/second-factor", &[("code", "000000")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Код не подошёл");
    let answer = browser.post("/me/second-factor", &[("code", &phone.code_at(app.clock.now()))]).await;
    let codes = answer.is(StatusCode::OK).text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
    (phone, codes.collect())
}

async fn sign_in(app: &TestApp, login: &str, password: &str) -> (Browser, Answer) {
    let browser = app.stranger();
    let answer = browser.post("/sign-in", &[("login", login), ("password", password), ("next", "/audit")]).await;
    (browser, answer)
}

use crate::cast::TestApp;

both_engines! {
    async fn a_second_factor_is_asked_for_and_no_code_works_twice(app: TestApp) {
        let anna = app.administrator().await;
        let (phone, recovery) = enrol(&anna, &app).await;
        assert_eq!(recovery.len(), 10);
        anna.get("/me").await.is(StatusCode::OK).shows("Включён");

        let (browser, answer) = sign_in(&app, "anna", PASSWORD).await;
        assert_eq!(answer.location(), "/sign-in/code");
        assert!(browser.get("/audit").await.location().starts_with("/sign-in?next="), "the password alone opens nothing");
        let used = phone.code_at(app.clock.now());
        browser.post("/sign-in/code", &[("code", &used)]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        app.clock.advance(Duration::seconds(30));
        let fresh = phone.code_at(app.clock.now());
        assert_eq!(browser.post("/sign-in/code", &[("code", &fresh)]).await.location(), "/audit");
        browser.get("/audit").await.is(StatusCode::OK).shows("Вход в два шага");

        for attempt in [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY] {
            let (browser, _) = sign_in(&app, "anna", PASSWORD).await;
            browser.post("/sign-in/code", &[("code", &recovery[0].to_uppercase())]).await.is(attempt);
        }
        anna.get("/me/second-factor").await.shows("Осталось 9 запасных кодов");
    }

    async fn a_proved_password_does_not_wait_for_its_code_for_ever(app: TestApp) {
        let anna = app.administrator().await;
        let (phone, _) = enrol(&anna, &app).await;
        let (browser, _) = sign_in(&app, "anna", PASSWORD).await;
        app.clock.advance(Duration::minutes(11));
        let code = phone.code_at(app.clock.now());
        assert_eq!(browser.post("/sign-in/code", &[("code", &code)]).await.location(), "/sign-in");
        assert_eq!(app.stranger().post("/sign-in/code", &[("code", &code)]).await.location(), "/sign-in");
    }

    async fn codes_are_guessed_ever_more_slowly_however_often_the_password_is_repeated(app: TestApp) {
        let anna = app.administrator().await;
        enrol(&anna, &app).await;
        let mut refused = Vec::new();
        for _ in 0..6 {
            let (browser, _) = sign_in(&app, "anna", PASSWORD).await;
            refused.push(browser.post("/sign-in/code", &[("code", "123456")]).await.status);
        }
        assert_eq!(refused[..5], [StatusCode::UNPROCESSABLE_ENTITY; 5]);
        assert_eq!(refused[5], StatusCode::TOO_MANY_REQUESTS);
    }

    async fn switching_the_second_factor_off_takes_password_and_code(app: TestApp) {
        let anna = app.administrator().await;
        let (phone, _) = enrol(&anna, &app).await;
        app.clock.advance(Duration::minutes(1));
        let code = phone.code_at(app.clock.now());
        for fields in [[("password", "x"), ("code", &*code)], [("password", PASSWORD), ("code", "000000")]] {
            anna.post("/me/second-factor/off", &fields).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        }
        anna.post_and_follow("/me/second-factor/off", &[("password", PASSWORD), ("code", &code)]).await.shows("Вход в два шага выключен");
        let (_, answer) = sign_in(&app, "anna", PASSWORD).await;
        assert_eq!(answer.location(), "/audit");
    }

    async fn an_administrator_resets_the_second_factor_of_somebody_who_lost_the_phone(app: TestApp) {
        let anna = app.administrator().await;
        let vera = app.accountant().await;
        enrol(&vera, &app).await;
        let id = User::by_login(&app.db, "vera").await.unwrap().unwrap().id;
        anna.post(&format!("/staff/{id}/second-factor"), &[]).await.is(StatusCode::SEE_OTHER);
        assert!(vera.get("/me").await.location().starts_with("/sign-in"), "her sessions are over");
        assert_eq!(sign_in(&app, "vera", PASSWORD).await.1.location(), "/audit");
    }

    async fn roles_with_power_must_enrol_before_anything_else(app: TestApp) {
        let app = app.demanding_second_factor();
        let vera = app.accountant().await;
        for path in ["/", "/owners"] {
            assert_eq!(vera.get(path).await.location(), "/me/second-factor", "{path}");
        }
        vera.get("/staff").await.is(StatusCode::FORBIDDEN);
        vera.get("/me").await.is(StatusCode::OK);
        vera.get("/me/second-factor").await.is(StatusCode::OK).shows("обязателен");
        enrol(&vera, &app).await;
        vera.get("/owners").await.is(StatusCode::OK);
        app.controller().await.get("/").await.is(StatusCode::OK);
    }

    async fn guesses_sent_all_at_once_all_count(app: TestApp) {
        app.administrator().await;
        let guesses = (0..64).map(|_| {
            let stranger = app.stranger();
            async move { stranger.post("/sign-in", &[("login", "anna"), ("password", "guess")]).await.status }
        });
        let statuses = futures_util::future::join_all(guesses).await;
        let judged = statuses.iter().filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY).count();
        assert_eq!(judged, 5, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status.as_u16(), 422 | 429)), "{statuses:?}");
        app.clock.advance(Duration::seconds(2));
        assert_eq!(sign_in(&app, "anna", PASSWORD).await.1.status, StatusCode::SEE_OTHER, "never a lock-out");
    }

    async fn the_first_administrator_comes_in_by_the_printed_code_once(app: TestApp) {
        let code = invite::new_code();
        let mut tx = app.db.begin().await.unwrap();
        invite::make_setup(&mut tx, &code).await.unwrap();
        tx.commit().await.unwrap();
        let fields = |code| {
            [("code", code), ("login", "Anna"), ("name", "Анна"), ("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD),
             ("role", "service")]
        };
        let stranger = app.stranger();
        stranger.get("/setup").await.is(StatusCode::OK);
        stranger.post("/setup", &fields("0123")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Код не подошёл");
        assert_eq!(stranger.post("/setup", &fields(&code)).await.location(), "/");
        stranger.get("/staff").await.is(StatusCode::OK).shows("Анна");
        app.stranger().get("/setup").await.is(StatusCode::NOT_FOUND);
        app.stranger().post("/setup", &fields(&code)).await.is(StatusCode::NOT_FOUND);
    }

    async fn a_colleague_comes_in_by_an_invitation_once_and_only_for_three_days(app: TestApp) {
        let anna = app.administrator().await;
        let person = [("name", "Пётр"), ("login", "petr"), ("role", "manager"), ("language", "ru"), ("site", "7"), ("site", "7")];
        let page = anna.post("/staff", &person).await;
        let path = between(page.is(StatusCode::OK), "/invite/", "\"").to_owned();
        let path = format!("/invite/{path}");
        let passwords = [("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD), ("role", "administrator")];

        let petr = app.stranger();
        petr.get(&path).await.is(StatusCode::OK).shows("Пётр");
        petr.post(&path, &[("new_password", "short"), ("repeat_password", "short")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(petr.post(&path, &passwords).await.location(), "/");
        petr.get("/staff").await.is(StatusCode::FORBIDDEN);
        app.stranger().post(&path, &passwords).await.is(StatusCode::NOT_FOUND);

        let id = User::by_login(&app.db, "petr").await.unwrap().unwrap().id;
        let again = anna.post(&format!("/staff/{id}/invite"), &[]).await;
        let again = format!("/invite/{}", between(&again, "/invite/", "\""));
        app.clock.advance(Duration::hours(73));
        app.stranger().get(&again).await.is(StatusCode::NOT_FOUND);
    }

    async fn a_renewed_invitation_does_not_get_past_the_second_factor(app: TestApp) {
        let anna = app.administrator().await;
        let vera = app.accountant().await;
        enrol(&vera, &app).await;
        let id = User::by_login(&app.db, "vera").await.unwrap().unwrap().id;
        let page = anna.post(&format!("/staff/{id}/invite"), &[]).await;
        let thief = app.stranger();
        let path = format!("/invite/{}", between(&page, "/invite/", "\""));
        let answer = thief.post(&path, &[("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)]).await;
        assert_eq!(answer.location(), "/sign-in/code");
        assert!(thief.get("/me").await.location().starts_with("/sign-in?next="));
    }

    async fn a_block_or_another_role_acts_at_once_but_somebody_always_administers(app: TestApp) {
        let anna = app.administrator().await;
        let mark = app.manager().await;
        let anna_id = User::by_login(&app.db, "anna").await.unwrap().unwrap().id;
        let mark_id = User::by_login(&app.db, "mark").await.unwrap().unwrap().id;
        anna.post(&format!("/staff/{mark_id}/block"), &[]).await.is(StatusCode::SEE_OTHER);
        assert!(mark.get("/owners").await.location().starts_with("/sign-in?next="));
        sign_in(&app, "mark", PASSWORD).await.1.is(StatusCode::UNPROCESSABLE_ENTITY);

        anna.post_and_follow(&format!("/staff/{anna_id}/block"), &[]).await.shows("последний администратор");
        let demoted = [("name", "Анна"), ("login", "anna"), ("role", "manager"), ("language", "ru")];
        anna.post(&format!("/staff/{anna_id}"), &demoted).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("последний администратор");
        anna.get("/staff").await.is(StatusCode::OK);
    }

    async fn a_new_password_keeps_this_device_and_ends_the_others(app: TestApp) {
        let here = app.administrator().await;
        let (there, _) = sign_in(&app, "anna", PASSWORD).await;
        let passwords = |old| [("password", old), ("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)];
        here.post("/me/password", &passwords("wrong")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Нынешний пароль не подошёл");
        here.post_and_follow("/me/password", &passwords(PASSWORD)).await.is(StatusCode::OK).shows("Пароль сохранён");
        assert!(there.get("/me").await.location().starts_with("/sign-in"));
    }

    async fn a_stranger_may_read_the_sign_in_in_either_language(app: TestApp) {
        let stranger = app.stranger();
        stranger.get("/sign-in?lang=en&next=/audit").await.shows("Password").shows("lang=ru&#38;next=%2Faudit");
        stranger.get("/sign-in?lang=xx").await.shows("Пароль");
        stranger.post("/sign-in?lang=en", &[]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Password");
    }

    async fn hostile_input_never_breaks_a_form_about_people(app: TestApp) {
        let anna = app.administrator().await;
        let huge = "я".repeat(20_000);
        let nasty = ["\0", "\u{202e}drowssap", "<script>", "{{7*7}}", "1e9999", "' or 1=1", "-1", "9223372036854775808", &huge];
        let forms = ["/sign-in", "/sign-in/code", "/setup", "/invite/0", "/staff", "/me/password", "/me/second-factor", "/me/second-factor/off",
                     "/me/sessions/end", "/me/language", "/me/theme", "/me/site"];
        let names = ["login", "name", "role", "email", "language", "site", "password", "new_password", "repeat_password", "code", "session",
                     "theme", "back", "next"];
        for form in forms {
            for value in nasty {
                let fields: Vec<_> = names.iter().map(|name| (*name, value)).collect();
                let answer = anna.post(form, &fields).await;
                assert!(!answer.status.is_server_error() || answer.status == StatusCode::SERVICE_UNAVAILABLE, "{form} {value:.20}: {}", answer.status);
                assert!(!answer.location().contains("evil"), "{form}");
            }
            let many = "f=&".repeat(10_000);
            for (kind, body) in [("application/x-www-form-urlencoded", many.as_str()), ("application/json", "{}"), ("text/xml", "<x/>")] {
                let request = Request::post(form).header(header::CONTENT_TYPE, kind).body(Body::from(body.to_owned())).unwrap();
                let status = anna.send(request).await.status;
                assert!(!status.is_server_error(), "{form} {kind}: {status}");
            }
        }
        for path in ["/staff/0", "/staff/-1", "/staff/9223372036854775808", "/staff/x"] {
            anna.get(path).await.is(StatusCode::NOT_FOUND);
        }
        for query in ["page=-1", "actor=x&subject=y", "from=0001-01-01&until=9999-12-31", "from=2026-02-30"] {
            anna.get(&format!("/audit?{query}")).await.is(StatusCode::OK);
        }
    }
}
