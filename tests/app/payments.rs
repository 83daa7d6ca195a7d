//! Money that comes in: typed, brought by a file, matched, allocated, given back, taken back.

use axum::http::StatusCode;
use meterbook::{
    admin::verify,
    db::q,
    estate::{account::AccountId, contract::Service, site::SiteId},
    kernel::{Moment, Money},
    ledger::{self, Book, Kind, NewTransfer, Subject, account},
    payments::payment::{Method, NewPayment, receive},
};
use time::{Date, macros::date};

use crate::{
    cast::{Answer, Browser, NOW, TestApp},
    import_files::data,
    import_pages::planned,
};

/// A payer who owes for water and electricity of September and October.
async fn debtor(app: &TestApp, site: SiteId, label: &str) -> AccountId {
    let account = app.account(site, label).await;
    let charge = |service, kopecks, on| {
        NewTransfer::new(Kind::Charge, Book::Consumer(account), Book::Revenue(site, service), Money::from_kopecks(kopecks), on)
            .about(Subject::Bill, bill_of(on))
    };
    let mut tx = app.db.begin().await.unwrap();
    bills(&mut tx, account, site).await;
    let (september, october) = (date!(2026 - 09 - 30), date!(2026 - 10 - 31));
    let charges = [
        charge(Service::Water, 10_000, september),
        charge(Service::Electricity, 20_000, september),
        charge(Service::Water, 11_000, october),
        charge(Service::Electricity, 21_000, october),
    ];
    ledger::post(&mut tx, &charges, Moment::new(NOW)).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    account
}

fn bill_of(on: Date) -> i64 {
    i64::from(u8::from(on.month()))
}

/// Bills 9 and 10, of September and October.
async fn bills(tx: &mut meterbook::db::Tx, account: AccountId, site: SiteId) {
    for (id, period, charged) in [(9, "2026-09", 30_000), (10, "2026-10", 32_000)] {
        let sql = "insert into billing_run (id, site_id, period, state, started_at) values ($1, $2, $3, 'approved', $4)";
        q(&mut *tx, sql).bind(id).bind(site).bind(period).bind(Moment::new(NOW)).run().await.unwrap();
        let sql = "insert into bill (id, number, run_id, account_id, period, opening_kopecks, charged_kopecks, corrected_kopecks, paid_kopecks, due_kopecks, issued_on)
            values ($1, $2, $1, $3, $4, 0, $5, 0, 0, $5, $6)";
        let number = format!("bill-{id}");
        q(&mut *tx, sql).bind(id).bind(number).bind(account).bind(period).bind(charged).bind(date!(2026 - 11 - 01)).run().await.unwrap();
    }
}

async fn balance(app: &TestApp, account: AccountId) -> i64 {
    account::balance(&app.db, Book::Consumer(account)).await.unwrap().kopecks()
}

