//! Readings as a list: of one meter, or of a site by month, state, source and words.

use std::collections::HashMap;

use super::{
    InstallationId, MeterId, ReadingId, Resource, Zone,
    checks::Flag,
    reading::{self, Source, State},
};
use crate::{
    db::{self, Db, placeholders, q},
    estate::{
        filter::{Conditions, Given, Seen, found, words},
        premise::PremiseId,
        site::SiteId,
    },
    kernel::{Moment, Quantity},
    search::Found,
};

crate::text_enum! {
    /// What the readings can be sorted by.
    ReadingOrder as "reading-order" { Taken = "taken", Label = "label" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct ReadingFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub meter: Option<MeterId>,
    /// Taken from the first moment on and before the second.
    pub between: Option<(Moment, Moment)>,
    pub state: Option<State>,
    pub source: Option<Source>,
    pub resource: Option<Resource>,
}

/// One reading with where and by whom it was taken.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReadingRow {
    pub id: ReadingId,
    pub installation_id: InstallationId,
    pub meter_id: MeterId,
    pub serial: String,
    pub resource: Resource,
    pub site_id: SiteId,
    pub premise_id: Option<PremiseId>,
    pub label: Option<String>,
    pub taken_at: Moment,
    pub source: Source,
    pub state: State,
    pub author: Option<String>,
    pub note: String,
    pub review_note: String,
    pub has_photo: bool,
    flags: String,
    /// In the order of the dials.
    #[sqlx(skip)]
    pub values: Vec<(Zone, Quantity)>,
}

/// Readings grow with every month, and nobody turns to the hundredth page; so many are counted.
pub const MOST_COUNTED: i64 = 2000;

const FROM: &str = "from reading r
    join installation i on i.id = r.installation_id
    join meter m on m.id = i.meter_id
    left join premise p on p.id = i.premise_id
    left join staff_user u on u.id = r.author_id";

impl ReadingRow {
    pub fn flags(&self) -> Vec<Flag> {
        reading::stored_flags(&self.flags)
    }
}

impl ReadingFilter {
    fn conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("i.site_id", seen, self.site);
        if let Some(meter) = self.meter {
            conditions.and("i.meter_id = ?1", vec![Given::Key(meter.0)]);
        }
        if let Some((from, before)) = self.between {
            conditions.and("r.taken_at >= ?1 and r.taken_at < ?2", vec![Given::Moment(from), Given::Moment(before)]);
        }
        if let Some(state) = self.state {
            conditions.and("r.state = ?1", vec![Given::Text(state.to_string())]);
        }
        if let Some(source) = self.source {
            conditions.and("r.source = ?1", vec![Given::Text(source.to_string())]);
        }
        if let Some(resource) = self.resource {
            conditions.and("i.meter_id in (select id from meter where resource = ?1)", vec![Given::Text(resource.to_string())]);
        }
        let anywhere = format!(
            "i.meter_id in ({}) or i.premise_id in ({} union select w.premise_id from ownership w where w.owner_id in ({}))",
            found(Found::Meter),
            found(Found::Premise),
            found(Found::Owner)
        );
        for (from, before) in words(&self.words) {
            conditions.and(&anywhere, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    /// How many there are; one more than [`MOST_COUNTED`] stands for any number above it.
    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        let sql = format!(
            "select count(*)
            from (select 1 from reading r join installation i on i.id = r.installation_id{} limit {}) counted",
            conditions.sql(),
            MOST_COUNTED + 1
        );
        conditions.bind(q(db, sql)).scalar().await
    }

    /// All of them counted, however many.
    pub async fn total(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen);
        let sql = format!("select count(*) from reading r join installation i on i.id = r.installation_id{}", conditions.sql());
        conditions.bind(q(db, sql)).scalar().await
    }

    pub async fn rows(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: ReadingOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<ReadingRow>> {
        let conditions = self.conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            ReadingOrder::Taken => format!("r.taken_at {way}, r.id {way}"),
            ReadingOrder::Label => format!("i.site_id {way}, coalesce(p.sort_key, '') {way}, m.resource desc, r.taken_at, r.id {way}"),
        };
        let next = conditions.next();
        let sql = format!(
            "select r.id, r.installation_id, i.meter_id, m.serial, m.resource, i.site_id, i.premise_id, p.label, r.taken_at, r.source, r.state,
                u.name as author, r.note, r.review_note, r.flags,
                exists (select 1 from photo f where f.reading_id = r.id) as has_photo
            {FROM}{}
            order by {order}
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        let mut rows: Vec<ReadingRow> = conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await?;
        let ids: Vec<ReadingId> = rows.iter().map(|row| row.id).collect();
        let mut values = values_of(db, &ids).await?;
        for row in &mut rows {
            row.values = values.remove(&row.id).unwrap_or_default();
        }
        Ok(rows)
    }
}

async fn values_of(db: &Db, ids: &[ReadingId]) -> db::Result<HashMap<ReadingId, Vec<(Zone, Quantity)>>> {
    let mut found: HashMap<ReadingId, Vec<(Zone, Quantity)>> = HashMap::new();
    for chunk in ids.chunks(400) {
        let sql = format!(
            "select v.reading_id, g.zone, v.value_thousandths
            from reading_value v
            join register g on g.id = v.register_id
            where v.reading_id in ({})
            order by v.reading_id, g.position",
            placeholders(1, chunk.len())
        );
        let statement = chunk.iter().fold(q(db, sql), |statement, id| statement.bind(*id));
        for (reading, zone, value) in statement.all::<(ReadingId, Zone, Quantity)>().await? {
            found.entry(reading).or_default().push((zone, value));
        }
    }
    Ok(found)
}
