//! The sessions a person has open: what the list of one's own devices shows and ends.

use super::user::UserId;
use crate::{
    db::{self, On, Tx, q},
    kernel::Moment,
};

/// A session as its person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OpenSession {
    pub id_hash: String,
    pub address: String,
    pub agent: String,
    pub created_at: Moment,
    pub seen_at: Moment,
}

impl OpenSession {
    pub async fn of(on: impl Into<On<'_>>, user: UserId, now: Moment) -> db::Result<Vec<Self>> {
        q(on, "select id_hash, address, agent, created_at, seen_at from session where user_id = $1 and expires_at > $2 order by seen_at desc limit 50")
            .bind(user)
            .bind(now)
            .all()
            .await
    }

    /// Ends one of the person's sessions.
    pub async fn end(tx: &mut Tx, user: UserId, id_hash: &str) -> db::Result<()> {
        q(tx, "delete from session where user_id = $1 and id_hash = $2").bind(user).bind(id_hash).run().await?;
        Ok(())
    }

    /// Ends all but one.
    pub async fn end_others(tx: &mut Tx, user: UserId, kept: &str) -> db::Result<()> {
        q(tx, "delete from session where user_id = $1 and id_hash <> $2").bind(user).bind(kept).run().await?;
        Ok(())
    }

    pub async fn end_all(tx: &mut Tx, user: UserId) -> db::Result<()> {
        q(tx, "delete from session where user_id = $1").bind(user).run().await?;
        Ok(())
    }
}
