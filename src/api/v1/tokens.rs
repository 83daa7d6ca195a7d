//! Signing in: a login with its password, and a code where there is a second factor, for a token.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::Call,
        calls::{Calls, post},
        error::{Error, Result},
    },
    audit::{Author, Entry, Subject},
    kernel::Moment,
    staff::{
        password::Overloaded,
        proof::{self, Proof},
        second_factor, token,
        user::{Role, User},
    },
    web::{self, Access},
};

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    login: String,
    password: String,
    /// Of the authenticator, or a recovery code; only where there is a second factor.
    #[serde(default)]
    code: Option<String>,
}

/// A token, readable this once.
#[derive(Serialize, ToSchema)]
pub struct TokenView {
    token: String,
    expires_at: Moment,
    role: Role,
}

pub fn calls() -> Calls {
    let summary = "Sign in; every other call carries the token. It ends by time, a block, another role or password";
    let op = post("/tokens", Access::Public, summary).takes::<SignIn>().answers::<TokenView>(StatusCode::CREATED);
    Calls::of("tokens").call(op.refuses(StatusCode::UNAUTHORIZED).refuses(StatusCode::FORBIDDEN), make)
}

async fn make(call: Call, Body(sign_in): Body<SignIn>) -> Result {
    let proof = proof::of_password(call.app(), &sign_in.login, &sign_in.password, &call.address).await;
    let mut user = match proof {
        Err(error) if error.is::<Overloaded>() => return Err(web::Error::Busy.into()),
        proof => proved(&call, proof?, "sign-in-wrong")?,
    };
    if second_factor::is_on(&user) {
        let Some(code) = &sign_in.code else { return Err(Error::of(StatusCode::UNAUTHORIZED, "api-code-needed")) };
        user = proved(&call, proof::of_code(call.app(), user, code, &call.address).await?, "code-wrong")?;
    } else if call.config.require_second_factor && user.role.needs_second_factor() {
        return Err(Error::of(StatusCode::FORBIDDEN, "api-second-factor-needed"));
    }
    issue(&call, &user).await
}

fn proved(call: &Call, proof: Proof, wrong: &'static str) -> Result<User> {
    match proof {
        Proof::Right(user) => Ok(*user),
        Proof::Wrong => Err(Error::of(StatusCode::UNAUTHORIZED, wrong)),
        Proof::TooSoon(until) => Err(Error::too_soon(until, call.now())),
    }
}

async fn issue(call: &Call, user: &User) -> Result<Response> {
    let at = call.now();
    let mut tx = call.db.begin().await?;
    let issued = token::issue(&mut tx, user, &call.address, &call.agent, at).await?;
    let author = Author { id: Some(user.id), name: user.name.clone(), address: call.address.clone() };
    let (id, name) = (Some(user.id.0), user.login.clone());
    Entry { author: &author, at, action: "audit-token-made", subject: Subject::Session, id, name }.noted(&mut tx).await?;
    tx.commit().await?;
    let view = TokenView { token: issued.token, expires_at: issued.expires_at, role: user.role };
    Ok((StatusCode::CREATED, axum::Json(view)).into_response())
}
