//! Holds the shape of the messages to the version of the interface.
//!
//! Programs and libraries of one version must understand each other, whenever they were built. So the JSON of every
//! message is recorded in `tests/messages-VERSION.txt`. A test that fails here means that the shape was changed: raise
//! `VERSION` in `src/entry.rs`, and record the new one by running this with `RECORD_MESSAGES=1`. What is recorded for a
//! version is never replaced.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on is to fail where it is"
)]

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use ftrack_plugin_abi::VERSION;
use ftrack_plugin_abi::message::{
    AccessorErrorMessage, AccessorOperation, Answer, CallRequest, ChangeMessage, Content,
    Description, Ended, EntityMessage, ErrorMessage, EventMessage, EventRequest, Handled, HookCall,
    HttpRequest, HubErrorMessage, Identified, KnownValue, LinkCommand, LinkState, Loading,
    LocationMessage, Method, Opened, Outcome, PartRequest, Published, Registration, ResponseHead,
    SessionErrorMessage, ToHost, ToLibrary, TransportErrorMessage, UploadOperation, ValueMessage,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The samples, a line each: the type, and its JSON.
#[derive(Default)]
struct Samples {
    text: String,
}

impl Samples {
    /// Adds a sample, and sees to it that it reads back as it was written.
    fn add<T: Serialize + DeserializeOwned>(&mut self, name: &str, sample: &T) {
        let text = serde_json::to_string(sample).unwrap();
        let read: T = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text, "{name}");
        writeln!(self.text, "{name} {text}").unwrap();
    }
}

/// Adds samples of all variants of an enum. A variant that has none does not compile: the match would lack it.
macro_rules! add_all {
    ($samples:ident, $type:ident, $($variant:ident $pattern:tt => $sample:expr,)+) => {{
        fn name(sample: &$type) -> &'static str {
            match sample {
                $(add_all!(@pattern $type $variant $pattern) => stringify!($variant),)+
            }
        }
        $({
            let sample: $type = $sample;
            assert_eq!(name(&sample), stringify!($variant), "a sample of another variant");
            $samples.add(concat!(stringify!($type), "::", stringify!($variant)), &sample);
        })+
    }};
    (@pattern $type:ident $variant:ident _) => { $type::$variant };
    (@pattern $type:ident $variant:ident ()) => { $type::$variant(..) };
    (@pattern $type:ident $variant:ident {}) => { $type::$variant { .. } };
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn object() -> Map<String, Value> {
    let Value::Object(object) = json!({"name": "value"}) else {
        unreachable!("it is an object");
    };
    object
}

fn limit() -> Duration {
    Duration::new(5, 7)
}

fn entity() -> EntityMessage {
    EntityMessage {
        entity_type: text("Task"),
        key: vec![text("1")],
    }
}

fn head() -> ResponseHead {
    ResponseHead {
        status: 200,
        headers: vec![(text("name"), text("value"))],
        stream: 3,
    }
}

fn hook() -> HookCall {
    HookCall {
        number: 1,
        entity_type: text("Task"),
        key: vec![text("1")],
        value: ValueMessage::Plain(text("8")),
    }
}

fn known() -> Vec<KnownValue> {
    vec![
        KnownValue {
            entity: entity(),
            path: text("name"),
            value: Ok(ValueMessage::NotSet),
        },
        KnownValue {
            entity: entity(),
            path: text("bid"),
            value: Err(text("not allowed")),
        },
    ]
}

fn location() -> LocationMessage {
    LocationMessage {
        id: text("1"),
        priority: 10,
        kind: text("Managed"),
        accessor: Some(1),
        structure: Some(2),
        transformer: None,
    }
}

