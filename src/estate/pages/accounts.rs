//! Personal accounts: all of them, and the card of one with its contracts.

use askama::Template;
use axum::extract::Path;

use super::{
    chosen_site, head, history, key, may_edit, owner_href, premise_card::span, premise_href, seen, site_choices, site_name, today,
};
use crate::{
    audit::{Author, Entry, Subject},
    debtors::pages::shown::{DebtShown, shown},
    estate::{
        account::{Account, AccountId},
        contract::Contract,
        contract_list::{AccountOrder, AgreementFilter, Standing},
    },
    ledger::debt::Of,
    staff::user::Permission,
    web::{
        Ctx, Filled, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/accounts/list.html")]
struct AccountsPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    states: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    is_filtered: bool,
}

struct Row {
    href: String,
    number: String,
    premise: (String, String),
    payer: (String, String),
    opened: String,
    contracts: String,
    closed: String,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let seen = seen(&ctx)?;
    let filter = AgreementFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(&ctx),
        standing: ctx.query.text("state").parse().ok(),
        ..AgreementFilter::default()
    };
    let sort = Sort::of(&ctx.query, Sort::up(AccountOrder::Label));
    let shell = Shell::of(&ctx, l.t("accounts-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count_accounts(&ctx.db, seen).await?);
    let rows = filter.accounts(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/accounts", &ctx.query);
    page(&AccountsPage {
        sub: l.n("accounts-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        states: Choice::all_of::<Standing>(l),
        heads: vec![
            head(l, "account-number", &address, AccountOrder::Number, sort),
            head(l, "premise-label", &address, AccountOrder::Label, sort),
            head(l, "account-payer", &address, AccountOrder::Payer, sort),
            head(l, "account-opened", &address, AccountOrder::Opened, sort),
            Head::plain(l.t("account-contracts")).number(),
            Head::plain(l.t("account-state")),
        ],
        rows: rows
            .into_iter()
            .map(|account| Row {
                href: format!("/accounts/{}", account.id),
                number: account.number,
                premise: (premise_href(account.premise_id), account.premise_label),
                payer: (owner_href(account.payer_id), account.payer_name),
                opened: l.date(account.opened_on),
                contracts: l.count(account.contracts),
                closed: account.closed_on.map_or_else(String::new, |on| l.a("account-closed-on", &[("date", l.date(on))])),
            })
            .collect(),
        paging,
        address,
        is_filtered: ["q", "site", "state"].iter().any(|name| !ctx.query.text(name).is_empty()),
        shell,
    })
}

#[derive(Template)]
#[template(path = "estate/accounts/show.html")]
struct AccountPage {
    shell: Shell,
    id: AccountId,
    number: String,
    site: String,
    premise: (String, String),
    payer: (String, String),
    dates: String,
    is_open: bool,
    debt: DebtShown,
    contracts: Vec<super::contracts::Line>,
    history: Vec<HistoryLine>,
    may_edit: bool,
    may_take_payments: bool,
    /// Where a service is ordered, and where its statement is; empty for who may not.
    order: String,
    statement: String,
}

async fn visible(ctx: &Ctx, id: &str) -> Result<Account> {
    ctx.visible(Account::find(&ctx.db, key(id)?).await?, |account| account.site_id)
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let account = visible(&ctx, &id).await?;
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.a("account-title", &[("number", &account.number)])).await?;
    let contracts = Contract::of_account(&ctx.db, account.id).await?;
    page(&AccountPage {
        id: account.id,
        site: site_name(&shell, account.site_id),
        premise: (premise_href(account.premise_id), account.premise_label),
        payer: (owner_href(account.payer_id), account.payer_name),
        dates: span(l, account.opened_on, account.closed_on),
        is_open: account.closed_on.is_none(),
        debt: shown(&ctx, Of::Account(account.id)).await?,
        contracts: contracts.iter().map(|contract| super::contracts::line(l, contract)).collect(),
        history: history(&ctx, Subject::Account, account.id.0).await?,
        may_edit: may_edit(&ctx)?,
        may_take_payments: ctx.actor()?.can(Permission::TakePayments),
        order: if account.closed_on.is_none() && ctx.actor()?.can(Permission::Order) {
            format!("/accounts/{}/orders/new", account.id)
        } else {
            String::new()
        },
        statement: if ctx.actor()?.can(Permission::SeeMoney) { format!("/accounts/{}/statement", account.id) } else { String::new() },
        number: account.number,
        shell,
    })
}

/// Closes it today; an account with a standing contract stays open.
pub async fn close(ctx: Ctx, Path(id): Path<String>) -> Result {
    let account = visible(&ctx, &id).await?;
    let here = format!("/accounts/{}", account.id);
    let on = today(&ctx, account.site_id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if !Account::close(&mut tx, account.id, on).await? {
        return ctx.refused(ctx.l.t("account-not-closed"), here).await;
    }
    let name = account.number.clone();
    Entry { author: &author, at: ctx.now(), action: "audit-account-closed", subject: Subject::Account, id: Some(account.id.0), name }
        .noted(&mut tx)
        .await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-account-closed"), here).await
}
