//! Messages to people outside: written in the transaction of what causes them, delivered a moment later.
//!
//! An area that has something to tell writes a [`NewMessage`] with [`write`] beside its own rows; it neither knows nor waits for the
//! carrier. The [`postman`] of one node at a time takes each message, gives it to the [`carrier`] of its channel, and notes what became of
//! it. The surprising rule: a message is delivered at least once. A node that dies between the carrier's yes and its own note leaves the
//! message to be sent again after its lease; its name (`Message-ID`) is the same then, so that a mailbox may tell.

pub mod carrier;
pub mod email;
pub mod list;
pub mod message;
pub mod pace;
pub mod pages;
pub mod postman;

pub use message::{Channel, MessageId, MessageKind, MessageState, NewMessage, Place, write};
