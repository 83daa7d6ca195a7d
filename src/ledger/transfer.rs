//! An immutable move of money from one book to another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use time::Date;

use super::{
    account::{self, Book, LedgerAccountId, Standing},
    closing, open_item,
    posting::{self, Change, Refusal},
    settling::Named,
};
use crate::{
    db::{self, Engine, On, Tx, bigint_rows, insert_many, insert_many_for_ids, placeholders, q},
    kernel::{Moment, Money, text::fold},
    staff::user::UserId,
};

crate::ids! {
    /// Key of a transfer.
    TransferId,
}

crate::text_enum! {
    /// Why money moves.
    Kind as "transfer" {
        /// What a month's bill says is owed for a service.
        Charge = "charge",
        /// What is owed more, or less, for a month billed before.
        Correction = "correction",
        Payment = "payment",
        /// Money of an unknown payer has found its account.
        Match = "match",
        Refund = "refund",
        /// Money put on an account by another program.
        Deposit = "deposit",
        /// Between two accounts.
        Transfer = "transfer",
        /// Set aside for an order, given back, earned.
        Reserve = "reserve",
        Release = "release",
        Capture = "capture",
        /// What was owed before the program was used.
        Opening = "opening",
        Reversal = "reversal",
        /// What a work order costs the worker to whom it is given, and earns whoever does it.
        Fee = "fee",
        Reward = "reward",
        /// What a worker is paid for a day.
        Payout = "payout",
    }
}

crate::text_enum! {
    /// What a transfer is about.
    Subject as "transfer-subject" {
        Account = "account",
        Bill = "bill",
        Payment = "payment",
        Order = "order",
        WorkOrder = "work_order",
        Payout = "payout",
    }
}

/// A transfer to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    pub debit: Book,
    pub credit: Book,
    pub amount: Money,
    pub kind: Kind,
    pub subject: Subject,
    pub subject_id: Option<i64>,
    /// Typed words; empty for none.
    pub memo: String,
    pub effective_on: Date,
    pub user: Option<UserId>,
    /// Made by the sender; a second transfer of the same key and content is the first one.
    pub key: Option<String>,
    pub reverses: Option<TransferId>,
    /// What the payer said the money is for.
    pub named: Named,
}

impl NewTransfer {
    /// A transfer with nothing said beside what it moves.
    pub fn new(kind: Kind, debit: Book, credit: Book, amount: Money, effective_on: Date) -> Self {
        Self {
            debit,
            credit,
            amount,
            kind,
            subject: Subject::Account,
            subject_id: None,
            memo: String::new(),
            effective_on,
            user: None,
            key: None,
            reverses: None,
            named: Named::default(),
        }
    }

    #[must_use]
    pub fn about(mut self, subject: Subject, id: i64) -> Self {
        self.subject = subject;
        self.subject_id = Some(id);
        self
    }

    #[must_use]
    pub fn said(mut self, memo: impl Into<String>) -> Self {
        self.memo = memo.into();
        self
    }

    #[must_use]
    pub fn by(mut self, user: Option<UserId>) -> Self {
        self.user = user;
        self
    }

    #[must_use]
    pub fn keyed(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    #[must_use]
    pub fn naming(mut self, named: Named) -> Self {
        self.named = named;
        self
    }

    /// What is owed may bring a balance below its floor; what is spent may not.
    pub fn may_overdraw(&self) -> bool {
        matches!(self.kind, Kind::Charge | Kind::Correction | Kind::Reversal | Kind::Opening | Kind::Fee)
    }
}

/// A transfer as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Transfer {
    pub id: TransferId,
    pub debit: Book,
    pub credit: Book,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    pub kind: Kind,
    pub subject: Subject,
    pub subject_id: Option<i64>,
    pub memo: String,
    pub effective_on: Date,
    pub booked_at: Moment,
    #[sqlx(rename = "user_id")]
    pub user: Option<UserId>,
    pub key: Option<String>,
    #[sqlx(rename = "reverses_id")]
    pub reverses: Option<TransferId>,
}

/// The columns of a [`Transfer`] with its books joined as `d` and `c`.
pub(super) const COLUMNS: &str = "t.id, d.code as debit, c.code as credit, t.amount_kopecks, t.kind, t.subject, t.subject_id, t.memo,
    t.effective_on, t.booked_at, t.user_id, t.key, t.reverses_id";

pub(super) const BOOKS: &str = "join ledger_account d on d.id = t.debit_id join ledger_account c on c.id = t.credit_id";

