//! Readings: how they come in, from whomever. Only the impossible is refused; everything else is kept, with flags.

use std::collections::{HashMap, HashSet};

use super::{
    InstallationId, MeterId, ReadingId, VisitId, Zone, accepted,
    checks::{self, Flag, Taken, Used},
    standing::Standing,
};
use crate::{
    db::{self, Engine, Tx, insert_many, insert_many_for_ids, placeholders, q},
    kernel::{Moment, Quantity},
    staff::user::UserId,
};

crate::text_enum! {
    /// Where a reading came from.
    Source as "source" { Controller = "controller", Owner = "owner", Office = "office", Import = "import", Api = "api", Photo = "photo" }
}

crate::text_enum! {
    /// Does the reading count?
    State as "reading-state" { Accepted = "accepted", InReview = "in_review", Rejected = "rejected", Superseded = "superseded" }
}

crate::text_enum! {
    /// What the person at the meter said about an odd reading.
    Reason as "reason" {
        Replaced = "replaced",
        Wrapped = "wrapped",
        TypoBefore = "typo_before",
        Away = "away",
        Leak = "leak",
        Repair = "repair",
        Other = "other",
    }
}

/// A reading as somebody brings it.
#[derive(Clone, Debug)]
pub struct NewReading {
    pub installation: InstallationId,
    pub taken_at: Moment,
    pub values: Vec<(Zone, Quantity)>,
    pub author: Option<UserId>,
    pub visit: Option<VisitId>,
    pub reason: Option<Reason>,
    pub note: String,
    /// Made by the sender: the same key and content again is the same reading.
    pub client_key: Option<String>,
}

/// By which way readings come.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub source: Source,
    /// The import they came with.
    pub batch: Option<i64>,
}

/// A reading that was stored, now or by the same key before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    pub id: ReadingId,
    pub state: State,
    pub flags: Vec<Flag>,
    /// Empty for one that was stored before.
    pub used: Vec<Used>,
    /// False for one that was stored before.
    pub is_new: bool,
}

/// Why a reading is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Future,
    UnknownMeter,
    /// The meter was taken away before that day.
    NotStanding,
    /// Not one value for each of the meter's registers.
    WrongRegisters,
    Negative,
    TooManyDigits,
    /// The key was used for another content.
    KeyReused,
    /// There is a reading of this meter at this very moment.
    Duplicate,
}

impl Refusal {
    /// The key of the message that says it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Future => "reading-refused-future",
            Self::UnknownMeter => "reading-refused-unknown-meter",
            Self::NotStanding => "reading-refused-not-standing",
            Self::WrongRegisters => "reading-refused-registers",
            Self::Negative => "reading-refused-negative",
            Self::TooManyDigits => "reading-refused-digits",
            Self::KeyReused => "reading-refused-key",
            Self::Duplicate => "reading-refused-duplicate",
        }
    }
}

/// A phone's clock may run ahead of ours by so much.
const AHEAD: time::Duration = time::Duration::minutes(10);

/// Stores one reading.
pub async fn submit(tx: &mut Tx, way: Way, now: Moment, reading: NewReading) -> db::Result<Result<Submitted, Refusal>> {
    let mut outcomes = submit_many(tx, way, now, vec![reading]).await?;
    Ok(outcomes.pop().unwrap_or(Err(Refusal::UnknownMeter)))
}

/// Stores many readings in a handful of statements; the answers stand in the order of the readings.
///
/// Readings of one meter are judged by the time they were taken, each against those before it, whatever their order here.
pub async fn submit_many(tx: &mut Tx, way: Way, now: Moment, readings: Vec<NewReading>) -> db::Result<Vec<Result<Submitted, Refusal>>> {
    let ids: Vec<InstallationId> = unique(readings.iter().map(|reading| reading.installation));
    hold(tx, &ids).await?;
    let earliest = readings.iter().map(|reading| reading.taken_at).min().unwrap_or(now);
    let mut standings: HashMap<InstallationId, Standing> =
        Standing::load(&mut *tx, &ids, earliest.min(now)).await?.into_iter().map(|standing| (standing.installation, standing)).collect();
    let known = known_by_key(tx, &readings).await?;
    let mut taken = moments_taken(tx, &ids, &readings).await?;
    let mut order: Vec<usize> = (0..readings.len()).collect();
    order.sort_by_key(|index| readings[*index].taken_at);

    let mut outcomes: Vec<Option<Result<Submitted, Refusal>>> = vec![None; readings.len()];
    let mut accepted: Vec<(usize, Judged)> = Vec::new();
    let mut repeated: Vec<(usize, usize)> = Vec::new();
    let mut first_of_key: HashMap<&str, usize> = HashMap::new();
    for index in order {
        let reading = &readings[index];
        if let Some(key) = reading.client_key.as_deref() {
            if let Some(before) = known.get(key) {
                outcomes[index] = Some(before.answer_to(reading));
                continue;
            }
            let first = *first_of_key.entry(key).or_insert(index);
            if first != index {
                repeated.push((index, first));
                continue;
            }
        }
        let standing = standings.get_mut(&reading.installation);
        let judged = judge(standing.as_deref(), reading, now).and_then(|judged| {
            let is_free = taken.insert((reading.installation, reading.taken_at));
            if is_free { Ok(judged) } else { Err(Refusal::Duplicate) }
        });
        match judged {
            Ok(judged) => {
                if let Some(standing) = standing.filter(|_| judged.state == State::Accepted) {
                    standing.remember(Taken { at: reading.taken_at, values: reading.values.clone() });
                }
                accepted.push((index, judged));
            }
            Err(refusal) => outcomes[index] = Some(Err(refusal)),
        }
    }
    let stored = store(tx, way, now, &readings, &accepted).await?;
    let counting = accepted.iter().zip(&stored).filter(|((_, judged), _)| judged.state == State::Accepted);
    accepted::tell(tx, &counting.map(|(_, id)| *id).collect::<Vec<_>>(), now).await?;
    for ((index, judged), id) in accepted.into_iter().zip(stored) {
        outcomes[index] = Some(Ok(Submitted { id, state: judged.state, flags: judged.flags, used: judged.used, is_new: true }));
    }
    for (index, first) in repeated {
        let is_same = Content::of(&readings[index]) == Content::of(&readings[first]);
        outcomes[index] = if is_same { outcomes[first].clone() } else { Some(Err(Refusal::KeyReused)) };
    }
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or(Err(Refusal::UnknownMeter))).collect())
}

