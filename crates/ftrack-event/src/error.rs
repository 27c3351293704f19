//! What can go wrong with events.

use std::fmt;
use std::io;
use std::time::Duration;

use ftrack_expression::ParseError;

use crate::outcome::Outcome;

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
    NotConnected,

    /// There is a connection already, or one is being made.
    AlreadyConnected,

    /// No connection to the event server came about.
    Connect {
        /// The server.
        origin: String,
        /// The reason.
        source: Cause,
    },

    /// The event server answered, but did not let us in: most likely user and key are wrong.
    Refused {
        /// The server.
        origin: String,
        /// What it said.
        reason: String,
    },

    /// A setting of the connection cannot be used for events.
    InvalidOptions {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it and, where possible, what to write instead.
        problem: String,
        /// The error of the system or library that found it, where there is one.
        source: Option<Cause>,
    },

    /// Too much is waiting to be sent or answered. It gets shorter by itself; try again later.
    QueueFull {
        /// What is queued.
        queue: &'static str,
        /// The limit, which [`HubOptions`](crate::HubOptions) sets.
        limit: usize,
        /// What the limit counts.
        unit: &'static str,
    },

    /// A subscription is not an expression.
    InvalidSubscription {
        /// The subscription.
        subscription: String,
        /// The place and the reason.
        source: Box<ParseError>,
    },

    /// A target is not an expression.
    InvalidTarget {
        /// The target.
        target: String,
        /// The place and the reason.
        source: Box<ParseError>,
    },

    /// The information about a subscriber cannot be used.
    InvalidSubscriber {
        /// What is wrong with it.
        problem: String,
    },

    /// A subscriber of this id is there already.
    NotUnique {
        /// The id.
        id: String,
    },

    /// There is no subscriber of this id.
    NotFound {
        /// The id.
        id: String,
    },

    /// Something is not an event.
    InvalidEvent {
        /// What is wrong with it.
        problem: String,
    },

    /// Nobody replied in time.
    NoReply {
        /// The id of the event that was published.
        event_id: String,
        /// How long was waited.
        limit: Duration,
        /// Whether the server has the event, as far as is known: then whoever it is for gets it.
        acknowledged: bool,
    },

    /// An event that is waited for did not arrive at the server, as far as is known.
    NotDelivered {
        /// The id of the event.
        event_id: String,
        /// What became of it.
        outcome: Outcome,
    },

    /// Threads for handlers could not be started.
    Workers {
        /// The system's reason.
        source: io::Error,
    },

    /// The transport below cannot be used.
    #[cfg(feature = "socket")]
    Transport {
        /// Its error.
        source: Box<ftrack_transport::Error>,
    },
}

/// `{}` prints what failed, `{:#}` the causes after it as well.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_this(formatter)?;
        let mut cause = std::error::Error::source(self).filter(|_| formatter.alternate());
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
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

    /// What failed, without its causes.
    fn fmt_this(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => {
                formatter.write_str("the event hub is not connected: call connect() first")
            }
            Self::AlreadyConnected => formatter.write_str("the event hub is already connected"),
            Self::Connect { origin, .. } => {
                write!(
                    formatter,
                    "could not connect to the event server at {origin}"
                )
            }
            Self::Refused { origin, reason } => write!(
                formatter,
                "the event server at {origin} refused the connection: {reason}"
            ),
            Self::InvalidOptions {
                option, problem, ..
            } => {
                write!(formatter, "invalid {option}: {problem}")
            }
            Self::QueueFull { queue, limit, unit } => write!(
                formatter,
                "the queue of {queue} is full: its limit is {limit} {unit}"
            ),
            Self::InvalidSubscription { subscription, .. } => {
                write!(formatter, "invalid subscription {subscription:?}")
            }
            Self::InvalidTarget { target, .. } => write!(formatter, "invalid target {target:?}"),
            Self::InvalidSubscriber { problem } => {
                write!(formatter, "invalid subscriber: {problem}")
            }
            Self::NotUnique { id } => {
                write!(
                    formatter,
                    "there is already a subscriber with the id {id:?}"
                )
            }
            Self::NotFound { id } => {
                write!(formatter, "there is no subscriber with the id {id:?}")
            }
            Self::InvalidEvent { problem } => write!(formatter, "invalid event: {problem}"),
            Self::NoReply {
                event_id,
                limit,
                acknowledged,
            } => {
                let event = format_args!("the event {event_id}");
                write!(formatter, "no reply to {event} arrived within {limit:?}")?;
                if !acknowledged {
                    formatter.write_str(", and the server has not said that it has it")?;
                }
                Ok(())
            }
            Self::NotDelivered { event_id, outcome } => {
                write!(
                    formatter,
                    "the event {event_id} was not delivered: {outcome}"
                )
            }
            Self::Workers { .. } => formatter.write_str("could not start threads for handlers"),
            #[cfg(feature = "socket")]
            Self::Transport { .. } => formatter.write_str("could not use the transport"),
        }
    }
}