impl Transfer {
    pub async fn find(on: impl Into<On<'_>>, id: TransferId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS} from transfer t {BOOKS} where t.id = $1")).bind(id).opt().await
    }

    async fn by_keys(tx: &mut Tx, keys: &[&str]) -> db::Result<Vec<Self>> {
        let mut found = Vec::new();
        for chunk in keys.chunks(400) {
            let sql = format!("select {COLUMNS} from transfer t {BOOKS} where t.key in ({})", placeholders(1, chunk.len()));
            let statement = q(&mut *tx, sql);
            found.append(&mut chunk.iter().fold(statement, |statement, key| statement.bind(*key)).all().await?);
        }
        Ok(found)
    }

    /// Is the other one asked for again?
    fn is(&self, new: &NewTransfer) -> bool {
        (self.debit, self.credit, self.amount, self.kind, self.subject, self.subject_id, self.effective_on, self.reverses, &self.memo)
            == (new.debit, new.credit, new.amount, new.kind, new.subject, new.subject_id, new.effective_on, new.reverses, &new.memo)
    }

    /// The transfer that takes this one back.
    #[must_use]
    pub fn reversal(&self, effective_on: Date) -> NewTransfer {
        NewTransfer {
            reverses: Some(self.id),
            subject: self.subject,
            subject_id: self.subject_id,
            ..NewTransfer::new(Kind::Reversal, self.credit, self.debit, self.amount, effective_on)
        }
    }
}

/// The transfers about these subjects that are no reversals and are not reversed, in the order they were made.
pub async fn about(on: impl Into<On<'_>>, subject: Subject, ids: &[i64]) -> db::Result<Vec<Transfer>> {
    let sql = format!(
        "select {COLUMNS} from transfer t {BOOKS}
        where t.subject = $1 and t.subject_id in ({}) and t.reverses_id is null
            and not exists (select 1 from transfer r where r.reverses_id = t.id)
        order by t.id",
        placeholders(2, ids.len())
    );
    let statement = q(on, sql).bind(subject);
    ids.iter().fold(statement, |statement, id| statement.bind(*id)).all().await
}

