//! No statement that a page, a form or the search runs may walk a whole table that grows: every text that the server sends to its
//! database while people use it is taken from its log and explained.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use reqwest::Client;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use crate::{
    count, look,
    served::{
        OwnDatabase, Server,
        phone::{self, Sent},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_walks_a_growing_table_on_sqlite() {
    explain_all(Server::stopped()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_walks_a_growing_table_on_postgresql() {
    let database = OwnDatabase::create("plans").await;
    explain_all(Server::stopped_over(tempfile::tempdir().unwrap(), database.url.clone())).await;
    database.clear().await;
}

/// Tables that grow with premises and years. Others (people of the office, sites, jobs of a day) stay small.
const GROWING: &[&str] = &[
    "premise",
    "owner",
    "owner_phone",
    "ownership",
    "account",
    "contract",
    "meter",
    "register",
    "installation",
    "installation_value",
    "reading",
    "reading_value",
    "visit",
    "seal",
    "seal_check",
    "photo",
    "search_term",
    "audit",
    "import_row",
    "import_effect",
    "round_stop",
    "round_section",
    "session",
    "ledger_account",
    "transfer",
    "transfer_seal",
    "transfer_memo",
    "service_order",
    "service_order_line",
    "work_order",
    "work_order_step",
    "payout",
    "open_item",
    "allocation",
    "payment",
    "payment_row",
    "charge",
    "bill",
    "event",
];

/// Statements that are about the whole of a table, and why that is right: how the text begins or what stands in it, and the reason.
const ABOUT_ALL: &[(&str, &str)] = &[
    ("select count(*) from ", "a list says how many it has"),
    ("select count(*), cast(coalesce(sum(case when y.state", "the list of payments says how many it has and what they come to"),
    ("from transfer_seal order by position desc limit 1", "takes the end of the chain by its key"),
    ("order by r.id asc limit $1", "goes along the key of orders and stops at the limit"),
    ("order by r.id desc limit $1", "goes along the key of orders and stops at the limit"),
    ("order by w.id asc limit $1", "goes along the key of work orders and stops at the limit"),
    ("order by w.id desc limit $1", "goes along the key of work orders and stops at the limit"),
    ("w.folded like", "somebody looks for a part of a work order's title; most have one"),
    ("select c.service, count(*)", "a list of plots says how many take each service"),
    ("from audit\n            order by id desc", "goes along the key and stops at the limit"),
    ("from stood", "a turnover sheet is about all books"),
    ("from transfer_memo where folded like", "somebody looks for a part of what was typed with transfers; most have nothing"),
    ("order by p.area_thousandths", "somebody sorts all plots by what is not known of each"),
    ("order by (select min(o.sort_key)", "somebody sorts all plots by their owners, who may be several"),
    ("order by debt.kopecks", "somebody sorts all plots by what is owed for each"),
    ("order by case when m.verify_by is null", "somebody sorts all meters by what is not known of each"),
];

async fn explain_all(server: Server) {
    // What looks for events to relay does so before it looks for the broker, which is not there.
    let server = server.logging("sqlx::query=debug").relaying_to("nats://127.0.0.1:1".to_owned()).with_demo_of("200");
    use_everything(&server).await;
    let texts = statements(&server.log());
    assert!(texts.len() > 150, "only {} statements were seen", texts.len());
    let mut explainer = Explainer::open(server.database_url()).await;
    let mut walks = Vec::new();
    let mut unexplained = 0;
    for text in texts.iter().filter(|text| !ABOUT_ALL.iter().any(|(part, _)| text.contains(part))) {
        match explainer.walked(text).await {
            Some(tables) => walks.extend(tables.into_iter().map(|table| format!("{table}: {text}"))),
            None => unexplained += 1,
        }
    }
    assert!(unexplained * 20 < texts.len(), "{unexplained} of {} statements cannot be explained without values", texts.len());
    assert!(walks.is_empty(), "{} statements walk a whole table:\n{}", walks.len(), walks.join("\n\n"));
}

/// Follows links of every kind as an administrator and as a controller, searches, and sends a few forms.
async fn use_everything(server: &Server) {
    let db = look(server.database_url()).await;
    let stops = phone::stops(&db).await;
    for login in ["anna", "kirill"] {
        let client = phone::sign_in(server, login).await;
        follow_links(server, &client).await;
        for words in [
            "/search?q=1-2",
            "/premises?q=иван",
            "/owners?q=918",
            "/contracts?q=12",
            "/meters?q=0041",
            "/readings?q=1-1",
            "/accounts?q=0000",
            "/statements?q=0000",
            "/journal?q=заказ",
            "/journal?kind=capture",
            "/journal?book=reserve",
            "/journal?least=100&most=200",
            "/journal?user=1",
            "/debtors?q=иван&least=100&late=30",
            "/debtors?sort=old",
            "/metrics",
            "/work-orders?q=пломб",
            "/work-orders?state=open&sort=-reward",
            "/workers?worker=5&from=2020-01-01",
            "/payouts?state=paid",
        ] {
            get(server, &client, words).await;
        }
        if let Some(stop) = stops.iter().find(|stop| stop[0].login == login) {
            let sent = Sent::of(stop.clone(), 1000);
            phone::send(&client, &server.url(""), &sent).await.unwrap();
        }
    }
    assert!(count(&db, "reading").await > 1000);
    db.close().await.unwrap();
}

async fn get(server: &Server, client: &Client, path: &str) -> String {
    let answer = client.get(server.url(path)).send().await.unwrap();
    assert!(!answer.status().is_server_error(), "{path}: {}", answer.status());
    answer.text().await.unwrap_or_default()
}

/// A few addresses of every kind: the path with its numbers left out, and the names of what narrows it.
async fn follow_links(server: &Server, client: &Client) {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut next = VecDeque::from(["/".to_owned()]);
    while let Some(address) = next.pop_front() {
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        let shape: String = path
            .split('/')
            .map(|part| if part.len() > 30 || part.parse::<i64>().is_ok() { "*" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let names: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        let kind = format!("{shape}?{names:?}");
        let of_a_kind = asked.entry(kind).or_default();
        if *of_a_kind == 3 || path.starts_with("/static") || path.starts_with("/sign-out") || !seen.insert(address.clone()) {
            continue;
        }
        *of_a_kind += 1;
        let page = get(server, client, &address).await;
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(|href| href.replace("&amp;", "&"));
        next.extend(links.filter(|href| href.starts_with('/')));
    }
}

/// The texts in a log of JSON lines, each once.
fn statements(log: &Path) -> BTreeSet<String> {
    let log = std::fs::read_to_string(log).unwrap();
    let text = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let fields = &line["fields"];
        let whole = fields["db.statement"].as_str().filter(|text| !text.trim().is_empty());
        let text = whole.or_else(|| fields["summary"].as_str())?.trim();
        let first = text.split_whitespace().next()?.to_lowercase();
        ["select", "update", "delete", "with"].contains(&first.as_str()).then(|| text.to_owned())
    };
    log.lines().filter_map(text).map(|text| with_short_lists(&text)).collect()
}

/// A list of many keys is explained like one of three: of a small table a long list is nearly all there is.
fn with_short_lists(text: &str) -> String {
    let mut short = String::new();
    for (index, part) in text.split("in ($").enumerate() {
        if index == 0 {
            short.push_str(part);
            continue;
        }
        let (list, rest) = part.split_once(')').unwrap_or((part, ""));
        let kept: Vec<&str> = list.split(", ").take(3).collect();
        short.extend(["in ($", &kept.join(", "), ")", rest]);
    }
    short
}

/// Explains statements without values for their placeholders.
enum Explainer {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Explainer {
    async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            // Not analysed: knowing how little there is, the planner would rather walk a table than look into its index.
            return Self::Sqlite(sqlx::SqliteConnection::connect(url).await.unwrap());
        }
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        // Of a small table the planner would rather read all; asked not to, it walks one only where no index helps.
        sqlx::raw_sql("analyze; set enable_seqscan = off; set plan_cache_mode = force_generic_plan")
            .execute(&mut connection)
            .await
            .unwrap();
        Self::Postgres(connection)
    }

    /// The growing tables that the statement walks from end to end; `None` when it cannot be explained without values.
    async fn walked(&mut self, text: &str) -> Option<Vec<String>> {
        let lines: Vec<String> = match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::raw_sql(AssertSqlSafe(format!("explain query plan {text}"))).fetch_all(connection).await;
                rows.unwrap_or_else(|error| panic!("{error}: {text}")).iter().map(|row| row.get("detail")).collect()
            }
            Self::Postgres(connection) => {
                let values = vec!["null"; placeholders(text)].join(", ");
                let values = if values.is_empty() { values } else { format!("({values})") };
                sqlx::raw_sql(AssertSqlSafe(format!("prepare asked as {text}"))).execute(&mut *connection).await.ok()?;
                let rows = sqlx::raw_sql(AssertSqlSafe(format!("explain execute asked{values}"))).fetch_all(&mut *connection).await;
                sqlx::raw_sql("deallocate asked").execute(connection).await.unwrap();
                rows.unwrap_or_else(|error| panic!("{error}: {text}")).iter().map(|row| row.get(0)).collect()
            }
        };
        let names = names(text);
        // `SCAN p USING INDEX …` goes along an index in the order asked for and stops at the limit.
        let bare = |line: &str| line.strip_prefix("SCAN ").filter(|rest| !rest.contains(" USING ")).map(str::to_owned);
        let table = |line: &String| {
            let found = bare(line.trim()).or_else(|| line.split("Seq Scan on ").nth(1).map(str::to_owned))?;
            let name = found.split_whitespace().next()?;
            Some(names.get(name).cloned().unwrap_or_else(|| name.to_owned()))
        };
        Some(lines.iter().filter_map(table).filter(|table| GROWING.contains(&table.as_str())).collect())
    }
}

/// How many values a statement wants.
fn placeholders(text: &str) -> usize {
    let number = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    text.split('$').skip(1).map(number).max().unwrap_or(0)
}

/// The tables of a statement by the short names it gives them.
fn names(text: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '(' || c == ')' || c == ',').filter(|word| !word.is_empty()).collect();
    let named = words.windows(3).filter(|words| ["from", "join", "update"].contains(&words[0]));
    named.map(|words| (words[2].to_owned(), words[1].to_owned())).collect()
}
