//! A visit: what happened at one premise, once. The phone makes its key, so that the same visit sent twice is one visit.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    InstallationId, MeterId, VisitId, Zone,
    reading::{self, NewReading, Reason, Refusal, Source, Submitted, Way},
    round::{Round, RoundId, StopState},
    seal::{NewSealCheck, SealState},
};
use crate::{
    db::{self, Tx, insert_many_for_ids, q},
    estate::premise::PremiseId,
    kernel::text::hex,
    kernel::{Moment, Quantity},
    staff::user::UserId,
};

crate::text_enum! {
    /// What came of it: the meters were read, or why not.
    Outcome as "outcome" {
        Read = "read",
        NoAccess = "no_access",
        NoMeter = "no_meter",
        Stopped = "stopped",
        Dog = "dog",
        Other = "other",
    }
}

/// A visit as the phone tells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewVisit {
    /// Made on the phone; 8 to 64 letters, digits and dashes.
    pub key: String,
    pub premise: PremiseId,
    pub round: Option<RoundId>,
    pub outcome: Outcome,
    pub note: String,
    pub visited_at: Moment,
    pub meters: Vec<Seen>,
}

/// What was seen of one meter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub installation: InstallationId,
    pub meter: MeterId,
    /// Empty when only the seal was looked at.
    pub values: Vec<(Zone, Quantity)>,
    pub reason: Option<Reason>,
    pub note: String,
    pub seal: Option<SealState>,
}

/// What a visit came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: VisitId,
    /// False when the same visit came before.
    pub is_new: bool,
    pub readings: Vec<(InstallationId, Submitted)>,
}

/// Why a visit is refused; the caller rolls back, so that nothing of it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitRefusal {
    /// The key was used for another visit.
    KeyReused,
    /// A reading of it is impossible.
    Reading(InstallationId, Refusal),
}

const WAY: Way = Way { source: Source::Controller, batch: None };

impl NewVisit {
    /// What makes two visits with one key the same visit. Not the moment: a form without script carries none, and gets another at each
    /// sending.
    fn content_hash(&self) -> String {
        let told = serde_json::to_vec(&(&self.key, self.premise, self.round, self.outcome, &self.note, &self.meters)).unwrap_or_default();
        hex(&Sha256::digest(&told))
    }

    /// Stores the visit, its readings and seal checks, and marks the stop, all or nothing; the same visit again gets the first answer.
    pub async fn store(&self, tx: &mut Tx, by: UserId, now: Moment) -> db::Result<Result<Stored, VisitRefusal>> {
        let hash = self.content_hash();
        let inserted: Option<VisitId> = q(
            &mut *tx,
            "insert into visit (client_key, content_hash, premise_id, round_id, controller_id, outcome, note, visited_at, received_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (client_key) do nothing
            returning id",
        )
        .bind(self.key.as_str())
        .bind(hash.as_str())
        .bind(self.premise)
        .bind(self.round)
        .bind(by)
        .bind(self.outcome)
        .bind(self.note.as_str())
        .bind(self.visited_at)
        .bind(now)
        .scalar_opt()
        .await?;
        let Some(id) = inserted else { return self.first_answer(tx, by, &hash).await };
        let outcomes = reading::submit_many(tx, WAY, now, self.readings(by, id, self.visited_at)).await?;
        let mut readings = Vec::new();
        for (seen, outcome) in self.meters.iter().filter(|seen| !seen.values.is_empty()).zip(outcomes) {
            match outcome {
                Ok(submitted) => readings.push((seen.installation, submitted)),
                Err(refusal) => return Ok(Err(VisitRefusal::Reading(seen.installation, refusal))),
            }
        }
        self.store_seals(tx, by, id).await?;
        self.mark_stop(tx).await?;
        Ok(Ok(Stored { id, is_new: true, readings }))
    }

    fn readings(&self, by: UserId, visit: VisitId, taken_at: Moment) -> Vec<NewReading> {
        let read = self.meters.iter().filter(|seen| !seen.values.is_empty());
        read.map(|seen| NewReading {
            installation: seen.installation,
            taken_at,
            values: seen.values.clone(),
            author: Some(by),
            visit: Some(visit),
            reason: seen.reason,
            note: seen.note.clone(),
            client_key: Some(format!("{}:{}", self.key, seen.installation)),
        })
        .collect()
    }

    async fn store_seals(&self, tx: &mut Tx, by: UserId, visit: VisitId) -> db::Result<()> {
        let check = |seen: &Seen| {
            Some(NewSealCheck {
                meter: seen.meter,
                visit: Some(visit),
                state: seen.seal?,
                note: String::new(),
                checked_at: self.visited_at,
                checked_by: Some(by),
            })
        };
        let checks: Vec<NewSealCheck> = self.meters.iter().filter_map(check).collect();
        NewSealCheck::note_many(tx, &checks).await
    }

    /// Read is done; no reading for now means: come again.
    async fn mark_stop(&self, tx: &mut Tx) -> db::Result<()> {
        let Some(round) = self.round else { return Ok(()) };
        let state = match self.outcome {
            Outcome::Read | Outcome::NoMeter | Outcome::Stopped => StopState::Done,
            Outcome::NoAccess | Outcome::Dog | Outcome::Other => StopState::Revisit,
        };
        Round::mark(tx, round, &[self.premise], state).await
    }

    async fn first_answer(&self, tx: &mut Tx, by: UserId, hash: &str) -> db::Result<Result<Stored, VisitRefusal>> {
        let (id, stored, controller, visited_at): (VisitId, String, UserId, Moment) =
            q(&mut *tx, "select id, content_hash, controller_id, visited_at from visit where client_key = $1")
                .bind(self.key.as_str())
                .one()
                .await?;
        if stored != hash || controller != by {
            return Ok(Err(VisitRefusal::KeyReused));
        }
        let again = reading::submit_many(tx, WAY, visited_at, self.readings(by, id, visited_at)).await?;
        let read = self.meters.iter().filter(|seen| !seen.values.is_empty());
        let readings = read.zip(again).filter_map(|(seen, outcome)| Some((seen.installation, outcome.ok()?))).collect();
        Ok(Ok(Stored { id, is_new: false, readings }))
    }
}

/// A visit of the past, for the demo and tests: without its readings.
#[derive(Clone, Debug)]
pub struct PastVisit {
    pub key: String,
    pub premise: PremiseId,
    pub round: RoundId,
    pub controller: UserId,
    pub outcome: Outcome,
    pub visited_at: Moment,
}

/// Writes many visits down at once; answers the keys in the same order.
pub async fn note_many(tx: &mut Tx, visits: &[PastVisit]) -> db::Result<Vec<VisitId>> {
    let columns = "visit (client_key, content_hash, premise_id, round_id, controller_id, outcome, visited_at, received_at)";
    let ids = insert_many_for_ids(tx, columns, visits, |statement, visit| {
        statement
            .bind(visit.key.as_str())
            .bind("")
            .bind(visit.premise)
            .bind(visit.round)
            .bind(visit.controller)
            .bind(visit.outcome)
            .bind(visit.visited_at)
            .bind(visit.visited_at)
    })
    .await?;
    Ok(ids.into_iter().map(VisitId).collect())
}