/// Makes linked transfers, all or none; answers their keys in order. Those sent before under the same keys are not made again.
pub async fn post(tx: &mut Tx, transfers: &[NewTransfer], now: Moment) -> db::Result<Result<Vec<TransferId>, Refusal>> {
    match made_before(tx, transfers).await? {
        Ok(made) if made.is_empty() => {}
        known => return Ok(known),
    }
    if let Some(refusal) = closing::refused(tx, transfers).await? {
        return Ok(Err(refusal));
    }
    let standing = match held(tx, transfers).await? {
        Ok(standing) => standing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(index) = reversed_already(tx, transfers).await? {
        return Ok(Err(Refusal::ReversedAlready { index }));
    }
    let balances = standing.iter().map(|(book, standing)| (*book, standing.balance)).collect();
    let changes = match posting::changes(&balances, transfers) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let ids: Vec<TransferId> = write(tx, &standing, transfers, now).await?.into_iter().map(TransferId).collect();
    apply(tx, &standing, &changes).await?;
    open_item::keep(tx, &ids, transfers, now).await?;
    Ok(Ok(ids))
}

/// The transfers that the keys were used for: none, or exactly these.
async fn made_before(tx: &mut Tx, transfers: &[NewTransfer]) -> db::Result<Result<Vec<TransferId>, Refusal>> {
    let keys: Vec<&str> = transfers.iter().filter_map(|transfer| transfer.key.as_deref()).collect();
    let made: HashMap<Option<String>, Transfer> =
        Transfer::by_keys(tx, &keys).await?.into_iter().map(|transfer| (transfer.key.clone(), transfer)).collect();
    if made.is_empty() {
        let mut seen = BTreeSet::new();
        let repeated = transfers.iter().position(|transfer| transfer.key.is_some() && !seen.insert(&transfer.key));
        return Ok(repeated.map_or(Ok(Vec::new()), |index| Err(Refusal::KeyReused { index })));
    }
    let same = |(index, new): (usize, &NewTransfer)| {
        made.get(&new.key).filter(|old| old.is(new)).map(|old| old.id).ok_or(Refusal::KeyReused { index })
    };
    Ok(transfers.iter().enumerate().map(same).collect())
}

/// Every book of the transfers, opened where it was not, and held until the transaction ends.
///
/// Books are opened before any is held: who waits for a book that another transaction is opening must hold nothing it may want.
async fn held(tx: &mut Tx, transfers: &[NewTransfer]) -> db::Result<Result<HashMap<Book, Standing>, Refusal>> {
    let books: BTreeSet<Book> = transfers.iter().flat_map(|transfer| [transfer.debit, transfer.credit]).collect();
    let books: Vec<Book> = books.into_iter().collect();
    let known = account::standing(&mut *tx, &books).await?;
    let absent: Vec<Book> = books.iter().copied().filter(|book| !known.contains_key(book)).collect();
    if !absent.is_empty() {
        // Nothing is opened for what would be refused anyway.
        let balances = known.iter().map(|(book, standing)| (*book, standing.balance)).collect();
        if let Err(refusal) = posting::changes(&balances, transfers) {
            return Ok(Err(refusal));
        }
        account::open(tx, &absent).await?;
    } else if tx.engine() == Engine::Sqlite {
        // The one writer holds everything.
        return Ok(Ok(known));
    }
    Ok(Ok(account::hold(tx, &books).await?))
}

/// The first transfer that takes back what was taken back before, or what is itself a taking back.
async fn reversed_already(tx: &mut Tx, transfers: &[NewTransfer]) -> db::Result<Option<usize>> {
    let asked: Vec<TransferId> = transfers.iter().filter_map(|transfer| transfer.reverses).collect();
    let mut taken = BTreeSet::new();
    for chunk in asked.chunks(400) {
        let given = placeholders(1, chunk.len());
        let sql = format!(
            "select reverses_id from transfer where reverses_id in ({given})
            union
            select id from transfer where id in ({given}) and reverses_id is not null"
        );
        let statement = q(&mut *tx, sql);
        let found: Vec<TransferId> = chunk.iter().fold(statement, |statement, id| statement.bind(*id)).scalars().await?;
        taken.extend(found);
    }
    let is_taken = |transfer: &NewTransfer| transfer.reverses.is_some_and(|reversed| !taken.insert(reversed));
    Ok(transfers.iter().position(is_taken))
}

async fn write(tx: &mut Tx, standing: &HashMap<Book, Standing>, transfers: &[NewTransfer], now: Moment) -> db::Result<Vec<i64>> {
    let into = "transfer (debit_id, credit_id, amount_kopecks, kind, subject, subject_id, memo, effective_on, booked_at, user_id, key, reverses_id)";
    let ids = insert_many_for_ids(tx, into, transfers, |statement, new| {
        statement
            .bind(standing[&new.debit].id)
            .bind(standing[&new.credit].id)
            .bind(new.amount)
            .bind(new.kind)
            .bind(new.subject)
            .bind(new.subject_id)
            .bind(new.memo.as_str())
            .bind(new.effective_on)
            .bind(now)
            .bind(new.user)
            .bind(new.key.as_deref())
            .bind(new.reverses)
    })
    .await?;
    insert_many(tx, "unsealed_transfer (transfer_id)", &ids, |statement, id| statement.bind(*id)).await?;
    let said: Vec<(i64, String)> =
        ids.iter().zip(transfers).filter(|(_, new)| !new.memo.is_empty()).map(|(id, new)| (*id, fold(&new.memo))).collect();
    insert_many(tx, "transfer_memo (transfer_id, folded)", &said, |statement, (id, folded)| statement.bind(*id).bind(folded.as_str()))
        .await?;
    Ok(ids)
}

/// Brings the balances up to the transfers just written.
///
/// # Panics
/// When not every book is there: they were read in this transaction, so that is a mistake in the program, and money must not be lost by it.
async fn apply(tx: &mut Tx, standing: &HashMap<Book, Standing>, changes: &BTreeMap<Book, Change>) -> db::Result<()> {
    let by_key: Vec<(LedgerAccountId, Change)> = changes.iter().map(|(book, change)| (standing[book].id, *change)).collect();
    for chunk in by_key.chunks(400) {
        let sql = format!(
            "with change (id, kopecks, number) as (values {})
            update ledger_account
            set balance_kopecks = balance_kopecks + change.kopecks, transfer_count = transfer_count + change.number
            from change
            where ledger_account.id = change.id",
            bigint_rows(chunk.len(), 3)
        );
        let statement = q(&mut *tx, sql);
        let written = chunk
            .iter()
            .fold(statement, |statement, (id, change)| statement.bind(*id).bind(change.by).bind(change.transfers))
            .run()
            .await?;
        assert_eq!(written, chunk.len() as u64, "every book of a transfer has its balance changed");
    }
    Ok(())
}
