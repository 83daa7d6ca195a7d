//! The controller's first page: my rounds, and what is left of them.

use askama::Template;

use crate::{
    db::{self, Db, q},
    kernel::Period,
    staff::user::UserId,
    web::{
        Ctx, Result,
        page::{Shell, page},
    },
    works::{WorkOrderState, list::WorkOrderFilter, worker},
};

#[derive(Template)]
#[template(path = "dashboard/walker.html")]
struct WalkerPage {
    shell: Shell,
    rounds: Vec<Walk>,
    works: Works,
}

/// Work orders in a sentence: how many are open, what stands on one's book.
struct Works {
    open: String,
    balance: String,
}

/// One open round as its controller sees it.
struct Walk {
    href: String,
    title: String,
    month: String,
    done: i64,
    total: i64,
    left: String,
    revisit: String,
    has_revisit: bool,
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("dashboard-mine")).await?;
    let rounds = open_rounds(&ctx.db, ctx.actor()?.id).await?;
    let rounds = rounds
        .into_iter()
        .map(|round| Walk {
            href: format!("/rounds/{}/walk", round.id),
            title: round.title,
            month: l.period(round.period),
            done: round.done,
            total: round.total,
            left: l.n("dashboard-left", round.total - round.done),
            revisit: l.n("dashboard-revisit", round.revisit),
            has_revisit: round.revisit > 0,
        })
        .collect();
    let works = works(&ctx).await?;
    page(&WalkerPage { shell, rounds, works })
}

async fn works(ctx: &Ctx) -> Result<Works> {
    let me = ctx.actor()?.id;
    let open = WorkOrderFilter { worker: Some(me), state: Some(WorkOrderState::Open), ..WorkOrderFilter::default() };
    Ok(Works {
        open: ctx.l.n("work-orders-open-count", open.count(&ctx.db).await?),
        balance: ctx.l.money(worker::balance(&ctx.db, me).await?),
    })
}

#[derive(sqlx::FromRow)]
struct OpenRound {
    id: i64,
    title: String,
    period: Period,
    done: i64,
    revisit: i64,
    total: i64,
}

/// Rounds that are not closed and have stops of this controller, the latest first.
async fn open_rounds(db: &Db, controller: UserId) -> db::Result<Vec<OpenRound>> {
    q(
        db,
        "select r.id, r.title, r.period,
            cast(sum(s.done_count) as bigint) as done,
            cast(sum(s.revisit_count) as bigint) as revisit,
            cast(sum(s.stop_count) as bigint) as total
        from round r
        join round_section s on s.round_id = r.id and s.controller_id = $1
        where r.closed_at is null
        group by r.id, r.title, r.period
        order by r.period desc, r.id desc
        limit 12",
    )
    .bind(controller)
    .all()
    .await
}
