//! Why a command failed.

use std::io;
use std::process::ExitCode;

use crate::interruption::INTERRUPTED;

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
    /// Files could not be copied.
    #[error(transparent)]
    Transfer(#[from] ftrack::location::transfer::TransferError),
    /// Somebody wants the command to end, and it has taken back what it did.
    #[error("interrupted: {0}")]
    Interrupted(&'static str),
    /// Something that was named is not there, or not what it has to be.
    #[error("{0}")]
    Unusable(String),
    /// Nobody offers the action that is to be launched.
    #[error("nobody offers the action {0:?} for this selection")]
    NoAction(String),
    /// The demo found something that is not as it should be.
    #[error("the demo went wrong: {0}")]
    Demo(String),
}

impl Failure {
    /// What the command ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted(_) => ExitCode::from(INTERRUPTED),
            _ => ExitCode::FAILURE,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Output(error),
        }
    }
}