/// Fails unless the books agree; the bills of these tests are made without the charges that they are the sum of.
async fn agrees(app: &TestApp) {
    let broken: Vec<_> =
        verify::all(&app.app).await.unwrap().into_iter().filter(|finding| finding.broken > 0 && !finding.what.contains("bill")).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Debit's period, service, amount and reason of everything that stands, in the order it was made.
async fn met(app: &TestApp) -> Vec<(String, String, i64, String)> {
    let sql = "select coalesce(d.period, ''), coalesce(d.service, ''), m.amount_kopecks, m.reason
        from allocation m
        join open_item d on d.transfer_id = m.debit_id and d.account_id = m.account_id
        where m.undone_at is null
        order by m.id";
    q(&app.db, sql).all().await.unwrap()
}

fn told(rows: &[(&str, &str, i64, &str)]) -> Vec<(String, String, i64, String)> {
    rows.iter()
        .map(|(period, service, amount, reason)| ((*period).to_owned(), (*service).to_owned(), *amount, (*reason).to_owned()))
        .collect()
}

async fn enter(vera: &Browser, fields: &[(&str, &str)]) -> Answer {
    let usual = [("received_on", "2026-11-19"), ("method", "cash")];
    let own = fields.iter().copied();
    let all: Vec<(&str, &str)> = own.chain(usual.into_iter().filter(|(name, _)| fields.iter().all(|(own, _)| own != name))).collect();
    vera.post("/payments", &all).await
}

both_engines! {
    async fn a_payment_is_typed_and_goes_to_the_oldest_debt(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "3-12-7").await;
        vera.get("/payments").await.is(StatusCode::OK).shows("Платежей ещё нет");
        vera.get("/payments/new").await.is(StatusCode::OK).shows("За кого");
        vera.get("/payments/who?q=3/12/7").await.is(StatusCode::OK).shows("3-12-7").shows("долг 620,00");
        let answer = enter(&vera, &[("whom", "уч. 3/12/7"), ("amount", "350,00"), ("key", "f-00000001")]).await;
        answer.is(StatusCode::SEE_OTHER);
        assert_eq!(answer.location(), "/payments/new?on=2026-11-19&method=cash");
        vera.get(answer.location()).await.shows("Внесено 350,00").shows("долг 270,00").shows("19.11.2026");
        assert_eq!(balance(&app, account).await, -27_000);
        let expected = told(&[("2026-09", "water", 10_000, "oldest"), ("2026-09", "electricity", 20_000, "oldest"), ("2026-10", "water", 5000, "oldest")]);
        assert_eq!(met(&app).await, expected);
        let list = vera.get("/payments").await;
        list.shows("3-12-7").shows("350,00");
        vera.get("/payments?q=3-12").await.shows("3-12-7");
        vera.get("/payments?state=unknown").await.shows("Ничего не нашлось");
        vera.get("/payments.xlsx").await.is(StatusCode::OK);
        let id: i64 = q(&app.db, "select id from payment").scalar().await.unwrap();
        vera.get(&format!("/payments/{id}")).await.shows("самый старый долг").shows("/bills/9").shows("50,00");
        vera.get(&format!("/payments/{id}/receipt")).await.shows("350,00").shows("3-12-7");
        agrees(&app).await;
    }

    async fn the_same_form_sent_twice_is_one_payment_and_other_contents_are_refused(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "1-1-1").await;
        let fields = [("whom", "1-1-1"), ("amount", "100"), ("key", "f-00000001")];
        enter(&vera, &fields).await.is(StatusCode::SEE_OTHER);
        enter(&vera, &fields).await.is(StatusCode::SEE_OTHER);
        assert_eq!((app.count("payment").await, balance(&app, account).await), (1, -52_000));
        enter(&vera, &[("whom", "1-1-1"), ("amount", "200"), ("key", "f-00000001")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже внесён");
        assert_eq!((app.count("payment").await, balance(&app, account).await), (1, -52_000));
        agrees(&app).await;
    }

    async fn what_the_payer_named_is_paid_first_and_the_rest_is_an_advance(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "1-1-1").await;
        enter(&vera, &[("whom", "1-1-1"), ("amount", "220"), ("period", "2026-10"), ("service", "electricity")]).await.is(StatusCode::SEE_OTHER);
        assert_eq!(met(&app).await, told(&[("2026-10", "electricity", 21_000, "period"), ("2026-10", "water", 1000, "period")]));
        enter(&vera, &[("whom", "1-1-1"), ("amount", "500"), ("bill", "bill-10")]).await.is(StatusCode::SEE_OTHER);
        assert_eq!(balance(&app, account).await, 10_000);
        assert_eq!(met(&app).await[2..], told(&[("2026-10", "water", 10_000, "bill"), ("2026-09", "water", 10_000, "oldest"), ("2026-09", "electricity", 20_000, "oldest")]));
        let mut tx = app.db.begin().await.unwrap();
        let next = NewTransfer::new(Kind::Charge, Book::Consumer(account), Book::Revenue(site, Service::Water), Money::from_kopecks(15_000), date!(2026 - 11 - 30));
        ledger::post(&mut tx, &[next], Moment::new(NOW)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(met(&app).await[5..], told(&[("", "water", 10_000, "advance")]));
        agrees(&app).await;
    }

    async fn a_wrong_payment_is_reversed_with_its_reason_and_its_debts_open_again(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "1-1-1").await;
        enter(&vera, &[("whom", "1-1-1"), ("amount", "300")]).await.is(StatusCode::SEE_OTHER);
        let id: i64 = q(&app.db, "select id from payment").scalar().await.unwrap();
        let reverse = format!("/payments/{id}/reverse");
        vera.post(&reverse, &[("reason", " ")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        vera.post_and_follow(&reverse, &[("reason", "не тот участок")]).await.shows("Сторнирован").shows("не тот участок");
        assert_eq!(balance(&app, account).await, -62_000);
        assert_eq!(met(&app).await, told(&[("", "", 30_000, "taken_back")]));
        vera.post(&reverse, &[("reason", "ещё раз")]).await.is(StatusCode::CONFLICT);
        vera.get(&format!("/payments/{id}/receipt")).await.is(StatusCode::CONFLICT);
        agrees(&app).await;
    }

    async fn several_who_fit_are_offered_and_nobody_is_said(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let (one, other) = (app.account(site, "1-1-1").await, app.account(site, "1-1-12").await);
        enter(&vera, &[("whom", "1-1"), ("amount", "100")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Подходят несколько").shows("1-1-12");
        enter(&vera, &[("whom", "1-1"), ("account", &other.to_string()), ("amount", "100")]).await.is(StatusCode::SEE_OTHER);
        assert_eq!((balance(&app, one).await, balance(&app, other).await), (0, 10_000));
        enter(&vera, &[("whom", "1-1-1"), ("amount", "100")]).await.is(StatusCode::SEE_OTHER);
        assert_eq!(balance(&app, one).await, 10_000, "what fits exactly is meant");
        enter(&vera, &[("whom", "Несуществующий"), ("amount", "0"), ("received_on", "2027-01-01")]).await.is(StatusCode::UNPROCESSABLE_ENTITY)
            .shows("Никого не нашлось").shows("ещё не наступил");
        agrees(&app).await;
    }

    async fn an_advance_is_given_back_once_and_never_more_than_there_is(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = app.account(site, "1-1-1").await;
        let page = format!("/accounts/{account}/refund");
        vera.get(&page).await.is(StatusCode::OK).shows("Возвращать нечего");
        enter(&vera, &[("whom", "1-1-1"), ("amount", "100")]).await.is(StatusCode::SEE_OTHER);
        let fields = |amount: &'static str| [("paid_on", "2026-11-20"), ("method", "bank"), ("amount", amount), ("reason", "по заявлению"), ("key", "f-00000009")];
        vera.post(&page, &fields("100,01")).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("больше аванса");
        vera.post(&page, &fields("60")).await.is(StatusCode::SEE_OTHER);
        vera.post(&page, &fields("60")).await.is(StatusCode::SEE_OTHER);
        assert_eq!(balance(&app, account).await, 4000);
        app.agrees().await;
    }

    async fn unknown_money_waits_until_somebody_is_found(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "1-1-1").await;
        let mut tx = app.db.begin().await.unwrap();
        let new = NewPayment {
            account: None,
            amount: Money::from_kopecks(30_000),
            received_on: date!(2026 - 11 - 05),
            method: Method::Bank,
            payer: "Аноним".to_owned(),
            memo: "за свет".to_owned(),
            named: ledger::Named::default(),
            reference: "17".to_owned(),
            fingerprint: None,
            import: None,
            key: None,
        };
        let id = receive(&mut tx, &new, None, Moment::new(NOW)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(account::balance(&app.db, Book::Suspense).await.unwrap().kopecks(), 30_000);
        vera.get("/payments").await.shows("Не выяснено").shows("Аноним");
        let page = format!("/payments/{id}");
        vera.get(&page).await.shows("Чей это платёж?");
        vera.post(&format!("{page}/match"), &[("whom", "9-9-9")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Никого не нашлось");
        vera.post_and_follow(&format!("{page}/match"), &[("whom", "1-1-1")]).await.shows("Зачислено").shows("самый старый долг");
        vera.post(&format!("{page}/match"), &[("whom", "1-1-1")]).await.is(StatusCode::CONFLICT);
        assert_eq!((balance(&app, account).await, account::balance(&app.db, Book::Suspense).await.unwrap().kopecks()), (-32_000, 0));
        vera.post_and_follow(&format!("{page}/reverse"), &[("reason", "ошибка банка")]).await.shows("Сторнирован");
        assert_eq!((balance(&app, account).await, account::balance(&app.db, Book::Bank).await.unwrap().kopecks()), (-62_000, 0));
        agrees(&app).await;
    }

    async fn the_banks_statement_is_planned_looked_through_carried_out_and_taken_back(app: TestApp) {
        app.clock.advance(time::Duration::days(10));
        let (site, anna) = (app.site().await.to_string(), app.administrator().await);
        let registry = planned(&anna, &site, "export.xlsx", &std::fs::read(data("old-system-export.xlsx")).unwrap()).await;
        anna.post(&format!("{registry}/run"), &[]).await.is(StatusCode::SEE_OTHER);
        app.work().await;
        let statement = std::fs::read(data("bank-statement.txt")).unwrap();
        let answer = anna.upload("/payments/imports", &[("file", "kl_to_1c.txt", &statement)]).await;
        answer.is(StatusCode::SEE_OTHER);
        let plan = answer.location().to_owned();
        let page = anna.get(&plan).await;
        page.is(StatusCode::OK).shows("61 платёж").shows("36 платежей будут зачислены").shows("24 платежа пойдут в невыясненные").shows("Провести 60 платежей");
        anna.get(&format!("{plan}?page=2")).await.shows("Повтор документа");
        assert_eq!(app.count("payment").await, 0, "a plan moves nothing");
        let again = anna.upload("/payments/imports", &[("file", "kl_to_1c.txt", &statement)]).await;
        assert_eq!(again.location(), plan);
        carry_out(&app, &anna, &plan).await;
        let states = "select count(case when state = 'credited' then 1 end), count(case when state = 'unknown' then 1 end) from payment";
        let (credited, unknown): (i64, i64) = q(&app.db, states).one().await.unwrap();
        assert_eq!((credited, unknown), (37, 23), "one proposal was said yes to");
        app.agrees().await;
        anna.get(&plan).await.shows("Проведён").shows("выбрано человеком");
        anna.get(&format!("{plan}/result.xlsx")).await.is(StatusCode::OK);
        anna.post(&plan, &[("do", "execute")]).await.is(StatusCode::CONFLICT);
        // the same documents in a file with another last line
        let mut other = statement.clone();
        other.extend_from_slice(b"\r\n");
        let answer = anna.upload("/payments/imports", &[("file", "again.txt", &other)]).await;
        anna.get(answer.location()).await.shows("Уже внесён из другого файла").shows("Провести 0 платежей");
        anna.post_and_follow(&format!("{plan}/undo"), &[("reason", "не тот месяц")]).await.shows("Сторнировано 60 платежей").shows("Отменён");
        assert_eq!(account::balance(&app.db, Book::Bank).await.unwrap().kopecks(), 0);
        anna.post(&format!("{plan}/undo"), &[("reason", "ещё раз")]).await.is(StatusCode::CONFLICT);
        app.agrees().await;
    }

    async fn a_register_in_a_table_is_understood_by_its_heads(app: TestApp) {
        let (site, vera) = (app.site().await, app.accountant().await);
        let account = debtor(&app, site, "3-12-7").await;
        let number: String = q(&app.db, "select number from account where id = $1").bind(account).scalar().await.unwrap();
        let csv = format!("Дата;Лицевой счёт;Плательщик;Сумма\n05.11.2026;{number};Чернов;100,00\n06.11.2026;3-12-7;Чернов;200\n07.11.2026;нет такого;Никто;300\n08.11.2026;{number};Чернов;ой\n");
        let answer = vera.upload("/payments/imports", &[("file", "register.csv", csv.as_bytes())]).await;
        answer.is(StatusCode::SEE_OTHER);
        let columns = answer.location().to_owned();
        vera.get(&columns).await.is(StatusCode::OK).shows("Лицевой счёт").shows("05.11.2026");
        let address = columns.split('?').next().unwrap();
        vera.post(address, &[("head", "1"), ("c0", "date")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Нужны дата, сумма");
        let fields = [("head", "1"), ("name", "register.csv"), ("c0", "date"), ("c1", "whom"), ("c2", "payer"), ("c3", "amount")];
        let answer = vera.post(address, &fields).await;
        answer.is(StatusCode::SEE_OTHER);
        let plan = answer.location().to_owned();
        vera.get(&plan).await.shows("1 платёж будет зачислен").shows("2 платежа пойдут в невыясненные").shows("Не прочитано: ой").shows("платит другой человек");
        let rows: Vec<(i64, String)> = q(&app.db, "select position, coalesce(p.label, '') from payment_row r left join account a on a.id = r.account_id left join premise p on p.id = a.premise_id order by position").all().await.unwrap();
        let taken: Vec<String> = rows.iter().filter(|(_, label)| label == "3-12-7").map(|(position, _)| position.to_string()).collect();
        let fields: Vec<(String, String)> = taken.iter().flat_map(|position| [(format!("take-{position}"), "1".to_owned()), (format!("whom-{position}"), "3-12-7".to_owned())]).collect();
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("do", "execute"));
        vera.post_and_follow(&plan, &fields).await.shows("Проведено 3 платежа");
        assert_eq!(balance(&app, account).await, -32_000);
        agrees(&app).await;
    }
}

/// Says yes to what is certain and to the first proposal, page after page, and carries the plan out.
async fn carry_out(app: &TestApp, anna: &Browser, plan: &str) {
    let sql = "select r.position, p.label, r.decision
        from payment_row r
        join account a on a.id = r.account_id
        join premise p on p.id = a.premise_id
        where r.problem = ''
        order by r.position";
    let rows: Vec<(i64, String, String)> = q(&app.db, sql).all().await.unwrap();
    let first_proposed = rows.iter().find(|(_, _, decision)| decision == "suspense").unwrap().0;
    let taken = rows.iter().filter(|(position, _, decision)| decision == "credit" || *position == first_proposed);
    let fields: Vec<(String, String)> = taken
        .flat_map(|(position, label, _)| [(format!("take-{position}"), "1".to_owned()), (format!("whom-{position}"), label.clone())])
        .collect();
    let with = |what: &'static str| {
        let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.push(("do", what));
        all
    };
    anna.post_and_follow(&format!("{plan}?page=1"), &with("save")).await.shows("Выбор сохранён").shows("Провести 60 платежей");
    anna.post_and_follow(&format!("{plan}?page=2"), &with("execute")).await.shows("Проведено 60 платежей");
}
