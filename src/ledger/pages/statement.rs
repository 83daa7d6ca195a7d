//! The card of a personal account: what stood on it, every transfer with the balance after it, what stands on it.

use std::collections::HashMap;

use askama::Template;
use futures_util::TryStreamExt as _;

use super::{
    days,
    words::{self, Names},
};
use crate::{
    estate::{
        account::{Account, AccountId},
        contract_list::{AccountOrder, AccountRow, AgreementFilter},
        pages::shared::{chosen_site, excel_address, head, premise_href, seen, site_choices, site_name},
    },
    kernel::{Money, Period},
    ledger::{
        Book, account,
        statement::{Line, LineOrder, Statement, Sums},
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    web::{
        Ctx, Filled, Input, Keys, Locale, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, Tab, page},
    },
};

#[derive(Template)]
#[template(path = "ledger/statements.html")]
struct StatementsPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
}

struct Row {
    href: String,
    number: String,
    label: String,
    payer: String,
    /// Balance, and whether it is owed.
    main: (String, bool),
    reserve: String,
}

/// All accounts with what stands on them, to choose one from.
pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let filter = AgreementFilter { words: ctx.query.text("q").to_owned(), site: chosen_site(&ctx), ..AgreementFilter::default() };
    let seen = seen(&ctx)?;
    let sort = Sort::of(&ctx.query, Sort::up(AccountOrder::Label));
    let shell = Shell::of(&ctx, l.t("statements-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count_accounts(&ctx.db, seen).await?);
    let accounts = filter.accounts(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let books: Vec<Book> = accounts.iter().flat_map(|account| [Book::Consumer(account.id), Book::Reserve(account.id)]).collect();
    let standing = account::standing(&ctx.db, &books).await?;
    let balances: HashMap<Book, Money> = standing.into_iter().map(|(book, standing)| (book, standing.balance)).collect();
    let address = Address::new("/statements", &ctx.query);
    page(&StatementsPage {
        sub: l.n("accounts-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        heads: vec![
            head(l, "account-number", &address, AccountOrder::Number, sort),
            head(l, "premise-label", &address, AccountOrder::Label, sort),
            head(l, "account-payer", &address, AccountOrder::Payer, sort),
            Head::plain(l.t("statement-main")).number(),
            Head::plain(l.t("statement-reserve")).number(),
        ],
        rows: accounts.into_iter().map(|account| row(l, account, &balances)).collect(),
        paging,
        address,
        shell,
    })
}

fn row(l: Locale, account: AccountRow, balances: &HashMap<Book, Money>) -> Row {
    let of = |book: Book| balances.get(&book).copied().unwrap_or_default();
    let main = of(Book::Consumer(account.id));
    Row {
        href: words::book_href(Book::Consumer(account.id)),
        main: (l.sum(main), main.is_negative()),
        reserve: l.sum(of(Book::Reserve(account.id))),
        number: account.number,
        label: account.premise_label,
        payer: account.payer_name,
    }
}

#[derive(Template)]
#[template(path = "ledger/statement.html")]
struct StatementPage {
    shell: Shell,
    sub: String,
    from: (String, String),
    premise: (String, String),
    tabs: Vec<Tab>,
    action: String,
    part: &'static str,
    form: Filled,
    /// Opening, debit, credit and closing, each with its name.
    sums: Vec<(String, String)>,
    heads: Vec<Head>,
    lines: Vec<LineView>,
    paging: Paging,
    address: Address,
    excel: String,
}

struct LineView {
    href: String,
    date: String,
    what: String,
    about: (String, String),
    memo: String,
    debit: String,
    credit: String,
    running: String,
    is_reversed: bool,
}

/// What the address asks for.
struct Asked {
    account: Account,
    is_reserve: bool,
    statement: Statement,
    sort: Sort<LineOrder>,
}

impl Asked {
    /// The last year, unless days are named.
    async fn of(ctx: &Ctx, id: AccountId) -> Result<Self> {
        let account = ctx.visible(Account::find(&ctx.db, id).await?, |account| account.site_id)?;
        let is_reserve = ctx.query.text("part") == "reserve";
        let book = if is_reserve { Book::Reserve(id) } else { Book::Consumer(id) };
        let (from, until) = days(ctx, Period::of(ctx.today()).plus(-12).first_day());
        let sort = Sort::of(&ctx.query, Sort::up(LineOrder::Date));
        Ok(Self { account, is_reserve, statement: Statement { book, from, until }, sort })
    }

    async fn lines(&self, ctx: &Ctx, sums: &Sums, part: (i64, i64)) -> Result<Vec<Line>> {
        Ok(self.statement.lines(&ctx.db, sums.opening, self.sort.by, self.sort.is_descending, part).await?)
    }

    /// Is the transfer on the left side of this book?
    fn is_debit(&self, line: &Line) -> bool {
        line.recorded.transfer.debit == self.statement.book
    }
}

pub async fn show(ctx: Ctx, Keys(id): Keys<AccountId>) -> Result {
    let l = ctx.l;
    let asked = Asked::of(&ctx, id).await?;
    let sums = asked.statement.sums(&ctx.db).await?;
    let paging = Paging::of(&ctx.query, sums.lines);
    let lines = asked.lines(&ctx, &sums, (paging.per_page, paging.offset())).await?;
    let names = Names::load(&ctx.db).await?;
    let (path, account) = (format!("/accounts/{id}/statement"), &asked.account);
    let address = Address::new(path.clone(), &ctx.query);
    let shell = Shell::of(&ctx, l.a("statement-title", &[("number", &account.number)])).await?;
    let filled = Input::of([("from", asked.statement.from), ("until", asked.statement.until)]);
    let tab = |key: &str, part: &str, is_current: bool| Tab { href: address.with("part", part), label: l.t(key), is_current, count: None };
    page(&StatementPage {
        sub: format!("{}, {}", account.payer_name, site_name(&shell, account.site_id)),
        from: (format!("/accounts/{id}"), l.a("account-title", &[("number", &account.number)])),
        premise: (premise_href(account.premise_id), l.a("premise-title", &[("label", &account.premise_label)])),
        tabs: vec![tab("statement-main", "", !asked.is_reserve), tab("statement-reserve", "reserve", asked.is_reserve)],
        part: if asked.is_reserve { "reserve" } else { "" },
        form: Filled::new(l, filled),
        sums: sum_words(l, &asked, &sums),
        heads: vec![
            head(l, "posting-date", &address, LineOrder::Date, asked.sort),
            Head::plain(l.t("statement-what")),
            Head::plain(l.t("statement-why")),
            head(l, "book-debit", &address, LineOrder::Amount, asked.sort).number(),
            head(l, "book-credit", &address, LineOrder::Amount, asked.sort).number(),
            Head::plain(l.t("statement-running")).number(),
        ],
        lines: lines.iter().map(|line| line_view(l, &names, line, asked.is_debit(line))).collect(),
        excel: excel_address(&ctx, &format!("{path}.xlsx")),
        action: path,
        paging,
        address,
        shell,
    })
}

/// Debts are below zero in the ledger; people read them above zero, with a word.
fn balance_words(l: Locale, is_reserve: bool, balance: Money) -> String {
    match balance {
        _ if is_reserve => l.money(balance),
        owed if owed.is_negative() => l.a("statement-owed", &[("sum", l.money(-owed))]),
        ahead if ahead.is_positive() => l.a("statement-ahead", &[("sum", l.money(ahead))]),
        _ => l.money(Money::ZERO),
    }
}

fn sum_words(l: Locale, asked: &Asked, sums: &Sums) -> Vec<(String, String)> {
    let Statement { from, until, .. } = asked.statement;
    vec![
        (l.a("statement-opening", &[("date", l.date(from))]), balance_words(l, asked.is_reserve, sums.opening)),
        (l.t("statement-debit"), l.money(sums.debit)),
        (l.t("statement-credit"), l.money(sums.credit)),
        (l.a("statement-closing", &[("date", l.date(until))]), balance_words(l, asked.is_reserve, sums.closing())),
    ]
}

fn line_view(l: Locale, names: &Names, line: &Line, is_debit: bool) -> LineView {
    let transfer = &line.recorded.transfer;
    let (debit, credit) = words::sides(l, line.amount);
    LineView {
        href: format!("/journal/{}", transfer.id),
        date: l.date(transfer.effective_on),
        what: words::told(l, names, &line.recorded, is_debit),
        about: words::subject(l, &line.recorded),
        memo: transfer.memo.clone(),
        debit,
        credit,
        running: l.sum(line.running),
        is_reversed: line.recorded.reversed_by.is_some(),
    }
}

/// The same lines in the same order as a workbook, between the balances before and after.
pub async fn excel(ctx: Ctx, Keys(id): Keys<AccountId>) -> Result {
    let l = ctx.l;
    let asked = Asked::of(&ctx, id).await?;
    let sums = asked.statement.sums(&ctx.db).await?;
    let names = Names::load(&ctx.db).await?;
    let columns = [
        ("posting-date", 14),
        ("statement-what", 40),
        ("statement-why", 26),
        ("posting-memo", 40),
        ("book-debit", 14),
        ("book-credit", 14),
        ("statement-running", 16),
    ];
    let title = l.a("statement-title", &[("number", &asked.account.number)]);
    let mut listing = Listing::begin(title, listing::columns(l, &columns));
    let edge = |key: &str, date, sum| {
        let words = l.a(key, &[("date", l.date(date))]);
        vec![Cell::Day(date), words.into(), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Sum(sum)]
    };
    listing.extra(edge("statement-opening", asked.statement.from, sums.opening)).await?;
    let mut lines = asked.statement.every_line(&ctx.db, sums.opening, asked.sort.by, asked.sort.is_descending).await?;
    while let Some(line) = lines.try_next().await? {
        let transfer = &line.recorded.transfer;
        let (debit, credit) =
            if line.amount.is_negative() { (Cell::Sum(-line.amount), Cell::Empty) } else { (Cell::Empty, Cell::Sum(line.amount)) };
        let cells = vec![
            Cell::Day(transfer.effective_on),
            words::told(l, &names, &line.recorded, asked.is_debit(&line)).into(),
            words::subject(l, &line.recorded).1.into(),
            transfer.memo.clone().into(),
            debit,
            credit,
            Cell::Sum(line.running),
        ];
        listing.row(cells).await?;
    }
    listing.extra(edge("statement-closing", asked.statement.until, sums.closing())).await?;
    listing.download().await
}
