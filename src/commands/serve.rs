//! `meterbook serve`: the whole product on one machine, or one of several nodes over PostgreSQL.

use anyhow::ensure;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    app,
    config::Config,
    events::relay,
    jobs::Worker,
    ledger::seal,
    notify::{carrier, postman},
    server::{self, Limits, told_to_stop},
    staff::{invite, user::User},
};

pub async fn run(mut config: Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen).await?;
    config.bound_to(listener.local_addr()?);
    ensure!(
        config.is_https() || config.listen.ip().is_loopback() || config.allow_insecure_http,
        "passwords would travel unencrypted: put a TLS proxy in front and set BASE_URL=https://…, or set ALLOW_INSECURE_HTTP=yes"
    );
    let app = super::open(config).await?;
    if User::count(&app.db).await? == 0 {
        let code = invite::new_code();
        let mut tx = app.db.begin().await?;
        invite::make_setup(&mut tx, &code).await?;
        tx.commit().await?;
        tell_setup(&app.config.base_url, &code);
    }
    announce(&app.config.listen.to_string(), &app.config.base_url);
    let (told, stop) = watch::channel(false);
    tokio::spawn(async move {
        told_to_stop().await;
        told.send_replace(true);
    });
    let worker = tokio::spawn(Worker::new(&app, app::carry_out).keep_up(app::SCHEDULE, stopped(stop.clone())));
    let sealer = tokio::spawn(seal::keep_up(app.db.clone(), stopped(stop.clone())));
    let carriers = carrier::all(&app.config)?;
    let postman = tokio::spawn(postman::keep_up(app.clone(), carriers, stopped(stop.clone())));
    let address = app.config.nats_url.clone();
    let relay = address.map(|address| tokio::spawn(relay::keep_up(app.clone(), address, stopped(stop.clone()))));
    server::serve(listener, app.router(), Limits::default(), stopped(stop)).await;
    worker.await?;
    sealer.await?;
    postman.await?;
    if let Some(relay) = relay {
        relay.await?;
    }
    app.db.close().await?;
    Ok(())
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that nobody is left who could tell; then there is nothing to wait for either.
    let _ = stop.wait_for(|is_told| *is_told).await;
}

/// Nobody can sign in yet: whoever sees this terminal becomes the first administrator.
#[expect(clippy::print_stdout, reason = "the code must reach the person at the terminal, and no log")]
fn tell_setup(base_url: &str, code: &str) {
    println!("nobody can sign in yet: open {base_url}/setup and enter the code {code}");
}

/// Scripts wait for this line and read the port from it.
#[expect(clippy::print_stdout, reason = "the address is what the person who started us waits for")]
fn announce(listen: &str, base_url: &str) {
    println!("listening {listen}");
    println!("{base_url}");
}
