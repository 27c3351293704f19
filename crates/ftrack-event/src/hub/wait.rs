//! Handling what arrives, on the thread of the caller.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::EventHub;
use crate::error::{Error, Result};
use crate::inbox::{Idle, QueuedEvent};
use crate::status::WaitEnded;
use crate::topics;

/// Ends [`EventHub::wait`] from elsewhere.
///
/// It sets a flag and does nothing else, so even a signal handler may use it. The flag is noticed
/// within a tenth of a second.
#[derive(Clone)]
pub struct Stopper(Arc<AtomicBool>);

impl Stopper {
    /// Ends all waiting that is going on, or else the next.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Stopper").finish()
    }
}

impl EventHub {
    /// Handles events as they arrive, one after the other on this thread, for as long as `duration`
    /// or else until it is stopped or the connection ends for good.
    ///
    /// What has arrived before is handled first. A slow handler delays all others; see
    /// [`run_workers`](Self::run_workers) for another way.
    ///
    /// ```no_run
    /// # fn example(hub: &ftrack_event::EventHub) -> ftrack_event::Result<()> {
    /// use std::time::Duration;
    ///
    /// hub.wait(Duration::from_secs(5))?; // for five seconds
    /// hub.wait(None)?; // until the end
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotConnected`] if the hub has never been connected: nothing could ever arrive.
    /// [`Error::Refused`] if the connection has ended because the server no longer accepts user and
    /// key.
    pub fn wait(&self, duration: impl Into<Option<Duration>>) -> Result<WaitEnded> {
        let duration = duration.into();
        if let Some(relay) = &self.core.relay {
            return self.wait_by_relay(&**relay, duration);
        }
        let started = Instant::now();
        // A time that is beyond what the clock can say is never reached.
        let until = duration.and_then(|duration| started.checked_add(duration));
        let inbox = &self.core.shared.inbox;
        let stops = inbox.stops();
        if !self.has_been_connected() {
            return Err(Error::NotConnected);
        }
        loop {
            let ended = self.core.is_over();
            match inbox.pop(Some(glance(until, ended)), stops) {
                Ok(mut arrival) => {
                    let is_the_end = is_the_end(&arrival);
                    self.core.handle(&mut arrival);
                    // An earlier connection may have ended, and there is another by now.
                    if is_the_end && self.core.has_ended() {
                        return self.core.ended();
                    }
                    if until.is_some_and(|until| until <= Instant::now()) {
                        return Ok(WaitEnded::Elapsed);
                    }
                }
                Err(Idle::Stopped) => return Ok(WaitEnded::Stopped),
                Err(Idle::Elapsed) if ended => return self.core.ended(),
                Err(Idle::Elapsed) => {
                    self.core.shared.replies.expire(Instant::now());
                    if until.is_some_and(|until| until <= Instant::now()) {
                        return Ok(WaitEnded::Elapsed);
                    }
                }
            }
        }
    }

    /// Ends all [`wait`](Self::wait) that is going on, or else the next, at once.
    pub fn stop_waiting(&self) {
        self.core.shared.inbox.stop_waiting();
    }

    /// A handle that ends [`wait`](Self::wait) and may be used in signal handlers.
    ///
    /// ```
    /// let hub = ftrack_event::EventHub::local();
    /// let stopper = hub.stopper();
    /// stopper.stop();
    /// ```
    pub fn stopper(&self) -> Stopper {
        Stopper(self.core.shared.inbox.stop_flag())
    }

    /// Whether there is, or ever was, a connection or an attempt at one.
    pub(super) fn has_been_connected(&self) -> bool {
        self.core.server_link.lock().is_some()
    }
}

pub(super) fn is_the_end(arrival: &QueuedEvent) -> bool {
    matches!(arrival, QueuedEvent::Local(event) if event.topic == topics::DISCONNECTED)
}

/// When to look up from waiting: callbacks for replies are to be dropped in time, and the end
/// of a connection whose event others took is to be noticed.
fn glance(until: Option<Instant>, ended: bool) -> Instant {
    let now = Instant::now();
    if ended {
        return now;
    }
    let glance = now + Duration::from_secs(1);
    until.map_or(glance, |until| until.min(glance))
}
