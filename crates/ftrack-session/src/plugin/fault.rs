//! Errors that cross the boundary.

mod hub;
mod transport;

use serde::{Deserialize, Serialize};
use serde_json::json;

use self::hub::HubFault;
use self::transport::TransportFault;
use crate::{Error, ErrorKind};

/// An error on its way to the other side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Fault {
    /// The code on the other side panicked.
    Panicked {
        message: String,
    },
    /// The message could not be understood, or no answer came.
    Malformed {
        problem: String,
    },
    /// There is no session any more.
    Closed,
    /// What a handler or a reader fails with.
    Failed {
        message: String,
    },
    Transport(Box<TransportFault>),
    Hub(Box<HubFault>),
    Session(Box<SessionFault>),
}

/// An error of a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionFault {
    kind: String,
    message: String,
    details: serde_json::Map<String, serde_json::Value>,
    retryable: bool,
    source: Option<String>,
}

impl Fault {
    pub(crate) fn panicked(message: String) -> Self {
        Self::Panicked { message }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
    pub(crate) fn malformed(problem: impl ToString) -> Self {
        Self::Malformed {
            problem: problem.to_string(),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
    pub(crate) fn failed(error: impl ToString) -> Self {
        Self::Failed {
            message: error.to_string(),
        }
    }

    /// The head of an answer that says so.
    pub(crate) fn into_head(self) -> Vec<u8> {
        json!({"error": self}).to_string().into_bytes()
    }

    /// What it says, in one line.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Panicked { message } => format!("panicked: {message}"),
            Self::Malformed { problem } => {
                format!("the plugin interface was not kept to: {problem}")
            }
            Self::Closed => "the session is closed".to_owned(),
            Self::Failed { message } => message.clone(),
            Self::Transport(fault) => fault.text.clone(),
            Self::Session(fault) => fault.message.clone(),
            Self::Hub(fault) => ftrack_event::Error::from((**fault).clone()).to_string(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let details = error.details().iter();
        Self::Session(Box::new(SessionFault {
            kind: format!("{:?}", error.kind()),
            message: error.message().to_owned(),
            details: details
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            retryable: error.is_retryable(),
            source: source_text(&error),
        }))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let text = fault.text();
        match fault {
            Fault::Session(fault) => (*fault).into(),
            Fault::Transport(fault) => ftrack_transport::Error::from(*fault).into(),
            Fault::Hub(fault) => ftrack_event::Error::from(*fault).into(),
            Fault::Closed => Self::new(ErrorKind::ConnectionClosed, text),
            _ => Self::new(ErrorKind::Plugin, text),
        }
    }
}

impl From<SessionFault> for Error {
    fn from(fault: SessionFault) -> Self {
        let kind = ErrorKind::ALL
            .iter()
            .find(|kind| format!("{kind:?}") == fault.kind);
        let kind = kind.copied().unwrap_or(ErrorKind::Plugin);
        let mut error = Self::new(kind, fault.message).retryable(fault.retryable);
        if !fault.details.is_empty() {
            error = error.with_detail("details", fault.details);
        }
        match fault.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl From<Fault> for ftrack_transport::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Transport(fault) => (*fault).into(),
            Fault::Closed => Self::Closed,
            other => Self::InvalidRequest {
                problem: other.text(),
            },
        }
    }
}

impl From<Fault> for ftrack_event::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Hub(fault) => (*fault).into(),
            Fault::Closed => Self::NotConnected,
            other => Self::InvalidEvent {
                problem: other.text(),
            },
        }
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
        let fault = Fault::from(error);
        let error = Error::from(fault);
        assert_eq!(error.kind(), ErrorKind::NotUnique);
        assert_eq!(error.to_string(), "there is one");
        assert_eq!(error.details()["details"]["id"], 5);
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "the database");
    }
}
