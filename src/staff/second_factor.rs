//! The second factor: a code from the phone's authenticator (RFC 6238), or one of ten recovery codes for when the phone is gone.
//!
//! No code works twice: a time step is used up by the first code of it, a recovery code by its first use.

use anyhow::Context as _;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

use super::user::{User, UserId};
use crate::{
    db::{self, On, Tx, q},
    kernel::{Moment, qr, text::hex},
};

const ISSUER: &str = "Meterbook";
/// 160 bits, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;

/// What the phone and we both know.
pub struct SecondFactor(Totp);

impl SecondFactor {
    /// A new secret in base 32, from the operating system's randomness.
    pub fn new_secret() -> String {
        let mut bytes = [0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        Secret::new_stack(bytes).to_base32()
    }

    /// The factor with this secret; `None` when the secret is no longer readable.
    pub fn of(secret: &str, login: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(secret).ok()?;
        Builder::new().with_secret(secret).with_issuer(Some(ISSUER)).with_account_name(login).build().ok().map(Self)
    }

    /// The time step the code belongs to, if it is right now, or was or will be half a minute away.
    pub fn step_of(&self, code: &str, at: Moment) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let seconds = u64::try_from(at.utc().unix_timestamp()).ok()?;
        self.0.check(&digits, seconds).and_then(|step| step.try_into().ok())
    }

    /// What an authenticator shows at the moment.
    pub fn code_at(&self, at: Moment) -> String {
        self.0.generate(u64::try_from(at.utc().unix_timestamp()).unwrap_or_default()).to_string()
    }

    /// The picture an authenticator reads the secret from, as SVG.
    pub fn picture(&self) -> anyhow::Result<String> {
        let url = self.0.to_url().map_err(|error| anyhow::anyhow!("the address of a second factor: {error}"))?;
        qr::svg(&url).context("the address of a second factor is longer than a picture holds")
    }
}

/// Does the person have a second factor?
pub fn is_on(user: &User) -> bool {
    user.totp_secret.is_some()
}

/// Switches the factor on with the step of the code that proved it; the recovery codes returned are never readable again.
pub async fn switch_on(tx: &mut Tx, user: UserId, secret: &str, step: i64) -> db::Result<Vec<String>> {
    User::set_totp(tx, user, Some(secret)).await?;
    User::spend_totp_step(tx, user, step).await?;
    forget_recovery_codes(tx, user).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect();
    for code in &codes {
        q(&mut *tx, "insert into recovery_code (user_id, code_hash) values ($1, $2)").bind(user).bind(hash(code)).run().await?;
    }
    Ok(codes)
}

pub async fn switch_off(tx: &mut Tx, user: UserId) -> db::Result<()> {
    User::set_totp(tx, user, None).await?;
    forget_recovery_codes(tx, user).await
}

async fn forget_recovery_codes(tx: &mut Tx, user: UserId) -> db::Result<()> {
    q(tx, "delete from recovery_code where user_id = $1").bind(user).run().await?;
    Ok(())
}

/// Uses a code up, of either kind; false when it is wrong or was used before.
pub async fn spend(tx: &mut Tx, user: &User, code: &str, at: Moment) -> db::Result<bool> {
    let factor = user.totp_secret.as_deref().and_then(|secret| SecondFactor::of(secret, &user.login));
    match factor.and_then(|factor| factor.step_of(code, at)) {
        Some(step) => User::spend_totp_step(tx, user.id, step).await,
        None => spend_recovery_code(tx, user.id, code, at).await,
    }
}

async fn spend_recovery_code(tx: &mut Tx, user: UserId, code: &str, at: Moment) -> db::Result<bool> {
    let spent = q(tx, "update recovery_code set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null")
        .bind(user)
        .bind(hash(code))
        .bind(at)
        .run()
        .await?;
    Ok(spent == 1)
}

/// How many recovery codes are still unused.
pub async fn recovery_codes_left(on: impl Into<On<'_>>, user: UserId) -> db::Result<i64> {
    q(on, "select count(*) from recovery_code where user_id = $1 and used_at is null").bind(user).scalar().await
}

/// 80 bits in four groups, easy to copy from paper.
fn new_recovery_code() -> String {
    let mut bytes = [0; 10];
    rand::rng().fill_bytes(&mut bytes);
    let digits = hex(&bytes);
    [&digits[..5], &digits[5..10], &digits[10..15], &digits[15..]].join("-")
}

/// Codes are random, so that a plain hash cannot be guessed back; letter case, dashes and spaces do not matter.
fn hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hex(&Sha256::digest(plain.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        let factor = SecondFactor::of(SECRET, "anna").unwrap();
        // The last six of the eight digits in appendix B of RFC 6238.
        assert_eq!(factor.code_at(Moment::new(datetime!(1970-01-01 0:00:59 UTC))), "287082");
        assert_eq!(factor.code_at(Moment::new(datetime!(2005-03-18 1:58:29 UTC))), "081804");
    }

    #[test]
    fn a_code_lives_for_a_minute_and_a_half() {
        let factor = SecondFactor::of(SECRET, "анна").unwrap();
        let now = Moment::new(datetime!(2026-11-20 09:00 UTC));
        let code = factor.code_at(now);
        let step = factor.step_of(&code, now).unwrap();
        assert_eq!(factor.step_of(&format!(" {} {}", &code[..3], &code[3..]), now.plus(Duration::seconds(30))), Some(step));
        assert_eq!(factor.step_of(&code, now.plus(Duration::seconds(60))), None);
        for wrong in ["", "000", "１２３４５６", "12345678901234567890", "x\0"] {
            assert_eq!(factor.step_of(wrong, now), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_picture_has_no_style_that_the_policy_forbids() {
        let picture = SecondFactor::of(SECRET, "анна").unwrap().picture().unwrap();
        assert!(picture.starts_with("<svg") && !picture.contains("style"), "{picture}");
    }

    #[test]
    fn a_recovery_code_may_be_typed_as_people_do() {
        let code = new_recovery_code();
        assert_eq!(hash(&code), hash(&code.to_uppercase().replace('-', " ")));
        assert_ne!(hash(&code), hash(&new_recovery_code()));
    }
}
