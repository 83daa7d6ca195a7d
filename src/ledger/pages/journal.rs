//! The journal of transfers, and one transfer with both its sides and its place in the chain.

use askama::Template;

use super::{
    day,
    words::{self, Names},
};
use crate::{
    estate::pages::shared::excel_address,
    kernel::Money,
    ledger::{
        TransferId,
        account::BookKind,
        journal::{JournalFilter, MOST_COUNTED, Recorded, Sealed},
        transfer::Kind,
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::User,
    web::{
        Ctx, Error, Filled, Keys, Locale, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

crate::text_enum! {
    /// What the journal can be sorted by.
    JournalOrder as "journal-order" { Date = "date" }
}

#[derive(Template)]
#[template(path = "ledger/journal.html")]
struct JournalPage {
    shell: Shell,
    sub: String,
    form: Filled,
    kinds: Vec<Choice>,
    books: Vec<Choice>,
    people: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
}

struct Row {
    href: String,
    date: String,
    kind: String,
    debit: (String, String),
    credit: (String, String),
    amount: String,
    about: (String, String),
    memo: String,
    who: String,
    is_reversed: bool,
}

const FILTERS: &[&str] = &["q", "from", "until", "kind", "book", "least", "most", "user"];

fn filter(ctx: &Ctx) -> JournalFilter {
    let sum = |field: &str| Money::parse(ctx.query.text(field)).ok();
    JournalFilter {
        words: ctx.query.text("q").to_owned(),
        from: day(ctx, "from"),
        until: day(ctx, "until"),
        kind: ctx.query.text("kind").parse().ok(),
        book: ctx.query.text("book").parse().ok(),
        least: sum("least"),
        most: sum("most"),
        user: ctx.query.text("user").parse().ok(),
    }
}

fn sort(ctx: &Ctx) -> Sort<JournalOrder> {
    Sort::of(&ctx.query, Sort::down(JournalOrder::Date))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort) = (filter(&ctx), sort(&ctx));
    let paging = Paging::up_to(&ctx.query, filter.count(&ctx.db).await?, MOST_COUNTED);
    let rows = filter.rows(&ctx.db, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let names = Names::load(&ctx.db).await?;
    let address = Address::new("/journal", &ctx.query);
    let people = User::all(&ctx.db).await?;
    page(&JournalPage {
        sub: l.n(if paging.is_open { "journal-count-open" } else { "journal-count" }, paging.total),
        form: Filled::new(l, ctx.query.clone()),
        kinds: Choice::all_of::<Kind>(l),
        books: Choice::all_of::<BookKind>(l),
        people: people.into_iter().map(|user| Choice::new(user.id, user.name)).collect(),
        heads: vec![
            Head::sorted(l.t("posting-date"), &address, JournalOrder::Date, sort),
            Head::plain(l.t("posting-kind")),
            Head::plain(l.t("book-debit")),
            Head::plain(l.t("book-credit")),
            Head::plain(l.t("posting-amount")).number(),
            Head::plain(l.t("statement-why")),
            Head::plain(l.t("posting-who")),
        ],
        rows: rows.iter().map(|recorded| row(l, &names, recorded)).collect(),
        excel: excel_address(&ctx, "/journal.xlsx"),
        is_filtered: FILTERS.iter().any(|name| !ctx.query.text(name).is_empty()),
        paging,
        address,
        shell: Shell::of(&ctx, l.t("journal-title")).await?,
    })
}

/// The two sides, each with its address and its name.
fn sides(l: Locale, names: &Names, recorded: &Recorded) -> ((String, String), (String, String)) {
    let Recorded { transfer, debit_number, credit_number, .. } = recorded;
    let side = |book, number: &Option<String>| (words::book_href(book), names.book(l, book, number.as_deref()));
    (side(transfer.debit, debit_number), side(transfer.credit, credit_number))
}

fn row(l: Locale, names: &Names, recorded: &Recorded) -> Row {
    let transfer = &recorded.transfer;
    let (debit, credit) = sides(l, names, recorded);
    Row {
        href: format!("/journal/{}", transfer.id),
        date: l.date(transfer.effective_on),
        kind: l.t(transfer.kind.key()),
        debit,
        credit,
        amount: l.sum(transfer.amount),
        about: words::subject(l, recorded),
        memo: transfer.memo.clone(),
        who: recorded.user_name.clone().unwrap_or_else(|| l.t("posting-by-program")),
        is_reversed: recorded.reversed_by.is_some(),
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort) = (filter(&ctx), sort(&ctx));
    let names = Names::load(&ctx.db).await?;
    let columns = [
        ("posting-number", 10),
        ("posting-date", 14),
        ("posting-booked", 18),
        ("posting-kind", 18),
        ("book-debit", 34),
        ("book-credit", 34),
        ("posting-amount", 14),
        ("statement-why", 26),
        ("posting-memo", 40),
        ("posting-who", 26),
        ("posting-reverses", 12),
    ];
    let mut listing = Listing::begin(l.t("journal-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        for recorded in filter.rows(&ctx.db, sort.is_descending, part).await? {
            let row = row(l, &names, &recorded);
            let transfer = &recorded.transfer;
            let cells = vec![
                Cell::Count(transfer.id.0),
                Cell::Day(transfer.effective_on),
                ctx.moment(transfer.booked_at).into(),
                row.kind.into(),
                row.debit.1.into(),
                row.credit.1.into(),
                Cell::Sum(transfer.amount),
                row.about.1.into(),
                row.memo.into(),
                row.who.into(),
                transfer.reverses.map_or(Cell::Empty, |id| Cell::Count(id.0)),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "ledger/transfer.html")]
struct TransferPage {
    shell: Shell,
    sub: String,
    amount: String,
    row: Row,
    booked: String,
    key: String,
    /// The transfer that it takes back, or that takes it back: address and words.
    reverses: (String, String),
    reversed_by: (String, String),
    /// Its place in the chain and the hashes there, named; none while it waits.
    chain: Vec<(String, String)>,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<TransferId>) -> Result {
    let l = ctx.l;
    let recorded = Recorded::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let sealed = Sealed::of(&ctx.db, id).await?;
    let names = Names::load(&ctx.db).await?;
    let link = |id: Option<TransferId>| {
        id.map(|id| (format!("/journal/{id}"), l.a("posting-title", &[("number", id.to_string())]))).unwrap_or_default()
    };
    let row = row(l, &names, &recorded);
    let transfer = &recorded.transfer;
    page(&TransferPage {
        shell: Shell::of(&ctx, l.a("posting-title", &[("number", id.to_string())])).await?,
        sub: format!("{}, {}", row.kind, row.date),
        amount: l.money(transfer.amount),
        booked: ctx.moment(transfer.booked_at),
        key: transfer.key.clone().unwrap_or_default(),
        reverses: link(transfer.reverses),
        reversed_by: link(recorded.reversed_by),
        chain: sealed.map(|sealed| chain(l, sealed)).unwrap_or_default(),
        row,
    })
}

fn chain(l: Locale, sealed: Sealed) -> Vec<(String, String)> {
    vec![
        (l.t("posting-position"), l.count(sealed.position)),
        (l.t("posting-hash"), sealed.hash),
        (l.t("posting-hash-before"), sealed.hash_before.unwrap_or_else(|| l.t("posting-hash-first"))),
    ]
}
