//! Takes a whole batch back, as long as nothing was built on what it made.

use serde_json::Value;

use super::{
    apply::details_of,
    apply_meters::set_opening,
    batch::{Batch, BatchId},
    effect::{Effect, EffectKind},
};
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Db, On, Tx, q},
    estate::{
        owner::{Owner, OwnerDetails, OwnerId, Phone},
        premise::{Premise, PremiseDetails, PremiseId},
        tally,
    },
    kernel::{Clock, Quantity},
    metering::{
        MeterId, Zone,
        meter::{Meter, Passport},
    },
};

/// Why a batch cannot be taken back: what was built on it, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// A message key that counts.
    pub key: &'static str,
    pub count: i64,
}

/// What came of the wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    Done,
    /// It is not an import that was carried out, or somebody else took it back.
    NotNow,
    Blocked(Vec<Blocker>),
}

/// Each is a question about things that stand on what the batch made and that it did not make itself.
const QUESTIONS: [(&str, &str); 13] = [
    (
        "import-undo-readings",
        "select count(*) from reading
        where installation_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'installation' and before_values is null)
            and (batch_id is null or batch_id <> $1)",
    ),
    (
        "import-undo-reviewed",
        "select count(*) from reading
        where batch_id = $1
            and (reviewed_at is not null or state in ('rejected', 'superseded') or id in (select supersedes_id from reading where supersedes_id is not null))",
    ),
    (
        "import-undo-rounds",
        "select count(*) from round_stop
        where premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)",
    ),
    (
        "import-undo-runs",
        "select count(*) from billing_run r
        join import_batch b on b.id = $1
        where r.site_id = b.site_id and r.started_at >= b.executed_at",
    ),
    (
        "import-undo-transfers",
        "select cast(coalesce(sum(transfer_count), 0) as bigint) from ledger_account
        where account_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'account' and before_values is null)",
    ),
    (
        "import-undo-visits",
        "select count(*) from visit
        where premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)",
    ),
    (
        "import-undo-works",
        "select count(*) from work_order
        where premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)
            or meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)",
    ),
    (
        "import-undo-photos",
        "select count(*) from photo
        where premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)
            or meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)
            or reading_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'reading' and before_values is null)",
    ),
    (
        "import-undo-imports",
        "select count(*) from import_effect later
        join import_batch b on b.id = later.batch_id and b.state <> 'undone'
        join import_effect mine on mine.subject_kind = later.subject_kind and mine.subject_id = later.subject_id
        where mine.batch_id = $1 and later.batch_id <> $1 and later.id > mine.id",
    ),
    (
        "import-undo-edited",
        "select count(distinct a.id)
        from import_effect e
        join audit a on a.subject_kind = e.subject_kind and a.subject_id = e.subject_id
        where e.batch_id = $1
            and a.id > (select max(done.id) from audit done where done.subject_kind = 'import' and done.subject_id = $1)
            and a.action not in ('audit-import-created', 'audit-import-changed')",
    ),
    (
        "import-undo-owners",
        "select count(*) from ownership
        where (premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)
                or owner_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'owner' and before_values is null))
            and id not in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'ownership')",
    ),
    (
        "import-undo-accounts",
        "select (
            select count(*) from account
            where (premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)
                    or payer_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'owner' and before_values is null))
                and id not in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'account')
        ) + (
            select count(*) from contract
            where account_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'account' and before_values is null)
                and id not in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'contract')
        )",
    ),
    (
        "import-undo-meters",
        "select (
            select count(*) from installation
            where (premise_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)
                    or meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null))
                and (removed_on is not null or id not in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'installation'))
        ) + (
            select count(*) from seal
            where meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)
                and (removed_on is not null or id not in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'seal'))
        ) + (
            select count(*) from seal_check
            where meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)
                or seal_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'seal' and before_values is null)
        )",
    ),
];

/// Deletes what the batch made, what stands on other things first.
const DELETIONS: [&str; 13] = [
    "delete from reading_value where reading_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'reading')",
    "delete from reading where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'reading')",
    "delete from seal where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'seal')",
    "delete from installation_value
    where installation_id in (
        select subject_id from import_effect where batch_id = $1 and subject_kind = 'installation' and before_values is null
    )",
    "delete from installation
    where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'installation' and before_values is null)",
    "delete from register
    where meter_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)",
    "delete from meter where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'meter' and before_values is null)",
    "delete from contract where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'contract' and before_values is null)",
    "delete from account where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'account')",
    "delete from ownership where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'ownership')",
    "delete from owner_phone
    where owner_id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'owner' and before_values is null)",
    "delete from owner where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'owner' and before_values is null)",
    "delete from premise where id in (select subject_id from import_effect where batch_id = $1 and subject_kind = 'premise' and before_values is null)",
];

