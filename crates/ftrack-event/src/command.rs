//! What a hub tells its connection.

use std::sync::Arc;

use crate::publication::Ticket;
use crate::subscriber::Announcement;

/// What a hub tells its connection to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Sends an event.
    Publish(Outgoing),
    /// Tells the server of a subscriber. The number tells it from all others, and repeating the
    /// command changes nothing.
    Subscribe(u64, Arc<Announcement>),
    /// Withdraws a subscriber.
    Unsubscribe(u64),
    /// Ends the connection after sending what waits, within a bound.
    Disconnect {
        /// Whether another one takes its place, so that handlers need not be told.
        quiet: bool,
    },
}

/// An event to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The event as JSON.
    pub(crate) text: String,
    pub(crate) ticket: Ticket,
}
