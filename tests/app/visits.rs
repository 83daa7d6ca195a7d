//! What a controller writes down at a plot, and what becomes of it.

use axum::http::StatusCode;
use meterbook::{
    db::q,
    estate::{
        owner::{OwnerDetails, OwnerKind, Phone},
        ownership::{NewOwnership, Share},
        premise::PremiseId,
        site::SiteId,
    },
    metering::{
        InstallationId, MeterId, Zone,
        round::{NewStop, Round, RoundId},
    },
    staff::user::{Role, UserId},
};
use time::macros::date;

use crate::{
    cast::{Browser, TestApp},
    fixtures::passport,
};

/// A plot with an electricity meter at 1000, on the round of Кирилл.
pub struct Walk {
    pub kirill: Browser,
    round: RoundId,
    premise: PremiseId,
    pub installation: InstallationId,
    pub meter: MeterId,
    site: SiteId,
}

pub async fn walk(app: &TestApp) -> Walk {
    let site = app.site().await;
    let kirill = app.controller().await;
    let user: UserId = app.user("kirill", "", Role::Controller).await;
    app.give_site(user, site).await;
    let premise = app.plot(site, "3-12-7").await;
    let crate::fixtures::Standing { meter, installation } =
        app.meter(site, premise, passport("00412345"), date!(2026 - 01 - 15), &[(Zone::Single, 1000)]).await;
    let at = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    let owner = OwnerDetails {
        kind: OwnerKind::Person,
        last_name: "О'Нил-Смит".into(),
        first_name: "Зоя".into(),
        patronymic: String::new(),
        email: String::new(),
        note: String::new(),
        phones: vec![Phone::parse("89181590830").unwrap()],
    };
    let owner = owner.create(&mut tx, at).await.unwrap();
    NewOwnership { premise, owner, share: Share::WHOLE, from: date!(2020 - 01 - 01), reason: String::new() }
        .create(&mut tx)
        .await
        .unwrap()
        .unwrap();
    let stops = [NewStop { premise, controller: Some(user), array: "3".into(), section: "Линия 12".into() }];
    let round = Round::create(&mut tx, site, "2026-11".parse().unwrap(), "Обход", None, at, &stops).await.unwrap();
    tx.commit().await.unwrap();
    Walk { kirill, round, premise, installation, meter, site }
}

impl Walk {
    pub fn path(&self) -> String {
        format!("/rounds/{}/plots/{}/visit", self.round, self.premise)
    }

    pub async fn read(&self, key: &str, value: &str) -> crate::cast::Answer {
        let (field, seal) = (format!("value-{}-single", self.installation), format!("seal-{}", self.meter));
        let parts: [(&str, &str, &[u8]); 4] =
            [("key", "", key.as_bytes()), ("outcome", "", b"read"), (&field, "", value.as_bytes()), (&seal, "", b"intact")];
        self.kirill.upload(&self.path(), &parts).await
    }
}

