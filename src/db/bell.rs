//! Bells, by which a transaction that is kept wakes whoever of this process waits for what it brings.

use tokio::sync::Notify;

/// What a transaction brings that somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// A job is queued.
    Jobs,
    /// An event is to be relayed.
    Events,
    /// A message is to be delivered.
    Messages,
}

/// One of each, for one process.
#[derive(Debug, Default)]
pub(super) struct Bells {
    jobs: Notify,
    events: Notify,
    messages: Notify,
}

impl Bells {
    pub fn of(&self, bell: Bell) -> &Notify {
        match bell {
            Bell::Jobs => &self.jobs,
            Bell::Events => &self.events,
            Bell::Messages => &self.messages,
        }
    }
}
