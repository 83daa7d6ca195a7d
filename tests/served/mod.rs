//! The program as it is served: a process of its own over its own database, which can be killed and started again.
//!
//! Each test program takes what it needs of it.

#![allow(dead_code, reason = "no test program needs all of it")]

pub mod nats;
pub mod phone;

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;

/// The password that `demo` gives to everybody; `create-user` gets it here too.
pub const PASSWORD: &str = "море у калитки 7";

/// A client that can be built wherever it is needed first.
pub fn client() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// A process that ends with the test.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already; that is what a walk with a stopped server does.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a process and returns the port that follows `mark` in its output.
pub fn start(mut command: Command, mark: &str) -> (Running, u16) {
    let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")));
    let mut output = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    loop {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "{command:?} ended without saying '{mark}'");
        if let Some(rest) = line.split(mark).nth(1) {
            let port = rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
            std::thread::spawn(move || output.lines().for_each(drop));
            return (running, port);
        }
    }
}

/// A program of ours with its own database and folder.
pub struct Server {
    running: Option<Running>,
    folder: TempDir,
    database_url: String,
    port: u16,
    /// The moment its clock starts at, when not now.
    clock: Option<String>,
    /// The broker that it relays events to.
    nats_url: Option<String>,
    /// What of its log is kept, in `server.log` of its folder.
    logged: Option<&'static str>,
}

impl Server {
    /// Over a fresh SQLite file.
    pub fn start() -> Self {
        Self::stopped().started()
    }

    /// Over any empty database, with a clock that starts at a given moment.
    pub fn over(folder: TempDir, database_url: String, clock: Option<String>) -> Self {
        Self { clock, ..Self::stopped_over(folder, database_url) }.started()
    }

    /// Over the demo's cooperative, a small one.
    pub fn demo() -> Self {
        Self::stopped().with_demo()
    }

    pub fn demo_of(premises: &str) -> Self {
        Self::stopped().with_demo_of(premises)
    }

    /// Over a fresh SQLite file, not yet started.
    pub fn stopped() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = format!("sqlite://{}", folder.path().join("meterbook.db").display());
        Self::stopped_over(folder, database_url)
    }

    /// Over any empty database, not yet started.
    pub fn stopped_over(folder: TempDir, database_url: String) -> Self {
        Self { running: None, folder, database_url, port: 0, clock: None, nats_url: None, logged: None }
    }

    /// Fills its database with a small demo and starts it.
    pub fn with_demo(self) -> Self {
        self.with_demo_of("30")
    }

    pub fn with_demo_of(self, premises: &str) -> Self {
        self.run(&["demo", "--premises", premises, "--months", "3", "--no-serve"], "");
        self.started()
    }

    /// Keeps a log of what the filter lets through, as JSON lines.
    pub fn logging(self, filter: &'static str) -> Self {
        Self { logged: Some(filter), ..self }
    }

    /// Relays events to a broker.
    pub fn relaying_to(self, nats_url: String) -> Self {
        Self { nats_url: Some(nats_url), ..self }
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn started(mut self) -> Self {
        self.start_again();
        self
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_meterbook"));
        command
            .env("DATABASE_URL", &self.database_url)
            .env("UPLOADS_DIR", self.folder.path().join("uploads"))
            .env("BACKUP_DIR", self.folder.path().join("backups"))
            .env("LISTEN", format!("127.0.0.1:{}", self.port))
            .env("REQUIRE_SECOND_FACTOR", "no")
            .stderr(Stdio::null())
            .current_dir(self.folder.path());
        if let Some(clock) = &self.clock {
            command.env("CLOCK_START", clock);
        }
        if let Some(nats_url) = &self.nats_url {
            command.env("NATS_URL", nats_url);
        }
        command
    }

    /// Runs another word of the command line over the same database.
    pub fn run(&self, words: &[&str], input: &str) -> String {
        use std::io::Write as _;
        let mut child = self.command().args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Creates somebody who can sign in with `PASSWORD`.
    pub fn create_user(&self, login: &str, role: &str, name: &str) {
        self.run(&["create-user", login, "--role", role, "--name", name], PASSWORD);
    }

    /// Kills the server without warning.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts it on the same port over the same database.
    pub fn start_again(&mut self) {
        let mut command = self.command();
        command.arg("serve");
        if let Some(filter) = self.logged {
            command.env("RUST_LOG", filter).env("LOG_FORMAT", "json").stderr(std::fs::File::create(self.log()).unwrap());
        }
        let (running, port) = start(command, "listening 127.0.0.1:");
        self.running = Some(running);
        self.port = port;
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().expect("it runs").0.id()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A database of its own on the PostgreSQL of `TEST_POSTGRES_URL`.
pub struct OwnDatabase {
    pub url: String,
    name: String,
    server: String,
}

impl OwnDatabase {
    pub async fn create(purpose: &str) -> Self {
        let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set: run scripts/test");
        let name = format!("meterbook_{purpose}_{:016x}", rand::random::<u64>());
        let mut admin = sqlx::PgConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        Self { url: format!("{host}/{name}"), name, server }
    }

    pub async fn clear(self) {
        let mut admin = sqlx::PgConnection::connect(&self.server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("drop database {} with (force)", self.name))).execute(&mut admin).await.unwrap();
    }
}
