//! The card of a debtor: what is owed premise by premise, bill by bill, service by service, and since when.

use askama::Template;

use super::{
    note_look,
    notices::{self, NoticeRow},
};
use crate::{
    audit::{Author, Entry, Subject as About},
    debtors::{
        ageing::{Aged, EDGES},
        debtor::{Day, Unpaid},
        mark::{Mark, MarkId, MarkKind, NewMark},
        notice::Notice,
    },
    estate::{
        contract::Service,
        owner::{Owner, OwnerId},
        pages::shared::{owner_href, premise_href, seen, site_name},
    },
    kernel::Money,
    ledger::debt::Of,
    payments::latest::Latest,
    staff::user::Permission,
    web::{
        Check, Ctx, Error, Filled, Input, Keys, Locale, Result, form,
        page::{Choice, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "debtors/show.html")]
struct CardPage {
    shell: Shell,
    owner: String,
    phones: Vec<(String, String)>,
    debt: String,
    is_debt: bool,
    not_due: String,
    /// Name, sum and whether there is any.
    columns: Vec<(String, String, bool)>,
    paid: String,
    accounts: Vec<OfAccount>,
    notices: Vec<NoticeRow>,
    marks: Vec<MarkRow>,
    form: Filled,
    mark_kinds: Vec<Choice>,
    /// Where a mark is sent to, for those who may.
    mark: String,
}

struct MarkRow {
    words: String,
    note: String,
    remove: String,
}

struct OfAccount {
    label: String,
    premise: String,
    site: String,
    account: (String, String),
    is_closed: bool,
    /// Services that anything is owed for, in the order of the columns.
    services: Vec<String>,
    rows: Vec<Row>,
    totals: Vec<String>,
    total: String,
}

/// One bill, or what no bill asks for.
struct Row {
    href: String,
    name: String,
    month: String,
    due: String,
    late: String,
    is_late: bool,
    sums: Vec<String>,
    total: String,
}

pub async fn show(ctx: Ctx, Keys(id): Keys<OwnerId>) -> Result {
    let form = Filled::new(ctx.l, Input::of([("kind", MarkKind::Promise.as_str())]));
    card(&ctx, id, form).await
}

/// A promise, or the wish to be left alone.
pub async fn mark(ctx: Ctx, Keys(id): Keys<OwnerId>, input: Input) -> Result {
    let owner = Owner::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let mut check = Check::new(&input);
    let until = check.date("until");
    check.ensure(input.text("until").is_empty() || until >= ctx.today(), "until", "mark-past");
    let (kind, note) = (check.choice("kind"), check.optional_line("note", 300));
    let mark = match check.done(NewMark { kind, until, note }) {
        Ok(mark) => mark,
        Err(errors) => return Ok(form::refused(card(&ctx, id, Filled::with_errors(ctx.l, input, errors)).await?)),
    };
    let actor = ctx.actor()?;
    let author = Author::from(actor);
    let mut tx = ctx.db.begin().await?;
    mark.make(&mut tx, id, actor.id, ctx.now()).await?;
    entry(&ctx, &author, "audit-debtor-marked", &owner).created(&mut tx, &mark).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-debtor-marked"), format!("/debtors/{id}")).await
}

pub async fn remove_mark(ctx: Ctx, Keys(id): Keys<MarkId>) -> Result {
    let mark = Mark::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let owner = Owner::find(&ctx.db, mark.owner_id).await?.ok_or(Error::NotFound)?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if mark.remove(&mut tx, ctx.now()).await? {
        entry(&ctx, &author, "audit-debtor-unmarked", &owner).noted(&mut tx).await?;
    }
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-debtor-unmarked"), format!("/debtors/{}", owner.id)).await
}

fn entry<'a>(ctx: &Ctx, author: &'a Author, action: &'static str, owner: &Owner) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: About::Debtor, id: Some(owner.id.0), name: owner.full_name.clone() }
}

