//! A month of charges for a whole town, beside the bare writing of the same rows.

use std::time::Instant;

use meterbook::{
    app::{self, App},
    billing::run::{self, Run, RunState},
    config::Config,
    db::{Db, Options, q},
    estate::site::{SiteDetails, SiteId, SiteKind},
    jobs::Worker,
    kernel::{Clock, Moment, Period},
};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use time::macros::{date, datetime};

use crate::{heading, line, milliseconds};

const PREMISES: i64 = 100_000;

pub async fn of_a_month() {
    heading(
        "a month of 100,000 premises x 3 services: read, calculated, kept with its proof",
        "a bare bulk insert of the same rows of charges",
    );
    let folder = tempfile::tempdir_in(".").unwrap();
    let url = format!("sqlite://{}", folder.path().join("town.db").display());
    let mut config = Config::from_lookup(|_| None).unwrap();
    folder.path().join("uploads").clone_into(&mut config.uploads_dir);
    url.clone_into(&mut config.database_url);
    let db = Db::open(&url, Options::default()).await.unwrap();
    db.migrate().await.unwrap();
    let app = App::new(db, config, Clock::manual(Moment::new(datetime!(2026-11-20 09:00 UTC))));
    let site = town(&app).await;
    let period: Period = "2026-10".parse().unwrap();
    let mut tx = app.db.begin().await.unwrap();
    let id = run::start(&mut tx, site, period, date!(2026 - 11 - 20), None, app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let before = peak_kib();
    let begun = Instant::now();
    let worker = Worker::new(&app, app::carry_out);
    while let Some(job) = worker.take().await.unwrap() {
        worker.carry(job).await;
    }
    let ours = begun.elapsed();
    let run = Run::find(&app.db, id).await.unwrap().unwrap();
    assert_eq!((run.state, run.done, run.skipped), (RunState::Calculated, PREMISES, 0));
    let rows: i64 = q(&app.db, "select count(*) from charge").scalar().await.unwrap();
    let peak = (peak_kib() - before) / 1024;
    app.db.close().await.unwrap();
    let (theirs, written) = bare(&url, &folder.path().join("bare.db")).await;
    assert_eq!(written, rows);
    line(&format!("the bare insert of {rows} rows"), &milliseconds(theirs), Some(1.0));
    line("the month", &milliseconds(ours), Some(ours.as_secs_f64() / theirs.as_secs_f64()));
    line("what the month took of memory at most", &format!("{peak} MB"), None);
}

/// Premises with water, electricity and upkeep; each meter read in September and in October.
async fn town(app: &App) -> SiteId {
    let details = SiteDetails {
        name: "Город".to_owned(),
        kind: SiteKind::Building,
        address: String::new(),
        time_zone: "Europe/Moscow".to_owned(),
        check_high_percent: 300,
        check_low_percent: 10,
        check_zero_months: 3,
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    let site = details.create(&mut tx, now).await.unwrap();
    tx.commit().await.unwrap();
    let (old, september, october) = (date!(2025 - 01 - 01), datetime!(2026-09-25 09:00 UTC), datetime!(2026-10-25 09:00 UTC));
    let numbers = "with recursive n (i) as (select 1 union all select i + 1 from n where i < $3)";
    let each_dial = "from installation_value v join installation i on i.id = v.installation_id";
    let statements = [
        "insert into owner (kind, last_name, full_name, sort_key, created_at) select 'person', 'Иванов', 'Иванов', 'иванов', $1 where $2 = $2 and $3 = $3 and $4 = $4".to_owned(),
        format!("insert into premise (site_id, kind, label, sort_key, area_thousandths, created_at) {numbers} select $2, 'apartment', i, printf('%09d', i), 54321, $1 from n where $4 = $4"),
        "insert into account (number, premise_id, payer_id, opened_on) select printf('%09d', id), id, 1, $4 from premise where $1 = $1 and $2 = $2 and $3 = $3".to_owned(),
        "insert into contract (account_id, service, number, signed_on) select a.id, s.column1, a.number, $4 from account a, (values ('water'), ('electricity'), ('upkeep')) s where $1 = $1 and $2 = $2 and $3 = $3".to_owned(),
        "insert into meter (serial, resource, dial_digits, created_at) select p.id, s.column1, 6, $1 from premise p, (values ('water'), ('electricity')) s where $2 = $2 and $3 = $3 and $4 = $4".to_owned(),
        "insert into register (meter_id, zone, position) select id, 'single', 0 from meter where $1 = $1 and $2 = $2 and $3 = $3 and $4 = $4".to_owned(),
        "insert into installation (meter_id, premise_id, site_id, installed_on) select id, cast(serial as integer), $2, $4 from meter where $1 = $1 and $3 = $3".to_owned(),
        "insert into installation_value (installation_id, register_id, opening_thousandths) select i.id, g.id, 0 from installation i join register g on g.meter_id = i.meter_id where $1 = $1 and $2 = $2 and $3 = $3 and $4 = $4".to_owned(),
    ];
    for sql in statements {
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, sql).bind(now).bind(site).bind(PREMISES).bind(old).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    for (at, value) in [(september, 100_000), (october, 112_345)] {
        let at = Moment::new(at);
        let mut tx = app.db.begin().await.unwrap();
        let sql = format!(
            "insert into reading (installation_id, taken_at, received_at, source, state) select i.id, $1, $1, 'office', 'accepted' {each_dial}"
        );
        q(&mut tx, sql).bind(at).run().await.unwrap();
        let sql = format!(
            "insert into reading_value (reading_id, register_id, value_thousandths)
            select r.id, v.register_id, $2 + i.id % 1000 {each_dial} join reading r on r.installation_id = i.id where r.taken_at = $1"
        );
        q(&mut tx, sql).bind(at).bind(value).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    let prices = [("water", "unit", 423_000), ("electricity", "unit", 67_300), ("upkeep", "m2", 305_000)];
    for (service, basis, price) in prices {
        let mut tx = app.db.begin().await.unwrap();
        let sql = "insert into tariff_version (site_id, service, category, valid_from, basis, created_at) values ($1, $2, '', '2025-01', $3, $4) returning id";
        let version: i64 = q(&mut tx, sql).bind(site).bind(service).bind(basis).bind(now).scalar().await.unwrap();
        let sql = "insert into tariff_price (version_id, zone, from_thousandths, price_ten_thousandths) values ($1, 'single', 0, $2)";
        q(&mut tx, sql).bind(version).bind(i64::from(price)).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    site
}

type Row = (i64, i64, i64, String, String, String, i64, i64, i64, String, i64, String);

/// The rows of charges into a table with the same columns and indexes, 250 a statement, 2,000 a transaction.
async fn bare(of: &str, into: &std::path::Path) -> (std::time::Duration, i64) {
    let mut source = SqliteConnection::connect(of).await.unwrap();
    let columns = "run_id, account_id, contract_id, period, service, zone, quantity_thousandths, price_ten_thousandths, amount_kopecks,
        consumption, version_id, working";
    let schema: Vec<String> = sqlx::query_scalar("select sql from sqlite_schema where tbl_name = 'charge' and sql is not null")
        .fetch_all(&mut source)
        .await
        .unwrap();
    let rows: Vec<Row> =
        sqlx::query_as(AssertSqlSafe(format!("select {columns} from charge order by id"))).fetch_all(&mut source).await.unwrap();
    source.close().await.unwrap();
    let mut target = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", into.display())).await.unwrap();
    for sql in ["pragma journal_mode = wal", "pragma synchronous = full", "pragma foreign_keys = off"] {
        sqlx::query(sql).execute(&mut target).await.unwrap();
    }
    for sql in schema {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut target).await.unwrap();
    }
    let begun = Instant::now();
    for portion in rows.chunks(2000) {
        let mut tx = target.begin().await.unwrap();
        for chunk in portion.chunks(250) {
            let mut statement = sqlx::QueryBuilder::<sqlx::Sqlite>::new(format!("insert into charge ({columns}) "));
            statement.push_values(chunk, |mut values, row| {
                values.push_bind(row.0).push_bind(row.1).push_bind(row.2).push_bind(&row.3).push_bind(&row.4).push_bind(&row.5);
                values.push_bind(row.6).push_bind(row.7).push_bind(row.8).push_bind(&row.9).push_bind(row.10).push_bind(&row.11);
            });
            statement.build().execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let taken = begun.elapsed();
    target.close().await.unwrap();
    (taken, i64::try_from(rows.len()).unwrap())
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
