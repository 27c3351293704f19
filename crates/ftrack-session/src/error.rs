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
    cause: Option<Cause>,
}

/// What is below an error.
enum Cause {
    /// The error that led to this one.
    Source(Box<dyn std::error::Error + Send + Sync>),
    /// The error of a lower layer that this one stands for: it says the same, and its source is this one's.
    Same(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An error of this kind that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            details: BTreeMap::new(),
            retryable: false,
            cause: None,
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
        self.0.cause = Some(Cause::Source(source.into()));
        self
    }

    /// The same error, which stands for `error` of a lower layer and has its causes.
    pub(crate) fn standing_for(
        mut self,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.cause = Some(Cause::Same(error.into()));
        self
    }

    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.0.message = message;
        self
    }

    /// The same error, which says whether the same call may succeed later.
    #[must_use]
    pub fn with_retryable(mut self, retryable: bool) -> Self {
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

/// `{}` prints the message, `{:#}` the causes after it as well.
/// `{}` prints what went wrong at this level, `{:#}` the chain of causes after it.
impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if formatter.alternate() {
            return formatter.write_str(&chain(self));
        }
        formatter.write_str(&self.0.message)
    }
}

/// For people, as a program's `main` prints it: the message, the kind and the details, and the causes. `{:#?}` prints
/// the structure.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if formatter.alternate() {
            return self.structure(formatter);
        }
        write!(formatter, "{} ({:?})", self.0.message, self.0.kind)?;
        for (name, value) in &self.0.details {
            write!(formatter, "\n  {name}: {:?}", Excerpt(value))?;
        }
        let causes = std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        for (number, cause) in causes.enumerate() {
            let begin = if number == 0 { "\n\ncaused by:" } else { "" };
            write!(formatter, "{begin}\n  {cause}")?;
        }
        Ok(())
    }
}

impl Error {
    fn structure(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("message", &self.0.message);
        if !self.0.details.is_empty() {
            let details = self.0.details.iter();
            let details: BTreeMap<_, _> = details
                .map(|(name, value)| (name, Excerpt(value)))
                .collect();
            debug.field("details", &details);
        }
        if let Some(source) = std::error::Error::source(self) {
            debug.field("source", &source);
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
struct Excerpt<'a>(&'a serde_json::Value);

impl fmt::Debug for Excerpt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&ftrack_transport::excerpt(self.0.to_string().as_bytes()))
    }
}

/// The source can be downcast to the error of the library below, such as `std::io::Error`.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.0.cause.as_ref()? {
            Cause::Source(source) => Some(&**source),
            Cause::Same(error) => error.source(),
        }
    }
}
