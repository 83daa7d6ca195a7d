//! Money given back to a payer: never more than the advance on the account.

use askama::Template;
use serde_json::json;

use crate::{
    audit::{Author, Entry, Subject},
    estate::account::{Account, AccountId},
    ledger::Refusal,
    payments::{
        payment::{Method, Refund},
        recipient,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Keys, Result, form,
        page::{Choice, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "payments/refund.html")]
struct RefundPage {
    shell: Shell,
    form: Filled,
    account: (String, String),
    whose: String,
    stands: String,
    has_advance: bool,
    methods: Vec<Choice>,
    key: String,
}

pub async fn ask(ctx: Ctx, Keys(id): Keys<AccountId>) -> Result {
    let account = ctx.visible(Account::find(&ctx.db, id).await?, |account| account.site_id)?;
    let day = ctx.today().to_string();
    let input = Input::of([("paid_on", day), ("method", Method::Bank.to_string()), ("key", form::new_key())]);
    refund_page(&ctx, account, input, FieldErrors::default()).await
}

async fn refund_page(ctx: &Ctx, account: Account, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let balance = recipient::balances(&ctx.db, [account.id]).await?[&account.id];
    page(&RefundPage {
        shell: Shell::of(ctx, l.t("refund-title")).await?,
        key: input.text("key").to_owned(),
        form: Filled::with_errors(l, input, errors),
        whose: super::whose(l, &account.premise_label, &account.payer_name),
        account: (format!("/accounts/{}", account.id), account.number),
        stands: super::who::stands(l, balance),
        has_advance: balance.is_positive(),
        methods: Choice::all_of::<Method>(l),
    })
}

pub async fn store(ctx: Ctx, Keys(id): Keys<AccountId>, input: Input) -> Result {
    let account = ctx.visible(Account::find(&ctx.db, id).await?, |account| account.site_id)?;
    let mut check = Check::new(&input);
    let paid_on = check.date("paid_on");
    check.ensure(paid_on <= ctx.today(), "paid_on", "payment-in-future");
    let refund = Refund {
        account: id,
        amount: check.money("amount"),
        method: check.choice("method"),
        paid_on,
        reason: check.line("reason", 300),
        key: check.line("key", 64),
    };
    let refund = match check.done(refund) {
        Ok(refund) => refund,
        Err(errors) => return Ok(form::refused(refund_page(&ctx, account, input, errors).await?)),
    };
    let mut tx = ctx.db.begin().await?;
    if let Err(refusal) = refund.make(&mut tx, Some(ctx.actor()?.id), ctx.now()).await? {
        drop(tx);
        let key = if matches!(refusal, Refusal::InsufficientFunds { .. }) { "refund-too-much" } else { "payment-key-reused" };
        return Ok(form::refused(refund_page(&ctx, account, input, FieldErrors::one("amount", key)).await?));
    }
    let author = Author::from(ctx.actor()?);
    let name = account.number.clone();
    Entry { author: &author, at: ctx.now(), action: "audit-refund", subject: Subject::Account, id: Some(id.0), name }
        .created(&mut tx, &json!({ "amount": refund.amount.to_string(), "reason": refund.reason }))
        .await?;
    tx.commit().await?;
    let words = [("sum", ctx.l.money(refund.amount))];
    ctx.done(ctx.l.a("refund-done", &words), format!("/accounts/{id}")).await
}
