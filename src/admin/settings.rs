//! What the organisation says of itself, kept in the database and the same on every node.

use serde::Serialize;

use crate::{
    audit::{Author, Entry, Subject},
    db::{self, On, Tx, q},
    kernel::Moment,
    web::Language,
};

const ORGANISATION: &str = "organisation";
const LANGUAGE: &str = "language";

/// The settings that an administrator changes on a page; the others come from the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Stands above what is printed and above reports; empty when the site's name says enough.
    pub organisation: String,
    /// What new members of staff read until they choose.
    pub language: Language,
}

impl Settings {
    pub async fn load(on: impl Into<On<'_>>) -> db::Result<Self> {
        let stored: Vec<(String, String)> =
            q(on, "select key, value from setting where key in ($1, $2)").bind(ORGANISATION).bind(LANGUAGE).all().await?;
        let value = |wanted: &str| stored.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
        Ok(Self {
            organisation: value(ORGANISATION).unwrap_or_default(),
            language: value(LANGUAGE).and_then(|word| word.parse().ok()).unwrap_or(Language::Russian),
        })
    }

    /// Puts these in the place of what was there, and notes what differs.
    pub async fn save(&self, tx: &mut Tx, author: &Author, at: Moment) -> db::Result<()> {
        let before = Self::load(&mut *tx).await?;
        for (key, value) in [(ORGANISATION, self.organisation.as_str()), (LANGUAGE, self.language.as_str())] {
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
