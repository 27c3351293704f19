//! Starting a session.

mod begin;
mod builder;
mod environment;
mod hosted;
mod internals;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ftrack_entity::{Request, Retention, Schema, encode_requests};
use ftrack_transport::Transport;
use parking_lot::Mutex;

use self::builder::ServerConnection;
pub use self::builder::SessionBuilder;
pub use self::hosted::{Hosted, WeakConnection};
pub use self::internals::Internals;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::FetchPolicy;
use crate::schema_cache::SchemaFile;
use crate::session::{
    CacheKeys, Channel, Configurations, Connection, Purpose, ServerInformation, Session, Starting,
    States, Types, Unit, accepted_json,
};
use crate::storage_scenario::Locations;
use crate::trace::Traces;

/// The oldest server that this client works with.
const OLDEST_SERVER: (u32, u32, u32) = (3, 3, 11);

/// How many entities a request for a query's results asks for.
const PAGE_SIZE: u64 = 500;

/// How many rows of collections are loaded at a time for the siblings of an entity.
pub(crate) const SIBLING_ROWS: usize = 10_000;

#[track_caller]
fn start(mut builder: SessionBuilder, server: ServerConnection) -> Result<Session> {
    let traces = std::mem::take(&mut builder.traces);
    let channel = Channel {
        transport: &*server.transport,
        traces: &traces,
    };
    let asked = channel.send(
        encode_requests(&[action("query_server_information")]),
        1,
        Purpose::read("query_server_information"),
    );
    // While the server answers, for it nearly always answers that nothing has changed.
    let file = builder.schema_cache.file(server.transport.server_url());
    let kept = file.as_ref().and_then(SchemaFile::read);
    let information = information(accepted_json(&channel.receive(asked)?)?)?;
    check_version(information.version())?;
    if !information.is_timezone_support_enabled() {
        tracing::warn!("the server has no time zone support: its times are those of its own zone");
    }
    let hash = information.schema_hash();
    let schema = match kept.filter(|kept| hash.is_some_and(|hash| kept.are_of(hash))) {
        Some(kept) => kept.schema,
        None => fresh_schema(&channel, file.as_ref(), hash)?,
    };
    let mut connection = Connection::new(server, Types::new(schema), information);
    connection.api_key = builder.api_key.take();
    connection.retry = builder.retry.take();
    connection.page_size = builder.page_size.unwrap_or(PAGE_SIZE);
    connection.sibling_rows = builder.sibling_rows.unwrap_or(SIBLING_ROWS);
    connection.traces = traces;
    connection.cache_keys = std::mem::take(&mut builder.cache_keys);
    let session = connection.into_session(builder.fetch_policy, builder.retention);
    if let Some(cache) = std::mem::take(&mut builder.cache).make(&session) {
        session
            .layers()
            .set_layers(session.layers().layers().into_iter().chain([cache]));
    }
    #[cfg(feature = "events")]
    if builder.auto_connect_event_hub {
        session.event_hub().connect_in_background()?;
    }
    register_plugins(&session, &builder)?;
    session.construct_types(std::mem::take(&mut builder.customisations))?;
    session.configure_named_locations(std::mem::take(&mut builder.locations))?;
    session.add_extension(Arc::new(Locations));
    for extension in session.extensions() {
        extension.ready(&session)?;
    }
    session.publish_ready()?;
    Ok(session)
}

/// Registers the plugins of the program, then lets extensions start.
fn register_plugins(session: &Session, builder: &SessionBuilder) -> Result<()> {
    let plugin_arguments = &builder.plugin_arguments;
    for plugin in &builder.plugins {
        let arguments =
            plugin_arguments.known_to("(of the program itself)", plugin.argument_names());
        plugin.register(session, &arguments)?;
    }
    let starting = Starting { plugin_arguments };
    for extension in &builder.extensions {
        session.add_extension(Arc::clone(extension));
        extension.start(session, &starting)?;
    }
    Ok(())
}

