//! Bills on paper as the browser draws them: every code is read back from its picture, by a reader that is not ours.

use meterbook::db::{Db, Options, q};
use serde_json::json;
use thirtyfour::By;

use crate::stage::{Screen, Server, Window};

const PAYEE: [(&str, &str); 7] = [
    ("payee_name", "СНТ «Морской бриз»"),
    ("payee_inn", "7707083893"),
    ("payee_kpp", "230101001"),
    ("payee_account", "40602810700000000025"),
    ("payee_bank", "Отделение банка"),
    ("payee_bic", "049805746"),
    ("payee_correspondent", "30101810800000000746"),
];

/// What must stand in the code of a bill.
#[derive(sqlx::FromRow)]
struct Asked {
    number: String,
    account: String,
    label: String,
    kind: String,
    names: String,
    period: String,
    due: i64,
}

impl Asked {
    fn text(&self) -> String {
        let words: Vec<&str> = self.names.split('|').collect();
        let is_named = |(_, name): &(&str, &str)| self.kind == "person" && !name.is_empty();
        let fields = ["LastName", "FirstName", "MiddleName"].into_iter().zip(words).filter(is_named);
        let names = fields.fold(String::new(), |text, (field, name)| format!("{text}|{field}={name}"));
        let (year, month) = self.period.split_once('-').unwrap();
        format!(
            "ST00012|Name=СНТ «Морской бриз»|PersonalAcc=40602810700000000025|BankName=Отделение банка|BIC=049805746\
            |CorrespAcc=30101810800000000746|PayeeINN=7707083893|KPP=230101001{names}|PersAcc={account}|PaymPeriod={month}{year}\
            |QuittId={number}|Sum={due}|Purpose=Л/с {account}, участок {label}, за {month}.{year}, квитанция {number}",
            account = self.account,
            label = self.label,
            number = self.number,
            due = self.due
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_on_every_bill_says_what_the_bill_says() {
    let server = Server::demo();
    let window = Window::open(Screen::Desk).await;
    window.sign_in(&server, "anna").await;
    window.goto(server.url("/admin")).await;
    for (field, value) in PAYEE {
        window.fill(field, value).await;
    }
    window.click("form[action='/admin/payee'] button[type=submit]").await;
    window.shows("Настройки сохранены").await;
    let db = Db::open(server.database_url(), Options { readers: 1, connections: 1 }).await.unwrap();
    let run: i64 = q(&db, "select max(id) from billing_run").scalar().await.unwrap();
    let asked: Vec<Asked> = q(
        &db,
        "select b.number, a.number as account, p.label, o.kind, o.last_name || '|' || o.first_name || '|' || o.patronymic as names, b.period,
            b.due_kopecks as due
        from bill b
        join account a on a.id = b.account_id
        join premise p on p.id = a.premise_id
        join owner o on o.id = a.payer_id
        where b.run_id = $1 and b.due_kopecks > 0
        order by p.sort_key, b.id",
    )
    .bind(run)
    .all()
    .await
    .unwrap();
    assert!(asked.len() > 10, "{} bills of the demo are owed", asked.len());
    // as many points for a millimetre as a printer has, about
    window
        .tell_browser("Emulation.setDeviceMetricsOverride", json!({"width": 1000, "height": 1400, "deviceScaleFactor": 4, "mobile": false}))
        .await;
    window.goto(server.url(&format!("/billing/{run}/print"))).await;
    let codes = window.driver.find_all(By::Css(".print-code svg")).await.unwrap();
    assert_eq!(codes.len(), asked.len());
    for (code, asked) in codes.iter().zip(&asked) {
        let picture = image::load_from_memory(&code.screenshot_as_png().await.unwrap()).unwrap().to_luma8();
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(
            usize::try_from(picture.width()).unwrap(),
            usize::try_from(picture.height()).unwrap(),
            |x, y| picture.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0],
        );
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "{}", asked.number);
        assert_eq!(grids[0].decode().unwrap().1, asked.text());
    }
    let pdf = window.driver.cdp().send_raw("Page.printToPDF", json!({"preferCSSPageSize": true})).await.unwrap();
    let pdf = data_of(pdf["data"].as_str().unwrap());
    let bills: i64 = q(&db, "select count(*) from bill where run_id = $1").bind(run).scalar().await.unwrap();
    let pages = String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
    assert_eq!(pages, usize::try_from(bills).unwrap().div_ceil(2), "two bills on a page");
    db.close().await.unwrap();
    window.close().await;
}

/// Base 64 as browsers send it.
fn data_of(text: &str) -> Vec<u8> {
    let value = |byte: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|known| *known == byte);
    let digits: Vec<u32> = text.bytes().filter_map(value).map(|digit| u32::try_from(digit).unwrap()).collect();
    let bytes = |four: &[u32]| {
        let bits = four.iter().enumerate().fold(0, |bits, (place, digit)| bits | digit << (18 - 6 * place));
        bits.to_be_bytes()[1..four.len()].to_vec()
    };
    digits.chunks(4).flat_map(bytes).collect()
}
