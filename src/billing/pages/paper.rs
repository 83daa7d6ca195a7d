//! Bills on paper: two on a sheet where they are short, each with the code that a bank's app pays by.

use askama::Template;

use super::{
    bills::{due, sums},
    proof::{self, OfContract, Tariffs},
    runs::visible_run,
};
use crate::{
    admin::settings::Settings,
    billing::{BillId, RunId, bill::Bill, charge::Charge},
    estate::site::Site,
    kernel::qr,
    ledger::closing::Closing,
    payments::payee::Payee,
    tariffs::tariff,
    web::{
        Ctx, Keys, Locale, Result,
        page::{Shell, page},
    },
};

/// Bills on one page of ours; a browser lays out as many at once without trouble.
const AT_ONCE: i64 = 600;

#[derive(Template)]
#[template(path = "billing/paper.html")]
struct PaperPage {
    shell: Shell,
    /// The organisation as it calls itself, else the site.
    organisation: String,
    payee: Payee,
    lacks_code: bool,
    /// The last closed month and the hash of the ledger up to it.
    closed: Option<(String, String)>,
    /// The other parts of a run too large for one page: address and words; an empty address is this one.
    parts: Vec<(String, String)>,
    bills: Vec<Paper>,
}

struct Paper {
    number: String,
    month: String,
    payer: String,
    label: String,
    account: String,
    issued: String,
    sums: Vec<(String, String)>,
    due: (String, String),
    is_due: bool,
    /// The picture; empty where there is none.
    code: String,
    contracts: Vec<OfContract>,
}

pub async fn of_bill(ctx: Ctx, Keys(id): Keys<BillId>) -> Result {
    let bill = ctx.visible(Bill::find(&ctx.db, id).await?, |bill| bill.site_id)?;
    let title = ctx.l.a("bill-title", &[("number", bill.number.clone())]);
    paper(&ctx, title, vec![bill], Vec::new()).await
}

pub async fn of_run(ctx: Ctx, Keys(id): Keys<RunId>) -> Result {
    let run = visible_run(&ctx, id).await?;
    let all = Bill::count_of_run(&ctx.db, id).await?;
    let last = (all - 1).max(0) / AT_ONCE;
    let part = ctx.query.text("part").parse().unwrap_or(0).clamp(0, last);
    let bills = Bill::of_run(&ctx.db, id, AT_ONCE, part * AT_ONCE).await?;
    let words = |number: i64| {
        let (from, until) = (number * AT_ONCE + 1, ((number + 1) * AT_ONCE).min(all));
        ctx.l.a("bills-printed", &[("from", from.to_string()), ("until", until.to_string()), ("all", all.to_string())])
    };
    let address = |number: i64| if number == part { String::new() } else { format!("/billing/{id}/print?part={number}") };
    let parts = if last == 0 { Vec::new() } else { (0..=last).map(|number| (address(number), words(number))).collect() };
    let title = ctx.l.a("bills-title", &[("month", ctx.l.period(run.period))]);
    paper(&ctx, title, bills, parts).await
}

async fn paper(ctx: &Ctx, title: String, bills: Vec<Bill>, parts: Vec<(String, String)>) -> Result {
    let Settings { organisation, payee, .. } = Settings::load(&ctx.db).await?;
    let mut papers = Vec::with_capacity(bills.len());
    let (mut name, mut closed) = (organisation, None);
    if let Some(first) = bills.first() {
        let tariffs = tariff::of_site(&ctx.db, first.site_id).await?;
        if name.is_empty() {
            name = Site::find(&ctx.db, first.site_id).await?.map(|site| site.details.name).unwrap_or_default();
        }
        closed = Closing::last(&ctx.db, first.site_id)
            .await?
            .map(|closing| (ctx.l.a("bill-closed", &[("month", ctx.l.period(closing.period))]), closing.hash));
        let accounts: Vec<_> = bills.iter().map(|bill| bill.account_id).collect();
        let charges = Charge::of_accounts(&ctx.db, first.run_id, &accounts).await?;
        let mut of_account: std::collections::HashMap<_, &[Charge]> =
            charges.chunk_by(|a, b| a.account_id == b.account_id).map(|own| (own[0].account_id, own)).collect();
        papers.extend(bills.iter().map(|bill| of(ctx.l, bill, &payee, of_account.remove(&bill.account_id).unwrap_or_default(), &tariffs)));
    }
    page(&PaperPage {
        shell: Shell::of(ctx, title).await?,
        organisation: name,
        lacks_code: !payee.is_complete(),
        payee,
        closed,
        parts,
        bills: papers,
    })
}

fn of(l: Locale, bill: &Bill, payee: &Payee, charges: &[Charge], tariffs: &Tariffs) -> Paper {
    Paper {
        number: bill.number.clone(),
        month: l.a("bill-of-month", &[("month", l.period(bill.period))]),
        payer: bill.payer_name.clone(),
        label: bill.premise_label.clone(),
        account: bill.account_number.clone(),
        issued: l.date(bill.issued_on),
        sums: sums(l, bill),
        due: due(l, bill),
        is_due: bill.due.is_positive(),
        code: bill.order(payee).text().and_then(|text| qr::svg(&text)).unwrap_or_default(),
        contracts: proof::of_charges(l, charges, tariffs),
    }
}
