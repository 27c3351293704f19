//! What can go wrong with events.

use std::io;
use std::time::Duration;

use ftrack_expression::ParseError;

use crate::Outcome;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The lower-level error behind one of ours; free of URLs and credentials.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why an event hub could not do what it was asked.
///
/// ```
/// use ftrack_event::{Error, Event, EventHub};
///
/// let hub = EventHub::local();
/// let error = hub.publish(Event::new("studio.hello")).unwrap_err();
/// assert!(matches!(error, Error::NotConnected));
/// assert_eq!(error.to_string(), "the event hub is not connected: call connect() first");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no connection, and none is being made.
    #[error("the event hub is not connected: call connect() first")]
    NotConnected,

    /// There is a connection already, or one is being made.
    #[error("the event hub is already connected")]
    AlreadyConnected,

    /// No connection to the event server came about.
    #[error("could not connect to the event server at {origin}")]
    Connect {
        /// The server.
        origin: String,
        /// The reason.
        source: Cause,
    },

    /// The event server answered, but did not let us in: most likely user and key are wrong.
    #[error("the event server at {origin} refused the connection: {reason}")]
    Refused {
        /// The server.
        origin: String,
        /// What it said.
        reason: String,
    },

    /// A setting of the connection cannot be used for events.
    #[error("invalid {option}: {problem}")]
    InvalidOptions {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it and, where possible, what to write instead.
        problem: String,
    },

    /// Too much is waiting to be sent or answered. It gets shorter by itself; try again later.
    #[error("the queue of {queue} is full: its limit is {limit} {unit}")]
    QueueFull {
        /// What is queued.
        queue: &'static str,
        /// The limit, which [`HubOptions`](crate::HubOptions) sets.
        limit: usize,
        /// What the limit counts.
        unit: &'static str,
    },

    /// A subscription is not an expression.
    #[error("invalid subscription {subscription:?}")]
    InvalidSubscription {
        /// The subscription.
        subscription: String,
        /// The place and the reason.
        source: Box<ParseError>,
    },

    /// A target is not an expression.
    #[error("invalid target {target:?}")]
    InvalidTarget {
        /// The target.
        target: String,
        /// The place and the reason.
        source: Box<ParseError>,
    },

    /// The information about a subscriber cannot be used.
    #[error("invalid subscriber: {problem}")]
    InvalidSubscriber {
        /// What is wrong with it.
        problem: String,
    },

    /// A subscriber of this id is there already.
    #[error("there is already a subscriber with the id {id:?}")]
    NotUnique {
        /// The id.
        id: String,
    },

    /// There is no subscriber of this id.
    #[error("there is no subscriber with the id {id:?}")]
    NotFound {
        /// The id.
        id: String,
    },

    /// Something is not an event.
    #[error("invalid event: {problem}")]
    InvalidEvent {
        /// What is wrong with it.
        problem: String,
    },

    /// Nobody replied in time.
    #[error("no reply to the event {event_id} arrived within {limit:?}")]
    NoReply {
        /// The id of the event that was published.
        event_id: String,
        /// How long was waited.
        limit: Duration,
    },

    /// An event that is waited for did not arrive at the server, as far as is known.
    #[error("the event {event_id} was not delivered: {outcome}")]
    NotDelivered {
        /// The id of the event.
        event_id: String,
        /// What became of it.
        outcome: Outcome,
    },

    /// Threads for handlers could not be started.
    #[error("could not start threads for handlers")]
    Workers {
        /// The system's reason.
        source: io::Error,
    },

    /// The transport below cannot be used.
    #[cfg(feature = "socket")]
    #[error("could not use the transport")]
    Transport {
        /// Its error.
        source: Box<ftrack_transport::Error>,
    },
}

impl Error {
    /// Whether the same may well succeed later: the cause is the network, or a queue that empties
    /// by itself.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::QueueFull { .. } | Self::NoReply { .. } => true,
            Self::NotDelivered { outcome, .. } => matches!(outcome, Outcome::NotSent),
            _ => false,
        }
    }
}
