//! How a hub is doing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::Error;

/// The state of the connection to the event server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is none, and none is being made.
    #[default]
    Disconnected,
    /// It is being made for the first time.
    Connecting,
    /// It is there.
    Connected,
    /// It was lost and is being made again.
    Reconnecting,
}

/// How a hub is doing, at one moment.
///
/// ```
/// use ftrack_event::{ConnectionState, Event, EventHub};
///
/// let hub = EventHub::local();
/// hub.subscribe("topic=studio.*", |_| Err("broken".into()))?;
/// hub.publish_synchronously(Event::new("studio.hello"))?;
///
/// let status = hub.status();
/// assert_eq!(status.state, ConnectionState::Disconnected);
/// assert_eq!((status.subscribers, status.handlers.calls, status.handlers.failures), (1, 1, 1));
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HubStatus {
    /// The state of the connection.
    pub state: ConnectionState,
    /// How long ago the last packet of the server arrived.
    pub last_packet: Option<Duration>,
    /// Why there is no connection, as far as that is known: the latest error of connecting, or the
    /// reason why a connection was lost.
    pub last_error: Option<String>,
    /// How often a lost connection was made again.
    pub reconnects: u64,
    /// How many arrived events wait to be handled.
    pub incoming: usize,
    /// How many published events are on their way, sent and not yet acknowledged ones included.
    pub outgoing: usize,
    /// How many sent events and announcements the server has not yet acknowledged.
    pub unacknowledged: usize,
    /// How many events replies are awaited to.
    pub awaited_replies: usize,
    /// How many subscribers there are.
    pub subscribers: usize,
    /// How many events arrived, duplicates not counted.
    pub received: u64,
    /// How many events arrived a second time and were dropped.
    pub duplicates: u64,
    /// How many packets arrived that could not be read.
    pub malformed: u64,
    /// How many events were thrown away because too many waited to be handled.
    pub dropped: u64,
    /// How many events were accepted to be sent.
    pub published: u64,
    /// How the handlers are doing.
    pub handlers: HandlerTimes,
}

/// How often handlers ran, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HandlerTimes {
    /// How often a handler ran.
    pub calls: u64,
    /// How often a handler failed or panicked.
    pub failures: u64,
    /// The time that all of them took.
    pub total: Duration,
    /// The time that the slowest took.
    pub longest: Duration,
}

/// Why [`EventHub::wait`](crate::EventHub::wait) returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitEnded {
    /// The time was over.
    Elapsed,
    /// Somebody asked for it.
    Stopped,
    /// The connection has ended and is not made again by itself.
    Disconnected,
}

/// Counts what happens. Each count is also told to `tracing`, where a collector can pick it up.
#[derive(Default)]
pub(crate) struct Counters {
    counts: Mutex<Counts>,
}

#[derive(Default, Clone)]
struct Counts {
    link: LinkStatus,
    received: u64,
    duplicates: u64,
    dropped: u64,
    published: u64,
    handlers: HandlerTimes,
}

/// What the connection tells of itself.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct LinkStatus {
    pub(crate) state: ConnectionState,
    pub(crate) last_error: Option<Arc<str>>,
    /// Why it has ended, if user and key were rejected.
    pub(crate) rejection: Option<Arc<Rejection>>,
    pub(crate) last_packet: Option<Instant>,
    pub(crate) reconnects: u64,
    pub(crate) malformed: u64,
    pub(crate) unacknowledged: usize,
}

/// What the server said to user and key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) origin: String,
    pub(crate) reason: String,
}

impl Rejection {
    pub(crate) fn error(&self) -> Error {
        Error::Refused {
            origin: self.origin.clone(),
            reason: self.reason.clone(),
        }
    }
}

impl Counters {
    pub(crate) fn received(&self) {
        self.counts.lock().received += 1;
        tracing::trace!(monotonic_counter.events_received = 1_u64);
    }

    pub(crate) fn duplicate(&self) {
        self.counts.lock().duplicates += 1;
        tracing::trace!(monotonic_counter.events_duplicate = 1_u64);
    }

    pub(crate) fn dropped(&self, count: u64) {
        self.counts.lock().dropped += count;
        tracing::trace!(monotonic_counter.events_dropped = count);
    }

    pub(crate) fn published(&self) {
        self.counts.lock().published += 1;
        tracing::trace!(monotonic_counter.events_published = 1_u64);
    }

    pub(crate) fn set_link(&self, link: LinkStatus) {
        let reconnects = link.reconnects;
        let before = std::mem::replace(&mut self.counts.lock().link, link);
        if before.reconnects != reconnects {
            tracing::trace!(monotonic_counter.reconnects = 1_u64);
        }
    }

    pub(crate) fn set_state(&self, state: ConnectionState) {
        let mut counts = self.counts.lock();
        counts.link.state = state;
        counts.link.unacknowledged = 0;
        if state == ConnectionState::Connecting {
            counts.link.last_error = None;
            counts.link.rejection = None;
        }
    }

    pub(crate) fn handled(&self, took: Duration, failed: bool) {
        let mut counts = self.counts.lock();
        let handlers = &mut counts.handlers;
        handlers.calls += 1;
        handlers.failures += u64::from(failed);
        handlers.total += took;
        handlers.longest = handlers.longest.max(took);
        drop(counts);
        tracing::trace!(histogram.handler_seconds = took.as_secs_f64(), failed);
    }

    pub(crate) fn link(&self) -> LinkStatus {
        self.counts.lock().link.clone()
    }

    /// All counts; the lengths of queues are for others to fill in.
    pub(crate) fn status(&self) -> HubStatus {
        let counts = self.counts.lock().clone();
        HubStatus {
            state: counts.link.state,
            last_packet: counts.link.last_packet.map(|at| at.elapsed()),
            last_error: counts.link.last_error.as_deref().map(str::to_owned),
            reconnects: counts.link.reconnects,
            unacknowledged: counts.link.unacknowledged,
            malformed: counts.link.malformed,
            received: counts.received,
            duplicates: counts.duplicates,
            dropped: counts.dropped,
            published: counts.published,
            handlers: counts.handlers,
            ..HubStatus::default()
        }
    }
}
