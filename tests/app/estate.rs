//! The registry: who answers for what, found by anything, changed by nobody unseen.

use axum::http::StatusCode;
use meterbook::{
    db::q,
    estate::{
        owner::{OwnerDetails, OwnerId, OwnerKind, Phone},
        ownership::{NewOwnership, Share},
        premise::{PremiseDetails, PremiseId, PremiseKind},
        site::SiteId,
    },
    staff::user::Role,
};
use time::macros::date;

use crate::cast::{Answer, TestApp};

async fn plot(app: &TestApp, site: SiteId, label: &str) -> PremiseId {
    let details = PremiseDetails { kind: PremiseKind::Plot, label: label.to_owned(), area: None, note: String::new() };
    let mut tx = app.db.begin().await.unwrap();
    let id = details.create(&mut tx, site, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn owner(app: &TestApp, name: &str, phone: &str) -> OwnerId {
    let mut words = name.split(' ').map(str::to_owned);
    let details = OwnerDetails {
        kind: OwnerKind::Person,
        last_name: words.next().unwrap(),
        first_name: words.next().unwrap_or_default(),
        patronymic: words.next().unwrap_or_default(),
        email: String::new(),
        note: String::new(),
        phones: Phone::parse(phone).into_iter().collect(),
    };
    let mut tx = app.db.begin().await.unwrap();
    let id = details.create(&mut tx, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn give(app: &TestApp, premise: PremiseId, owner: OwnerId) {
    let new = NewOwnership { premise, owner, share: Share::WHOLE, from: date!(2020 - 05 - 01), reason: String::new() };
    let mut tx = app.db.begin().await.unwrap();
    new.create(&mut tx).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

async fn count(app: &TestApp, table: &str) -> i64 {
    q(&app.db, format!("select count(*) from {table}")).scalar().await.unwrap()
}

/// Where each text stands on the page, in the order given; fails when one is absent.
#[track_caller]
fn in_order(answer: &Answer, texts: &[&str]) {
    let places: Vec<usize> =
        texts.iter().map(|text| answer.text.find(text).unwrap_or_else(|| panic!("{text} is not on the page"))).collect();
    assert!(places.is_sorted(), "{texts:?} stand in another order");
}

const CONTRACT: [(&str, &str); 8] = [
    ("party", "new"),
    ("kind", "person"),
    ("last_name", "Д'Артаньян-Smith"),
    ("phones", "8 (918) 159-08-30"),
    ("service", "electricity"),
    ("number", "Э-17"),
    ("signed_on", "2026-11-02"),
    ("is_premise_new", "1"),
];

const METER: [(&str, &str); 7] = [
    ("meter", "new"),
    ("serial", "00412"),
    ("dial_digits", "5"),
    ("dial_decimals", "0"),
    ("dials", "day_night"),
    ("opening_first", "1 200,5"),
    ("opening_night", "340"),
];

fn contract<'a>(site: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("site", site), ("label", "3 / 12 / 7")], CONTRACT.as_slice(), more].concat()
}

both_engines! {
    async fn search_finds_part_of_a_name_in_any_letter_case(app: TestApp) {
        let site = app.site().await;
        let anna = app.administrator().await;
        let (first, second) = (plot(&app, site, "3-2-1").await, plot(&app, site, "3-12-7").await);
        give(&app, first, owner(&app, "Королёва Анна", "89181590830").await).await;
        give(&app, second, owner(&app, "O'Neill-Smith John", "+49 30 123456").await).await;
        for (typed, found) in
            [("КОРОЛЕВ", "3-2-1"), ("neill", "3-12-7"), ("8 (918) 159-08", "3-2-1"), ("королева 3-2", "3-2-1"), ("12-7", "3-12-7")]
        {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("q", typed).finish();
            let other = if found == "3-2-1" { second } else { first };
            let page = anna.get(&format!("/premises?{query}")).await;
            page.is(StatusCode::OK).shows(&format!(">{found}</a>")).hides(&format!("/premises/{other}\""));
        }
        for typed in ["%25", "_", "3-12-7%27%20or%201=1", "королева 3-12"] {
            anna.get(&format!("/premises?q={typed}").replace(' ', "+")).await.is(StatusCode::OK).hides("row-link");
        }
    }

    async fn plots_are_sorted_as_people_count_and_both_ways(app: TestApp) {
        let site = app.site().await;
        for label in ["3-12-7", "3-2-1", "10-1-1"] {
            plot(&app, site, label).await;
        }
        let anna = app.administrator().await;
        in_order(&anna.get("/premises").await, &[">3-2-1<", ">3-12-7<", ">10-1-1<"]);
        in_order(&anna.get("/premises?sort=-label").await, &[">10-1-1<", ">3-12-7<", ">3-2-1<"]);
        for sort in ["owner", "-owner", "area", "-read", "password_hash"] {
            anna.get(&format!("/premises?sort={sort}&page=-1&site=x&service=beer&part=3-12")).await.is(StatusCode::OK);
        }
    }

    async fn every_list_and_form_opens_empty_and_in_both_languages(app: TestApp) {
        let anna = app.administrator().await;
        for _ in 0..2 {
            for path in
                ["/sites", "/sites/new", "/premises", "/owners", "/owners/new", "/accounts", "/contracts", "/contracts/new", "/search", "/search?q=x"]
            {
                anna.get(path).await.is(StatusCode::OK).hides("⟦");
            }
            anna.post("/me/language", &[("language", "en"), ("back", "/")]).await;
        }
        for path in ["/premises.xlsx", "/owners.xlsx", "/contracts.xlsx?sort=-signed&q=1"] {
            assert_eq!(&anna.get(path).await.is(StatusCode::OK).bytes[..2], b"PK");
        }
    }

    async fn a_new_contract_makes_owner_account_meter_and_installation_at_once(app: TestApp) {
        let site = app.site().await.to_string();
        let anna = app.administrator().await;
        let card = anna.post_and_follow("/contracts", &contract(&site, &METER)).await;
        card.is(StatusCode::OK).shows("Участок 3-12-7").shows("Д&#39;Артаньян-Smith").shows("+7 918 159-08-30");
        card.shows("Э-17").shows("00412").shows("Заключён договор").hides("⟦");
        for table in ["premise", "owner", "ownership", "account", "contract", "meter", "installation"] {
            assert_eq!(count(&app, table).await, 1, "{table}");
        }
        assert_eq!(count(&app, "register").await, 2);
        for path in ["/owners/1", "/accounts/1", "/accounts?q=3-12", "/contracts?state=open", "/contracts/1/end", "/premises/1/edit", "/premises/1/transfer", "/sites/1"] {
            anna.get(path).await.is(StatusCode::OK).hides("⟦");
        }
    }

    async fn the_same_contract_sent_again_signs_nothing(app: TestApp) {
        let site = app.site().await.to_string();
        let anna = app.administrator().await;
        let form = contract(&site, &METER);
        let answers = futures_util::future::join_all((0..8).map(|_| anna.post("/contracts", &form))).await;
        let signed = answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
        assert_eq!(signed, 1);
        assert!(answers.iter().all(|answer| [303, 422].contains(&answer.status.as_u16())));
        for table in ["premise", "owner", "account", "contract", "meter"] {
            assert_eq!(count(&app, table).await, 1, "{table}");
        }
    }

    async fn a_contract_form_with_mistakes_keeps_what_was_typed_and_writes_nothing(app: TestApp) {
        let site = app.site().await.to_string();
        let anna = app.administrator().await;
        for (field, value) in [
            ("signed_on", "31.02.2026"), ("number", "\u{200b}"), ("service", "beer"), ("opening_first", "1e9999"), ("opening_first", "100000"),
            ("serial", ""), ("label", ""), ("phones", "12345"), ("site", "-1"), ("site", "9223372036854775808"), ("dial_digits", "0x10"),
        ] {
            let mut form = contract(&site, &METER);
            form.iter_mut().filter(|(name, _)| *name == field).for_each(|(_, kept)| *kept = value);
            let answer = anna.post("/contracts", &form).await;
            answer.is(StatusCode::UNPROCESSABLE_ENTITY).shows("error-summary").hides("⟦");
            if field != "phones" {
                answer.shows("8 (918) 159-08-30");
            }
        }
        for table in ["premise", "owner", "contract", "meter"] {
            assert_eq!(count(&app, table).await, 0, "{table}");
        }
    }

    async fn shares_of_a_premise_never_exceed_one(app: TestApp) {
        let site = app.site().await;
        let anna = app.administrator().await;
        let premise = plot(&app, site, "1-1-1").await;
        give(&app, premise, owner(&app, "Первый Пётр", "").await).await;
        owner(&app, "Второй Иван", "").await;
        let path = format!("/premises/{premise}/transfer");
        let fields = |present, share, from| {
            [("present", present), ("party", "known"), ("find", "второй"), ("share", share), ("from_on", from), ("reason", "наследство")]
        };
        anna.post(&path, &fields("keep", "1/2", "2026-10-01")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("больше целого");
        anna.post(&path, &fields("end", "3/2", "2026-10-01")).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        anna.post(&path, &fields("end", "1/2", "2026-12-01")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("ещё не наступил");
        let card = anna.post_and_follow(&path, &fields("end", "1/2", "2026-10-01")).await;
        card.shows("Второй Иван").shows("доля 1/2").shows("Прежние собственники").shows("Сменился собственник");
        anna.post(&path, &fields("keep", "2/3", "2026-11-01")).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(count(&app, "ownership").await, 2);
    }

    async fn someone_elses_premise_answers_as_an_absent_one(app: TestApp) {
        let site = app.site().await;
        let premise = plot(&app, site, "7-7-7").await;
        let person = owner(&app, "Тайный Тихон", "89180000001").await;
        give(&app, premise, person).await;
        let kirill = app.controller().await;
        let absent = kirill.get("/premises/999999").await;
        absent.is(StatusCode::NOT_FOUND);
        for path in [format!("/premises/{premise}"), format!("/owners/{person}"), format!("/sites/{site}")] {
            let answer = kirill.get(&path).await;
            answer.is(StatusCode::NOT_FOUND).hides("Тайный");
        }
        for path in ["/premises", "/owners", "/search?q=тайный", "/premises?site=1", "/contracts", "/accounts"] {
            kirill.get(path).await.is(StatusCode::OK).hides("Тайный").hides("7-7-7");
        }
        let user = app.user("kirill", "", Role::Controller).await;
        app.give_site(user, site).await;
        kirill.get(&format!("/premises/{premise}")).await.is(StatusCode::OK).shows("Тайный");
        kirill.post(&format!("/premises/{premise}/end"), &[]).await.is(StatusCode::FORBIDDEN);
        assert_eq!(kirill.get("/search?q=ТАЙН").await.location(), format!("/premises/{premise}"));
        for id in ["0", "-1", "x", "9223372036854775807", "9223372036854775808"] {
            kirill.get(&format!("/premises/{id}")).await.is(StatusCode::NOT_FOUND);
            kirill.get(&format!("/owners/{id}")).await.is(StatusCode::NOT_FOUND);
        }
    }

    async fn two_records_of_one_owner_become_one(app: TestApp) {
        let site = app.site().await;
        let anna = app.administrator().await;
        let (kept, gone) = (owner(&app, "Морская Инна", "89181111111").await, owner(&app, "Морская И", "89182222222").await);
        give(&app, plot(&app, site, "1-1-1").await, kept).await;
        give(&app, plot(&app, site, "1-1-2").await, gone).await;
        anna.get(&format!("/owners/{kept}/merge")).await.is(StatusCode::OK).shows("Морская И<");
        anna.get(&format!("/owners/{kept}/merge?with={gone}")).await.is(StatusCode::OK).shows("Исчезает").shows("1-1-2");
        let card = anna.post_and_follow(&format!("/owners/{kept}/merge"), &[("with", &gone.to_string())]).await;
        card.shows("1-1-1").shows("1-1-2").shows("+7 918 111-11-11").shows("+7 918 222-22-22").shows("Объединены");
        anna.get(&format!("/owners/{gone}")).await.is(StatusCode::NOT_FOUND);
        anna.get("/owners?q=89182222222").await.shows("Морская Инна");
        anna.post(&format!("/owners/{kept}/merge"), &[("with", &kept.to_string())]).await.is(StatusCode::CONFLICT);
    }

    async fn only_a_slip_of_minutes_ago_can_be_deleted(app: TestApp) {
        let site = app.site().await;
        let anna = app.administrator().await;
        let (slip, owned, old) = (plot(&app, site, "1").await, plot(&app, site, "2").await, plot(&app, site, "3").await);
        give(&app, owned, owner(&app, "Хозяин Олег", "").await).await;
        anna.post_and_follow(&format!("/premises/{owned}/delete"), &[]).await.shows("Удалить нельзя");
        assert_eq!(anna.post(&format!("/premises/{slip}/delete"), &[]).await.location(), "/premises");
        app.clock.advance(time::Duration::hours(1));
        anna.post(&format!("/premises/{old}/delete"), &[]).await;
        anna.get(&format!("/premises/{old}")).await.is(StatusCode::OK);
        anna.post_and_follow(&format!("/premises/{old}/end"), &[]).await.shows("до 20.11.2026");
        anna.get("/premises").await.hides(">3</a>");
        anna.get("/premises?state=ended").await.shows(">3</a>");
        assert_eq!(count(&app, "premise").await, 2);
        app.agrees().await;
    }

    async fn an_ended_contract_stays_and_an_account_with_a_standing_one_does_not_close(app: TestApp) {
        let site = app.site().await.to_string();
        let anna = app.administrator().await;
        anna.post("/contracts", &contract(&site, &[("meter", "no")])).await.is(StatusCode::SEE_OTHER);
        anna.post_and_follow("/accounts/1/close", &[]).await.shows("есть действующий договор");
        anna.post("/contracts/1/end", &[("ended_on", "2026-11-01")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Не раньше дня подписания");
        anna.post_and_follow("/contracts/1/end", &[("ended_on", "2026-11-19")]).await.shows("завершён");
        anna.post_and_follow("/contracts/1/end", &[("ended_on", "2026-11-20")]).await.shows("Договор уже завершён");
        anna.post_and_follow("/accounts/1/close", &[]).await.shows("Лицевой счёт закрыт");
        anna.get("/contracts?state=ended").await.shows("Э-17");
        anna.get("/contracts?state=open").await.hides("Э-17");
        app.agrees().await;
    }

    async fn a_site_is_named_once_and_every_change_is_kept_with_old_and_new(app: TestApp) {
        let anna = app.administrator().await;
        let fields = |name, zone| {
            [("name", name), ("kind", "garden"), ("time_zone", zone), ("check_high_percent", "300"), ("check_low_percent", "10"), ("check_zero_months", "3")]
        };
        anna.post("/sites", &fields("Бриз", "Europe/Atlantis")).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        anna.post_and_follow("/sites", &fields("Бриз", "Europe/Samara")).await.shows("Самара");
        anna.post("/sites", &fields("Бриз", "Europe/Moscow")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже есть");
        anna.post_and_follow("/sites/1", &fields("Бриз-2", "Europe/Samara")).await.shows("<del>Бриз</del>").shows("<ins>Бриз-2</ins>");
    }
}
