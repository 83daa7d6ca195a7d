//! A payment: money received, whose it is and what it was for. Never edited: a wrong one is reversed, with a reason.

use time::Date;

use crate::{
    api::values::Day,
    billing::BillId,
    db::{self, On, Tx, insert_many_for_ids, placeholders, q},
    estate::{
        account::{self, AccountId},
        premise::PremiseId,
        site::SiteId,
    },
    events::{self, PaymentReceived, PaymentReversed},
    kernel::{Moment, Money},
    ledger::{self, Book, Kind, Named, NewTransfer, Refusal, Subject, transfer},
    staff::user::UserId,
};

crate::ids! {
    /// Key of a payment.
    PaymentId,
    /// Key of a file that brought payments.
    PaymentImportId,
}

crate::text_enum! {
    /// How the money came.
    Method as "payment-method" { Bank = "bank", Cash = "cash" }
}

impl Method {
    pub fn book(self) -> Book {
        match self {
            Self::Bank => Book::Bank,
            Self::Cash => Book::Cash,
        }
    }
}

crate::text_enum! {
    /// Where the money is.
    State as "payment-state" {
        /// On an account.
        Credited = "credited",
        /// Nobody has been found for it yet.
        Unknown = "unknown",
        Reversed = "reversed",
    }
}

/// A payment to be kept.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// `None` while it is not known whose it is.
    pub account: Option<AccountId>,
    pub amount: Money,
    pub received_on: Date,
    pub method: Method,
    pub payer: String,
    /// What the payer or the cashier wrote.
    pub memo: String,
    pub named: Named,
    /// The bank's number of the document; empty for none.
    pub reference: String,
    /// The same for the same document in any file.
    pub fingerprint: Option<String>,
    pub import: Option<PaymentImportId>,
    /// Made by the sender; the same key and content is the same payment.
    pub key: Option<String>,
}

/// A payment as stored, with the names that people look for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Payment {
    pub id: PaymentId,
    pub account_id: Option<AccountId>,
    pub account_number: Option<String>,
    pub premise_id: Option<PremiseId>,
    pub premise_label: Option<String>,
    pub site_id: Option<SiteId>,
    /// Who pays for the account, whoever paid this time.
    pub holder_name: Option<String>,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    pub received_on: Date,
    pub method: Method,
    pub payer: String,
    pub memo: String,
    #[sqlx(flatten)]
    pub named: Named,
    pub reference: String,
    pub import_id: Option<PaymentImportId>,
    pub state: State,
    pub entered_at: Moment,
    pub entered_by: Option<String>,
    pub reversed_at: Option<Moment>,
    pub reversal_reason: String,
}

/// The columns of a [`Payment`].
pub(super) const COLUMNS: &str = "y.id, y.account_id, a.number as account_number, a.premise_id, p.label as premise_label, p.site_id,
    o.full_name as holder_name, y.amount_kopecks, y.received_on, y.method, y.payer, y.memo, y.bill_id, y.period, y.service, y.reference,
    y.import_id, y.state, y.entered_at, u.name as entered_by, y.reversed_at, y.reversal_reason";

/// The tables they come from.
pub(super) const TABLES: &str = "from payment y
    left join account a on a.id = y.account_id
    left join premise p on p.id = a.premise_id
    left join owner o on o.id = a.payer_id
    left join staff_user u on u.id = y.user_id";

impl Payment {
    pub async fn find(on: impl Into<On<'_>>, id: PaymentId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS} {TABLES} where y.id = $1")).bind(id).opt().await
    }

    /// The last ones that a person entered, the latest first.
    pub async fn last_of(on: impl Into<On<'_>>, user: UserId, limit: i64) -> db::Result<Vec<Self>> {
        let sql = format!("select {COLUMNS} {TABLES} where y.user_id = $1 and y.import_id is null order by y.id desc limit $2");
        q(on, sql).bind(user).bind(limit).all().await
    }

    fn is(&self, new: &NewPayment) -> bool {
        (self.account_id, self.amount, self.received_on, self.method, self.named, &self.payer, &self.memo, &self.reference)
            == (new.account, new.amount, new.received_on, new.method, new.named, &new.payer, &new.memo, &new.reference)
    }
}

