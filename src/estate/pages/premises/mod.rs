//! Premises: the list that is searched all day, and the form behind each.

pub mod card;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};

use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        owner::Phone,
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind, normal_label},
        premise_list::{PremiseColumn, PremiseFilter, PremiseRow},
        site::Site,
    },
    kernel::clock::Zone,
    reports::table::{Cell, Column, Head as SheetHead, Table, download},
    staff::user::Permission,
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, form,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/premises/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    services: Vec<(&'static str, String)>,
    form: Filled,
    arrays: Vec<Choice>,
    owned: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    is_filtered: bool,
    can_edit: bool,
}

struct Row {
    href: String,
    label: String,
    owner: String,
    phone: String,
    area: String,
    services: String,
    read: String,
    is_ended: bool,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let shell = Shell::of(&ctx, l.t("premises-title")).await?;
    let site = match &shell.site {
        Some(choice) => Site::find(&ctx.db, choice.id).await?,
        None => None,
    };
    let Some(site) = site else { return Ok(Redirect::to("/").into_response()) };
    let query = &ctx.query;
    let filter = PremiseFilter {
        site: site.id,
        typed: query.text("q").to_owned(),
        array: query.text("array").to_owned(),
        has_owner: match query.text("owner") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
    };
    let sort = Sort::of(query, Sort::up(PremiseColumn::Label));
    if query.text("format") == "xlsx" {
        return sheet(&ctx, &site, &filter, sort).await;
    }
    let total = filter.count(&ctx.db).await?;
    let paging = Paging::of(query, total);
    let rows = filter.rows(&ctx.db, sort.by, sort.direction(), Some((paging.per_page, paging.offset()))).await?;
    let address = Address::new("/premises", query);
    let services = PremiseFilter::services(&ctx.db, site.id).await?;
    let arrays = PremiseFilter::arrays(&ctx.db, site.id).await?;
    let sorted = |key: &str, column| Head::sorted(l.t(key), &address, column, sort);
    page(&ListPage {
        sub: l.n("premises-count", total),
        services: services
            .into_iter()
            .map(|(service, count)| (service.icon(), format!("{}: {}", l.t(service.key()), l.count(count))))
            .collect(),
        form: Filled::new(l, query.clone()),
        arrays: arrays.into_iter().map(|array| Choice::new(&array, l.a("premise-array", &[("array", &array)]))).collect(),
        owned: vec![Choice::new("yes", l.t("premises-with-owner")), Choice::new("no", l.t("premises-without-owner"))],
        heads: vec![
            sorted("premise-label", PremiseColumn::Label),
            sorted("owner-name", PremiseColumn::Owner),
            Head::plain(l.t("owner-phone")),
            sorted("premise-area", PremiseColumn::Area).number(),
            Head::plain(l.t("premise-contracts")).number(),
            sorted("premise-read", PremiseColumn::Read),
        ],
        rows: rows.into_iter().map(|row| shown(&ctx, site.zone(), row)).collect(),
        paging,
        is_filtered: ["q", "array", "owner"].iter().any(|name| !query.text(name).is_empty()),
        address,
        can_edit: ctx.actor()?.can(Permission::EditEstate),
        shell,
    })
}

fn shown(ctx: &Ctx, zone: Zone, row: PremiseRow) -> Row {
    let l = ctx.l;
    Row {
        href: format!("/premises/{}", row.id),
        label: row.label,
        owner: row.owner,
        phone: if row.phone.is_empty() { String::new() } else { Phone::stored(&row.phone).readable() },
        area: row.area_thousandths.map_or_else(String::new, |area| l.quantity(area)),
        services: l.count(row.services),
        read: row.last_read_at.map_or_else(String::new, |at| l.date(zone.day(at))),
        is_ended: row.ended_on.is_some(),
    }
}

/// The same rows in Excel.
async fn sheet(ctx: &Ctx, site: &Site, filter: &PremiseFilter, sort: Sort<PremiseColumn>) -> Result {
    let l = ctx.l;
    let columns = [
        ("premise-label", 12),
        ("owner-name", 36),
        ("owner-phone", 18),
        ("premise-area", 12),
        ("premise-contracts", 12),
        ("premise-read", 14),
    ];
    let table = Table::begin(SheetHead::plain(&site.details.name, columns.map(|(key, width)| Column::new(l.t(key), width)).into()));
    for row in filter.rows(&ctx.db, sort.by, sort.direction(), None).await? {
        let read = row.last_read_at.map(|at| site.zone().day(at));
        table
            .row(vec![
                row.label.into(),
                row.owner.into(),
                row.phone.into(),
                Cell::number(row.area_thousandths),
                Cell::Count(row.services),
                Cell::day(read),
            ])
            .await?;
    }
    Ok(download(table.finish().await?, &format!("{}.xlsx", l.t("premises-title"))).await?)
}

