//! One-time codes that let somebody set a password: the invitation of a new colleague, and the first administrator's.

use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::user::UserId;
use crate::{
    db::{self, On, Tx, q},
    kernel::{Moment, text::hex},
};

/// An invitation that is not used by then must be renewed.
const VALID: Duration = Duration::hours(72);
const SETUP: &str = "setup_code_hash";

/// 128 bits from the operating system, in hexadecimal; shown once, kept only as a hash.
pub fn new_code() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

fn hash(code: &str) -> String {
    hex(&Sha256::digest(code.trim()))
}

/// Makes an invitation; earlier ones of the same person no longer work.
pub async fn make(tx: &mut Tx, user: UserId, code: &str, at: Moment) -> db::Result<()> {
    q(&mut *tx, "update invite set used_at = $2 where user_id = $1 and used_at is null").bind(user).bind(at).run().await?;
    q(tx, "insert into invite (user_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4)")
        .bind(user)
        .bind(hash(code))
        .bind(at)
        .bind(at.plus(VALID))
        .run()
        .await?;
    Ok(())
}

/// Whose invitation it is, if it still works.
pub async fn whose(on: impl Into<On<'_>>, code: &str, at: Moment) -> db::Result<Option<UserId>> {
    q(on, "select user_id from invite where token_hash = $1 and used_at is null and expires_at > $2")
        .bind(hash(code))
        .bind(at)
        .scalar_opt()
        .await
}

/// Uses an invitation up; false when somebody was quicker.
pub async fn spend(tx: &mut Tx, code: &str, at: Moment) -> db::Result<bool> {
    let spent = q(tx, "update invite set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2")
        .bind(hash(code))
        .bind(at)
        .run()
        .await?;
    Ok(spent == 1)
}

/// Remembers the code with which the first administrator comes in; a newer one replaces it.
pub async fn make_setup(tx: &mut Tx, code: &str) -> db::Result<()> {
    q(tx, "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = $2")
        .bind(SETUP)
        .bind(hash(code))
        .run()
        .await?;
    Ok(())
}

/// Uses the first administrator's code up; false when it is wrong or was used.
pub async fn spend_setup(tx: &mut Tx, code: &str) -> db::Result<bool> {
    let spent = q(tx, "delete from setting where key = $1 and value = $2").bind(SETUP).bind(hash(code)).run().await?;
    Ok(spent == 1)
}
