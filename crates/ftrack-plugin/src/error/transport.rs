//! Errors of transports.

use std::io;
use std::time::Duration;

use ftrack_plugin_abi::message::TransportErrorMessage;
use ftrack_transport::{Error, RetryStatistics};

use super::source_text;

/// The error as a message.
pub(super) fn write(error: Error) -> TransportErrorMessage {
    let statistics = error.retry_statistics().unwrap_or_default();
    let mut message = TransportErrorMessage {
        kind: String::new(),
        text: error.to_string(),
        origin: String::new(),
        attempts: statistics.attempts,
        elapsed: statistics.elapsed,
        limit: Duration::ZERO,
        sent: false,
        status: 0,
        excerpt: String::new(),
        bytes: 0,
        proxy: None,
        credentials_rejected: false,
        retry_after: None,
        source: source_text(&error),
    };
    let kind = match error {
        Error::Connect { origin, .. } => {
            message.origin = origin;
            "connect"
        }
        Error::Proxy {
            origin,
            proxy,
            credentials_rejected,
            ..
        } => {
            (message.origin, message.proxy) = (origin, Some(proxy));
            message.credentials_rejected = credentials_rejected;
            "proxy"
        }
        Error::Tls { origin, .. } => {
            message.origin = origin;
            "tls"
        }
        Error::Timeout {
            origin,
            limit,
            sent,
            ..
        } => {
            (message.origin, message.limit, message.sent) = (origin, limit, sent);
            "timeout"
        }
        Error::DeadlineExceeded {
            origin,
            limit,
            sent,
            ..
        } => {
            (message.origin, message.limit, message.sent) = (origin, limit, sent);
            "deadline"
        }
        Error::ConnectionLost { origin, .. } => {
            message.origin = origin;
            "lost"
        }
        Error::Status {
            origin,
            proxy,
            status,
            retry_after,
            excerpt,
            ..
        } => {
            (message.origin, message.status, message.excerpt) = (origin, status, excerpt);
            (message.proxy, message.retry_after) = (proxy, retry_after);
            "status"
        }
        Error::TooLarge { origin, limit } => {
            (message.origin, message.bytes) = (origin, limit);
            "too-large"
        }
        Error::Body { .. } => "body",
        Error::Closed => "closed",
        Error::Forked => "forked",
        Error::Cancelled => "cancelled",
        Error::Interrupted => "interrupted",
        _ => "other",
    };
    kind.clone_into(&mut message.kind);
    message
}

/// The error that the message tells of.
pub(super) fn read(message: TransportErrorMessage) -> Error {
    let statistics = RetryStatistics::new(message.attempts, message.elapsed);
    let origin = message.origin;
    let source = message.source.unwrap_or_default();
    match message.kind.as_str() {
        "connect" => Error::Connect {
            origin,
            statistics,
            source: source.into(),
        },
        "proxy" => Error::Proxy {
            origin,
            proxy: message.proxy.unwrap_or_default(),
            credentials_rejected: message.credentials_rejected,
            statistics,
            source: source.into(),
        },
        "tls" => Error::Tls {
            origin,
            statistics,
            source: source.into(),
        },
        "timeout" => Error::Timeout {
            origin,
            limit: message.limit,
            sent: message.sent,
            statistics,
        },
        "deadline" => Error::DeadlineExceeded {
            origin,
            limit: message.limit,
            sent: message.sent,
            statistics,
        },
        "lost" => Error::ConnectionLost {
            origin,
            statistics,
            source: source.into(),
        },
        "status" => Error::Status {
            origin,
            proxy: message.proxy,
            status: message.status,
            retry_after: message.retry_after,
            excerpt: message.excerpt,
            statistics,
        },
        "too-large" => Error::TooLarge {
            origin,
            limit: message.bytes,
        },
        "body" => Error::Body {
            source: io::Error::other(source),
        },
        "closed" => Error::Closed,
        "forked" => Error::Forked,
        "cancelled" => Error::Cancelled,
        "interrupted" => Error::Interrupted,
        _ => Error::InvalidRequest {
            problem: message.text,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RemoteError;

    #[test]
    fn errors_of_transports_keep_what_programs_ask_of_them() {
        let statistics = RetryStatistics::new(3, Duration::from_secs(2));
        let origin = || "https://studio.example".to_owned();
        let errors = [
            ftrack_transport::Error::Connect {
                origin: origin(),
                statistics,
                source: "refused".into(),
            },
            ftrack_transport::Error::Timeout {
                origin: origin(),
                limit: Duration::from_secs(60),
                sent: true,
                statistics,
            },
            ftrack_transport::Error::Status {
                origin: origin(),
                proxy: Some("http://proxy:3128".to_owned()),
                status: 503,
                retry_after: Some(Duration::from_secs(9)),
                excerpt: "busy".to_owned(),
                statistics,
            },
            ftrack_transport::Error::Proxy {
                origin: origin(),
                proxy: "http://proxy:3128".to_owned(),
                credentials_rejected: true,
                statistics,
                source: "no such user".into(),
            },
            ftrack_transport::Error::DeadlineExceeded {
                origin: origin(),
                limit: Duration::from_secs(600),
                sent: true,
                statistics,
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
            let text = serde_json::to_string(&RemoteError::from(error)).unwrap();
            let remote: RemoteError = serde_json::from_str(&text).unwrap();
            let after = Error::from(remote);
            let after = (
                after.to_string(),
                after.is_retryable(),
                after.is_outcome_unknown(),
            );
            assert_eq!(before, after);
        }
    }
}