/// Class of the lock under which payments with a key are received.
const KEY_LOCK: i32 = 61;

/// Keeps one payment and puts the money where it belongs. The same key and content is the payment made before.
pub async fn receive(tx: &mut Tx, new: &NewPayment, by: Option<UserId>, now: Moment) -> db::Result<Result<PaymentId, Refusal>> {
    if let Some(key) = &new.key {
        tx.lock(KEY_LOCK, new.account.map_or(0, |account| account.0)).await?;
        let known: Option<Payment> = q(&mut *tx, format!("select {COLUMNS} {TABLES} where y.key = $1")).bind(key.as_str()).opt().await?;
        if let Some(known) = known {
            return Ok(if known.is(new) { Ok(known.id) } else { Err(Refusal::KeyReused { index: 0 }) });
        }
    }
    Ok(receive_many(tx, std::slice::from_ref(new), by, now).await?.map(|ids| ids[0]))
}

/// Keeps many payments, all or none; answers their keys in order. Their documents are not looked for among earlier ones.
pub async fn receive_many(
    tx: &mut Tx,
    payments: &[NewPayment],
    by: Option<UserId>,
    now: Moment,
) -> db::Result<Result<Vec<PaymentId>, Refusal>> {
    let into = "payment (account_id, amount_kopecks, received_on, method, payer, memo, bill_id, period, service, reference, fingerprint,
        import_id, state, key, entered_at, user_id, reversal_reason)";
    let ids = insert_many_for_ids(tx, into, payments, |statement, new| {
        statement
            .bind(new.account)
            .bind(new.amount)
            .bind(new.received_on)
            .bind(new.method)
            .bind(new.payer.as_str())
            .bind(new.memo.as_str())
            .bind(new.named.bill)
            .bind(new.named.period)
            .bind(new.named.service)
            .bind(new.reference.as_str())
            .bind(new.fingerprint.as_deref())
            .bind(new.import)
            .bind(if new.account.is_some() { State::Credited } else { State::Unknown })
            .bind(new.key.as_deref())
            .bind(now)
            .bind(by)
            .bind("")
    })
    .await?;
    let transfer = |(id, new): (&i64, &NewPayment)| {
        let to = new.account.map_or(Book::Suspense, Book::Consumer);
        NewTransfer::new(Kind::Payment, new.method.book(), to, new.amount, new.received_on)
            .about(Subject::Payment, *id)
            .said(new.memo.as_str())
            .naming(new.named)
            .keyed(format!("payment {id}"))
            .by(by)
    };
    let transfers: Vec<NewTransfer> = ids.iter().zip(payments).map(transfer).collect();
    if let Err(refusal) = ledger::post(tx, &transfers, now).await? {
        return Ok(Err(refusal));
    }
    let ids: Vec<PaymentId> = ids.into_iter().map(PaymentId).collect();
    tell_received(tx, &ids, payments, now).await?;
    Ok(Ok(ids))
}

async fn tell_received(tx: &mut Tx, ids: &[PaymentId], payments: &[NewPayment], now: Moment) -> db::Result<()> {
    let numbers = account::numbers(&mut *tx, payments.iter().filter_map(|new| new.account)).await?;
    let event = |(id, new): (&PaymentId, &NewPayment)| PaymentReceived {
        payment_id: *id,
        account: new.account.and_then(|account| numbers.get(&account).cloned()),
        amount: new.amount,
        received_on: Day(new.received_on),
        method: new.method,
        bill_id: new.named.bill.map(BillId),
        import_id: new.import,
    };
    let received: Vec<PaymentReceived> = ids.iter().zip(payments).map(event).collect();
    events::record(tx, &received, now).await
}

/// Why something cannot be done with a payment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    #[error("it was matched or reversed meanwhile")]
    ChangedMeanwhile,
    #[error(transparent)]
    Ledger(#[from] Refusal),
}

