//! All premises: found by any part of a label, name, phone, serial or contract number.

use askama::Template;

use super::{chosen_site, excel_address, head, may_edit, parts, premise_href, seen, site_choices, site_name};
use crate::{
    estate::{
        contract::Service,
        premise_list::{self, Owned, PremiseFilter, PremiseOrder, PremiseRow},
    },
    reports::{
        listing::{self, Listing},
        table::{Cell, Column},
    },
    web::{
        Ctx, Filled, Locale, Result,
        list::{Address, Paging, Sort},
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

fn sort(ctx: &Ctx) -> Sort<PremiseOrder> {
    Sort::of(&ctx.query, Sort::up(PremiseOrder::Label))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("premises-title")).await?;
    let tally = filter.tally(&ctx.db, seen).await?;
    let paging = Paging::of(&ctx.query, tally.premises);
    let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let rows = premise_list::rows(&ctx.db, &keys).await?;
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
        counts: tally.contracts.into_iter().map(|(service, number)| count(l, &address, service, number)).collect(),
        heads: vec![
            head(l, "premise-label", &address, PremiseOrder::Label, sort),
            head(l, "premise-owner", &address, PremiseOrder::Owner, sort),
            Head::plain(l.t("owner-phone")),
            Head::plain(l.t("premise-services")),
            head(l, "premise-area", &address, PremiseOrder::Area, sort).number(),
            head(l, "premise-read", &address, PremiseOrder::Read, sort),
        ],
        rows: rows.iter().map(|premise| row(&ctx, &shell, premise)).collect(),
        paging,
        excel: excel_address(&ctx, "/premises.xlsx"),
        is_filtered: ["q", "site", "part", "owned", "service", "state"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_edit: may_edit(&ctx)?,
        address,
        shell,
    })
}

fn count(l: Locale, address: &Address, service: Service, number: i64) -> Count {
    Count { href: address.with("service", service), number: l.count(number), name: l.t(service.key()) }
}

fn row(ctx: &Ctx, shell: &Shell, premise: &PremiseRow) -> Row {
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
        ended: premise.ended_on.map_or_else(String::new, |on| l.a("ended-on", &[("date", l.date(on))])),
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("premises-title")).await?;
    let columns = [("premise-label", 14), ("premise-site", 26), ("premise-owner", 36), ("owner-phone", 34), ("premise-services", 26)];
    let mut columns = listing::columns(l, &columns);
    columns.push(Column::new(l.t("premise-area"), 12).summed());
    columns.push(Column::new(l.t("premise-read"), 14));
    let mut listing = Listing::begin(l.t("premises-title"), columns);
    while let Some(part) = listing.part() {
        let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        for premise in premise_list::rows(&ctx.db, &keys).await? {
            listing.row(cells(l, &shell, &premise)).await?;
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
