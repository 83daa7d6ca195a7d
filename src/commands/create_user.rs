//! `meterbook create-user`: for scripts, and for when nobody can sign in any more.

use std::io::Read as _;

use anyhow::{bail, ensure};

use crate::{
    audit::{Author, Entry, Subject},
    config::Config,
    staff::{
        password::weakness,
        user::{Role, User, UserDetails, normal_login},
    },
    web::i18n::Language,
};

pub async fn run(config: Config, login: &str, role: Role, name: &str) -> anyhow::Result<()> {
    let Some(login) = normal_login(login) else {
        bail!("a login is 2 to 64 letters of one script, digits and .-_@");
    };
    let mut password = String::new();
    std::io::stdin().take(1024).read_to_string(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    ensure!(weakness(password).is_none(), "the password must have 12 to 256 bytes and not be one that everybody tries");
    let app = super::open(config).await?;
    let hash = app.hasher.hash(password.to_owned()).await?;
    let mut tx = app.db.begin().await?;
    ensure!(User::by_login(&mut tx, &login).await?.is_none(), "the login {login} is taken");
    let details = UserDetails { login: login.clone(), name: name.to_owned(), role, email: String::new(), language: Language::Russian };
    let at = app.clock.now();
    let id = details.create(&mut tx, at).await?;
    User::set_password(&mut tx, id, &hash).await?;
    let author = Author::program("create-user");
    let entry = Entry { author: &author, at, action: "audit-user-created", subject: Subject::User, id: Some(id.0), name: login };
    entry.created(&mut tx, &details).await?;
    tx.commit().await?;
    app.db.close().await?;
    Ok(())
}
