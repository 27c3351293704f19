//! Starting a session.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use ftrack_entity::{Request, Retention, Schema, encode_requests};
use ftrack_event::EventHub;
use ftrack_transport::{ApiKey, RetryPolicy, Transport};
use parking_lot::Mutex;

use super::builder::Way;
use super::call::{Channel, Purpose, accepted_json};
use super::unit::Unit;
use super::{Connection, Session, SessionBuilder};
use crate::cache::CacheKeys;
use crate::custom_attributes::Configurations;
use crate::customise::Types;
use crate::location::LocationRegistry;
use crate::plugin::{discover, environment_paths};
use crate::schema_cache::{KeptSchemas, SchemaFile};
use crate::trace::Traces;
use crate::{Error, ErrorKind, FetchPolicy, Result};

/// The oldest server that this client works with.
const OLDEST_SERVER: (u32, u32, u32) = (3, 3, 11);

/// How many entities a request for a query's results asks for.
const PAGE_SIZE: u64 = 500;

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServerInformation(serde_json::Map<String, serde_json::Value>);

impl ServerInformation {
    /// The value of this name, such as `storage_scenario`.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
    }

    /// The version of the server.
    pub fn version(&self) -> Option<&str> {
        self.get("version")?.as_str()
    }

    /// The hash of the server's schemas.
    pub fn schema_hash(&self) -> Option<&str> {
        self.get("schema_hash")?.as_str()
    }

    /// Whether the server stores points in time with their time zone.
    pub fn is_timezone_support_enabled(&self) -> bool {
        self.get("is_timezone_support_enabled")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }

    /// All of it, as the server says it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.0.clone().into()
    }

    /// The names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

#[track_caller]
pub(super) fn start(mut builder: SessionBuilder, way: Way) -> Result<Session> {
    let Way {
        transport,
        event_hub,
        api_user,
    } = way;
    let traces = std::mem::take(&mut builder.traces);
    let channel = Channel {
        transport: &*transport,
        traces: &traces,
    };
    let asked = channel.send(
        encode_requests(&[action("query_server_information")]),
        1,
        Purpose::of("query_server_information"),
    );
    // While the server answers, for it nearly always answers that nothing has changed.
    let file = builder.schema_cache.file(transport.server_url());
    let kept = file.as_ref().and_then(kept_schema);
    let information = information(accepted_json(&channel.receive(asked)?)?)?;
    check_version(information.version())?;
    if !information.is_timezone_support_enabled() {
        tracing::warn!("the server has no time zone support: its times are those of its own zone");
    }
    let hash = information.schema_hash();
    let (schema, schemas) =
        match kept.filter(|(kept, _)| hash.is_some_and(|hash| kept.are_of(hash))) {
            Some((kept, schema)) => (schema, kept.text),
            None => fresh_schema(&channel, file.as_ref(), hash)?,
        };
    let parts = Parts {
        api_user,
        api_key: builder.api_key.take(),
        retry: builder.retry.take(),
        types: Types::new(schema),
        event_hub,
        information,
        page_size: builder.page_size.unwrap_or(PAGE_SIZE),
        traces,
        cache_keys: std::mem::take(&mut builder.cache_keys),
        transport,
        is_hosted: false,
    };
    let session = parts.assemble(builder.fetch_policy, builder.retention);
    if let Some(cache) = std::mem::take(&mut builder.cache).make(&session) {
        session
            .layers()
            .set_layers(session.layers().layers().into_iter().chain([cache]));
    }
    if builder.auto_connect_event_hub {
        session.event_hub().connect_in_background()?;
    }
    register_plugins(&session, &builder, &schemas)?;
    drop(schemas);
    session.construct_types(std::mem::take(&mut builder.customisations))?;
    session.configure_locations(std::mem::take(&mut builder.locations))?;
    session.publish_ready()?;
    Ok(session)
}

/// Registers the plugins of the program, then those in libraries.
fn register_plugins(session: &Session, builder: &SessionBuilder, schemas: &[u8]) -> Result<()> {
    let arguments = &builder.plugin_arguments;
    for plugin in &builder.plugins {
        let arguments = arguments.known_to("(of the program itself)", plugin.argument_names());
        plugin.register(session, &arguments)?;
    }
    let paths = builder.plugin_paths.clone();
    for plugin in discover(paths.unwrap_or_else(environment_paths), arguments) {
        plugin.register_knowing(session, schemas)?;
    }
    Ok(())
}

/// What a session is assembled from.
pub(super) struct Parts {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) event_hub: EventHub,
    pub(super) api_user: String,
    pub(super) api_key: Option<ApiKey>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) types: Types,
    pub(super) information: ServerInformation,
    pub(super) page_size: u64,
    pub(super) traces: Traces,
    pub(super) cache_keys: CacheKeys,
    pub(super) is_hosted: bool,
}

impl Parts {
    pub(super) fn assemble(self, fetch_policy: FetchPolicy, retention: Retention) -> Session {
        let connection = Connection {
            transport: self.transport,
            event_hub: self.event_hub,
            api_user: self.api_user,
            api_key: self.api_key,
            retry: self.retry,
            types: self.types,
            information: self.information,
            page_size: self.page_size,
            traces: self.traces,
            configurations: Configurations::default(),
            cache_keys: self.cache_keys,
            locations: LocationRegistry::default(),
            spells_out: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            is_hosted: self.is_hosted,
            libraries: Mutex::default(),
            listener: OnceLock::new(),
        };
        let unit = Unit::new(Arc::new(connection), fetch_policy, retention);
        Session {
            unit: Arc::new(unit).into(),
        }
    }
}

/// What a server says of itself, from its answer.
pub(super) fn information(answer: serde_json::Value) -> Result<ServerInformation> {
    match answer {
        serde_json::Value::Object(information) => Ok(ServerInformation(information)),
        _ => Err(Error::new(
            ErrorKind::MalformedAnswer,
            "the server's information about itself is no JSON object",
        )),
    }
}

fn action(name: &str) -> Request {
    Request::Json(serde_json::json!({"action": name}))
}

/// Servers that are older than [`OLDEST_SERVER`] are refused; versions that are no three numbers, such as `dev`,
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

/// The schema of an earlier run, if there is one that can be read.
fn kept_schema(file: &SchemaFile) -> Option<(KeptSchemas, Schema)> {
    let kept = file.read()?;
    let schema = Schema::from_json(&kept.text).ok()?;
    Some((kept, schema))
}

/// The server's schema, which is kept for later runs, and the text that it was read from.
#[track_caller]
fn fresh_schema(
    channel: &Channel<'_>,
    file: Option<&SchemaFile>,
    hash: Option<&str>,
) -> Result<(Schema, Vec<u8>)> {
    let body = channel.ask(&[action("query_schemas")], Purpose::of("query_schemas"))?;
    let schemas = only_element(&body)?;
    let schema = Schema::from_json(schemas)?;
    if let Some(file) = file {
        file.write(hash.unwrap_or_default(), schemas);
    }
    Ok((schema, schemas.to_vec()))
}

/// What the server answers to `query_schemas`, as text.
#[track_caller]
pub(super) fn fetch_schemas(transport: &dyn Transport, traces: &Traces) -> Result<Vec<u8>> {
    let channel = Channel { transport, traces };
    let body = channel.ask(&[action("query_schemas")], Purpose::of("query_schemas"))?;
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