/// Lets nobody else read these meters until the transaction ends: the same reading sent twice at once is judged one after the other. SQLite
/// has one writer anyway. Keys in their order, so that two transactions never wait for each other.
async fn hold(tx: &mut Tx, ids: &[InstallationId]) -> db::Result<()> {
    if tx.engine() == Engine::Sqlite {
        return Ok(());
    }
    for chunk in ids.chunks(400) {
        let sql = format!("select id from installation where id in ({}) order by id for no key update", placeholders(1, chunk.len()));
        let statement = chunk.iter().fold(q(&mut *tx, sql), |statement, id| statement.bind(*id));
        statement.scalars::<InstallationId>().await?;
    }
    Ok(())
}

/// What makes two readings of one key the same reading.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    installation: InstallationId,
    taken_at: Moment,
    values: Vec<(Zone, Quantity)>,
    reason: Option<Reason>,
    note: String,
}

impl Content {
    fn of(reading: &NewReading) -> Self {
        let mut values = reading.values.clone();
        values.sort_unstable();
        Self { installation: reading.installation, taken_at: reading.taken_at, values, reason: reading.reason, note: reading.note.clone() }
    }
}

fn unique<T: std::hash::Hash + Eq + Copy>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

/// A reading that will be stored.
pub(super) struct Judged {
    pub state: State,
    pub flags: Vec<Flag>,
    used: Vec<Used>,
    /// Register keys with their values, in the order of the dials.
    values: Vec<(i64, Quantity)>,
}

impl Judged {
    /// Counted whatever the checks said, because a person decided.
    pub fn accepted(self) -> Self {
        Self { state: State::Accepted, ..self }
    }
}

/// Refuses the impossible and lets the checks speak.
pub(super) fn judge(standing: Option<&Standing>, reading: &NewReading, now: Moment) -> Result<Judged, Refusal> {
    let standing = standing.ok_or(Refusal::UnknownMeter)?;
    if reading.taken_at > now.plus(AHEAD) {
        return Err(Refusal::Future);
    }
    if !standing.stood_on(standing.zone.day(reading.taken_at)) {
        return Err(Refusal::NotStanding);
    }
    let values = values_by_register(standing, &reading.values)?;
    let new = Taken { at: reading.taken_at, values: reading.values.clone() };
    let opening = standing.opening();
    let verdict = checks::check(&standing.background(&opening), &new);
    let state = if verdict.is_serious() { State::InReview } else { State::Accepted };
    Ok(Judged { state, flags: verdict.flags, used: verdict.used, values })
}

/// Register keys with the values of their zones, in the order of the dials; one value for each dial, none that it cannot show.
pub(super) fn values_by_register(standing: &Standing, values: &[(Zone, Quantity)]) -> Result<Vec<(i64, Quantity)>, Refusal> {
    let limit = Quantity::dial_limit(standing.dial_digits);
    let value_of = |zone: Zone| values.iter().find(|(of, _)| *of == zone).map(|(_, value)| *value);
    if values.len() != standing.registers.len() {
        return Err(Refusal::WrongRegisters);
    }
    standing
        .registers
        .iter()
        .map(|register| match value_of(register.zone) {
            None => Err(Refusal::WrongRegisters),
            Some(value) if value.is_negative() => Err(Refusal::Negative),
            Some(value) if value >= limit => Err(Refusal::TooManyDigits),
            Some(value) => Ok((register.id.0, value)),
        })
        .collect()
}

/// A reading stored before under the same key.
struct Known {
    id: ReadingId,
    state: State,
    flags: Vec<Flag>,
    content: Content,
}