fn to_host(samples: &mut Samples) {
    add_all! { samples, ToHost,
        Call() => ToHost::Call(CallRequest {
            ticket: 1, idempotent: true, headers: head().headers, timeout: Some(limit()), actions: Some(2),
        }),
        Request() => ToHost::Request(HttpRequest {
            ticket: 1, method: Method::Put, url: text("https://studio.example"), headers: head().headers,
            with_credentials: true, idempotent: false, timeout: None, content: Content::Bytes,
        }),
        Cancel {} => ToHost::Cancel { ticket: 1 },
        Read {} => ToHost::Read { stream: 1, limit: 2 },
        Forget {} => ToHost::Forget { stream: 1 },
        Event() => ToHost::Event(EventRequest::LinkState),
        Hook() => ToHost::Hook(hook()),
        ConfigureLocation() => ToHost::ConfigureLocation(location()),
        Log {} => ToHost::Log {
            level: text("INFO"), origin: text("plugin"), message: text("said"), fields: object(),
        },
    }
    add_all! { samples, Content,
        Nothing _ => Content::Nothing,
        Bytes _ => Content::Bytes,
        Stream {} => Content::Stream { stream: 1, length: Some(2) },
    }
    add_all! { samples, Method,
        Get _ => Method::Get, Head _ => Method::Head, Post _ => Method::Post, Put _ => Method::Put,
        Delete _ => Method::Delete,
    }
    add_all! { samples, ValueMessage,
        NotSet _ => ValueMessage::NotSet,
        Plain() => ValueMessage::Plain(text("8")),
        Collection() => ValueMessage::Collection(text("[]")),
    }
}

fn events(samples: &mut Samples) {
    let event = || json!({"topic": "ftrack.update"});
    add_all! { samples, EventRequest,
        Subscribe {} => EventRequest::Subscribe {
            subscription: text("topic=*"), information: object(), priority: 100,
        },
        Unsubscribe {} => EventRequest::Unsubscribe { id: text("1") },
        Publish {} => EventRequest::Publish { event: event(), wants_replies: true },
        Outcome {} => EventRequest::Outcome { publication: 1, timeout: limit() },
        ForgetPublication {} => EventRequest::ForgetPublication { publication: 1 },
        PublishSynchronously {} => EventRequest::PublishSynchronously { event: event() },
        PublishAndWait {} => EventRequest::PublishAndWait { event: event(), timeout: limit() },
        Wait {} => EventRequest::Wait { duration: limit() },
        Link() => EventRequest::Link(LinkCommand::Connect),
        LinkState _ => EventRequest::LinkState,
    }
    add_all! { samples, LinkCommand,
        Connect _ => LinkCommand::Connect,
        ConnectInBackground _ => LinkCommand::ConnectInBackground,
        Disconnect _ => LinkCommand::Disconnect,
        Reconnect {} => LinkCommand::Reconnect { attempts: 3, delay: limit() },
    }
    add_all! { samples, LinkState,
        Disconnected _ => LinkState::Disconnected, Connecting _ => LinkState::Connecting,
        Connected _ => LinkState::Connected, Reconnecting _ => LinkState::Reconnecting,
    }
    add_all! { samples, Ended,
        Elapsed _ => Ended::Elapsed, Stopped _ => Ended::Stopped, Disconnected _ => Ended::Disconnected,
    }
    add_all! { samples, Outcome,
        Acknowledged _ => Outcome::Acknowledged,
        Refused {} => Outcome::Refused { message: text("no") },
        Unconfirmed _ => Outcome::Unconfirmed,
        NotSent _ => Outcome::NotSent,
    }
    samples.add(
        "Published",
        &Published {
            event_id: text("1"),
            publication: 2,
        },
    );
    samples.add(
        "EventMessage",
        &EventMessage {
            subscriber: text("1"),
            event: event(),
            session: true,
            entity_type: Some(vec![ChangeMessage::Hide(text("bid"))]),
        },
    );
    samples.add(
        "Handled",
        &Handled {
            result: Some(Ok(Some(json!(5)))),
            stopped: true,
            changes: Vec::new(),
            data: None,
        },
    );
    samples.add(
        "Handled (failed)",
        &Handled {
            result: Some(Err(ErrorMessage::Closed)),
            ..Handled::default()
        },
    );
}

