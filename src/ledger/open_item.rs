//! Open items: what of each transfer on a consumer's book is still owed, or not yet used, and which money met it.

use std::collections::BTreeMap;

use time::Date;

use super::{
    Book, Kind, NewTransfer, Subject, TransferId,
    settling::{self, Item, Named, Reason, Settled, Side},
};
use crate::{
    db::{self, On, Tx, bigint_rows, insert_many, placeholders, q},
    estate::{account::AccountId, contract::Service},
    kernel::{Moment, Money, Period},
};

/// Accounts or transfers named in one statement.
const AT_ONCE: usize = 400;

/// An item as it comes from a transfer.
struct NewItem {
    account: AccountId,
    transfer: TransferId,
    side: Side,
    named: Named,
    effective_on: Date,
    amount: Money,
}

/// Money that met a debt of an account.
struct Allocation {
    account: AccountId,
    met: Settled,
}

/// By how much what is open of an item changes.
type Changes = BTreeMap<(TransferId, AccountId), Money>;

/// Writes the items of transfers just made and lets money meet debts on every account that they touch.
pub(super) async fn keep(tx: &mut Tx, ids: &[TransferId], transfers: &[NewTransfer], now: Moment) -> db::Result<()> {
    let items: Vec<NewItem> = ids.iter().zip(transfers).flat_map(|(id, transfer)| items_of(*id, transfer)).collect();
    if items.is_empty() {
        return Ok(());
    }
    let into = "open_item (transfer_id, account_id, side, bill_id, period, service, effective_on, amount_kopecks, open_kopecks)";
    insert_many(tx, into, &items, |statement, item| {
        statement
            .bind(item.transfer)
            .bind(item.account)
            .bind(item.side)
            .bind(item.named.bill)
            .bind(item.named.period)
            .bind(item.named.service)
            .bind(item.effective_on)
            .bind(item.amount)
            .bind(item.amount)
    })
    .await?;
    let reversed: BTreeMap<TransferId, TransferId> =
        ids.iter().zip(transfers).filter_map(|(id, transfer)| Some((transfer.reverses?, *id))).collect();
    take_back(tx, &reversed, now).await?;
    let mut accounts: Vec<AccountId> = items.iter().map(|item| item.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    settle(tx, &accounts, now).await
}

/// The items of a transfer: none, one, or two when it goes from one consumer to another.
fn items_of(id: TransferId, transfer: &NewTransfer) -> impl Iterator<Item = NewItem> {
    let on = |book: Book, side| {
        let Book::Consumer(account) = book else { return None };
        let named = if side == Side::Credit && transfer.named != Named::default() { transfer.named } else { owed_for(transfer) };
        Some(NewItem { account, transfer: id, side, named, effective_on: transfer.effective_on, amount: transfer.amount })
    };
    [on(transfer.debit, Side::Debit), on(transfer.credit, Side::Credit)].into_iter().flatten()
}

/// What a bill's line says; nothing for other moves of money.
fn owed_for(transfer: &NewTransfer) -> Named {
    let service = [transfer.debit, transfer.credit].into_iter().find_map(Book::service);
    match transfer.kind {
        Kind::Charge | Kind::Correction if transfer.subject == Subject::Bill => {
            Named { bill: transfer.subject_id, period: Some(Period::of(transfer.effective_on)), service }
        }
        Kind::Charge | Kind::Correction => Named { service, ..Named::default() },
        _ => Named::default(),
    }
}

/// Parts what reversed transfers had met, and lets each meet its reversal instead.
async fn take_back(tx: &mut Tx, reversed: &BTreeMap<TransferId, TransferId>, now: Moment) -> db::Result<()> {
    let ids: Vec<TransferId> = reversed.keys().copied().collect();
    for chunk in ids.chunks(AT_ONCE) {
        part(tx, chunk, now).await?;
        let sql = format!(
            "select account_id, transfer_id, side, amount_kopecks from open_item where transfer_id in ({})",
            placeholders(1, chunk.len())
        );
        let statement = q(&mut *tx, sql);
        let items: Vec<(AccountId, TransferId, Side, Money)> =
            chunk.iter().fold(statement, |statement, id| statement.bind(*id)).all().await?;
        let meet = |(account, transfer, side, amount): (AccountId, TransferId, Side, Money)| {
            let reversal = reversed[&transfer];
            let (debit, credit) = if side == Side::Debit { (transfer, reversal) } else { (reversal, transfer) };
            Allocation { account, met: Settled { debit, credit, amount, reason: Reason::TakenBack } }
        };
        write(tx, &items.into_iter().map(meet).collect::<Vec<_>>(), now).await?;
    }
    Ok(())
}

/// Opens again whatever these transfers had met.
async fn part(tx: &mut Tx, transfers: &[TransferId], now: Moment) -> db::Result<()> {
    let given = placeholders(1, transfers.len());
    let sql = format!(
        "select id, account_id, debit_id, credit_id, amount_kopecks
        from allocation
        where undone_at is null and (debit_id in ({given}) or credit_id in ({given}))"
    );
    let statement = q(&mut *tx, sql);
    let live: Vec<(i64, AccountId, TransferId, TransferId, Money)> =
        transfers.iter().fold(statement, |statement, id| statement.bind(*id)).all().await?;
    let mut changes = Changes::new();
    for (_, account, debit, credit, amount) in &live {
        *changes.entry((*debit, *account)).or_default() += *amount;
        *changes.entry((*credit, *account)).or_default() += *amount;
    }
    for chunk in live.chunks(AT_ONCE) {
        let sql = format!("update allocation set undone_at = $1 where id in ({})", placeholders(2, chunk.len()));
        let statement = q(&mut *tx, sql).bind(now);
        chunk.iter().fold(statement, |statement, (id, ..)| statement.bind(*id)).run().await?;
    }
    apply(tx, &changes).await
}

/// Those of the accounts on which something is owed and something is not used. On most of them one of the two is nothing, and the other may
/// be long.
async fn to_settle(tx: &mut Tx, accounts: &[AccountId]) -> db::Result<Vec<AccountId>> {
    let is_open = |side: Side| format!("exists (select 1 from open_item where account_id = a.id and side = '{side}' and open_kopecks > 0)");
    let mut both = Vec::new();
    for chunk in accounts.chunks(AT_ONCE) {
        let given = placeholders(1, chunk.len());
        let sql = format!(
            "select a.id from account a where a.id in ({given}) and {} and {} order by a.id",
            is_open(Side::Debit),
            is_open(Side::Credit)
        );
        let found: Vec<AccountId> = chunk.iter().fold(q(&mut *tx, sql), |statement, account| statement.bind(*account)).scalars().await?;
        both.extend(found);
    }
    Ok(both)
}

async fn settle(tx: &mut Tx, accounts: &[AccountId], now: Moment) -> db::Result<()> {
    for chunk in to_settle(tx, accounts).await?.chunks(AT_ONCE) {
        let sql = format!(
            "select account_id, transfer_id, side, bill_id, period, service, effective_on, open_kopecks
            from open_item
            where account_id in ({}) and open_kopecks > 0
            order by account_id",
            placeholders(1, chunk.len())
        );
        let statement = q(&mut *tx, sql);
        let open: Vec<OfAccount> = chunk.iter().fold(statement, |statement, account| statement.bind(*account)).all().await?;
        let mut met = Vec::new();
        for own in open.chunk_by(|a, b| a.account_id == b.account_id) {
            let items: Vec<Item> = own.iter().map(|row| row.item.clone()).collect();
            met.extend(settling::settle(&items).into_iter().map(|met| Allocation { account: own[0].account_id, met }));
        }
        write(tx, &met, now).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct OfAccount {
    account_id: AccountId,
    #[sqlx(flatten)]
    item: Item,
}

async fn write(tx: &mut Tx, allocations: &[Allocation], now: Moment) -> db::Result<()> {
    let into = "allocation (account_id, debit_id, credit_id, amount_kopecks, reason, made_at)";
    insert_many(tx, into, allocations, |statement, Allocation { account, met }| {
        statement.bind(*account).bind(met.debit).bind(met.credit).bind(met.amount).bind(met.reason).bind(now)
    })
    .await?;
    let mut changes = Changes::new();
    for Allocation { account, met } in allocations {
        for transfer in [met.debit, met.credit] {
            let change = changes.entry((transfer, *account)).or_default();
            *change = *change - met.amount;
        }
    }
    apply(tx, &changes).await
}

/// # Panics
/// When an item is not there: it was read or written in this transaction, so that is a mistake in the program.
async fn apply(tx: &mut Tx, changes: &Changes) -> db::Result<()> {
    let changes: Vec<((TransferId, AccountId), Money)> = changes.iter().map(|(item, by)| (*item, *by)).collect();
    for chunk in changes.chunks(AT_ONCE) {
        let sql = format!(
            "with change (transfer_id, account_id, kopecks) as (values {})
            update open_item
            set open_kopecks = open_kopecks + change.kopecks
            from change
            where open_item.transfer_id = change.transfer_id and open_item.account_id = change.account_id",
            bigint_rows(chunk.len(), 3)
        );
        let statement = q(&mut *tx, sql);
        let written = chunk
            .iter()
            .fold(statement, |statement, ((transfer, account), by)| statement.bind(*transfer).bind(*account).bind(*by))
            .run()
            .await?;
        assert_eq!(written, chunk.len() as u64, "every item that is met has what is open of it changed");
    }
    Ok(())
}

/// What is still owed of bills: the key of each with its sum. Those that are paid are left out.
pub async fn unpaid(on: impl Into<On<'_>>, bills: &[i64]) -> db::Result<BTreeMap<i64, Money>> {
    let mut on = on.into();
    let mut unpaid = BTreeMap::new();
    for chunk in bills.chunks(AT_ONCE) {
        let sql = format!(
            "select bill_id, cast(sum(open_kopecks) as bigint)
            from open_item
            where bill_id in ({}) and side = 'debit' and open_kopecks > 0
            group by bill_id",
            placeholders(1, chunk.len())
        );
        let statement = q(&mut on, sql);
        let rows: Vec<(i64, Money)> = chunk.iter().fold(statement, |statement, bill| statement.bind(*bill)).all().await?;
        unpaid.extend(rows);
    }
    Ok(unpaid)
}

/// What an account owes for each service; `None` for what no service is known of, such as what was owed before the program was used.
pub async fn debts(on: impl Into<On<'_>>, account: AccountId) -> db::Result<Vec<(Option<Service>, Money)>> {
    let sql = "select service, cast(sum(open_kopecks) as bigint)
        from open_item
        where account_id = $1 and side = 'debit' and open_kopecks > 0
        group by service
        order by service";
    q(on, sql).bind(account).all().await
}

/// Money that met a debt, as it is shown: where the money came from, where it went, and why.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Met {
    pub debit_id: TransferId,
    pub credit_id: TransferId,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    pub reason: Reason,
    #[sqlx(flatten)]
    pub debt: Named,
    pub received_on: Date,
    pub made_at: Moment,
    pub undone_at: Option<Moment>,
}

macro_rules! select_met {
    ($ending:literal) => {
        concat!(
            "select m.debit_id, m.credit_id, m.amount_kopecks, m.reason, d.bill_id, d.period, d.service, c.effective_on as received_on,
                m.made_at, m.undone_at
            from allocation m
            join open_item d on d.transfer_id = m.debit_id and d.account_id = m.account_id
            join open_item c on c.transfer_id = m.credit_id and c.account_id = m.account_id ",
            $ending
        )
    };
}

/// What the money of a subject's transfers has met, in the order of it.
pub async fn met_by(on: impl Into<On<'_>>, subject: Subject, id: i64) -> db::Result<Vec<Met>> {
    let sql = select_met!(
        "where m.credit_id in (select id from transfer where subject = $1 and subject_id = $2) and m.undone_at is null order by m.id"
    );
    q(on, sql).bind(subject).bind(id).all().await
}

/// What money a bill is paid with.
pub async fn met_for(on: impl Into<On<'_>>, bill: i64) -> db::Result<Vec<Met>> {
    let sql = select_met!("where d.bill_id = $1 and d.side = 'debit' and m.undone_at is null order by c.effective_on, m.id");
    q(on, sql).bind(bill).all().await
}