/// Puts money that nobody was known for on an account.
pub async fn match_to(
    tx: &mut Tx,
    payment: &Payment,
    account: AccountId,
    on: Date,
    by: Option<UserId>,
    now: Moment,
) -> db::Result<Result<(), NotPossible>> {
    let sql = "update payment set account_id = $2, state = 'credited' where id = $1 and state = 'unknown'";
    if q(&mut *tx, sql).bind(payment.id).bind(account).run().await? == 0 {
        return Ok(Err(NotPossible::ChangedMeanwhile));
    }
    let found = NewTransfer::new(Kind::Match, Book::Suspense, Book::Consumer(account), payment.amount, on)
        .about(Subject::Payment, payment.id.0)
        .said(payment.memo.as_str())
        .naming(payment.named)
        .keyed(format!("payment {} match", payment.id))
        .by(by);
    Ok(ledger::post(tx, &[found], now).await?.map(|_| ()).map_err(NotPossible::Ledger))
}

/// Takes payments back, all or none: their money leaves the accounts by the way it came.
pub async fn reverse(
    tx: &mut Tx,
    payments: &[PaymentId],
    reason: &str,
    on: Date,
    by: Option<UserId>,
    now: Moment,
) -> db::Result<Result<(), NotPossible>> {
    let (mut transfers, mut gone) = (Vec::new(), Vec::new());
    for chunk in payments.chunks(400) {
        let sql = format!(
            "update payment
            set state = 'reversed', reversed_at = $1, reversed_by = $2, reversal_reason = $3
            where state <> 'reversed' and id in ({})
            returning id, account_id, amount_kopecks",
            placeholders(4, chunk.len())
        );
        let statement = q(&mut *tx, sql).bind(now).bind(by).bind(reason);
        let written: Vec<Gone> = chunk.iter().fold(statement, |statement, id| statement.bind(*id)).all().await?;
        if written.len() != chunk.len() {
            return Ok(Err(NotPossible::ChangedMeanwhile));
        }
        gone.extend(written);
        let ids: Vec<i64> = chunk.iter().map(|id| id.0).collect();
        transfers.extend(transfer::about(&mut *tx, Subject::Payment, &ids).await?);
    }
    // the last move is taken back first
    let reversals: Vec<NewTransfer> = transfers.iter().rev().map(|transfer| transfer.reversal(on).said(reason).by(by)).collect();
    if let Err(refusal) = ledger::post(tx, &reversals, now).await? {
        return Ok(Err(NotPossible::Ledger(refusal)));
    }
    gone.sort_unstable_by_key(|payment| payment.id);
    tell_reversed(tx, &gone, on, now).await?;
    Ok(Ok(()))
}

/// A payment that was taken back.
#[derive(sqlx::FromRow)]
struct Gone {
    id: PaymentId,
    account_id: Option<AccountId>,
    amount_kopecks: Money,
}

async fn tell_reversed(tx: &mut Tx, gone: &[Gone], on: Date, now: Moment) -> db::Result<()> {
    let numbers = account::numbers(&mut *tx, gone.iter().filter_map(|payment| payment.account_id)).await?;
    let event = |payment: &Gone| PaymentReversed {
        payment_id: payment.id,
        account: payment.account_id.and_then(|account| numbers.get(&account).cloned()),
        amount: payment.amount_kopecks,
        reversed_on: Day(on),
    };
    let reversed: Vec<PaymentReversed> = gone.iter().map(event).collect();
    events::record(tx, &reversed, now).await
}

/// Gives money back that an account has in advance.
#[derive(Clone, Debug)]
pub struct Refund {
    pub account: AccountId,
    pub amount: Money,
    pub method: Method,
    pub paid_on: Date,
    pub reason: String,
    pub key: String,
}

impl Refund {
    /// The same key and content is the refund made before; more than the advance is refused.
    pub async fn make(&self, tx: &mut Tx, by: Option<UserId>, now: Moment) -> db::Result<Result<(), Refusal>> {
        let back = NewTransfer::new(Kind::Refund, Book::Consumer(self.account), self.method.book(), self.amount, self.paid_on)
            .about(Subject::Account, self.account.0)
            .said(self.reason.as_str())
            .keyed(format!("refund {}", self.key))
            .by(by);
        Ok(ledger::post(tx, &[back], now).await?.map(|_| ()))
    }
}
