//! The accounts money moves between. One is made when money first comes to it.

use std::{collections::HashMap, fmt, str::FromStr};

use crate::{
    db::{self, Engine, On, Tx, insert_absent, placeholders, q},
    estate::{account::AccountId, contract::Service, site::SiteId},
    kernel::{Money, text::UnknownWord},
    orders::ServiceItemId,
    staff::user::UserId,
};

crate::ids! {
    /// Key of a ledger account.
    LedgerAccountId,
}

crate::text_enum! {
    /// What a ledger account holds.
    BookKind as "book" {
        /// What a payer has paid in advance (above zero) or owes (below).
        Consumer = "consumer",
        /// What of a payer's money is set aside for orders.
        Reserve = "reserve",
        /// What was earned with a service.
        Revenue = "revenue",
        Bank = "bank",
        Cash = "cash",
        /// Money received that nobody has been found for yet.
        Suspense = "suspense",
        /// The other side of what was owed before the program was used.
        Opening = "opening",
        /// What a worker has earned and was not paid yet; below zero by fees.
        Worker = "worker",
        /// What the company earned with work orders: fees less rewards.
        Works = "works",
        /// What workers were paid.
        Payroll = "payroll",
    }
}

/// A ledger account by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Book {
    Consumer(AccountId),
    Reserve(AccountId),
    Revenue(SiteId, Service),
    /// What was earned with an item of the price list.
    Sale(SiteId, ServiceItemId),
    Bank,
    Cash,
    Suspense,
    Opening,
    Worker(UserId),
    Works,
    Payroll,
}

/// What revenue comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Earning {
    Service(Service),
    Item(ServiceItemId),
}

/// The stored word: `water`, `item-7`.
impl fmt::Display for Earning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => service.fmt(f),
            Self::Item(item) => write!(f, "item-{item}"),
        }
    }
}

impl FromStr for Earning {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.strip_prefix("item-") {
            Some(item) => item.parse().map(Self::Item).map_err(|_| UnknownWord),
            None => word.parse().map(Self::Service),
        }
    }
}

crate::stored_as_text!(Earning);

impl Book {
    pub fn kind(self) -> BookKind {
        match self {
            Self::Consumer(_) => BookKind::Consumer,
            Self::Reserve(_) => BookKind::Reserve,
            Self::Revenue(..) | Self::Sale(..) => BookKind::Revenue,
            Self::Bank => BookKind::Bank,
            Self::Cash => BookKind::Cash,
            Self::Suspense => BookKind::Suspense,
            Self::Opening => BookKind::Opening,
            Self::Worker(_) => BookKind::Worker,
            Self::Works => BookKind::Works,
            Self::Payroll => BookKind::Payroll,
        }
    }

    /// Whose it is.
    pub fn account(self) -> Option<AccountId> {
        if let Self::Consumer(account) | Self::Reserve(account) = self { Some(account) } else { None }
    }

    /// The worker whose earnings it holds.
    pub fn worker(self) -> Option<UserId> {
        if let Self::Worker(worker) = self { Some(worker) } else { None }
    }

    /// Where and with what it was earned.
    pub fn earning(self) -> Option<(SiteId, Earning)> {
        match self {
            Self::Revenue(site, service) => Some((site, Earning::Service(service))),
            Self::Sale(site, item) => Some((site, Earning::Item(item))),
            _ => None,
        }
    }

    /// The service that a revenue is of.
    pub fn service(self) -> Option<Service> {
        if let Self::Revenue(_, service) = self { Some(service) } else { None }
    }

    /// Below this the balance goes only by what is owed: charges, corrections, reversals, fees.
    pub fn floor(self) -> Option<Money> {
        match self {
            Self::Consumer(_) | Self::Reserve(_) | Self::Suspense | Self::Worker(_) => Some(Money::ZERO),
            Self::Revenue(..) | Self::Sale(..) | Self::Bank | Self::Cash | Self::Opening | Self::Works | Self::Payroll => None,
        }
    }
}

/// The stored word.
impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consumer(account) => write!(f, "consumer:{account}"),
            Self::Reserve(account) => write!(f, "reserve:{account}"),
            Self::Revenue(site, service) => write!(f, "revenue:{site}:{service}"),
            Self::Sale(site, item) => write!(f, "revenue:{site}:{}", Earning::Item(*item)),
            Self::Worker(worker) => write!(f, "worker:{worker}"),
            Self::Bank | Self::Cash | Self::Suspense | Self::Opening | Self::Works | Self::Payroll => f.write_str(self.kind().as_str()),
        }
    }
}