both_engines! {
    async fn a_reading_is_kept_with_its_seal_and_the_stop_is_done(app: TestApp) {
        let walk = walk(&app).await;
        walk.kirill.get(&format!("/rounds/{}/walk", walk.round)).await.shows("3-12-7").shows("О&#39;Нил-Смит Зоя").shows("0 из 1");
        walk.kirill.get(&format!("/rounds/{}/plots/{}", walk.round, walk.premise)).await.shows("+7 918 159-08-30").shows("№ 00412345");
        walk.kirill.get(&walk.path()).await.shows("начальное, 15.01.2026");
        let answer = walk.read("visit-00000001", "1 134").await;
        assert!(answer.location().contains("/saved/"), "{}", answer.text);
        walk.kirill.get(answer.location()).await.shows("1\u{a0}134").shows("Принято").shows("1 из 1");
        assert_eq!((app.count("reading").await, app.count("seal_check").await), (1, 1));
    }

    async fn the_same_visit_sent_twice_is_one_visit_and_another_under_its_key_is_refused(app: TestApp) {
        let walk = walk(&app).await;
        let first = walk.read("visit-00000001", "1134").await;
        // A form without script carries no time of its own: the two are told at different moments.
        app.clock.advance(time::Duration::seconds(40));
        let again = walk.read("visit-00000001", "1134").await;
        assert_eq!(first.location(), again.location());
        walk.kirill.get(again.location()).await.shows("Принято");
        walk.read("visit-00000001", "1135").await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже сохранена, но с другими данными").shows("1135").hides("visit-00000001");
        assert_eq!((app.count("visit").await, app.count("reading").await), (1, 1));
    }

    async fn a_lower_reading_is_never_lost_but_waits_for_review(app: TestApp) {
        let walk = walk(&app).await;
        let answer = walk.read("visit-00000001", "988").await;
        walk.kirill.get(answer.location()).await.shows("На проверке").shows("Меньше прежнего (1\u{a0}000) на 12");
        let vera = app.accountant().await;
        let queue = vera.get("/review").await;
        queue.shows("3-12-7");
        let reading: i64 = q(&app.db, "select id from reading").scalar().await.unwrap();
        let corrected = vera.post_and_follow(&format!("/review/{reading}/correct"), &[("value-single", "1088"), ("review_note", "опечатка")]).await;
        corrected.shows("Показание исправлено");
        let states: Vec<(String, Option<i64>)> = q(&app.db, "select state, supersedes_id from reading order by id").all().await.unwrap();
        assert_eq!(states, [("superseded".to_owned(), None), ("accepted".to_owned(), Some(reading))]);
        vera.post_and_follow(&format!("/review/{reading}/accept"), &[]).await.shows("уже проверил кто-то другой");
    }

    async fn the_impossible_is_refused_with_what_was_typed_and_nothing_is_kept(app: TestApp) {
        let walk = walk(&app).await;
        for (value, said) in [("123456", "Больше цифр"), ("абв", "Введите число"), ("-5", "не может быть отрицательным"), ("1e9999", "Введите число"), ("", "Введите хотя бы одно показание")] {
            walk.read("visit-00000002", value).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows(said);
        }
        assert_eq!((app.count("visit").await, app.count("reading").await), (0, 0));
    }

    async fn a_photo_is_kept_once_and_shown_only_to_those_who_see_the_site(app: TestApp) {
        let walk = walk(&app).await;
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&image::RgbImage::new(64, 48)).unwrap();
        let (field, photo) = (format!("value-{}-single", walk.installation), format!("photo-{}", walk.meter));
        let parts: [(&str, &str, &[u8]); 4] =
            [("key", "", b"visit-00000003"), ("outcome", "", b"read"), (&field, "", b"1100"), (&photo, "../../x.jpg", &jpeg)];
        for _ in 0..2 {
            walk.kirill.upload(&walk.path(), &parts).await.is(StatusCode::SEE_OTHER);
        }
        let hash: String = q(&app.db, "select hash from photo").scalar().await.unwrap();
        assert_eq!(app.count("photo").await, 1);
        let shown = walk.kirill.get(&format!("/photos/{hash}")).await;
        shown.is(StatusCode::OK);
        assert_eq!(shown.headers["content-security-policy"], "default-src 'none'; sandbox");
        app.user("darya", "Дарья", Role::Controller).await;
        let darya = app.stranger();
        darya.post("/sign-in", &[("login", "darya"), ("password", crate::cast::PASSWORD)]).await;
        darya.get(&format!("/photos/{hash}")).await.is(StatusCode::NOT_FOUND);
        darya.get(&format!("/rounds/{}/walk", walk.round)).await.is(StatusCode::NOT_FOUND);
        darya.get(&format!("/premises/{}", walk.premise)).await.is(StatusCode::NOT_FOUND);
        assert!(walk.site.0 > 0);
    }

    async fn what_is_no_photo_is_refused_and_the_typed_value_stays(app: TestApp) {
        let walk = walk(&app).await;
        let (field, photo) = (format!("value-{}-single", walk.installation), format!("photo-{}", walk.meter));
        let svg: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
        let parts: [(&str, &str, &[u8]); 4] = [("key", "", b"visit-00000004"), ("outcome", "", b"read"), (&field, "", b"1100"), (&photo, "x.jpg", svg)];
        walk.kirill.upload(&walk.path(), &parts).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Это не фото").shows("value=\"1100\"");
        assert_eq!((app.count("visit").await, app.count("photo").await), (0, 0));
    }

    async fn no_access_means_come_again(app: TestApp) {
        let walk = walk(&app).await;
        let parts: [(&str, &str, &[u8]); 3] = [("key", "", b"visit-00000005"), ("outcome", "", b"no_access"), ("note", "", "замок".as_bytes())];
        walk.kirill.upload(&walk.path(), &parts).await.is(StatusCode::SEE_OTHER);
        walk.kirill.get(&format!("/rounds/{}/walk?show=revisit", walk.round)).await.shows("3-12-7").shows("Зайти ещё раз");
        app.agrees().await;
        walk.read("visit-00000006", "1100").await.is(StatusCode::SEE_OTHER);
        walk.kirill.get(&format!("/rounds/{}/walk?show=revisit", walk.round)).await.hides("3-12-7");
        app.agrees().await;
    }
}
