//! Why a command failed.

use std::io;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something between us and the server.
    #[error(transparent)]
    Session(#[from] ftrack::Error),
    /// The local server.
    #[error(transparent)]
    Server(#[from] ftrack_server::Error),
    /// Whoever read our output has gone: nothing is left to do, and nothing went wrong.
    #[error("nobody reads the output any more")]
    ReaderGone,
    /// The output cannot be written.
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    /// Standard input cannot be read.
    #[error("cannot read standard input")]
    Input(#[source] io::Error),
    /// The signals that stop the server cannot be listened to.
    #[error("cannot listen to signals")]
    Signals(#[source] ctrlc::Error),
    /// The event hub.
    #[error(transparent)]
    Events(#[from] ftrack::event::Error),
    /// The server did not take the event.
    #[error("the event was not delivered: {0}")]
    NotDelivered(String),
    /// The demo found something that is not as it should be.
    #[error("the demo went wrong: {0}")]
    Demo(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Output(error),
        }
    }
}
