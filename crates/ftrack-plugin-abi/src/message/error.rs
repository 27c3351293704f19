//! Errors that cross the boundary.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Outcome;

/// An error on its way to the other side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ErrorMessage {
    /// The code on the other side panicked.
    Panicked {
        message: String,
    },
    /// The message could not be understood, or no answer came.
    Malformed {
        problem: String,
    },
    /// The session is gone.
    Closed,
    /// What a handler or a reader fails with.
    Failed {
        message: String,
    },
    Transport(Box<TransportErrorMessage>),
    Hub(Box<HubErrorMessage>),
    Session(Box<SessionErrorMessage>),
}

impl ErrorMessage {
    /// The head of an answer that says so.
    pub fn into_head(self) -> Vec<u8> {
        json!({"error": self}).to_string().into_bytes()
    }
}

/// An error of a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionErrorMessage {
    pub kind: String,
    pub message: String,
    pub details: serde_json::Map<String, serde_json::Value>,
    pub retryable: bool,
    pub source: Option<String>,
}

/// An error of an event hub.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum HubErrorMessage {
    NotConnected,
    AlreadyConnected,
    Connect {
        origin: String,
        source: String,
    },
    Refused {
        origin: String,
        reason: String,
    },
    QueueFull {
        limit: usize,
    },
    NotUnique {
        id: String,
    },
    NotFound {
        id: String,
    },
    NoReply {
        event_id: String,
        limit: Duration,
        acknowledged: bool,
    },
    NotDelivered {
        event_id: String,
        outcome: Outcome,
    },
    Other {
        problem: String,
    },
}

/// An error of a transport.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TransportErrorMessage {
    pub kind: String,
    pub text: String,
    pub origin: String,
    pub attempts: u32,
    pub elapsed: Duration,
    pub limit: Duration,
    pub sent: bool,
    pub status: u16,
    pub excerpt: String,
    pub bytes: u64,
    /// The origin of a proxy. Left out where there is none, as is what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Whether the proxy wants another user and password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credentials_rejected: bool,
    /// How long the server asked to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
    pub source: Option<String>,
}

/// An error of an accessor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessorErrorMessage {
    pub kind: String,
    pub resource_identifier: String,
    pub operation: String,
    /// What is wrong, or what caused it.
    pub text: String,
    pub expected: u64,
    pub written: u64,
}
