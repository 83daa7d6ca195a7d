//! One's own second factor: switched on with a code that proves the phone has it, switched off with password and code.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use crate::{
    audit::{Author, Entry, Subject},
    db::Tx,
    staff::{
        delay,
        password::Verdict,
        second_factor::{self, SecondFactor},
        signed_in::OpenSession,
        user::User,
    },
    web::{
        Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Shell, page},
        session,
    },
};

/// Where the session keeps the secret until a code has proved that the phone knows it.
const NEW_SECRET: &str = "new_second_factor";

#[derive(Template)]
#[template(path = "staff/second_step/show.html")]
struct ShowPage {
    shell: Shell,
    form: Filled,
    is_on: bool,
    is_required: bool,
    codes_left: i64,
    /// While it is being set up: the picture and the same secret to be typed in.
    picture: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "staff/second_step/codes.html")]
struct CodesPage {
    shell: Shell,
    codes: Vec<String>,
}

async fn me(ctx: &Ctx) -> Result<User> {
    User::find(&ctx.db, ctx.actor()?.id).await?.ok_or(Error::NotFound)
}

pub async fn show(ctx: Ctx) -> Result {
    show_page(&ctx, Filled::new(ctx.l, Input::default())).await
}

async fn show_page(ctx: &Ctx, form: Filled) -> Result {
    let user = me(ctx).await?;
    let secret: Option<String> = ctx.session.get(NEW_SECRET).await?;
    let secret = secret.filter(|_| !second_factor::is_on(&user)).unwrap_or_default();
    let picture = match SecondFactor::of(&secret, &user.login) {
        Some(factor) => factor.picture()?,
        None => String::new(),
    };
    page(&ShowPage {
        is_on: second_factor::is_on(&user),
        is_required: ctx.config.require_second_factor && user.role.needs_second_factor(),
        codes_left: second_factor::recovery_codes_left(&ctx.db, user.id).await?,
        picture,
        secret: in_fours(&secret),
        shell: Shell::of(ctx, ctx.l.t("second-factor")).await?,
        form,
    })
}

/// Groups that can be typed off the screen.
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

async fn refused(ctx: &Ctx, field: &str, key: &'static str) -> Result {
    Ok(form::refused(show_page(ctx, Filled::with_errors(ctx.l, Input::default(), FieldErrors::one(field, key))).await?))
}

pub async fn begin(ctx: Ctx) -> Result {
    if !second_factor::is_on(&me(&ctx).await?) {
        ctx.session.insert(NEW_SECRET, SecondFactor::new_secret()).await?;
    }
    Ok(Redirect::to("/me/second-factor").into_response())
}

pub async fn confirm(ctx: Ctx, input: Input) -> Result {
    let user = me(&ctx).await?;
    let secret: Option<String> = ctx.session.get(NEW_SECRET).await?;
    let Some(secret) = secret.filter(|_| !second_factor::is_on(&user)) else {
        return Ok(Redirect::to("/me/second-factor").into_response());
    };
    let factor = SecondFactor::of(&secret, &user.login);
    let Some(step) = factor.and_then(|factor| factor.step_of(input.text("code"), ctx.now())) else {
        return refused(&ctx, "code", "code-wrong").await;
    };
    let mut tx = ctx.db.begin().await?;
    let codes = second_factor::switch_on(&mut tx, user.id, &secret, step).await?;
    let this = ctx.session.id().map(session::id_hash).unwrap_or_default();
    OpenSession::end_others(&mut tx, user.id, &this).await?;
    note(&ctx, &mut tx, &user, "audit-second-factor-on").await?;
    tx.commit().await?;
    ctx.session.remove::<String>(NEW_SECRET).await?;
    session::sign_in(&ctx.session, &user, &ctx.address, &ctx.agent).await?;
    page(&CodesPage { shell: Shell::of(&ctx, ctx.l.t("recovery-codes")).await?, codes })
}

async fn note(ctx: &Ctx, tx: &mut Tx, user: &User, action: &'static str) -> Result<()> {
    let author = Author::from(ctx.actor()?);
    let entry = Entry { author: &author, at: ctx.now(), action, subject: Subject::User, id: Some(user.id.0), name: user.login.clone() };
    Ok(entry.noted(tx).await?)
}

pub async fn switch_off(ctx: Ctx, input: Input) -> Result {
    let user = me(&ctx).await?;
    if !second_factor::is_on(&user) {
        return Ok(Redirect::to("/me/second-factor").into_response());
    }
    let subjects = delay::code_subjects(&user.login, &ctx.address);
    if delay::attempt(&ctx.db, &subjects, ctx.now()).await?.is_some() {
        return Err(Error::Busy);
    }
    if ctx.hasher.verify(input.text("password").to_owned(), user.password_hash.clone()).await? == Verdict::Wrong {
        return refused(&ctx, "password", "password-wrong").await;
    }
    let mut tx = ctx.db.begin().await?;
    if !second_factor::spend(&mut tx, &user, input.text("code"), ctx.now()).await? {
        tx.rollback().await?;
        return refused(&ctx, "code", "code-wrong").await;
    }
    second_factor::switch_off(&mut tx, user.id).await?;
    delay::forgive(&mut tx, &subjects).await?;
    note(&ctx, &mut tx, &user, "audit-second-factor-off").await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("second-factor-switched-off"), "/me/second-factor").await
}
