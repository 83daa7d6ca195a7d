//! Letters to people who owe: the ladder, who is left alone, mail and paper, the schedule of a site.

use axum::http::StatusCode;
use meterbook::{
    app,
    db::q,
    debtors::{
        notice::{NoticeRun, NoticeRunId, Terms},
        sending,
    },
    estate::{
        contract::Service,
        owner::{OwnerDetails, OwnerId, OwnerKind},
        site::SiteId,
    },
    jobs::schedule::enqueue_due,
    kernel::Money,
    staff::user::Role,
};
use serde_json::json;
use time::{Duration, macros::date};

use crate::{
    cast::TestApp,
    owing::{account, bill, books_agree, pay, person},
};

async fn with_mail(app: &TestApp, name: &str, email: &str) -> OwnerId {
    let details = OwnerDetails {
        kind: OwnerKind::Person,
        last_name: name.to_owned(),
        first_name: "Зоя".to_owned(),
        patronymic: String::new(),
        email: email.to_owned(),
        note: String::new(),
        phones: Vec::new(),
    };
    let mut tx = app.db.begin().await.unwrap();
    let id = details.create(&mut tx, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Three who are late: with mail, without, and one whose mail is none.
async fn three_debtors(app: &TestApp) -> (SiteId, [OwnerId; 3]) {
    let site = app.site().await;
    let people =
        [with_mail(app, "Чайкина", "zoya@example.org").await, person(app, "Мысов", "").await, with_mail(app, "Косова", "нет").await];
    for (number, (owner, roubles)) in people.iter().zip([300, 700, 500]).enumerate() {
        let account = account(app, site, &format!("1-1-{}", number + 1), *owner).await;
        bill(app, site, account, "2026-09", &[(Service::Water, roubles)]).await;
    }
    (site, people)
}

async fn kinds(app: &TestApp) -> Vec<(String, String, bool)> {
    let sql = "select o.last_name, n.kind, n.is_paper from notice n join owner o on o.id = n.owner_id order by n.id";
    q(&app.db, sql).all().await.unwrap()
}

fn letter(name: &str, kind: &str, is_paper: bool) -> (String, String, bool) {
    (name.to_owned(), kind.to_owned(), is_paper)
}

both_engines! {
    async fn everybody_gets_the_next_letter_by_mail_or_on_paper(app: TestApp) {
        let (_, [zoya, ..]) = three_debtors(&app).await;
        let vera = app.accountant().await;
        vera.get("/notices").await.shows("Писем ещё не было").hides("Что будет");
        let terms = [("kind", ""), ("least", "0"), ("step_days", "14")];
        vera.get("/notices?kind=&least=0&step_days=14").await.shows("Написать 3 письма").shows("Напоминание: 700,00").shows("1\u{a0}500,00");
        vera.get("/notices?kind=&least=900&step_days=14").await.hides("Написать");
        vera.get("/notices?kind=&least=x&step_days=14").await.shows("Введите число");
        vera.post("/notices", &[("kind", "bribe"), ("least", "0")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        vera.post("/notices", &terms).await.is(StatusCode::SEE_OTHER);
        app.work().await;
        let reminders = [letter("Мысов", "reminder", true), letter("Косова", "reminder", true), letter("Чайкина", "reminder", false)];
        assert_eq!(kinds(&app).await, reminders);
        vera.get("/notices/1").await.shows("Ждёт отправки").shows("На бумаге").shows("Косова");
        vera.get("/notices/1/print").await.shows("Мысов").shows("Косова").hides("Чайкина");
        vera.get("/messages").await.shows("Чайкина").shows("zoya@example.org");
        vera.get(&format!("/debtors/{zoya}")).await.shows("Напоминание");
        // Again at once: nobody, and the page says so.
        vera.get("/notices?kind=&least=0&step_days=14").await.hides("Написать 3").shows("недавно получили");
        vera.post("/notices", &terms).await.is(StatusCode::SEE_OTHER);
        app.work().await;
        assert_eq!(kinds(&app).await.len(), 3);
        vera.get("/notices/2").await.shows("Писать некому");
        // Six days later, where that is enough, the next step; who has paid gets none.
        app.clock.advance(Duration::days(6));
        let account = q(&app.db, "select id from account where payer_id = $1").bind(zoya).scalar().await.unwrap();
        pay(&app, account, 300, date!(2026 - 11 - 25)).await;
        vera.post("/notices", &[("kind", ""), ("least", ""), ("step_days", "6")]).await.is(StatusCode::SEE_OTHER);
        app.work().await;
        assert_eq!(kinds(&app).await[3..], [letter("Мысов", "debt_letter", true), letter("Косова", "debt_letter", true)]);
        books_agree(&app).await;
    }

    async fn who_promised_or_asked_is_left_alone_until_the_day(app: TestApp) {
        let (_, [zoya, ivan, _]) = three_debtors(&app).await;
        let vera = app.accountant().await;
        let card = format!("/debtors/{zoya}");
        vera.post(&format!("{card}/marks"), &[("kind", "promise"), ("until", "2026-11-01")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже прошёл");
        vera.post(&format!("{card}/marks"), &[("kind", "promise"), ("until", "")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        let promise = [("kind", "promise"), ("until", "2026-11-25"), ("note", "звонила сама")];
        vera.post_and_follow(&format!("{card}/marks"), &promise).await.shows("Обещал заплатить до 25.11.2026").shows("звонила сама");
        let alone = [("kind", "leave_alone"), ("until", "2027-01-31")];
        vera.post_and_follow(&format!("/debtors/{ivan}/marks"), &alone).await.shows("Не беспокоить до");
        vera.get("/notices?kind=&least=0&step_days=14").await.shows("Написать 1 письмо");
        vera.post_and_follow("/debtors/marks/2/remove", &[]).await.hides("Не беспокоить до");
        vera.get("/notices?kind=&least=0&step_days=14").await.shows("Написать 2 письма");
        app.clock.advance(Duration::days(6));
        vera.get("/notices?kind=pre_court&least=0&step_days=14").await.shows("Написать 3 письма").shows("Претензия");
        let semyon = app.browser_of("semyon", "Семён Мысов", Role::Chair).await;
        semyon.get(&card).await.hides("Отметить");
        semyon.post(&format!("{card}/marks"), &promise).await.is(StatusCode::FORBIDDEN);
    }

    async fn a_round_that_was_cut_off_goes_on_and_writes_to_nobody_twice(app: TestApp) {
        three_debtors(&app).await;
        let terms = Terms { kind: None, site: None, least: Money::ZERO, step_days: 0, by_email: true };
        let mut tx = app.db.begin().await.unwrap();
        let run = terms.begin(&mut tx, None, None, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let write = async || sending::write(&app, run, &terms, |_, _| async { Ok(()) }).await.unwrap();
        assert_eq!(write().await, 3);
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "delete from notice where id = 3").run().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((write().await, write().await), (3, 3));
        assert_eq!(kinds(&app).await.len(), 3);
        assert_eq!(app.count("message").await, 1);
        let run = NoticeRun::find(&app.db, run).await.unwrap().unwrap();
        assert_eq!((run.written, run.paper, run.finished_at.is_some()), (3, 2, true));
    }

    async fn a_site_writes_on_its_day_once_and_tells_the_management(app: TestApp) {
        let (site, _) = three_debtors(&app).await;
        let semyon = app.user("semyon", "Семён Мысов", Role::Chair).await;
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update staff_user set email = 'chair@example.org' where id = $1").bind(semyon).run().await.unwrap();
        tx.commit().await.unwrap();
        let vera = app.accountant().await;
        let plan = format!("/notices/plans/{site}");
        vera.post(&plan, &[("month_day", "31"), ("least", "400"), ("step_days", "14"), ("is_on", "1")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        vera.post_and_follow(&plan, &[("month_day", "22"), ("least", "400"), ("step_days", "14"), ("is_on", "1")]).await.shows("22-го числа");
        vera.post("/notices/plans/999", &[("month_day", "22"), ("step_days", "14")]).await.is(StatusCode::NOT_FOUND);
        for _ in 0..6 {
            enqueue_due(&app.db, app::SCHEDULE, app.clock.now()).await.unwrap();
            app.work().await;
            app.clock.advance(Duration::hours(12));
        }
        assert_eq!(kinds(&app).await.len(), 2, "who owes less gets none");
        let totals: Vec<(String, String)> = q(&app.db, "select address, text from message where kind = 'totals'").all().await.unwrap();
        assert_eq!(totals.len(), 1);
        assert_eq!(totals[0].0, "chair@example.org");
        assert!(totals[0].1.contains("1\u{a0}500,00") && totals[0].1.contains("Мысов"), "{}", totals[0].1);
    }

    async fn another_program_asks_for_letters_and_asks_once(app: TestApp) {
        let (site, _) = three_debtors(&app).await;
        let anna = app.administrators_program().await;
        let body = json!({ "site_id": site, "min_kopecks": 40_000, "channels": ["email"] });
        let told = anna.keyed("/notices", "november", body.clone()).await;
        assert_eq!((&told.is(202).body["on_paper"], &told.body["by_email"]), (&json!(2), &json!(0)));
        app.work().await;
        assert_eq!(anna.keyed("/notices", "november", body).await.body, told.body);
        anna.post("/notices", json!({ "site_id": 999, "channels": [] })).await.refuses(422, "wrong_content");
        app.work().await;
        assert_eq!(kinds(&app).await.len(), 2);
        let run = NoticeRunId(told.body["run_id"].as_i64().unwrap());
        assert_eq!(NoticeRun::find(&app.db, run).await.unwrap().unwrap().paper, 2);
    }
}
