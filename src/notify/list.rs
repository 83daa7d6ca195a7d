//! Messages as a list: by state, channel, kind and recipient, the newest first.

use super::{Channel, MessageId, MessageKind, MessageState};
use crate::{
    db::{self, Db, q},
    estate::{
        filter::{Conditions, Given, found, words},
        owner::OwnerId,
    },
    kernel::Moment,
    search::Found,
};

/// Messages grow without end, and nobody turns to the hundredth page; so many are counted.
pub const MOST_COUNTED: i64 = 2000;

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// In the name or phone of the owner that it goes to.
    pub words: String,
    pub state: Option<MessageState>,
    pub channel: Option<Channel>,
    pub kind: Option<MessageKind>,
    pub owner: Option<OwnerId>,
}

/// One message of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MessageRow {
    pub id: MessageId,
    pub channel: Channel,
    pub address: String,
    pub kind: MessageKind,
    pub subject: String,
    pub state: MessageState,
    pub attempts: i64,
    pub next_at: Moment,
    pub sent_at: Option<Moment>,
    pub error: String,
    pub created_at: Moment,
    /// Of the owner or the member of staff.
    pub name: Option<String>,
}

impl MessageFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(state) = self.state {
            conditions.and("m.state = ?1", vec![Given::Text(state.to_string())]);
        }
        if let Some(channel) = self.channel {
            conditions.and("m.channel = ?1", vec![Given::Text(channel.to_string())]);
        }
        if let Some(kind) = self.kind {
            conditions.and("m.kind = ?1", vec![Given::Text(kind.to_string())]);
        }
        if let Some(owner) = self.owner {
            conditions.and("m.owner_id = ?1", vec![Given::Key(owner.0)]);
        }
        for (from, before) in words(&self.words) {
            conditions.and(&format!("m.owner_id in ({})", found(Found::Owner)), vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    /// At most [`MOST_COUNTED`] and one.
    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        let conditions = self.conditions();
        let sql = format!("select count(*) from (select 1 from message m{} limit {}) counted", conditions.sql(), MOST_COUNTED + 1);
        conditions.bind(q(db, sql)).scalar().await
    }

    pub async fn rows(&self, db: &Db, (limit, offset): (i64, i64)) -> db::Result<Vec<MessageRow>> {
        let conditions = self.conditions();
        let next = conditions.next();
        let sql = format!(
            "select m.id, m.channel, m.address, m.kind, m.subject, m.state, m.attempts, m.next_at, m.sent_at, m.error, m.created_at,
                coalesce(o.full_name, u.name) as name
            from message m
            left join owner o on o.id = m.owner_id
            left join staff_user u on u.id = m.user_id{}
            order by m.id desc
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}

/// How many messages stand in each state that a person may have to look at.
pub async fn waiting_and_parked(db: &Db) -> db::Result<(i64, i64)> {
    q(db, "select count(case when state = 'waiting' then 1 end), count(case when state in ('parked', 'held') then 1 end) from message where state in ('waiting', 'parked', 'held')")
        .one()
        .await
}
