//! Contracts: all of them per service and state, and the end of one.

use askama::Template;
use axum::extract::Path;
use time::Date;

use super::{
    chosen_site, excel_address, head, key, may_edit, owner_href, premise_card::span, premise_href, seen, site_choices, site_name, today,
};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        account::Account,
        contract::{Contract, Service},
        contract_list::{AgreementFilter, ContractOrder, Standing},
        tally,
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Locale, Result, form,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/contracts/list.html")]
struct ContractsPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    services: Vec<Choice>,
    states: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_edit: bool,
}

struct Row {
    number: String,
    /// Its card, for whoever sees money.
    href: String,
    icon: &'static str,
    service: String,
    account: (String, String),
    premise: (String, String),
    payer: (String, String),
    signed: String,
    ended: String,
}

/// A contract as cards show it.
pub struct Line {
    pub icon: &'static str,
    pub service: String,
    pub number: String,
    pub dates: String,
    pub is_open: bool,
    pub end: String,
}

pub fn line(l: Locale, contract: &Contract) -> Line {
    Line {
        icon: contract.service.icon(),
        service: l.t(contract.service.key()),
        number: contract.number.clone(),
        dates: span(l, contract.signed_on, contract.ended_on),
        is_open: contract.ended_on.is_none(),
        end: format!("/contracts/{}/end", contract.id),
    }
}

fn filter(ctx: &Ctx) -> AgreementFilter {
    AgreementFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        service: ctx.query.text("service").parse().ok(),
        standing: ctx.query.text("state").parse().ok(),
        is_number_only: false,
    }
}

fn sort(ctx: &Ctx) -> Sort<ContractOrder> {
    Sort::of(&ctx.query, Sort::up(ContractOrder::Label))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("contracts-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count_contracts(&ctx.db, seen).await?);
    let rows = filter.contracts(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let address = Address::new("/contracts", &ctx.query);
    let sees_money = ctx.actor()?.can(Permission::SeeMoney);
    page(&ContractsPage {
        sub: l.n("contracts-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        services: Choice::all_of::<Service>(l),
        states: Choice::all_of::<Standing>(l),
        heads: vec![
            head(l, "premise-label", &address, ContractOrder::Label, sort),
            Head::plain(l.t("contract-service")),
            head(l, "contract-number", &address, ContractOrder::Number, sort),
            head(l, "account-payer", &address, ContractOrder::Payer, sort),
            Head::plain(l.t("account-number")),
            head(l, "contract-signed", &address, ContractOrder::Signed, sort),
            Head::plain(l.t("account-state")),
        ],
        rows: rows
            .into_iter()
            .map(|contract| Row {
                href: if sees_money { format!("/contracts/{}", contract.id) } else { String::new() },
                number: contract.number,
                icon: contract.service.icon(),
                service: l.t(contract.service.key()),
                account: (format!("/accounts/{}", contract.account_id), contract.account_number),
                premise: (premise_href(contract.premise_id), contract.premise_label),
                payer: (owner_href(contract.payer_id), contract.payer_name),
                signed: l.date(contract.signed_on),
                ended: contract.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
            })
            .collect(),
        paging,
        excel: excel_address(&ctx, "/contracts.xlsx"),
        is_filtered: ["q", "site", "service", "state"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_edit: may_edit(&ctx)?,
        address,
        shell,
    })
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("contracts-title")).await?;
    let columns = [
        ("premise-site", 26),
        ("premise-label", 14),
        ("contract-service", 18),
        ("contract-number", 18),
        ("account-payer", 36),
        ("account-number", 16),
        ("contract-signed", 14),
        ("contract-ended", 14),
    ];
    let mut listing = Listing::begin(l.t("contracts-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let rows = filter.contracts(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        for contract in rows {
            let cells = vec![
                site_name(&shell, contract.site_id).into(),
                contract.premise_label.into(),
                l.t(contract.service.key()).into(),
                contract.number.into(),
                contract.payer_name.into(),
                contract.account_number.into(),
                Cell::Day(contract.signed_on),
                Cell::day(contract.ended_on),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "estate/contracts/end.html")]
struct EndPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    label: String,
    what: String,
}

async fn visible(ctx: &Ctx, id: &str) -> Result<(Contract, Account)> {
    let contract = Contract::find(&ctx.db, key(id)?).await?.ok_or(Error::NotFound)?;
    let account = ctx.visible(Account::find(&ctx.db, contract.account_id).await?, |account| account.site_id)?;
    Ok((contract, account))
}

pub async fn ask_end(ctx: Ctx, Path(id): Path<String>) -> Result {
    let (contract, account) = visible(&ctx, &id).await?;
    let today = today(&ctx, account.site_id).await?;
    end_page(&ctx, &contract, &account, Input::of([("ended_on", today)]), FieldErrors::default()).await
}

async fn end_page(ctx: &Ctx, contract: &Contract, account: &Account, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    page(&EndPage {
        shell: Shell::of(ctx, l.t("contract-end-title")).await?,
        form: Filled::with_errors(l, input, errors),
        action: format!("/contracts/{}/end", contract.id),
        back: premise_href(account.premise_id),
        label: account.premise_label.clone(),
        what: format!("{} № {}, {}", l.t(contract.service.key()), contract.number, span(l, contract.signed_on, contract.ended_on)),
    })
}

pub async fn end(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let (contract, account) = visible(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let on = check.date("ended_on");
    check.ensure(on == Date::MIN || on >= contract.signed_on, "ended_on", "contract-ends-before");
    let on = match check.done(on) {
        Ok(on) => on,
        Err(errors) => return Ok(form::refused(end_page(&ctx, &contract, &account, input, errors).await?)),
    };
    let back = premise_href(account.premise_id);
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if !Contract::end(&mut tx, contract.id, on).await? {
        return ctx.refused(ctx.l.t("contract-ended-already"), back).await;
    }
    let name = contract.number.clone();
    let ends = serde_json::json!({ "ended_on": on.to_string() });
    Entry { author: &author, at: ctx.now(), action: "audit-contract-ended", subject: Subject::Contract, id: Some(contract.id.0), name }
        .created(&mut tx, &ends)
        .await?;
    tally::recount(&mut tx, account.site_id).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-contract-ended"), back).await
}
