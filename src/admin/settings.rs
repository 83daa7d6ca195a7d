//! What the organisation says of itself, kept in the database and the same on every node.

use serde::Serialize;

use crate::{
    audit::{Author, Entry, Subject},
    db::{self, On, Tx, placeholders, q},
    kernel::Moment,
    notify::pace::QuietHours,
    payments::payee::Payee,
    web::Language,
    works::Terms,
};

const ORGANISATION: &str = "organisation";
const LANGUAGE: &str = "language";
const DUE_DAY: &str = "due_day";
const SIGNER: &str = "signer";
const QUIET_FROM: &str = "quiet_from";
const QUIET_UNTIL: &str = "quiet_until";

const OWN: [&str; 6] = [ORGANISATION, LANGUAGE, DUE_DAY, SIGNER, QUIET_FROM, QUIET_UNTIL];

/// The settings that an administrator changes on a page; the others come from the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Stands above what is printed and above reports; empty when the site's name says enough.
    pub organisation: String,
    /// What new members of staff read until they choose.
    pub language: Language,
    /// Until which day of the next month bills are to be paid, 1 to 28; that of the law when nothing is set.
    pub due_day: Option<u8>,
    /// Who signs letters: a post and a name; empty for nobody.
    pub signer: String,
    /// When nobody is written to.
    pub quiet_hours: QuietHours,
    /// Where payers are to send their money.
    #[serde(flatten)]
    pub payee: Payee,
    /// What is settled about work orders.
    #[serde(flatten)]
    pub works: Terms,
}

impl Settings {
    pub async fn load(on: impl Into<On<'_>>) -> db::Result<Self> {
        let names: Vec<&str> = OWN.into_iter().chain(Payee::default().fields().map(|(name, _)| name)).chain(Terms::NAMES).collect();
        let sql = format!("select key, value from setting where key in ({})", placeholders(1, names.len()));
        let stored: Vec<(String, String)> = names.iter().fold(q(on, sql), |statement, name| statement.bind(*name)).all().await?;
        let value = |wanted: &str| stored.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
        let hour = |wanted: &str| value(wanted).and_then(|hour| hour.parse().ok());
        Ok(Self {
            organisation: value(ORGANISATION).unwrap_or_default(),
            language: value(LANGUAGE).and_then(|word| word.parse().ok()).unwrap_or(Language::Russian),
            due_day: value(DUE_DAY).and_then(|day| day.parse().ok()),
            signer: value(SIGNER).unwrap_or_default(),
            quiet_hours: QuietHours {
                from: hour(QUIET_FROM).unwrap_or(QuietHours::default().from),
                until: hour(QUIET_UNTIL).unwrap_or(QuietHours::default().until),
            },
            payee: Payee::of(|name| value(name).unwrap_or_default()),
            works: Terms::of(value),
        })
    }

    /// Puts these in the place of what was there, and notes what differs.
    pub async fn save(&self, tx: &mut Tx, author: &Author, at: Moment) -> db::Result<()> {
        let before = Self::load(&mut *tx).await?;
        let due_day = self.due_day.map_or_else(String::new, |day| day.to_string());
        let (from, until) = (self.quiet_hours.from.to_string(), self.quiet_hours.until.to_string());
        let own = [
            (ORGANISATION, self.organisation.as_str()),
            (LANGUAGE, self.language.as_str()),
            (DUE_DAY, due_day.as_str()),
            (SIGNER, self.signer.as_str()),
            (QUIET_FROM, from.as_str()),
            (QUIET_UNTIL, until.as_str()),
        ];
        let works = self.works.values();
        let works = Terms::NAMES.into_iter().zip(works.iter().map(String::as_str));
        for (key, value) in own.into_iter().chain(self.payee.fields()).chain(works) {
            q(&mut *tx, "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = $2")
                .bind(key)
                .bind(value.to_owned())
                .run()
                .await?;
        }
        let entry = Entry { author, at, action: "audit-settings-changed", subject: Subject::Settings, id: None, name: String::new() };
        entry.changed(tx, &before, self).await
    }
}
