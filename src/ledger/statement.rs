//! What happened on one book between two days, with the balance after each transfer.

use futures_util::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use time::Date;

use super::{
    account::{self, Book},
    journal::{NAMED, NAMES, Recorded},
    transfer::{BOOKS, COLUMNS},
};
use crate::{
    db::{self, Db, q},
    kernel::Money,
};

crate::text_enum! {
    /// What the lines of a statement can be sorted by; amounts with their signs.
    LineOrder as "statement-order" { Date = "date", Amount = "amount" }
}

/// A book between two days, both included.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    pub book: Book,
    pub from: Date,
    pub until: Date,
}

/// What a statement comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sums {
    pub opening: Money,
    /// What went off the book, above zero.
    pub debit: Money,
    /// What came to it.
    pub credit: Money,
    pub lines: i64,
}

impl Sums {
    pub fn closing(&self) -> Money {
        self.opening + self.credit - self.debit
    }
}

/// One transfer as the book sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    #[sqlx(flatten)]
    pub recorded: Recorded,
    /// Below zero for what went off the book.
    #[sqlx(rename = "kopecks")]
    pub amount: Money,
    /// What stood on the book afterwards.
    pub running: Money,
}

/// Both sides of a book's transfers with signs.
const SIGNED: &str = "select id, effective_on, -amount_kopecks as kopecks from transfer where debit_id = $1 and effective_on <= $3
    union all
    select id, effective_on, amount_kopecks from transfer where credit_id = $1 and effective_on <= $3";

impl Statement {
    pub async fn sums(&self, db: &Db) -> db::Result<Sums> {
        let Some(standing) = account::standing(db, &[self.book]).await?.remove(&self.book) else { return Ok(Sums::default()) };
        let sql = format!(
            "select cast(coalesce(sum(case when effective_on < $2 then kopecks end), 0) as bigint) as opening,
                cast(coalesce(sum(case when effective_on >= $2 and kopecks < 0 then -kopecks end), 0) as bigint) as debit,
                cast(coalesce(sum(case when effective_on >= $2 and kopecks > 0 then kopecks end), 0) as bigint) as credit,
                count(case when effective_on >= $2 then 1 end) as lines
            from ({SIGNED}) moved"
        );
        q(db, sql).bind(standing.id).bind(self.from).bind(self.until).one().await
    }

    /// A part of the lines, in an order that never changes; `opening` is that of the sums.
    pub async fn lines(
        &self,
        db: &Db,
        opening: Money,
        order: LineOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<Line>> {
        let Some(standing) = account::standing(db, &[self.book]).await?.remove(&self.book) else { return Ok(Vec::new()) };
        let sql = lines_sql(order, is_descending, "limit $4 offset $5");
        let statement = q(db, sql).bind(standing.id).bind(self.from).bind(self.until).bind(limit).bind(offset);
        let lines: Vec<Line> = statement.all().await?;
        Ok(lines.into_iter().map(|line| line.after(opening)).collect())
    }

    /// All of them, one by one, never together in memory.
    pub async fn every_line<'a>(
        &self,
        db: &'a Db,
        opening: Money,
        order: LineOrder,
        is_descending: bool,
    ) -> db::Result<BoxStream<'a, db::Result<Line>>> {
        let Some(standing) = account::standing(db, &[self.book]).await?.remove(&self.book) else { return Ok(stream::empty().boxed()) };
        let lines = q(db, lines_sql(order, is_descending, "")).bind(standing.id).bind(self.from).bind(self.until).stream::<Line>();
        Ok(lines.map_ok(move |line| line.after(opening)).boxed())
    }
}

impl Line {
    /// The balance after it, when this stood on the book before the first.
    fn after(mut self, opening: Money) -> Self {
        self.running += opening;
        self
    }
}

/// The sums run by date whatever the lines are ordered by.
fn lines_sql(order: LineOrder, is_descending: bool, part: &str) -> String {
    let way = if is_descending { "desc" } else { "asc" };
    let order = match order {
        LineOrder::Date => format!("e.effective_on {way}, e.id {way}"),
        LineOrder::Amount => format!("e.kopecks {way}, e.effective_on {way}, e.id {way}"),
    };
    format!(
        "select {COLUMNS}, {NAMED}, e.kopecks, cast(e.running as bigint) as running
        from (
            select e.id, e.effective_on, e.kopecks, e.running
            from (
                select id, effective_on, kopecks, sum(kopecks) over (order by effective_on, id) as running
                from ({SIGNED}) moved
                where effective_on >= $2
            ) e
            order by {order}
            {part}
        ) e
        join transfer t on t.id = e.id
        {BOOKS}
        {NAMES}
        order by {order}"
    )
}
