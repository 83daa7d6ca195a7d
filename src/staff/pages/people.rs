//! Staff, for administrators: who there is, who may what, and the invitations with which they come in.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use serde::Serialize;

use crate::{
    admin::settings::Settings,
    audit::{Author, Entry, Subject},
    db::Tx,
    estate::site::SiteId,
    staff::{
        invite, second_factor,
        signed_in::OpenSession,
        user::{Role, User, UserDetails, UserId, normal_login},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Language, Result, form,
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "staff/people/list.html")]
struct ListPage {
    shell: Shell,
    heads: Vec<Head>,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    name: String,
    login: String,
    role: String,
    has_password: bool,
    is_blocked: bool,
}

pub async fn list(ctx: Ctx) -> Result {
    let l = ctx.l;
    let row = |user: User| Row {
        href: format!("/staff/{}", user.id),
        role: l.t(user.role.key()),
        has_password: user.password_hash.is_some(),
        is_blocked: user.is_blocked,
        name: user.name,
        login: user.login,
    };
    let rows = User::all(&ctx.db).await?.into_iter().map(row).collect();
    let heads = ["staff-name", "sign-in-login", "staff-role", "staff-state"].map(|key| Head::plain(l.t(key))).into();
    page(&ListPage { shell: Shell::of(&ctx, l.t("staff-title")).await?, heads, rows })
}

#[derive(Template)]
#[template(path = "staff/people/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    action: String,
    roles: Vec<Choice>,
    languages: Vec<Choice>,
    sites: Vec<Choice>,
    /// Where to send the person a new invitation and to block them; empty for somebody new.
    invite: String,
    block: String,
    /// Where to reset the second factor; empty while there is none.
    reset: String,
    is_blocked: bool,
    /// An invitation just made, shown once.
    link: String,
}

async fn form_page(ctx: &Ctx, user: Option<&User>, form: Filled, link: String) -> Result {
    let l = ctx.l;
    let title = user.map_or_else(|| l.t("staff-new"), |user| user.name.clone());
    let shell = Shell::of(ctx, title).await?;
    let of = |verb: &str| user.map_or_else(String::new, |user| format!("/staff/{}{verb}", user.id));
    page(&FormPage {
        roles: Choice::all_of::<Role>(l),
        languages: Choice::all_of::<Language>(l),
        sites: shell.sites.iter().map(|site| Choice::new(site.id, &site.name)).collect(),
        action: user.map_or_else(|| "/staff".to_owned(), |user| format!("/staff/{}", user.id)),
        invite: of("/invite"),
        block: of("/block"),
        reset: if user.is_some_and(second_factor::is_on) { of("/second-factor") } else { String::new() },
        is_blocked: user.is_some_and(|user| user.is_blocked),
        shell,
        form,
        link,
    })
}

/// Everything about a person that an administrator changes; the audit compares it.
#[derive(Serialize)]
pub struct Wanted {
    #[serde(flatten)]
    pub details: UserDetails,
    pub sites: Vec<SiteId>,
}

/// The fields of a person.
pub fn wanted(input: &Input) -> Result<Wanted, FieldErrors> {
    let mut check = Check::new(input);
    let name = check.line("name", 120);
    let login = normal_login(input.text("login"));
    check.ensure(login.is_some(), "login", "login-wrong");
    let details = UserDetails {
        login: login.unwrap_or_default(),
        name,
        role: check.choice("role"),
        email: check.optional_line("email", 200),
        language: check.choice("language"),
    };
    let sites: BTreeSet<i64> = input.all("site").filter_map(|id| id.parse().ok()).collect();
    let sites = sites.into_iter().map(SiteId).collect();
    check.done(Wanted { details, sites })
}

pub async fn new(ctx: Ctx) -> Result {
    let language = Settings::load(&ctx.db).await?.language;
    let input = Input::of([("role", "controller"), ("language", language.as_str())]);
    form_page(&ctx, None, Filled::new(ctx.l, input), String::new()).await
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let refuse = async |errors| {
        let filled = Filled::with_errors(ctx.l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, None, filled, String::new()).await?))
    };
    let wanted = match wanted(&input) {
        Ok(wanted) => wanted,
        Err(errors) => return refuse(errors).await,
    };
    let at = ctx.now();
    let mut tx = ctx.db.begin().await?;
    if User::by_login(&mut tx, &wanted.details.login).await?.is_some() {
        tx.rollback().await?;
        return refuse(FieldErrors::one("login", "login-taken")).await;
    }
    let id = wanted.details.create(&mut tx, at).await?;
    User::give_sites(&mut tx, id, &wanted.sites).await?;
    let code = invite::new_code();
    invite::make(&mut tx, id, &code, at).await?;
    entry(&ctx, &Author::from(ctx.actor()?), id, &wanted.details.login, "audit-user-created").created(&mut tx, &wanted).await?;
    tx.commit().await?;
    let user = User::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    shown_with_link(&ctx, &user, &code).await
}

