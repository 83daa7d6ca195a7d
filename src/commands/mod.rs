//! What each word of the command line does: one file each, all starting from the same checked settings.

mod create_user;
mod demo;
mod import;
mod serve;
mod upkeep;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    api,
    app::App,
    config::{Config, LogFormat},
    db::{self, Db},
    demo::story::Size,
    estate::import::child,
    kernel::Clock,
    staff::user::Role,
};

/// Meters, bills and collects for cooperatives, housing associations and managing companies.
#[derive(Parser)]
#[command(version)]
pub struct Command {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Serve the pages and run the background work.
    Serve,
    /// Make the invented cooperative, unless it is there already, and serve it.
    Demo {
        #[arg(long, default_value_t = 420)]
        premises: usize,
        /// Months of history before the current one.
        #[arg(long, default_value_t = 14)]
        months: usize,
        /// Only make it.
        #[arg(long)]
        no_serve: bool,
    },
    /// Create a member of staff; the password is read from standard input.
    CreateUser {
        login: String,
        /// administrator, manager, controller, accountant, chair or service
        #[arg(long)]
        role: Role,
        #[arg(long)]
        name: String,
    },
    /// Bring the database up to this program.
    Migrate,
    /// Write the database and all files into one archive, while the program may run.
    Backup { file: PathBuf },
    /// Bring a backup back into an empty database.
    Restore {
        file: PathBuf,
        /// Replace everything that is in the database; nobody may be serving it meanwhile
        #[arg(long)]
        force: bool,
    },
    /// Check that everything in the installation agrees.
    Verify,
    /// Check settings and surroundings before going live.
    Doctor,
    /// Copy everything from one database into another, empty one: sqlite://… and postgres://…
    CopyDb { from: String, to: String },
    /// Bring a file in: the same plan as on the page. Only shows it unless told --yes.
    Import {
        file: PathBuf,
        /// The site's name; made as a gardening cooperative when there is none of this name.
        #[arg(long)]
        site: String,
        /// Show what would change (the default)
        #[arg(long, conflicts_with = "yes")]
        preview: bool,
        /// Carry the plan out
        #[arg(long)]
        yes: bool,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the description of the API (OpenAPI 3.1): what `docs/openapi.json` holds.
    Openapi,
    /// Read one table file and write it to standard output: what an import starts for every file it is given.
    #[command(hide = true)]
    ReadTable { file: PathBuf },
}

/// Runs the command and turns its outcome into an exit code: 0 done, 1 failed, 2 the settings cannot be used.
#[expect(clippy::print_stderr, reason = "the command line speaks to whoever typed it")]
pub fn main(command: Command) -> ExitCode {
    if let Word::ReadTable { file } = &command.word {
        return read_table(file);
    }
    if matches!(command.word, Word::Openapi) {
        return print_description();
    }
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(errors) => {
            eprintln!("meterbook: {errors}");
            return ExitCode::from(2);
        }
    };
    start_log(config.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("meterbook: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(command.word, config)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("meterbook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Before all settings, threads and logs: the reader has none of them, and little memory.
fn read_table(file: &Path) -> ExitCode {
    if child::read_table(file, &mut std::io::stdout().lock()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Needs no settings either.
fn print_description() -> ExitCode {
    use std::io::Write as _;
    let written =
        api::description().map_err(anyhow::Error::from).and_then(|text| Ok(std::io::stdout().lock().write_all(text.as_bytes())?));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(word: Word, config: Config) -> anyhow::Result<ExitCode> {
    match word {
        Word::Serve => serve::run(config).await,
        Word::Demo { premises, months, no_serve } => demo::run(config, Size { premises, months }, !no_serve).await,
        Word::CreateUser { login, role, name } => create_user::run(config, &login, role, &name).await,
        Word::Backup { file } => upkeep::backup(config, &file).await,
        Word::Restore { file, force } => upkeep::restore(config, &file, force).await,
        Word::Verify => return upkeep::verify(config).await,
        Word::Doctor => return upkeep::doctor(config).await,
        Word::CopyDb { from, to } => upkeep::copy(&from, &to).await,
        Word::Migrate => open(config).await.map(|_| ()),
        Word::Import { file, site, preview: _, yes, json } => import::run(config, &file, &site, yes, json).await,
        Word::ReadTable { file } => return Ok(read_table(&file)),
        Word::Openapi => return Ok(print_description()),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The app over an opened and migrated database.
pub async fn open(config: Config) -> anyhow::Result<App> {
    let db = Db::open(&config.database_url, db::Options::default()).await?;
    db.migrate().await?;
    let clock = config.clock_start.map_or_else(Clock::system, Clock::rehearsal);
    Ok(App::new(db, config, clock))
}

fn start_log(format: LogFormat) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn,memory_serve=warn,async_nats=off".into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
