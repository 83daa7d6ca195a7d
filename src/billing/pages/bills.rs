//! Bills: those of a month, and one that proves itself line by line.

use askama::Template;

use super::{
    proof::{self, OfContract},
    runs::visible_run,
};
use crate::{
    admin::settings::Settings,
    billing::{
        BillId, RunId,
        bill::Bill,
        bill_list::BillState,
        charge::Charge,
        paid::{self, Paid},
        run::Run,
    },
    estate::account::{Account, AccountId},
    kernel::Money,
    ledger::{open_item, settling::Reason},
    tariffs::tariff,
    web::{
        Ctx, Error, Keys, Locale, Result,
        list::{Address, Paging},
        page::{Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "billing/bills.html")]
struct BillsPage {
    shell: Shell,
    back: String,
    print: String,
    lacks_code: bool,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
}

struct Row {
    href: String,
    label: String,
    payer: String,
    number: String,
    charged: String,
    due: String,
    paid: (&'static str, String),
}

/// How far a bill is paid, as a badge.
fn badge(l: Locale, state: BillState) -> (&'static str, String) {
    let kind = match state {
        BillState::Unpaid => "bad",
        BillState::PartlyPaid => "warn",
        BillState::Paid => "good",
    };
    (kind, l.t(state.key()))
}

pub async fn list(ctx: Ctx, Keys(run): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, run).await?;
    let l = ctx.l;
    let paging = Paging::of(&ctx.query, Bill::count_of_run(&ctx.db, run.id).await?);
    let bills = Bill::of_run(&ctx.db, run.id, paging.per_page, paging.offset()).await?;
    let paid = paid::of_bills(&ctx.db, &bills).await?;
    let back = format!("/billing/{}", run.id);
    page(&BillsPage {
        shell: Shell::of(&ctx, l.a("bills-title", &[("month", l.period(run.period))])).await?,
        heads: vec![
            Head::plain(l.t("premise-label")),
            Head::plain(l.t("account-payer")),
            Head::plain(l.t("bill-number")),
            Head::plain(l.t("bill-charged")).number(),
            Head::plain(l.t("bill-due")).number(),
            Head::plain(l.t("bill-state")),
        ],
        rows: bills.into_iter().map(|bill| row(l, paid[&bill.id], bill)).collect(),
        address: Address::new(format!("{back}/bills"), &ctx.query),
        print: format!("{back}/print"),
        lacks_code: !Settings::load(&ctx.db).await?.payee.is_complete(),
        back,
        paging,
    })
}

fn row(l: Locale, paid: Paid, bill: Bill) -> Row {
    Row {
        href: format!("/bills/{}", bill.id),
        charged: l.sum(bill.charged + bill.corrected),
        due: l.sum(bill.due),
        paid: badge(l, paid.state),
        label: bill.premise_label,
        payer: bill.payer_name,
        number: bill.number,
    }
}

#[derive(Template)]
#[template(path = "billing/bill.html")]
struct BillPage {
    shell: Shell,
    /// Where one came from: address and words.
    from: (String, String),
    organisation: String,
    /// Empty for a draft, as is the number.
    print: String,
    /// The organisation's details are missing, so that it is printed without a code.
    lacks_code: bool,
    number: String,
    month: String,
    payer: String,
    label: String,
    account: String,
    /// Where what happened on the account is.
    statement: String,
    issued: String,
    /// What the total is made of; the last is what is due.
    sums: Vec<(String, String)>,
    due: (String, String),
    /// How far it is paid; empty for a draft.
    state: (&'static str, String),
    /// What it was paid with: day, words and sum.
    met: Vec<[String; 3]>,
    contracts: Vec<OfContract>,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<BillId>) -> Result {
    let bill = ctx.visible(Bill::find(&ctx.db, id).await?, |bill| bill.site_id)?;
    let run = visible_run(&ctx, bill.run_id).await?;
    let l = ctx.l;
    let charges = Charge::of_account(&ctx.db, bill.run_id, bill.account_id).await?;
    let tariffs = tariff::of_site(&ctx.db, bill.site_id).await?;
    let Settings { organisation, payee, .. } = Settings::load(&ctx.db).await?;
    let paid = paid::of_bills(&ctx.db, std::slice::from_ref(&bill)).await?[&id];
    let met = open_item::met_for(&ctx.db, id.0).await?;
    page(&BillPage {
        shell: Shell::of(&ctx, l.a("bill-title", &[("number", bill.number.clone())])).await?,
        from: back(l, &run, "/bills"),
        organisation,
        print: format!("/bills/{id}/print"),
        lacks_code: !payee.is_complete(),
        sums: sums(l, &bill),
        due: due(l, &bill),
        month: l.period(bill.period),
        payer: bill.payer_name,
        label: bill.premise_label,
        account: bill.account_number,
        statement: format!("/accounts/{}/statement", bill.account_id),
        issued: l.date(bill.issued_on),
        number: bill.number,
        state: badge(l, paid.state),
        met: met.iter().filter(|met| met.reason != Reason::TakenBack).map(|met| met_row(l, met)).collect(),
        contracts: proof::of_charges(l, &charges, &tariffs),
    })
}

fn met_row(l: Locale, met: &open_item::Met) -> [String; 3] {
    let service = met.debt.service.map_or_else(String::new, |service| l.t(service.key()));
    [l.date(met.received_on), format!("{service}: {}", l.t(met.reason.key())), l.money(met.amount)]
}

/// What the due of a bill is made of, in words and sums.
pub fn sums(l: Locale, bill: &Bill) -> Vec<(String, String)> {
    let mut sums = vec![("bill-opening", bill.opening), ("bill-charged", bill.charged)];
    sums.extend((bill.corrected != Money::ZERO).then_some(("bill-corrected", bill.corrected)));
    sums.push(("bill-paid", -bill.paid));
    sums.into_iter().map(|(key, sum)| (l.t(key), l.money(sum))).collect()
}

/// What is to be paid, or was paid ahead.
pub fn due(l: Locale, bill: &Bill) -> (String, String) {
    let key = if bill.due.is_negative() { "bill-ahead" } else { "bill-due" };
    (l.t(key), l.money(bill.due.max(-bill.due)))
}

/// The page that the run's bill is listed on.
fn back(l: Locale, run: &Run, page: &str) -> (String, String) {
    (format!("/billing/{}{page}", run.id), l.a("run-title", &[("month", l.period(run.period))]))
}

/// What an account would be charged, before the run is approved.
pub async fn draft(ctx: Ctx, Keys((run, account)): Keys<(RunId, AccountId)>) -> Result {
    let run = visible_run(&ctx, run).await?;
    let account = Account::find(&ctx.db, account).await?;
    let account = ctx.visible(account, |account| account.site_id)?;
    let l = ctx.l;
    let charges = Charge::of_account(&ctx.db, run.id, account.id).await?;
    let tariffs = tariff::of_site(&ctx.db, run.site_id).await?;
    if charges.is_empty() {
        return Err(Error::NotFound);
    }
    let total: Money = charges.iter().map(|charge| charge.amount).sum();
    page(&BillPage {
        shell: Shell::of(&ctx, l.a("draft-title", &[("label", account.premise_label.clone())])).await?,
        from: back(l, &run, ""),
        organisation: Settings::load(&ctx.db).await?.organisation,
        print: String::new(),
        lacks_code: false,
        number: String::new(),
        month: l.period(run.period),
        payer: account.payer_name,
        label: account.premise_label,
        account: account.number,
        statement: format!("/accounts/{}/statement", account.id),
        issued: String::new(),
        sums: Vec::new(),
        due: (l.t("bill-charged"), l.money(total)),
        state: ("", String::new()),
        met: Vec::new(),
        contracts: proof::of_charges(l, &charges, &tariffs),
    })
}
