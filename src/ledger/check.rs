//! Does the ledger agree with itself? Everything is computed anew from the transfers.

use futures_util::TryStreamExt as _;

use super::{
    seal::{self, GENESIS},
    transfer::{BOOKS, COLUMNS, Transfer, TransferId},
};
use crate::db::{self, Db, q};

/// A transfer that is not what was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub position: i64,
    /// Missing when there is no such transfer any more.
    pub transfer: Option<TransferId>,
}

/// Rules of the ledger as counts that must be zero; `meterbook verify` runs them among others.
pub const RULES: &[(&str, &str)] = &[
    ("all balances of the ledger together are zero", "select abs(cast(coalesce(sum(balance_kopecks), 0) as bigint)) from ledger_account"),
    (
        "each balance of the ledger is the sum of its transfers",
        "select count(*)
        from ledger_account a
        left join (
            select book, sum(kopecks) as kopecks, count(*) as number
            from (
                select debit_id as book, -amount_kopecks as kopecks from transfer
                union all
                select credit_id, amount_kopecks from transfer
            ) entry
            group by book
        ) journal on journal.book = a.id
        where a.balance_kopecks <> coalesce(journal.kopecks, 0) or a.transfer_count <> coalesce(journal.number, 0)",
    ),
    (
        "every transfer is sealed, or waits to be",
        "select count(*)
        from transfer t
        left join transfer_seal s on s.transfer_id = t.id
        left join unsealed_transfer u on u.transfer_id = t.id
        where (s.transfer_id is null) = (u.transfer_id is null)",
    ),
    (
        "what is reversed is reversed by as much, the other way round",
        "select count(*)
        from transfer n
        join transfer o on o.id = n.reverses_id
        where n.amount_kopecks <> o.amount_kopecks or n.debit_id <> o.credit_id or n.credit_id <> o.debit_id",
    ),
];

/// Rules of open items, counted likewise.
pub const ITEM_RULES: &[(&str, &str)] = &[
    (
        "what an account owes or has in advance is what is open of its items",
        "select count(*)
        from ledger_account a
        left join (
            select account_id, sum(case side when 'credit' then open_kopecks else -open_kopecks end) as kopecks
            from open_item
            where open_kopecks > 0
            group by account_id
        ) item on item.account_id = a.account_id
        where a.kind = 'consumer' and a.balance_kopecks <> coalesce(item.kopecks, 0)",
    ),
    (
        "what is open of an item is what no money has met",
        "select count(*)
        from open_item i
        left join (
            select transfer_id, account_id, sum(kopecks) as kopecks
            from (
                select debit_id as transfer_id, account_id, amount_kopecks as kopecks from allocation where undone_at is null
                union all
                select credit_id, account_id, amount_kopecks from allocation where undone_at is null
            ) side
            group by transfer_id, account_id
        ) met on met.transfer_id = i.transfer_id and met.account_id = i.account_id
        where i.open_kopecks <> i.amount_kopecks - coalesce(met.kopecks, 0)",
    ),
    (
        "each transfer of a consumer is an item, and nothing else is",
        "select count(*)
        from ledger_account a
        left join (select account_id, count(*) as number from open_item group by account_id) item on item.account_id = a.account_id
        where a.kind = 'consumer' and a.transfer_count <> coalesce(item.number, 0)",
    ),
    (
        "no account has a debt beside money that is not used",
        "select count(*)
        from (
            select account_id
            from open_item
            where open_kopecks > 0
            group by account_id
            having min(side) <> max(side)
        ) torn",
    ),
];

/// A link of the chain as stored.
#[derive(sqlx::FromRow)]
struct Link {
    position: i64,
    hash: String,
    #[sqlx(flatten)]
    transfer: Transfer,
}

/// The first place at which the chain is not what it was, if any. Memory stays bounded however long it is.
pub async fn first_broken(db: &Db) -> db::Result<Option<Broken>> {
    let sql = format!(
        "select s.position, s.hash, {COLUMNS}
        from transfer_seal s
        join transfer t on t.id = s.transfer_id
        {BOOKS}
        order by s.position"
    );
    let mut links = q(db, sql).stream::<Link>();
    let mut hash_before = GENESIS.to_owned();
    let mut expected = 1;
    while let Some(link) = links.try_next().await? {
        if link.position != expected {
            return Ok(Some(Broken { position: expected, transfer: None }));
        }
        if seal::hash(&hash_before, &link.transfer) != link.hash {
            return Ok(Some(Broken { position: expected, transfer: Some(link.transfer.id) }));
        }
        hash_before = link.hash;
        expected += 1;
    }
    let head = seal::head(db).await?;
    Ok((head.position >= expected).then_some(Broken { position: expected, transfer: None }))
}
