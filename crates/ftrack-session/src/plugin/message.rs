//! What the two sides of the boundary say to each other.

mod change;
mod convert;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use self::change::{ChangeMessage, change_messages, changes};
use super::abi::{Parcel, Peer};
use super::fault::Fault;
use super::hook::HookCall;
use super::location::{LocationMessage, PartRequest};

/// What a library asks of the program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToHost {
    Call(CallRequest),
    Exchange(ExchangeRequest),
    /// Forgets a request that was not answered yet.
    Cancel {
        ticket: u64,
    },
    /// Reads on in the answer to an exchange.
    Read {
        stream: u64,
        limit: usize,
    },
    /// Needs no more of it.
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

/// Posts a batch to `/api`. It is answered later, by [`ToLibrary::Called`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CallRequest {
    pub(crate) ticket: u64,
    pub(crate) idempotent: bool,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) actions: Option<usize>,
}

/// Makes any other request. It is answered later, by [`ToLibrary::Exchanged`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExchangeRequest {
    pub(crate) ticket: u64,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) with_credentials: bool,
    pub(crate) idempotent: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) content: Content,
}

/// What a library does with the program's event hub.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum EventRequest {
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

/// What the program asks of a library.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ToLibrary {
    /// Who are you? It is answered by [`Description`].
    Describe,
    /// Registers the plugin with a session; the body holds the schemas, or nothing if they are to be asked for.
    Register(Box<Registration>),
    /// The answer to a call: its status, and its body.
    Called {
        ticket: u64,
        result: Result<u16, Fault>,
    },
    /// The answer to an exchange.
    Exchanged {
        ticket: u64,
        result: Result<Head, Fault>,
    },
    /// Reads on in what an exchange sends.
    Read {
        stream: u64,
        limit: usize,
    },
    /// Needs no more of it.
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

/// An event for one subscriber.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventMessage {
    pub(crate) subscriber: String,
    pub(crate) event: Value,
    /// Whether the session is attached.
    pub(crate) session: bool,
    /// The changes so far of the entity type that is attached, if one is.
    pub(crate) entity_type: Option<Vec<ChangeMessage>>,
}

/// What a session in a library needs to know.
#[derive(Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) server_url: String,
    pub(crate) api_user: String,
    pub(crate) api_key: Option<String>,
    pub(crate) information: Value,
    pub(crate) page_size: u64,
    pub(crate) loading: Loading,
    /// Whether entities are kept only as long as somebody holds them.
    pub(crate) keeps_held_only: bool,
    pub(crate) hub_id: String,
    pub(crate) arguments: Map<String, Value>,
    /// The most detailed level that is logged.
    pub(crate) level: String,
}

/// What reading an attribute that is not loaded does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Loading {
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

/// The answer to [`ToLibrary::Describe`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) argument_names: Vec<String>,
}

/// The answer to [`ToLibrary::Event`].
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Handled {
    /// What the handler gave back; nothing if there is no such subscriber any more.
    pub(crate) result: Option<Result<Option<Value>, Fault>>,
    pub(crate) stopped: bool,
    /// The changes that it made to the entity type.
    pub(crate) changes: Vec<ChangeMessage>,
}

/// The answer to [`ToHost::Publish`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    pub(crate) event_id: String,
    pub(crate) publication: u64,
}

/// The head of the answer to an exchange.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) stream: u64,
}

/// What an exchange sends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Content {
    Nothing,
    /// The bytes that come with the message.
    Bytes,
    /// What is read from the library.
    Stream {
        stream: u64,
        length: Option<u64>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Acknowledged,
    Refused { message: String },
    Unconfirmed,
    NotSent,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum LinkCommand {
    Connect,
    ConnectInBackground,
    Disconnect,
    Reconnect { attempts: u32, delay: Duration },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum LinkState {
    Disconnected,
    Connecting,
    Connected,
    Reconnecting,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Ended {
    Elapsed,
    Stopped,
    Disconnected,
}

/// The other side, with messages instead of bytes.
pub(crate) struct Link(Peer);

impl Link {
    pub(crate) fn new(peer: Peer) -> Self {
        Self(peer)
    }

    /// Asks for something that is answered by JSON.
    pub(crate) fn ask<T: DeserializeOwned>(&self, message: &impl Serialize) -> Result<T, Fault> {
        self.send(message, b"").map(|(answer, _)| answer)
    }

    /// Asks with bytes, and is answered by JSON and bytes.
    pub(crate) fn send<T: DeserializeOwned>(
        &self,
        message: &impl Serialize,
        body: &[u8],
    ) -> Result<(T, Vec<u8>), Fault> {
        let head = serde_json::to_vec(message).map_err(Fault::malformed)?;
        let Parcel { head, body } = self.0.call(&head, body);
        match serde_json::from_slice(&head).map_err(Fault::malformed)? {
            Answer::Ok(answer) => Ok((answer, body)),
            Answer::Error(fault) => Err(fault),
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Link")
    }
}

#[derive(Serialize, Deserialize)]
enum Answer<T> {
    #[serde(rename = "ok")]
    Ok(T),
    #[serde(rename = "error")]
    Error(Fault),
}

/// What is answered: JSON, and bytes.
pub(crate) type Answered = Result<(Value, Vec<u8>), Fault>;

/// Nothing but that it was done.
#[expect(clippy::unnecessary_wraps, reason = "it is an answer among others")]
pub(crate) fn done() -> Answered {
    Ok((Value::Null, Vec::new()))
}

/// An answer without bytes.
pub(crate) fn json(answer: impl Serialize) -> Answered {
    let answer = serde_json::to_value(answer).map_err(Fault::malformed)?;
    Ok((answer, Vec::new()))
}

/// Reads a message, has it answered, and writes the answer.
pub(crate) fn answer<M: DeserializeOwned>(
    head: &[u8],
    respond: impl FnOnce(M) -> Answered,
) -> (Vec<u8>, Vec<u8>) {
    let message = serde_json::from_slice(head).map_err(Fault::malformed);
    match message.and_then(respond) {
        Ok((answer, body)) => {
            let head = serde_json::to_vec(&Answer::Ok(answer));
            (head.unwrap_or_default(), body)
        }
        Err(fault) => (fault.into_head(), Vec::new()),
    }
}
