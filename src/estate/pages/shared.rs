//! What pages of the registry and of its meters share: keys from addresses, choices of sites, heads of columns, the history of a card.

use time::Date;

use crate::{
    audit::{self, Subject},
    estate::{
        filter::Seen,
        owner::OwnerId,
        premise::PremiseId,
        premise_list,
        site::{Site, SiteId},
    },
    kernel::{
        clock::Zone,
        text::{Choice as Word, natural_key},
    },
    web::{
        Ctx, Error, Locale, Result,
        list::{Address, Sort},
        page::{Choice, Head, HistoryChange, HistoryLine, Shell},
    },
};

/// A key from the address; one that is no number is as absent.
pub fn key<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The sites that the person sees.
pub fn seen(ctx: &Ctx) -> Result<Seen<'_>> {
    Ok(ctx.actor()?.sites.as_deref())
}

/// The site chosen in a list's filter.
pub fn chosen_site(ctx: &Ctx) -> Option<SiteId> {
    ctx.query.text("site").parse().ok()
}

pub fn site_choices(shell: &Shell) -> Vec<Choice> {
    shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect()
}

pub fn site_name(shell: &Shell, id: SiteId) -> String {
    shell.sites.iter().find(|site| site.id == id).map(|site| site.name.clone()).unwrap_or_default()
}

/// The address of the Excel of a list: the same filters and order.
pub fn excel_address(ctx: &Ctx, path: &str) -> String {
    Address::new(path, &ctx.query).with("page", "")
}

/// The links of a list's heads that sort both ways.
pub fn head<T: Word>(l: Locale, key: &str, address: &Address, column: T, sort: Sort<T>) -> Head {
    Head::sorted(l.t(key), address, column, sort)
}

/// Today at a site.
pub async fn today(ctx: &Ctx, site: SiteId) -> Result<Date> {
    let zone = Site::find(&ctx.db, site).await?.map_or_else(Zone::moscow, |site| site.zone());
    Ok(zone.day(ctx.now()))
}

/// What happened to a thing, newest first, for its card.
pub async fn history(ctx: &Ctx, subject: Subject, id: i64) -> Result<Vec<HistoryLine>> {
    let l = ctx.l;
    let entries = audit::history(&ctx.db, subject, id).await?;
    Ok(entries
        .into_iter()
        .map(|entry| HistoryLine {
            when: ctx.moment(entry.at),
            who: entry.actor_name.clone(),
            what: if l.has(&entry.action) { l.t(&entry.action) } else { entry.action.clone() },
            changes: entry
                .differences()
                .into_iter()
                .filter(|(_, before, after)| !(before.is_empty() && after.is_empty()))
                .map(|change| HistoryChange::of(l, change))
                .collect(),
        })
        .collect())
}

/// The owner's address on our pages.
pub fn owner_href(id: OwnerId) -> String {
    format!("/owners/{id}")
}

pub fn premise_href(id: PremiseId) -> String {
    format!("/premises/{id}")
}

/// The arrays of a site, and the lines of the one that `part` in the address names.
pub async fn parts(ctx: &Ctx, site: SiteId) -> Result<Vec<Choice>> {
    let l = ctx.l;
    let (chosen, _) = premise_list::part_of(ctx.query.text("part"));
    let mut arrays = premise_list::arrays(&ctx.db, site).await?;
    arrays.sort_by_cached_key(|array| natural_key(array));
    let mut choices = Vec::new();
    for array in arrays {
        choices.push(Choice::new(&array, l.a("premises-array", &[("array", &array)])));
        if array == chosen {
            let mut lines = premise_list::lines(&ctx.db, site, chosen).await?;
            lines.sort_by_cached_key(|line| natural_key(line));
            let line_choice =
                |line: String| Choice::new(format!("{array}-{line}"), l.a("premises-line", &[("array", &array), ("line", &line)]));
            choices.extend(lines.into_iter().map(line_choice));
        }
    }
    Ok(choices)
}
