//! Owners: the list, the card with all their premises, the form.

use askama::Template;
use axum::extract::Path;

use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Db, q},
    estate::{
        account::Account,
        owner::{Owner, OwnerDetails, OwnerId, OwnerKind, Phone},
        ownership::Ownership,
    },
    search,
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result,
        access::Actor,
        form,
        list::{Address, Paging, Sort},
        page::{Choice, Head, HistoryLine, Shell, page},
    },
};

crate::text_enum! {
    /// What the list is sorted by.
    OwnerColumn as "owner-column" { Name = "name", Premises = "premises" }
}

#[derive(Template)]
#[template(path = "estate/owners/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    is_filtered: bool,
}

#[derive(sqlx::FromRow)]
struct Found {
    id: OwnerId,
    full_name: String,
    phone: String,
    premises: i64,
    labels: Option<String>,
}

struct Row {
    href: String,
    name: String,
    phone: String,
    premises: String,
    label: String,
}

/// Owners of a site the person sees; for those who see all sites, also owners of nothing.
fn conditions(actor: &Actor, typed: &str) -> String {
    let mut sql = match &actor.sites {
        None => "1 = 1".to_owned(),
        Some(sites) => {
            let ids: Vec<String> = sites.iter().map(ToString::to_string).collect();
            format!(
                "o.id in (select w.owner_id from ownership w join premise p on p.id = w.premise_id where p.site_id in ({}))",
                if ids.is_empty() { "-1".to_owned() } else { ids.join(", ") }
            )
        }
    };
    for word in 0..search::bounds(typed).len() {
        let (from, before) = (1 + word * 2, 2 + word * 2);
        sql.push_str(&format!(
            " and o.id in (select entity_id from search_term where kind = 'owner' and term >= ${from} and term < ${before})"
        ));
    }
    sql
}

async fn count(db: &Db, conditions: &str, typed: &str) -> db::Result<i64> {
    let statement = q(db, format!("select count(*) from owner o where {conditions}"));
    search::bounds(typed).into_iter().fold(statement, |statement, (from, before)| statement.bind(from).bind(before)).scalar().await
}

async fn rows(db: &Db, conditions: &str, typed: &str, sort: Sort<OwnerColumn>, paging: Paging) -> db::Result<Vec<Found>> {
    let order = match sort.by {
        OwnerColumn::Name => "o.sort_key",
        OwnerColumn::Premises => "premises",
    };
    let sql = format!(
        "select o.id, o.full_name,
            coalesce((select f.phone from owner_phone f where f.owner_id = o.id order by f.position limit 1), '') as phone,
            (select count(*) from ownership w where w.owner_id = o.id and w.until_on is null) as premises,
            (select min(p.label) from ownership w join premise p on p.id = w.premise_id where w.owner_id = o.id and w.until_on is null) as labels
        from owner o
        where {conditions}
        order by {order} {}, o.id
        limit {} offset {}",
        sort.direction(),
        paging.per_page,
        paging.offset(),
    );
    search::bounds(typed).into_iter().fold(q(db, sql), |statement, (from, before)| statement.bind(from).bind(before)).all().await
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let typed = ctx.query.text("q").to_owned();
    let conditions = conditions(ctx.actor()?, &typed);
    let total = count(&ctx.db, &conditions, &typed).await?;
    let paging = Paging::of(&ctx.query, total);
    let sort = Sort::of(&ctx.query, Sort::up(OwnerColumn::Name));
    let found = rows(&ctx.db, &conditions, &typed, sort, paging).await?;
    let address = Address::new("/owners", &ctx.query);
    let row = |owner: Found| Row {
        href: format!("/owners/{}", owner.id),
        name: owner.full_name,
        phone: if owner.phone.is_empty() { String::new() } else { Phone::stored(&owner.phone).readable() },
        label: if owner.premises > 1 { l.n("owner-premises", owner.premises) } else { owner.labels.unwrap_or_default() },
        premises: l.count(owner.premises),
    };
    page(&ListPage {
        sub: l.n("owners-count", total),
        form: Filled::new(l, ctx.query.clone()),
        heads: vec![
            Head::sorted(l.t("owner-name"), &address, OwnerColumn::Name, sort),
            Head::plain(l.t("owner-phone")),
            Head::plain(l.t("premise-label")),
            Head::sorted(l.t("premises-title"), &address, OwnerColumn::Premises, sort).number(),
        ],
        rows: found.into_iter().map(row).collect(),
        paging,
        address,
        is_filtered: !typed.is_empty(),
        shell: Shell::of(&ctx, l.t("owners-title")).await?,
    })
}

/// An owner the person may see: one of a visible premise, or, for those who see all sites, any.
async fn found(ctx: &Ctx, id: &str) -> Result<(Owner, Vec<Ownership>)> {
    let id: OwnerId = id.parse().map_err(|_| Error::NotFound)?;
    let owner = Owner::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let ownerships = Ownership::of_owner(&ctx.db, id).await?;
    let actor = ctx.actor()?;
    if actor.sites.is_some() {
        let conditions = conditions(actor, "");
        let visible: i64 = q(&ctx.db, format!("select count(*) from owner o where o.id = $1 and {conditions}")).bind(id).scalar().await?;
        if visible == 0 {
            return Err(Error::NotFound);
        }
    }
    Ok((owner, ownerships))
}