/// What stands in the way; empty when the batch can be taken back.
pub async fn blockers(on: impl Into<On<'_>>, batch: BatchId) -> db::Result<Vec<Blocker>> {
    let mut on = on.into();
    let mut blockers = Vec::new();
    for (key, question) in QUESTIONS {
        let count: i64 = q(&mut on, question).bind(batch).scalar().await?;
        blockers.extend((count > 0).then_some(Blocker { key, count }));
    }
    Ok(blockers)
}

/// Takes the batch back in one transaction, or says why not.
pub async fn undo(db: &Db, clock: &Clock, batch: &Batch, author: &Author) -> db::Result<Undone> {
    let mut tx = db.begin().await?;
    let sql = "update import_batch set state = 'undone', undone_by = $2, undone_at = $3 where id = $1 and state = 'done'";
    if q(&mut tx, sql).bind(batch.id).bind(author.id).bind(clock.now()).run().await? == 0 {
        return Ok(Undone::NotNow);
    }
    let blockers = blockers(&mut tx, batch.id).await?;
    if !blockers.is_empty() {
        tx.rollback().await?;
        return Ok(Undone::Blocked(blockers));
    }
    restore(&mut tx, batch.id).await?;
    forget_terms(&mut tx, batch.id).await?;
    for deletion in DELETIONS {
        q(&mut tx, deletion).bind(batch.id).run().await?;
    }
    let name = batch.file_name.clone();
    let entry = Entry { author, at: clock.now(), action: "audit-import-undone", subject: Subject::Import, id: Some(batch.id.0), name };
    entry.noted(&mut tx).await?;
    tally::recount(&mut tx, batch.site_id).await?;
    tx.commit().await?;
    Ok(Undone::Done)
}

async fn forget_terms(tx: &mut Tx, batch: BatchId) -> db::Result<()> {
    for kind in ["premise", "owner", "meter", "contract"] {
        q(
            &mut *tx,
            "delete from search_term
            where kind = $2 and entity_id in (
                select subject_id from import_effect where batch_id = $1 and subject_kind = $2 and before_values is null
            )",
        )
        .bind(batch)
        .bind(kind)
        .run()
        .await?;
    }
    Ok(())
}

/// Puts changed values back, the last change first.
async fn restore(tx: &mut Tx, batch: BatchId) -> db::Result<()> {
    for effect in Effect::backwards(&mut *tx, batch).await? {
        let Some(change) = effect.change() else { continue };
        write_back(tx, &effect, &change.before).await?;
    }
    Ok(())
}

async fn write_back(tx: &mut Tx, effect: &Effect, values: &Value) -> db::Result<()> {
    let id = effect.subject_id;
    match effect.subject_kind {
        EffectKind::Premise => {
            if let Some(premise) = Premise::find(&mut *tx, PremiseId(id)).await? {
                let area = values["area"].as_str().and_then(|text| text.parse().ok());
                PremiseDetails { area, note: text(values, "note"), ..premise.details() }.save(tx, premise.id).await?;
            }
        }
        EffectKind::Owner => {
            if let Some(owner) = Owner::find(&mut *tx, OwnerId(id)).await? {
                let phones = values["phones"].as_array().into_iter().flatten().filter_map(Value::as_str).map(Phone::stored).collect();
                OwnerDetails { email: text(values, "email"), ..details_of(&owner, phones) }.save(tx, owner.id).await?;
            }
        }
        EffectKind::Meter => {
            if let Some(meter) = Meter::find(&mut *tx, MeterId(id)).await? {
                let passport = Passport {
                    serial: text(values, "serial"),
                    model: text(values, "model"),
                    verified_on: day(values, "verified_on"),
                    verify_by: day(values, "verify_by"),
                    ..meter.passport()
                };
                passport.save(tx, meter.id).await?;
            }
        }
        EffectKind::Contract => {
            q(&mut *tx, "update contract set signed_on = $2 where id = $1").bind(id).bind(day(values, "signed_on")).run().await?;
        }
        EffectKind::Installation => {
            let sql = "update installation set installed_on = $2 where id = $1";
            q(&mut *tx, sql).bind(id).bind(day(values, "installed_on")).run().await?;
            let opening: Vec<(Zone, Quantity)> = serde_json::from_value(values["opening"].clone()).unwrap_or_default();
            set_opening(tx, id, &opening).await?;
        }
        _ => {}
    }
    Ok(())
}

fn text(values: &Value, name: &str) -> String {
    values[name].as_str().unwrap_or_default().to_owned()
}

fn day(values: &Value, name: &str) -> Option<time::Date> {
    values[name].as_str().and_then(crate::web::form::parse_date)
}
