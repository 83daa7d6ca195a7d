//! What all books stood at, what went through them, and what they stand at: between two days, by kind, by site, by account.
//!
//! Balances at a day are today's, less what moved after it: what is asked for is mostly recent.

use std::collections::HashMap;

use time::Date;

use super::account::{Book, BookKind, LedgerAccountId};
use crate::{
    db::{self, Db, placeholders, q},
    estate::{account::AccountId, site::SiteId},
    kernel::Money,
};

/// Two days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Date,
    pub until: Date,
}

/// A row of the sheet: debit and credit of what stood before, of what moved, and of what stands after; none below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Turnover {
    pub opening_debit: Money,
    pub opening_credit: Money,
    pub debit: Money,
    pub credit: Money,
    pub closing_debit: Money,
    pub closing_credit: Money,
}

impl Turnover {
    pub fn figures(&self) -> [Money; 6] {
        [self.opening_debit, self.opening_credit, self.debit, self.credit, self.closing_debit, self.closing_credit]
    }

    /// Are both sides alike, before, between and after? Only the whole sheet must be.
    pub fn is_balanced(&self) -> bool {
        self.opening_debit == self.opening_credit && self.debit == self.credit && self.closing_debit == self.closing_credit
    }
}

impl std::iter::Sum for Turnover {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            opening_debit: sum.opening_debit + row.opening_debit,
            opening_credit: sum.opening_credit + row.opening_credit,
            debit: sum.debit + row.debit,
            credit: sum.credit + row.credit,
            closing_debit: sum.closing_debit + row.closing_debit,
            closing_credit: sum.closing_credit + row.closing_credit,
        })
    }
}

#[derive(sqlx::FromRow)]
struct OfKind {
    kind: BookKind,
    #[sqlx(flatten)]
    turnover: Turnover,
}

#[derive(sqlx::FromRow)]
struct OfSite {
    site_id: SiteId,
    #[sqlx(flatten)]
    turnover: Turnover,
}

#[derive(sqlx::FromRow)]
struct OfBook {
    #[sqlx(rename = "code")]
    book: Book,
    #[sqlx(flatten)]
    turnover: Turnover,
}

/// An account of the sheet.
#[derive(Clone, Debug)]
pub struct OfAccount {
    pub account: AccountId,
    pub number: String,
    pub label: String,
    pub payer: String,
    pub turnover: Turnover,
}

/// What each book went through since `$1` and stands at on `$2`; `{0}` and `{1}` narrow the books of either side.
fn stood(of_debit: &str, of_credit: &str) -> String {
    format!(
        "with moved as (
            select debit_id as book, sum(case when effective_on <= $2 then amount_kopecks else 0 end) as debit, 0 as credit,
                -sum(case when effective_on > $2 then amount_kopecks else 0 end) as later
            from transfer
            where effective_on >= $1{of_debit}
            group by debit_id
            union all
            select credit_id, 0, sum(case when effective_on <= $2 then amount_kopecks else 0 end),
                sum(case when effective_on > $2 then amount_kopecks else 0 end)
            from transfer
            where effective_on >= $1{of_credit}
            group by credit_id
        ),
        summed as (select book, sum(debit) as debit, sum(credit) as credit, sum(later) as later from moved group by book),
        stood as (
            select a.id, a.code, a.kind, a.account_id, coalesce(m.debit, 0) as debit, coalesce(m.credit, 0) as credit,
                a.balance_kopecks - coalesce(m.later, 0) as closing,
                a.balance_kopecks - coalesce(m.later, 0) - coalesce(m.credit, 0) + coalesce(m.debit, 0) as opening
            from ledger_account a
            left join summed m on m.book = a.id
        )"
    )
}

const FIGURES: &str = "cast(sum(case when opening < 0 then -opening else 0 end) as bigint) as opening_debit,
    cast(sum(case when opening > 0 then opening else 0 end) as bigint) as opening_credit,
    cast(sum(debit) as bigint) as debit, cast(sum(credit) as bigint) as credit,
    cast(sum(case when closing < 0 then -closing else 0 end) as bigint) as closing_debit,
    cast(sum(case when closing > 0 then closing else 0 end) as bigint) as closing_credit";

impl Span {
    /// Every kind of book that money ever came to.
    pub async fn by_kind(self, db: &Db) -> db::Result<Vec<(BookKind, Turnover)>> {
        let sql = format!("{} select kind, {FIGURES} from stood group by kind", stood("", ""));
        let rows: Vec<OfKind> = q(db, sql).bind(self.from).bind(self.until).all().await?;
        let mut rows: Vec<(BookKind, Turnover)> = rows.into_iter().map(|row| (row.kind, row.turnover)).collect();
        rows.sort_by_key(|(kind, _)| *kind);
        Ok(rows)
    }

