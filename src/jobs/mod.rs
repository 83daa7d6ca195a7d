//! Work that outlives a request: queued in the transaction of the change that asked for it, carried out by whichever node is free.
//!
//! An area keeps its own work in its `job.rs` (load, call, report progress) and enqueues it; [`crate::app::carry_out`] is the one place
//! that knows which function does which kind. The surprising rule: nothing here is exactly once. A job whose node died is taken over
//! after its lease and begins again, so its work must go on from what is kept, or be harmless when done twice.

mod pages;
pub mod queue;
pub mod schedule;
mod steps;
pub mod worker;

pub use pages::routes;
pub use queue::{Job, JobId, Kind, NewJob, enqueue};
pub use steps::Steps;
pub use worker::{Work, Worker};
