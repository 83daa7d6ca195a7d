//! The turnover sheet: all books by kind, the books of payers by site, those of a site by account.

use askama::Template;

use super::{
    days, month_began,
    words::{self, Names},
};
use crate::{
    estate::{
        pages::shared::{chosen_site, excel_address, site_name},
        site::SiteId,
    },
    ledger::{
        account::BookKind,
        turnover::{Span, Turnover},
    },
    reports::table,
    reports::table::{Cell, Column, Head as SheetHead, Table},
    web::{
        Ctx, Error, Filled, Input, Locale, Result,
        list::{Address, Paging},
        page::{Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "ledger/turnover.html")]
struct TurnoverPage {
    shell: Shell,
    sub: String,
    /// One level up: address and words.
    up: (String, String),
    form: Filled,
    /// What stays in the address when the days change.
    kept: Vec<(&'static str, String)>,
    first_head: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// Of the rows shown; none when they are a part of many.
    total: Option<[String; 6]>,
    /// Whether the two sides agree, in words; empty below the first level.
    verdict: (&'static str, String),
    paging: Option<Paging>,
    address: Address,
    excel: String,
}

struct Row {
    href: String,
    name: String,
    /// What else is known of it.
    note: String,
    figures: [String; 6],
}

/// What part of the books is asked for.
#[derive(Clone, Copy)]
enum Level {
    Kinds,
    /// Payers' books of a kind, by site.
    Sites(BookKind),
    /// Payers' books of a kind at a site, by account.
    Accounts(BookKind, SiteId),
    /// Each book of a kind.
    Books(BookKind),
}

/// A row before it is worded.
struct Found {
    href: String,
    name: String,
    note: String,
    turnover: Turnover,
}

impl Level {
    fn of(ctx: &Ctx) -> Self {
        match (ctx.query.text("kind").parse().ok(), chosen_site(ctx)) {
            (Some(kind @ (BookKind::Consumer | BookKind::Reserve)), Some(site)) => Self::Accounts(kind, site),
            (Some(kind @ (BookKind::Consumer | BookKind::Reserve)), None) => Self::Sites(kind),
            (Some(kind), _) => Self::Books(kind),
            (None, _) => Self::Kinds,
        }
    }

    fn head_key(self) -> &'static str {
        match self {
            Self::Kinds | Self::Books(_) => "turnover-book",
            Self::Sites(_) => "premise-site",
            Self::Accounts(..) => "account-number",
        }
    }

    async fn count(self, ctx: &Ctx) -> Result<Option<i64>> {
        Ok(match self {
            Self::Accounts(kind, site) => Some(Span::count_accounts(&ctx.db, kind, site).await?),
            _ => None,
        })
    }

    /// The rows; `part` matters only for accounts, of which there may be many.
    async fn rows(self, ctx: &Ctx, span: Span, shell: &Shell, address: &Address, part: (i64, i64)) -> Result<Vec<Found>> {
        let (l, db) = (ctx.l, &ctx.db);
        let plain = |name, href, turnover| Found { href, name, note: String::new(), turnover };
        Ok(match self {
            Self::Kinds => {
                let rows = span.by_kind(db).await?.into_iter();
                rows.map(|(kind, turnover)| plain(l.t(kind.key()), deeper(address, kind), turnover)).collect()
            }
            Self::Sites(kind) => {
                let rows = span.by_site(db, kind).await?.into_iter();
                rows.map(|(site, turnover)| plain(site_name(shell, site), address.with("site", site), turnover)).collect()
            }
            Self::Books(kind) => {
                let names = Names::load(db).await?;
                let rows = span.by_book(db, kind).await?.into_iter();
                rows.map(|(book, turnover)| plain(names.book(l, book, None), words::book_href(book), turnover)).collect()
            }
            Self::Accounts(kind, site) => {
                let tail = if kind == BookKind::Reserve { "&part=reserve" } else { "" };
                let rows = span.accounts(db, kind, site, part).await?.into_iter();
                rows.map(|row| Found {
                    href: format!("/accounts/{}/statement?from={}&until={}{tail}", row.account, span.from, span.until),
                    name: row.number,
                    note: format!("{}, {}", row.label, row.payer),
                    turnover: row.turnover,
                })
                .collect()
            }
        })
    }
}

/// Kinds with several books have a level of their own.
fn deeper(address: &Address, kind: BookKind) -> String {
    match kind {
        BookKind::Consumer | BookKind::Reserve | BookKind::Revenue | BookKind::Worker => address.with("kind", kind),
        BookKind::Bank | BookKind::Cash | BookKind::Suspense | BookKind::Opening | BookKind::Works | BookKind::Payroll => String::new(),
    }
}

fn asked(ctx: &Ctx) -> Span {
    let (from, until) = days(ctx, month_began(ctx));
    Span { from, until }
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (span, level) = (asked(&ctx), Level::of(&ctx));
    let shell = Shell::of(&ctx, l.t("turnover-title")).await?;
    if let Level::Accounts(_, site) = level {
        shell.sites.iter().find(|choice| choice.id == site).ok_or(Error::NotFound)?;
    }
    let address = Address::new("/turnover", &ctx.query);
    let paging = level.count(&ctx).await?.map(|total| Paging::of(&ctx.query, total));
    let part = paging.map_or((0, 0), |paging| (paging.per_page, paging.offset()));
    let rows = level.rows(&ctx, span, &shell, &address, part).await?;
    let total: Turnover = rows.iter().map(|row| row.turnover).sum();
    let is_whole = paging.is_none_or(|paging| paging.pages() == 1);
    let figure_heads = FIGURES.iter().map(|(_, key)| Head::plain(l.t(key)).number());
    page(&TurnoverPage {
        sub: words(&ctx, &shell, level),
        up: up(l, &address, level),
        form: Filled::new(l, Input::of([("from", span.from), ("until", span.until)])),
        kept: ["kind", "site"].iter().map(|name| (*name, ctx.query.text(name).to_owned())).filter(|(_, value)| !value.is_empty()).collect(),
        first_head: l.t(level.head_key()),
        heads: figure_heads.collect(),
        total: (is_whole && rows.len() > 1).then(|| figures(l, &total)),
        verdict: match level {
            Level::Kinds if total.is_balanced() => ("good", l.t("turnover-balanced")),
            Level::Kinds => ("bad", l.t("turnover-not-balanced")),
            _ => ("", String::new()),
        },
        rows: rows
            .into_iter()
            .map(|row| Row { figures: figures(l, &row.turnover), href: row.href, name: row.name, note: row.note })
            .collect(),
        excel: excel_address(&ctx, "/turnover.xlsx"),
        paging,
        address,
        shell,
    })
}

/// The group and the title of each column of figures.
const FIGURES: [(&str, &str); 6] = [
    ("turnover-opening", "book-debit"),
    ("turnover-opening", "book-credit"),
    ("turnover-moved", "book-debit"),
    ("turnover-moved", "book-credit"),
    ("turnover-closing", "book-debit"),
    ("turnover-closing", "book-credit"),
];

/// Nothing is written where nothing stands, as accountants do.
fn figures(l: Locale, turnover: &Turnover) -> [String; 6] {
    turnover.figures().map(|sum| if sum.is_positive() { l.sum(sum) } else { String::new() })
}

fn words(ctx: &Ctx, shell: &Shell, level: Level) -> String {
    let l = ctx.l;
    match level {
        Level::Kinds => l.t("turnover-sub"),
        Level::Sites(kind) | Level::Books(kind) => l.t(kind.key()),
        Level::Accounts(kind, site) => format!("{}, {}", l.t(kind.key()), site_name(shell, site)),
    }
}

/// One level up.
fn up(l: Locale, address: &Address, level: Level) -> (String, String) {
    match level {
        Level::Kinds => (String::new(), String::new()),
        Level::Sites(_) | Level::Books(_) => (address.with("kind", ""), l.t("turnover-title")),
        Level::Accounts(kind, _) => (address.with("site", ""), l.t(kind.key())),
    }
}

/// The same rows as a workbook: all of them, not only a page.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (span, level) = (asked(&ctx), Level::of(&ctx));
    let shell = Shell::of(&ctx, l.t("turnover-title")).await?;
    let address = Address::new("/turnover", &ctx.query);
    let mut columns = vec![Column::new(l.t(level.head_key()), 34), Column::new(l.t("account-payer"), 40)];
    columns.extend(FIGURES.iter().map(|(group, key)| Column::new(l.t(key), 16).under(l.t(group)).summed()));
    let days = l.a("turnover-days", &[("from", l.date(span.from)), ("until", l.date(span.until))]);
    let lines = vec![format!("{} {days}", l.t("turnover-title")), words(&ctx, &shell, level)];
    let mut table = Table::begin(SheetHead { sheet: l.t("turnover-title"), lines, columns, total: l.t("turnover-total") });
    let mut done = 0;
    loop {
        let rows = level.rows(&ctx, span, &shell, &address, (PART, done)).await?;
        let count = i64::try_from(rows.len()).unwrap_or(PART);
        for row in rows {
            let mut cells: Vec<Cell> = vec![row.name.into(), row.note.into()];
            cells.extend(row.turnover.figures().map(Cell::Sum));
            table.row(cells).await?;
        }
        done += count;
        if !matches!(level, Level::Accounts(..)) || count < PART {
            break;
        }
    }
    Ok(table::download(table.finish().await?, &format!("{} {days}.xlsx", l.t("turnover-title"))).await?)
}

/// Accounts between two queries of the workbook.
const PART: i64 = 2000;
