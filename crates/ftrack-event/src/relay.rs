//! A hub whose work another one does.

use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::Event;
use crate::publication::Publication;
use crate::status::{ConnectionState, WaitEnded};
use crate::subscriber::Subscriber;

/// The way from a hub to another one that does its work: see [`EventHub::relayed`](crate::EventHub::relayed).
///
/// It is for hubs that share no memory with the one that is connected, such as that of a plugin in a shared library.
/// The methods mean the same as those of [`EventHub`](crate::EventHub). None is called with a lock held.
pub trait Relay: Send + Sync {
    /// Makes the other hub call [`EventHub::deliver`](crate::EventHub::deliver) with every event that this subscriber
    /// wants.
    ///
    /// # Errors
    /// As [`EventHub::subscribe_with`](crate::EventHub::subscribe_with).
    fn subscribe(&self, subscriber: &Subscriber) -> Result<()>;

    /// Undoes [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    /// As [`EventHub::unsubscribe`](crate::EventHub::unsubscribe).
    fn unsubscribe(&self, id: &str) -> Result<()>;

    /// Publishes an event. If replies are wanted, [`EventHub::deliver_reply`](crate::EventHub::deliver_reply) is called
    /// with each.
    ///
    /// # Errors
    /// As [`EventHub::publish`](crate::EventHub::publish).
    fn publish(&self, event: &Event, wants_replies: bool) -> Result<Publication>;

    /// Calls the handlers of the other hub, those of this one among them. What they change of the
    /// event's data is in `event` afterwards.
    ///
    /// # Errors
    /// As [`EventHub::publish_synchronously`](crate::EventHub::publish_synchronously).
    fn publish_synchronously(&self, event: &mut Event) -> Result<Vec<Value>>;

    /// Publishes an event and waits for the first reply.
    ///
    /// # Errors
    /// As [`EventHub::publish_and_wait`](crate::EventHub::publish_and_wait).
    fn publish_and_wait(&self, event: &Event, timeout: Duration) -> Result<Event>;

    /// Handles events of the other hub on this thread.
    ///
    /// # Errors
    /// As [`EventHub::wait`](crate::EventHub::wait).
    fn wait(&self, duration: Duration) -> Result<WaitEnded>;

    /// Connects or disconnects the other hub.
    ///
    /// # Errors
    /// As the methods of [`EventHub`](crate::EventHub) of these names.
    fn link(&self, command: LinkCommand) -> Result<()>;

    /// The state of the other hub's connection.
    fn state(&self) -> ConnectionState;
}

/// What a [`Relay`] is to do about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkCommand {
    /// [`EventHub::connect`](crate::EventHub::connect).
    Connect,
    /// [`EventHub::connect_in_background`](crate::EventHub::connect_in_background).
    ConnectInBackground,
    /// [`EventHub::disconnect_keeping_subscribers`](crate::EventHub::disconnect_keeping_subscribers); the subscribers
    /// of the relayed hub are gone already if they are to go.
    Disconnect,
    /// [`EventHub::reconnect`](crate::EventHub::reconnect).
    Reconnect {
        /// How often it is tried.
        attempts: u32,
        /// The pause after an attempt that fails.
        delay: Duration,
    },
}

/// What cannot be had of a hub at the other end of a relay.
pub(crate) fn not_here(option: &'static str) -> Error {
    Error::InvalidOptions {
        option,
        problem: "events are handled by the hub that this one is relayed by".to_owned(),
        source: None,
    }
}
