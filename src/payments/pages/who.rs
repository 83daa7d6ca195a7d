//! Who is meant by what is typed, answered while it is typed and again when the form is sent.

use askama::Template;

use crate::{
    estate::{account::AccountId, contract_list::AccountRow, pages::shared::seen},
    kernel::Money,
    payments::recipient::{self, Recipient},
    web::{
        Ctx, FieldErrors, Input, Locale, Result,
        page::{Choice, page},
    },
};

#[derive(Template)]
#[template(path = "payments/_who.html")]
struct WhoFragment {
    found: Vec<Found>,
    nobody: String,
}

struct Found {
    label: String,
    name: String,
    stands: String,
    look: &'static str,
}

pub async fn fragment(ctx: Ctx) -> Result {
    let typed = ctx.query.text("q");
    let rows = match recipient::find(&ctx.db, seen(&ctx)?, typed).await? {
        Recipient::One(row) => vec![row],
        Recipient::Several(rows) => rows,
        Recipient::Nobody => Vec::new(),
    };
    let balances = recipient::balances(&ctx.db, rows.iter().map(|row| row.id)).await?;
    let nobody = if rows.is_empty() && !typed.trim().is_empty() { ctx.l.t("payment-nobody") } else { String::new() };
    let found = rows.into_iter().map(|row| {
        let balance = balances[&row.id];
        Found { label: row.premise_label, name: row.payer_name, stands: stands(ctx.l, balance), look: look(balance) }
    });
    page(&WhoFragment { found: found.collect(), nobody })
}

/// `долг 1 234,50 ₽`, `аванс 500,00 ₽` or `долга нет`.
pub fn stands(l: Locale, balance: Money) -> String {
    let key = match balance {
        balance if balance.is_negative() => "payment-debt",
        balance if balance.is_positive() => "payment-advance",
        _ => return l.t("payment-no-debt"),
    };
    l.a(key, &[("sum", l.money(balance.max(-balance)))])
}

/// The look of a badge that says so.
fn look(balance: Money) -> &'static str {
    if balance.is_negative() { "bad" } else { "good" }
}

/// The account meant by the fields `whom` and, when several were offered, `account`; or what to ask.
pub async fn meant(ctx: &Ctx, input: &Input) -> Result<std::result::Result<AccountRow, (FieldErrors, Vec<Choice>)>> {
    let refused = |key: &'static str, choices: Vec<Choice>| Ok(Err((FieldErrors::one("whom", key), choices)));
    let rows = match recipient::find(&ctx.db, seen(ctx)?, input.text("whom")).await? {
        Recipient::One(row) => return Ok(Ok(row)),
        Recipient::Nobody if input.text("whom").trim().is_empty() => return refused("form-required", Vec::new()),
        Recipient::Nobody => return refused("payment-nobody", Vec::new()),
        Recipient::Several(rows) => rows,
    };
    let chosen: Option<AccountId> = input.text("account").parse().ok();
    if let Some(row) = rows.iter().find(|row| Some(row.id) == chosen) {
        return Ok(Ok(row.clone()));
    }
    let choices =
        rows.iter().map(|row| Choice::new(row.id, super::whose(ctx.l, &row.premise_label, &row.payer_name)).hint(row.number.clone()));
    refused("payment-several", choices.collect())
}
