//! One's own page: language, look, password, and the devices one is signed in on.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use super::invited::{hash, new_password};
use crate::{
    audit::{Author, Entry, Subject},
    staff::{
        password::Verdict,
        second_factor,
        signed_in::OpenSession,
        user::{Role, User},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Language, Result,
        context::local_path,
        form,
        page::{CHOSEN_SITE, Shell, page},
        session,
    },
};

#[derive(Template)]
#[template(path = "staff/me.html")]
struct DeskPage {
    shell: Shell,
    form: Filled,
    login: String,
    role: String,
    has_second_factor: bool,
    sessions: Vec<Device>,
}

#[derive(Template)]
#[template(path = "staff/me_phone.html")]
struct PhonePage {
    shell: Shell,
    form: Filled,
    login: String,
    role: String,
    has_second_factor: bool,
    sessions: Vec<Device>,
}

struct Device {
    id: String,
    agent: String,
    address: String,
    seen: String,
    is_this: bool,
}

pub async fn show(ctx: Ctx) -> Result {
    let form = Filled::new(ctx.l, Input::default());
    me_page(&ctx, form).await
}

async fn me_page(ctx: &Ctx, form: Filled) -> Result {
    let actor = ctx.actor()?;
    let user = User::find(&ctx.db, actor.id).await?.ok_or(Error::NotFound)?;
    let this = ctx.session.id().map(session::id_hash).unwrap_or_default();
    let device = |open: OpenSession| Device {
        is_this: open.id_hash == this,
        agent: device_name(&open.agent),
        seen: ctx.moment(open.seen_at),
        address: open.address,
        id: open.id_hash,
    };
    let sessions = OpenSession::of(&ctx.db, user.id, ctx.now()).await?.into_iter().map(device).collect();
    let shell = Shell::of(ctx, user.name.clone()).await?;
    let has_second_factor = second_factor::is_on(&user);
    let (login, role) = (user.login, ctx.l.t(user.role.key()));
    if user.role == Role::Controller {
        page(&PhonePage { shell, form, login, role, has_second_factor, sessions })
    } else {
        page(&DeskPage { shell, form, login, role, has_second_factor, sessions })
    }
}

/// The browser and system out of a long line.
fn device_name(agent: &str) -> String {
    let system = ["Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux"].into_iter().find(|system| agent.contains(system));
    let browser = ["YaBrowser", "Edg", "Firefox", "Chrome", "Safari"].into_iter().find(|browser| agent.contains(browser));
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        _ => agent.chars().take(40).collect(),
    }
}

pub async fn choose_site(ctx: Ctx, input: Input) -> Result {
    if let Ok(site) = input.text("site").parse::<i64>() {
        ctx.session.insert(CHOSEN_SITE, site).await?;
    }
    Ok(Redirect::to(local_path(input.text("back"))).into_response())
}

pub async fn choose_language(ctx: Ctx, input: Input) -> Result {
    let language = input.text("language").parse::<Language>().map_err(|_| Error::BadRequest("form-choose"))?;
    prefer(&ctx, &input, |_| language, |user| user.theme.clone()).await
}

pub async fn choose_theme(ctx: Ctx, input: Input) -> Result {
    let theme =
        ["auto", "light", "dark"].into_iter().find(|theme| *theme == input.text("theme")).ok_or(Error::BadRequest("form-choose"))?;
    prefer(&ctx, &input, |user| user.language, |_| theme.to_owned()).await
}

async fn prefer(ctx: &Ctx, input: &Input, language: impl Fn(&User) -> Language, theme: impl Fn(&User) -> String) -> Result {
    let id = ctx.actor()?.id;
    let mut tx = ctx.db.begin().await?;
    let user = User::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    User::set_preferences(&mut tx, id, language(&user), &theme(&user)).await?;
    tx.commit().await?;
    Ok(Redirect::to(local_path(input.text("back"))).into_response())
}

pub async fn change_password(ctx: Ctx, input: Input) -> Result {
    let id = ctx.actor()?.id;
    let user = User::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let mut check = Check::new(&input);
    let password = new_password(&mut check, &input);
    let password = match check.done(password) {
        Ok(password) => password,
        Err(errors) => return refused(&ctx, errors).await,
    };
    if ctx.hasher.verify(input.text("password").to_owned(), user.password_hash.clone()).await? == Verdict::Wrong {
        return refused(&ctx, FieldErrors::one("password", "password-wrong")).await;
    }
    let hash = hash(&ctx, password).await?;
    let mut tx = ctx.db.begin().await?;
    User::set_password(&mut tx, id, &hash).await?;
    let author = Author::from(ctx.actor()?);
    let entry = Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-password-changed",
        subject: Subject::User,
        id: Some(id.0),
        name: user.login,
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    // The new password ended every session; this one goes on under a fresh id.
    let user = User::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    session::sign_in(&ctx.session, &user, &ctx.address, &ctx.agent).await?;
    ctx.done(ctx.l.t("password-set"), "/me").await
}

async fn refused(ctx: &Ctx, errors: FieldErrors) -> Result {
    Ok(form::refused(me_page(ctx, Filled::with_errors(ctx.l, Input::default(), errors)).await?))
}

pub async fn end_session(ctx: Ctx, input: Input) -> Result {
    let id = ctx.actor()?.id;
    let this = ctx.session.id().map(session::id_hash).unwrap_or_default();
    let mut tx = ctx.db.begin().await?;
    match input.text("session") {
        "others" => OpenSession::end_others(&mut tx, id, &this).await?,
        one if one.chars().all(|c| c.is_ascii_hexdigit()) => OpenSession::end(&mut tx, id, one).await?,
        _ => {}
    }
    tx.commit().await?;
    ctx.done(ctx.l.t("session-ended"), "/me").await
}
