//! One test body, two engines.
//!
//! `both_engines! { async fn a_promise(db: TestDb) { ... } }` makes the tests `a_promise::sqlite` and `a_promise::postgres`, each on a
//! fresh, migrated database of its own; with `(app: TestApp)` on a whole app over one. PostgreSQL is the server at `TEST_POSTGRES_URL` (`scripts/postgres start DIR` prints it); its
//! databases are copied from a template that is migrated once.

use std::{
    future::Future,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::Deref,
    panic::AssertUnwindSafe,
    path::Path,
    sync::Mutex,
};

use futures_util::FutureExt as _;
use meterbook::db::{Db, Engine, Options};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Declares tests that run on both engines.
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($stage:ident: $Stage:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body need not use what its neighbours do")]
            use super::*;
            #[allow(unused_imports, reason = "each promise has one of the two stages")]
            use $crate::{cast::TestApp, engines::TestDb};

            $(#[$meta])*
            async fn promise($stage: $Stage) $body

            #[test]
            fn sqlite() {
                $crate::engines::run(meterbook::db::Engine::Sqlite, promise);
            }

            #[test]
            fn postgres() {
                $crate::engines::run(meterbook::db::Engine::Postgres, promise);
            }
        }
    )+};
}

/// The database of one test; everything it made is removed when the test ends, also when it fails.
#[derive(Clone)]
pub struct TestDb {
    db: Db,
    url: String,
    places: &'static Mutex<Vec<Place>>,
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl TestDb {
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of one more database, without any tables.
    pub async fn empty(&self, engine: Engine) -> String {
        self.keep(Place::empty(engine).await)
    }

    /// One more database, migrated.
    pub async fn another(&self, engine: Engine) -> Db {
        let url = self.keep(Place::migrated(engine).await);
        open(&url).await
    }

    fn keep(&self, place: Place) -> String {
        let url = place.url.clone();
        self.places.lock().unwrap().push(place);
        url
    }
}

/// What a promise is tried on, made over a fresh database.
pub trait Stage {
    async fn set(db: TestDb) -> Self;
}

impl Stage for TestDb {
    async fn set(db: TestDb) -> Self {
        db
    }
}

/// Runs a test body and clears up after it.
pub fn run<S: Stage, F: Future<Output = ()>>(engine: Engine, promise: impl FnOnce(S) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place::migrated(engine).await;
        let url = place.url.clone();
        // one small leak per test buys a TestDb that can be cloned into tasks
        let places: &'static Mutex<Vec<Place>> = Box::leak(Box::new(Mutex::new(vec![place])));
        let db = open(&url).await;
        let outcome = AssertUnwindSafe(async { promise(S::set(TestDb { db, url, places }).await).await }).catch_unwind().await;
        let places = std::mem::take(&mut *places.lock().unwrap());
        for place in places {
            place.clear().await;
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    });
}

pub async fn open(url: &str) -> Db {
    Db::open(url, Options { readers: 2, connections: 8 }).await.unwrap()
}

/// Where a test database lives.
struct Place {
    url: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Server { name: String },
}

impl Place {
    async fn migrated(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let place = Self::file();
                let db = open(&place.url).await;
                db.migrate().await.unwrap();
                db.close().await.unwrap();
                place
            }
            Engine::Postgres => Self::on_server(template().await).await,
        }
    }

    async fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::file(),
            Engine::Postgres => Self::on_server("template0").await,
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/meterbook.db", folder.path().display());
        Self { url, home: Home::Folder(folder) }
    }

    async fn on_server(template: &str) -> Self {
        let name = format!("meterbook_test_{}_{:016x}", std::process::id(), rand::random::<u64>());
        command(&format!("create database {name} template {template}")).await;
        Self { url: address(&name), home: Home::Server { name } }
    }

    async fn clear(self) {
        match self.home {
            Home::Folder(folder) => folder.close().unwrap(),
            Home::Server { name } => command(&format!("drop database {name} with (force)")).await,
        }
    }
}

fn server() -> String {
    std::env::var("TEST_POSTGRES_URL").expect(
        "TEST_POSTGRES_URL is not set: these promises are kept on PostgreSQL too. \
         Run scripts/test, or `export TEST_POSTGRES_URL=$(scripts/postgres start DIR)`",
    )
}

/// The server's address with another database's name.
fn address(name: &str) -> String {
    let server = server();
    let (host, _) = server.rsplit_once('/').expect("TEST_POSTGRES_URL ends with the name of a database");
    format!("{host}/{name}")
}

async fn command(sql: &str) {
    let mut connection = PgConnection::connect(&server()).await.expect("the server at TEST_POSTGRES_URL answers");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.unwrap();
}

/// The name of the migrated database that the others are copies of; made once for each state of the migrations.
async fn template() -> &'static str {
    static NAME: OnceCell<String> = OnceCell::const_new();
    NAME.get_or_init(make_template).await
}

async fn make_template() -> String {
    let name = format!("meterbook_template_{:016x}", fingerprint(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres")));
    let mut admin = PgConnection::connect(&server()).await.expect("the server at TEST_POSTGRES_URL answers");
    // several test programs may share a server
    sqlx::raw_sql("select pg_advisory_lock(72015)").execute(&mut admin).await.unwrap();
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(&name).fetch_one(&mut admin).await.unwrap();
    if !exists {
        let draft = format!("{name}_draft");
        command(&format!("drop database if exists {draft} with (force)")).await;
        command(&format!("create database {draft} template template0")).await;
        let db = open(&address(&draft)).await;
        db.migrate().await.unwrap();
        db.close().await.unwrap();
        command(&format!("alter database {draft} rename to {name}")).await;
    }
    admin.close().await.unwrap();
    name
}

fn fingerprint(folder: &Path) -> u64 {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(&file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}
