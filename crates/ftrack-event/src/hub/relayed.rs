//! A hub whose work another one does: what a [`Relay`] calls.

use std::time::{Duration, Instant};

use super::EventHub;
use crate::error::Result;
use crate::event::Event;
use crate::inbox::Idle;
use crate::relay::Relay;
use crate::status::WaitEnded;
use crate::subscriber::HandlerResult;

impl EventHub {
    /// Calls the handler of one subscriber, as a [`Relay`] is asked to; `None` if it is no longer subscribed. A panic
    /// is the caller's to catch.
    pub fn deliver(&self, subscriber: &str, event: &mut Event) -> Option<HandlerResult> {
        let subscriber = self.subscriber(subscriber)?;
        subscriber.is_active().then(|| subscriber.handle(event))
    }

    /// Calls whoever awaits this reply, as a [`Relay`] is asked to.
    pub fn deliver_reply(&self, reply: &Event) {
        if let Some(callback) = self.core.shared.replies.callback(reply) {
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
        let until = duration.and_then(|duration| Instant::now().checked_add(duration));
        let inbox = &self.core.shared.inbox;
        let stops = inbox.stops();
        loop {
            let now = Instant::now();
            if let Err(Idle::Stopped) = inbox.pop(Some(now), stops) {
                return Ok(WaitEnded::Stopped);
            }
            let left = until.map_or(SLICE, |until| until.saturating_duration_since(now));
            let ended = relay.wait(left.min(SLICE))?;
            let is_over = until.is_some_and(|until| until <= Instant::now());
            if ended != WaitEnded::Elapsed || is_over {
                return Ok(ended);
            }
        }
    }
}

/// For how long a relay waits before it looks whether it is to stop.
const SLICE: Duration = Duration::from_millis(100);