#[derive(Template)]
#[template(path = "estate/owners/show.html")]
struct ShowPage {
    shell: Shell,
    kind: String,
    edit: String,
    can_edit: bool,
    phones: Vec<(String, String)>,
    email: String,
    note: String,
    premises: Vec<Owned>,
    accounts: Vec<(String, String, String)>,
    history: Vec<HistoryLine>,
}

struct Owned {
    href: String,
    label: String,
    share: String,
    since: String,
    until: String,
    reason: String,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let (owner, ownerships) = found(&ctx, &id).await?;
    let l = ctx.l;
    let phones = Owner::phones(&ctx.db, owner.id).await?;
    let accounts = Account::of_payer(&ctx.db, owner.id).await?;
    let owned = |ownership: Ownership| Owned {
        href: format!("/premises/{}", ownership.premise_id),
        share: ownership.share().to_string(),
        since: l.date(ownership.from_on),
        until: ownership.until_on.map_or_else(String::new, |until| l.date(until)),
        label: ownership.premise_label,
        reason: ownership.reason,
    };
    page(&ShowPage {
        kind: l.t(owner.kind.key()),
        edit: format!("/owners/{}/edit", owner.id),
        can_edit: ctx.actor()?.can(Permission::EditEstate),
        phones: phones.iter().map(|phone| (format!("tel:{}", phone.as_str()), phone.readable())).collect(),
        email: owner.email.clone(),
        note: owner.note.clone(),
        premises: ownerships.into_iter().map(owned).collect(),
        accounts: accounts.into_iter().map(|account| (account.number, account.premise_label, l.date(account.opened_on))).collect(),
        history: super::history_of(&ctx, Subject::Owner, owner.id.0).await?,
        shell: Shell::of(&ctx, owner.full_name).await?,
    })
}

#[derive(Template)]
#[template(path = "estate/owners/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    kinds: Vec<Choice>,
}

/// The owner's fields of any form; `prefix` tells them apart where a form has others.
pub fn details(check: &mut Check<'_>, input: &Input) -> OwnerDetails {
    let kind = check.choice::<OwnerKind>("owner_kind");
    let last_name = check.line("last_name", 200);
    let first_name = check.optional_line("first_name", 100);
    let patronymic = check.optional_line("patronymic", 100);
    let email = check.optional_line("email", 200);
    check.ensure(email.is_empty() || looks_like_email(&email), "email", "owner-email-wrong");
    let note = check.optional_lines("note", 2000);
    let mut phones: Vec<Phone> = Vec::new();
    for line in input.text("phones").lines().map(str::trim).filter(|line| !line.is_empty()) {
        match Phone::parse(line) {
            Some(phone) if phones.contains(&phone) => {}
            Some(phone) => phones.push(phone),
            None => check.wrong("phones", "owner-phone-wrong"),
        }
    }
    check.ensure(phones.len() <= 10, "phones", "owner-phones-many");
    OwnerDetails { kind, last_name, first_name, patronymic, email, note, phones }
}

/// Something before and after one `@`; only a letter that arrives proves more.
fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@') && !text.contains(' '))
}

async fn form_page(ctx: &Ctx, owner: &Owner, form: Filled) -> Result {
    let kinds = Choice::all_of::<OwnerKind>(ctx.l);
    page(&FormPage { shell: Shell::of(ctx, owner.full_name.clone()).await?, form, action: format!("/owners/{}", owner.id), kinds })
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let (owner, _) = found(&ctx, &id).await?;
    let phones = Owner::phones(&ctx.db, owner.id).await?;
    let input = Input::of([
        ("owner_kind", owner.kind.as_str()),
        ("last_name", &owner.last_name),
        ("first_name", &owner.first_name),
        ("patronymic", &owner.patronymic),
        ("email", &owner.email),
        ("note", &owner.note),
    ])
    .with("phones", phones.iter().map(Phone::readable).collect::<Vec<_>>().join("\n"));
    form_page(&ctx, &owner, Filled::new(ctx.l, input)).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let (owner, _) = found(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let details = details(&mut check, &input);
    let details = match check.done(details) {
        Ok(details) => details,
        Err(errors) => return refused(&ctx, &owner, input, errors).await,
    };
    let before = OwnerDetails {
        kind: owner.kind,
        last_name: owner.last_name.clone(),
        first_name: owner.first_name.clone(),
        patronymic: owner.patronymic.clone(),
        email: owner.email.clone(),
        note: owner.note.clone(),
        phones: Owner::phones(&ctx.db, owner.id).await?,
    };
    let mut tx = ctx.db.begin().await?;
    details.save(&mut tx, owner.id).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-owner-changed",
        subject: Subject::Owner,
        id: Some(owner.id.0),
        name: details.full_name(),
    };
    entry.changed(&mut tx, &before, &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("owner-saved"), format!("/owners/{}", owner.id)).await
}

async fn refused(ctx: &Ctx, owner: &Owner, input: Input, errors: FieldErrors) -> Result {
    Ok(form::refused(form_page(ctx, owner, Filled::with_errors(ctx.l, input, errors)).await?))
}
