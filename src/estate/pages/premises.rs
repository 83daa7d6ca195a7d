//! All premises: found by any part of a label, name, phone, serial or contract number.

use std::collections::HashMap;

use askama::Template;

use super::{chosen_site, excel_address, head, may_edit, parts, premise_href, seen, site_choices, site_name};
use crate::{
    estate::{
        contract::Service,
        premise::PremiseId,
        premise_list::{self, Owned, PremiseFilter, PremiseOrder, PremiseRow},
    },
    kernel::Money,
    ledger::debt,
    reports::{
        listing::{self, Listing},
        table::{Cell, Column},
    },
    staff::user::Permission,
    web::{
        Ctx, Filled, Locale, Result,
        list::{self, Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/premises/list.html")]
struct PremisesPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    parts: Vec<Choice>,
    owned: Vec<Choice>,
    services: Vec<Choice>,
    states: Vec<Choice>,
    counts: Vec<Count>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_edit: bool,
}

struct Count {
    href: String,
    number: String,
    name: String,
}

struct Row {
    href: String,
    label: String,
    site: String,
    owners: Vec<(String, String)>,
    phones: Vec<(String, String)>,
    services: Vec<(&'static str, String)>,
    area: String,
    read: String,
    /// Absent where debts are not shown.
    debt: Option<String>,
    ended: String,
}

fn filter(ctx: &Ctx) -> PremiseFilter {
    PremiseFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        part: ctx.query.text("part").to_owned(),
        owned: ctx.query.text("owned").parse().ok(),
        service: ctx.query.text("service").parse().ok(),
        is_ended: ctx.query.text("state") == "ended",
        is_label_only: false,
    }
}

/// Who does not see the money does not see who owes most either.
fn sort(ctx: &Ctx) -> Result<Sort<PremiseOrder>> {
    let sort = Sort::of(&ctx.query, Sort::up(PremiseOrder::Label));
    let is_open = sort.by != PremiseOrder::Debt || ctx.actor()?.can(Permission::SeeMoney);
    Ok(if is_open { sort } else { Sort::up(PremiseOrder::Label) })
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx)?, seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("premises-title")).await?;
    let (keys, paging, contracts) = if filter.words.is_empty() {
        let tally = filter.tally(&ctx.db, seen).await?;
        let paging = Paging::of(&ctx.query, tally.premises);
        let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
        (keys, paging, tally.contracts)
    } else {
        let fetch = |part| filter.counted(&ctx.db, seen, sort.by, sort.is_descending, part);
        let (keys, paging) = list::counted(&ctx.query, fetch).await?;
        (keys, paging, Vec::new())
    };
    let rows = premise_list::rows(&ctx.db, &keys).await?;
    let debts = debts(&ctx, &keys).await?;
    let address = Address::new("/premises", &ctx.query);
    let site = filter.site.or(if shell.sites.len() == 1 { shell.site.as_ref().map(|site| site.id) } else { None });
    page(&PremisesPage {
        sub: l.n("premises-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        parts: match site.filter(|site| shell.sites.iter().any(|known| known.id == *site)) {
            Some(site) => parts(&ctx, site).await?,
            None => Vec::new(),
        },
        owned: Choice::all_of::<Owned>(l),
        services: Choice::all_of::<Service>(l),
        states: vec![Choice::new("ended", l.t("premises-ended"))],
        counts: contracts.into_iter().map(|(service, number)| count(l, &address, service, number)).collect(),
        heads: heads(l, &address, sort, debts.is_some()),
        rows: rows.iter().map(|premise| row(&ctx, &shell, premise, debts.as_ref())).collect(),
        paging,
        excel: excel_address(&ctx, "/premises.xlsx"),
        is_filtered: ["q", "site", "part", "owned", "service", "state"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_edit: may_edit(&ctx)?,
        address,
        shell,
    })
}

/// What is owed for each premise; nothing for those who do not see the money.
async fn debts(ctx: &Ctx, keys: &[PremiseId]) -> Result<Option<HashMap<PremiseId, Money>>> {
    Ok(if ctx.actor()?.can(Permission::SeeMoney) { Some(debt::of_premises(&ctx.db, keys).await?) } else { None })
}

fn heads(l: Locale, address: &Address, sort: Sort<PremiseOrder>, has_debts: bool) -> Vec<Head> {
    let mut heads = vec![
        head(l, "premise-label", address, PremiseOrder::Label, sort),
        head(l, "premise-owner", address, PremiseOrder::Owner, sort),
        Head::plain(l.t("owner-phone")),
        Head::plain(l.t("premise-services")),
        head(l, "premise-area", address, PremiseOrder::Area, sort).number(),
        head(l, "premise-read", address, PremiseOrder::Read, sort),
    ];
    heads.extend(has_debts.then(|| head(l, "debtor-debt", address, PremiseOrder::Debt, sort).number()));
    heads
}

fn count(l: Locale, address: &Address, service: Service, number: i64) -> Count {
    Count { href: address.with("service", service), number: l.count(number), name: l.t(service.key()) }
}

fn row(ctx: &Ctx, shell: &Shell, premise: &PremiseRow, debts: Option<&HashMap<PremiseId, Money>>) -> Row {
    let l = ctx.l;
    let phones = premise.owners.iter().flat_map(|(_, _, phones)| phones);
    Row {
        href: premise_href(premise.id),
        label: premise.label.clone(),
        site: if shell.sites.len() > 1 { site_name(shell, premise.site_id) } else { String::new() },
        owners: premise.owners.iter().map(|(id, name, _)| (super::owner_href(*id), name.clone())).collect(),
        phones: phones.take(2).map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect(),
        services: premise.services.iter().map(|service| (service.icon(), l.t(service.key()))).collect(),
        area: premise.area.map_or_else(String::new, |area| l.quantity(area)),
        read: premise.last_read_at.map_or_else(String::new, |at| l.date(crate::kernel::clock::Zone::moscow().day(at))),
        debt: debts.map(|debts| debts.get(&premise.id).map_or_else(String::new, |debt| l.sum(*debt))),
        ended: premise.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx)?, seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("premises-title")).await?;
    let columns = [("premise-label", 14), ("premise-site", 26), ("premise-owner", 36), ("owner-phone", 34), ("premise-services", 26)];
    let mut columns = listing::columns(l, &columns);
    columns.push(Column::new(l.t("premise-area"), 12).summed());
    columns.push(Column::new(l.t("premise-read"), 14));
    if ctx.actor()?.can(Permission::SeeMoney) {
        columns.push(Column::new(l.t("debtor-debt"), 14).summed());
    }
    let mut listing = Listing::begin(l.t("premises-title"), columns);
    while let Some(part) = listing.part() {
        let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        let debts = debts(&ctx, &keys).await?;
        for premise in premise_list::rows(&ctx.db, &keys).await? {
            let mut cells = cells(l, &shell, &premise);
            cells.extend(debts.as_ref().map(|debts| debts.get(&premise.id).map_or(Cell::Empty, |debt| Cell::Sum(*debt))));
            listing.row(cells).await?;
        }
    }
    listing.download().await
}

fn cells(l: Locale, shell: &Shell, premise: &PremiseRow) -> Vec<Cell> {
    let join = |parts: Vec<String>| parts.join(", ");
    vec![
        premise.label.clone().into(),
        site_name(shell, premise.site_id).into(),
        join(premise.owners.iter().map(|(_, name, _)| name.clone()).collect()).into(),
        join(premise.owners.iter().flat_map(|(_, _, phones)| phones.iter().map(crate::estate::owner::Phone::readable)).collect()).into(),
        join(premise.services.iter().map(|service| l.t(service.key())).collect()).into(),
        Cell::number(premise.area),
        Cell::day(premise.last_read_at.map(|at| crate::kernel::clock::Zone::moscow().day(at))),
    ]
}
