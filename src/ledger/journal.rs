//! All transfers, filtered: what the accountant looks through.

use time::Date;

use super::{
    account::BookKind,
    transfer::{BOOKS, COLUMNS, Kind, Transfer, TransferId},
};
use crate::{
    db::{self, Db, On, q},
    estate::filter::{Conditions, Given},
    kernel::{Money, text::like_anywhere},
    staff::user::UserId,
};

/// Transfers grow with every month, and nobody turns to the hundredth page; so many are counted.
pub const MOST_COUNTED: i64 = 2000;

/// A transfer with the names that people know its parts by.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Recorded {
    #[sqlx(flatten)]
    pub transfer: Transfer,
    /// Numbers of the personal accounts on either side.
    pub debit_number: Option<String>,
    pub credit_number: Option<String>,
    pub bill_number: Option<String>,
    pub user_name: Option<String>,
    pub reversed_by: Option<TransferId>,
}

/// The columns of a [`Recorded`], over [`BOOKS`] and [`NAMES`].
pub(super) const NAMED: &str =
    "da.number as debit_number, ca.number as credit_number, b.number as bill_number, u.name as user_name, v.id as reversed_by";

pub(super) const NAMES: &str = "left join account da on da.id = d.account_id
    left join account ca on ca.id = c.account_id
    left join bill b on t.subject = 'bill' and b.id = t.subject_id
    left join staff_user u on u.id = t.user_id
    left join transfer v on v.reverses_id = t.id";

/// What the journal is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct JournalFilter {
    /// In the words typed with a transfer.
    pub words: String,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub kind: Option<Kind>,
    /// On either side.
    pub book: Option<BookKind>,
    pub least: Option<Money>,
    pub most: Option<Money>,
    pub user: Option<UserId>,
}

impl Recorded {
    pub async fn find(on: impl Into<On<'_>>, id: TransferId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS}, {NAMED} from transfer t {BOOKS} {NAMES} where t.id = $1")).bind(id).opt().await
    }
}

impl JournalFilter {
    fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(from) = self.from {
            conditions.and("t.effective_on >= ?1", vec![Given::Day(from)]);
        }
        if let Some(until) = self.until {
            conditions.and("t.effective_on <= ?1", vec![Given::Day(until)]);
        }
        if let Some(kind) = self.kind {
            conditions.and("t.kind = ?1", vec![Given::Text(kind.to_string())]);
        }
        if let Some(book) = self.book {
            conditions.and("d.kind = ?1 or c.kind = ?1", vec![Given::Text(book.to_string())]);
        }
        if let Some(least) = self.least {
            conditions.and("t.amount_kopecks >= ?1", vec![Given::Key(least.kopecks())]);
        }
        if let Some(most) = self.most {
            conditions.and("t.amount_kopecks <= ?1", vec![Given::Key(most.kopecks())]);
        }
        if let Some(user) = self.user {
            conditions.and("t.user_id = ?1", vec![Given::Key(user.0)]);
        }
        if !self.words.trim().is_empty() {
            let said = "t.id in (select transfer_id from transfer_memo where folded like ?1 escape '\\')";
            conditions.and(said, vec![Given::Text(like_anywhere(&self.words))]);
        }
        conditions
    }

    /// How many there are; one more than [`MOST_COUNTED`] stands for any number above it.
    pub async fn count(&self, db: &Db) -> db::Result<i64> {
        let conditions = self.conditions();
        let books = if self.book.is_some() { BOOKS } else { "" };
        let sql = format!("select count(*) from (select 1 from transfer t {books}{} limit {}) counted", conditions.sql(), MOST_COUNTED + 1);
        conditions.bind(q(db, sql)).scalar().await
    }

    /// By day and then as they were made; the latest first unless ascending.
    pub async fn rows(&self, db: &Db, is_descending: bool, (limit, offset): (i64, i64)) -> db::Result<Vec<Recorded>> {
        let conditions = self.conditions();
        let way = if is_descending { "desc" } else { "asc" };
        let next = conditions.next();
        let sql = format!(
            "select {COLUMNS}, {NAMED}
            from transfer t
            {BOOKS}
            {NAMES}{}
            order by t.effective_on {way}, t.id {way}
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}

/// A transfer's place in the chain.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sealed {
    pub position: i64,
    pub hash: String,
    /// Missing for the first.
    pub hash_before: Option<String>,
}

impl Sealed {
    /// `None` while the transfer waits to be sealed.
    pub async fn of(on: impl Into<On<'_>>, id: TransferId) -> db::Result<Option<Self>> {
        q(
            on,
            "select s.position, s.hash, p.hash as hash_before
            from transfer_seal s
            left join transfer_seal p on p.position = s.position - 1
            where s.transfer_id = $1",
        )
        .bind(id)
        .opt()
        .await
    }
}
