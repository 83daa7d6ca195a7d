//! A reading put in the place of another: the old one stays as it was seen and no longer counts.

use super::{
    InstallationId, ReadingId, VisitId, Zone, accepted,
    checks::Flag,
    reading::{self, NewReading, Refusal, Source, State, Way},
    standing::Standing,
};
use crate::{
    db::{self, Tx, q},
    kernel::{Moment, Quantity},
    staff::user::UserId,
};

/// Other values for a reading, by somebody who has looked at it.
#[derive(Clone, Debug)]
pub struct Correction {
    pub of: ReadingId,
    /// As the corrector saw it: waiting for review, or accepted. A reading in another state by now is left alone.
    pub seen: State,
    pub values: Vec<(Zone, Quantity)>,
    pub note: String,
    pub by: UserId,
    /// The checks doubt these values too, and the corrector knows.
    pub is_insisted: bool,
}

/// Why nothing was corrected; the caller rolls back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCorrected {
    /// Somebody else decided before.
    DecidedAlready,
    Impossible(Refusal),
    /// What the checks doubt about the new values.
    Odd(Vec<Flag>),
}

#[derive(sqlx::FromRow)]
struct Old {
    installation_id: InstallationId,
    taken_at: Moment,
    visit_id: Option<VisitId>,
}

impl Correction {
    /// Stores the new reading, accepted, with its own flags.
    pub async fn store(&self, tx: &mut Tx, at: Moment) -> db::Result<Result<ReadingId, NotCorrected>> {
        // The guard is in the update itself, so that of two decisions at once one wins.
        let changed = q(
            &mut *tx,
            "update reading
            set state = 'superseded', reviewed_by = $3, reviewed_at = $4, review_note = $5
            where id = $1 and state = $2 and state in ('in_review', 'accepted')",
        )
        .bind(self.of)
        .bind(self.seen)
        .bind(self.by)
        .bind(at)
        .bind(self.note.as_str())
        .run()
        .await?;
        if changed == 0 {
            return Ok(Err(NotCorrected::DecidedAlready));
        }
        let old: Old = q(&mut *tx, "select installation_id, taken_at, visit_id from reading where id = $1").bind(self.of).one().await?;
        let new = self.reading(&old);
        let standing = Standing::load(&mut *tx, &[old.installation_id], old.taken_at).await?.pop();
        let judged = match reading::judge(standing.as_ref(), &new, at) {
            Ok(judged) if self.is_insisted || judged.state == State::Accepted => judged.accepted(),
            Ok(judged) => return Ok(Err(NotCorrected::Odd(judged.flags))),
            Err(refusal) => return Ok(Err(NotCorrected::Impossible(refusal))),
        };
        let way = Way { source: Source::Office, batch: None };
        let id = reading::store(tx, way, at, &[new], &[(0, judged)]).await?[0];
        q(&mut *tx, "update reading set supersedes_id = $2, reviewed_by = $3, reviewed_at = $4, review_note = $5 where id = $1")
            .bind(id)
            .bind(self.of)
            .bind(self.by)
            .bind(at)
            .bind(self.note.as_str())
            .run()
            .await?;
        accepted::tell(tx, &[id], at).await?;
        Ok(Ok(id))
    }

    fn reading(&self, old: &Old) -> NewReading {
        NewReading {
            installation: old.installation_id,
            taken_at: old.taken_at,
            values: self.values.clone(),
            author: Some(self.by),
            visit: old.visit_id,
            reason: None,
            note: String::new(),
            client_key: None,
        }
    }
}
