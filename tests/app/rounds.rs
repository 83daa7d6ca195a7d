//! A round as the office makes, splits and follows it.

use axum::http::StatusCode;
use meterbook::{db::q, metering::Zone, staff::user::Role};
use time::macros::date;

use crate::{
    cast::{Browser, TestApp},
    fixtures::passport,
};

/// A round over this many arrays, with as many lines of one plot with a meter each; gives its address.
async fn round(app: &TestApp, manager: &Browser, arrays: usize, lines: usize) -> String {
    let site = app.site().await;
    for array in 1..=arrays {
        for line in 1..=lines {
            let label = format!("{array}-{line}-1");
            let plot = app.plot(site, &label).await;
            app.meter(site, plot, passport(&label), date!(2026 - 01 - 15), &[(Zone::Single, 0)]).await;
        }
    }
    let site = site.to_string();
    let answer = manager.post("/rounds", &[("site", &site), ("period", "2026-11")]).await;
    answer.is(StatusCode::SEE_OTHER);
    answer.location().to_owned()
}

both_engines! {
    async fn a_small_round_shows_every_line(app: TestApp) {
        let mark = app.manager().await;
        let small = round(&app, &mark, 2, 3).await;
        mark.get(&small).await.shows("Массив 1, линия 3").shows("Массив 2, линия 3");
    }

    async fn a_large_round_shows_all_arrays_and_the_lines_of_one(app: TestApp) {
        let mark = app.manager().await;
        let large = round(&app, &mark, 3, 15).await;
        mark.get(&large).await.shows("Массив 1, линия 15").shows("Массив 3").hides("Массив 2, линия 15");
        let second = mark.get(&format!("{large}?array=2")).await;
        second.shows("Массив 2, линия 15").hides("Массив 1, линия 15");
        mark.get(&format!("{large}?array=no-such")).await.is(StatusCode::OK).shows("Массив 1, линия 15");
    }

    async fn a_whole_array_or_one_line_is_given_to_a_controller(app: TestApp) {
        let mark = app.manager().await;
        let round = round(&app, &mark, 2, 2).await;
        let kirill = app.user("kirill", "Кирилл Береговой", Role::Controller).await.to_string();
        let darya = app.user("darya", "Дарья Мысова", Role::Controller).await.to_string();
        let assign = format!("{round}/assign");
        mark.post_and_follow(&assign, &[("array", "1"), ("controller", &kirill)]).await.shows("Кирилл Береговой");
        mark.post_and_follow(&assign, &[("array", "1"), ("section", "Массив 1, линия 2"), ("controller", &darya)]).await.shows("Дарья Мысова");
        let who: Vec<(String, Option<i64>)> = q(&app.db, "select section, controller_id from round_stop order by position").all().await.unwrap();
        let (kirill, darya) = (kirill.parse().ok(), darya.parse().ok());
        let all = [("Массив 1, линия 1", kirill), ("Массив 1, линия 2", darya), ("Массив 2, линия 1", None), ("Массив 2, линия 2", None)];
        assert_eq!(who, all.map(|(section, who)| (section.to_owned(), who)));
        app.agrees().await;
        mark.post(&assign, &[("array", "1"), ("controller", "999")]).await.is(StatusCode::BAD_REQUEST);
        mark.post_and_follow(&assign, &[("array", "1"), ("controller", "")]).await.is(StatusCode::OK);
        app.agrees().await;
    }
}
