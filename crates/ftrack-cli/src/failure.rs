//! Why a command failed, with what it ends, and what may help.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use ftrack::ErrorKind;
use ftrack::event::Error as HubError;
use ftrack::follow::Error as FollowError;

/// What a command was asked to do failed.
const FAILED: u8 = 1;

/// It was called in a way that makes no sense.
const USAGE: u8 = 2;

/// Something that was named is not there.
pub(crate) const NOT_FOUND: u8 = 3;

/// The server does not let this user in, or does not allow what was asked for.
const REFUSED: u8 = 4;

/// Somebody wanted it to end, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

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
    /// A file or folder of ours cannot be used.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was tried, such as "read the profile".
        what: &'static str,
        /// The file.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The signals that stop the server, or pause an upload, cannot be listened to.
    #[error("cannot listen to signals")]
    Signals(#[from] ctrlc::Error),
    /// The event hub.
    #[error(transparent)]
    Events(#[from] HubError),
    /// A listener that misses nothing, or its list of dead letters.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The server did not take the event.
    #[error("the event was not delivered: {0}")]
    NotDelivered(String),
    /// Files could not be copied.
    #[error(transparent)]
    Transfer(#[from] ftrack::location::transfer::TransferError),
    /// The files that are to be published are not there, or not clear.
    #[error(transparent)]
    Files(#[from] ftrack::location::sequence::FindError),
    /// Somebody wants the command to end, and it has taken back what it did.
    #[error("interrupted: {0}")]
    Interrupted(&'static str),
    /// Something that was named is not what it has to be.
    #[error("{0}")]
    Unusable(String),
    /// Something that was named is not there.
    #[error("{0}")]
    NotFound(String),
    /// What was said on the command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The demo found something that is not as it should be.
    #[error("the demo went wrong: {0}")]
    Demo(String),
    /// Any failure, and what may help.
    #[error(transparent)]
    Hinted(Hinted),
}

/// A failure, and what may help.
#[derive(Debug)]
pub(crate) struct Hinted {
    failure: Box<Failure>,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(formatter)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure.source()
    }
}

impl Failure {
    /// The same failure, with what may help.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self::Hinted(Hinted {
            failure: Box::new(self),
            hint: hint.into(),
        })
    }

    /// What may help, in a sentence.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Hinted(hinted) => Some(&hinted.hint),
            Self::Session(error) => help(error),
            _ => None,
        }
    }

    /// What the command ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// Whether it is that something that was named is not there.
    pub(crate) fn is_not_found(&self) -> bool {
        self.code() == NOT_FOUND
    }

    fn code(&self) -> u8 {
        match self {
            Self::Interrupted(_) => INTERRUPTED,
            Self::NotFound(_) => NOT_FOUND,
            Self::Usage(_) | Self::Follow(FollowError::InvalidExpression { .. }) => USAGE,
            Self::Session(error) | Self::Follow(FollowError::Session(error)) => code(error),
            Self::Events(error) | Self::Follow(FollowError::Events(error)) => code_of_hub(error),
            Self::Hinted(hinted) => hinted.failure.code(),
            _ => FAILED,
        }
    }
}

fn code(error: &ftrack::Error) -> u8 {
    let is_one_of = |kinds: &[ErrorKind]| kinds.iter().any(|kind| error.is(*kind));
    if is_one_of(&[
        ErrorKind::NotFound,
        ErrorKind::NoResultFound,
        ErrorKind::UnrecognisedEntityType,
        ErrorKind::UnknownAttribute,
    ]) {
        NOT_FOUND
    } else if is_one_of(&[
        ErrorKind::Authentication,
        ErrorKind::PermissionDenied,
        ErrorKind::Validation,
        ErrorKind::Integrity,
        ErrorKind::NotUnique,
    ]) {
        REFUSED
    } else {
        FAILED
    }
}

fn code_of_hub(error: &HubError) -> u8 {
    match error {
        HubError::InvalidSubscription { .. } | HubError::InvalidTarget { .. } => USAGE,
        HubError::Refused { .. } => REFUSED,
        _ => FAILED,
    }
}

fn help(error: &ftrack::Error) -> Option<&'static str> {
    let missing = error
        .details()
        .get("variable")
        .and_then(|name| name.as_str());
    match (error.kind(), missing) {
        (ErrorKind::InvalidArgument, Some("FTRACK_SERVER")) => Some(
            "`ftrack login` keeps server, user and key in a profile; `ftrack serve --demo --profile local` starts a \
             server to try things on",
        ),
        (ErrorKind::InvalidArgument, Some("FTRACK_API_KEY")) => {
            Some("`ftrack login` keeps a key in a profile, else it comes from FTRACK_API_KEY")
        }
        (ErrorKind::Authentication, _) => {
            Some("check server, user and key; `ftrack login` asks for them anew")
        }
        (ErrorKind::UnrecognisedEntityType, _) => Some("`ftrack schema` lists the entity types"),
        (ErrorKind::UnknownAttribute, _) => {
            Some("`ftrack schema --type TYPE` lists the attributes of a type")
        }
        _ => None,
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

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        io::Error::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_and_what_is_refused_have_codes_of_their_own() {
        let session = |kind| Failure::from(ftrack::Error::new(kind, "x"));
        let refused = || HubError::Refused {
            origin: "x".to_owned(),
            reason: "y".to_owned(),
        };
        for (failure, expected) in [
            (session(ErrorKind::Server), 1),
            (session(ErrorKind::Connection), 1),
            (session(ErrorKind::NoResultFound), 3),
            (session(ErrorKind::UnknownAttribute), 3),
            (session(ErrorKind::DuplicateEntry), 4),
            (session(ErrorKind::Authentication), 4),
            (session(ErrorKind::PermissionDenied), 4),
            (Failure::Usage("x".to_owned()), 2),
            (refused().into(), 4),
            (FollowError::from(refused()).into(), 4),
            (HubError::NotConnected.into(), 1),
            (
                FollowError::from(ftrack::Error::new(ErrorKind::PermissionDenied, "x")).into(),
                4,
            ),
            (Failure::NotFound("x".to_owned()).hint("y"), 3),
            (Failure::Interrupted("x"), 130),
        ] {
            assert_eq!(failure.code(), expected, "{failure:?}");
        }
    }

    #[test]
    fn a_hint_changes_nothing_of_the_failure() {
        let source = io::Error::other("the disk is full");
        let failure = Failure::Output(source).hint("make room");
        assert_eq!(failure.to_string(), "cannot write the output");
        assert_eq!(failure.source().unwrap().to_string(), "the disk is full");
        assert_eq!(failure.help(), Some("make room"));
    }
}
