//! The nightly check of the books: what it found is kept until a later check finds everything as it should be.

use serde::{Deserialize, Serialize};

use super::verify;
use crate::{
    db::{self, Db, On, Tx, q},
    kernel::Moment,
};

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub what: String,
    pub times: i64,
}

/// What the last check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfCheck {
    pub checked_at: Moment,
    /// None when everything agrees.
    pub differences: Vec<Difference>,
}

impl SelfCheck {
    /// The last check; `None` before the first night.
    pub async fn last(on: impl Into<On<'_>>) -> db::Result<Option<Self>> {
        let row: Option<(Moment, String)> = q(on, "select checked_at, findings from self_check order by id desc limit 1").opt().await?;
        Ok(row.map(|(checked_at, findings)| {
            // what cannot be read is no clean check
            let unread = || vec![Difference { what: findings.clone(), times: 1 }];
            Self { checked_at, differences: serde_json::from_str(&findings).unwrap_or_else(|_| unread()) }
        }))
    }

    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Is nothing known to be wrong with the books?
pub async fn is_clean(on: impl Into<On<'_>>) -> db::Result<bool> {
    Ok(SelfCheck::last(on).await?.is_none_or(|check| check.is_clean()))
}

/// Checks the books and keeps what was found.
pub async fn run(db: &Db, now: Moment) -> anyhow::Result<SelfCheck> {
    let findings = verify::books(db).await?;
    let broken = findings.into_iter().filter(|finding| finding.broken > 0);
    let differences: Vec<Difference> = broken.map(|finding| Difference { what: finding.what.to_owned(), times: finding.broken }).collect();
    for difference in &differences {
        tracing::error!(what = difference.what, times = difference.times, "the books do not agree");
    }
    let mut tx = db.begin().await?;
    keep(&mut tx, now, &differences).await?;
    tx.commit().await?;
    Ok(SelfCheck { checked_at: now, differences })
}

/// Keeps this check beside the last ones; a month of them is enough.
async fn keep(tx: &mut Tx, now: Moment, differences: &[Difference]) -> anyhow::Result<()> {
    let findings = serde_json::to_string(differences)?;
    q(&mut *tx, "insert into self_check (checked_at, findings) values ($1, $2)").bind(now).bind(findings).run().await?;
    q(tx, "delete from self_check where id <= (select max(id) from self_check) - 31").run().await?;
    Ok(())
}
