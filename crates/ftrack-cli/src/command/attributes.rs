//! `ftrack attributes`.

use clap::Args;
use std::process::ExitCode;

use ftrack::prelude::*;
use ftrack::{EffectiveAttribute, EffectiveAttributes, Origin};
use serde_json::{Map, Value as Json, json};

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Connection, Format, Named};
use crate::resolve::resolve_all;
use crate::rows;

/// Print the values that custom attributes come to, and where each comes from.
///
/// The origin is `explicit` for what is set on the entity itself, `inherited from …` for what is set above it, and
/// `default` for what nobody has set.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack attributes last_lantern/storm/010
  ftrack attributes Shot:f7a9… Shot:0c1d… --key fps --format csv

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if an entity is not there or none of them has the key, 4 if the server refused.")]
pub(crate) struct Options {
    /// The entities: paths from the project, TYPE:ID, or TYPE:NAME.
    #[arg(required = true, value_name = "ENTITY")]
    entities: Vec<Named>,
    /// Only the attribute with this key; may be repeated.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entities = resolve_all(&session, &options.entities, None)?;
    let keys: Vec<&str> = options.keys.iter().map(String::as_str).collect();
    let found = session.effective_custom_attributes(&entities, &keys)?;
    session.close();
    print(&found, &options.format)?;
    let is_missing = |key: &&&str| found.iter().all(|attribute| attribute.key != ***key);
    match keys.iter().find(is_missing) {
        Some(key) => Err(Failure::NotFound(format!(
            "none of these entities has a custom attribute {key:?} that you may see"
        ))),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn print(found: &EffectiveAttributes, format: &Format) -> Result<(), Failure> {
    let titles = ["entity", "key", "value", "type", "origin"];
    let mut rows = rows::begin(format, titles.map(str::to_owned).into())?;
    for attribute in found {
        rows.push(|| cells(attribute), || object(attribute))?;
    }
    rows.finish()?;
    Ok(())
}

fn cells(attribute: &EffectiveAttribute) -> Vec<String> {
    let entity = &attribute.entity;
    vec![
        format!("{}:{}", entity.entity_type(), entity.id()),
        attribute.key.clone(),
        shown(&attribute.value),
        attribute.kind.clone(),
        origin(attribute),
    ]
}

fn origin(attribute: &EffectiveAttribute) -> String {
    match &attribute.origin {
        Origin::Explicit => "explicit".to_owned(),
        Origin::Inherited { from, name } => {
            format!(
                "inherited from {name} ({}:{})",
                from.entity_type(),
                from.key()
            )
        }
        _ => "default".to_owned(),
    }
}

fn object(attribute: &EffectiveAttribute) -> Map<String, Json> {
    let (origin, from) = match &attribute.origin {
        Origin::Explicit => ("explicit", Json::Null),
        Origin::Inherited { from, name } => (
            "inherited",
            json!({
                "entity_type": from.entity_type().as_str(),
                "id": from.key().to_string(),
                "name": name,
            }),
        ),
        _ => ("default", Json::Null),
    };
    let values = [
        ("entity_type", json!(attribute.entity.entity_type())),
        ("id", json!(attribute.entity.id())),
        ("key", json!(attribute.key)),
        ("value", plain(&attribute.value)),
        ("type", json!(attribute.kind)),
        ("origin", json!(origin)),
        ("from", from),
        (
            "configuration_id",
            json!(attribute.configuration.key().to_string()),
        ),
    ];
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Days and points in time as ISO 8601 text, all else as the server has it.
fn plain(value: &Value) -> Json {
    match value {
        Value::Date(day) => json!(day.to_string()),
        Value::DateTime(time) => json!(time.to_string()),
        // A number without a form in JSON is shown as text.
        value => Json::try_from(value).unwrap_or_else(|_| json!(format!("{value:?}"))),
    }
}

fn shown(value: &Value) -> String {
    match plain(value) {
        Json::Null => String::new(),
        Json::String(text) => text,
        Json::Array(values) => {
            let shown = values.iter().map(|value| match value {
                Json::String(text) => text.clone(),
                value => value.to_string(),
            });
            shown.collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}
