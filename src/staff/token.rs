//! Bearer tokens: what a program proves itself with. Shown once, kept as a hash, ended by time, a block, another role or password.

use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::user::{User, UserId};
use crate::{
    db::{self, Db, Tx, q},
    kernel::{Moment, text::hex},
};

/// A program signs in anew after so long.
const VALID: Duration = Duration::days(30);
/// How often "last seen" is written down.
const SEEN_EVERY: Duration = Duration::minutes(5);
/// By which a token is recognised where it does not belong: in a log, in a repository.
const PREFIX: &str = "meterbook_";

/// A token just made.
#[derive(Clone, Debug)]
pub struct Issued {
    /// 256 random bits; never readable again.
    pub token: String,
    pub expires_at: Moment,
}

/// The key under which a token is stored, and by which its calls are counted.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// Makes a token for somebody who proved who they are.
pub async fn issue(tx: &mut Tx, user: &User, address: &str, agent: &str, now: Moment) -> db::Result<Issued> {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = format!("{PREFIX}{}", hex(&bytes));
    let expires_at = now.plus(VALID);
    q(
        tx,
        "insert into api_token (token_hash, user_id, auth_epoch, address, agent, created_at, expires_at, seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $6)",
    )
    .bind(hash(&token))
    .bind(user.id)
    .bind(user.auth_epoch)
    .bind(address)
    .bind(agent.chars().take(200).collect::<String>())
    .bind(now)
    .bind(expires_at)
    .run()
    .await?;
    Ok(Issued { token, expires_at })
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: i64,
    user_id: UserId,
    auth_epoch: i64,
    expires_at: Moment,
    seen_at: Moment,
}

/// Whose token it is, as the database has them now; nobody's once it ended.
pub async fn owner(db: &Db, token: &str, now: Moment) -> db::Result<Option<User>> {
    let stored: Option<Stored> =
        q(db, "select id, user_id, auth_epoch, expires_at, seen_at from api_token where token_hash = $1").bind(hash(token)).opt().await?;
    let Some(stored) = stored.filter(|stored| stored.expires_at > now) else { return Ok(None) };
    let user = User::find(db, stored.user_id).await?.filter(|user| !user.is_blocked && user.auth_epoch == stored.auth_epoch);
    if user.is_some() && now.since(stored.seen_at) > SEEN_EVERY {
        note_seen(db, stored.id, now).await?;
    }
    Ok(user)
}

async fn note_seen(db: &Db, id: i64, now: Moment) -> db::Result<()> {
    let mut tx = db.begin().await?;
    q(&mut tx, "update api_token set seen_at = $2 where id = $1").bind(id).bind(now).run().await?;
    tx.commit().await
}

/// Deletes the tokens that prove nothing any more; answers how many.
pub async fn forget_ended(tx: &mut Tx, now: Moment) -> db::Result<u64> {
    q(tx, "delete from api_token where expires_at <= $1").bind(now).run().await
}