    /// The books of one kind that belong to personal accounts, site by site.
    pub async fn by_site(self, db: &Db, kind: BookKind) -> db::Result<Vec<(SiteId, Turnover)>> {
        let sql = format!(
            "{} select p.site_id, {FIGURES}
            from stood
            join account a on a.id = stood.account_id
            join premise p on p.id = a.premise_id
            where stood.kind = $3
            group by p.site_id
            order by p.site_id",
            stood("", "")
        );
        let rows: Vec<OfSite> = q(db, sql).bind(self.from).bind(self.until).bind(kind).all().await?;
        Ok(rows.into_iter().map(|row| (row.site_id, row.turnover)).collect())
    }

    /// Every book of a kind by itself: for kinds of which there are few, such as revenue.
    pub async fn by_book(self, db: &Db, kind: BookKind) -> db::Result<Vec<(Book, Turnover)>> {
        let sql = format!("{} select code, {FIGURES} from stood where kind = $3 group by code, id order by id", stood("", ""));
        let rows: Vec<OfBook> = q(db, sql).bind(self.from).bind(self.until).bind(kind).all().await?;
        Ok(rows.into_iter().map(|row| (row.book, row.turnover)).collect())
    }

    /// The accounts of a site that have a book of the kind, in the order of premises.
    pub async fn accounts(self, db: &Db, kind: BookKind, site: SiteId, (limit, offset): (i64, i64)) -> db::Result<Vec<OfAccount>> {
        let sql = "select l.id, a.id, a.number, p.label, o.full_name
            from premise p
            join account a on a.premise_id = p.id
            join ledger_account l on l.account_id = a.id
            join owner o on o.id = a.payer_id
            where p.site_id = $1 and l.kind = $2
            order by p.sort_key, a.id
            limit $3 offset $4";
        let found: Vec<(LedgerAccountId, AccountId, String, String, String)> =
            q(db, sql).bind(site).bind(kind).bind(limit).bind(offset).all().await?;
        let mut turnovers = HashMap::new();
        for chunk in found.chunks(400) {
            let keys: Vec<LedgerAccountId> = chunk.iter().map(|(book, ..)| *book).collect();
            turnovers.extend(self.of_books(db, &keys).await?);
        }
        let row = |(book, account, number, label, payer)| OfAccount {
            account,
            number,
            label,
            payer,
            turnover: turnovers.get(&book).copied().unwrap_or_default(),
        };
        Ok(found.into_iter().map(row).collect())
    }

    async fn of_books(self, db: &Db, books: &[LedgerAccountId]) -> db::Result<HashMap<LedgerAccountId, Turnover>> {
        let given = placeholders(3, books.len());
        let narrowed = stood(&format!(" and debit_id in ({given})"), &format!(" and credit_id in ({given})"));
        let sql = format!("{narrowed} select id, {FIGURES} from stood where id in ({given}) group by id");
        let statement = q(db, sql).bind(self.from).bind(self.until);
        let rows: Vec<(LedgerAccountId, Money, Money, Money, Money, Money, Money)> =
            books.iter().fold(statement, |statement, book| statement.bind(*book)).all().await?;
        let turnover = |(id, opening_debit, opening_credit, debit, credit, closing_debit, closing_credit)| {
            (id, Turnover { opening_debit, opening_credit, debit, credit, closing_debit, closing_credit })
        };
        Ok(rows.into_iter().map(turnover).collect())
    }

    /// How many [`Span::accounts`] there are.
    pub async fn count_accounts(db: &Db, kind: BookKind, site: SiteId) -> db::Result<i64> {
        let sql = "select count(*)
            from premise p
            join account a on a.premise_id = p.id
            join ledger_account l on l.account_id = a.id
            where p.site_id = $1 and l.kind = $2";
        q(db, sql).bind(site).bind(kind).scalar().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_balanced_when_its_sides_are() {
        let of = |kopecks: [i64; 6]| {
            let [opening_debit, opening_credit, debit, credit, closing_debit, closing_credit] = kopecks.map(Money::from_kopecks);
            Turnover { opening_debit, opening_credit, debit, credit, closing_debit, closing_credit }
        };
        let (owed, earned) = (of([100, 0, 50, 20, 130, 0]), of([0, 100, 20, 50, 0, 130]));
        assert!(!owed.is_balanced());
        assert!([owed, earned].into_iter().sum::<Turnover>().is_balanced());
    }
}
