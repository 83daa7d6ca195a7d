//! Signing in and out.

use askama::Template;
use axum::{
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    audit::{Author, Entry, Subject},
    kernel::Moment,
    staff::{
        password::Overloaded,
        proof::{self, Proof},
        second_factor,
        user::User,
    },
    web::{
        Ctx, Error, FieldErrors, Filled, Input, Result,
        context::local_path,
        form,
        page::{Shell, page},
        session,
    },
};

#[derive(Template)]
#[template(path = "staff/sign_in/form.html")]
struct SignInPage {
    shell: Shell,
    form: Filled,
    next: String,
    /// This page in the other language, for strangers.
    other_language: String,
}

fn sign_in_page(ctx: &Ctx, next: &str, form: Filled) -> Result {
    let shell = Shell::plain(ctx, ctx.l.t("sign-in-title"));
    let next = local_path(next).to_owned();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("lang", shell.other_language().as_str())
        .append_pair("next", &next)
        .finish();
    page(&SignInPage { shell, form, next, other_language: format!("/sign-in?{query}") })
}

pub async fn show(ctx: Ctx) -> Result {
    if ctx.somebody().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    sign_in_page(&ctx, ctx.query.text("next"), Filled::new(ctx.l, Input::default()))
}

pub async fn enter(ctx: Ctx, input: Input) -> Result {
    let (login, next) = (input.text("login").to_owned(), input.text("next").to_owned());
    match proof::of_password(ctx.app(), &login, input.text("password"), &ctx.address).await {
        Ok(Proof::Right(user)) => {
            let to = admit(&ctx, &user, &next).await?;
            Ok(Redirect::to(&to).into_response())
        }
        Ok(Proof::Wrong) => turn_away(&ctx, &login, &next),
        Ok(Proof::TooSoon(until)) => too_soon(&ctx, &next, &login, until, ctx.now()),
        Err(error) if error.is::<Overloaded>() => Err(Error::Busy),
        Err(error) => Err(error.into()),
    }
}

/// Signs in whoever proved their password, or asks for the second step first. Says where to go.
pub async fn admit(ctx: &Ctx, user: &User, next: &str) -> Result<String> {
    if second_factor::is_on(user) {
        session::await_second_step(&ctx.session, user, local_path(next), ctx.now()).await?;
        return Ok("/sign-in/code".to_owned());
    }
    note_signed_in(ctx, user, "audit-signed-in").await?;
    session::sign_in(&ctx.session, user, &ctx.address, &ctx.agent).await?;
    Ok(local_path(next).to_owned())
}

async fn note_signed_in(ctx: &Ctx, user: &User, action: &'static str) -> Result<()> {
    let author = Author { id: Some(user.id), name: user.name.clone(), address: ctx.address.clone() };
    let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::Session, id: Some(user.id.0), name: user.login.clone() };
    let mut tx = ctx.db.begin().await?;
    entry.noted(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// The same words and the same time whether the login exists or not.
fn turn_away(ctx: &Ctx, login: &str, next: &str) -> Result {
    let errors = FieldErrors::one("password", "sign-in-wrong");
    let page = sign_in_page(ctx, next, Filled::with_errors(ctx.l, Input::of([("login", login)]), errors))?;
    Ok(form::refused(page))
}

fn too_soon(ctx: &Ctx, next: &str, login: &str, until: Moment, now: Moment) -> Result {
    let filled = Filled::with_errors(ctx.l, Input::of([("login", login)]), wait_error("password", until, now));
    Ok(delayed(sign_in_page(ctx, next, filled)?, until, now))
}

fn wait_error(field: &str, until: Moment, now: Moment) -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.add(field, "sign-in-too-soon", vec![("seconds", seconds(until, now).to_string())]);
    errors
}

fn seconds(until: Moment, now: Moment) -> i64 {
    until.since(now).whole_seconds().max(1)
}

fn delayed(mut page: Response, until: Moment, now: Moment) -> Response {
    *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    page.headers_mut().insert("retry-after", seconds(until, now).into());
    page
}

#[derive(Template)]
#[template(path = "staff/sign_in/code.html")]
struct CodePage {
    shell: Shell,
    form: Filled,
}

fn code_page(ctx: &Ctx, form: Filled) -> Result {
    page(&CodePage { shell: Shell::plain(ctx, ctx.l.t("code-title")), form })
}

/// Who proved their password a moment ago, and where they want to go.
async fn awaited(ctx: &Ctx) -> Result<Option<(User, String)>> {
    let Some(step) = session::second_step(&ctx.session, ctx.now()).await? else { return Ok(None) };
    let user = User::find(&ctx.db, step.user).await?;
    let user = user.filter(|user| !user.is_blocked && user.auth_epoch == step.epoch && second_factor::is_on(user));
    Ok(user.map(|user| (user, step.next)))
}

pub async fn ask_code(ctx: Ctx) -> Result {
    match awaited(&ctx).await? {
        Some(_) => code_page(&ctx, Filled::new(ctx.l, Input::default())),
        None => Ok(Redirect::to("/sign-in").into_response()),
    }
}

pub async fn enter_code(ctx: Ctx, input: Input) -> Result {
    let Some((user, next)) = awaited(&ctx).await? else { return Ok(Redirect::to("/sign-in").into_response()) };
    let now = ctx.now();
    let user = match proof::of_code(ctx.app(), user, input.text("code"), &ctx.address).await? {
        Proof::Right(user) => user,
        Proof::Wrong => {
            let filled = Filled::with_errors(ctx.l, Input::default(), FieldErrors::one("code", "code-wrong"));
            return Ok(form::refused(code_page(&ctx, filled)?));
        }
        Proof::TooSoon(until) => {
            let filled = Filled::with_errors(ctx.l, Input::default(), wait_error("code", until, now));
            return Ok(delayed(code_page(&ctx, filled)?, until, now));
        }
    };
    note_signed_in(&ctx, &user, "audit-signed-in-twice").await?;
    session::sign_in(&ctx.session, &user, &ctx.address, &ctx.agent).await?;
    Ok(Redirect::to(&next).into_response())
}

pub async fn leave(ctx: Ctx) -> Result {
    ctx.session.flush().await?;
    let headers = [(HeaderName::from_static("clear-site-data"), "\"cache\"")];
    Ok((headers, Redirect::to("/sign-in")).into_response())
}
