//! What workers are paid for a day that ended: down to zero, once for each worker and day, a large one only when another person agrees.

use serde_json::json;
use time::Date;

use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject as About},
    db::{self, Db, On, Tx, bigint_rows, insert_many_for_ids, placeholders, q},
    events::{self, PayoutPaid},
    kernel::{Moment, Money, clock::Zone, text::is_email},
    ledger::{self, Book, Kind, NewTransfer, Subject, TransferId, account},
    notify::{self, Channel, MessageKind, NewMessage, Place},
    staff::user::UserId,
    web::{Language, Locale},
};

crate::ids! {
    /// Key of a payout; its number too.
    PayoutId,
}

crate::text_enum! {
    /// What became of a payout.
    PayoutState as "payout-state" {
        /// Above the limit: another person must agree.
        Waiting = "waiting",
        Paid = "paid",
        /// The money stays where it was and is paid with the next one.
        Declined = "declined",
    }
}

/// Class of the lock under which payouts are made, one run at a time.
const LOCK: i32 = 59;

/// A payout as stored, with the names of people.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Payout {
    pub id: PayoutId,
    pub worker_id: UserId,
    pub worker_name: String,
    pub day: Date,
    #[sqlx(rename = "kopecks")]
    pub sum: Money,
    pub state: PayoutState,
    pub transfer_id: Option<TransferId>,
    pub created_at: Moment,
    pub created_by: Option<UserId>,
    pub decided_at: Option<Moment>,
    pub decider_name: Option<String>,
}

const SELECT: &str =
    "select p.id, p.worker_id, u.name as worker_name, p.day, p.kopecks, p.state, p.transfer_id, p.created_at, p.created_by,
    p.decided_at, d.name as decider_name
    from payout p
    join staff_user u on u.id = p.worker_id
    left join staff_user d on d.id = p.decided_by";

/// Why nothing is paid. Nothing has changed once the transaction is dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the day has not come yet")]
    Future,
    #[error("the payout waits for nothing")]
    NotWaiting,
    #[error("whoever asked for the payout, or is paid by it, cannot agree to it")]
    SamePerson,
    #[error("only {left} is left on the worker's book")]
    LessLeft { left: Money },
    #[error("the ledger refuses: {0}")]
    Ledger(#[from] ledger::Refusal),
}

impl Refusal {
    /// The message that says so.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Future => "payout-future",
            Self::NotWaiting => "payout-not-waiting",
            Self::SamePerson => "payout-same-person",
            Self::LessLeft { .. } => "payout-less-left",
            Self::Ledger(_) => "work-order-refused-by-ledger",
        }
    }
}

/// What a worker is to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Due {
    worker_id: UserId,
    #[sqlx(rename = "kopecks")]
    sum: Money,
}

/// Pays every worker what they had at the end of the day, those above the limit once another person agrees; answers the payouts made or
/// begun now. Whoever has one for the day gets no other. When refused, drop the transaction.
pub async fn pay_out(tx: &mut Tx, day: Date, author: &Author, now: Moment) -> db::Result<Result<Vec<Payout>, Refusal>> {
    if day > Zone::moscow().day(now) {
        return Ok(Err(Refusal::Future));
    }
    tx.lock(LOCK, 0).await?;
    let dues = due(tx, day).await?;
    let terms = Settings::load(&mut *tx).await?.works;
    let into = "payout (worker_id, day, kopecks, state, created_at, created_by)";
    let ids = insert_many_for_ids(&mut *tx, into, &dues, |statement, due| {
        statement.bind(due.worker_id).bind(day).bind(due.sum).bind(PayoutState::Waiting).bind(now).bind(author.id)
    })
    .await?;
    let ids: Vec<PayoutId> = ids.into_iter().map(PayoutId).collect();
    let begun: Vec<(PayoutId, Due)> = ids.iter().copied().zip(dues).collect();
    let at_once: Vec<(PayoutId, Due)> = begun.into_iter().filter(|(_, due)| !terms.needs_approval(due.sum)).collect();
    if let Err(refusal) = settle(tx, &at_once, day, author, now).await? {
        return Ok(Err(refusal));
    }
    let mut made = of_day(&mut *tx, day).await?;
    made.retain(|payout| ids.contains(&payout.id));
    if !made.is_empty() {
        let values =
            json!({ "day": day.to_string(), "number": made.len(), "sum": made.iter().map(|payout| payout.sum).sum::<Money>().to_string() });
        let entry = Entry { author, at: now, action: "audit-payouts-made", subject: About::Payout, id: None, name: day.to_string() };
        entry.created(tx, &values).await?;
    }
    Ok(Ok(made))
}

