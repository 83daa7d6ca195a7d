//! Takes what waits in the outbox and gives it to its carriers, for as long as the program runs.

use std::{num::NonZeroU32, sync::Arc};

use futures_util::FutureExt as _;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::MissedTickBehavior;

use super::{
    carrier::{Carrier, Carriers},
    message::{Message, Outcome},
};
use crate::{
    admin::settings::Settings,
    app::App,
    db::{self, Bell},
    kernel::clock::Zone,
};

/// How often the outbox is looked into.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(1);
/// Messages taken up at one look.
const AT_ONCE: i64 = 50;

/// A carrier and how fast it may be given messages.
struct Way {
    carrier: Arc<dyn Carrier>,
    pace: DefaultDirectRateLimiter,
}

/// Delivers until it is told to stop; a message under way is brought to its end.
pub async fn keep_up(app: App, carriers: Carriers, stop: impl Future<Output = ()> + Send) {
    let way = |carrier: Arc<dyn Carrier>| {
        let per_minute = NonZeroU32::new(carrier.pace_per_minute()).unwrap_or(NonZeroU32::MIN);
        Way { pace: RateLimiter::direct(Quota::per_minute(per_minute)), carrier }
    };
    let ways: Vec<Way> = carriers.into_iter().map(way).collect();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = Box::pin(stop).shared();
    let told = stop.clone();
    let is_stopping = || told.clone().now_or_never().is_some();
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = app.db.rung(Bell::Messages) => {}
            _ = looks.tick() => {}
        }
        for way in &ways {
            if let Err(error) = round(&app, way, &is_stopping).await {
                tracing::warn!(%error, channel = %way.carrier.channel(), "the outbox could not be emptied");
            }
        }
    }
}

/// Delivers what is due once by each carrier; answers how many messages were tried.
pub async fn once(app: &App, carriers: &Carriers) -> db::Result<usize> {
    let mut tried = 0;
    for carrier in carriers {
        let way = Way { carrier: Arc::clone(carrier), pace: RateLimiter::direct(Quota::per_second(NonZeroU32::MAX)) };
        tried += round(app, &way, || false).await?;
    }
    Ok(tried)
}

/// However many messages are due, a stop waits for no more than the one under way.
async fn round(app: &App, way: &Way, is_stopping: impl Fn() -> bool) -> db::Result<usize> {
    let now = app.clock.now();
    let quiet = Settings::load(&app.db).await?.quiet_hours.holds(Zone::moscow().local(now));
    let mut tried = 0;
    for id in Message::due(&app.db, way.carrier.channel(), quiet, now, AT_ONCE).await? {
        if is_stopping() || way.pace.check().is_err() {
            // The others wait in the database, not here.
            break;
        }
        let Some(message) = Message::take(&app.db, id, app.clock.now()).await? else { continue };
        let outcome = way.carrier.carry(&message).await;
        if let Outcome::Later { why, .. } | Outcome::Unreachable(why) | Outcome::Refused(why) = &outcome {
            tracing::info!(message = %message.id, channel = %message.channel, attempt = message.attempts, why, "a message was not delivered");
        }
        let mut tx = app.db.begin().await?;
        message.note(&mut tx, &outcome, app.clock.now()).await?;
        tx.commit().await?;
        tried += 1;
    }
    Ok(tried)
}
