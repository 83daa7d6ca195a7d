//! A reshuffle: first who would lose and get what, then exactly that.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::{href, names};
use crate::{
    audit::Author,
    kernel::Money,
    staff::user::UserId,
    web::{
        Ctx, Error, Input, Locale, Result, form,
        page::{Head, Shell, page},
    },
    works::{Refusal, Reshuffle, worker},
};

#[derive(Template)]
#[template(path = "works/reshuffle.html")]
struct PreviewPage {
    shell: Shell,
    /// What went wrong; empty when nothing did.
    trouble: String,
    seed: String,
    fingerprint: String,
    has_open: bool,
    changed: String,
    of_open: String,
    charged: String,
    people_heads: Vec<Head>,
    people: Vec<Person>,
    move_heads: Vec<Head>,
    moves: Vec<Moved>,
}

struct Person {
    name: String,
    has: String,
    loses: String,
    gets: String,
    pays: String,
}

struct Moved {
    href: String,
    number: String,
    title: String,
    from: String,
    to: String,
    fee: String,
}

/// What a person loses, gets and pays.
#[derive(Clone, Copy, Default)]
struct Share {
    loses: i64,
    gets: i64,
    pays: Money,
}

pub async fn preview(ctx: Ctx) -> Result {
    preview_page(&ctx, String::new()).await
}

async fn preview_page(ctx: &Ctx, trouble: String) -> Result {
    let l = ctx.l;
    let drawn = Reshuffle::draw(&ctx.db, ctx.dice.seed()).await?;
    let names = names(ctx).await?;
    let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
    let moved = drawn.moves.iter().map(|moved| Moved {
        href: href(moved.order),
        number: moved.order.to_string(),
        title: moved.title.clone(),
        from: name(moved.from),
        to: name(moved.to),
        fee: l.sum(moved.fee),
    });
    page(&PreviewPage {
        trouble: if drawn.open_count > 0 && drawn.candidates.is_empty() { l.t("work-order-no-worker") } else { trouble },
        seed: drawn.seed.to_string(),
        fingerprint: drawn.fingerprint.clone(),
        has_open: drawn.open_count > 0,
        changed: l.count(i64::try_from(drawn.moves.len()).unwrap_or(i64::MAX)),
        of_open: l.n("reshuffle-of", i64::try_from(drawn.open_count).unwrap_or(i64::MAX)),
        charged: l.money(drawn.charged()),
        people_heads: vec![
            Head::plain(l.t("work-order-worker")),
            Head::plain(l.t("reshuffle-has")).number(),
            Head::plain(l.t("reshuffle-loses")).number(),
            Head::plain(l.t("reshuffle-gets")).number(),
            Head::plain(l.t("reshuffle-pays")).number(),
        ],
        people: people(ctx, l, &drawn).await?,
        move_heads: vec![
            Head::plain(l.t("work-order-number")),
            Head::plain(l.t("work-order-name")),
            Head::plain(l.t("reshuffle-from")),
            Head::plain(l.t("reshuffle-to")),
            Head::plain(l.t("work-order-fee-column")).number(),
        ],
        moves: moved.collect(),
        shell: Shell::of(ctx, l.t("reshuffle-title")).await?,
    })
}

/// Everybody who has, loses or may get orders.
async fn people(ctx: &Ctx, l: Locale, drawn: &Reshuffle) -> Result<Vec<Person>> {
    let mut shares: BTreeMap<UserId, Share> = BTreeMap::new();
    for moved in &drawn.moves {
        shares.entry(moved.from).or_default().loses += 1;
        let to = shares.entry(moved.to).or_default();
        to.gets += 1;
        to.pays += moved.fee;
    }
    let candidates: BTreeSet<UserId> = drawn.candidates.iter().copied().collect();
    let standing = worker::standing(&ctx.db).await?;
    let concerned = standing.into_iter().filter(|worker| worker.open_count > 0 || candidates.contains(&worker.worker_id));
    let person = |worker: worker::Standing| {
        let share = shares.get(&worker.worker_id).copied().unwrap_or_default();
        Person {
            name: worker.name,
            has: l.count(worker.open_count),
            loses: l.count(share.loses),
            gets: l.count(share.gets),
            pays: l.sum(share.pays),
        }
    };
    Ok(concerned.map(person).collect())
}

pub async fn carry_out(ctx: Ctx, input: Input) -> Result {
    let Ok(seed) = input.text("seed").parse() else { return Err(Error::BadRequest("form-key-broken")) };
    let l = ctx.l;
    let mut tx = ctx.db.begin().await?;
    let author = Author::from(ctx.actor()?);
    match Reshuffle::carry_out(&mut tx, seed, Some(input.text("fingerprint")), &author, ctx.now()).await? {
        Ok(outcome) => {
            tx.commit().await?;
            let told = [("changed", l.count(outcome.changed)), ("sum", l.money(outcome.charged))];
            ctx.done(l.a("reshuffle-done", &told), "/work-orders?state=open").await
        }
        Err(Refusal::Changed) => {
            tx.rollback().await?;
            Ok(form::refused(preview_page(&ctx, l.t(Refusal::Changed.key())).await?))
        }
        Err(refusal) => Err(Error::Conflict(refusal.key())),
    }
}