/// What each worker had at the end of the day, no more than is there now beside what already waits; nobody changes their books meanwhile.
async fn due(tx: &mut Tx, day: Date) -> db::Result<Vec<Due>> {
    let sql = "select user_id from ledger_account where kind = 'worker' and balance_kopecks > 0 order by user_id";
    let workers: Vec<UserId> = q(&mut *tx, sql).scalars().await?;
    let books: Vec<Book> = workers.into_iter().map(Book::Worker).chain([Book::Payroll]).collect();
    account::hold(tx, &books).await?;
    let sql = "select worker_id, case when ended < free then ended else free end as kopecks
        from (
            select a.user_id as worker_id,
                cast(a.balance_kopecks
                    - coalesce((select sum(t.amount_kopecks) from transfer t where t.credit_id = a.id and t.effective_on > $1), 0)
                    + coalesce((select sum(t.amount_kopecks) from transfer t where t.debit_id = a.id and t.effective_on > $1), 0)
                    as bigint) as ended,
                cast(a.balance_kopecks
                    - coalesce((select sum(p.kopecks) from payout p where p.worker_id = a.user_id and p.state = 'waiting'), 0)
                    as bigint) as free
            from ledger_account a
            where a.kind = 'worker' and a.balance_kopecks > 0
                and not exists (select 1 from payout p where p.worker_id = a.user_id and p.day = $1)
        ) standing
        where ended > 0 and free > 0
        order by worker_id";
    q(tx, sql).bind(day).all().await
}

