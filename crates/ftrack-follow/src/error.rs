//! What can go wrong with following.

use std::io;
use std::path::PathBuf;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that is an error: what handlers and stores of positions fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Why following ended, or did not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request to the server failed.
    #[error(transparent)]
    Session(#[from] ftrack_session::Error),

    /// The event hub.
    #[error(transparent)]
    Events(#[from] ftrack_event::Error),

    /// What is to be followed is not an expression.
    #[error("cannot follow {expression:?}: it is not an event expression")]
    InvalidExpression {
        /// The text.
        expression: String,
        /// The place and the reason.
        #[source]
        source: Box<ftrack_expression::ParseError>,
    },

    /// The position cannot be read.
    #[error("the position of the listener cannot be read")]
    Position {
        /// The reason of the store.
        #[source]
        source: BoxError,
    },

    /// The position was stored by a listener to another server, where the same numbers mean other events.
    #[error(
        "the position belongs to {stored}, and this session is connected to {server}: use another position for each server"
    )]
    OtherServer {
        /// The server of the position.
        stored: String,
        /// The server of the session.
        server: String,
    },

    /// Another listener uses a file.
    #[error(
        "{} is in use by another listener: stop that one, or give each its own file",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },

    /// Somebody replays the list of dead letters already.
    #[error(
        "the dead letters in {} are being replayed already: wait until that has ended",
        path.display()
    )]
    Replaying {
        /// The list.
        path: PathBuf,
    },

    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },

    /// A file has something else in it than what belongs there.
    #[error("{} is not a {expected}: {problem}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What is wrong with it.
        problem: String,
    },

    /// There is no room for another dead letter, and no event is thrown away.
    #[error(
        "the list of dead letters {} is full ({limit} events): fix what makes the handler fail, then replay or drop them",
        path.display()
    )]
    DeadLettersFull {
        /// The file.
        path: PathBuf,
        /// How many there may be.
        limit: usize,
    },

    /// The endpoint that tells of the listener's health cannot be opened.
    #[error("cannot serve the listener's health at {address}")]
    Endpoint {
        /// The address.
        address: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },

    /// Threads could not be started.
    #[error("cannot start a thread for the listener")]
    Thread {
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: a file could not be dealt with.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