impl FromStr for Book {
    type Err = UnknownWord;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let mut parts = code.split(':');
        let kind: BookKind = parts.next().unwrap_or_default().parse()?;
        let first = parts.next().unwrap_or_default();
        let account = || first.parse().map_err(|_| UnknownWord);
        Ok(match kind {
            BookKind::Consumer => Self::Consumer(account()?),
            BookKind::Reserve => Self::Reserve(account()?),
            BookKind::Revenue => {
                let site = first.parse().map_err(|_| UnknownWord)?;
                match parts.next().unwrap_or_default().parse()? {
                    Earning::Service(service) => Self::Revenue(site, service),
                    Earning::Item(item) => Self::Sale(site, item),
                }
            }
            BookKind::Bank => Self::Bank,
            BookKind::Cash => Self::Cash,
            BookKind::Suspense => Self::Suspense,
            BookKind::Opening => Self::Opening,
            BookKind::Worker => Self::Worker(first.parse().map_err(|_| UnknownWord)?),
            BookKind::Works => Self::Works,
            BookKind::Payroll => Self::Payroll,
        })
    }
}

crate::stored_as_text!(Book);

/// What stands on a ledger account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub id: LedgerAccountId,
    #[sqlx(rename = "code")]
    pub book: Book,
    #[sqlx(rename = "balance_kopecks")]
    pub balance: Money,
    pub transfer_count: i64,
}

/// What stands on these books; those that money never came to are left out.
pub async fn standing(on: impl Into<On<'_>>, books: &[Book]) -> db::Result<HashMap<Book, Standing>> {
    read(on.into(), books, "").await
}

/// The balance of one book; zero when money never came to it.
pub async fn balance(on: impl Into<On<'_>>, book: Book) -> db::Result<Money> {
    Ok(standing(on, &[book]).await?.get(&book).map_or(Money::ZERO, |standing| standing.balance))
}

/// The same, and nobody else changes them until the transaction ends. Always in the order of their keys, so that no two wait for each other.
pub async fn hold(tx: &mut Tx, books: &[Book]) -> db::Result<HashMap<Book, Standing>> {
    let ending = if tx.engine() == Engine::Postgres { " for update" } else { "" };
    read(tx.into(), books, ending).await
}

async fn read(mut on: On<'_>, books: &[Book], ending: &str) -> db::Result<HashMap<Book, Standing>> {
    let mut books = books.to_vec();
    // several statements must take their locks in one order too
    books.sort_unstable();
    let mut found = HashMap::with_capacity(books.len());
    for chunk in books.chunks(400) {
        let sql = format!(
            "select id, code, balance_kopecks, transfer_count
            from ledger_account
            where code in ({})
            order by code{ending}",
            placeholders(1, chunk.len())
        );
        let standing: Vec<Standing> = chunk.iter().fold(q(&mut on, sql), |statement, book| statement.bind(book.to_string())).all().await?;
        found.extend(standing.into_iter().map(|standing| (standing.book, standing)));
    }
    Ok(found)
}

/// Opens those that are not there; another transaction may open some of them at the same time.
pub(super) async fn open(tx: &mut Tx, books: &[Book]) -> db::Result<()> {
    let into = "ledger_account (code, kind, account_id, site_id, service, user_id)";
    let mut books = books.to_vec();
    books.sort_unstable();
    insert_absent(tx, into, &books, |statement, book| {
        let earning = book.earning();
        statement
            .bind(book.to_string())
            .bind(book.kind())
            .bind(book.account())
            .bind(earning.map(|(site, _)| site))
            .bind(earning.map(|(_, earning)| earning))
            .bind(book.worker())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_read_back_as_it_was_written() {
        let site = SiteId(3);
        let of_account = [Book::Consumer(AccountId(17)), Book::Reserve(AccountId(17))];
        let earned = [Book::Revenue(site, Service::Water), Book::Sale(site, ServiceItemId(7))];
        for book in of_account.into_iter().chain(earned).chain([Book::Bank, Book::Suspense, Book::Worker(UserId(5)), Book::Works]) {
            assert_eq!(book.to_string().parse(), Ok(book));
        }
        for wrong in ["", "consumer", "consumer:x", "revenue:1", "revenue:1:gas", "revenue:1:item-0", "worker:", "safe"] {
            assert_eq!(wrong.parse::<Book>(), Err(UnknownWord), "{wrong}");
        }
    }
}
