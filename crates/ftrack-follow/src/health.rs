//! How a listener is doing, for whoever watches it.

mod endpoint;

use std::fmt;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use self::endpoint::Endpoint;
use crate::error::Result;
use crate::files::{Durability, replace};

/// What a listener is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ListenerState {
    /// It has just begun, or has no connection yet.
    #[default]
    Connecting,
    /// It asks for what it has missed.
    CatchingUp,
    /// It handles events as they come.
    Live,
    /// The connection is lost and being made again.
    Reconnecting,
    /// It was asked to stop and finishes what is in hand.
    Stopping,
    /// It has stopped as it was asked to.
    Stopped,
    /// It has ended by an error.
    Failed,
}

impl ListenerState {
    /// Whether the listener does its work.
    pub fn is_healthy(self) -> bool {
        matches!(self, Self::CatchingUp | Self::Live | Self::Stopping)
    }
}

impl fmt::Display for ListenerState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connecting => "connecting",
            Self::CatchingUp => "catching-up",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// How a listener is doing, at one moment. The health file and the endpoint have it as JSON, with names in camel case.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Health {
    /// What it is doing.
    pub state: ListenerState,
    /// The number of the process.
    pub pid: u32,
    /// When this was written, by the clock of this machine. It is written once a second, so an old one means that the
    /// process hangs or is gone.
    pub updated: DateTime<Utc>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// The server.
    pub server: String,
    /// What is followed.
    pub expression: String,
    /// When an event was handled last.
    pub last_handled: Option<DateTime<Utc>>,
    /// The time of the latest change that it knows of, by the clock of the server.
    pub last_event: Option<String>,
    /// The row of the server's log up to which everything is acknowledged.
    pub position: i64,
    /// How many seconds the oldest event has waited that is not handled yet; it may be with a handler.
    pub lag_seconds: u64,
    /// How many events wait or are being handled.
    pub waiting: usize,
    /// How many were handled.
    pub handled: u64,
    /// How many of those were caught up.
    pub caught_up: u64,
    /// How often a handler failed.
    pub failures: u64,
    /// How many could not be handled and were given up since the listener began.
    pub given_up: u64,
    /// How many dead letters there are, whoever wrote them.
    pub dead_letters: usize,
    /// How often the connection was made again.
    pub reconnects: u64,
    /// Whether the server's log can be read. Without it only queries tell what was missed.
    pub log_is_readable: bool,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Health {
    /// Reads a health file.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if it cannot be read, [`Error::Content`](crate::Error::Content) if something
    /// else is in it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(crate::Error::file("read", path))?;
        serde_json::from_slice(&text).map_err(|error| crate::Error::Content {
            path: path.to_owned(),
            expected: "health file",
            problem: error.to_string(),
        })
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let mut text = self.to_json();
        text.push('\n');
        replace(path, text.as_bytes(), Durability::Lazy)
    }
}
