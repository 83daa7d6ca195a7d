//! Other programs are told which readings count.

use super::{InstallationId, MeterId, ReadingId, Zone, reading::Source};
use crate::{
    db::{self, Tx, placeholders, q},
    estate::{premise::PremiseId, site::SiteId},
    events::{self, DialValue, ReadingAccepted},
    kernel::{Moment, Quantity},
};

/// One dial of a reading that counts.
#[derive(sqlx::FromRow)]
struct Dial {
    id: ReadingId,
    meter_id: MeterId,
    installation_id: InstallationId,
    premise_id: Option<PremiseId>,
    site_id: SiteId,
    taken_at: Moment,
    source: Source,
    supersedes_id: Option<ReadingId>,
    zone: Zone,
    value_thousandths: Quantity,
}

/// Tells of readings that count from now on, in the transaction that made them count.
pub(super) async fn tell(tx: &mut Tx, ids: &[ReadingId], at: Moment) -> db::Result<()> {
    for chunk in ids.chunks(400) {
        let sql = format!(
            "select r.id, i.meter_id, r.installation_id, i.premise_id, i.site_id, r.taken_at, r.source, r.supersedes_id, g.zone,
                v.value_thousandths
            from reading r
            join installation i on i.id = r.installation_id
            join reading_value v on v.reading_id = r.id
            join register g on g.id = v.register_id
            where r.id in ({})
            order by r.id, g.position",
            placeholders(1, chunk.len())
        );
        let statement = q(&mut *tx, sql);
        let dials: Vec<Dial> = chunk.iter().fold(statement, |statement, id| statement.bind(*id)).all().await?;
        let accepted: Vec<ReadingAccepted> = dials.chunk_by(|a, b| a.id == b.id).map(event).collect();
        events::record(tx, &accepted, at).await?;
    }
    Ok(())
}

/// The dials are those of one reading.
fn event(dials: &[Dial]) -> ReadingAccepted {
    let first = &dials[0];
    ReadingAccepted {
        reading_id: first.id,
        meter_id: first.meter_id,
        installation_id: first.installation_id,
        premise_id: first.premise_id,
        site_id: first.site_id,
        taken_at: first.taken_at,
        source: first.source,
        supersedes_id: first.supersedes_id,
        values: dials.iter().map(|dial| DialValue { zone: dial.zone, value: dial.value_thousandths }).collect(),
    }
}
