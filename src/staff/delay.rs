//! The ladder of growing delays after failed sign-ins, per login and per address. Never a hard lock-out.

use time::Duration;

use crate::{
    db::{self, Db, Tx, placeholders, q},
    kernel::Moment,
};

/// So many mistakes are free: people mistype.
const FREE: i64 = 4;
/// The longest anyone waits.
const LONGEST: Duration = Duration::minutes(15);
/// After so long without a failure the ladder begins anew.
const FORGOTTEN_AFTER: Duration = Duration::hours(24);

/// One second after the fifth failure, doubling with each further one.
fn wait(failures: i64) -> Duration {
    let steps = u32::try_from(failures - FREE).unwrap_or(0).min(20);
    if steps == 0 { Duration::ZERO } else { Duration::seconds(1 << (steps - 1)).min(LONGEST) }
}

/// What counts failures: the login tried and the address it was tried from.
pub fn subjects(login: &str, address: &str) -> [String; 2] {
    [format!("login {}", login.chars().take(100).collect::<String>().to_lowercase()), format!("address {address}")]
}

/// The moment before which none of the subjects may try again, if it is still to come.
pub async fn until(db: &Db, subjects: &[String], now: Moment) -> db::Result<Option<Moment>> {
    let sql = format!("select max(until_at) from sign_in_delay where subject in ({})", placeholders(1, subjects.len()));
    let mut statement = q(db, sql);
    for subject in subjects {
        statement = statement.bind(subject.clone());
    }
    let until: Option<Moment> = statement.scalar().await?;
    Ok(until.filter(|until| *until > now))
}

/// Notes a failure of every subject.
pub async fn note_failure(tx: &mut Tx, subjects: &[String], now: Moment) -> db::Result<()> {
    for subject in subjects {
        let failures: i64 = q(
            &mut *tx,
            "insert into sign_in_delay (subject, failures, failed_at, until_at)
            values ($1, 1, $2, $2)
            on conflict (subject) do update
            set failures = case when sign_in_delay.failed_at < $3 then 1 else sign_in_delay.failures + 1 end, failed_at = $2
            returning failures",
        )
        .bind(subject.clone())
        .bind(now)
        .bind(now.minus(FORGOTTEN_AFTER))
        .scalar()
        .await?;
        q(&mut *tx, "update sign_in_delay set until_at = $2 where subject = $1")
            .bind(subject.clone())
            .bind(now.plus(wait(failures)))
            .run()
            .await?;
    }
    Ok(())
}

/// A right password clears the login's ladder; the address keeps its own, or one known login would open it for guessing others.
pub async fn clear_login(tx: &mut Tx, subjects: &[String; 2]) -> db::Result<()> {
    q(tx, "delete from sign_in_delay where subject = $1").bind(subjects[0].clone()).run().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_free_and_guessing_is_slow() {
        assert_eq!(wait(1), Duration::ZERO);
        assert_eq!(wait(FREE), Duration::ZERO);
        assert_eq!(wait(FREE + 1), Duration::seconds(1));
        assert_eq!(wait(FREE + 5), Duration::seconds(16));
        assert_eq!(wait(1_000_000), LONGEST);
    }
}
