//! The office's decision about a reading that a check found serious: it counts or it does not; `correction` is the third.
//!
//! Two reviewers may look at the same reading: the first decision stands and the second is told.

use super::{
    InstallationId, ReadingId, Resource, Zone, accepted,
    checks::Flag,
    reading::{self, State},
};
use crate::{
    db::{self, On, Tx, placeholders, q},
    estate::{premise::PremiseId, site::SiteId},
    kernel::{Moment, Quantity},
    staff::user::UserId,
};

/// A reading that waits, with what a reviewer sees first.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    pub id: ReadingId,
    pub installation_id: InstallationId,
    pub site_id: SiteId,
    pub premise_id: Option<PremiseId>,
    pub label: Option<String>,
    pub meter_id: super::MeterId,
    pub serial: String,
    pub resource: Resource,
    pub taken_at: Moment,
    pub received_at: Moment,
    pub author: Option<String>,
    pub flags: String,
    pub reason: String,
    pub note: String,
    pub state: State,
}

/// A decision came too late: somebody else decided before.
#[derive(Debug, PartialEq, Eq)]
pub struct DecidedAlready;

macro_rules! select_waiting {
    ($ending:literal) => {
        concat!(
            "select r.id, r.installation_id, i.site_id, i.premise_id, p.label, i.meter_id, m.serial, m.resource, r.taken_at, r.received_at,
                u.name as author, r.flags, r.reason, r.note, r.state
            from reading r
            join installation i on i.id = r.installation_id
            join meter m on m.id = i.meter_id
            left join premise p on p.id = i.premise_id
            left join staff_user u on u.id = r.author_id ",
            $ending
        )
    };
}

impl Waiting {
    pub async fn find(on: impl Into<On<'_>>, id: ReadingId) -> db::Result<Option<Self>> {
        q(on, select_waiting!("where r.id = $1")).bind(id).opt().await
    }

    /// The queue of a site, oldest first.
    pub async fn queue(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Vec<Self>> {
        q(on, select_waiting!("where r.state = 'in_review' and i.site_id = $1 order by r.taken_at, r.id limit 200")).bind(site).all().await
    }

    pub fn flags(&self) -> Vec<Flag> {
        reading::stored_flags(&self.flags)
    }
}

/// The values of one reading, in the order of the dials.
pub async fn values(on: impl Into<On<'_>>, id: ReadingId) -> db::Result<Vec<(Zone, Quantity)>> {
    q(
        on,
        "select g.zone, v.value_thousandths
        from reading_value v
        join register g on g.id = v.register_id
        where v.reading_id = $1
        order by g.position",
    )
    .bind(id)
    .all()
    .await
}

/// How many wait at a site.
pub async fn count_waiting(on: impl Into<On<'_>>, site: SiteId) -> db::Result<i64> {
    q(on, "select count(*) from reading r join installation i on i.id = r.installation_id where r.state = 'in_review' and i.site_id = $1")
        .bind(site)
        .scalar()
        .await
}

/// It counts as it was read.
pub async fn accept(tx: &mut Tx, id: ReadingId, by: UserId, note: &str, at: Moment) -> db::Result<Result<(), DecidedAlready>> {
    let decided = decide(tx, id, State::Accepted, by, note, at).await?;
    if decided.is_ok() {
        accepted::tell(tx, &[id], at).await?;
    }
    Ok(decided)
}

/// It does not count; the note says why.
pub async fn reject(tx: &mut Tx, id: ReadingId, by: UserId, note: &str, at: Moment) -> db::Result<Result<(), DecidedAlready>> {
    decide(tx, id, State::Rejected, by, note, at).await
}

/// The guard is in the update itself, so that of two decisions at once one wins.
async fn decide(tx: &mut Tx, id: ReadingId, state: State, by: UserId, note: &str, at: Moment) -> db::Result<Result<(), DecidedAlready>> {
    let changed = q(
        tx,
        "update reading
        set state = $2, reviewed_by = $3, reviewed_at = $4, review_note = $5
        where id = $1 and state = 'in_review'",
    )
    .bind(id)
    .bind(state)
    .bind(by)
    .bind(at)
    .bind(note)
    .run()
    .await?;
    Ok(if changed == 1 { Ok(()) } else { Err(DecidedAlready) })
}

/// Accepts readings that were looked at when they came.
pub async fn accept_many(tx: &mut Tx, ids: &[ReadingId], at: Moment) -> db::Result<()> {
    for chunk in ids.chunks(400) {
        let sql = format!(
            "update reading set state = 'accepted', reviewed_at = $1 where state = 'in_review' and id in ({}) returning id",
            placeholders(2, chunk.len())
        );
        let mut statement = q(&mut *tx, sql).bind(at);
        for id in chunk {
            statement = statement.bind(*id);
        }
        let accepted: Vec<ReadingId> = statement.scalars().await?;
        accepted::tell(tx, &accepted, at).await?;
    }
    Ok(())
}
