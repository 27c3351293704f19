//! A hub whose work another one does.

use std::time::Duration;

use serde_json::Value;

use crate::{
    ConnectionState, Error, Event, EventHub, HandlerResult, Publication, Result, Subscriber,
    WaitEnded,
};

/// The way from a hub to another one that does its work: see [`EventHub::relayed`].
///
/// It is for hubs that share no memory with the one that is connected, such as that of a plugin in a shared library.
/// The methods mean the same as those of [`EventHub`]. None is called with a lock held.
pub trait Relay: Send + Sync {
    /// Makes the other hub call [`EventHub::deliver`] with every event that this subscriber wants.
    ///
    /// # Errors
    /// As [`EventHub::subscribe_with`].
    fn subscribe(&self, subscriber: &Subscriber) -> Result<()>;

    /// Undoes [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    /// As [`EventHub::unsubscribe`].
    fn unsubscribe(&self, id: &str) -> Result<()>;

    /// Publishes an event. If replies are wanted, [`EventHub::deliver_reply`] is called with each.
    ///
    /// # Errors
    /// As [`EventHub::publish`].
    fn publish(&self, event: &Event, wants_replies: bool) -> Result<Publication>;

    /// Calls the handlers of the other hub, those of this one among them.
    ///
    /// # Errors
    /// As [`EventHub::publish_synchronously`].
    fn publish_synchronously(&self, event: &Event) -> Result<Vec<Value>>;

    /// Publishes an event and waits for the first reply.
    ///
    /// # Errors
    /// As [`EventHub::publish_and_wait`].
    fn publish_and_wait(&self, event: &Event, timeout: Duration) -> Result<Event>;

    /// Handles events of the other hub on this thread.
    ///
    /// # Errors
    /// As [`EventHub::wait`].
    fn wait(&self, duration: Duration) -> Result<WaitEnded>;

    /// Connects or disconnects the other hub.
    ///
    /// # Errors
    /// As the methods of [`EventHub`] of these names.
    fn link(&self, command: LinkCommand) -> Result<()>;

    /// The state of the other hub's connection.
    fn state(&self) -> ConnectionState;
}

/// What a [`Relay`] is to do about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkCommand {
    /// [`EventHub::connect`].
    Connect,
    /// [`EventHub::connect_in_background`].
    ConnectInBackground,
    /// [`EventHub::disconnect_keeping_subscribers`]; the subscribers of the relayed hub are gone already if they are
    /// to go.
    Disconnect,
    /// [`EventHub::reconnect`].
    Reconnect {
        /// How often it is tried.
        attempts: u32,
        /// The pause after an attempt that fails.
        delay: Duration,
    },
}

impl EventHub {
    /// Calls the handler of one subscriber, as a [`Relay`] is asked to; `None` if it is no longer subscribed. A panic
    /// is the caller's to catch.
    pub fn deliver(&self, subscriber: &str, event: &Event) -> Option<HandlerResult> {
        let subscriber = self.get_subscriber_by_identifier(subscriber)?;
        subscriber.is_active().then(|| subscriber.handle(event))
    }

    /// Calls whoever awaits this reply, as a [`Relay`] is asked to.
    pub fn deliver_reply(&self, reply: &Event) {
        if let Some(callback) = self.core.inlet.replies.callback(reply) {
            callback(reply);
        }
    }

    /// As [`wait`](Self::wait), by the hub at the other end. That is asked again and again, so that waiting can be
    /// stopped from here.
    pub(crate) fn wait_by_relay(
        &self,
        relay: &dyn Relay,
        duration: Option<Duration>,
    ) -> Result<WaitEnded> {
        let until = duration.and_then(|duration| std::time::Instant::now().checked_add(duration));
        let inbox = &self.core.inlet.inbox;
        let stops = inbox.stops();
        loop {
            let now = std::time::Instant::now();
            if let Err(crate::inbox::Idle::Stopped) = inbox.pop(Some(now), stops) {
                return Ok(WaitEnded::Stopped);
            }
            let left = until.map_or(SLICE, |until| until.saturating_duration_since(now));
            let ended = relay.wait(left.min(SLICE))?;
            let is_over = until.is_some_and(|until| until <= std::time::Instant::now());
            if ended != WaitEnded::Elapsed || is_over {
                return Ok(ended);
            }
        }
    }
}

/// For how long a relay waits before it looks whether it is to stop.
const SLICE: Duration = Duration::from_millis(100);

/// What cannot be had of a hub at the other end of a relay.
pub(crate) fn not_here(option: &'static str) -> Error {
    Error::InvalidOptions {
        option,
        problem: "events are handled by the hub that this one is relayed by".to_owned(),
    }
}
