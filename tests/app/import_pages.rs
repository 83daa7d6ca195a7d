//! The way of a file through the pages, as the person in the office walks it.

use axum::http::{StatusCode, header};

use super::import_files::data;
use crate::{
    cast::{Answer, Browser, TestApp},
    forms::{Form, forms},
};

async fn upload(browser: &Browser, site: &str, name: &str, content: &[u8]) -> Answer {
    browser.upload("/imports", &[("site", "", site.as_bytes()), ("file", name, content)]).await
}

/// The form of the columns as it was shown, every field as it stands.
fn form_of_columns(page: &Answer, columns: &str) -> Form {
    forms(&page.text).into_iter().find(|form| form.action == columns).unwrap()
}

/// Uploads a file, accepts the guessed columns and gives the address of the plan.
pub async fn planned(browser: &Browser, site: &str, name: &str, content: &[u8]) -> String {
    let answer = upload(browser, site, name, content).await;
    answer.is(StatusCode::SEE_OTHER);
    let columns = answer.location().to_owned();
    let page = browser.get(&columns).await;
    page.is(StatusCode::OK);
    let answer = form_of_columns(&page, &columns).send(browser).await;
    answer.is(StatusCode::SEE_OTHER);
    answer.location().to_owned()
}

/// Says yes and has it done.
async fn carried_out(app: &TestApp, browser: &Browser, plan: &str) -> Answer {
    browser.post(&format!("{plan}/run"), &[]).await.is(StatusCode::SEE_OTHER);
    app.work().await;
    let page = browser.get(plan).await;
    page.is(StatusCode::OK).hides("data-live-url");
    page
}

both_engines! {
    async fn the_office_brings_the_cooperative_in_from_its_spreadsheet(app: TestApp) {
        let anna = app.administrator().await;
        let site = app.site().await.to_string();
        anna.get("/imports").await.is(StatusCode::OK).shows("Файлов ещё не было");
        anna.get("/imports/new").await.is(StatusCode::OK).shows("Прочитать файл");
        let file = std::fs::read(data("registry-by-hand.xlsx")).unwrap();
        let plan = planned(&anna, &site, "Реестр.xlsx", &file).await;
        let page = anna.get(&plan).await;
        page.shows("Загрузить 790 строк").shows("Сорокина Ольга Анатольевна").shows("419").shows("Ждёт решения");
        anna.get(&format!("{plan}?show=problem")).await.shows("«нет доступа» — не число").shows("#REF!");
        anna.get(&format!("{plan}?show=skip")).await.shows("Массив 1, линия 1").shows("ИТОГО");
        carried_out(&app, &anna, &plan).await.shows("Загружен");
        app.agrees().await;
        anna.get("/imports").await.shows("Реестр.xlsx").shows("Загружен");
        let again = planned(&anna, &site, "Реестр.xlsx", &file).await;
        anna.get(&again).await.shows("Этот же файл уже загружали").shows("Загружать нечего");
        anna.post(&format!("{again}/discard"), &[]).await.is(StatusCode::SEE_OTHER);
        anna.get(&again).await.is(StatusCode::NOT_FOUND);
        anna.get(&format!("{plan}/undo")).await.shows("Отменить загрузку");
        anna.post_and_follow(&format!("{plan}/undo"), &[]).await.shows("Загрузка отменена").shows("Отменён");
        anna.post(&format!("{plan}/undo"), &[]).await.is(StatusCode::CONFLICT);
        app.agrees().await;
    }

    async fn the_result_is_the_same_file_with_what_became_of_each_row(app: TestApp) {
        app.clock.advance(time::Duration::days(10));
        let anna = app.administrator().await;
        let site = app.site().await.to_string();
        let plan = planned(&anna, &site, "registry.xlsx", &std::fs::read(data("registry-by-hand.xlsx")).unwrap()).await;
        carried_out(&app, &anna, &plan).await;
        let result = anna.get(&format!("{plan}/result")).await;
        result.is(StatusCode::OK);
        assert!(result.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("registry%20-%20"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &result.bytes).unwrap();
        let workbook = app.tables.read(file.path()).await.unwrap();
        let sheet = &workbook.sheets[0];
        assert_eq!((sheet.name.as_str(), sheet.row(5).unwrap().cell(11).shown().as_str()), ("Эл-во 2026", "Что сделано"));
        assert_eq!(sheet.row(7).unwrap().cell(11).shown(), "создано");
        assert_eq!(sheet.row(14).unwrap().cell(11).shown(), "создано; I: «нет доступа» — не число");
        assert_eq!(sheet.row(6).unwrap().cell(11).shown(), "не данные");

        let plan = planned(&anna, &site, "readings.csv", &std::fs::read(data("readings-october.csv")).unwrap()).await;
        carried_out(&app, &anna, &plan).await.shows("377");
        let bad = anna.get(&format!("{plan}/result?rows=bad")).await;
        let text = encoding_rs::WINDOWS_1251.decode(&bad.bytes).0.into_owned();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        assert_eq!(lines[0], "ресурс;номер счётчика;дата;показание;ночь;Что сделано");
        assert_eq!(lines[1], "вода;00000000;25.11.2026;12;;\"не принято; B: счётчика «00000000» нет на этом объекте\"");
    }

    async fn a_file_that_is_no_table_is_told_so_on_the_spot(app: TestApp) {
        let anna = app.administrator().await;
        let site = app.site().await.to_string();
        for (content, words) in [
            (&b"%PDF-1.7"[..], "Это PDF"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1aaaa", "старый формат Excel"),
            (b"PK\x03\x04broken", "повреждён"),
        ] {
            upload(&anna, &site, "x.xlsx", content).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows(words);
        }
        anna.upload("/imports", &[("site", "", site.as_bytes())]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Выберите файл");
        upload(&anna, "999", "x.csv", b"a;b").await.is(StatusCode::UNPROCESSABLE_ENTITY);
        anna.get("/imports/999").await.is(StatusCode::NOT_FOUND);
        assert!(!app.uploads().join("imports").exists(), "nothing is left behind");
    }

    async fn a_chosen_meaning_is_remembered_for_the_next_file(app: TestApp) {
        let anna = app.administrator().await;
        let site = app.site().await.to_string();
        let csv = "делянка;ФИО;тел\n1-1-1;Сорокина Ольга;9181590830\n1-1-2;Козлова Галина;9909960308\n";
        let columns = upload(&anna, &site, "a.csv", csv.as_bytes()).await.location().to_owned();
        let chosen = [("content", "registry"), ("s0-used", "1"), ("s0-from", "1"), ("s0-to", "1"), ("s0-c0-field", "label"), ("s0-c1-field", "owner_name"), ("s0-c2-field", "phone")];
        let plan = anna.post(&columns, &chosen).await.location().to_owned();
        anna.get(&plan).await.shows("Загрузить 2 строки");
        let again = upload(&anna, &site, "b.csv", csv.as_bytes()).await.location().to_owned();
        let form = form_of_columns(&anna.get(&again).await, &again);
        let first = form.fields.iter().find(|field| field.name == "s0-c0-field").unwrap();
        assert_eq!(first.value, "label");
    }

    async fn only_those_who_may_import_see_the_pages(app: TestApp) {
        let kirill = app.controller().await;
        kirill.get("/imports").await.is(StatusCode::FORBIDDEN);
        kirill.upload("/imports", &[("file", "x.csv", b"a;b")]).await.is(StatusCode::FORBIDDEN);
        app.accountant().await.get("/imports/new").await.is(StatusCode::OK);
    }
}