impl Connection {
    /// A connection to a server, with everything as it is if nobody says otherwise.
    fn new(server: ServerConnection, types: Types, information: ServerInformation) -> Self {
        Self {
            transport: server.transport,
            event_hub: server.event_hub,
            api_user: server.api_user,
            api_key: None,
            retry: None,
            types,
            information,
            page_size: PAGE_SIZE,
            sibling_rows: SIBLING_ROWS,
            traces: Traces::default(),
            configurations: Configurations::default(),
            cache_keys: CacheKeys::default(),
            states: States::default(),
            spells_out: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            is_hosted: false,
            extensions: Mutex::default(),
        }
    }

    /// The first session over it.
    fn into_session(self, fetch_policy: FetchPolicy, retention: Retention) -> Session {
        let unit = Unit::new(Arc::new(self), fetch_policy, retention);
        Session {
            unit: Arc::new(unit).into(),
        }
    }
}

/// What a server says of itself, from its answer.
pub(crate) fn information(answer: serde_json::Value) -> Result<ServerInformation> {
    match answer {
        serde_json::Value::Object(information) => Ok(ServerInformation(information)),
        _ => Err(Error::new(
            ErrorKind::MalformedAnswer,
            "the server's information about itself is not a JSON object",
        )),
    }
}

fn action(name: &str) -> Request {
    Request::Json(serde_json::json!({"action": name}))
}

/// Servers that are older than [`OLDEST_SERVER`] are refused; versions that are not three numbers, such as `dev`,
/// are taken to be new.
fn check_version(version: Option<&str>) -> Result<()> {
    let Some(version) = version else {
        return Err(Error::new(
            ErrorKind::ServerCompatibility,
            "the server does not say its version, so it is too old for this client",
        ));
    };
    let mut numbers = version.split('.').map_while(|part| {
        let digits = part
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(part.len());
        part[..digits].parse::<u32>().ok()
    });
    let (Some(major), Some(minor), Some(patch)) = (numbers.next(), numbers.next(), numbers.next())
    else {
        return Ok(());
    };
    if (major, minor, patch) >= OLDEST_SERVER {
        return Ok(());
    }
    let (a, b, c) = OLDEST_SERVER;
    Err(Error::new(
        ErrorKind::ServerCompatibility,
        format!("the server's version is {version}, but this client needs {a}.{b}.{c} or later"),
    )
    .with_detail("version", version))
}

/// The server's schema, which is kept for later runs.
#[track_caller]
fn fresh_schema(
    channel: &Channel<'_>,
    file: Option<&SchemaFile>,
    hash: Option<&str>,
) -> Result<Schema> {
    let body = channel.ask(&[action("query_schemas")], Purpose::read("query_schemas"))?;
    let schemas = only_element(&body)?;
    // All of it is read once: what is wrong with it is said now, and to be read later it need not be again.
    Schema::from_json(schemas)?;
    let schema = Schema::from_kept_json(schemas.into())?;
    if let Some(file) = file {
        file.write(hash.unwrap_or_default(), &schema);
    }
    Ok(schema)
}

/// What the server answers to `query_schemas`, as text.
#[track_caller]
pub(crate) fn fetch_schemas(transport: &dyn Transport, traces: &Traces) -> Result<Vec<u8>> {
    let channel = Channel { transport, traces };
    let body = channel.ask(&[action("query_schemas")], Purpose::read("query_schemas"))?;
    Ok(only_element(&body)?.to_vec())
}

/// The text of the single element of an answer, as the server wrote it.
fn only_element(body: &[u8]) -> Result<&[u8]> {
    match serde_json::from_slice::<[&serde_json::value::RawValue; 1]>(body) {
        Ok([element]) => Ok(element.get().as_bytes()),
        // Not an answer at all: reading it as one says what it is instead.
        Err(source) => match accepted_json(body) {
            Err(error) => Err(error),
            Ok(_) => Err(Error::new(
                ErrorKind::MalformedAnswer,
                "the server's answer cannot be read",
            )
            .with_source(source)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for version in [
            "3.3.11",
            "3.3.12",
            "3.10.0",
            "4.13.0",
            "4.13.8.2f1e",
            "dev",
            "3.4",
            "3.4-rc",
            "",
        ] {
            assert!(check_version(Some(version)).is_ok(), "{version}");
        }
        for version in ["3.3.10", "3.2.99", "0.0.1"] {
            let error = check_version(Some(version)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ServerCompatibility, "{version}");
        }
        assert!(check_version(None).is_err());
    }
}
