//! The ladder of growing delays after failed sign-ins, per login and per address. Never a hard lock-out.

use time::Duration;

use crate::{
    db::{self, Db, Tx, placeholders, q},
    kernel::{Moment, text::clean_line},
};

/// So many mistakes with one login are free: people mistype.
const FREE_FOR_LOGIN: i64 = 4;
/// A whole office may share one address.
const FREE_FOR_ADDRESS: i64 = 20;
/// The longest anyone waits.
const LONGEST: Duration = Duration::minutes(15);
/// After so long without a failure the ladder begins anew.
const FORGOTTEN_AFTER: Duration = Duration::hours(24);

/// One second after the first mistake that is not free, doubling with each further one.
fn wait(failures: i64, free: i64) -> Duration {
    let steps = u32::try_from(failures - free).unwrap_or(0).min(20);
    if steps == 0 { Duration::ZERO } else { Duration::seconds(1 << (steps - 1)).min(LONGEST) }
}

/// What counts failures: the login tried and the address it was tried from.
pub fn subjects(login: &str, address: &str) -> [String; 2] {
    // Cleaned, because one engine refuses a NUL in a text.
    let login: String = clean_line(login).chars().take(100).collect();
    [format!("login {}", login.to_lowercase()), format!("address {address}")]
}

/// The same for codes of the second step, which have a ladder of their own: whoever knows the password could clear the first one.
pub fn code_subjects(login: &str, address: &str) -> [String; 2] {
    [format!("code {login}"), format!("address {address}")]
}

/// The moment before which none of the subjects may try again, if it is still to come.
async fn until(db: &Db, subjects: &[String], now: Moment) -> db::Result<Option<Moment>> {
    let sql = format!("select max(until_at) from sign_in_delay where subject in ({})", placeholders(1, subjects.len()));
    let mut statement = q(db, sql);
    for subject in subjects {
        statement = statement.bind(subject.clone());
    }
    let until: Option<Moment> = statement.scalar().await?;
    Ok(until.filter(|until| *until > now))
}

/// Counts an attempt as failed before it is judged, so that many guesses at once all count; `forgive` takes it back when it was right.
/// Says until when to wait, and counts nothing, while an earlier failure forbids another try.
pub async fn attempt(db: &Db, subjects: &[String; 2], now: Moment) -> db::Result<Option<Moment>> {
    let mut tx = db.begin().await?;
    for (subject, free) in subjects.iter().zip([FREE_FOR_LOGIN, FREE_FOR_ADDRESS]) {
        if !count(&mut tx, subject, free, now).await? {
            tx.rollback().await?;
            return Ok(Some(until(db, subjects, now).await?.unwrap_or(now)));
        }
    }
    tx.commit().await?;
    Ok(None)
}

/// False, and nothing counted, while the subject must wait.
async fn count(tx: &mut Tx, subject: &str, free: i64, now: Moment) -> db::Result<bool> {
    let failures: Option<i64> = q(
        &mut *tx,
        "insert into sign_in_delay (subject, failures, failed_at, until_at)
        values ($1, 1, $2, $2)
        on conflict (subject) do update
        set failures = case when sign_in_delay.failed_at < $3 then 1 else sign_in_delay.failures + 1 end, failed_at = $2
        where sign_in_delay.until_at <= $2
        returning failures",
    )
    .bind(subject.to_owned())
    .bind(now)
    .bind(now.minus(FORGOTTEN_AFTER))
    .scalar_opt()
    .await?;
    let Some(failures) = failures else { return Ok(false) };
    q(tx, "update sign_in_delay set until_at = $2 where subject = $1")
        .bind(subject.to_owned())
        .bind(now.plus(wait(failures, free)))
        .run()
        .await?;
    Ok(true)
}

/// The attempt was right: the login's ladder is cleared. The address only gets its one attempt back, or one known login would open it
/// for guessing others.
pub async fn forgive(tx: &mut Tx, subjects: &[String; 2]) -> db::Result<()> {
    q(&mut *tx, "delete from sign_in_delay where subject = $1").bind(subjects[0].clone()).run().await?;
    give_back(tx, &subjects[1]).await
}

async fn give_back(tx: &mut Tx, subject: &str) -> db::Result<()> {
    q(tx, "update sign_in_delay set failures = failures - 1 where subject = $1 and failures > 0").bind(subject.to_owned()).run().await?;
    Ok(())
}

/// Deletes what no longer counts: every ladder that would begin anew; answers how many.
pub async fn forget_old(tx: &mut Tx, now: Moment) -> db::Result<u64> {
    q(tx, "delete from sign_in_delay where failed_at < $1").bind(now.minus(FORGOTTEN_AFTER)).run().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_free_and_guessing_is_slow() {
        assert_eq!(wait(1, 4), Duration::ZERO);
        assert_eq!(wait(4, 4), Duration::ZERO);
        assert_eq!(wait(5, 4), Duration::seconds(1));
        assert_eq!(wait(9, 4), Duration::seconds(16));
        assert_eq!(wait(1_000_000, 4), LONGEST);
    }
}
