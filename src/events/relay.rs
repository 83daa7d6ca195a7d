//! The relay: publishes what waits, one node at a time, and comes back for what was not acknowledged.

use std::time::Duration;

use super::{
    Lease,
    broker::{Address, Broker},
    lease,
    outbox::{self, Unpublished},
};
use crate::{
    app::App,
    db::{self, Bell},
};

/// Events published before their acknowledgements are waited for; noted as published together.
const PORTION: usize = 256;
/// After the first event the relay waits a little, so that a crowd of writers is noted in one transaction.
const GATHER: Duration = Duration::from_millis(100);
/// How often the database is asked for events of other nodes.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a node asks whether the one that relays is dead.
const ASK_EVERY: Duration = Duration::from_secs(lease::LENGTH.whole_seconds().unsigned_abs() / 3);
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Relays until it is told to stop. What is under way then is published again at the next start, and the broker knows it again.
pub async fn keep_up(app: App, address: Address, stop: impl Future<Output = ()>) {
    let mut relay = Relay { app, address, lease: Lease::default(), broker: None };
    tokio::select! {
        () = stop => {}
        () = relay.run() => {}
    }
    if let Err(error) = relay.lease.give_back(&relay.app.db).await {
        tracing::warn!(%error, "another node relays events only after the lease of this one");
    }
}

struct Relay {
    app: App,
    address: Address,
    lease: Lease,
    /// Connected when there is something to be published.
    broker: Option<Broker>,
}

/// What came of looking for events once.
enum Round {
    /// There may be more.
    Portion,
    /// Nothing waits.
    Done,
    /// Another node relays.
    NotOurs,
}

impl Relay {
    async fn run(&mut self) {
        let mut failures = 0;
        loop {
            let round = self.round().await;
            self.tell(&round, failures);
            match round {
                Ok(Round::Portion) => {}
                Ok(Round::Done) => self.until_something_happens().await,
                Ok(Round::NotOurs) => tokio::time::sleep(ASK_EVERY).await,
                Err(_) => {
                    tokio::time::sleep(wait(failures)).await;
                    failures += 1;
                    continue;
                }
            }
            failures = 0;
        }
    }

    async fn until_something_happens(&self) {
        tokio::select! {
            () = self.app.db.rung(Bell::Events) => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }

    /// The first failure and the recovery are told; while a broker is away, that is nothing new.
    fn tell(&self, round: &anyhow::Result<Round>, failures: u32) {
        match round {
            Err(error) if failures == 0 => tracing::warn!(error = format!("{error:#}"), "events wait for the broker"),
            Err(error) => tracing::debug!(error = format!("{error:#}"), failures, "events still wait for the broker"),
            Ok(Round::Portion) if failures > 0 => tracing::info!(broker = %self.address, "events reach the broker again"),
            Ok(_) => {}
        }
    }

    async fn round(&mut self) -> anyhow::Result<Round> {
        if !self.lease.hold(&self.app.db, self.app.clock.now()).await? {
            return Ok(Round::NotOurs);
        }
        let events = outbox::unpublished(&self.app.db, i64::try_from(PORTION)?).await?;
        if events.is_empty() {
            return Ok(Round::Done);
        }
        let broker = match self.broker.take() {
            Some(broker) => broker,
            None => Broker::connect(&self.address).await?,
        };
        let (count, outcome) = broker.publish(&events).await;
        self.note(&events[..count]).await?;
        outcome?;
        self.broker = Some(broker);
        Ok(Round::Portion)
    }

    async fn note(&self, published: &[Unpublished]) -> db::Result<()> {
        if published.is_empty() {
            return Ok(());
        }
        let mut tx = self.app.db.begin().await?;
        outbox::mark_published(&mut tx, published, self.app.clock.now()).await?;
        tx.commit().await
    }
}

/// A quarter of a second, then twice as long after each failure, up to ten seconds.
fn wait(failures: u32) -> Duration {
    LONGEST_WAIT.min(FIRST_WAIT * 2_u32.pow(failures.min(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_up_to_ten_seconds() {
        for (failures, milliseconds) in [(0, 250), (1, 500), (5, 8000), (6, 10_000), (u32::MAX, 10_000)] {
            assert_eq!(wait(failures), Duration::from_millis(milliseconds));
        }
    }
}
