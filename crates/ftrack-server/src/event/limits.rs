//! What clients of the event server may expect, and what is expected of them.

use std::time::Duration;

use super::outbox::Backlog;

/// What clients of the event server may expect, and what is expected of them. The defaults suit the official clients;
/// tests of what a client does when a server is silent, or busy, want other ones.
///
/// ```
/// use std::time::Duration;
///
/// use ftrack_server::{EventLimits, Server};
///
/// let limits = EventLimits::default().heartbeat(Duration::from_millis(200)).backlog(8, 1024 * 1024);
/// let server = Server::builder().event_limits(limits).start()?;
/// # Ok::<(), ftrack_server::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLimits {
    pub(super) heartbeat: Duration,
    pub(super) silence: Duration,
    pub(super) farewell: Duration,
    pub(super) backlog: Backlog,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(5),
            // A host application may keep its Python from answering for quite a while.
            silence: Duration::from_secs(60),
            farewell: Duration::from_secs(5),
            backlog: Backlog {
                packets: 65_536,
                bytes: 32 * 1024 * 1024,
            },
        }
    }
}

impl EventLimits {
    /// How often the server sends a heartbeat. Defaults to every 5 seconds: the official JavaScript client gives up on
    /// a server that is silent for 15 seconds, the Python client on one that is silent for a minute.
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.heartbeat = heartbeat.max(Duration::from_millis(1));
        self
    }

    /// How long a client may send nothing at all, heartbeats included, before it is disconnected. Defaults to a minute.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// How long a client that is disconnected may take to read why. Defaults to 5 seconds.
    pub fn farewell(mut self, farewell: Duration) -> Self {
        self.farewell = farewell;
        self
    }

    /// How many packets, and how many bytes of them, may wait for a client before it is disconnected as too slow.
    /// Defaults to 65,536 packets and 32 MiB. A single packet always fits.
    pub fn backlog(mut self, packets: usize, bytes: usize) -> Self {
        self.backlog = Backlog { packets, bytes };
        self
    }
}
