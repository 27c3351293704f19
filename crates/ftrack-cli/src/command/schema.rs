//! `ftrack schema`.

use clap::Args;
use std::io::Write;
use std::process::ExitCode;

use ftrack::{Attribute, AttributeKind, DataType, EntityType, Session};
use serde_json::json;

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Connection, Format, Layout};
use crate::rows;
use crate::terminal::output;

/// Print the entity types of a server, or the attributes of one.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack schema
  ftrack schema --type Task
  ftrack schema --json > schemas.json

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if there is no such type, 4 if the server refused.")]
pub(crate) struct Options {
    /// Only this type, with its attributes.
    #[arg(long = "type", value_name = "TYPE")]
    entity_type: Option<String>,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let name = options.entity_type.as_deref();
    match (options.format.layout(), name) {
        (Layout::Json | Layout::Jsonl, name) => {
            let mut output = output::standard();
            writeln!(output, "{}", report(&session, name)?)?;
            output.flush()?;
        }
        (_, Some(name)) => {
            let entity_type = session.schema().entity_type(name);
            let entity_type = entity_type.map_err(ftrack::Error::from)?;
            list(
                &options.format,
                ["ATTRIBUTE", "KIND", "NOTES"],
                attributes(entity_type),
            )?;
        }
        (_, None) => list(
            &options.format,
            ["TYPE", "KEY", "ATTRIBUTES"],
            types(&session),
        )?,
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn list(format: &Format, titles: [&str; 3], lines: Vec<[String; 3]>) -> Result<(), Failure> {
    let mut rows = rows::begin(format, titles.map(str::to_owned).into())?;
    for line in lines {
        rows.push(|| line.into(), serde_json::Map::new)?;
    }
    rows.finish()?;
    Ok(())
}

/// What the server itself answers, whole or for one type.
fn report(session: &Session, name: Option<&str>) -> ftrack::Result<serde_json::Value> {
    let mut answers = session.call(&[json!({"action": "query_schemas"})])?;
    let schemas = answers.pop().unwrap_or_default();
    let Some(name) = name else { return Ok(schemas) };
    session.schema().entity_type(name)?;
    let found = schemas
        .as_array()
        .and_then(|schemas| schemas.iter().find(|schema| schema["id"] == name));
    Ok(found.cloned().unwrap_or_default())
}

fn types(session: &Session) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    let mut types: Vec<_> = session.schema().types().collect();
    types.sort_by_key(|entity_type| entity_type.name());
    for entity_type in types {
        let key: Vec<&str> = entity_type.primary_key().map(Attribute::name).collect();
        lines.push([
            entity_type.name().to_string(),
            key.join(", "),
            entity_type.attributes().len().to_string(),
        ]);
    }
    lines
}

fn attributes(entity_type: &EntityType) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    let mut attributes: Vec<&Attribute> = entity_type.attributes().iter().collect();
    attributes.sort_by_key(|attribute| attribute.name());
    for attribute in attributes {
        let notes = [
            ("key", attribute.is_key()),
            ("required", attribute.is_required()),
            ("immutable", !attribute.is_mutable()),
            ("computed", attribute.is_computed()),
        ];
        let notes: Vec<&str> = notes
            .iter()
            .filter(|(_, applies)| *applies)
            .map(|(note, _)| *note)
            .collect();
        lines.push([
            attribute.name().to_owned(),
            kind(attribute.kind()),
            notes.join(", "),
        ]);
    }
    lines
}

fn kind(kind: AttributeKind) -> String {
    match kind {
        AttributeKind::Scalar(data_type) => match data_type {
            DataType::Text => "text",
            DataType::DateTime => "date and time",
            DataType::Boolean => "boolean",
            DataType::Integer => "whole number",
            DataType::Number => "number",
            DataType::Object => "object",
            _ => "any value",
        }
        .to_owned(),
        AttributeKind::Reference(target) => target.to_string(),
        AttributeKind::Collection(target) => format!("list of {target}"),
        AttributeKind::MappedCollection(target) => format!("map of {target}"),
        _ => "unknown".to_owned(),
    }
}