fn to_library(samples: &mut Samples) {
    let registration = Registration {
        server_url: text("https://studio.example"),
        api_user: text("grace"),
        api_key: Some(text("key")),
        information: json!({"version": "4.13.0"}),
        page_size: 500,
        loading: Loading::Siblings,
        keeps_held_only: false,
        hub_id: text("1"),
        arguments: object(),
        level: text("INFO"),
    };
    add_all! { samples, ToLibrary,
        Describe _ => ToLibrary::Describe,
        Register() => ToLibrary::Register(Box::new(registration)),
        Called {} => ToLibrary::Called { ticket: 1, result: Ok(200) },
        Responded {} => ToLibrary::Responded { ticket: 1, result: Ok(head()) },
        Read {} => ToLibrary::Read { stream: 1, limit: 2 },
        Forget {} => ToLibrary::Forget { stream: 1 },
        Event() => ToLibrary::Event(EventMessage {
            subscriber: text("1"), event: json!({}), session: false, entity_type: None,
        }),
        Reply {} => ToLibrary::Reply { event: json!({}) },
        TypesConstructed {} => ToLibrary::TypesConstructed {
            types: vec![(text("User"), vec![ChangeMessage::Hide(text("email"))])],
        },
        Hook() => ToLibrary::Hook(hook()),
        Location() => ToLibrary::Location(PartRequest::Forget { part: 1 }),
        Reset _ => ToLibrary::Reset,
        Close _ => ToLibrary::Close,
    }
    add_all! { samples, Loading,
        Siblings _ => Loading::Siblings, Single _ => Loading::Single, Off _ => Loading::Off,
        Deny _ => Loading::Deny,
    }
    add_all! { samples, ChangeMessage,
        DefaultProjections() => ChangeMessage::DefaultProjections(vec![text("id")]),
        Hide() => ChangeMessage::Hide(text("bid")),
        Alias {} => ChangeMessage::Alias { alias: text("login"), attribute: text("username") },
        Mutable {} => ChangeMessage::Mutable { attribute: text("bid"), mutable: false },
        OnRead {} => ChangeMessage::OnRead { attribute: text("bid"), hook: 1 },
        OnWrite {} => ChangeMessage::OnWrite { attribute: text("bid"), hook: 2 },
    }
    samples.add(
        "Description",
        &Description {
            name: text("plugin"),
            version: text("1.0.0"),
            argument_names: vec![text("root")],
        },
    );
}

fn locations(samples: &mut Samples) {
    add_all! { samples, PartRequest,
        Accessor {} => PartRequest::Accessor {
            accessor: 1, operation: AccessorOperation::List, resource_identifier: text("a/b"),
        },
        Upload {} => PartRequest::Upload { upload: 1, operation: UploadOperation::Finish },
        Structure {} => PartRequest::Structure {
            structure: 1, entity: entity(), source_resource_identifier: Some(text("a")), known: known(),
        },
        Transform {} => PartRequest::Transform {
            transformer: 1, decode: true, resource_identifier: text("a"), entity: entity(), known: known(),
        },
        Forget {} => PartRequest::Forget { part: 1 },
    }
    add_all! { samples, AccessorOperation,
        List _ => AccessorOperation::List,
        Exists _ => AccessorOperation::Exists,
        IsFile _ => AccessorOperation::IsFile,
        IsContainer _ => AccessorOperation::IsContainer,
        IsSequence _ => AccessorOperation::IsSequence,
        Open {} => AccessorOperation::Open { offset: 5 },
        Create {} => AccessorOperation::Create {
            size: Some(5), md5: Some([7; 16]), file_name: Some(text("a.exr")), durable: true,
        },
        Remove _ => AccessorOperation::Remove,
        RemoveContainer _ => AccessorOperation::RemoveContainer,
        Rename {} => AccessorOperation::Rename { target: text("b.exr") },
        Replace {} => AccessorOperation::Replace { target: text("a.exr"), backup: text("b.exr") },
        MakeContainer {} => AccessorOperation::MakeContainer { recursive: true },
        GetContainer _ => AccessorOperation::GetContainer,
        GetFilesystemPath _ => AccessorOperation::GetFilesystemPath,
        GetUrl _ => AccessorOperation::GetUrl,
        GetThumbnailUrl {} => AccessorOperation::GetThumbnailUrl { size: Some(300) },
        LocalPath _ => AccessorOperation::LocalPath,
    }
    add_all! { samples, UploadOperation,
        Write _ => UploadOperation::Write, Flush _ => UploadOperation::Flush,
        Finish _ => UploadOperation::Finish, Abort _ => UploadOperation::Abort,
    }
    add_all! { samples, Identified,
        As() => Identified::As(text("a/b")),
        Needs {} => Identified::Needs { entity: entity(), path: text("name") },
    }
    samples.add(
        "Opened",
        &Opened {
            stream: 1,
            size: Some(5),
        },
    );
    samples.add(
        "AccessorErrorMessage",
        &AccessorErrorMessage {
            kind: text("size"),
            resource_identifier: text("a"),
            operation: text("write"),
            text: text("cut"),
            expected: 5,
            written: 4,
        },
    );
}

