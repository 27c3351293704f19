//! What a hub tells its connection.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::publication::Ticket;
use crate::subscriber::Announcement;

/// What a hub tells its connection to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Sends an event.
    Publish(Outgoing),
    /// Tells the server of a subscriber. The number tells it from all others, and repeating the
    /// command changes nothing. Who waits for the server to know it is told.
    Subscribe(u64, Arc<Announcement>, Option<Confirmed>),
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

/// How long the hub waits for the server to confirm a subscription.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(5);

/// Tells by being dropped that the server knows of a subscriber, or that it cannot be told now.
#[derive(Debug)]
pub(crate) struct Confirmed {
    _alive: SyncSender<()>,
}

/// The other end of [`Confirmed`].
pub(crate) struct Confirmation(Receiver<()>);

impl Confirmed {
    pub(crate) fn channel() -> (Self, Confirmation) {
        let (alive, receiver) = sync_channel(0);
        (Self { _alive: alive }, Confirmation(receiver))
    }
}

impl Confirmation {
    /// Blocks until the server knows, but not for long: a server that does not confirm may work all
    /// the same.
    pub(crate) fn wait(&self) {
        use std::sync::mpsc::RecvTimeoutError::Timeout;
        if self.0.recv_timeout(CONFIRMATION_TIMEOUT) == Err(Timeout) {
            tracing::debug!("the event server has not confirmed a subscription yet");
        }
    }
}
