//! The chain of hashes over all transfers: whoever changes, adds or removes one afterwards breaks it from there on.
//!
//! A transfer is written unsealed, so that writers of different accounts need not wait for each other; a moment later its place in the
//! chain is fixed here, by one sealer at a time. The order of the chain is that in which sealers see commits: a transfer never comes
//! before one that it could have known of. Until it is sealed, a second or two, a transfer is guarded by the schema alone.

use sha2::{Digest as _, Sha256};

use super::transfer::{BOOKS, COLUMNS, Transfer};
use crate::{
    db::{self, Db, On, Tx, insert_many, placeholders, q},
    kernel::text::hex,
};

/// Class of the lock that the sealer holds.
const LOCK: i32 = 41;

/// Transfers sealed in one transaction.
const PORTION: usize = 2000;

/// How long a transfer may wait for its seal.
const EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// The hash before the first.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    pub position: i64,
    pub hash: String,
}

/// The hash of a transfer standing behind another.
///
/// The canonical form has one line per fact, each named, so that no two transfers are written alike; the memo is JSON text, which has no
/// line ends. What it is about and who made it belong to it as much as the sum.
#[must_use]
pub fn hash(previous: &str, transfer: &Transfer) -> String {
    let optional = |value: Option<i64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let memo = serde_json::Value::from(transfer.memo.as_str());
    let key = serde_json::Value::from(transfer.key.as_deref());
    let canonical = format!(
        "meterbook transfer 1\nprevious {previous}\nid {}\ndebit {}\ncredit {}\nkopecks {}\nkind {}\nsubject {} {}\nmemo {memo}\neffective {}\nbooked {}\nuser {}\nkey {key}\nreverses {}\n",
        transfer.id,
        transfer.debit,
        transfer.credit,
        transfer.amount.kopecks(),
        transfer.kind,
        transfer.subject,
        optional(transfer.subject_id),
        transfer.effective_on,
        transfer.booked_at,
        optional(transfer.user.map(|user| user.0)),
        optional(transfer.reverses.map(|id| id.0)),
    );
    hex(&Sha256::digest(canonical))
}

pub async fn head(on: impl Into<On<'_>>) -> db::Result<Head> {
    let head = q(on, "select position, hash from transfer_seal order by position desc limit 1").opt().await?;
    Ok(head.unwrap_or_else(|| Head { position: 0, hash: GENESIS.to_owned() }))
}

/// Seals everything committed so far; answers the end of the chain.
pub async fn run(db: &Db) -> db::Result<Head> {
    loop {
        // Mostly there is nothing to do, and nobody's turn to write is taken for that.
        if !q(db, "select exists (select 1 from unsealed_transfer)").scalar::<bool>().await? {
            return head(db).await;
        }
        let mut tx = db.begin().await?;
        portion(&mut tx).await?;
        tx.commit().await?;
    }
}

/// Seals every second until it is told to stop, and once more then.
pub async fn keep_up(db: Db, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let is_last = tokio::select! {
            () = &mut stop => true,
            _ = looks.tick() => false,
        };
        if let Err(error) = run(&db).await {
            tracing::warn!(%error, "transfers wait to be sealed");
        }
        if is_last {
            return;
        }
    }
}

/// Seals up to [`PORTION`] transfers, in the order of their keys.
async fn portion(tx: &mut Tx) -> db::Result<()> {
    tx.lock(LOCK, 0).await?;
    let head = head(&mut *tx).await?;
    let sql = format!(
        "select {COLUMNS}
        from unsealed_transfer u
        join transfer t on t.id = u.transfer_id
        {BOOKS}
        order by u.transfer_id
        limit $1"
    );
    let limit = i64::try_from(PORTION).unwrap_or(i64::MAX);
    let transfers: Vec<Transfer> = q(&mut *tx, sql).bind(limit).all().await?;
    let mut hash_before = head.hash;
    let mut seals = Vec::with_capacity(transfers.len());
    for (position, transfer) in (head.position + 1..).zip(&transfers) {
        hash_before = hash(&hash_before, transfer);
        seals.push((position, transfer.id, hash_before.clone()));
    }
    insert_many(tx, "transfer_seal (position, transfer_id, hash)", &seals, |statement, (position, id, hash)| {
        statement.bind(*position).bind(*id).bind(hash.as_str())
    })
    .await?;
    for chunk in transfers.chunks(400) {
        let sql = format!("delete from unsealed_transfer where transfer_id in ({})", placeholders(1, chunk.len()));
        let statement = q(&mut *tx, sql);
        chunk.iter().fold(statement, |statement, transfer| statement.bind(transfer.id)).run().await?;
    }
    Ok(())
}
