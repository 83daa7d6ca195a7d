//! Who changed what, when, from where, with the old and the new values; written in the transaction of the change, only added to.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    db::{self, On, Tx, q},
    kernel::Moment,
    staff::user::UserId,
    web::access::Actor,
};

crate::text_enum! {
    /// What a change was made to.
    Subject as "subject" {
        User = "user", Site = "site", Premise = "premise", Owner = "owner", Account = "account", Contract = "contract",
        Meter = "meter", Reading = "reading", Round = "round", Visit = "visit", Import = "import", Export = "export",
        Settings = "settings", Session = "session", Job = "job",
        Tariff = "tariff", Billing = "billing", Payment = "payment", Item = "item", Order = "order", Debtor = "debtor",
        Message = "message",
        WorkOrder = "work_order", Payout = "payout",
    }
}

/// Who is answerable for a change: a person at an address, or the program itself.
#[derive(Clone, Debug)]
pub struct Author {
    pub id: Option<UserId>,
    pub name: String,
    pub address: String,
}

impl Author {
    /// The program itself: a job, a command.
    pub fn program(name: &str) -> Self {
        Self { id: None, name: name.to_owned(), address: String::new() }
    }
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        Self { id: Some(actor.id), name: actor.name.clone(), address: actor.address.clone() }
    }
}

/// One entry to be written. `action` is a message key such as `audit-site-created`.
pub struct Entry<'a> {
    pub author: &'a Author,
    pub at: Moment,
    pub action: &'static str,
    pub subject: Subject,
    pub id: Option<i64>,
    pub name: String,
}

impl Entry<'_> {
    /// Writes that something came into being with these values.
    pub async fn created(self, tx: &mut Tx, after: &impl Serialize) -> db::Result<()> {
        self.write(tx, Map::new(), fields(after)).await
    }

    /// Writes only the fields that differ; nothing when none does.
    pub async fn changed(self, tx: &mut Tx, before: &impl Serialize, after: &impl Serialize) -> db::Result<()> {
        let (mut before, mut after) = (fields(before), fields(after));
        let same: Vec<String> = before.iter().filter(|(key, value)| after.get(*key) == Some(value)).map(|(key, _)| key.clone()).collect();
        for key in same {
            before.remove(&key);
            after.remove(&key);
        }
        if before.is_empty() && after.is_empty() { Ok(()) } else { self.write(tx, before, after).await }
    }

    /// Writes that something happened that has no values to compare.
    pub async fn noted(self, tx: &mut Tx) -> db::Result<()> {
        self.write(tx, Map::new(), Map::new()).await
    }

    async fn write(self, tx: &mut Tx, before: Map<String, Value>, after: Map<String, Value>) -> db::Result<()> {
        q(
            tx,
            "insert into audit (at, actor_id, actor_name, action, subject_kind, subject_id, subject_name, address, before_values, after_values)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.at)
        .bind(self.author.id)
        .bind(self.author.name.clone())
        .bind(self.action)
        .bind(self.subject)
        .bind(self.id)
        .bind(self.name)
        .bind(self.author.address.clone())
        .bind(Value::Object(before).to_string())
        .bind(Value::Object(after).to_string())
        .run()
        .await?;
        Ok(())
    }
}

/// The fields of a value as the audit keeps them; anything but a struct is one field `value`.
fn fields(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        Ok(other) => Map::from_iter([("value".to_owned(), other)]),
        Err(_) => Map::new(),
    }
}

/// An entry as pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recorded {
    pub id: i64,
    pub at: Moment,
    pub actor_name: String,
    pub action: String,
    pub subject_kind: Subject,
    pub subject_id: Option<i64>,
    pub subject_name: String,
    pub address: String,
    pub before_values: String,
    pub after_values: String,
}

impl Recorded {
    /// Field, old value, new value of everything that changed; what was empty and stayed so is left out.
    pub fn differences(&self) -> Vec<(String, String, String)> {
        let parse = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
        let (before, after) = (parse(&self.before_values), parse(&self.after_values));
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let all = keys.into_iter().map(|key| (key.clone(), plain(before.get(key)), plain(after.get(key))));
        all.filter(|(_, before, after)| before != after).collect()
    }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| plain(Some(item))).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

/// The last entries about one thing, newest first: the history on its card.
pub async fn history(on: impl Into<On<'_>>, subject: Subject, id: i64) -> db::Result<Vec<Recorded>> {
    q(
        on,
        "select id, at, actor_name, action, subject_kind, subject_id, subject_name, address, before_values, after_values
        from audit
        where subject_kind = $1 and subject_id = $2
        order by id desc
        limit 50",
    )
    .bind(subject)
    .bind(id)
    .all()
    .await
}

/// Has this person been noted with the thing since a moment?
pub async fn has_noted(on: impl Into<On<'_>>, author: &Author, subject: Subject, id: i64, since: Moment) -> db::Result<bool> {
    let sql = "select count(*) from audit where subject_kind = $1 and subject_id = $2 and actor_id = $3 and at > $4";
    Ok(q(on, sql).bind(subject).bind(id).bind(author.id).bind(since).scalar::<i64>().await? > 0)
}
