//! Who owes what, since when, and the same number wherever one looks.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use calamine::{Data, Reader as _, Xlsx};
use meterbook::{
    db::q,
    debtors::{
        ageing::Terms,
        debtor::{Day, DebtorFilter, DebtorOrder, Debtors, Late},
    },
    demo::{fill, story::Size},
    estate::{
        account::Account,
        contract::Service,
        ownership::{NewOwnership, Share},
        premise::PremiseId,
    },
    kernel::Money,
    ledger::{Book, Kind, NewTransfer, debt, post},
    staff::user::Role,
    web::{Language, Locale},
};
use time::{Date, Duration, macros::date};

use crate::{
    cast::{Answer, TestApp},
    owing::{account, another_site, bill, books_agree, month, pay, person, roubles},
};

const TODAY: Date = date!(2026 - 11 - 20);

/// The sum as pages write it.
fn written(sum: Money) -> String {
    Locale::from(Language::Russian).sum(sum)
}

async fn debtors_on(app: &TestApp, filter: DebtorFilter, today: Date) -> Debtors {
    let day = Day { today, terms: Terms::default() };
    filter.page(&app.db, None, day, (DebtorOrder::Debt, true), (50, 0)).await.unwrap()
}

/// Names and debts in roubles, in order.
fn owing(found: &Debtors) -> Vec<(&str, i64)> {
    found.rows.iter().map(|debtor| (debtor.name.as_str(), debtor.debt.kopecks() / 100)).collect()
}

fn sheet(answer: &Answer) -> Vec<Vec<Data>> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &answer.bytes).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook(file.path()).unwrap();
    book.worksheet_range_at(0).unwrap().unwrap().rows().map(<[Data]>::to_vec).collect()
}

