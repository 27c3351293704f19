//! Errors of transports.

use std::io;
use std::time::Duration;

use ftrack_transport::Effort;
use serde::{Deserialize, Serialize};

use super::{Fault, source_text};

/// An error of a transport.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TransportFault {
    kind: String,
    pub(super) text: String,
    origin: String,
    attempts: u32,
    elapsed: Duration,
    limit: Duration,
    sent: bool,
    status: u16,
    excerpt: String,
    bytes: u64,
    source: Option<String>,
}

impl From<ftrack_transport::Error> for Fault {
    fn from(error: ftrack_transport::Error) -> Self {
        use ftrack_transport::Error as Transport;
        let effort = error.effort().unwrap_or_default();
        let mut fault = TransportFault {
            kind: String::new(),
            text: error.to_string(),
            origin: String::new(),
            attempts: effort.attempts,
            elapsed: effort.elapsed,
            limit: Duration::ZERO,
            sent: false,
            status: 0,
            excerpt: String::new(),
            bytes: 0,
            source: source_text(&error),
        };
        let kind = match error {
            Transport::Connect { origin, .. } => {
                fault.origin = origin;
                "connect"
            }
            Transport::Tls { origin, .. } => {
                fault.origin = origin;
                "tls"
            }
            Transport::Timeout {
                origin,
                limit,
                sent,
                ..
            } => {
                (fault.origin, fault.limit, fault.sent) = (origin, limit, sent);
                "timeout"
            }
            Transport::ConnectionLost { origin, .. } => {
                fault.origin = origin;
                "lost"
            }
            Transport::Status {
                origin,
                status,
                excerpt,
                ..
            } => {
                (fault.origin, fault.status, fault.excerpt) = (origin, status, excerpt);
                "status"
            }
            Transport::TooLarge { origin, limit } => {
                (fault.origin, fault.bytes) = (origin, limit);
                "too-large"
            }
            Transport::Body { .. } => "body",
            Transport::Closed => "closed",
            Transport::Forked => "forked",
            Transport::Cancelled => "cancelled",
            Transport::Interrupted => "interrupted",
            _ => "other",
        };
        kind.clone_into(&mut fault.kind);
        Self::Transport(Box::new(fault))
    }
}

impl From<TransportFault> for ftrack_transport::Error {
    fn from(fault: TransportFault) -> Self {
        let effort = Effort {
            attempts: fault.attempts,
            elapsed: fault.elapsed,
        };
        let origin = fault.origin;
        let source = fault.source.unwrap_or_default();
        match fault.kind.as_str() {
            "connect" => Self::Connect {
                origin,
                effort,
                source: source.into(),
            },
            "tls" => Self::Tls {
                origin,
                effort,
                source: source.into(),
            },
            "timeout" => Self::Timeout {
                origin,
                limit: fault.limit,
                sent: fault.sent,
                effort,
            },
            "lost" => Self::ConnectionLost {
                origin,
                effort,
                source: source.into(),
            },
            "status" => Self::Status {
                origin,
                status: fault.status,
                excerpt: fault.excerpt,
                effort,
            },
            "too-large" => Self::TooLarge {
                origin,
                limit: fault.bytes,
            },
            "body" => Self::Body {
                source: io::Error::other(source),
            },
            "closed" => Self::Closed,
            "forked" => Self::Forked,
            "cancelled" => Self::Cancelled,
            "interrupted" => Self::Interrupted,
            _ => Self::InvalidRequest {
                problem: fault.text,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_transports_keep_what_programs_ask_of_them() {
        let effort = Effort {
            attempts: 3,
            elapsed: Duration::from_secs(2),
        };
        let origin = || "https://studio.example".to_owned();
        let errors = [
            ftrack_transport::Error::Connect {
                origin: origin(),
                effort,
                source: "refused".into(),
            },
            ftrack_transport::Error::Timeout {
                origin: origin(),
                limit: Duration::from_secs(60),
                sent: true,
                effort,
            },
            ftrack_transport::Error::Status {
                origin: origin(),
                status: 503,
                excerpt: "busy".to_owned(),
                effort,
            },
            ftrack_transport::Error::Closed,
            ftrack_transport::Error::Interrupted,
        ];
        for error in errors {
            let before = (
                error.to_string(),
                error.is_retryable(),
                error.is_outcome_unknown(),
            );
            let text = serde_json::to_string(&Fault::from(error)).unwrap();
            let fault: Fault = serde_json::from_str(&text).unwrap();
            let after = ftrack_transport::Error::from(fault);
            let after = (
                after.to_string(),
                after.is_retryable(),
                after.is_outcome_unknown(),
            );
            assert_eq!(before, after);
        }
    }
}