fn errors(samples: &mut Samples) {
    let transport = TransportErrorMessage {
        kind: text("timeout"),
        text: text("no answer"),
        origin: text("https://studio.example"),
        attempts: 3,
        elapsed: limit(),
        limit: limit(),
        sent: true,
        status: 503,
        excerpt: text("busy"),
        bytes: 9,
        proxy: None,
        credentials_rejected: false,
        retry_after: None,
        source: Some(text("refused")),
    };
    let session = SessionErrorMessage {
        kind: text("NotUnique"),
        message: text("there is one"),
        details: object(),
        retryable: true,
        source: None,
    };
    add_all! { samples, ErrorMessage,
        Panicked {} => ErrorMessage::Panicked { message: text("no") },
        Malformed {} => ErrorMessage::Malformed { problem: text("what") },
        Closed _ => ErrorMessage::Closed,
        Failed {} => ErrorMessage::Failed { message: text("no") },
        Transport() => ErrorMessage::Transport(Box::new(transport)),
        Hub() => ErrorMessage::Hub(Box::new(HubErrorMessage::NotConnected)),
        Session() => ErrorMessage::Session(Box::new(session)),
    }
    let origin = || text("https://studio.example");
    add_all! { samples, HubErrorMessage,
        NotConnected _ => HubErrorMessage::NotConnected,
        AlreadyConnected _ => HubErrorMessage::AlreadyConnected,
        Connect {} => HubErrorMessage::Connect { origin: origin(), source: text("refused") },
        Refused {} => HubErrorMessage::Refused { origin: origin(), reason: text("no") },
        QueueFull {} => HubErrorMessage::QueueFull { limit: 9 },
        NotUnique {} => HubErrorMessage::NotUnique { id: text("1") },
        NotFound {} => HubErrorMessage::NotFound { id: text("1") },
        NoReply {} => HubErrorMessage::NoReply { event_id: text("1"), limit: limit(), acknowledged: true },
        NotDelivered {} => HubErrorMessage::NotDelivered { event_id: text("1"), outcome: Outcome::NotSent },
        Other {} => HubErrorMessage::Other { problem: text("what") },
    }
    add_all! { samples, AnswerOfBool,
        Ok() => Answer::Ok(true),
        Error() => Answer::Error(ErrorMessage::Closed),
    }
}

type AnswerOfBool = Answer<bool>;

#[test]
fn the_shape_of_the_messages_is_that_of_their_version() {
    let mut samples = Samples::default();
    to_host(&mut samples);
    events(&mut samples);
    to_library(&mut samples);
    locations(&mut samples);
    errors(&mut samples);
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/messages-{VERSION}.txt"));
    if !path.exists() && std::env::var_os("RECORD_MESSAGES").is_some() {
        std::fs::write(&path, &samples.text).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = samples
        .text
        .lines()
        .filter(|line| !recorded.lines().any(|known| known == *line))
        .collect();
    assert!(
        recorded == samples.text,
        "the messages are not those of version {VERSION}: raise VERSION and record them, see the top of this file\n{}",
        changed.join("\n")
    );
}
