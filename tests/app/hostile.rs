//! What the careless and the malicious send: no error of ours, no wait, nothing half kept, and what was typed is still there.

mod bodies;
mod crowds;
mod doors;
mod photos;
mod texts;
