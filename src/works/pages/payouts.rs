//! What workers were paid, what waits for another person, and paying for a day out of turn.

use askama::Template;

use super::board;
use crate::{
    audit::Author,
    estate::pages::shared::excel_address,
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission::DecidePayouts,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Result, form,
        form::parse_date,
        list::{Address, Paging},
        page::{Choice, Head, Shell, page},
    },
    works::{
        Payout, PayoutId, PayoutState,
        payout::{self, PayoutFilter},
    },
};

#[derive(Template)]
#[template(path = "works/payouts.html")]
struct PayoutsPage {
    shell: Shell,
    sub: String,
    form: Filled,
    workers: Vec<Choice>,
    states: Vec<Choice>,
    waiting: i64,
    may_decide: bool,
    day: Filled,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
}

struct Row {
    number: String,
    day: String,
    worker: String,
    sum: String,
    state: (&'static str, String),
    /// Who decided and when; empty when nobody had to.
    decided: String,
    /// Where it is decided; both empty once it was, or for who may not.
    approve: String,
    decline: String,
}

fn filter(ctx: &Ctx) -> PayoutFilter {
    let day = |field: &str| parse_date(ctx.query.text(field).trim());
    PayoutFilter {
        worker: ctx.query.text("worker").parse().ok(),
        state: ctx.query.text("state").parse().ok(),
        from: day("from"),
        until: day("until"),
    }
}

fn badge(state: PayoutState) -> &'static str {
    match state {
        PayoutState::Waiting => "warn",
        PayoutState::Paid => "good",
        PayoutState::Declined => "plain",
    }
}

pub async fn list(ctx: Ctx) -> Result {
    let yesterday = ctx.today().previous_day().unwrap_or_else(|| ctx.today());
    list_page(&ctx, Filled::new(ctx.l, Input::of([("day", yesterday)]))).await
}

async fn list_page(ctx: &Ctx, day: Filled) -> Result {
    let l = ctx.l;
    let filter = filter(ctx);
    let (count, sum) = filter.count(&ctx.db).await?;
    let paging = Paging::of(&ctx.query, count);
    let rows = filter.rows(&ctx.db, (paging.per_page, paging.offset())).await?;
    let may_decide = ctx.actor()?.can(DecidePayouts);
    page(&PayoutsPage {
        sub: l.a("payouts-sum", &[("number", l.n("payouts-count", count)), ("sum", l.money(sum))]),
        form: Filled::new(l, ctx.query.clone()),
        workers: board::workers(ctx).await?,
        states: Choice::all_of::<PayoutState>(l),
        waiting: payout::waiting(&ctx.db).await?,
        may_decide,
        day,
        heads: vec![
            Head::plain(l.t("posting-number")),
            Head::plain(l.t("payout-day")),
            Head::plain(l.t("work-order-worker")),
            Head::plain(l.t("workers-sum")).number(),
            Head::plain(l.t("work-order-state")),
            Head::plain(l.t("payout-decided")),
        ],
        rows: rows.into_iter().map(|payout| row(ctx, payout, may_decide)).collect(),
        paging,
        address: Address::new("/payouts", &ctx.query),
        excel: excel_address(ctx, "/payouts.xlsx"),
        is_filtered: ["worker", "state", "from", "until"].iter().any(|name| !ctx.query.text(name).is_empty()),
        shell: Shell::of(ctx, l.t("payouts-title")).await?,
    })
}

fn row(ctx: &Ctx, payout: Payout, may_decide: bool) -> Row {
    let l = ctx.l;
    let to_decide = may_decide && payout.state == PayoutState::Waiting;
    let decision = |what: &str| if to_decide { format!("/payouts/{}/{what}", payout.id) } else { String::new() };
    Row {
        number: payout.id.to_string(),
        day: l.date(payout.day),
        sum: l.sum(payout.sum),
        state: (badge(payout.state), l.t(payout.state.key())),
        approve: decision("approve"),
        decline: decision("decline"),
        decided: match (payout.decider_name, payout.decided_at) {
            (Some(name), Some(at)) => format!("{name}, {}", ctx.moment(at)),
            _ => String::new(),
        },
        worker: payout.worker_name,
    }
}

/// The same rows as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let filter = filter(&ctx);
    let columns = [
        ("posting-number", 10),
        ("payout-day", 14),
        ("work-order-worker", 28),
        ("workers-sum", 14),
        ("work-order-state", 18),
        ("payout-made", 18),
        ("payout-decided", 36),
    ];
    let mut listing = Listing::begin(l.t("payouts-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        for payout in filter.rows(&ctx.db, part).await? {
            let (day, made, sum, id) = (payout.day, ctx.moment(payout.created_at), payout.sum, payout.id);
            let row = row(&ctx, payout, false);
            let cells = vec![
                Cell::Count(id.0),
                Cell::Day(day),
                row.worker.into(),
                Cell::Sum(sum),
                row.state.1.into(),
                made.into(),
                row.decided.into(),
            ];
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

/// Pays for a day out of turn, those who were not paid for it.
pub async fn make(ctx: Ctx, input: Input) -> Result {
    let mut check = Check::new(&input);
    let day = check.date("day");
    let refuse = async |errors| Ok(form::refused(list_page(&ctx, Filled::with_errors(ctx.l, input.clone(), errors)).await?));
    let day = match check.done(day) {
        Ok(day) => day,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    match payout::pay_out(&mut tx, day, &Author::from(ctx.actor()?), ctx.now()).await? {
        Ok(made) => {
            tx.commit().await?;
            ctx.done(ctx.l.n("payout-done", made.len()), format!("/payouts?from={day}&until={day}")).await
        }
        Err(refusal) => {
            tx.rollback().await?;
            refuse(FieldErrors::one("day", refusal.key())).await
        }
    }
}

pub async fn approve(ctx: Ctx, Keys(id): Keys<PayoutId>) -> Result {
    let actor = ctx.actor()?;
    Payout::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let mut tx = ctx.db.begin().await?;
    match Payout::approve(&mut tx, id, actor.id, &Author::from(actor), ctx.now()).await? {
        Ok(payout) => {
            tx.commit().await?;
            let told = [("sum", ctx.l.money(payout.sum)), ("worker", payout.worker_name)];
            ctx.done(ctx.l.a("payout-approved", &told), "/payouts").await
        }
        Err(refusal) => {
            tx.rollback().await?;
            ctx.refused(ctx.l.t(refusal.key()), "/payouts").await
        }
    }
}

pub async fn decline(ctx: Ctx, Keys(id): Keys<PayoutId>) -> Result {
    Payout::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let mut tx = ctx.db.begin().await?;
    match Payout::decline(&mut tx, id, &Author::from(ctx.actor()?), ctx.now()).await? {
        Ok(payout) => {
            tx.commit().await?;
            ctx.done(ctx.l.a("payout-declined", &[("worker", payout.worker_name)]), "/payouts").await
        }
        Err(refusal) => {
            tx.rollback().await?;
            ctx.refused(ctx.l.t(refusal.key()), "/payouts").await
        }
    }
}
