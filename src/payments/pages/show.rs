//! One payment: whose it is, what its money went to and why, its receipt; matched, when nobody was known, or reversed.

use askama::Template;

use super::{list::badge, visible, who, whose};
use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject},
    db::Tx,
    estate::{
        contract::Service,
        pages::shared::{history, premise_href},
    },
    ledger::{self, open_item, settling::Reason},
    payments::payment::{self, NotPossible, Payment, PaymentId, State},
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Locale, Result, form,
        page::{Choice, HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "payments/show.html")]
struct PaymentPage {
    shell: Shell,
    id: PaymentId,
    receipt: String,
    sub: String,
    state: (&'static str, String),
    facts: Vec<(String, String)>,
    /// Address and words of the plot.
    premise: Option<(String, String)>,
    reversed: String,
    met: Vec<MetRow>,
    /// What of it waits for a debt.
    advance: String,
    history: Vec<HistoryLine>,
    form: Filled,
    candidates: Vec<Choice>,
    can_match: bool,
    can_reverse: bool,
}

/// What a part of the money went to.
struct MetRow {
    href: String,
    what: String,
    why: String,
    amount: String,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<PaymentId>) -> Result {
    let payment = visible(&ctx, id).await?;
    payment_page(&ctx, payment, Filled::new(ctx.l, Input::default()), Vec::new()).await
}

async fn payment_page(ctx: &Ctx, payment: Payment, form: Filled, candidates: Vec<Choice>) -> Result {
    let l = ctx.l;
    let may_take = ctx.actor()?.can(Permission::TakePayments);
    let met = open_item::met_by(&ctx.db, ledger::Subject::Payment, payment.id.0).await?;
    let met: Vec<_> = met.into_iter().filter(|met| met.reason != Reason::TakenBack).collect();
    let used = met.iter().map(|met| met.amount).sum();
    let advance = payment.amount - used;
    let is_credited = payment.state == State::Credited;
    page(&PaymentPage {
        shell: Shell::of(ctx, l.a("payment-title", &[("sum", l.money(payment.amount))])).await?,
        id: payment.id,
        receipt: format!("/payments/{}/receipt", payment.id),
        sub: l.a("payment-sub", &[("day", l.date(payment.received_on)), ("method", l.t(payment.method.key()))]),
        state: (badge(payment.state), l.t(payment.state.key())),
        premise: payment.premise_id.map(|id| {
            let name = payment.holder_name.clone().unwrap_or_default();
            (premise_href(id), whose(l, payment.premise_label.as_deref().unwrap_or_default(), &name))
        }),
        reversed: payment.reversed_at.map_or_else(String::new, |at| {
            l.a("payment-reversed-words", &[("when", ctx.moment(at)), ("reason", payment.reversal_reason.clone())])
        }),
        met: met.iter().map(|met| met_row(l, met)).collect(),
        advance: if is_credited && advance.is_positive() { l.money(advance) } else { String::new() },
        history: history(ctx, Subject::Payment, payment.id.0).await?,
        facts: facts(ctx, &payment),
        form,
        candidates,
        can_match: may_take && payment.state == State::Unknown,
        can_reverse: may_take && payment.state != State::Reversed,
    })
}

fn facts(ctx: &Ctx, payment: &Payment) -> Vec<(String, String)> {
    let l = ctx.l;
    let named = [payment.named.period.map(|period| l.period(period)), payment.named.service.map(|service| l.t(service.key()))];
    let named: Vec<String> = named.into_iter().flatten().collect();
    let all = [
        ("account-number", payment.account_number.clone().unwrap_or_default()),
        ("payment-from", payment.payer.clone()),
        ("payment-memo", payment.memo.clone()),
        ("payment-for", named.join(", ")),
        ("payment-reference", payment.reference.clone()),
        ("payment-entered", format!("{} {}", ctx.moment(payment.entered_at), payment.entered_by.clone().unwrap_or_default())),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (l.t(key), value)).collect()
}

fn met_row(l: Locale, met: &open_item::Met) -> MetRow {
    let service = met.debt.service.map(|service: Service| l.t(service.key()));
    let what = match (met.debt.period, service) {
        (Some(period), Some(service)) => format!("{service}, {}", l.period(period)),
        (None, Some(service)) => service,
        _ => l.t(if met.reason == Reason::Spent { "met-spent" } else { "met-earlier" }),
    };
    MetRow {
        href: met.debt.bill.map_or_else(String::new, |bill| format!("/bills/{bill}")),
        what,
        why: l.t(met.reason.key()),
        amount: l.money(met.amount),
    }
}

pub async fn matched(ctx: Ctx, Keys(id): Keys<PaymentId>, input: Input) -> Result {
    let payment = visible(&ctx, id).await?;
    if payment.state != State::Unknown {
        return Err(conflict(&NotPossible::ChangedMeanwhile));
    }
    let account = match who::meant(&ctx, &input).await? {
        Ok(account) => account,
        Err((errors, candidates)) => {
            let form = Filled::with_errors(ctx.l, input, errors);
            return Ok(form::refused(payment_page(&ctx, payment, form, candidates).await?));
        }
    };
    let mut tx = ctx.db.begin().await?;
    payment::match_to(&mut tx, &payment, account.id, ctx.today(), Some(ctx.actor()?.id), ctx.now()).await?.map_err(|why| conflict(&why))?;
    note(&ctx, &mut tx, id, "audit-payment-matched", account.premise_label.clone()).await?;
    tx.commit().await?;
    let words = [("whose", whose(ctx.l, &account.premise_label, &account.payer_name))];
    ctx.done(ctx.l.a("payment-matched", &words), format!("/payments/{id}")).await
}

pub async fn reverse(ctx: Ctx, Keys(id): Keys<PaymentId>, input: Input) -> Result {
    let payment = visible(&ctx, id).await?;
    if payment.state == State::Reversed {
        return Err(conflict(&NotPossible::ChangedMeanwhile));
    }
    let mut check = Check::new(&input);
    let reason = check.line("reason", 300);
    let reason = match check.done(reason) {
        Ok(reason) => reason,
        Err(errors) => return refuse(&ctx, payment, input, errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    payment::reverse(&mut tx, &[id], &reason, ctx.today(), Some(ctx.actor()?.id), ctx.now()).await?.map_err(|why| conflict(&why))?;
    note(&ctx, &mut tx, id, "audit-payment-reversed", payment.premise_label.unwrap_or_default()).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("payment-reversed"), format!("/payments/{id}")).await
}

async fn refuse(ctx: &Ctx, payment: Payment, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(payment_page(ctx, payment, Filled::with_errors(ctx.l, input, errors), Vec::new()).await?))
}

fn conflict(why: &NotPossible) -> Error {
    match why {
        NotPossible::ChangedMeanwhile => Error::Conflict("payment-changed-meanwhile"),
        NotPossible::Ledger(_) => Error::Conflict("payment-refused"),
    }
}

async fn note(ctx: &Ctx, tx: &mut Tx, id: PaymentId, action: &'static str, name: String) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    Entry { author: &author, at: ctx.now(), action, subject: Subject::Payment, id: Some(id.0), name }.noted(tx).await?;
    Ok(())
}

#[derive(Template)]
#[template(path = "payments/receipt.html")]
struct ReceiptPage {
    shell: Shell,
    organisation: String,
    subtitle: String,
    facts: Vec<(String, String)>,
    amount: String,
}

pub async fn receipt(ctx: Ctx, Keys(id): Keys<PaymentId>) -> Result {
    let payment = visible(&ctx, id).await?;
    if payment.state != State::Credited {
        return Err(Error::Conflict("payment-no-receipt"));
    }
    let l = ctx.l;
    let mut facts = vec![(l.t("payment-received"), l.date(payment.received_on))];
    facts.push((l.t("premise-label"), payment.premise_label.clone().unwrap_or_default()));
    facts.push((l.t("account-payer"), payment.holder_name.clone().unwrap_or_default()));
    facts.extend(self::facts(&ctx, &payment));
    page(&ReceiptPage {
        shell: Shell::of(&ctx, l.a("receipt-title", &[("number", id.to_string())])).await?,
        organisation: Settings::load(&ctx.db).await?.organisation,
        subtitle: l.t(payment.method.key()),
        amount: l.money(payment.amount),
        facts,
    })
}
