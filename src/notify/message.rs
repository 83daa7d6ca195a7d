//! A message as the database keeps it: to whom, by which channel, and what became of it.

use std::collections::HashSet;

use rand::Rng as _;
use time::Duration;

use crate::{
    db::{self, Bell, Db, On, Q, Tx, insert_absent, placeholders, q},
    estate::owner::OwnerId,
    kernel::{Moment, text::hex},
    staff::user::UserId,
};

crate::ids! {
    /// Key of a message.
    MessageId,
}

crate::text_enum! {
    /// By which way a message goes.
    Channel as "channel" { Email = "email", Telegram = "telegram" }
}

crate::text_enum! {
    /// What a message is for.
    MessageKind as "message-kind" {
        Reminder = "reminder",
        DebtLetter = "debt_letter",
        PreCourt = "pre_court",
        /// What a worker was paid for a day.
        Payout = "payout",
        /// What the management is told.
        Totals = "totals",
        /// An administrator tries whether messages arrive.
        Trial = "trial",
    }
}

crate::text_enum! {
    /// What became of a message.
    MessageState as "message-state" {
        Waiting = "waiting",
        Sent = "sent",
        /// Given up after [`MOST_ATTEMPTS`]: a person must look.
        Parked = "parked",
        /// Nobody can be reached there.
        Refused = "refused",
        /// Came out of a backup: it may have been sent by the program that the backup was taken from.
        Held = "held",
    }
}

/// After so many failures in a row a message is parked.
pub const MOST_ATTEMPTS: i64 = 10;
/// A node that says nothing of a message for so long is dead.
const LEASE: Duration = Duration::minutes(2);
const FIRST_WAIT: Duration = Duration::seconds(30);
const LONGEST_WAIT: Duration = Duration::hours(2);
/// What a carrier tells of a failure, in characters.
const LONGEST_ERROR: usize = 500;

impl MessageKind {
    /// Does it wait for the morning? What a person just asked for does not.
    pub fn is_quiet(self) -> bool {
        self != Self::Trial
    }
}

/// Where somebody can be reached by one channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub channel: Channel,
    pub address: String,
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub to: Place,
    /// Tried when nobody can be reached there.
    pub otherwise: Option<Place>,
    pub kind: MessageKind,
    pub subject: String,
    pub text: String,
    pub owner: Option<OwnerId>,
    pub user: Option<UserId>,
    /// A second message with the same key is the first one.
    pub key: Option<String>,
}

/// A message as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Message {
    pub id: MessageId,
    pub channel: Channel,
    pub address: String,
    pub kind: MessageKind,
    pub subject: String,
    pub text: String,
    pub owner_id: Option<OwnerId>,
    pub user_id: Option<UserId>,
    pub then_channel: Option<Channel>,
    pub then_address: Option<String>,
    pub state: MessageState,
    pub attempts: i64,
    pub next_at: Moment,
    pub sent_at: Option<Moment>,
    pub provider_id: String,
    pub error: String,
    pub token: String,
    pub created_at: Moment,
}

macro_rules! select_message {
    ($ending:literal) => {
        concat!(
            "select id, channel, address, kind, subject, text, owner_id, user_id, then_channel, then_address, state, attempts, next_at, sent_at,
                provider_id, error, token, created_at
            from message ",
            $ending
        )
    };
}

