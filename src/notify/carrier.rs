//! What brings a message to its recipient. A new messenger is a new carrier and a word in [`Channel`](super::Channel).

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{
    Channel,
    email::Mailer,
    message::{Message, Outcome},
};
use crate::config::Config;

/// Delivers the messages of one channel.
pub trait Carrier: Send + Sync {
    fn channel(&self) -> Channel;

    /// How many messages a minute it may be given.
    fn pace_per_minute(&self) -> u32;

    /// Gives the message away. Never fails: what goes wrong is an outcome.
    fn carry<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Outcome>;
}

/// The carriers that this installation is set up for.
pub type Carriers = Vec<Arc<dyn Carrier>>;

/// # Errors
/// When one is set up with what cannot be used.
pub fn all(config: &Config) -> anyhow::Result<Carriers> {
    let mut carriers = Carriers::new();
    if let Some(mail) = &config.mail {
        carriers.push(Arc::new(Mailer::new(mail, &config.base_url)?));
    }
    Ok(carriers)
}
