//! Errors that cross the boundary, and what they are on either side.

mod hub;
mod transport;

use ftrack_plugin_abi::message::{ErrorMessage, SessionErrorMessage};
use ftrack_session::{Error, ErrorKind};
use serde::{Deserialize, Serialize};

/// An error that came from the other side, or is on its way there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RemoteError(pub(crate) ErrorMessage);

impl RemoteError {
    /// The session is gone.
    pub(crate) fn closed() -> Self {
        Self(ErrorMessage::Closed)
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
    pub(crate) fn malformed(problem: impl ToString) -> Self {
        Self(ErrorMessage::Malformed {
            problem: problem.to_string(),
        })
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
    pub(crate) fn failed(error: impl ToString) -> Self {
        Self(ErrorMessage::Failed {
            message: error.to_string(),
        })
    }

    /// What it says, in one line.
    pub(crate) fn text(&self) -> String {
        match &self.0 {
            ErrorMessage::Panicked { message } => format!("panicked: {message}"),
            ErrorMessage::Malformed { problem } => {
                format!("the plugin interface was not kept to: {problem}")
            }
            ErrorMessage::Closed => "the session is closed".to_owned(),
            ErrorMessage::Failed { message } => message.clone(),
            ErrorMessage::Transport(error) => error.text.clone(),
            ErrorMessage::Session(error) => error.message.clone(),
            ErrorMessage::Hub(error) => hub::read((**error).clone()).to_string(),
        }
    }
}

impl From<ErrorMessage> for RemoteError {
    fn from(error: ErrorMessage) -> Self {
        Self(error)
    }
}

impl From<Error> for RemoteError {
    fn from(error: Error) -> Self {
        let details = error.details().iter();
        Self(ErrorMessage::Session(Box::new(SessionErrorMessage {
            kind: format!("{:?}", error.kind()),
            message: error.message().to_owned(),
            details: details
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            retryable: error.is_retryable(),
            source: source_text(&error),
        })))
    }
}

impl From<RemoteError> for Error {
    fn from(error: RemoteError) -> Self {
        let text = error.text();
        match error.0 {
            ErrorMessage::Session(error) => session_error(*error),
            ErrorMessage::Transport(error) => transport::read(*error).into(),
            ErrorMessage::Hub(error) => hub::read(*error).into(),
            ErrorMessage::Closed => Self::new(ErrorKind::ConnectionClosed, text),
            _ => Self::new(ErrorKind::Plugin, text),
        }
    }
}

fn session_error(message: SessionErrorMessage) -> Error {
    let kind = ErrorKind::ALL
        .iter()
        .find(|kind| format!("{kind:?}") == message.kind);
    let kind = kind.copied().unwrap_or(ErrorKind::Plugin);
    let mut error = Error::new(kind, message.message).with_retryable(message.retryable);
    if !message.details.is_empty() {
        error = error.with_detail("details", message.details);
    }
    match message.source {
        Some(source) => error.with_source(source),
        None => error,
    }
}

impl From<ftrack_transport::Error> for RemoteError {
    fn from(error: ftrack_transport::Error) -> Self {
        Self(ErrorMessage::Transport(Box::new(transport::write(error))))
    }
}

impl From<RemoteError> for ftrack_transport::Error {
    fn from(error: RemoteError) -> Self {
        match error.0 {
            ErrorMessage::Transport(error) => transport::read(*error),
            ErrorMessage::Closed => Self::Closed,
            _ => Self::InvalidRequest {
                problem: error.text(),
            },
        }
    }
}

impl From<ftrack_event::Error> for RemoteError {
    fn from(error: ftrack_event::Error) -> Self {
        Self(ErrorMessage::Hub(Box::new(hub::write(error))))
    }
}

impl From<RemoteError> for ftrack_event::Error {
    fn from(error: RemoteError) -> Self {
        match error.0 {
            ErrorMessage::Hub(error) => hub::read(*error),
            ErrorMessage::Closed => Self::NotConnected,
            _ => Self::InvalidEvent {
                problem: error.text(),
            },
        }
    }
}

impl From<RemoteError> for Box<dyn std::error::Error + Send + Sync> {
    fn from(error: RemoteError) -> Self {
        Error::from(error).into()
    }
}

fn source_text(error: &dyn std::error::Error) -> Option<String> {
    error.source().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_sessions_keep_their_kind() {
        let error = Error::new(ErrorKind::NotUnique, "there is one")
            .with_detail("id", 5)
            .with_source("the database");
        let remote = RemoteError::from(error);
        let error = Error::from(remote);
        assert_eq!(error.kind(), ErrorKind::NotUnique);
        assert_eq!(error.to_string(), "there is one");
        assert_eq!(error.details()["details"]["id"], 5);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "the database");
    }
}
