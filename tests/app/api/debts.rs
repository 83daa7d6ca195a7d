//! Debts as other programs read them: the same numbers as on the pages.

use meterbook::{estate::contract::Service, staff::user::Role};
use serde_json::{Value, json};

use crate::owing::{account, another_site, bill, person};

fn names(body: &Value) -> Vec<(&str, i64)> {
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| (item["name"].as_str().unwrap(), item["debt_kopecks"].as_i64().unwrap())).collect()
}

both_engines! {
    async fn debtors_are_listed_with_all_that_is_unpaid(app: TestApp) {
        let (garden, house) = (app.site().await, another_site(&app).await);
        let (zoya, ivan) = (person(&app, "Чайкина", "").await, person(&app, "Мысов", "").await);
        let plot = account(&app, garden, "1-1-1", zoya).await;
        let (flat, single) = (account(&app, house, "кв. 5", zoya).await, account(&app, garden, "1-1-3", ivan).await);
        bill(&app, garden, plot, "2026-09", &[(Service::Water, 300), (Service::Electricity, 200)]).await;
        bill(&app, house, flat, "2026-10", &[(Service::Upkeep, 1000)]).await;
        bill(&app, garden, single, "2026-10", &[(Service::Water, 700)]).await;
        let anna = app.administrators_program().await;
        let all = anna.get("/debtors").await.is(200).body.clone();
        assert_eq!(names(&all), [("Чайкина Зоя", 150_000), ("Мысов Зоя", 70_000)]);
        let first = &all["items"][0];
        assert_eq!((&first["oldest"], first["premises"].as_array().unwrap().len()), (&json!("2026-09"), 2));
        let of_plot = first["premises"].as_array().unwrap().iter().find(|premise| premise["label"] == "1-1-1").unwrap();
        assert_eq!((&of_plot["debt_kopecks"], of_plot["unpaid"].as_array().unwrap().len()), (&json!(50_000), 1), "one bill, whatever its services");
        assert_eq!(of_plot["unpaid"][0]["period"], "2026-09");
        assert_eq!(names(&anna.get("/debtors?sort=debt").await.body), [("Мысов Зоя", 70_000), ("Чайкина Зоя", 150_000)]);
        assert_eq!(names(&anna.get(&format!("/debtors?site_id={garden}")).await.body), [("Мысов Зоя", 70_000), ("Чайкина Зоя", 50_000)]);
        assert_eq!(names(&anna.get("/debtors?min_kopecks=70001").await.body), [("Чайкина Зоя", 150_000)]);
        let beyond = anna.get("/debtors?page=9").await.is(200).body.clone();
        assert_eq!((&beyond["total"], &beyond["items"]), (&json!(2), &json!([])));
        assert_eq!(anna.get("/debtors?sort=height").await.refuses(422, "wrong_content").wrong_field().0, "sort");
        let kirill = app.program_of("kirill", "Кирилл Обходов", Role::Controller).await;
        kirill.get("/debtors").await.refuses(403, "forbidden");
    }

    async fn a_letter_says_what_is_owed_and_is_written_to_debtors_alone(app: TestApp) {
        let garden = app.site().await;
        let (zoya, ivan) = (person(&app, "Чайкина", "").await, person(&app, "Мысов", "").await);
        let plot = account(&app, garden, "1-1-1", zoya).await;
        account(&app, garden, "1-1-3", ivan).await;
        bill(&app, garden, plot, "2026-09", &[(Service::Water, 300)]).await;
        let anna = app.administrators_program().await;
        let letter = anna.get(&format!("/debtors/{zoya}/letter")).await.is(200).body.clone();
        let text = letter["text"].as_str().unwrap();
        for part in ["Чайкина Зоя", "1-1-1", "сентябрь 2026", "300,00", "15.10.2026"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(letter["subject"].as_str().unwrap().contains("300,00"));
        anna.get(&format!("/debtors/{ivan}/letter")).await.refuses(409, "no_debt");
        anna.get("/debtors/999999/letter").await.refuses(404, "not_found");
    }
}
