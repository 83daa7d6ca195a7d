//! All settings: read once at start from the environment and `.env`, each checked, each complaint in plain words.

use std::{net::SocketAddr, path::PathBuf};

use crate::{events::broker::Address, kernel::Moment};

/// What `serve` and its companions run with. Units are in the names.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite://path` or `postgres://…`; chooses the engine.
    pub database_url: String,
    /// Where to listen; port 0 picks a free one and prints it.
    pub listen: SocketAddr,
    /// How people reach us, without a slash at the end; links and the host check are built from it.
    pub base_url: String,
    /// Photos, imported files and exports.
    pub uploads_dir: PathBuf,
    /// The message broker that events are relayed to; none are without it.
    pub nats_url: Option<Address>,
    /// Where `serve` keeps the backups of the last nights; none are made without it.
    pub backup_dir: Option<PathBuf>,
    pub log_format: LogFormat,
    /// Sign-in over plain http outside this machine is refused unless this says so; pages then carry a banner.
    pub allow_insecure_http: bool,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Further host names that are answered besides the one of `base_url`.
    pub extra_hosts: Vec<String>,
    /// Bearer token that may read `/metrics` from elsewhere; without it only loopback may.
    pub metrics_token: Option<String>,
    /// Must administrators and accountants enrol a second factor before anything else?
    pub require_second_factor: bool,
    /// Rehearsal: the clock starts at this moment (RFC 3339) instead of now, and every page says so.
    pub clock_start: Option<Moment>,
    /// This program, which is started anew to read files that strangers bring.
    pub program: PathBuf,
    /// Memory that hashing one password takes, in KiB, and its passes.
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    /// How mail leaves; none does without it.
    pub mail: Option<MailSettings>,
    /// So many calls a minute one token may make; as many at once.
    pub api_calls_per_minute: std::num::NonZeroU32,
}

/// The organisation's mail server, and who its mail comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// `smtps://name:password@host` or `smtp://host:25`.
    pub smtp_url: String,
    /// `Name <address>`.
    pub from: String,
}

/// The address of the server holds its password.
impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings").field("from", &self.from).finish_non_exhaustive()
    }
}

crate::text_enum! {
    /// Lines for people or for machines.
    LogFormat as "log-format" { Text = "text", Json = "json" }
}

/// Everything that is wrong with the settings, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be used:\n  {}", .0.join("\n  "))]
pub struct ConfigErrors(pub Vec<String>);

impl Config {
    /// Reads `.env` if there is one, then the environment, which wins.
    ///
    /// # Errors
    /// All unusable settings at once.
    pub fn from_env() -> Result<Self, ConfigErrors> {
        // A missing .env is the ordinary case; an unreadable one must not be silently ignored.
        match dotenvy::dotenv() {
            Err(error) if !error.not_found() => Err(ConfigErrors(vec![format!(".env cannot be read: {error}")])),
            _ => Self::from_lookup(|name| std::env::var(name).ok()),
        }
    }

    /// Reads settings through `lookup`, so that tests need not touch the environment.
    ///
    /// # Errors
    /// All unusable settings at once.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader { lookup, errors: Vec::new() };
        let listen = reader.parsed("LISTEN", "127.0.0.1:8080", "an address and a port, such as 127.0.0.1:8080");
        let config = Self {
            database_url: reader.database_url(),
            listen,
            base_url: reader.base_url(listen),
            uploads_dir: reader.text("UPLOADS_DIR", "uploads").into(),
            nats_url: reader.secret_address("NATS_URL"),
            backup_dir: reader.optional("BACKUP_DIR", "a folder"),
            log_format: reader.parsed("LOG_FORMAT", "text", "text or json"),
            allow_insecure_http: reader.flag("ALLOW_INSECURE_HTTP", false),
            trusted_proxies: reader.list("TRUSTED_PROXIES", "addresses separated by commas"),
            extra_hosts: reader.list("EXTRA_HOSTS", "host names separated by commas"),
            metrics_token: reader.secret("METRICS_TOKEN", 16),
            require_second_factor: reader.flag("REQUIRE_SECOND_FACTOR", true),
            clock_start: reader.optional("CLOCK_START", "a moment such as 2026-11-26T09:00:00+03:00"),
            program: std::env::current_exe().unwrap_or_else(|_| "meterbook".into()),
            argon2_memory_kib: reader.at_least("ARGON2_MEMORY_KIB", 19 * 1024),
            argon2_passes: reader.at_least("ARGON2_PASSES", 2),
            mail: reader.mail(),
            api_calls_per_minute: reader.parsed("API_CALLS_PER_MINUTE", "60000", "a whole number above zero"),
        };
        if reader.errors.is_empty() { Ok(config) } else { Err(ConfigErrors(reader.errors)) }
    }

    /// Takes over the address really bound to: port 0 has become a real one, also in a base URL that was not set.
    pub fn bound_to(&mut self, address: SocketAddr) {
        if self.base_url == format!("http://{}", self.listen) {
            self.base_url = format!("http://{address}");
        }
        self.listen = address;
    }

    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// The host of `base_url`, with its port where one is given.
    pub fn host(&self) -> &str {
        self.base_url.split_once("://").map_or("", |(_, host)| host)
    }
}

