//! Sessions in our own database: the cookie's hash is the key, ends are ours to decide, a signed-out session cannot come back.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::Duration;
use tower_sessions::{
    Expiry, Session, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use super::{access::Actor, error::Error};
use crate::{
    app::App,
    config::Config,
    db::{self, Db, q},
    kernel::{Clock, Moment, text::hex},
    staff::user::{User, UserId},
};

/// A session that is not used for so long ends.
const IDLE: Duration = Duration::days(7);
/// A session ends after so long however much it is used.
const ABSOLUTE: Duration = Duration::days(30);
/// How often "last seen" is written down.
const SEEN_EVERY: Duration = Duration::minutes(5);

const SIGNED_IN: &str = "signed_in";
const SECOND_STEP: &str = "second_step";
const FLASH: &str = "flash";
/// So long a proved password waits for the code of the second factor.
const SECOND_STEP_WITHIN: Duration = Duration::minutes(10);

/// Who signed in, and the `auth_epoch` they had: a block, another role or password raises it and so ends the session.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    pub user: UserId,
    pub epoch: i64,
}

/// Who proved their password and still owes the second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondStep {
    pub user: UserId,
    pub epoch: i64,
    pub next: String,
    since: Moment,
}

/// A sentence shown once on the next page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlashNote {
    /// `good`, `warn` or `bad`.
    pub kind: String,
    pub text: String,
}

/// The session layer: cookie name and flags follow from whether people reach us by https.
pub fn layer(config: &Config, db: Db, clock: Clock) -> SessionManagerLayer<Store> {
    let name = if config.is_https() { "__Host-meterbook" } else { "meterbook" };
    SessionManagerLayer::new(Store { db, clock })
        .with_name(name)
        .with_secure(config.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(ABSOLUTE))
}

/// Starts a signed-in session under a fresh id.
pub async fn sign_in(session: &Session, user: &User, address: &str, agent: &str) -> Result<(), Error> {
    session.cycle_id().await?;
    session.remove::<SecondStep>(SECOND_STEP).await?;
    session.insert(SIGNED_IN, SignedIn { user: user.id, epoch: user.auth_epoch }).await?;
    session.insert("address", address).await?;
    session.insert("agent", agent.chars().take(200).collect::<String>()).await?;
    Ok(())
}

/// Remembers, under a fresh id, that only the second step is missing. Nobody is signed in by it.
pub async fn await_second_step(session: &Session, user: &User, next: &str, now: Moment) -> Result<(), Error> {
    session.cycle_id().await?;
    session.remove::<SignedIn>(SIGNED_IN).await?;
    let step = SecondStep { user: user.id, epoch: user.auth_epoch, next: next.to_owned(), since: now };
    Ok(session.insert(SECOND_STEP, step).await?)
}

/// The second step that is awaited, unless it took too long.
pub async fn second_step(session: &Session, now: Moment) -> Result<Option<SecondStep>, Error> {
    let step = session.get::<SecondStep>(SECOND_STEP).await?;
    Ok(step.filter(|step| now.since(step.since) < SECOND_STEP_WITHIN))
}

/// The person behind the session, if it still stands.
pub async fn actor(app: &App, session: &Session, address: String) -> Result<Option<Actor>, Error> {
    let Some(signed_in) = session.get::<SignedIn>(SIGNED_IN).await? else { return Ok(None) };
    let user = User::find(&app.db, signed_in.user).await?.filter(|user| !user.is_blocked && user.auth_epoch == signed_in.epoch);
    let Some(user) = user else { return Ok(None) };
    Ok(Some(Actor::of(app, user, address).await?))
}

/// Leaves a sentence for the next page.
pub async fn flash(session: &Session, kind: &str, text: String) -> Result<(), Error> {
    Ok(session.insert(FLASH, FlashNote { kind: kind.to_owned(), text }).await?)
}

/// Takes the sentence left for this page.
pub async fn take_flash(session: &Session) -> Result<Option<FlashNote>, Error> {
    // Looking first keeps pages without a flash from writing the session.
    if session.get::<FlashNote>(FLASH).await?.is_none() {
        return Ok(None);
    }
    Ok(session.remove(FLASH).await?)
}

/// The key under which a session is stored.
pub fn id_hash(id: Id) -> String {
    hex(&Sha256::digest(id.to_string()))
}

/// Creating is insert-only and saving update-only: a request still in flight cannot revive a session that was ended meanwhile.
#[derive(Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("session::Store")
    }
}

/// Deletes the sessions that nobody can go on with; answers how many.
pub async fn forget_ended(tx: &mut db::Tx, now: Moment) -> db::Result<u64> {
    q(tx, "delete from session where expires_at <= $1 or seen_at <= $2").bind(now).bind(now.minus(IDLE)).run().await
}

#[derive(sqlx::FromRow)]
struct Stored {
    data: String,
    seen_at: Moment,
    expires_at: Moment,
}

fn backend(error: impl fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

/// The columns that the sign-in pages list, read out of the session's data.
fn columns(record: &Record) -> (Option<UserId>, String, String) {
    let text = |key: &str| record.data.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let user =
        record.data.get(SIGNED_IN).and_then(|value| serde_json::from_value::<SignedIn>(value.clone()).ok()).map(|signed_in| signed_in.user);
    (user, text("address"), text("agent"))
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let data = serde_json::to_string(&record.data).map_err(backend)?;
        let now = self.clock.now();
        let (user, address, agent) = columns(record);
        let mut tx = self.db.begin().await.map_err(backend)?;
        loop {
            let inserted = q(
                &mut tx,
                "insert into session (id_hash, user_id, data, address, agent, created_at, seen_at, expires_at)
                values ($1, $2, $3, $4, $5, $6, $6, $7)
                on conflict do nothing",
            )
            .bind(id_hash(record.id))
            .bind(user)
            .bind(&*data)
            .bind(&*address)
            .bind(&*agent)
            .bind(now)
            .bind(now.plus(ABSOLUTE))
            .run()
            .await
            .map_err(backend)?;
            if inserted == 1 {
                return tx.commit().await.map_err(backend);
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let data = serde_json::to_string(&record.data).map_err(backend)?;
        let (user, address, agent) = columns(record);
        let mut tx = self.db.begin().await.map_err(backend)?;
        q(&mut tx, "update session set data = $2, user_id = $3, address = $4, agent = $5, seen_at = $6 where id_hash = $1")
            .bind(id_hash(record.id))
            .bind(data)
            .bind(user)
            .bind(address)
            .bind(agent)
            .bind(self.clock.now())
            .run()
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let hash = id_hash(*id);
        let stored: Option<Stored> =
            q(&self.db, "select data, seen_at, expires_at from session where id_hash = $1").bind(&*hash).opt().await.map_err(backend)?;
        let now = self.clock.now();
        let Some(stored) = stored.filter(|stored| stored.expires_at > now && now.since(stored.seen_at) < IDLE) else { return Ok(None) };
        if now.since(stored.seen_at) > SEEN_EVERY {
            self.note_seen(&hash, now).await.map_err(backend)?;
        }
        let data = serde_json::from_str(&stored.data).map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date: stored.expires_at.utc() }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.db.begin().await.map_err(backend)?;
        q(&mut tx, "delete from session where id_hash = $1").bind(id_hash(*id)).run().await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

impl Store {
    async fn note_seen(&self, hash: &str, now: Moment) -> db::Result<()> {
        let mut tx = self.db.begin().await?;
        q(&mut tx, "update session set seen_at = $2 where id_hash = $1").bind(hash.to_owned()).bind(now).run().await?;
        tx.commit().await
    }
}