#[derive(Template)]
#[template(path = "estate/premises/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    kinds: Vec<Choice>,
}

async fn form_page(ctx: &Ctx, title: String, premise: Option<PremiseId>, form: Filled) -> Result {
    let action = premise.map_or_else(|| "/premises".to_owned(), |id| format!("/premises/{id}"));
    let kinds = Choice::all_of::<PremiseKind>(ctx.l);
    page(&FormPage { shell: Shell::of(ctx, title).await?, form, back: action.clone(), action, kinds })
}

fn details(input: &Input) -> Result<PremiseDetails, FieldErrors> {
    let mut check = Check::new(input);
    let label = normal_label(&check.line("label", 40));
    let details = PremiseDetails {
        kind: check.choice("kind"),
        label,
        area: check.optional_quantity("area").filter(|area| area.thousandths() > 0),
        note: check.optional_lines("note", 2000),
    };
    check.done(details)
}

/// A premise of a site that the person sees.
pub async fn found(ctx: &Ctx, id: &str) -> Result<Premise> {
    let id: PremiseId = id.parse().map_err(|_| Error::NotFound)?;
    ctx.visible(Premise::find(&ctx.db, id).await?, |premise| premise.site_id)
}

pub async fn new(ctx: Ctx) -> Result {
    form_page(&ctx, ctx.l.t("premise-new-title"), None, Filled::new(ctx.l, Input::of([("kind", "plot")]))).await
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let l = ctx.l;
    let refuse = async |errors| {
        let filled = Filled::with_errors(l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, l.t("premise-new-title"), None, filled).await?))
    };
    let site = Shell::of(&ctx, String::new()).await?.site.ok_or(Error::BadRequest("premise-needs-site"))?;
    let details = match details(&input) {
        Ok(details) => details,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    if Premise::by_label(&mut tx, site.id, &details.label).await?.is_some() {
        tx.rollback().await?;
        return refuse(FieldErrors::one("label", "premise-label-taken")).await;
    }
    let at = ctx.now();
    let id = details.create(&mut tx, site.id, at).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at,
        action: "audit-premise-created",
        subject: Subject::Premise,
        id: Some(id.0),
        name: details.label.clone(),
    };
    entry.created(&mut tx, &details).await?;
    tx.commit().await?;
    ctx.done(l.t("premise-created"), format!("/premises/{id}")).await
}

fn fields(premise: &Premise) -> Input {
    Input::of([("label", premise.label.as_str()), ("kind", premise.kind.as_str()), ("note", &premise.note)])
        .with("area", premise.area.map_or_else(String::new, |area| area.to_string().replace('.', ",")))
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = found(&ctx, &id).await?;
    form_page(&ctx, premise.label.clone(), Some(premise.id), Filled::new(ctx.l, fields(&premise))).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let premise = found(&ctx, &id).await?;
    let refuse = async |errors| {
        let filled = Filled::with_errors(ctx.l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, premise.label.clone(), Some(premise.id), filled).await?))
    };
    let details = match details(&input) {
        Ok(details) => details,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    let other = Premise::by_label(&mut tx, premise.site_id, &details.label).await?;
    if other.is_some_and(|other| other.id != premise.id) {
        tx.rollback().await?;
        return refuse(FieldErrors::one("label", "premise-label-taken")).await;
    }
    details.save(&mut tx, premise.id).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-premise-changed",
        subject: Subject::Premise,
        id: Some(premise.id.0),
        name: details.label.clone(),
    };
    entry.changed(&mut tx, &premise.details(), &details).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("premise-saved"), format!("/premises/{}", premise.id)).await
}

/// Nothing that has history is deleted: it ends today, or its end is taken back.
pub async fn end(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = found(&ctx, &id).await?;
    let site = Site::find(&ctx.db, premise.site_id).await?.ok_or(Error::NotFound)?;
    let end = if premise.ended_on.is_some() { None } else { Some(site.zone().day(ctx.now())) };
    let mut tx = ctx.db.begin().await?;
    Premise::set_end(&mut tx, premise.id, end).await?;
    let author = Author::from(ctx.actor()?);
    let action = if end.is_some() { "audit-premise-ended" } else { "audit-premise-reopened" };
    let entry =
        Entry { author: &author, at: ctx.now(), action, subject: Subject::Premise, id: Some(premise.id.0), name: premise.label.clone() };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    let key = if end.is_some() { "premise-ended" } else { "premise-reopened" };
    ctx.done(ctx.l.t(key), format!("/premises/{}", premise.id)).await
}
