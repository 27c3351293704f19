//! `ftrack schema`.

use std::io::Write;
use std::process::ExitCode;

use ftrack::{Attribute, AttributeKind, DataType, EntityType, Session};
use serde_json::json;

use crate::arguments::Schema;
use crate::connection::connect;
use crate::failure::Failure;
use crate::output;
use crate::table::Table;

pub(crate) fn run(options: &Schema) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let mut output = output::standard();
    match (&options.entity_type, options.json) {
        (name, true) => writeln!(output, "{}", report(&session, name.as_deref())?)?,
        (Some(name), false) => {
            let entity_type = session
                .schema()
                .entity_type(name)
                .map_err(ftrack::Error::from)?;
            attributes(entity_type).write(&mut output)?;
        }
        (None, false) => types(&session).write(&mut output)?,
    }
    output.flush()?;
    session.close();
    Ok(ExitCode::SUCCESS)
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

fn types(session: &Session) -> Table {
    let mut table = Table::new(["TYPE", "KEY", "ATTRIBUTES"]);
    let mut types: Vec<_> = session.schema().types().collect();
    types.sort_by_key(|entity_type| entity_type.name());
    for entity_type in types {
        let key: Vec<&str> = entity_type.primary_key().map(Attribute::name).collect();
        table.push(vec![
            entity_type.name().to_string(),
            key.join(", "),
            entity_type.attributes().len().to_string(),
        ]);
    }
    table
}

fn attributes(entity_type: &EntityType) -> Table {
    let mut table = Table::new(["ATTRIBUTE", "KIND", "NOTES"]);
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
        table.push(vec![
            attribute.name().to_owned(),
            kind(attribute.kind()),
            notes.join(", "),
        ]);
    }
    table
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
