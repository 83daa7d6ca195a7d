//! All debtors, the largest first, and the same rows as Excel.

use askama::Template;

use super::note;
use crate::{
    debtors::debtor::{Day, Debtor, DebtorFilter, DebtorOrder, Debtors, Late},
    estate::{
        filter::Seen,
        owner::Phone,
        owner_list::{self, OwnerRow},
        pages::shared::{chosen_site, excel_address, head, seen, site_choices},
    },
    kernel::Money,
    reports::{
        listing::{self, Listing},
        table::{Cell, Column},
    },
    staff::user::Permission,
    web::{
        Ctx, Error, Filled, Locale, Result,
        list::{self, Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "debtors/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    lates: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_notify: bool,
}

struct Row {
    href: String,
    name: String,
    phones: Vec<(String, String)>,
    labels: Vec<String>,
    /// How many premises besides; empty for none.
    more: String,
    debt: String,
    not_due: String,
    columns: Vec<String>,
    oldest: String,
    paid: String,
}

/// Labels shown in a row; the card has them all.
const LABELS: usize = 3;

fn filter(ctx: &Ctx) -> DebtorFilter {
    DebtorFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        least: Money::parse(ctx.query.text("least")).ok().filter(|least| least.is_positive()),
        late: ctx.query.text("late").parse().ok(),
    }
}

fn sort(ctx: &Ctx) -> Sort<DebtorOrder> {
    Sort::of(&ctx.query, Sort::down(DebtorOrder::Debt))
}

/// Rows of a part of the list with the people's phones and premises.
async fn rows(ctx: &Ctx, filter: &DebtorFilter, seen: Seen<'_>, day: Day, part: (i64, i64)) -> Result<(Debtors, Vec<OwnerRow>)> {
    let sort = sort(ctx);
    let found = filter.page(&ctx.db, seen, day, (sort.by, sort.is_descending), part).await?;
    let ids: Vec<_> = found.rows.iter().map(|debtor| debtor.payer_id).collect();
    let people = owner_list::rows(&ctx.db, seen, &ids).await?;
    Ok((found, people))
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen, day) = (filter(&ctx), sort(&ctx), seen(&ctx)?, Day::of(&ctx.db, ctx.today()).await?);
    let shell = Shell::of(&ctx, l.t("debtors-title")).await?;
    let (ctx, filter) = (&ctx, &filter);
    let fetch = |part| async move {
        let (found, people) = rows(ctx, filter, seen, day, part).await?;
        let number = found.people;
        Ok::<_, Error>(((found, people), number))
    };
    let ((found, people), paging) = list::counted(&ctx.query, fetch).await?;
    let address = Address::new("/debtors", &ctx.query);
    page(&ListPage {
        sub: l.a("debtors-sum", &[("people", l.n("debtors-count", found.people)), ("sum", l.money(found.debt))]),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        lates: Choice::all_of::<Late>(l),
        heads: heads(l, &address, sort),
        rows: found.rows.iter().zip(&people).map(|(debtor, person)| row(l, debtor, person)).collect(),
        paging,
        excel: excel_address(ctx, "/debtors.xlsx"),
        may_notify: ctx.actor()?.can(Permission::Notify),
        is_filtered: ["q", "site", "least", "late"].iter().any(|name| !ctx.query.text(name).is_empty()),
        address,
        shell,
    })
}

fn heads(l: Locale, address: &Address, sort: Sort<DebtorOrder>) -> Vec<Head> {
    let sum = |key: &str| Head::plain(l.t(key)).number();
    vec![
        head(l, "debtor-name", address, DebtorOrder::Name, sort),
        Head::plain(l.t("owner-premises")),
        head(l, "debtor-debt", address, DebtorOrder::Debt, sort).number(),
        sum("debtor-to-30"),
        sum("debtor-to-60"),
        sum("debtor-to-90"),
        head(l, "debtor-over-90", address, DebtorOrder::Old, sort).number(),
        head(l, "debtor-oldest", address, DebtorOrder::Oldest, sort),
        Head::plain(l.t("debtor-paid")),
    ]
}

fn row(l: Locale, debtor: &Debtor, person: &OwnerRow) -> Row {
    let not_due = debtor.aged.not_due;
    let (labels, more) = labels(l, debtor, person);
    Row {
        href: format!("/debtors/{}", debtor.payer_id),
        name: debtor.name.clone(),
        phones: person.phones.iter().take(2).map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect(),
        labels,
        more,
        debt: l.sum(debtor.debt),
        not_due: if not_due.is_positive() { l.a("debtor-not-due", &[("sum", l.sum(not_due))]) } else { String::new() },
        columns: debtor.aged.columns().map(|sum| if sum.is_positive() { l.sum(sum) } else { String::new() }).into(),
        oldest: l.period(debtor.oldest),
        paid: debtor.last_paid_on.map_or_else(|| l.t("debtor-never-paid"), |on| l.date(on)),
    }
}

/// The first premises of the person and how many more; or how many owe, when the person owns fewer.
fn labels(l: Locale, debtor: &Debtor, person: &OwnerRow) -> (Vec<String>, String) {
    let owned = &person.premises;
    if owned.is_empty() || i64::try_from(owned.len()).is_ok_and(|owned| owned < debtor.premises) {
        return (vec![l.n("debtor-premises", debtor.premises)], String::new());
    }
    let shown = owned.iter().take(LABELS).map(|(_, label)| label.clone()).collect();
    let more = owned.len().saturating_sub(LABELS);
    (shown, if more == 0 { String::new() } else { l.n("owner-more", more) })
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, seen, day) = (filter(&ctx), seen(&ctx)?, Day::of(&ctx.db, ctx.today()).await?);
    note(&ctx, "audit-debtors-exported", None, l.t("debtors-title")).await?;
    let mut columns = listing::columns(l, &[("debtor-name", 40), ("owner-phone", 34), ("owner-premises", 30)]);
    let sums = ["debtor-debt", "debtor-not-due-column", "debtor-to-30", "debtor-to-60", "debtor-to-90", "debtor-over-90"];
    columns.extend(sums.map(|key| Column::new(l.t(key), 14).summed()));
    columns.extend(listing::columns(l, &[("debtor-premises-column", 12), ("debtor-oldest", 16), ("debtor-paid", 16)]));
    let mut listing = Listing::begin(l.t("debtors-title"), columns);
    while let Some(part) = listing.part() {
        let (found, people) = rows(&ctx, &filter, seen, day, part).await?;
        for (debtor, person) in found.rows.iter().zip(&people) {
            listing.row(cells(l, debtor, person)).await?;
        }
    }
    listing.download().await
}

fn cells(l: Locale, debtor: &Debtor, person: &OwnerRow) -> Vec<Cell> {
    let join = |parts: Vec<String>| Cell::from(parts.join(", "));
    let [to_30, to_60, to_90, over_90] = debtor.aged.columns();
    let mut cells = vec![
        debtor.name.clone().into(),
        join(person.phones.iter().map(Phone::readable).collect()),
        join(person.premises.iter().map(|(_, label)| label.clone()).collect()),
    ];
    cells.extend([debtor.debt, debtor.aged.not_due, to_30, to_60, to_90, over_90].map(Cell::Sum));
    cells.extend([Cell::Count(debtor.premises), l.period(debtor.oldest).into(), Cell::day(debtor.last_paid_on)]);
    cells
}