/// The card with the invitation on it: the only time that it can be read.
async fn shown_with_link(ctx: &Ctx, user: &User, code: &str) -> Result {
    let link = format!("{}/invite/{code}", ctx.config.base_url);
    form_page(ctx, Some(user), filled(ctx, user).await?, link).await
}

async fn filled(ctx: &Ctx, user: &User) -> Result<Filled> {
    let mut input = Input::of([
        ("name", user.name.as_str()),
        ("login", &user.login),
        ("role", user.role.as_str()),
        ("email", &user.email),
        ("language", user.language.as_str()),
    ]);
    for site in User::given_sites(&ctx.db, user.id).await? {
        input = input.with("site", site);
    }
    Ok(Filled::new(ctx.l, input))
}

async fn found(ctx: &Ctx, id: &str) -> Result<User> {
    let id: UserId = id.parse().map_err(|_| Error::NotFound)?;
    User::find(&ctx.db, id).await?.ok_or(Error::NotFound)
}

fn entry<'a>(ctx: &Ctx, author: &'a Author, id: UserId, login: &str, action: &'static str) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: Subject::User, id: Some(id.0), name: login.to_owned() }
}

async fn note(ctx: &Ctx, tx: &mut Tx, id: UserId, login: &str, action: &'static str) -> Result<()> {
    Ok(entry(ctx, &Author::from(ctx.actor()?), id, login, action).noted(tx).await?)
}

pub async fn edit(ctx: Ctx, Path(id): Path<String>) -> Result {
    let user = found(&ctx, &id).await?;
    let form = filled(&ctx, &user).await?;
    form_page(&ctx, Some(&user), form, String::new()).await
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let user = found(&ctx, &id).await?;
    let refuse = async |errors| {
        let filled = Filled::with_errors(ctx.l, input.clone(), errors);
        Ok(form::refused(form_page(&ctx, Some(&user), filled, String::new()).await?))
    };
    let wanted = match wanted(&input) {
        Ok(wanted) => wanted,
        Err(errors) => return refuse(errors).await,
    };
    let mut tx = ctx.db.begin().await?;
    let taken = User::by_login(&mut tx, &wanted.details.login).await?.is_some_and(|other| other.id != user.id);
    let is_demoted = wanted.details.role != Role::Administrator && user.is_last_administrator(&mut tx).await?;
    if taken || is_demoted {
        tx.rollback().await?;
        let errors = if taken { FieldErrors::one("login", "login-taken") } else { FieldErrors::one("role", "staff-last-administrator") };
        return refuse(errors).await;
    }
    let before = Wanted { details: UserDetails::from(&user), sites: User::given_sites(&mut tx, user.id).await? };
    wanted.details.save(&mut tx, user.id).await?;
    User::give_sites(&mut tx, user.id, &wanted.sites).await?;
    entry(&ctx, &Author::from(ctx.actor()?), user.id, &user.login, "audit-user-changed").changed(&mut tx, &before, &wanted).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("staff-saved"), "/staff").await
}

pub async fn invite(ctx: Ctx, Path(id): Path<String>) -> Result {
    let user = found(&ctx, &id).await?;
    let code = invite::new_code();
    let mut tx = ctx.db.begin().await?;
    invite::make(&mut tx, user.id, &code, ctx.now()).await?;
    note(&ctx, &mut tx, user.id, &user.login, "audit-user-invited").await?;
    tx.commit().await?;
    shown_with_link(&ctx, &user, &code).await
}

/// Blocks, or lets in again.
pub async fn block(ctx: Ctx, Path(id): Path<String>) -> Result {
    let user = found(&ctx, &id).await?;
    let mut tx = ctx.db.begin().await?;
    if !user.is_blocked && user.is_last_administrator(&mut tx).await? {
        tx.rollback().await?;
        return ctx.refused(ctx.l.t("staff-last-administrator"), format!("/staff/{}", user.id)).await;
    }
    User::set_blocked(&mut tx, user.id, !user.is_blocked).await?;
    note(&ctx, &mut tx, user.id, &user.login, if user.is_blocked { "audit-user-unblocked" } else { "audit-user-blocked" }).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t(if user.is_blocked { "staff-unblocked" } else { "staff-blocked" }), "/staff").await
}

/// For somebody who lost phone and recovery codes; it takes the administrator's word that it is really them.
pub async fn reset_second_factor(ctx: Ctx, Path(id): Path<String>) -> Result {
    let user = found(&ctx, &id).await?;
    if !second_factor::is_on(&user) {
        return Ok(Redirect::to(&format!("/staff/{}", user.id)).into_response());
    }
    let mut tx = ctx.db.begin().await?;
    second_factor::switch_off(&mut tx, user.id).await?;
    OpenSession::end_all(&mut tx, user.id).await?;
    note(&ctx, &mut tx, user.id, &user.login, "audit-second-factor-reset").await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("second-factor-reset-done"), "/staff").await
}
