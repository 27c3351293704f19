//! What can go wrong between a request and its answer.

use std::fmt;
use std::io;
use std::time::Duration;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The lower-level error behind one of ours; free of URLs and credentials.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a request brought no answer.
///
/// Errors name the server by its origin (`https://studio.example`), never by a whole URL: the
/// query of a component's URL holds credentials.
///
/// ```
/// use ftrack_transport::{Effort, Error};
///
/// let error = Error::Connect {
///     origin: "https://studio.example".into(),
///     effort: Effort::default(),
///     source: "connection refused".into(),
/// };
/// assert_eq!(error.to_string(), "could not connect to https://studio.example");
/// assert!(error.is_retryable());
/// assert!(!error.is_outcome_unknown());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A connection option cannot be used.
    #[error("invalid {option}: {problem}")]
    InvalidOptions {
        /// The option's name, as in [`ConnectionOptions`](crate::ConnectionOptions).
        option: &'static str,
        /// What is wrong with it and, where possible, what to write instead.
        problem: String,
    },

    /// A request cannot be sent as it is.
    #[error("invalid request: {problem}")]
    InvalidRequest {
        /// What is wrong with it.
        problem: String,
    },

    /// The threads that do the input and output could not be started.
    #[error("could not start the I/O engine")]
    Engine {
        /// The system's reason.
        source: io::Error,
    },

    /// No connection came about, so nothing was sent.
    #[error("could not connect to {origin}{effort}")]
    Connect {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        effort: Effort,
        /// The reason.
        source: Cause,
    },

    /// No trusted connection came about, so nothing was sent: a certificate was refused, or the
    /// other side does not speak TLS.
    #[error("could not agree on a secure connection with {origin}{effort}")]
    Tls {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        effort: Effort,
        /// The reason.
        source: Cause,
    },

    /// Nothing moved for longer than allowed.
    #[error("{origin} did not {} within {limit:?}{effort}", if *.sent { "answer" } else { "accept a connection" })]
    Timeout {
        /// The server.
        origin: String,
        /// The time without progress that was allowed.
        limit: Duration,
        /// Whether the request may have reached the server.
        sent: bool,
        /// How often and how long it was tried.
        effort: Effort,
    },

    /// The connection broke after the request, or a part of it, was sent.
    #[error("the connection to {origin} broke before the whole answer arrived{effort}")]
    ConnectionLost {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        effort: Effort,
        /// The reason.
        source: Cause,
    },

    /// The answer has an error status and a body that is not JSON, so it comes from a proxy or a
    /// web server rather than from ftrack's API.
    #[error("{origin} answered with status {status}{effort}: {excerpt}")]
    Status {
        /// The server.
        origin: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, made safe to print by [`excerpt`](crate::excerpt).
        excerpt: String,
        /// How often and how long it was tried.
        effort: Effort,
    },

    /// The answer points elsewhere, and following it is not allowed.
    #[error("{origin} answered with status {status}, a redirect to {target}: {problem}")]
    Redirect {
        /// The server.
        origin: String,
        /// The HTTP status.
        status: u16,
        /// The origin it points to.
        target: String,
        /// Why it was not followed, or what to do.
        problem: &'static str,
    },

    /// The answer is larger than allowed.
    #[error("the answer of {origin} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The server.
        origin: String,
        /// The limit, in bytes.
        limit: u64,
    },

    /// The data to send could not be read.
    #[error("could not read the data to send")]
    Body {
        /// The reader's error.
        source: io::Error,
    },

    /// The transport was closed before the request was made.
    #[error("the connection is closed")]
    Closed,

    /// The process was forked after the transport was made. Threads do not survive a fork, so the
    /// child has to make a transport of its own.
    #[error("the process was forked: a connection made before cannot be used in the child")]
    Forked,

    /// The request was cancelled.
    #[error("the request was cancelled")]
    Cancelled,

    /// The transport was closed, or its engine stopped, while the request was under way.
    #[error("the request was interrupted because the connection was closed")]
    Interrupted,
}

impl Error {
    /// Whether the same request may well succeed later: the cause is the network, or a server that
    /// is overloaded or restarting.
    ///
    /// Requests that may be repeated have been repeated already, as the
    /// [`RetryPolicy`](crate::RetryPolicy) says. Before repeating any other, look at
    /// [`is_outcome_unknown`](Self::is_outcome_unknown).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Timeout { .. } | Self::ConnectionLost { .. } => true,
            Self::Status { status, .. } => crate::retry::is_temporary(*status),
            _ => false,
        }
    }

    /// Whether the server may have carried the request out although no answer arrived.
    ///
    /// A commit that fails so must not be sent again blindly.
    pub fn is_outcome_unknown(&self) -> bool {
        match self {
            Self::ConnectionLost { .. }
            | Self::TooLarge { .. }
            | Self::Cancelled
            | Self::Interrupted => true,
            Self::Timeout { sent, .. } => *sent,
            // A gateway says these of a request that it has already handed on; 503 is in doubt.
            Self::Status { status, .. } => matches!(status, 500 | 502..=504),
            _ => false,
        }
    }

    /// How often the request was tried, and how long that took, where that is known.
    pub fn effort(&self) -> Option<Effort> {
        match self {
            Self::Connect { effort, .. }
            | Self::Tls { effort, .. }
            | Self::Timeout { effort, .. }
            | Self::ConnectionLost { effort, .. }
            | Self::Status { effort, .. } => Some(*effort),
            _ => None,
        }
    }

    /// The same error after so much effort.
    pub(crate) fn after(mut self, spent: Effort) -> Self {
        if let Self::Connect { effort, .. }
        | Self::Tls { effort, .. }
        | Self::Timeout { effort, .. }
        | Self::ConnectionLost { effort, .. }
        | Self::Status { effort, .. } = &mut self
        {
            *effort = spent;
        }
        self
    }
}

/// How often a request was tried, and how long that took altogether.
///
/// Printed after an error's text, and only when there was more than one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The number of attempts, at least 1.
    pub attempts: u32,
    /// The time from the beginning of the first attempt to the end of the last.
    pub elapsed: Duration,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }
}

impl fmt::Display for Effort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attempts <= 1 {
            return Ok(());
        }
        let seconds = self.elapsed.as_secs_f64();
        write!(
            formatter,
            " after {} attempts in {seconds:.1} s",
            self.attempts
        )
    }
}
