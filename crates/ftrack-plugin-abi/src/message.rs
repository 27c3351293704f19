//! What the two sides of the boundary say to each other: the head of each call and answer, as JSON.
//!
//! The shape of these types *is* the interface. Whoever changes it raises [`VERSION`](crate::VERSION) and records the
//! new shape: see `tests/messages.rs` of this crate.
#![allow(
    missing_docs,
    reason = "fields are named after what they carry, and are read by `ftrack-plugin` only"
)]

mod change;
mod error;
mod event;
mod location;
mod outcome;
mod request;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::change::{ChangeMessage, HookCall, ValueMessage};
pub use self::error::{
    AccessorErrorMessage, ErrorMessage, HubErrorMessage, SessionErrorMessage, TransportErrorMessage,
};
pub use self::event::{
    Ended, EventMessage, EventRequest, Handled, LinkCommand, LinkState, Published,
};
pub use self::location::{
    AccessorOperation, EntityMessage, Identified, KnownValue, LocationMessage, Opened, PartRequest,
    UploadOperation,
};
pub use self::outcome::Outcome;
pub use self::request::{CallRequest, Content, HttpRequest, Method, ResponseHead};

/// What a library asks of the program.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToHost {
    Call(CallRequest),
    #[serde(rename = "Exchange")]
    Request(HttpRequest),
    /// Forgets a request that was not answered yet.
    Cancel {
        ticket: u64,
    },
    /// Reads on in the response to a request.
    Read {
        stream: u64,
        limit: usize,
    },
    /// No longer needs it.
    Forget {
        stream: u64,
    },
    Event(EventRequest),
    /// Runs a hook of the program.
    Hook(HookCall),
    /// A location was configured in the library.
    ConfigureLocation(LocationMessage),
    Log {
        level: String,
        origin: String,
        message: String,
        fields: Map<String, Value>,
    },
}

/// What the program asks of a library.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToLibrary {
    /// Who are you? It is answered by [`Description`].
    Describe,
    /// Registers the plugin with a session; the body holds the schemas, or nothing if they are to be asked for.
    Register(Box<Registration>),
    /// The answer to a call: its status, and its body.
    Called {
        ticket: u64,
        result: Result<u16, ErrorMessage>,
    },
    /// The response to a request.
    #[serde(rename = "Exchanged")]
    Responded {
        ticket: u64,
        result: Result<ResponseHead, ErrorMessage>,
    },
    /// Reads on in what a request sends.
    Read {
        stream: u64,
        limit: usize,
    },
    /// No longer needs it.
    Forget {
        stream: u64,
    },
    /// It is answered by [`Handled`].
    Event(EventMessage),
    Reply {
        event: Value,
    },
    /// The types that were changed, and how.
    TypesConstructed {
        types: Vec<(String, Vec<ChangeMessage>)>,
    },
    /// Runs a hook of the library.
    Hook(HookCall),
    /// Has a part of one of the library's locations do something.
    Location(PartRequest),
    Reset,
    Close,
}

/// What every call is answered by.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer<T> {
    #[serde(rename = "ok")]
    Ok(T),
    #[serde(rename = "error")]
    Error(ErrorMessage),
}

/// The answer to [`ToLibrary::Describe`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    pub name: String,
    pub version: String,
    pub argument_names: Vec<String>,
}

/// What a session in a library needs to know.
#[derive(Serialize, Deserialize)]
pub struct Registration {
    pub server_url: String,
    pub api_user: String,
    pub api_key: Option<String>,
    pub information: Value,
    pub page_size: u64,
    pub loading: Loading,
    /// Whether entities are kept only as long as somebody holds them.
    pub keeps_held_only: bool,
    pub hub_id: String,
    pub arguments: Map<String, Value>,
    /// The most detailed level that is logged.
    pub level: String,
}

/// What reading an attribute that is not loaded does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Loading {
    Siblings,
    Single,
    Off,
    Deny,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Registration")
            .field("server_url", &self.server_url)
            .field("api_user", &self.api_user)
            .finish_non_exhaustive()
    }
}
