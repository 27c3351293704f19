//! How a hub behaves.

use std::time::Duration;

/// How an [`EventHub`](crate::EventHub) behaves; everything has a default.
///
/// ```
/// use std::time::Duration;
/// use ftrack_event::{EventHub, HubOptions};
///
/// let options = HubOptions::new()
///     .user("ada")
///     .reply_timeout(Duration::from_secs(30))
///     .outgoing_limit(1_000);
/// let hub = EventHub::local_with(options);
/// assert!(!hub.is_connected());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HubOptions {
    /// The user that published events name as their source. A hub with a server takes the
    /// connection's user where this is not set.
    pub user: Option<String>,
    /// The name of this machine, for the source of published events. Defaults to the system's.
    pub host: Option<String>,
    /// How many arrived events wait to be handled at most. Defaults to 100,000. Beyond that the
    /// oldest are dropped, and a local event tells how many.
    pub incoming_limit: usize,
    /// How many bytes of JSON the events that wait to be handled may have arrived in.
    /// Defaults to 256 MiB. Beyond that, too, the oldest are dropped.
    pub incoming_bytes: usize,
    /// How many published events may be on their way at once, sent and not yet acknowledged ones
    /// included. Defaults to 10,000.
    pub outgoing_limit: usize,
    /// How many bytes of published events may be on their way at once. Defaults to 64 MiB.
    pub outgoing_bytes: usize,
    /// How many replies may be awaited at once. Defaults to 10,000.
    pub awaited_limit: usize,
    /// How long replies are awaited before their callback is dropped. Defaults to 10 minutes.
    pub reply_timeout: Duration,
    /// How long an acknowledgement is awaited before an event counts as unconfirmed.
    /// Defaults to 60 s.
    pub acknowledge_timeout: Duration,
    /// How many ids of arrived events are remembered to recognise duplicates. Defaults to 10,000.
    pub remembered_ids: usize,
    /// When a lost connection is made again.
    pub reconnect: ReconnectPolicy,
}

impl Default for HubOptions {
    fn default() -> Self {
        Self {
            user: None,
            host: None,
            incoming_limit: 100_000,
            incoming_bytes: 256 << 20,
            outgoing_limit: 10_000,
            outgoing_bytes: 64 << 20,
            awaited_limit: 10_000,
            reply_timeout: Duration::from_secs(600),
            acknowledge_timeout: Duration::from_secs(60),
            remembered_ids: 10_000,
            reconnect: ReconnectPolicy::default(),
        }
    }
}

impl HubOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the user that published events name as their source.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Sets the name of this machine, for the source of published events.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets how many arrived events wait to be handled at most.
    pub fn incoming_limit(mut self, events: usize) -> Self {
        self.incoming_limit = events;
        self
    }

    /// Sets how many bytes the events that wait to be handled may have arrived in.
    pub fn incoming_bytes(mut self, bytes: usize) -> Self {
        self.incoming_bytes = bytes;
        self
    }

    /// Sets how many published events may be on their way at once.
    pub fn outgoing_limit(mut self, events: usize) -> Self {
        self.outgoing_limit = events;
        self
    }

    /// Sets how many bytes of published events may be on their way at once.
    pub fn outgoing_bytes(mut self, bytes: usize) -> Self {
        self.outgoing_bytes = bytes;
        self
    }

    /// Sets how many replies may be awaited at once.
    pub fn awaited_limit(mut self, replies: usize) -> Self {
        self.awaited_limit = replies;
        self
    }

    /// Sets how long replies are awaited before their callback is dropped.
    pub fn reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = timeout;
        self
    }

    /// Sets how long an acknowledgement is awaited.
    pub fn acknowledge_timeout(mut self, timeout: Duration) -> Self {
        self.acknowledge_timeout = timeout;
        self
    }

    /// Sets how many ids of arrived events are remembered.
    pub fn remembered_ids(mut self, ids: usize) -> Self {
        self.remembered_ids = ids;
        self
    }

    /// Sets when a lost connection is made again.
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect = policy;
        self
    }
}

/// When a lost connection is made again.
///
/// The delays double from one attempt to the next, between half and the whole of the value at
/// random, so that the clients of a restarted server do not all come back at the same moment. They
/// begin anew once the server has been heard.
///
/// ```
/// use std::time::Duration;
/// use ftrack_event::ReconnectPolicy;
///
/// let policy = ReconnectPolicy::default();
/// assert_eq!((policy.attempts, policy.initial_backoff), (None, Duration::from_secs(1)));
/// assert_eq!(policy.attempts(30).attempts, Some(30));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconnectPolicy {
    /// How many attempts are made in a row. Defaults to `None`, which sets no end.
    pub attempts: Option<u32>,
    /// The delay before the first attempt. Defaults to 1 s.
    pub initial_backoff: Duration,
    /// The longest delay. Defaults to 60 s.
    pub max_backoff: Duration,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            attempts: None,
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(60),
        }
    }
}

impl ReconnectPolicy {
    /// Sets how many attempts are made in a row; 0 makes none.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Sets the delay before the first attempt and the longest delay.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }
}