/// Moves the money of payouts, effective on a day. The one place where a payout becomes paid.
async fn settle(tx: &mut Tx, payouts: &[(PayoutId, Due)], on: Date, author: &Author, now: Moment) -> db::Result<Result<(), Refusal>> {
    if payouts.is_empty() {
        return Ok(Ok(()));
    }
    let paid = |(id, due): &(PayoutId, Due)| {
        let paid = NewTransfer::new(Kind::Payout, Book::Worker(due.worker_id), Book::Payroll, due.sum, on);
        paid.about(Subject::Payout, id.0).by(author.id).keyed(format!("payout {id}"))
    };
    let transfers: Vec<NewTransfer> = payouts.iter().map(paid).collect();
    let transfers = match ledger::post(tx, &transfers, now).await? {
        Ok(transfers) => transfers,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let moved: Vec<(PayoutId, TransferId)> = payouts.iter().map(|(id, _)| *id).zip(transfers).collect();
    for chunk in moved.chunks(400) {
        let sql = format!(
            "with made (id, transfer) as (values {})
            update payout
            set state = 'paid', transfer_id = made.transfer
            from made
            where payout.id = made.id",
            bigint_rows(chunk.len(), 2)
        );
        let statement = q(&mut *tx, sql);
        chunk.iter().fold(statement, |statement, (id, transfer)| statement.bind(*id).bind(*transfer)).run().await?;
    }
    for chunk in moved.chunks(400) {
        let ids: Vec<PayoutId> = chunk.iter().map(|(id, _)| *id).collect();
        tell(tx, &ids, now).await?;
    }
    Ok(Ok(()))
}

/// Who was paid, as they and other programs are told of it.
#[derive(sqlx::FromRow)]
struct Told {
    id: PayoutId,
    worker_id: UserId,
    day: Date,
    #[sqlx(rename = "kopecks")]
    sum: Money,
    name: String,
    email: String,
    language: Language,
}

/// Tells each worker by mail, and other programs by an event.
async fn tell(tx: &mut Tx, payouts: &[PayoutId], now: Moment) -> db::Result<()> {
    let sql = format!(
        "select p.id, p.worker_id, p.day, p.kopecks, u.name, u.email, u.language
        from payout p
        join staff_user u on u.id = p.worker_id
        where p.id in ({})
        order by p.id",
        placeholders(1, payouts.len())
    );
    let paid: Vec<Told> = payouts.iter().fold(q(&mut *tx, sql), |statement, id| statement.bind(*id)).all().await?;
    let events: Vec<PayoutPaid> = paid.iter().map(|told| PayoutPaid::new(told.id.0, told.worker_id.0, told.sum, told.day)).collect();
    events::record(tx, &events, now).await?;
    let letters: Vec<NewMessage> = paid.iter().filter(|told| is_email(&told.email)).map(Told::letter).collect();
    notify::write(tx, &letters, now).await
}

impl Told {
    fn letter(&self) -> NewMessage {
        let l = Locale::from(self.language);
        let facts = [("name", self.name.clone()), ("sum", l.money(self.sum)), ("day", l.date(self.day))];
        NewMessage {
            to: Place { channel: Channel::Email, address: self.email.clone() },
            otherwise: None,
            kind: MessageKind::Payout,
            subject: l.a("payout-letter-subject", &facts),
            text: l.a("payout-letter-text", &facts),
            owner: None,
            user: Some(self.worker_id),
            key: Some(format!("payout:{}", self.id)),
        }
    }
}

async fn of_day(on: impl Into<On<'_>>, day: Date) -> db::Result<Vec<Payout>> {
    q(on, format!("{SELECT} where p.day = $1 order by p.id")).bind(day).all().await
}

impl Payout {
    pub async fn find(on: impl Into<On<'_>>, id: PayoutId) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT} where p.id = $1")).bind(id).opt().await
    }

    /// The same, with nobody else deciding about it until the transaction ends.
    async fn held(tx: &mut Tx, id: PayoutId) -> db::Result<Result<Self, Refusal>> {
        tx.lock(LOCK, 0).await?;
        let payout = Self::find(tx, id).await?.ok_or(db::Error::RowNotFound)?;
        Ok(if payout.state == PayoutState::Waiting { Ok(payout) } else { Err(Refusal::NotWaiting) })
    }

    /// Pays what waited, by the word of another person. When refused, drop the transaction.
    pub async fn approve(tx: &mut Tx, id: PayoutId, by: UserId, author: &Author, now: Moment) -> db::Result<Result<Self, Refusal>> {
        let payout = match Self::held(tx, id).await? {
            Ok(payout) => payout,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if payout.created_by == Some(by) || payout.worker_id == by {
            return Ok(Err(Refusal::SamePerson));
        }
        let books = [Book::Payroll, Book::Worker(payout.worker_id)];
        let left = account::hold(tx, &books).await?.get(&books[1]).map_or(Money::ZERO, |standing| standing.balance);
        if left < payout.sum {
            return Ok(Err(Refusal::LessLeft { left: left.or_zero() }));
        }
        let due = Due { worker_id: payout.worker_id, sum: payout.sum };
        if let Err(refusal) = settle(tx, &[(id, due)], Zone::moscow().day(now), author, now).await? {
            return Ok(Err(refusal));
        }
        payout.decided(tx, PayoutState::Paid, "audit-payout-approved", author, now).await.map(Ok)
    }

    /// Leaves the money with the worker: it is paid with the next payout.
    pub async fn decline(tx: &mut Tx, id: PayoutId, author: &Author, now: Moment) -> db::Result<Result<Self, Refusal>> {
        match Self::held(tx, id).await? {
            Ok(payout) => payout.decided(tx, PayoutState::Declined, "audit-payout-declined", author, now).await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    async fn decided(self, tx: &mut Tx, state: PayoutState, action: &'static str, author: &Author, now: Moment) -> db::Result<Self> {
        let sql = "update payout set state = $2, decided_at = $3, decided_by = $4 where id = $1";
        q(&mut *tx, sql).bind(self.id).bind(state).bind(now).bind(author.id).run().await?;
        let entry = Entry { author, at: now, action, subject: About::Payout, id: Some(self.id.0), name: self.worker_name.clone() };
        entry.created(&mut *tx, &json!({ "sum": self.sum.to_string(), "day": self.day.to_string() })).await?;
        Self::find(tx, self.id).await?.ok_or(db::Error::RowNotFound)
    }
}

/// What the list of payouts is narrowed by.
#[derive(Clone, Copy, Debug, Default)]
pub struct PayoutFilter {
    pub worker: Option<UserId>,
    pub state: Option<PayoutState>,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

const MATCHES: &str = "($1 = 0 or p.worker_id = $1) and ($2 = '' or p.state = $2) and p.day >= $3 and p.day <= $4";

impl PayoutFilter {
    fn bind<'a>(&self, statement: db::Q<'a>) -> db::Q<'a> {
        let statement = statement.bind(self.worker.map_or(0, |worker| worker.0)).bind(self.state.map_or("", PayoutState::as_str));
        statement.bind(self.from.unwrap_or(FIRST)).bind(self.until.unwrap_or(LAST))
    }

    /// How many, and what they come to without those declined.
    pub async fn count(&self, db: &Db) -> db::Result<(i64, Money)> {
        let sql = format!(
            "select count(*), cast(coalesce(sum(case when p.state = 'declined' then 0 else p.kopecks end), 0) as bigint)
            from payout p
            where {MATCHES}"
        );
        self.bind(q(db, sql)).one().await
    }

    /// The latest day first.
    pub async fn rows(&self, db: &Db, (limit, offset): (i64, i64)) -> db::Result<Vec<Payout>> {
        let sql = format!("{SELECT} where {MATCHES} order by p.day desc, p.id desc limit $5 offset $6");
        self.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}

const FIRST: Date = time::macros::date!(1900 - 01 - 01);
const LAST: Date = time::macros::date!(2199 - 12 - 31);

/// How many payouts wait for somebody's word.
pub async fn waiting(on: impl Into<On<'_>>) -> db::Result<i64> {
    q(on, "select count(*) from payout p where p.state = 'waiting'").scalar().await
}
