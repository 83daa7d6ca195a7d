//! Passwords: argon2id, off the async threads, never more than two at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::config::Config;

/// Hashing uses so much memory that only so many run at once.
const AT_ONCE: usize = 2;
/// And only so many wait; a flood of sign-ins is turned away instead of queued without end.
const WAITING: usize = 32;

/// Why a password is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    TooShort,
    TooLong,
    Common,
}

impl Weakness {
    pub fn key(self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-too-common",
        }
    }
}

/// Too many sign-ins at once.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Overloaded;

/// What checking a password found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed with weaker parameters than today's: store the new hash.
    RightAndRehashed(String),
}

/// Hashes and checks passwords with the configured parameters.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Checked for logins that do not exist, so that they take as long as those that do.
    dummy: Arc<str>,
}

impl Hasher {
    pub fn new(config: &Config) -> Self {
        let params = Params::new(config.argon2_memory_kib, config.argon2_passes, 1, None).unwrap_or_default();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = argon2.hash_password(b"nobody has this password").map(|hash| hash.to_string()).unwrap_or_default();
        Self { argon2, running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::new(Semaphore::new(WAITING)), dummy: dummy.into() }
    }

    /// The PHC string to store.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let argon2 = self.argon2.clone();
        self.off_thread(move || hash_with(&argon2, &password)).await?
    }

    /// Checks a password against a stored hash; `None` (no such login, no password yet) takes as long and is wrong.
    pub async fn verify(&self, password: String, stored: Option<String>) -> anyhow::Result<Verdict> {
        let argon2 = self.argon2.clone();
        let is_real = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.dummy.to_string());
        let verdict = self.off_thread(move || verify_with(&argon2, &password, &hash)).await??;
        Ok(if is_real { verdict } else { Verdict::Wrong })
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
        let _place = self.waiting.clone().try_acquire_owned().map_err(|_| Overloaded)?;
        let running = self.running.clone().acquire_owned().await?;
        Ok(tokio::task::spawn_blocking(move || {
            let done = work();
            drop(running);
            done
        })
        .await?)
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &str) -> anyhow::Result<String> {
    let hash = argon2.hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?;
    Ok(hash.to_string())
}

fn verify_with(argon2: &Argon2<'_>, password: &str, stored: &str) -> anyhow::Result<Verdict> {
    let parsed = PasswordHash::new(stored).map_err(|error| anyhow::anyhow!("a stored password hash is broken: {error}"))?;
    if argon2.verify_password(password.as_bytes(), &parsed).is_err() {
        return Ok(Verdict::Wrong);
    }
    let stored_params = Params::try_from(&parsed).map_err(|error| anyhow::anyhow!("a stored password hash is broken: {error}"))?;
    let today = argon2.params();
    if stored_params.m_cost() < today.m_cost() || stored_params.t_cost() < today.t_cost() {
        return Ok(Verdict::RightAndRehashed(hash_with(argon2, password)?));
    }
    Ok(Verdict::Right)
}

/// 12 to 256 bytes and not one of the passwords everybody tries; no composition rules (NIST SP 800-63B).
pub fn weakness(password: &str) -> Option<Weakness> {
    match password.len() {
        ..12 => Some(Weakness::TooShort),
        257.. => Some(Weakness::TooLong),
        _ if is_common(password) => Some(Weakness::Common),
        _ => None,
    }
}

/// Passwords of twelve and more characters that lead every list of leaked ones, and their obvious repetitions.
const COMMON: &str = include_str!("common_passwords.txt");

fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let is_repetition = (1..=4).any(|length| {
        let characters: Vec<char> = folded.chars().collect();
        characters.iter().enumerate().all(|(index, c)| *c == characters[index % length.min(characters.len())])
    });
    is_repetition || COMMON.lines().any(|line| line == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_repeated_passwords_are_refused() {
        assert_eq!(weakness("короткий1"), None, "nine Cyrillic letters are 17 bytes");
        assert_eq!(weakness("short"), Some(Weakness::TooShort));
        assert_eq!(weakness(&"x".repeat(257)), Some(Weakness::TooLong));
        for common in ["password1234", "QWERTYUIOP123", "aaaaaaaaaaaa", "abcabcabcabc"] {
            assert_eq!(weakness(common), Some(Weakness::Common), "{common}");
        }
        assert_eq!(weakness("море у калитки 7"), None);
    }
}
