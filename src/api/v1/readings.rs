//! Readings: sent by the row from automated meters, and listed.

use std::collections::BTreeMap;

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::{Call, is_key},
        calls::{Calls, get, post},
        error::{Error, Result},
        noun::FailedRow,
        values::Day,
    },
    audit::Subject,
    estate::{premise::PremiseId, site::SiteId},
    kernel::{Moment, Quantity, clock},
    metering::{
        MeterId, ReadingId, Resource, Zone,
        installation::{self, StayOf},
        reading::{self, NewReading, Refusal, Source, State, Submitted, Way},
        reading_list::{ReadingFilter, ReadingOrder, ReadingRow},
    },
    staff::user::Permission::{EnterReadings, SeeEstate},
    web::{Access::Can, list::Sort},
};

/// Readings of one call.
const MOST_READINGS: usize = 5000;

/// What meters showed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingsBody {
    #[schema(max_items = 5000)]
    readings: Vec<ReadingItem>,
}

/// What one meter showed at a moment.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingItem {
    resource: Resource,
    serial: String,
    taken_at: Moment,
    /// One value for each dial.
    values: BTreeMap<Zone, Quantity>,
    /// Made by the sender, up to a hundred visible characters of ASCII: the same key and content again is the same reading.
    #[serde(default)]
    key: Option<String>,
}

/// What came of the readings: good rows stay, whatever became of others.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ReadingsOutcome {
    accepted: i64,
    /// Kept, but counted only once the office has looked.
    in_review: i64,
    rejected: Vec<FailedRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReadingView {
    id: ReadingId,
    meter_id: MeterId,
    resource: Resource,
    serial: String,
    site_id: SiteId,
    /// Missing for a common meter.
    premise_id: Option<PremiseId>,
    taken_at: Moment,
    source: Source,
    state: State,
    values: BTreeMap<Zone, Quantity>,
    note: String,
}

pub fn calls() -> Calls {
    let list = get("/readings", Can(SeeEstate), "Readings of a meter, or of all that the caller sees");
    let list = list.lists::<ReadingView>().sorted::<ReadingOrder>().by::<MeterId>("meter_id").by::<SiteId>("site_id");
    let batch = post("/readings/batch", Can(EnterReadings), "Send what meters showed, row by row; good rows stay");
    Calls::of("readings")
        .call(list.by::<Day>("from").by::<Day>("to"), show_all)
        .call(batch.many().takes::<ReadingsBody>().gives::<ReadingsOutcome>(), send)
}

async fn show_all(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(ReadingOrder::Taken))?);
    let (from, to): (Option<Day>, Option<Day>) = (call.asked("from")?, call.asked("to")?);
    let zone = clock::Zone::moscow();
    let begin = from.map(|day| zone.start_of(day.0));
    let end = to.and_then(|day| day.0.next_day()).map(|day| zone.start_of(day));
    let ages = (Moment::new(time::OffsetDateTime::UNIX_EPOCH), call.now().plus(time::Duration::days(1)));
    let between = (from.is_some() || to.is_some()).then(|| (begin.unwrap_or(ages.0), end.unwrap_or(ages.1)));
    let filter = ReadingFilter { meter: call.asked("meter_id")?, site: call.asked("site_id")?, between, ..ReadingFilter::default() };
    let seen = call.seen()?;
    let total = filter.total(&call.db, seen).await?;
    let rows = filter.rows(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
    Ok(axum::Json(slice.of(rows, total).map(view)).into_response())
}

fn view(row: ReadingRow) -> ReadingView {
    ReadingView {
        id: row.id,
        meter_id: row.meter_id,
        resource: row.resource,
        serial: row.serial,
        site_id: row.site_id,
        premise_id: row.premise_id,
        taken_at: row.taken_at,
        source: row.source,
        state: row.state,
        values: row.values.into_iter().collect(),
        note: row.note,
    }
}

async fn send(call: Call, Body(body): Body<ReadingsBody>) -> Result {
    if body.readings.len() > MOST_READINGS {
        return Err(Error::field("readings", "api-too-many-items"));
    }
    let mut turn = call.turn(&body).await?;
    let serials: Vec<(Resource, &str)> = body.readings.iter().map(|item| (item.resource, item.serial.as_str())).collect();
    let stays = installation::stays_of(&mut *turn, call.seen()?, &serials).await?;
    let mut outcome = ReadingsOutcome::default();
    let (mut places, mut readings) = (Vec::new(), Vec::new());
    for (index, item) in (0..).zip(&body.readings) {
        match judged(&call, item, &stays) {
            Ok(reading) => {
                places.push(index);
                readings.push(reading);
            }
            Err(error) => outcome.rejected.push(FailedRow::of(&call, index, &error)),
        }
    }
    let way = Way { source: Source::Api, batch: None };
    let submitted = reading::submit_many(&mut turn, way, call.now(), readings).await?;
    for (index, submitted) in places.into_iter().zip(submitted) {
        outcome.count(&call, index, submitted);
    }
    outcome.rejected.sort_by_key(|row| row.index);
    let author = call.author()?;
    call.entry(&author, "audit-readings-received", Subject::Reading, 0, format!("{}", body.readings.len())).noted(&mut turn).await?;
    turn.end(StatusCode::OK, "", &outcome).await
}

impl ReadingsOutcome {
    fn count(&mut self, call: &Call, index: i64, submitted: std::result::Result<Submitted, Refusal>) {
        match submitted {
            Ok(stored) if stored.state == State::InReview => self.in_review += 1,
            Ok(_) => self.accepted += 1,
            Err(refusal) => self.rejected.push(FailedRow::of(call, index, &refused(refusal))),
        }
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::wrong(if refusal == Refusal::KeyReused { "api-idempotency-mismatch" } else { refusal.key() })
}

/// The reading of a row at the stay of its meter on that day.
fn judged(call: &Call, item: &ReadingItem, stays: &StayOf) -> Result<NewReading> {
    if !(1900..=2199).contains(&item.taken_at.utc().year()) {
        return Err(Error::field("taken_at", "form-not-a-date"));
    }
    if item.key.as_deref().is_some_and(|key| !is_key(key)) {
        return Err(Error::field("key", "api-key-wrong"));
    }
    let found = stays.at(item.resource, &item.serial, item.taken_at);
    let installation = found.ok_or_else(|| refused(Refusal::UnknownMeter))?;
    let user = call.actor()?.id;
    Ok(NewReading {
        installation,
        taken_at: item.taken_at,
        values: item.values.iter().map(|(zone, value)| (*zone, *value)).collect(),
        author: Some(user),
        visit: None,
        reason: None,
        note: String::new(),
        client_key: item.key.as_ref().map(|key| format!("api:{user}:{key}")),
    })
}
