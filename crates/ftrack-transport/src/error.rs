//! What can go wrong between a request and its answer.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::retry;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The lower-level error behind one of ours; free of URLs and credentials.
///
/// It can be downcast to the error of the library that failed, and its own causes can be followed
/// by [`source`](std::error::Error::source).
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why a request brought no answer.
///
/// Errors name the server by its origin (`https://studio.example`), never by a whole URL: the
/// query of a component's URL holds credentials.
///
/// `{}` prints what failed, `{:#}` the chain of causes after it.
///
/// ```
/// use ftrack_transport::{Error, RetryStatistics};
///
/// let error = Error::Connect {
///     origin: "https://studio.example".into(),
///     statistics: RetryStatistics::default(),
///     source: "connection refused".into(),
/// };
/// assert_eq!(error.to_string(), "could not connect to https://studio.example");
/// let whole = "could not connect to https://studio.example: connection refused";
/// assert_eq!(format!("{error:#}"), whole);
/// assert!(error.is_retryable());
/// assert!(!error.is_outcome_unknown());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A connection option cannot be used.
    InvalidOptions {
        /// The option's name, as in [`ConnectionOptions`](crate::ConnectionOptions), or that of
        /// the environment variable.
        option: &'static str,
        /// What is wrong with it and, where possible, what to write instead.
        problem: String,
        /// The error of the system or library that found it, where there is one.
        source: Option<Cause>,
    },

    /// A request cannot be sent as it is.
    InvalidRequest {
        /// What is wrong with it.
        problem: String,
    },

    /// The threads that do the input and output could not be started.
    Engine {
        /// The system's reason.
        source: io::Error,
    },

    /// No connection came about, so nothing was sent.
    Connect {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
        /// The reason.
        source: Cause,
    },

    /// The proxy on the way to the server could not be reached, or did not open a connection to
    /// the server, so nothing was sent.
    Proxy {
        /// The server.
        origin: String,
        /// The origin of the proxy, without user and password.
        proxy: String,
        /// Whether it wants another user and password. It is not asked again then, since repeated
        /// attempts lock accounts.
        credentials_rejected: bool,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
        /// The reason.
        source: Cause,
    },

    /// No trusted connection came about, so nothing was sent: a certificate was rejected, or the
    /// other side does not speak TLS.
    Tls {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
        /// The reason.
        source: Cause,
    },

    /// Nothing moved for longer than allowed, or next to nothing.
    Timeout {
        /// The server.
        origin: String,
        /// The time without progress that was allowed.
        limit: Duration,
        /// Whether the request may have reached the server.
        sent: bool,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
    },

    /// The request took longer than allowed, repetitions and delays included.
    DeadlineExceeded {
        /// The server.
        origin: String,
        /// The time that was allowed altogether.
        limit: Duration,
        /// Whether the request may have reached the server.
        sent: bool,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
    },

    /// The connection broke after the request, or a part of it, was sent.
    ConnectionLost {
        /// The server.
        origin: String,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
        /// The reason.
        source: Cause,
    },

    /// The answer has an error status, and its body is not JSON, so it comes from a proxy or a web
    /// server rather than from ftrack's API. Or the status says that the server cannot answer just
    /// now, whatever the body.
    Status {
        /// The server.
        origin: String,
        /// The proxy that the answer came through, and perhaps from.
        proxy: Option<String>,
        /// The HTTP status.
        status: u16,
        /// How long the server asked to wait before the next attempt.
        retry_after: Option<Duration>,
        /// The beginning of the body, made safe to print by [`excerpt`](crate::excerpt).
        excerpt: String,
        /// How often and how long it was tried.
        statistics: RetryStatistics,
    },

    /// The answer points elsewhere, and following it is not allowed.
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
    TooLarge {
        /// The server.
        origin: String,
        /// The limit, in bytes.
        limit: u64,
    },

    /// The data to send could not be read.
    Body {
        /// The reader's error.
        source: io::Error,
    },

    /// The transport was closed before the request was made.
    Closed,

    /// The process was forked after the transport was made. Threads do not survive a fork, so the
    /// child has to make a transport of its own.
    Forked,

    /// The request was cancelled.
    Cancelled,

    /// The transport was closed, or its engine stopped, while the request was under way.
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
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::DeadlineExceeded { .. }
            | Self::ConnectionLost { .. } => true,
            Self::Proxy {
                credentials_rejected,
                ..
            } => !credentials_rejected,
            Self::Status { status, .. } => retry::is_temporary(*status),
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
            Self::Timeout { sent, .. } | Self::DeadlineExceeded { sent, .. } => *sent,
            // A gateway says these of a request that it has already handed on; 503 is in doubt.
            Self::Status { status, .. } => matches!(status, 500 | 502..=504),
            _ => false,
        }
    }

    /// How often the request was tried, and how long that took, where that is known.
    pub fn retry_statistics(&self) -> Option<RetryStatistics> {
        match self {
            Self::Connect { statistics, .. }
            | Self::Proxy { statistics, .. }
            | Self::Tls { statistics, .. }
            | Self::Timeout { statistics, .. }
            | Self::DeadlineExceeded { statistics, .. }
            | Self::ConnectionLost { statistics, .. }
            | Self::Status { statistics, .. } => Some(*statistics),
            _ => None,
        }
    }

    /// The error below this one, if there is one. It can be downcast to that of the library that
    /// failed.
    pub fn into_cause(self) -> Option<Cause> {
        match self {
            Self::Connect { source, .. }
            | Self::Proxy { source, .. }
            | Self::Tls { source, .. }
            | Self::ConnectionLost { source, .. } => Some(source),
            Self::InvalidOptions { source, .. } => source,
            Self::Engine { source } | Self::Body { source } => Some(source.into()),
            _ => None,
        }
    }

    /// The error for an option that cannot be used.
    pub(crate) fn invalid_option(option: &'static str, problem: impl Into<String>) -> Self {
        Self::InvalidOptions {
            option,
            problem: problem.into(),
            source: None,
        }
    }

    /// The error for an option that somebody else finds wrong.
    pub(crate) fn invalid_option_because(
        option: &'static str,
        problem: impl Into<String>,
        source: impl Into<Cause>,
    ) -> Self {
        Self::InvalidOptions {
            option,
            problem: problem.into(),
            source: Some(source.into()),
        }
    }

    /// The same error after so many attempts, for whoever repeats what the transport does not.
    #[must_use]
    pub fn with_retry_statistics(mut self, attempts: RetryStatistics) -> Self {
        if let Self::Connect { statistics, .. }
        | Self::Proxy { statistics, .. }
        | Self::Tls { statistics, .. }
        | Self::Timeout { statistics, .. }
        | Self::DeadlineExceeded { statistics, .. }
        | Self::ConnectionLost { statistics, .. }
        | Self::Status { statistics, .. } = &mut self
        {
            *statistics = attempts;
        }
        self
    }

    /// What failed, without its causes.
    fn fmt_this(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidOptions {
                option, problem, ..
            } => {
                write!(formatter, "invalid {option}: {problem}")
            }
            Self::InvalidRequest { problem } => write!(formatter, "invalid request: {problem}"),
            Self::Engine { .. } => formatter.write_str("could not start the I/O engine"),
            Self::Connect {
                origin, statistics, ..
            } => write!(formatter, "could not connect to {origin}{statistics}"),
            Self::Proxy {
                origin,
                proxy,
                statistics,
                ..
            } => write!(
                formatter,
                "could not connect to {origin} through the proxy {proxy}{statistics}"
            ),
            Self::Tls {
                origin, statistics, ..
            } => write!(formatter, "TLS handshake with {origin} failed{statistics}"),
            Self::Timeout {
                origin,
                limit,
                sent,
                statistics,
            } => {
                let what = if *sent {
                    "answer"
                } else {
                    "accept a connection"
                };
                write!(
                    formatter,
                    "{origin} did not {what} within {limit:?}{statistics}"
                )
            }
            Self::DeadlineExceeded {
                origin,
                limit,
                statistics,
                ..
            } => write!(
                formatter,
                "the request to {origin} was not complete within {limit:?}{statistics}"
            ),
            Self::ConnectionLost {
                origin, statistics, ..
            } => write!(
                formatter,
                "the connection to {origin} broke before the whole answer arrived{statistics}"
            ),
            Self::Status { .. } => self.fmt_status(formatter),
            Self::Redirect {
                origin,
                status,
                target,
                problem,
            } => write!(
                formatter,
                "{origin} answered with status {status}, a redirect to {target}: {problem}"
            ),
            Self::TooLarge { origin, limit } => write!(
                formatter,
                "the answer of {origin} is larger than the limit of {limit} bytes"
            ),
            Self::Body { .. } => formatter.write_str("could not read the data to send"),
            Self::Closed => formatter.write_str("the connection is closed"),
            Self::Forked => formatter.write_str(
                "the process was forked: a connection made before cannot be used in the child",
            ),
            Self::Cancelled => formatter.write_str("the request was cancelled"),
            Self::Interrupted => {
                formatter.write_str("the request was interrupted because the connection was closed")
            }
        }
    }

    fn fmt_status(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Status {
            origin,
            proxy,
            status,
            retry_after,
            excerpt,
            statistics,
        } = self
        else {
            return Ok(());
        };
        formatter.write_str(origin)?;
        if let Some(proxy) = proxy {
            write!(formatter, ", or the proxy {proxy} on the way to it,")?;
        }
        write!(formatter, " answered with status {status}{statistics}")?;
        if let Some(asked) = retry_after.filter(|asked| !asked.is_zero()) {
            write!(formatter, " and asks to wait {} s", asked.as_secs())?;
        }
        write!(formatter, ": {excerpt}")
    }
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

/// How often a request was tried, and how long that took altogether.
///
/// Printed after an error's text, and only when there was more than one attempt.
///
/// ```
/// use std::time::Duration;
/// use ftrack_transport::RetryStatistics;
///
/// let statistics = RetryStatistics::new(3, Duration::from_millis(1_250));
/// assert_eq!(statistics.to_string(), " after 3 attempts in 1.2 s");
/// assert_eq!(RetryStatistics::default().to_string(), "");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RetryStatistics {
    /// The number of attempts, at least 1.
    pub attempts: u32,
    /// The time from the beginning of the first attempt to the end of the last.
    pub elapsed: Duration,
}

impl RetryStatistics {
    /// So many attempts, which took so long.
    pub fn new(attempts: u32, elapsed: Duration) -> Self {
        Self { attempts, elapsed }
    }
}

impl Default for RetryStatistics {
    fn default() -> Self {
        Self::new(1, Duration::ZERO)
    }
}

impl fmt::Display for RetryStatistics {
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
