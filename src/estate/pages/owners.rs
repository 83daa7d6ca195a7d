//! All owners, and the card of one: how to reach them, and everything they own and pay for.

use askama::Template;
use axum::extract::Path;

use super::{
    chosen_site, excel_address, head, history, may_edit, owner_href, premise_card::span, premise_href, seen, site_choices, visible_owner,
};
use crate::{
    audit::Subject,
    debtors::pages::shown::{DebtShown, shown},
    estate::{
        account::Account,
        owner::{Owner, OwnerKind, Phone},
        owner_list::{self, OwnerFilter, OwnerOrder, OwnerRow},
        ownership::Ownership,
        premise::Premise,
    },
    ledger::debt::Of,
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    web::{
        Ctx, Filled, Result,
        list::{Address, Paging, Sort},
        page::{Choice, Head, HistoryLine, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/owners/list.html")]
struct OwnersPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    kinds: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_edit: bool,
}

struct Row {
    href: String,
    name: String,
    is_company: bool,
    phones: Vec<(String, String)>,
    premises: Vec<(String, String)>,
    /// How many more there are than shown.
    more: String,
}

/// Labels shown in a row; people with more open the card.
const LABELS: usize = 4;

fn filter(ctx: &Ctx) -> OwnerFilter {
    OwnerFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        kind: ctx.query.text("kind").parse().ok(),
        is_name_only: false,
    }
}

fn sort(ctx: &Ctx) -> Sort<OwnerOrder> {
    Sort::of(&ctx.query, Sort::up(OwnerOrder::Name))
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("owners-title")).await?;
    let paging = Paging::of(&ctx.query, filter.count(&ctx.db, seen).await?);
    let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let rows = owner_list::rows(&ctx.db, seen, &keys).await?;
    let address = Address::new("/owners", &ctx.query);
    page(&OwnersPage {
        sub: l.n("owners-count", paging.total),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        kinds: Choice::all_of::<OwnerKind>(l),
        heads: vec![
            head(l, "owner-name", &address, OwnerOrder::Name, sort),
            Head::plain(l.t("owner-phone")),
            head(l, "owner-premises", &address, OwnerOrder::Premises, sort),
        ],
        rows: rows.iter().map(|owner| row(&ctx, owner)).collect(),
        paging,
        excel: excel_address(&ctx, "/owners.xlsx"),
        is_filtered: ["q", "site", "kind"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_edit: may_edit(&ctx)?,
        address,
        shell,
    })
}

fn row(ctx: &Ctx, owner: &OwnerRow) -> Row {
    let more = owner.premises.len().saturating_sub(LABELS);
    Row {
        href: owner_href(owner.id),
        name: owner.full_name.clone(),
        is_company: owner.kind == OwnerKind::Company,
        phones: links(&owner.phones),
        premises: owner.premises.iter().take(LABELS).map(|(id, label)| (premise_href(*id), label.clone())).collect(),
        more: if more == 0 { String::new() } else { ctx.l.n("owner-more", more) },
    }
}

fn links(phones: &[Phone]) -> Vec<(String, String)> {
    phones.iter().map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect()
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let columns = [("owner-name", 40), ("owner-phone", 36), ("owner-email", 28), ("owner-premises", 40)];
    let mut listing = Listing::begin(l.t("owners-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        let keys = filter.keys(&ctx.db, seen, sort.by, sort.is_descending, part).await?;
        for owner in owner_list::rows(&ctx.db, seen, &keys).await? {
            let join = |parts: Vec<String>| Cell::from(parts.join(", "));
            let phones = join(owner.phones.iter().map(Phone::readable).collect());
            let premises = join(owner.premises.into_iter().map(|(_, label)| label).collect());
            listing.row(vec![owner.full_name.into(), phones, owner.email.into(), premises]).await?;
        }
    }
    listing.download().await
}

#[derive(Template)]
#[template(path = "estate/owners/show.html")]
struct OwnerPage {
    shell: Shell,
    edit: String,
    merge: String,
    name: String,
    kind: String,
    phones: Vec<(String, String)>,
    email: String,
    note: String,
    premises: Vec<Owned>,
    /// Absent for who never paid for anything.
    debt: Option<DebtShown>,
    accounts: Vec<(String, String, String, String)>,
    history: Vec<HistoryLine>,
    may_edit: bool,
}

struct Owned {
    href: String,
    label: String,
    share: String,
    dates: String,
    is_present: bool,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let owner = visible_owner(&ctx, &id).await?;
    let l = ctx.l;
    let actor = ctx.actor()?;
    let mut premises = Vec::new();
    for ownership in Ownership::of_owner(&ctx.db, owner.id).await? {
        let premise = Premise::find(&ctx.db, ownership.premise_id).await?;
        if premise.is_some_and(|premise| actor.sees(premise.site_id)) {
            premises.push(owned(&ctx, ownership));
        }
    }
    let accounts = Account::of_payer(&ctx.db, owner.id).await?;
    let accounts: Vec<Account> = accounts.into_iter().filter(|account| actor.sees(account.site_id)).collect();
    let debt = if accounts.is_empty() { None } else { Some(shown(&ctx, Of::Payer(owner.id)).await?) };
    page(&OwnerPage {
        shell: Shell::of(&ctx, owner.full_name.clone()).await?,
        edit: format!("/owners/{}/edit", owner.id),
        merge: format!("/owners/{}/merge", owner.id),
        kind: l.t(owner.kind.key()),
        phones: links(&Owner::phones(&ctx.db, owner.id).await?),
        premises,
        debt,
        accounts: accounts
            .into_iter()
            .map(|account| {
                (format!("/accounts/{}", account.id), account.number, account.premise_label, span(l, account.opened_on, account.closed_on))
            })
            .collect(),
        history: history(&ctx, Subject::Owner, owner.id.0).await?,
        may_edit: may_edit(&ctx)?,
        name: owner.full_name,
        email: owner.email,
        note: owner.note,
    })
}

fn owned(ctx: &Ctx, ownership: Ownership) -> Owned {
    Owned {
        href: premise_href(ownership.premise_id),
        share: ownership.share().to_string(),
        dates: span(ctx.l, ownership.from_on, ownership.until_on),
        is_present: ownership.until_on.is_none(),
        label: ownership.premise_label,
    }
}