impl Known {
    /// The first answer again, if it is the same reading.
    fn answer_to(&self, reading: &NewReading) -> Result<Submitted, Refusal> {
        if self.content == Content::of(reading) {
            Ok(Submitted { id: self.id, state: self.state, flags: self.flags.clone(), used: Vec::new(), is_new: false })
        } else {
            Err(Refusal::KeyReused)
        }
    }
}

async fn known_by_key(tx: &mut Tx, readings: &[NewReading]) -> db::Result<HashMap<String, Known>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        client_key: String,
        id: ReadingId,
        state: State,
        flags: String,
        installation_id: InstallationId,
        taken_at: Moment,
        reason: String,
        note: String,
        zone: Zone,
        value_thousandths: Quantity,
    }
    let keys: Vec<&String> = readings.iter().filter_map(|reading| reading.client_key.as_ref()).collect();
    let mut known: HashMap<String, Known> = HashMap::new();
    for chunk in keys.chunks(400) {
        let sql = format!(
            "select r.client_key, r.id, r.state, r.flags, r.installation_id, r.taken_at, r.reason, r.note, g.zone, v.value_thousandths
            from reading r
            join reading_value v on v.reading_id = r.id
            join register g on g.id = v.register_id
            where r.client_key in ({})",
            placeholders(1, chunk.len())
        );
        let mut statement = q(&mut *tx, sql);
        for key in chunk {
            statement = statement.bind(key.as_str());
        }
        for row in statement.all::<Row>().await? {
            let entry = known.entry(row.client_key).or_insert_with(|| Known {
                id: row.id,
                state: row.state,
                flags: stored_flags(&row.flags),
                content: Content {
                    installation: row.installation_id,
                    taken_at: row.taken_at,
                    values: Vec::new(),
                    reason: row.reason.parse().ok(),
                    note: row.note,
                },
            });
            entry.content.values.push((row.zone, row.value_thousandths));
            entry.content.values.sort_unstable();
        }
    }
    Ok(known)
}

/// Which of the moments are taken already: one meter is not read twice at once. A rejected or superseded reading takes no moment.
async fn moments_taken(tx: &mut Tx, ids: &[InstallationId], readings: &[NewReading]) -> db::Result<HashSet<(InstallationId, Moment)>> {
    let mut taken = HashSet::new();
    let (Some(first), Some(last)) = (readings.iter().map(|r| r.taken_at).min(), readings.iter().map(|r| r.taken_at).max()) else {
        return Ok(taken);
    };
    for chunk in ids.chunks(400) {
        let sql = format!(
            "select installation_id, taken_at
            from reading
            where installation_id in ({}) and taken_at >= $1 and taken_at <= $2 and state in ('accepted', 'in_review')",
            placeholders(3, chunk.len())
        );
        let mut statement = q(&mut *tx, sql).bind(first).bind(last);
        for id in chunk {
            statement = statement.bind(*id);
        }
        taken.extend(statement.all::<(InstallationId, Moment)>().await?);
    }
    Ok(taken)
}

/// The highest value that any dial of a meter ever showed, readings that do not count left out; `None` for a meter without any.
pub async fn highest_of(tx: &mut Tx, meter: MeterId) -> db::Result<Option<Quantity>> {
    q(
        tx,
        "select max(v.value_thousandths)
        from installation i
        join reading r on r.installation_id = i.id
        join reading_value v on v.reading_id = r.id
        where i.meter_id = $1 and r.state in ('accepted', 'in_review')",
    )
    .bind(meter)
    .scalar()
    .await
}

/// The flags as they were stored.
pub fn stored_flags(text: &str) -> Vec<Flag> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Writes readings and their values; answers the keys in the same order.
pub(super) async fn store(
    tx: &mut Tx,
    way: Way,
    now: Moment,
    readings: &[NewReading],
    judged: &[(usize, Judged)],
) -> db::Result<Vec<ReadingId>> {
    let columns =
        "reading (installation_id, taken_at, received_at, source, author_id, visit_id, batch_id, state, flags, reason, note, client_key)";
    let ids = insert_many_for_ids(tx, columns, judged, |statement, (index, judged)| {
        let reading = &readings[*index];
        statement
            .bind(reading.installation)
            .bind(reading.taken_at)
            .bind(now)
            .bind(way.source)
            .bind(reading.author)
            .bind(reading.visit)
            .bind(way.batch)
            .bind(judged.state)
            .bind(serde_json::to_string(&judged.flags).unwrap_or_default())
            .bind(reading.reason.map_or("", Reason::as_str))
            .bind(reading.note.as_str())
            .bind(reading.client_key.as_deref())
    })
    .await?;
    let values: Vec<(i64, i64, Quantity)> = ids
        .iter()
        .zip(judged)
        .flat_map(|(id, (_, judged))| judged.values.iter().map(|(register, value)| (*id, *register, *value)))
        .collect();
    insert_many(tx, "reading_value (reading_id, register_id, value_thousandths)", &values, |statement, (reading, register, value)| {
        statement.bind(*reading).bind(*register).bind(*value)
    })
    .await?;
    Ok(ids.into_iter().map(ReadingId).collect())
}
