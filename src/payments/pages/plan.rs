//! The plan of a file: what is certain, what a person must say yes to, what is left out; carried out, downloaded, taken back.

use askama::Template;
use axum::response::{IntoResponse as _, Redirect};

use super::imports::{badge, everything_seen, note, sub};
use crate::{
    db::Tx,
    estate::{account::AccountId, pages::shared::seen},
    kernel::Quantity,
    payments::{
        import::{self, Chosen, ImportState, NotExecuted, PaymentImport, PlanRow},
        payment::PaymentImportId,
        plan::Decision,
        recipient::{self, Recipient},
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Locale, Result, form,
        list::{Address, Paging},
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "payments/plan.html")]
struct PlanPage {
    shell: Shell,
    sub: String,
    state: (&'static str, String),
    stats: Vec<(String, String, &'static str)>,
    form: Filled,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    /// Where this page's decisions are sent.
    action: String,
    execute: String,
    result: String,
    discard: String,
    undo: String,
    is_planned: bool,
    can_undo: bool,
}

struct Row {
    /// The names of its fields.
    take: String,
    whom: String,
    received: String,
    amount: String,
    payer: String,
    memo: String,
    /// What will become of it, or has.
    state: (&'static str, String),
    reasons: Vec<String>,
    whose: String,
    payment: String,
    can_choose: bool,
}

async fn found(ctx: &Ctx, id: PaymentImportId) -> Result<PaymentImport> {
    everything_seen(ctx)?;
    PaymentImport::find(&ctx.db, id).await?.ok_or(Error::NotFound)
}

pub async fn show(ctx: Ctx, Keys(id): Keys<PaymentImportId>) -> Result {
    let import = found(&ctx, id).await?;
    plan_page(&ctx, import, None, FieldErrors::default()).await
}

async fn plan_page(ctx: &Ctx, import: PaymentImport, typed: Option<Input>, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let paging = Paging::of(&ctx.query, import.documents);
    let stored = PaymentImport::rows(&ctx.db, import.id, paging.per_page, paging.offset()).await?;
    let address = Address::new(format!("/payments/imports/{}", import.id), &ctx.query);
    let skipped = import.documents - import.credited - import.unknown;
    let (credited, unknown) = match import.state {
        ImportState::Planned | ImportState::Discarded => ("payment-plan-credit", "payment-plan-suspense"),
        ImportState::Executed | ImportState::Undone => ("payment-plan-credited", "payment-plan-suspended"),
    };
    page(&PlanPage {
        shell: Shell::of(ctx, l.t("payment-import-title")).await?,
        sub: sub(l, &import),
        state: (badge(import.state), l.t(import.state.key())),
        stats: vec![
            (l.money(import.credited_sum), l.n(credited, import.credited), "good"),
            (l.money(import.unknown_sum), l.n(unknown, import.unknown), "warn"),
            (l.count(skipped), l.n("payment-plan-skip", skipped), ""),
        ],
        form: Filled::with_errors(l, typed.unwrap_or_else(|| shown(&stored)), errors),
        rows: stored.into_iter().map(|stored| row(l, import.state, stored)).collect(),
        action: address.with("page", paging.page),
        result: format!("/payments/imports/{}/result.xlsx", import.id),
        discard: format!("/payments/imports/{}/discard", import.id),
        undo: format!("/payments/imports/{}/undo", import.id),
        execute: l.n("payment-plan-execute", import.credited + import.unknown),
        is_planned: import.state == ImportState::Planned,
        can_undo: import.state == ImportState::Executed,
        paging,
        address,
    })
}

fn take_field(position: i64) -> String {
    format!("take-{position}")
}

fn whom_field(position: i64) -> String {
    format!("whom-{position}")
}

/// The decisions as the form's fields hold them.
fn shown(rows: &[PlanRow]) -> Input {
    rows.iter().filter(|row| row.problem.is_empty()).fold(Input::default(), |input, row| {
        let input = input.with(whom_field(row.position), row.premise_label.clone().unwrap_or_default());
        if row.decision == Decision::Credit { input.with(take_field(row.position), "1") } else { input }
    })
}

fn row(l: Locale, state: ImportState, row: PlanRow) -> Row {
    let words = |prefix: &str| row.reasons.split_whitespace().map(|word| l.t(&format!("{prefix}-{word}"))).collect::<Vec<_>>();
    let look = match (row.problem.as_str(), row.decision) {
        ("", Decision::Credit) => ("good", l.t(if row.is_chosen { "payment-plan-chosen" } else { row.confidence.key() })),
        ("", _) => ("warn", l.t(row.confidence.key())),
        (problem, _) => ("plain", l.a(&format!("payment-problem-{problem}"), &[("detail", row.detail.as_str())])),
    };
    Row {
        take: take_field(row.position),
        whom: whom_field(row.position),
        received: l.date_or_dash(row.received_on),
        amount: l.money(row.amount),
        reasons: if row.problem == "unreadable" { words("bank-problem") } else { words("match-reason") },
        whose: match (&row.premise_label, &row.holder_name) {
            (Some(label), Some(name)) => super::whose(l, label, name),
            _ => String::new(),
        },
        payment: row.payment_id.map_or_else(String::new, |id| format!("/payments/{id}")),
        can_choose: state == ImportState::Planned && row.problem.is_empty(),
        payer: row.payer,
        memo: row.memo,
        state: look,
    }
}

/// Keeps the decisions of one page; goes on to carry the plan out when that was asked.
pub async fn choose(ctx: Ctx, Keys(id): Keys<PaymentImportId>, input: Input) -> Result {
    let import = found(&ctx, id).await?;
    let paging = Paging::of(&ctx.query, import.documents);
    let rows = PaymentImport::rows(&ctx.db, id, paging.per_page, paging.offset()).await?;
    let chosen = match chosen(&ctx, &rows, &input).await? {
        Ok(chosen) => chosen,
        Err(errors) => return Ok(form::refused(plan_page(&ctx, import, Some(input), errors).await?)),
    };
    let mut tx = ctx.db.begin().await?;
    if !import::choose(&mut tx, id, &chosen).await? {
        return Err(Error::Conflict("payment-import-not-planned"));
    }
    if input.text("do") == "execute" {
        return execute(&ctx, tx, &import).await;
    }
    tx.commit().await?;
    let here = Address::new(format!("/payments/imports/{id}"), &ctx.query).with("page", paging.page);
    ctx.done(ctx.l.t("payment-plan-saved"), here).await
}

/// What the fields of each row say that differs from what is planned.
async fn chosen(ctx: &Ctx, rows: &[PlanRow], input: &Input) -> Result<std::result::Result<Vec<Chosen>, FieldErrors>> {
    let mut chosen = Vec::new();
    let mut errors = FieldErrors::default();
    for row in rows.iter().filter(|row| row.problem.is_empty()) {
        let field = whom_field(row.position);
        let is_taken = input.has(&take_field(row.position));
        let typed = input.text(&field).trim();
        let is_same = row.premise_label.as_deref() == Some(typed);
        let account = match row.account_id.filter(|_| is_same) {
            _ if !is_taken => None,
            Some(account) => Some(account),
            None => meant(ctx, typed, &field, &mut errors).await?,
        };
        let planned = row.account_id.filter(|_| row.decision == Decision::Credit);
        if account != planned {
            chosen.push(Chosen { position: row.position, account });
        }
    }
    Ok(if errors.is_empty() { Ok(chosen) } else { Err(errors) })
}

async fn meant(ctx: &Ctx, typed: &str, field: &str, errors: &mut FieldErrors) -> Result<Option<AccountId>> {
    let key = match recipient::find(&ctx.db, seen(ctx)?, typed).await? {
        Recipient::One(row) => return Ok(Some(row.id)),
        Recipient::Several(_) => "payment-plan-several",
        Recipient::Nobody => "payment-nobody",
    };
    errors.add(field, key, Vec::new());
    Ok(None)
}

async fn execute(ctx: &Ctx, mut tx: Tx, import: &PaymentImport) -> Result {
    let here = format!("/payments/imports/{}", import.id);
    match import::execute(&mut tx, import.id, Some(ctx.actor()?.id), ctx.now()).await? {
        Ok(count) => {
            note(ctx, &mut tx, import.id, "audit-payments-executed", &import.file_name).await?;
            tx.commit().await?;
            ctx.done(ctx.l.n("payment-import-executed", i64::try_from(count).unwrap_or(i64::MAX)), here).await
        }
        Err(NotExecuted::Overtaken { count }) => {
            tx.commit().await?;
            ctx.refused(ctx.l.n("payment-import-overtaken", i64::try_from(count).unwrap_or(i64::MAX)), here).await
        }
        Err(NotExecuted::NotPlanned) => Err(Error::Conflict("payment-import-not-planned")),
        Err(NotExecuted::NotPossible(_)) => Err(Error::Conflict("payment-refused")),
    }
}

pub async fn discard(ctx: Ctx, Keys(id): Keys<PaymentImportId>) -> Result {
    let import = found(&ctx, id).await?;
    let mut tx = ctx.db.begin().await?;
    if !PaymentImport::discard(&mut tx, id).await? {
        return Err(Error::Conflict("payment-import-not-planned"));
    }
    note(&ctx, &mut tx, id, "audit-payments-discarded", &import.file_name).await?;
    tx.commit().await?;
    Ok(Redirect::to("/payments/imports").into_response())
}

pub async fn undo(ctx: Ctx, Keys(id): Keys<PaymentImportId>, input: Input) -> Result {
    let import = found(&ctx, id).await?;
    if import.state != ImportState::Executed {
        return Err(Error::Conflict("payment-import-not-executed"));
    }
    let mut check = Check::new(&input);
    let reason = check.line("reason", 300);
    let reason = match check.done(reason) {
        Ok(reason) => reason,
        Err(errors) => return Ok(form::refused(plan_page(&ctx, import, Some(input), errors).await?)),
    };
    let today = ctx.today();
    let mut tx = ctx.db.begin().await?;
    match import::undo(&mut tx, id, &reason, today, Some(ctx.actor()?.id), ctx.now()).await? {
        Ok(count) => {
            note(&ctx, &mut tx, id, "audit-payments-undone", &import.file_name).await?;
            tx.commit().await?;
            let said = ctx.l.n("payment-import-undone", i64::try_from(count).unwrap_or(i64::MAX));
            ctx.done(said, format!("/payments/imports/{id}")).await
        }
        Err(_) => Err(Error::Conflict("payment-import-not-executed")),
    }
}

/// The plan, or what became of it, as a workbook.
pub async fn excel(ctx: Ctx, Keys(id): Keys<PaymentImportId>) -> Result {
    let import = found(&ctx, id).await?;
    let l = ctx.l;
    let columns = [
        ("payment-received", 12),
        ("payment-reference", 14),
        ("payment-amount", 14),
        ("payment-from", 34),
        ("payment-memo", 60),
        ("payment-plan-result", 30),
        ("premise-label", 14),
        ("account-payer", 34),
        ("payment-plan-reasons", 50),
    ];
    let mut listing = Listing::begin(l.t("payment-import-title"), listing::columns(l, &columns));
    while let Some((limit, offset)) = listing.part() {
        for stored in PaymentImport::rows(&ctx.db, id, limit, offset).await? {
            let (received_on, amount, reference) = (stored.received_on, stored.amount, stored.reference.clone());
            let (label, holder) = (stored.premise_label.clone(), stored.holder_name.clone());
            let shown = row(l, import.state, stored);
            listing
                .row(vec![
                    Cell::day(received_on),
                    reference.into(),
                    Cell::Number(Quantity::from_thousandths(amount.kopecks().saturating_mul(10))),
                    shown.payer.into(),
                    shown.memo.into(),
                    shown.state.1.into(),
                    label.unwrap_or_default().into(),
                    holder.unwrap_or_default().into(),
                    shown.reasons.join(", ").into(),
                ])
                .await?;
        }
    }
    listing.download().await
}
