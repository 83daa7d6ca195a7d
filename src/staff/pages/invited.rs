//! Setting a password with a one-time code: the first administrator's, and every invited colleague's.

use askama::Template;
use axum::extract::Path;

use super::sign_in;
use crate::{
    audit::{Author, Entry, Subject},
    staff::{
        delay, invite,
        password::{Overloaded, weakness},
        user::{Role, User, UserDetails, UserId, normal_login},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "staff/setup.html")]
struct SetupPage {
    shell: Shell,
    form: Filled,
}

#[derive(Template)]
#[template(path = "staff/invite.html")]
struct InvitePage {
    shell: Shell,
    form: Filled,
    action: String,
    name: String,
    login: String,
}

pub async fn setup(ctx: Ctx) -> Result {
    if User::count(&ctx.db).await? > 0 {
        return Err(Error::NotFound);
    }
    page(&SetupPage { shell: Shell::plain(&ctx, ctx.l.t("setup-title")), form: Filled::new(ctx.l, Input::default()) })
}

/// A password that is good enough, as sent twice.
pub fn new_password(check: &mut Check<'_>, input: &Input) -> String {
    let password = input.text("new_password").to_owned();
    if let Some(weakness) = weakness(&password) {
        check.wrong("new_password", weakness.key());
    }
    check.ensure(password == input.text("repeat_password"), "repeat_password", "password-differs");
    password
}

pub async fn begin(ctx: Ctx, input: Input) -> Result {
    if User::count(&ctx.db).await? > 0 {
        return Err(Error::NotFound);
    }
    let mut check = Check::new(&input);
    let login = normal_login(input.text("login"));
    check.ensure(login.is_some(), "login", "login-wrong");
    let name = check.line("name", 120);
    let password = new_password(&mut check, &input);
    let refuse = |errors| {
        let answer = page(&SetupPage {
            shell: Shell::plain(&ctx, ctx.l.t("setup-title")),
            form: Filled::with_errors(ctx.l, input.clone(), errors),
        })?;
        Ok(form::refused(answer))
    };
    let (login, name, password) = match check.done((login.unwrap_or_default(), name, password)) {
        Ok(valid) => valid,
        Err(errors) => return refuse(errors),
    };
    let subjects = delay::subjects("setup", &ctx.address);
    if delay::attempt(&ctx.db, &subjects, ctx.now()).await?.is_some() {
        return Err(Error::Busy);
    }
    let hash = hash(&ctx, password).await?;
    let at = ctx.now();
    let mut tx = ctx.db.begin().await?;
    if !invite::spend_setup(&mut tx, input.text("code")).await? {
        tx.rollback().await?;
        return refuse(FieldErrors::one("code", "setup-code-wrong"));
    }
    delay::forgive(&mut tx, &subjects).await?;
    let details = UserDetails { login, name, role: Role::Administrator, email: String::new(), language: ctx.l.language() };
    let id = details.create(&mut tx, at).await?;
    User::set_password(&mut tx, id, &hash).await?;
    let author = Author { id: Some(id), name: details.name.clone(), address: ctx.address.clone() };
    let entry =
        Entry { author: &author, at, action: "audit-user-created", subject: Subject::User, id: Some(id.0), name: details.login.clone() };
    entry.created(&mut tx, &details).await?;
    tx.commit().await?;
    enter(&ctx, id).await
}

/// Flooded with passwords to hash, we ask to try again instead of failing.
pub async fn hash(ctx: &Ctx, password: String) -> Result<String> {
    match ctx.hasher.hash(password).await {
        Err(error) if error.is::<Overloaded>() => Err(Error::Busy),
        other => Ok(other?),
    }
}

/// A new password alone does not get past somebody's second factor.
async fn enter(ctx: &Ctx, id: UserId) -> Result {
    let user = User::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let to = sign_in::admit(ctx, &user, "/").await?;
    ctx.done(ctx.l.t("password-set"), to).await
}

async fn invited(ctx: &Ctx, code: &str) -> Result<User> {
    let user = invite::whose(&ctx.db, code, ctx.now()).await?.ok_or(Error::NotFound)?;
    User::find(&ctx.db, user).await?.filter(|user| !user.is_blocked).ok_or(Error::NotFound)
}

fn invite_page(ctx: &Ctx, code: &str, user: &User, form: Filled) -> Result {
    let shell = Shell::plain(ctx, ctx.l.t("invite-title"));
    page(&InvitePage { shell, form, action: format!("/invite/{code}"), name: user.name.clone(), login: user.login.clone() })
}

pub async fn show(ctx: Ctx, Path(code): Path<String>) -> Result {
    let user = invited(&ctx, &code).await?;
    invite_page(&ctx, &code, &user, Filled::new(ctx.l, Input::default()))
}

pub async fn accept(ctx: Ctx, Path(code): Path<String>, input: Input) -> Result {
    let user = invited(&ctx, &code).await?;
    let mut check = Check::new(&input);
    let password = new_password(&mut check, &input);
    let password = match check.done(password) {
        Ok(password) => password,
        Err(errors) => return Ok(form::refused(invite_page(&ctx, &code, &user, Filled::with_errors(ctx.l, Input::default(), errors))?)),
    };
    let hash = hash(&ctx, password).await?;
    let at = ctx.now();
    let mut tx = ctx.db.begin().await?;
    if !invite::spend(&mut tx, &code, at).await? {
        return Err(Error::NotFound);
    }
    User::set_password(&mut tx, user.id, &hash).await?;
    let author = Author { id: Some(user.id), name: user.name.clone(), address: ctx.address.clone() };
    let entry = Entry {
        author: &author,
        at,
        action: "audit-invite-accepted",
        subject: Subject::User,
        id: Some(user.id.0),
        name: user.login.clone(),
    };
    entry.noted(&mut tx).await?;
    tx.commit().await?;
    enter(&ctx, user.id).await
}
