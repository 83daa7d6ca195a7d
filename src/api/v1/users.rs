//! Members of staff, for administrators.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        body::Body,
        call::{Call, Listed},
        calls::{Calls, ROOT, get, patch, post},
        error::{Error, Result},
    },
    audit::Subject,
    db::Tx,
    estate::site::{Site, SiteId},
    staff::{
        invite,
        pages::people::{Wanted, wanted},
        user::{Permission::ManageStaff, Role, User, UserDetails, UserId},
    },
    web::{Access::Can, Input, Keys, Language, list::Sort},
};

/// Somebody new; they set their password through the invitation that the answer holds.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    login: String,
    name: String,
    role: Role,
    #[serde(default)]
    email: String,
    #[serde(default = "russian")]
    language: Language,
    /// The sites that a controller sees.
    #[serde(default)]
    #[schema(max_items = 1000)]
    sites: Vec<SiteId>,
}

fn russian() -> Language {
    Language::Russian
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    language: Option<Language>,
    #[serde(default)]
    #[schema(max_items = 1000)]
    sites: Option<Vec<SiteId>>,
    /// Ends their sessions and tokens.
    #[serde(default)]
    is_blocked: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    id: UserId,
    login: String,
    name: String,
    role: Role,
    email: String,
    language: Language,
    is_blocked: bool,
    has_password: bool,
    sites: Vec<SiteId>,
}

/// Somebody new, with the address at which they set their password; shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitedView {
    #[serde(flatten)]
    user: UserView,
    invitation: String,
}

crate::text_enum! {
    /// What users can be sorted by.
    UserOrder as "user-order" { Name = "name", Login = "login" }
}

pub fn calls() -> Calls {
    let access = Can(ManageStaff);
    Calls::of("users")
        .call(get("/users", access, "Members of staff").lists::<UserView>().sorted::<UserOrder>(), list)
        .call(post("/users", access, "Invite somebody").takes::<UserBody>().makes::<InvitedView>().refuses(StatusCode::CONFLICT), make)
        .call(get("/users/{id}", access, "One of them").gives::<UserView>(), show)
        .call(
            patch("/users/{id}", access, "Change, block or let in again")
                .takes::<UserChange>()
                .gives::<UserView>()
                .refuses(StatusCode::CONFLICT),
            change,
        )
}

fn view(user: User, sites: Vec<SiteId>) -> UserView {
    UserView {
        id: user.id,
        login: user.login,
        name: user.name,
        role: user.role,
        email: user.email,
        language: user.language,
        is_blocked: user.is_blocked,
        has_password: user.password_hash.is_some(),
        sites,
    }
}

async fn list(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::up(UserOrder::Name))?);
    let mut users = User::all(&call.db).await?;
    match sort.by {
        UserOrder::Name => users.sort_by_cached_key(|user| (user.name.clone(), user.id)),
        UserOrder::Login => users.sort_by_cached_key(|user| user.login.clone()),
    }
    if sort.is_descending {
        users.reverse();
    }
    let Listed { items, page, per_page, total } = slice.cut(users);
    let mut sites = User::all_given_sites(&call.db).await?;
    let items = items.into_iter().map(|user| {
        let sites = sites.remove(&user.id).unwrap_or_default();
        view(user, sites)
    });
    Ok(axum::Json(Listed { items: items.collect(), page, per_page, total }).into_response())
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let user = User::find(&call.db, UserId(id)).await?.ok_or(Error::NOT_FOUND)?;
    let sites = User::given_sites(&call.db, user.id).await?;
    Ok(axum::Json(view(user, sites)).into_response())
}

/// The same rules as on the page; every site must be there.
async fn judged(call: &Call, body: &UserBody) -> Result<Wanted> {
    let mut input = Input::of([
        ("login", body.login.clone()),
        ("name", body.name.clone()),
        ("role", body.role.to_string()),
        ("email", body.email.clone()),
        ("language", body.language.to_string()),
    ]);
    let known: Vec<SiteId> = Site::all(&call.db).await?.into_iter().map(|site| site.id).collect();
    if body.sites.iter().any(|site| !known.contains(site)) {
        return Err(Error::field("sites", "form-choose"));
    }
    for site in &body.sites {
        input = input.with("site", site);
    }
    Ok(wanted(&input)?)
}

async fn make(call: Call, Body(body): Body<UserBody>) -> Result {
    let wanted = judged(&call, &body).await?;
    let mut turn = call.turn(&body).await?;
    if User::by_login(&mut *turn, &wanted.details.login).await?.is_some() {
        return Err(Error::taken("login", "login-taken"));
    }
    let id = wanted.details.create(&mut turn, call.now()).await?;
    User::give_sites(&mut turn, id, &wanted.sites).await?;
    let code = invite::new_code();
    invite::make(&mut turn, id, &code, call.now()).await?;
    let author = call.author()?;
    call.entry(&author, "audit-user-created", Subject::User, id.0, wanted.details.login.clone()).created(&mut turn, &wanted).await?;
    let user = User::find(&mut *turn, id).await?.ok_or(Error::NOT_FOUND)?;
    let invited = InvitedView { user: view(user, wanted.sites), invitation: format!("{}/invite/{code}", call.config.base_url) };
    turn.end(StatusCode::CREATED, &format!("{ROOT}/users/{id}"), &invited).await
}

async fn change(call: Call, Keys(id): Keys<i64>, Body(change): Body<UserChange>) -> Result {
    let user = User::find(&call.db, UserId(id)).await?.ok_or(Error::NOT_FOUND)?;
    let before = Wanted { details: UserDetails::from(&user), sites: User::given_sites(&call.db, user.id).await? };
    let body = UserBody {
        login: change.login.unwrap_or_else(|| user.login.clone()),
        name: change.name.unwrap_or_else(|| user.name.clone()),
        role: change.role.unwrap_or(user.role),
        email: change.email.unwrap_or_else(|| user.email.clone()),
        language: change.language.unwrap_or(user.language),
        sites: change.sites.unwrap_or_else(|| before.sites.clone()),
    };
    let after = judged(&call, &body).await?;
    let mut tx = call.db.begin().await?;
    save(&call, &mut tx, &user, (&before, &after), change.is_blocked.unwrap_or(user.is_blocked)).await?;
    let user = User::find(&mut tx, user.id).await?.ok_or(Error::NOT_FOUND)?;
    tx.commit().await?;
    Ok(axum::Json(view(user, after.sites)).into_response())
}

async fn save(call: &Call, tx: &mut Tx, user: &User, (before, after): (&Wanted, &Wanted), is_blocked: bool) -> Result<()> {
    if User::by_login(&mut *tx, &after.details.login).await?.is_some_and(|other| other.id != user.id) {
        return Err(Error::taken("login", "login-taken"));
    }
    let steps_down = user.role == Role::Administrator && (after.details.role != Role::Administrator || is_blocked && !user.is_blocked);
    if steps_down && user.is_last_administrator(tx).await? {
        return Err(Error::conflict("staff-last-administrator"));
    }
    after.details.save(tx, user.id).await?;
    User::give_sites(tx, user.id, &after.sites).await?;
    let author = call.author()?;
    let entry = |action| call.entry(&author, action, Subject::User, user.id.0, after.details.login.clone());
    entry("audit-user-changed").changed(tx, before, after).await?;
    if is_blocked != user.is_blocked {
        User::set_blocked(tx, user.id, is_blocked).await?;
        entry(if is_blocked { "audit-user-blocked" } else { "audit-user-unblocked" }).noted(tx).await?;
    }
    Ok(())
}
