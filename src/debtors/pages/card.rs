//! The card of a debtor: what is owed premise by premise, bill by bill, service by service, and since when.

use askama::Template;

use super::note_look;
use crate::{
    debtors::{
        ageing::{Aged, EDGES},
        debtor::{Day, Unpaid},
    },
    estate::{
        contract::Service,
        owner::{Owner, OwnerId},
        pages::shared::{owner_href, premise_href, seen, site_name},
    },
    kernel::Money,
    ledger::debt::Of,
    payments::latest::Latest,
    web::{
        Ctx, Error, Keys, Locale, Result,
        page::{Shell, page},
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
    let l = ctx.l;
    let seen = seen(&ctx)?;
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
    note_look(&ctx, id, owner.full_name.clone()).await?;
    let shell = Shell::of(&ctx, owner.full_name).await?;
    let aged = aged(&unpaid, day);
    let debt: Money = unpaid.iter().map(|unpaid| unpaid.debt).sum();
    let names = ["debtor-to-30", "debtor-to-60", "debtor-to-90", "debtor-over-90"];
    page(&CardPage {
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
