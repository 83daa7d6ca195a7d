//! The same thing sent by many at once.

use axum::http::StatusCode;
use futures_util::future::join_all;

use crate::{
    cast::Browser,
    visits::{Walk, walk},
};

const CROWD: usize = 64;

/// How many of the crowd were answered with a redirect, which is how a form says that it was done.
async fn posted(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> usize {
    let answers = join_all((0..CROWD).map(|_| browser.post(path, fields))).await;
    for answer in &answers {
        assert!(!answer.status.is_server_error(), "{}: {}", answer.status, answer.text);
    }
    answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count()
}

both_engines! {
    async fn one_visit_sent_by_a_crowd_is_one_visit(app: TestApp) {
        let walk: Walk = walk(&app).await;
        let answers = join_all((0..CROWD).map(|_| walk.read("visit-00000001", "1134"))).await;
        for answer in &answers {
            assert_eq!(answer.location(), answers[0].location(), "{}", answer.text);
        }
        assert!(answers[0].location().contains("/saved/"));
        assert_eq!((app.count("visit").await, app.count("reading").await, app.count("seal_check").await), (1, 1, 1));
        app.agrees().await;
    }

    async fn one_premise_made_by_a_crowd_is_one_premise(app: TestApp) {
        let site = app.site().await.to_string();
        let anna = app.administrator().await;
        let done = posted(&anna, "/premises", &[("site", &site), ("kind", "plot"), ("label", "7-7-7")]).await;
        assert_eq!((done, app.count("premise").await), (1, 1));
        app.agrees().await;
    }

    async fn one_decision_made_by_a_crowd_is_made_once(app: TestApp) {
        let walk = walk(&app).await;
        walk.read("visit-00000001", "988").await.is(StatusCode::SEE_OTHER);
        let reading: i64 = meterbook::db::q(&app.db, "select id from reading").scalar().await.unwrap();
        let vera = app.accountant().await;
        let before = app.count("audit").await;
        posted(&vera, &format!("/review/{reading}/correct"), &[("value-single", "1088"), ("review_note", "опечатка")]).await;
        assert_eq!((app.count("reading").await, app.count("audit").await - before), (2, 1));
        app.agrees().await;
    }
}