struct Reader<F> {
    lookup: F,
    errors: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str, default: &str) -> String {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: &'static str, wanted: &str) -> T {
        let text = self.text(name, default);
        text.parse()
            .or_else(|_| {
                self.errors.push(format!("{name}={text} is not {wanted}"));
                default.parse().map_err(|_| ())
            })
            .unwrap_or_else(|()| unreachable!("the default of {name} is valid"))
    }

    fn database_url(&mut self) -> String {
        let url = self.text("DATABASE_URL", "sqlite://data/meterbook.db");
        if !["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            self.errors.push("DATABASE_URL must begin with sqlite:// or postgres://".to_owned());
        }
        url
    }

    fn base_url(&mut self, listen: SocketAddr) -> String {
        let url = self.text("BASE_URL", &format!("http://{listen}")).trim_end_matches('/').to_owned();
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
            self.errors.push(format!("BASE_URL={url} is not an address without a path, such as https://meters.example.org"));
        }
        url
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.text(name, if default { "yes" } else { "no" }).as_str() {
            "yes" | "true" | "1" => true,
            "no" | "false" | "0" => false,
            other => {
                self.errors.push(format!("{name}={other} is neither yes nor no"));
                default
            }
        }
    }

    fn list<T: std::str::FromStr>(&mut self, name: &str, wanted: &str) -> Vec<T> {
        let text = self.text(name, "");
        let parts: Result<Vec<T>, _> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect();
        parts.unwrap_or_else(|_| {
            self.errors.push(format!("{name}={text} is not {wanted}"));
            Vec::new()
        })
    }

    fn optional<T: std::str::FromStr>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let text = Some(self.text(name, "")).filter(|text| !text.is_empty())?;
        let value = text.parse().ok();
        if value.is_none() {
            self.errors.push(format!("{name}={text} is not {wanted}"));
        }
        value
    }

    /// Both of its settings or neither.
    fn mail(&mut self) -> Option<MailSettings> {
        let settings = MailSettings { smtp_url: self.text("SMTP_URL", ""), from: self.text("MAIL_FROM", "") };
        match (settings.smtp_url.is_empty(), settings.from.is_empty()) {
            (true, true) => return None,
            (true, false) => self.errors.push("MAIL_FROM is set, but not SMTP_URL: no mail could leave".to_owned()),
            (false, true) => self.errors.push("SMTP_URL is set, but not MAIL_FROM: mail must come from somebody".to_owned()),
            (false, false) => {}
        }
        let url = &settings.smtp_url;
        if !(url.is_empty() || url.starts_with("smtp://") || url.starts_with("smtps://")) {
            self.errors.push("SMTP_URL must begin with smtp:// or smtps://".to_owned());
        }
        Some(settings)
    }

    /// An address that may hold a password: a wrong one is not repeated.
    fn secret_address(&mut self, name: &str) -> Option<Address> {
        let text = Some(self.text(name, "")).filter(|text| !text.is_empty())?;
        text.parse().map_err(|wrong| self.errors.push(format!("{name} is {wrong}"))).ok()
    }

    fn secret(&mut self, name: &str, shortest: usize) -> Option<String> {
        let secret = Some(self.text(name, "")).filter(|text| !text.is_empty())?;
        if secret.len() < shortest {
            self.errors.push(format!("{name} is shorter than {shortest} characters"));
        }
        Some(secret)
    }

    fn at_least(&mut self, name: &str, least: u32) -> u32 {
        let text = self.text(name, &least.to_string());
        match text.parse() {
            Ok(value) if value >= least => value,
            _ => {
                self.errors.push(format!("{name}={text} is not a number of at least {least}"));
                least
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::from_lookup(|name| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_set_is_a_working_local_installation() {
        let config = with(&[]).unwrap();
        assert_eq!(config.database_url, "sqlite://data/meterbook.db");
        assert_eq!(config.base_url, "http://127.0.0.1:8080");
        assert_eq!(config.host(), "127.0.0.1:8080");
    }

    #[test]
    fn every_unusable_setting_is_named_at_once() {
        let errors = with(&[
            ("DATABASE_URL", "mysql://x"),
            ("LISTEN", "8080"),
            ("BASE_URL", "meters/x"),
            ("LOG_FORMAT", "xml"),
            ("TRUSTED_PROXIES", "10.0.0"),
            ("ARGON2_PASSES", "1"),
            ("METRICS_TOKEN", "short"),
            ("CLOCK_START", "tomorrow"),
            ("SMTP_URL", "mail.example.org"),
            ("NATS_URL", "relay:s3cret@broker"),
        ])
        .unwrap_err()
        .0;
        assert_eq!(errors.len(), 11, "{errors:#?}");
        assert!(!errors.concat().contains("s3cret"), "{errors:#?}");
        let names =
            ["DATABASE_URL", "LISTEN", "BASE_URL", "LOG_FORMAT", "TRUSTED_PROXIES", "ARGON2_PASSES", "METRICS_TOKEN", "CLOCK_START"];
        for name in names.into_iter().chain(["MAIL_FROM", "must begin with smtp", "NATS_URL"]) {
            assert!(errors.iter().any(|error| error.contains(name)), "{name}");
        }
    }
}
