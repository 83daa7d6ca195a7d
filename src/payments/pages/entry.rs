//! Payments entered by hand: everything by keyboard, the day and the way of paying kept from one to the next.

use askama::Template;
use serde_json::json;

use super::{who, whose};
use crate::{
    audit::{Author, Entry, Subject},
    billing::bill::Bill,
    estate::{
        account::{Account, AccountId},
        contract::Service,
        contract_list::AccountRow,
    },
    kernel::Money,
    ledger::Named,
    payments::{
        payment::{self, Method, NewPayment, Payment, PaymentId, State},
        recipient,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Locale, Result, form,
        list::Address,
        page::{Choice, Shell, page},
    },
};

/// Payments shown below the form, so that one sees what was just done.
const RECENT: i64 = 10;

#[derive(Template)]
#[template(path = "payments/new.html")]
struct EntryPage {
    shell: Shell,
    form: Filled,
    key: String,
    methods: Vec<Choice>,
    services: Vec<Choice>,
    /// Who may be meant, when it is not clear.
    candidates: Vec<Choice>,
    recent: Vec<Line>,
}

/// A payment entered before.
struct Line {
    href: String,
    whose: String,
    received: String,
    amount: String,
    is_reversed: bool,
}

pub async fn new(ctx: Ctx) -> Result {
    let on = form::parse_date(ctx.query.text("on")).unwrap_or_else(|| ctx.today());
    let method: Method = ctx.query.text("method").parse().unwrap_or(Method::Cash);
    let mut input = Input::of([("received_on", on.to_string()), ("method", method.to_string()), ("key", form::new_key())]);
    if let Ok(id) = ctx.query.text("account").parse::<AccountId>() {
        let account = ctx.visible(Account::find(&ctx.db, id).await?, |account| account.site_id)?;
        input.set("whom", account.number);
    }
    entry_page(&ctx, input, FieldErrors::default(), Vec::new()).await
}

async fn entry_page(ctx: &Ctx, input: Input, errors: FieldErrors, candidates: Vec<Choice>) -> Result {
    let l = ctx.l;
    let recent = Payment::last_of(&ctx.db, ctx.actor()?.id, RECENT).await?;
    page(&EntryPage {
        shell: Shell::of(ctx, l.t("payment-new")).await?,
        key: input.text("key").to_owned(),
        form: Filled::with_errors(l, input, errors),
        methods: Choice::all_of::<Method>(l),
        services: Choice::all_of::<Service>(l),
        candidates,
        recent: recent.into_iter().map(|payment| line(l, payment)).collect(),
    })
}

fn line(l: Locale, payment: Payment) -> Line {
    Line {
        href: format!("/payments/{}", payment.id),
        received: l.date(payment.received_on),
        amount: l.money(payment.amount),
        is_reversed: payment.state == State::Reversed,
        whose: whose(l, &payment.premise_label.unwrap_or_default(), &payment.holder_name.unwrap_or_default()),
    }
}

pub async fn store(ctx: Ctx, input: Input) -> Result {
    let typed = typed(&ctx, &input).await?;
    let (payment, errors, candidates) = match (typed, who::meant(&ctx, &input).await?) {
        (Ok(payment), Ok(account)) => (Some((payment, account)), FieldErrors::default(), Vec::new()),
        (Err(errors), Ok(_)) => (None, errors, Vec::new()),
        (Ok(_), Err((errors, candidates))) => (None, errors, candidates),
        (Err(mut errors), Err((unknown, candidates))) => {
            errors.append(unknown);
            (None, errors, candidates)
        }
    };
    let Some((payment, account)) = payment else { return refuse(&ctx, input, errors, candidates).await };
    let payment = NewPayment { account: Some(account.id), ..payment };
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    let Ok(id) = payment::receive(&mut tx, &payment, Some(actor.id), ctx.now()).await? else {
        drop(tx);
        return refuse(&ctx, input, FieldErrors::one("amount", "payment-key-reused"), Vec::new()).await;
    };
    note(&ctx, &mut tx, id, &payment, &account).await?;
    tx.commit().await?;
    let balance = recipient::balances(&ctx.db, [account.id]).await?[&account.id];
    let l = ctx.l;
    let said = [
        ("sum", l.money(payment.amount)),
        ("whose", whose(l, &account.premise_label, &account.payer_name)),
        ("stands", who::stands(l, balance)),
    ];
    let next = Address::new("/payments/new", &Input::of([("on", payment.received_on.to_string())]));
    ctx.done(l.a("payment-stored", &said), next.with("method", payment.method)).await
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors, candidates: Vec<Choice>) -> Result {
    Ok(form::refused(entry_page(ctx, input, errors, candidates).await?))
}

/// Everything typed but whose it is.
async fn typed(ctx: &Ctx, input: &Input) -> Result<std::result::Result<NewPayment, FieldErrors>> {
    let mut check = Check::new(input);
    let received_on = check.date("received_on");
    check.ensure(received_on <= ctx.today(), "received_on", "payment-in-future");
    let method = check.choice::<Method>("method");
    let amount = check.money("amount");
    let period = if input.text("period").trim().is_empty() { None } else { check.period("period") };
    let service = check.optional_choice::<Service>("service");
    let payer = check.optional_line("payer", 200);
    let memo = check.optional_line("memo", 400);
    let number = check.optional_line("bill", 40);
    let bill = if number.is_empty() { None } else { Bill::by_number(&ctx.db, &number).await? };
    check.ensure(number.is_empty() || bill.is_some(), "bill", "payment-no-such-bill");
    let key = input.text("key");
    let key = form::is_key(key).then(|| format!("form {key}"));
    Ok(check.done(NewPayment {
        account: None,
        amount,
        received_on,
        method,
        payer,
        memo,
        named: Named { bill: bill.map(|bill| bill.id.0), period, service },
        reference: String::new(),
        fingerprint: None,
        import: None,
        key,
    }))
}

async fn note(ctx: &Ctx, tx: &mut crate::db::Tx, id: PaymentId, payment: &NewPayment, account: &AccountRow) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let name = account.premise_label.clone();
    let entry = Entry { author: &author, at: ctx.now(), action: "audit-payment-entered", subject: Subject::Payment, id: Some(id.0), name };
    let amount: Money = payment.amount;
    entry
        .created(tx, &json!({ "amount": amount.to_string(), "received_on": payment.received_on.to_string(), "account": account.number, "memo": payment.memo }))
        .await?;
    Ok(())
}