both_engines! {
    async fn what_a_person_owes_is_added_up_over_premises_and_sites(app: TestApp) {
        let (garden, house) = (app.site().await, another_site(&app).await);
        let (zoya, ivan) = (person(&app, "Чайкина", "").await, person(&app, "Мысов", "").await);
        let (first, second) = (account(&app, garden, "1-1-1", zoya).await, account(&app, garden, "1-1-2", zoya).await);
        let flat = account(&app, house, "кв. 5", zoya).await;
        let single = account(&app, garden, "1-1-3", ivan).await;
        for account in [first, second] {
            bill(&app, garden, account, "2026-10", &[(Service::Water, 300), (Service::Electricity, 200)]).await;
        }
        bill(&app, house, flat, "2026-10", &[(Service::Upkeep, 1000)]).await;
        bill(&app, garden, single, "2026-10", &[(Service::Water, 1500)]).await;
        let all = debtors_on(&app, DebtorFilter::default(), TODAY).await;
        assert_eq!(owing(&all), [("Чайкина Зоя", 2000), ("Мысов Зоя", 1500)]);
        assert_eq!((all.people, all.debt, all.rows[0].premises), (2, roubles(3500), 3));
        let there = debtors_on(&app, DebtorFilter { site: Some(garden), ..DebtorFilter::default() }, TODAY).await;
        assert_eq!(owing(&there), [("Мысов Зоя", 1500), ("Чайкина Зоя", 1000)]);
        assert_eq!((there.people, there.rows[1].premises), (2, 2));
        let vera = app.accountant().await;
        let card = vera.get(&format!("/debtors/{zoya}")).await;
        card.shows("1-1-1").shows("кв. 5").shows("2\u{a0}000,00\u{a0}₽").shows("октябрь 2026").shows("просрочено 5 дней");
        vera.get("/debtors").await.shows("Чайкина Зоя").shows("3\u{a0}500,00\u{a0}₽");
        books_agree(&app).await;
    }

    async fn a_debt_stands_in_the_column_of_its_days(app: TestApp) {
        let (site, zoya) = (app.site().await, person(&app, "Чайкина", "").await);
        let plot = account(&app, site, "1-1-1", zoya).await;
        bill(&app, site, plot, "2026-09", &[(Service::Water, 100)]).await;
        let due = date!(2026 - 10 - 15);
        for (days, not_due, columns) in [
            (-20, 100, [100, 0, 0, 0]),
            (0, 100, [100, 0, 0, 0]),
            (1, 0, [100, 0, 0, 0]),
            (30, 0, [100, 0, 0, 0]),
            (31, 0, [0, 100, 0, 0]),
            (60, 0, [0, 100, 0, 0]),
            (61, 0, [0, 0, 100, 0]),
            (90, 0, [0, 0, 100, 0]),
            (91, 0, [0, 0, 0, 100]),
            (900, 0, [0, 0, 0, 100]),
        ] {
            let today = due + Duration::days(days);
            let found = debtors_on(&app, DebtorFilter::default(), today).await;
            let aged = found.rows[0].aged;
            assert_eq!((aged.not_due, aged.columns()), (roubles(not_due), columns.map(roubles)), "{days} days");
            for (late, edge) in [(Late::Any, 0), (Late::Month, 30), (Late::TwoMonths, 60), (Late::ThreeMonths, 90)] {
                let filter = DebtorFilter { late: Some(late), ..DebtorFilter::default() };
                assert_eq!(debtors_on(&app, filter, today).await.people, i64::from(days > edge), "{days} days, {late}");
            }
        }
        // what was owed before the program was used has no bill to wait for
        let mut tx = app.db.begin().await.unwrap();
        let before = NewTransfer::new(Kind::Opening, Book::Consumer(plot), Book::Opening, roubles(50), date!(2026 - 08 - 01));
        post(&mut tx, &[before], app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let found = debtors_on(&app, DebtorFilter::default(), date!(2026 - 11 - 14)).await;
        assert_eq!(found.rows[0].aged.columns(), [100, 0, 0, 50].map(roubles));
        assert_eq!(found.rows[0].oldest, month("2026-08"));
        app.accountant().await.get(&format!("/debtors/{zoya}")).await.shows("без квитанции").shows("Прежний долг и прочее");
    }

    async fn the_list_is_narrowed_by_sum_and_by_words(app: TestApp) {
        let site = app.site().await;
        let vera = app.accountant().await;
        for (name, phone, label, sum) in [("Чайкина", "+7 918 159-08-30", "3-12-7", 100), ("Мысов", "", "3-12-8", 5000)] {
            let payer = person(&app, name, phone).await;
            let account = account(&app, site, label, payer).await;
            bill(&app, site, account, "2026-10", &[(Service::Water, sum)]).await;
        }
        for (query, shown, hidden) in [
            ("least=5000", "Мысов", "Чайкина"),
            ("least=1+000%2C50", "Мысов", "Чайкина"),
            ("q=%D1%87%D0%B0%D0%B9", "Чайкина", "Мысов"),
            ("q=12-8", "Мысов", "Чайкина"),
            ("q=%2B7+918+159-08", "Чайкина", "Мысов"),
        ] {
            vera.get(&format!("/debtors?{query}")).await.shows(shown).hides(hidden);
        }
        vera.get("/debtors?least=5001").await.shows("Ничего не нашлось");
        vera.get("/debtors?least=NaN").await.shows("Мысов").shows("Чайкина");
        vera.get("/debtors?late=90").await.shows("Ничего не нашлось");
    }

    async fn every_debtor_is_on_one_page_and_on_no_other(app: TestApp) {
        let site = app.site().await;
        for number in 0..120 {
            let payer = person(&app, &format!("Одинаков{number}"), "").await;
            let account = account(&app, site, &format!("1-1-{number}"), payer).await;
            bill(&app, site, account, "2026-10", &[(Service::Water, 100)]).await;
        }
        let day = Day { today: TODAY, terms: Terms::default() };
        for (order, is_descending) in [(DebtorOrder::Debt, true), (DebtorOrder::Name, false), (DebtorOrder::Oldest, false), (DebtorOrder::Old, true)] {
            let mut seen = BTreeSet::new();
            for offset in [0, 50, 100] {
                let part = DebtorFilter::default().page(&app.db, None, day, (order, is_descending), (50, offset)).await.unwrap();
                assert_eq!(part.people, 120);
                seen.extend(part.rows.into_iter().map(|debtor| debtor.payer_id.0));
            }
            assert_eq!(seen.len(), 120, "{order}");
        }
        let vera = app.accountant().await;
        vera.get("/debtors?page=3").await.shows("101–120 из 120");
        vera.get("/debtors?page=99").await.shows("101–120 из 120");
        vera.get("/debtors").await.shows("1–50 из 120").shows("120 человек, долг 12\u{a0}000,00\u{a0}₽");
        let rows = sheet(&vera.get("/debtors.xlsx").await);
        assert_eq!(rows.iter().filter(|row| row[0].to_string().starts_with("Одинаков")).count(), 120);
    }

    async fn every_page_says_the_same_number(app: TestApp) {
        fill::fill(&app.app, Size { premises: 20, months: 3 }).await.unwrap();
        let (anna, kirill) = (app.of_the_demo("anna").await, app.of_the_demo("kirill").await);
        let sql = "select s.premise_id, s.round_id from round_stop s join staff_user u on u.id = s.controller_id
            where u.login = 'kirill' order by s.round_id desc, s.id limit 40";
        let stops: Vec<(PremiseId, i64)> = q(&app.db, sql).all().await.unwrap();
        assert!(!stops.is_empty());
        let mut checked = 0;
        for (premise, round) in stops {
            if checked == 3 {
                break;
            }
            let owed = debt::Owed::find(&app.db, debt::Of::Premise(premise), None).await.unwrap();
            let accounts = Account::of_premise(&app.db, premise).await.unwrap();
            let Some(account) = accounts.first().filter(|_| owed.debt().is_positive()) else { continue };
            let sum = written(owed.debt());
            anna.get(&format!("/premises/{premise}")).await.shows(&sum);
            anna.get("/premises?sort=-debt").await.shows(&sum);
            kirill.get(&format!("/rounds/{round}/plots/{premise}")).await.shows(&format!("Долг {sum}"));
            let label = &account.premise_label;
            kirill.get(&format!("/rounds/{round}/walk?q={label}")).await.shows("Есть долг").hides(&sum);
            for (service, part) in &owed.by_service {
                let name = Locale::from(Language::Russian).t(service.unwrap().key());
                kirill.get(&format!("/rounds/{round}/plots/{premise}")).await.shows(&name).shows(&written(*part));
            }
            assert_eq!(debt::of_premises(&app.db, &[premise]).await.unwrap()[&premise], owed.debt());
            let of_person = debt::Owed::find(&app.db, debt::Of::Payer(account.payer_id), None).await.unwrap().debt();
            let sum = written(of_person);
            anna.get(&format!("/owners/{}", account.payer_id)).await.shows(&sum);
            anna.get(&format!("/debtors/{}", account.payer_id)).await.shows(&sum);
            anna.get("/debtors").await.shows(&sum);
            let rows = sheet(&anna.get("/debtors.xlsx").await);
            let row = rows.iter().find(|row| row[0].to_string() == account.payer_name).unwrap();
            assert_eq!(row[3], Data::Float(of_person.to_string().parse().unwrap()));
            checked += 1;
        }
        assert!(checked > 0, "nobody of the demo owes");
        let (total, people) = debt::total(&app.db, None, None).await.unwrap();
        let list = debtors_on(&app, DebtorFilter::default(), TODAY).await;
        assert_eq!((list.debt, list.people), (total, people));
        anna.get("/").await.shows(&written(total)).shows("долг плательщиков");
        kirill.get("/premises?sort=-debt").await.is(StatusCode::OK).hides("Долг,\u{a0}₽");
        app.agrees().await;
    }

    async fn money_meets_the_debt_everywhere_and_what_is_left_is_paid_ahead(app: TestApp) {
        let (site, zoya) = (app.site().await, person(&app, "Чайкина", "").await);
        let plot = account(&app, site, "1-1-1", zoya).await;
        bill(&app, site, plot, "2026-09", &[(Service::Water, 300)]).await;
        bill(&app, site, plot, "2026-10", &[(Service::Water, 300), (Service::Electricity, 400)]).await;
        pay(&app, plot, 500, date!(2026 - 11 - 12)).await;
        let found = debtors_on(&app, DebtorFilter::default(), TODAY).await;
        assert_eq!(owing(&found), [("Чайкина Зоя", 500)]);
        assert_eq!((found.rows[0].oldest, found.rows[0].last_paid_on), (month("2026-10"), Some(date!(2026 - 11 - 12))));
        let vera = app.accountant().await;
        let here = format!("/accounts/{plot}");
        vera.get("/").await.shows("500,00\u{a0}₽").shows("получено за месяц");
        vera.get(&here).await.shows("Долг 500,00\u{a0}₽").shows("Последняя оплата 500,00\u{a0}₽, 12.11.2026");
        pay(&app, plot, 900, date!(2026 - 11 - 19)).await;
        vera.get(&here).await.shows("Оплачено вперёд 400,00\u{a0}₽");
        vera.get("/debtors").await.shows("Никто не должен");
        vera.get(&format!("/debtors/{zoya}")).await.shows("Долга нет");
        books_agree(&app).await;
    }

    async fn a_closed_account_still_owes_and_a_share_alone_owes_nothing(app: TestApp) {
        let (site, zoya, petr) = (app.site().await, person(&app, "Чайкина", "").await, person(&app, "Совладельцев", "").await);
        let plot = account(&app, site, "1-1-1", zoya).await;
        let premise: PremiseId = q(&app.db, "select premise_id from account where id = $1").bind(plot).scalar().await.unwrap();
        bill(&app, site, plot, "2026-10", &[(Service::Water, 300)]).await;
        let mut tx = app.db.begin().await.unwrap();
        let half = Share::parse("1/2").unwrap();
        for owner in [zoya, petr] {
            let from = date!(2020 - 01 - 01);
            NewOwnership { premise, owner, share: half, from, reason: String::new() }.create(&mut tx).await.unwrap().unwrap();
        }
        assert!(Account::close(&mut tx, plot, TODAY).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(owing(&debtors_on(&app, DebtorFilter::default(), TODAY).await), [("Чайкина Зоя", 300)]);
        let vera = app.accountant().await;
        vera.get("/debtors").await.hides("Совладельцев");
        vera.get(&format!("/debtors/{zoya}")).await.shows("закрыт").shows("300,00");
        vera.get(&format!("/owners/{petr}")).await.hides("Долг");
    }

    async fn debts_are_for_those_who_see_the_money_or_the_plot(app: TestApp) {
        let (garden, house) = (app.site().await, another_site(&app).await);
        let zoya = person(&app, "Чайкина", "").await;
        let (plot, flat) = (account(&app, garden, "1-1-1", zoya).await, account(&app, house, "кв. 5", zoya).await);
        bill(&app, garden, plot, "2026-10", &[(Service::Water, 300)]).await;
        bill(&app, house, flat, "2026-10", &[(Service::Upkeep, 1000)]).await;
        let kirill = app.controller().await;
        let id = app.user("kirill", "Кирилл Береговой", Role::Controller).await;
        app.give_site(id, garden).await;
        for path in ["/debtors".to_owned(), "/debtors.xlsx".to_owned(), format!("/debtors/{zoya}")] {
            kirill.get(&path).await.is(StatusCode::FORBIDDEN);
        }
        // of the same person he sees what is owed on his own site
        kirill.get(&format!("/owners/{zoya}")).await.shows("Долг 300,00").hides("/debtors/");
        kirill.get(&format!("/accounts/{plot}")).await.shows("Долг 300,00");
        kirill.get(&format!("/accounts/{flat}")).await.is(StatusCode::NOT_FOUND);
        let vera = app.accountant().await;
        vera.get(&format!("/owners/{zoya}")).await.shows("Долг 1\u{a0}300,00").shows(&format!("/debtors/{zoya}"));
    }

    async fn who_looked_at_debts_is_written_down(app: TestApp) {
        let (site, zoya) = (app.site().await, person(&app, "Чайкина", "").await);
        let plot = account(&app, site, "1-1-1", zoya).await;
        bill(&app, site, plot, "2026-10", &[(Service::Water, 300)]).await;
        let vera = app.accountant().await;
        let looks = async || -> i64 { q(&app.db, "select count(*) from audit where subject_kind = 'debtor'").scalar().await.unwrap() };
        for _ in 0..3 {
            vera.get(&format!("/debtors/{zoya}")).await.is(StatusCode::OK);
        }
        assert_eq!(looks().await, 1, "looking again within the hour is the same look");
        app.clock.advance(Duration::minutes(61));
        vera.get(&format!("/debtors/{zoya}")).await.is(StatusCode::OK);
        vera.get("/debtors.xlsx").await.is(StatusCode::OK);
        assert_eq!(looks().await, 3);
        let audit = app.administrator().await.get("/audit").await;
        audit.shows("Просмотрены долги").shows("Чайкина Зоя").shows("Скачан список должников");
    }

    async fn the_own_day_of_payment_is_a_setting(app: TestApp) {
        let (site, zoya) = (app.site().await, person(&app, "Чайкина", "").await);
        let plot = account(&app, site, "1-1-1", zoya).await;
        bill(&app, site, plot, "2026-10", &[(Service::Water, 300)]).await;
        let anna = app.administrator().await;
        anna.get(&format!("/debtors/{zoya}")).await.shows("15.11.2026").shows("просрочено 5 дней");
        anna.post_and_follow("/admin", &[("organisation", ""), ("language", "ru"), ("due_day", "25")]).await.is(StatusCode::OK);
        anna.get(&format!("/debtors/{zoya}")).await.shows("25.11.2026").shows("срок не наступил");
        anna.post("/admin", &[("organisation", ""), ("language", "ru"), ("due_day", "29")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        anna.post_and_follow("/admin", &[("organisation", ""), ("language", "ru"), ("due_day", "")]).await.is(StatusCode::OK);
        anna.get(&format!("/debtors/{zoya}")).await.shows("15.11.2026");
    }
}
