//! What happened, for other programs: each event is written in the transaction of what it tells of, and relayed to a message broker, NATS
//! JetStream, where `NATS_URL` says so. `docs/events.md` describes them for who reads them.
//!
//! The surprising rules: an event is delivered at least once, never exactly once, so its readers look at its id; and the database stays the
//! truth - no change ever waits for the broker, which may be away for days.
//!
//! Nothing is skipped, because the relay remembers no position: it asks for what is not published yet, in the order of keys. On PostgreSQL
//! keys are given out before commits, so an event with a smaller key may appear after one with a larger; it is then published after that
//! one. Still no event comes before one that it could have known of: whoever writes after another's commit, or waits for a row that the
//! other has changed, gets a larger key, and the relay that sees the second event sees the first one too. That is why events are recorded
//! after what they tell of has been written, not before. On SQLite, with its one writer, the order is simply that of keys.

pub mod broker;
mod kinds;
mod lease;
pub mod outbox;
pub mod relay;

pub use kinds::{
    BillIssued, DialValue, Event, KINDS, MonthClosed, PaymentReceived, PaymentReversed, PayoutPaid, ReadingAccepted, WorkOrderAssigned,
    WorkOrderCompleted, WorkOrderCreated,
};
pub use lease::Lease;
pub use outbox::record;
