//! Books and transfers in plain words.

use std::collections::BTreeMap;

use crate::{
    db::{self, Db},
    estate::site::{Site, SiteId},
    kernel::Money,
    ledger::{Book, Earning, Kind, Subject, journal::Recorded, revenue},
    orders::ServiceItemId,
    staff::user::{User, UserId},
    web::Locale,
};

/// Names that a transfer knows only by their keys.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub items: BTreeMap<ServiceItemId, String>,
    pub sites: BTreeMap<SiteId, String>,
    pub people: BTreeMap<UserId, String>,
}

impl Names {
    pub async fn load(db: &Db) -> db::Result<Self> {
        let sites = Site::all(db).await?.into_iter().map(|site| (site.id, site.details.name)).collect();
        let people = User::all(db).await?.into_iter().map(|user| (user.id, user.name)).collect();
        Ok(Self { items: revenue::item_names(db).await?, sites, people })
    }

    /// What was earned with: `Вода`, `Покос травы`.
    pub fn earning(&self, l: Locale, earning: Earning) -> String {
        match earning {
            Earning::Service(service) => l.t(service.key()),
            Earning::Item(item) => self.items.get(&item).cloned().unwrap_or_else(|| earning.to_string()),
        }
    }

    /// A book by what people call it; `number` is that of its personal account.
    pub fn book(&self, l: Locale, book: Book, number: Option<&str>) -> String {
        let number = number.unwrap_or_default();
        match (book, book.earning()) {
            (_, Some((site, earning))) => {
                let words = l.a("book-revenue-of", &[("service", self.earning(l, earning))]);
                match self.sites.get(&site) {
                    Some(site) if self.sites.len() > 1 => format!("{words}, {site}"),
                    _ => words,
                }
            }
            (Book::Consumer(_), _) => l.a("book-consumer-of", &[("number", number)]),
            (Book::Reserve(_), _) => l.a("book-reserve-of", &[("number", number)]),
            (Book::Worker(worker), _) => {
                l.a("book-worker-of", &[("name", self.people.get(&worker).map_or_else(|| worker.to_string(), Clone::clone))])
            }
            _ => l.t(book.kind().key()),
        }
    }
}

/// Where a book's statement is; empty for books that have none.
pub fn book_href(book: Book) -> String {
    match book {
        Book::Consumer(account) => format!("/accounts/{account}/statement"),
        Book::Reserve(account) => format!("/accounts/{account}/statement?part=reserve"),
        _ => String::new(),
    }
}

/// What a transfer is about: the address of its page and its name; both empty when it is about nothing but the account.
pub fn subject(l: Locale, recorded: &Recorded) -> (String, String) {
    let transfer = &recorded.transfer;
    let Some(id) = transfer.subject_id else { return (String::new(), String::new()) };
    match transfer.subject {
        Subject::Bill => {
            let number = recorded.bill_number.clone().unwrap_or_else(|| id.to_string());
            (format!("/bills/{id}"), l.a("bill-title", &[("number", number)]))
        }
        Subject::Payment => (format!("/payments/{id}"), l.a("posting-about-payment", &[("number", id.to_string())])),
        Subject::Order => (format!("/orders/{id}"), l.a("order-title", &[("number", id.to_string())])),
        Subject::WorkOrder => (format!("/work-orders/{id}"), l.a("work-order-title-of", &[("number", id.to_string())])),
        Subject::Payout => ("/payouts".to_owned(), l.a("payout-of", &[("number", id.to_string())])),
        Subject::Account => (String::new(), String::new()),
    }
}

/// What happened, as the payer would be told: `Начислено: Вода`, `Перевод на счёт 000000026`.
pub fn told(l: Locale, names: &Names, recorded: &Recorded, is_debit: bool) -> String {
    let transfer = &recorded.transfer;
    let (other, number) = if is_debit { (transfer.credit, &recorded.credit_number) } else { (transfer.debit, &recorded.debit_number) };
    let kind = l.t(transfer.kind.key());
    match (transfer.kind, other) {
        (Kind::Charge | Kind::Correction | Kind::Capture, _) if other.earning().is_some() => {
            let service = other.earning().map(|(_, earning)| names.earning(l, earning)).unwrap_or_default();
            format!("{kind}: {service}")
        }
        (Kind::Transfer, Book::Consumer(_)) => {
            let key = if is_debit { "posting-told-to" } else { "posting-told-from" };
            l.a(key, &[("number", number.as_deref().unwrap_or_default())])
        }
        (Kind::Reserve | Kind::Release, _) => kind,
        _ => format!("{kind}: {}", names.book(l, other, number.as_deref())),
    }
}

/// A sum in the column it belongs to; the other stays empty.
pub fn sides(l: Locale, amount: Money) -> (String, String) {
    if amount.is_negative() { (l.sum(-amount), String::new()) } else { (String::new(), l.sum(amount)) }
}