/// Puts messages into the outbox, in the transaction of what they tell of. Who cannot be reached by the first way gets it by the second.
pub async fn write(tx: &mut Tx, messages: &[NewMessage], now: Moment) -> db::Result<()> {
    let lost = unreachable(&mut *tx, messages).await?;
    let rows: Vec<(&NewMessage, &Place, Option<&Place>, MessageState)> = messages
        .iter()
        .map(|message| match (lost.contains(&message.to), &message.otherwise) {
            (false, otherwise) => (message, &message.to, otherwise.as_ref(), MessageState::Waiting),
            (true, Some(place)) if !lost.contains(place) => (message, place, None, MessageState::Waiting),
            (true, _) => (message, &message.to, None, MessageState::Refused),
        })
        .collect();
    let into = "message (channel, address, kind, subject, text, owner_id, user_id, then_channel, then_address, state, next_at, token, key, created_at)";
    insert_absent(tx, into, &rows, |statement, (message, place, otherwise, state)| {
        statement
            .bind(place.channel)
            .bind(place.address.as_str())
            .bind(message.kind)
            .bind(message.subject.as_str())
            .bind(message.text.as_str())
            .bind(message.owner)
            .bind(message.user)
            .bind(otherwise.map(|place| place.channel))
            .bind(otherwise.map(|place| place.address.as_str()))
            .bind(*state)
            .bind(now)
            .bind(new_token())
            .bind(message.key.as_deref())
            .bind(now)
    })
    .await?;
    tx.ring(Bell::Messages);
    Ok(())
}

/// 128 bits from the operating system, in hexadecimal.
fn new_token() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

/// Of the places that messages go to, those where nobody can be reached.
async fn unreachable(on: impl Into<On<'_>>, messages: &[NewMessage]) -> db::Result<HashSet<Place>> {
    let mut on = on.into();
    let places: Vec<&Place> = messages.iter().flat_map(|message| [Some(&message.to), message.otherwise.as_ref()]).flatten().collect();
    let mut lost = HashSet::new();
    for chunk in places.chunks(400) {
        let sql = format!("select channel, address from unreachable where address in ({})", placeholders(1, chunk.len()));
        let statement = chunk.iter().fold(q(&mut on, sql), |statement, place| statement.bind(place.address.as_str()));
        let rows: Vec<(Channel, String)> = statement.all().await?;
        lost.extend(rows.into_iter().map(|(channel, address)| Place { channel, address }));
    }
    Ok(lost)
}

/// What a carrier tells of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken over, under the carrier's own name for it.
    Taken(String),
    /// Perhaps another time; not before the time that the carrier named.
    Later { why: String, after: Option<Duration> },
    /// Nobody can be reached there, and will not be.
    Unreachable(String),
    /// It will never be taken as it is.
    Refused(String),
}

impl Message {
    pub async fn find(on: impl Into<On<'_>>, id: MessageId) -> db::Result<Option<Self>> {
        q(on, select_message!("where id = $1")).bind(id).opt().await
    }

    /// By what a link names; nothing for what could never be a token.
    pub async fn by_token(on: impl Into<On<'_>>, token: &str) -> db::Result<Option<Self>> {
        if !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        q(on, select_message!("where token = $1")).bind(token).opt().await
    }

    pub fn place(&self) -> Place {
        Place { channel: self.channel, address: self.address.clone() }
    }

    /// Keys of messages that somebody should send now, the longest waiting first.
    pub async fn due(db: &Db, channel: Channel, is_quiet_time: bool, now: Moment, limit: i64) -> db::Result<Vec<MessageId>> {
        let loud: Vec<MessageKind> = MessageKind::ALL.iter().copied().filter(|kind| !is_quiet_time || !kind.is_quiet()).collect();
        let sql = format!(
            "select id from message
            where state = 'waiting' and next_at <= $1 and (lease_until is null or lease_until <= $1) and channel = $2 and kind in ({})
            order by next_at, id
            limit ${}",
            placeholders(3, loud.len()),
            loud.len() + 3
        );
        let statement = q(db, sql).bind(now).bind(channel);
        loud.into_iter().fold(statement, Q::bind).bind(limit).scalars().await
    }

    /// Takes it for the length of a lease; `None` when another node was faster.
    pub async fn take(db: &Db, id: MessageId, now: Moment) -> db::Result<Option<Self>> {
        let mut tx = db.begin().await?;
        let sql = "update message
            set lease_until = $2, attempts = attempts + 1
            where id = $3 and state = 'waiting' and next_at <= $1 and (lease_until is null or lease_until <= $1)";
        let taken = q(&mut tx, sql).bind(now).bind(now.plus(LEASE)).bind(id).run().await?;
        let message = if taken == 1 { Self::find(&mut tx, id).await? } else { None };
        tx.commit().await?;
        Ok(message)
    }