async fn card(ctx: &Ctx, id: OwnerId, form: Filled) -> Result {
    let l = ctx.l;
    let seen = seen(ctx)?;
    let owner = Owner::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    if let Some(seen) = seen
        && !Owner::sites(&ctx.db, id).await?.iter().any(|site| seen.contains(site))
    {
        return Err(Error::NotFound);
    }
    let day = Day::of(&ctx.db, ctx.today()).await?;
    let unpaid = Unpaid::of_payers(&ctx.db, seen, None, &[id]).await?;
    let latest = Latest::find(&ctx.db, Of::Payer(id), seen).await?;
    let phones = Owner::phones(&ctx.db, id).await?;
    let may_mark = ctx.actor()?.can(Permission::Notify);
    let notices = Notice::of_owner(&ctx.db, id).await?;
    let marks = Mark::of_owner(&ctx.db, id, day.today).await?;
    note_look(ctx, id, owner.full_name.clone()).await?;
    let shell = Shell::of(ctx, owner.full_name).await?;
    let aged = aged(&unpaid, day);
    let debt: Money = unpaid.iter().map(|unpaid| unpaid.debt).sum();
    let names = ["debtor-to-30", "debtor-to-60", "debtor-to-90", "debtor-over-90"];
    page(&CardPage {
        notices: notices.iter().map(|notice| notices::row(ctx, notice)).collect(),
        marks: marks.into_iter().map(|mark| mark_row(l, mark, may_mark)).collect(),
        form,
        mark_kinds: Choice::all_of::<MarkKind>(l),
        mark: if may_mark { format!("/debtors/{id}/marks") } else { String::new() },
        owner: owner_href(id),
        phones: phones.iter().map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect(),
        debt: l.money(debt),
        is_debt: debt.is_positive(),
        not_due: if aged.not_due.is_positive() { l.a("debtor-not-due", &[("sum", l.sum(aged.not_due))]) } else { String::new() },
        columns: names.iter().zip(aged.columns()).map(|(name, sum)| (l.t(name), l.sum(sum), sum.is_positive())).collect(),
        paid: latest.map_or_else(
            || l.t("debtor-never-paid"),
            |paid| l.a("debt-last-paid", &[("sum", l.money(paid.amount)), ("date", l.date(paid.received_on))]),
        ),
        accounts: unpaid.chunk_by(|a, b| a.account_id == b.account_id).map(|unpaid| of_account(l, &shell, day, unpaid)).collect(),
        shell,
    })
}

fn mark_row(l: Locale, mark: Mark, may_remove: bool) -> MarkRow {
    MarkRow {
        words: l.a(&format!("{}-until", mark.kind.key()), &[("date", l.date(mark.until))]),
        note: [mark.note, mark.author.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        remove: if may_remove { format!("/debtors/marks/{}/remove", mark.id) } else { String::new() },
    }
}

fn aged(unpaid: &[Unpaid], day: Day) -> Aged {
    let days_late = |unpaid: &Unpaid| day.terms.days_late(unpaid.period, unpaid.owed_since, day.today);
    let later = EDGES.map(|edge| unpaid.iter().filter(|unpaid| days_late(unpaid) > edge).map(|unpaid| unpaid.debt).sum());
    Aged::of(unpaid.iter().map(|unpaid| unpaid.debt).sum(), later)
}

fn of_account(l: Locale, shell: &Shell, day: Day, unpaid: &[Unpaid]) -> OfAccount {
    let first = &unpaid[0];
    let mut services: Vec<Option<Service>> = unpaid.iter().map(|unpaid| unpaid.service).collect();
    services.sort_unstable_by_key(|service| (service.is_none(), *service));
    services.dedup();
    let total = |unpaid: &[Unpaid]| l.sum(unpaid.iter().map(|unpaid| unpaid.debt).sum());
    OfAccount {
        label: first.premise_label.clone(),
        premise: premise_href(first.premise_id),
        site: if shell.sites.len() > 1 { site_name(shell, first.site_id) } else { String::new() },
        account: (format!("/accounts/{}", first.account_id), first.account_number.clone()),
        is_closed: first.closed_on.is_some(),
        rows: unpaid
            .chunk_by(|a, b| a.bill_id == b.bill_id && a.bill_id.is_some())
            .map(|of_bill| row(l, day, &services, of_bill))
            .collect(),
        totals: sums(l, &services, unpaid),
        total: total(unpaid),
        services: services.into_iter().map(|service| super::shown::service_name(l, service)).collect(),
    }
}

fn sums(l: Locale, services: &[Option<Service>], unpaid: &[Unpaid]) -> Vec<String> {
    let of = |service: Option<Service>| unpaid.iter().filter(|unpaid| unpaid.service == service).map(|unpaid| unpaid.debt).sum::<Money>();
    services.iter().map(|service| of(*service)).map(|sum| if sum.is_positive() { l.sum(sum) } else { String::new() }).collect()
}

fn row(l: Locale, day: Day, services: &[Option<Service>], unpaid: &[Unpaid]) -> Row {
    let first = &unpaid[0];
    let days = day.terms.days_late(first.period, first.owed_since, day.today);
    Row {
        href: first.bill_id.map_or_else(String::new, |bill| format!("/bills/{bill}")),
        name: first.bill_number.clone().unwrap_or_else(|| l.t("debt-without-bill")),
        month: first.period.map_or_else(|| l.date(first.owed_since), |period| l.period(period)),
        due: l.date(first.period.map_or(first.owed_since, |period| day.terms.due_on(period))),
        late: if days > 0 { l.n("debt-late", days) } else { l.t("debt-not-late") },
        is_late: days > 0,
        sums: sums(l, services, unpaid),
        total: l.sum(unpaid.iter().map(|unpaid| unpaid.debt).sum()),
    }
}
