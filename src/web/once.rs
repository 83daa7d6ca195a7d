//! Calls that are made once however often they are sent: the first answer is kept under a key of the sender, in the transaction of what
//! it tells of.

use time::Duration;

use crate::{
    db::{self, Tx, q},
    kernel::Moment,
    staff::user::UserId,
};

/// So long an answer can be asked for again.
const KEPT: Duration = Duration::days(30);

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing did: the call is to be carried out, and its answer kept under this id.
    First(i64),
    Again(Kept),
    /// Another call was sent under the key.
    Other,
}

/// An answer as it was given first.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    request_hash: String,
    pub status: i64,
    /// Empty when there was none.
    pub location: String,
    pub body: String,
}

/// Takes the key for a call, or finds out what was sent under it before. Who sends the same at once waits here for the first.
pub async fn claim(tx: &mut Tx, user: UserId, key: &str, request_hash: &str, now: Moment) -> db::Result<Claim> {
    let taken: Option<i64> = q(
        &mut *tx,
        "insert into api_answer (user_id, key, request_hash, status, location, body, created_at)
        values ($1, $2, $3, 0, '', '', $4)
        on conflict do nothing
        returning id",
    )
    .bind(user)
    .bind(key)
    .bind(request_hash)
    .bind(now)
    .scalar_opt()
    .await?;
    if let Some(id) = taken {
        return Ok(Claim::First(id));
    }
    let kept: Kept = q(tx, "select request_hash, status, location, body from api_answer where user_id = $1 and key = $2")
        .bind(user)
        .bind(key)
        .one()
        .await?;
    Ok(if kept.request_hash == request_hash { Claim::Again(kept) } else { Claim::Other })
}

/// Keeps the answer to the call that took the key.
pub async fn keep(tx: &mut Tx, id: i64, status: u16, location: &str, body: &str) -> db::Result<()> {
    q(tx, "update api_answer set status = $2, location = $3, body = $4 where id = $1")
        .bind(id)
        .bind(i64::from(status))
        .bind(location)
        .bind(body)
        .run()
        .await?;
    Ok(())
}

/// Deletes the answers that nobody asks for any more; answers how many.
pub async fn forget_old(tx: &mut Tx, now: Moment) -> db::Result<u64> {
    q(tx, "delete from api_answer where created_at < $1").bind(now.minus(KEPT)).run().await
}