    /// Notes what became of this attempt. One whose lease another node has taken by now changes nothing.
    pub async fn note(&self, tx: &mut Tx, outcome: &Outcome, now: Moment) -> db::Result<()> {
        match outcome {
            Outcome::Taken(name) => self.end(tx, MessageState::Sent, name, "", now).await,
            Outcome::Later { why, .. } if self.attempts >= MOST_ATTEMPTS => self.end(tx, MessageState::Parked, "", why, now).await,
            Outcome::Later { why, after } => {
                let wait = after.unwrap_or_else(|| self.wait()).min(Duration::days(1));
                let sql =
                    "update message set next_at = $3, lease_until = null, error = $4 where id = $1 and attempts = $2 and state = 'waiting'";
                let statement = q(tx, sql).bind(self.id).bind(self.attempts).bind(now.plus(wait)).bind(shortened(why));
                statement.run().await.map(drop)
            }
            Outcome::Refused(why) => self.end(tx, MessageState::Parked, "", why, now).await,
            Outcome::Unreachable(why) => {
                give_up(&mut *tx, &self.place(), why, now).await?;
                match (self.then_channel, &self.then_address) {
                    (Some(channel), Some(address)) => {
                        self.end(&mut *tx, MessageState::Refused, "", why, now).await?;
                        write(tx, &[self.by_the_other_way(Place { channel, address: address.clone() })], now).await
                    }
                    _ => self.end(tx, MessageState::Refused, "", why, now).await,
                }
            }
        }
    }

    fn by_the_other_way(&self, to: Place) -> NewMessage {
        NewMessage {
            to,
            otherwise: None,
            kind: self.kind,
            subject: self.subject.clone(),
            text: self.text.clone(),
            owner: self.owner_id,
            user: self.user_id,
            key: Some(format!("instead:{}", self.id)),
        }
    }

    /// Longer after every failure.
    fn wait(&self) -> Duration {
        let doublings = u32::try_from(self.attempts.clamp(1, 16)).unwrap_or(16) - 1;
        FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }

    async fn end(&self, tx: &mut Tx, state: MessageState, name: &str, error: &str, now: Moment) -> db::Result<()> {
        let sent_at = (state == MessageState::Sent).then_some(now);
        let sql = "update message
            set state = $3, provider_id = $4, error = $5, sent_at = $6, lease_until = null
            where id = $1 and attempts = $2 and state = 'waiting'";
        let statement = q(tx, sql).bind(self.id).bind(self.attempts).bind(state).bind(shortened(name)).bind(shortened(error));
        statement.bind(sent_at).run().await.map(drop)
    }

    /// Sends one that did not arrive once more, also to where nobody could be reached before. `false` when it is on its way or was sent.
    pub async fn send_again(&self, tx: &mut Tx, now: Moment) -> db::Result<bool> {
        q(&mut *tx, "delete from unreachable where channel = $1 and address = $2")
            .bind(self.channel)
            .bind(self.address.as_str())
            .run()
            .await?;
        let sql = "update message set state = 'waiting', attempts = 0, next_at = $2, error = '' where id = $1 and state in ('parked', 'refused', 'held')";
        let is_waiting = q(&mut *tx, sql).bind(self.id).bind(now).run().await? == 1;
        tx.ring(Bell::Messages);
        Ok(is_waiting)
    }
}

/// One engine refuses a NUL in a text.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST_ERROR).collect()
}

/// From now on nothing is sent there.
pub async fn give_up(tx: &mut Tx, place: &Place, why: &str, now: Moment) -> db::Result<()> {
    q(tx, "insert into unreachable (channel, address, reason, since) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(place.channel)
        .bind(place.address.as_str())
        .bind(shortened(why))
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// Holds back everything that waits: a backup does not know what was sent after it was taken.
pub async fn hold_all(tx: &mut Tx) -> db::Result<u64> {
    q(tx, "update message set state = 'held' where state = 'waiting'").run().await
}
