//! Signing in and out.

use askama::Template;
use axum::{
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Redirect},
};

use crate::{
    audit::{self, Author, Subject},
    kernel::Moment,
    staff::{
        delay,
        password::{Overloaded, Verdict},
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
}

fn sign_in_page(ctx: &Ctx, next: &str, form: Filled) -> Result {
    let shell = Shell::plain(ctx, ctx.l.t("sign-in-title"));
    page(&SignInPage { shell, form, next: local_path(next).to_owned() })
}

pub async fn show(ctx: Ctx) -> Result {
    if ctx.somebody().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    sign_in_page(&ctx, ctx.query.text("next"), Filled::new(ctx.l, Input::default()))
}

pub async fn enter(ctx: Ctx, input: Input) -> Result {
    let (login, next) = (input.text("login").to_owned(), input.text("next").to_owned());
    let subjects = delay::subjects(&login, &ctx.address);
    let now = ctx.now();
    if let Some(until) = delay::until(&ctx.db, &subjects, now).await? {
        return too_soon(&ctx, &next, &login, until, now);
    }
    let user = User::by_login(&ctx.db, &login).await?;
    let stored = user.as_ref().filter(|user| !user.is_blocked).and_then(|user| user.password_hash.clone());
    let verdict = match ctx.hasher.verify(input.text("password").to_owned(), stored).await {
        Err(error) if error.is::<Overloaded>() => return Err(Error::Busy),
        other => other?,
    };
    match user {
        Some(user) if verdict != Verdict::Wrong => welcome(&ctx, &user, verdict, &subjects, &next).await,
        _ => turn_away(&ctx, &login, &next, &subjects).await,
    }
}

async fn welcome(ctx: &Ctx, user: &User, verdict: Verdict, subjects: &[String; 2], next: &str) -> Result {
    let mut tx = ctx.db.begin().await?;
    delay::clear_login(&mut tx, subjects).await?;
    if let Verdict::RightAndRehashed(hash) = verdict {
        User::rehash_password(&mut tx, user.id, &hash).await?;
    }
    let author = Author { id: Some(user.id), name: user.name.clone(), address: ctx.address.clone() };
    let entry = audit::Entry {
        author: &author,
        at: ctx.now(),
        action: "audit-signed-in",
        subject: Subject::Session,
        id: Some(user.id.0),
        name: user.login.clone(),
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    session::sign_in(&ctx.session, user, &ctx.address, &ctx.agent).await?;
    Ok(Redirect::to(local_path(next)).into_response())
}

/// The same words and the same time whether the login exists or not.
async fn turn_away(ctx: &Ctx, login: &str, next: &str, subjects: &[String]) -> Result {
    let mut tx = ctx.db.begin().await?;
    delay::note_failure(&mut tx, subjects, ctx.now()).await?;
    tx.commit().await?;
    let errors = FieldErrors::one("password", "sign-in-wrong");
    let page = sign_in_page(ctx, next, Filled::with_errors(ctx.l, Input::of([("login", login)]), errors))?;
    Ok(form::refused(page))
}

fn too_soon(ctx: &Ctx, next: &str, login: &str, until: Moment, now: Moment) -> Result {
    let seconds = until.since(now).whole_seconds().max(1);
    let mut errors = FieldErrors::default();
    errors.add("password", "sign-in-too-soon", vec![("seconds", seconds.to_string())]);
    let page = sign_in_page(ctx, next, Filled::with_errors(ctx.l, Input::of([("login", login)]), errors))?;
    let mut response = form::refused(page);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert("retry-after", seconds.into());
    Ok(response)
}

pub async fn leave(ctx: Ctx) -> Result {
    ctx.session.flush().await?;
    let headers = [(HeaderName::from_static("clear-site-data"), "\"cache\"")];
    Ok((headers, Redirect::to("/sign-in")).into_response())
}
