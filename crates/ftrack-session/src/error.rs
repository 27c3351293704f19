//! What can go wrong in a session.

mod convert;
mod kind;
mod location;

use std::collections::BTreeMap;
use std::fmt;

pub use self::kind::ErrorKind;

/// What fallible functions of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: a kind, a message, and details.
///
/// The kinds are the exception classes of the product documentation, and a few of ours. [`Error::is`] follows their
/// hierarchy, so code can ask as broadly as it needs to.
///
/// ```
/// use ftrack_session::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::NoResultFound, "no entity matches");
/// assert!(error.is(ErrorKind::IncorrectResult));
/// assert!(!error.is(ErrorKind::Server));
/// assert_eq!(error.to_string(), "no entity matches");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    details: BTreeMap<&'static str, serde_json::Value>,
    retryable: bool,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            details: BTreeMap::new(),
            retryable: false,
            source: None,
        }))
    }

    /// The same error with a detail that programs can read.
    #[must_use]
    pub fn with_detail(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.0.details.insert(name, value.into());
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with the causes of `error`, all on one line, where it has any.
    pub(crate) fn with_causes_of(self, error: &dyn std::error::Error) -> Self {
        match error.source() {
            Some(cause) => self.with_source(chain(cause)),
            None => self,
        }
    }

    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    pub(crate) fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the error is of this kind or of one derived from it.
    pub fn is(&self, kind: ErrorKind) -> bool {
        self.0.kind.is_a(kind)
    }

    /// The message: what went wrong at this level; the cause is the `source`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What is known besides the message, by name.
    pub fn details(&self) -> &BTreeMap<&'static str, serde_json::Value> {
        &self.0.details
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if !self.0.details.is_empty() {
            let details = self.0.details.iter();
            let details: BTreeMap<_, _> =
                details.map(|(name, value)| (name, Brief(value))).collect();
            debug.field("details", &details);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

/// The error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}

/// A detail as JSON, cut where it gets long: some are whole pages of a server.
struct Brief<'a>(&'a serde_json::Value);

impl fmt::Debug for Brief<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&ftrack_transport::excerpt(self.0.to_string().as_bytes()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
