//! The program in one value: what every handler and job works with, and the joining of all routes.

use std::{ops::Deref, sync::Arc};

use axum::Router;
use time::Date;

use crate::{
    admin,
    api::{self, access::Limits},
    billing,
    config::Config,
    dashboard::{self, money::Sums, usage::Usage},
    db::Db,
    debtors,
    estate::{self, import::child::TableReader},
    files::Files,
    jobs::{self, Kind, Work, schedule},
    kernel::{Clock, Dice, clock::Zone},
    ledger,
    metering::{self, photo::Darkroom},
    notify, orders, payments, reports,
    staff::{self, password::Hasher},
    tariffs,
    web::{Routes, assets, guard, requests::Requests},
    works,
};

/// Cheap to clone; shared by all requests and jobs.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the program is made of.
pub struct Parts {
    pub db: Db,
    pub config: Config,
    pub clock: Clock,
    pub dice: Dice,
    pub hasher: Hasher,
    pub requests: Requests,
    pub files: Files,
    pub darkroom: Darkroom,
    pub tables: TableReader,
    pub usage: Usage,
    pub sums: Sums,
    pub limits: Limits,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    pub fn new(db: Db, config: Config, clock: Clock) -> Self {
        let hasher = Hasher::new(&config);
        let files = Files::new(&config.uploads_dir);
        let darkroom = Darkroom::new(files.clone());
        let tables = TableReader::new(config.program.clone());
        let limits = Limits::new(config.api_calls_per_minute);
        let dice = Dice::thrown();
        let (requests, usage, sums) = (Requests::default(), Usage::default(), Sums::default());
        Self(Arc::new(Parts { db, config, clock, dice, hasher, requests, files, darkroom, tables, usage, sums, limits }))
    }

    /// Today on the organisation's clock.
    pub fn today(&self) -> Date {
        Zone::moscow().day(self.clock.now())
    }

    /// All routes behind all guards, ready to serve.
    pub fn router(&self) -> Router {
        guard::layers(assets::router().merge(routes().into_router()), api::router(self), self)
    }
}

/// Every page of the product; calls of programs are in [`api::calls`]. The committed table in `tests/app` is made of it.
pub fn routes() -> Routes {
    Routes::new()
        .merge(dashboard::routes())
        .merge(metering::pages::routes())
        .merge(estate::pages::routes())
        .merge(estate::import::pages::routes())
        .merge(tariffs::pages::routes())
        .merge(billing::pages::routes())
        .merge(ledger::pages::routes())
        .merge(orders::pages::routes())
        .merge(works::pages::routes())
        .merge(payments::pages::routes())
        .merge(debtors::pages::routes())
        .merge(notify::pages::routes())
        .merge(reports::routes())
        .merge(staff::routes())
        .merge(jobs::routes())
        .merge(admin::routes())
        .merge(api::docs::routes())
}

/// Which function does which kind of job; each answers the address of what came of it.
pub async fn carry_out(app: App, work: Work) -> anyhow::Result<String> {
    match work.kind() {
        Kind::Import => estate::import::job::run(app, work).await,
        Kind::Export => reports::job::run(app, work).await,
        Kind::Billing => billing::job::run(app, work).await,
        Kind::Backup => admin::job::backup(app, work).await,
        Kind::Upkeep => admin::job::upkeep(app, work).await,
        Kind::Notices => debtors::job::run(app, work).await,
        Kind::Morning => debtors::job::morning(app, work).await,
        Kind::Payout => works::job::run(app, work).await,
    }
}

/// The line of the schedule that keeps the installation tidy.
pub const NIGHT: &str = "night";

/// The line of the schedule that pays workers.
pub const PAYDAY: &str = "payday";

/// What is done at its time without being asked.
pub const SCHEDULE: &[schedule::Entry] = &[
    // Nobody works then.
    schedule::Entry { name: NIGHT, cron: "0 3 * * *", kind: Kind::Upkeep },
    // Letters of the day are written when the office is there to see them.
    schedule::Entry { name: "morning", cron: "0 10 * * *", kind: Kind::Morning },
    // The day has ended.
    schedule::Entry { name: PAYDAY, cron: "0 0 * * *", kind: Kind::Payout },
];
