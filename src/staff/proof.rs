//! Proving who one is: a password, then a code where there is a second factor. The same for pages and for programs.

use super::{delay, password::Verdict, second_factor, user::User};
use crate::{app::App, kernel::Moment};

/// What came of an attempt. Every one counts on the ladder of delays until it proves right.
#[derive(Debug)]
pub enum Proof {
    Right(Box<User>),
    Wrong,
    /// Earlier failures forbid another try before then.
    TooSoon(Moment),
}

/// Checks a login with its password. An unknown login takes as long as a wrong password.
///
/// # Errors
/// [`Overloaded`](super::password::Overloaded) when too many passwords are being checked.
pub async fn of_password(app: &App, login: &str, password: &str, address: &str) -> anyhow::Result<Proof> {
    let subjects = delay::subjects(login, address);
    if let Some(until) = delay::attempt(&app.db, &subjects, app.clock.now()).await? {
        return Ok(Proof::TooSoon(until));
    }
    let user = User::by_login(&app.db, login).await?;
    let stored = user.as_ref().filter(|user| !user.is_blocked).and_then(|user| user.password_hash.clone());
    let verdict = app.hasher.verify(password.to_owned(), stored).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else { return Ok(Proof::Wrong) };
    let mut tx = app.db.begin().await?;
    delay::forgive(&mut tx, &subjects).await?;
    if let Verdict::RightAndRehashed(hash) = verdict {
        User::rehash_password(&mut tx, user.id, &hash).await?;
    }
    tx.commit().await?;
    Ok(Proof::Right(Box::new(user)))
}

/// Uses up a code of the second factor of somebody whose password was right.
pub async fn of_code(app: &App, user: User, code: &str, address: &str) -> anyhow::Result<Proof> {
    let (subjects, now) = (delay::code_subjects(&user.login, address), app.clock.now());
    if let Some(until) = delay::attempt(&app.db, &subjects, now).await? {
        return Ok(Proof::TooSoon(until));
    }
    let mut tx = app.db.begin().await?;
    if !second_factor::spend(&mut tx, &user, code, now).await? {
        tx.rollback().await?;
        return Ok(Proof::Wrong);
    }
    delay::forgive(&mut tx, &subjects).await?;
    tx.commit().await?;
    Ok(Proof::Right(Box::new(user)))
}
