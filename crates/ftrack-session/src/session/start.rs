//! Starting a session.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ftrack_entity::{Request, Schema};

use super::builder::Way;
use super::call::{Channel, Purpose, accepted_json};
use super::unit::Unit;
use super::{Connection, Session, SessionBuilder};
use crate::custom_attributes::Configurations;
use crate::customise::Types;
use crate::location::LocationRegistry;
use crate::{Error, ErrorKind, Result};

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
    let information = server_information(&channel)?;
    check_version(information.version())?;
    if !information.is_timezone_support_enabled() {
        tracing::warn!("the server has no time zone support: its times are those of its own zone");
    }
    let schema = schema(&channel, &builder, &information)?;
    let connection = Connection {
        api_user,
        api_key: builder.api_key,
        retry: builder.retry,
        types: Types::new(schema),
        event_hub,
        information,
        page_size: builder.page_size.unwrap_or(PAGE_SIZE),
        traces,
        configurations: Configurations::default(),
        cache_keys: builder.cache_keys,
        locations: LocationRegistry::default(),
        closed: AtomicBool::new(false),
        transport,
    };
    let unit = Unit::new(
        Arc::new(connection),
        builder.fetch_policy,
        builder.retention,
    );
    let session = Session {
        unit: Arc::new(unit).into(),
    };
    if let Some(cache) = builder.cache.make(&session) {
        session
            .layers()
            .set_layers(session.layers().layers().into_iter().chain([cache]));
    }
    if builder.auto_connect_event_hub {
        session.event_hub().connect_in_background()?;
    }
    for plugin in &builder.plugins {
        let arguments = &builder.plugin_arguments;
        let arguments = arguments.known_to("(of the program itself)", plugin.argument_names());
        plugin.register(&session, &arguments)?;
    }
    session.construct_types(std::mem::take(&mut builder.customisations))?;
    session.configure_locations(std::mem::take(&mut builder.locations))?;
    session.publish_ready()?;
    Ok(session)
}

#[track_caller]
fn server_information(channel: &Channel<'_>) -> Result<ServerInformation> {
    let body = channel.ask(
        &[action("query_server_information")],
        Purpose::of("query_server_information"),
    )?;
    match accepted_json(&body)? {
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

/// The schema: the one kept from an earlier run if the server says that it is still the same, else a fresh one.
#[track_caller]
fn schema(
    channel: &Channel<'_>,
    builder: &SessionBuilder,
    information: &ServerInformation,
) -> Result<Schema> {
    let file = builder.schema_cache.file(channel.transport.server_url());
    let hash = information.schema_hash();
    if let (Some(file), Some(hash)) = (&file, hash)
        && let Some(schemas) = file.read(hash)
        && let Ok(schema) = Schema::from_json(&schemas)
    {
        return Ok(schema);
    }
    let body = channel.ask(&[action("query_schemas")], Purpose::of("query_schemas"))?;
    let schemas = only_element(&body)?;
    let schema = Schema::from_json(schemas)?;
    if let Some(file) = file {
        file.write(hash.unwrap_or_default(), schemas);
    }
    Ok(schema)
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
