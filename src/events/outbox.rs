//! The table of events: written with what they tell of, read by the relay, forgotten after a month.
//!
//! Events are recorded whether a broker is configured or not: areas need not know of it, and whoever configures one is told of the last
//! month. That costs a row beside each of the rows it tells of, for [`KEPT`].

use serde::Serialize;
use serde_json::Value;
use time::Duration;

use super::Event;
use crate::{
    db::{self, Bell, Db, Tx, insert_many, placeholders, q},
    kernel::Moment,
};

/// A published event is kept for so long, and any event where no broker is configured.
const KEPT: Duration = Duration::days(30);
/// Rows taken away in one transaction, so that nobody waits long for the turn to write.
const AT_ONCE: i64 = 2000;

/// Writes events in the transaction of what they tell of, after that has been written, and wakes the relay when it is kept.
pub async fn record<E: Event>(tx: &mut Tx, events: &[E], at: Moment) -> db::Result<()> {
    let rows: Vec<(String, String)> = events.iter().map(|event| (new_uid(), payload(event))).collect();
    insert_many(tx, "event (uid, version, kind, at, payload)", &rows, |statement, (uid, payload)| {
        statement.bind(uid.as_str()).bind(E::VERSION).bind(E::KIND).bind(at).bind(payload.as_str())
    })
    .await?;
    if !rows.is_empty() {
        tx.ring(Bell::Events);
    }
    Ok(())
}

fn new_uid() -> String {
    format!("{:032x}", rand::random::<u128>())
}

fn payload(event: &impl Event) -> String {
    serde_json::to_string(event).expect("an event has only texts, numbers and lists of them")
}

/// An event that the broker has not acknowledged.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unpublished {
    pub id: i64,
    pub uid: String,
    version: i64,
    kind: String,
    at: Moment,
    payload: String,
}

/// An event as it is published.
#[derive(Serialize)]
struct Message<'a> {
    id: &'a str,
    kind: &'a str,
    version: i64,
    at: Moment,
    data: Value,
}

impl Unpublished {
    pub fn subject(&self) -> String {
        format!("meterbook.{}", self.kind)
    }

    /// What is published: JSON, its fields beside what says which event it is.
    ///
    /// # Errors
    /// When somebody has put something else than JSON into the table.
    pub fn message(&self) -> serde_json::Result<String> {
        let Self { uid, version, kind, at, payload, .. } = self;
        serde_json::to_string(&Message { id: uid, kind, version: *version, at: *at, data: serde_json::from_str(payload)? })
    }
}

/// What waits for the broker, in the order of keys.
pub async fn unpublished(db: &Db, limit: i64) -> db::Result<Vec<Unpublished>> {
    let sql = "select id, uid, version, kind, at, payload from event where published_at is null order by id limit $1";
    q(db, sql).bind(limit).all().await
}

/// Notes that the broker has these.
pub async fn mark_published(tx: &mut Tx, events: &[Unpublished], at: Moment) -> db::Result<()> {
    for chunk in events.chunks(400) {
        let sql = format!("update event set published_at = $1 where id in ({})", placeholders(2, chunk.len()));
        let statement = q(&mut *tx, sql).bind(at);
        chunk.iter().fold(statement, |statement, event| statement.bind(event.id)).run().await?;
    }
    Ok(())
}

/// How much waits for the broker, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    pub waiting: i64,
    pub oldest_at: Option<Moment>,
}

pub async fn backlog(db: &Db) -> db::Result<Backlog> {
    q(db, "select count(*) as waiting, min(at) as oldest_at from event where published_at is null").one().await
}

/// Deletes the old events, in portions; answers how many. What still waits for a broker is kept however old it is.
pub async fn forget_old(db: &Db, has_broker: bool, now: Moment) -> db::Result<u64> {
    let mut forgotten = 0;
    loop {
        let mut tx = db.begin().await?;
        let sql = "delete from event
            where id in (select id from event where at < $1 and (published_at is not null or not $2) order by at limit $3)";
        let gone = q(&mut tx, sql).bind(now.minus(KEPT)).bind(has_broker).bind(AT_ONCE).run().await?;
        tx.commit().await?;
        forgotten += gone;
        if gone == 0 {
            return Ok(forgotten);
        }
    }
}
