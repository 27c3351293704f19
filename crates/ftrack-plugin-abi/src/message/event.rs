//! The program's event hub.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ChangeMessage, ErrorMessage};

/// What a library does with the program's event hub.
#[derive(Debug, Serialize, Deserialize)]
pub enum EventRequest {
    Subscribe {
        subscription: String,
        information: Map<String, Value>,
        priority: i32,
    },
    Unsubscribe {
        id: String,
    },
    /// It is answered by [`Published`].
    Publish {
        event: Value,
        wants_replies: bool,
    },
    /// What became of what was published.
    Outcome {
        publication: u64,
        timeout: Duration,
    },
    ForgetPublication {
        publication: u64,
    },
    PublishSynchronously {
        event: Value,
    },
    PublishAndWait {
        event: Value,
        timeout: Duration,
    },
    Wait {
        duration: Duration,
    },
    Link(LinkCommand),
    LinkState,
}

/// An event for one subscriber.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventMessage {
    pub subscriber: String,
    pub event: Value,
    /// Whether the session is attached.
    pub session: bool,
    /// The changes so far of the entity type that is attached, if one is.
    pub entity_type: Option<Vec<ChangeMessage>>,
}

/// The answer to [`ToLibrary::Event`](super::ToLibrary::Event).
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Handled {
    /// What the handler gave back; nothing if there is no such subscriber any more.
    pub result: Option<Result<Option<Value>, ErrorMessage>>,
    pub stopped: bool,
    /// The changes that it made to the entity type.
    pub changes: Vec<ChangeMessage>,
    /// The data of the event, if the handler changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// The answer to [`EventRequest::Publish`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Published {
    pub event_id: String,
    pub publication: u64,
}

/// What the program's hub is to do with its connection.
#[derive(Debug, Serialize, Deserialize)]
pub enum LinkCommand {
    Connect,
    ConnectInBackground,
    Disconnect,
    Reconnect { attempts: u32, delay: Duration },
}

/// The state of the connection of the program's hub.
#[derive(Debug, Serialize, Deserialize)]
pub enum LinkState {
    Disconnected,
    Connecting,
    Connected,
    Reconnecting,
}

/// Why waiting for events ended.
#[derive(Debug, Serialize, Deserialize)]
pub enum Ended {
    Elapsed,
    Stopped,
    Disconnected,
}
