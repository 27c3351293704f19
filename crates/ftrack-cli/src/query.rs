//! `ftrack query`.

use std::io::Write;
use std::process::ExitCode;

use ftrack::prelude::*;
use ftrack::query::Split;

use crate::arguments;
use crate::connection::connect;
use crate::failure::Failure;
use crate::output;
use crate::table::Table;

pub(crate) fn run(options: &arguments::Query) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    // What is printed is what was asked for: nothing is loaded on the way.
    let _deny = session.fetching(FetchPolicy::Deny);
    let columns = columns(&session, &options.text)?;
    let mut output = output::standard();
    let mut table = Table::new(columns.iter().cloned());
    for entity in session.query(options.text.as_str()) {
        let entity = entity?;
        if options.json {
            writeln!(output, "{}", json_row(&entity, &columns)?)?;
        } else {
            table.push(
                columns
                    .iter()
                    .map(|column| cell(&entity, column))
                    .collect::<Result<_>>()?,
            );
        }
    }
    if !options.json {
        table.write(&mut output)?;
    }
    output.flush()?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// The paths that the query selects, or the type's default ones.
fn columns(session: &Session, text: &str) -> Result<Vec<String>> {
    let split = Split::of(text);
    if !split.has_projections() {
        let name = split.entity_type().unwrap_or_default();
        return Ok(session
            .schema()
            .entity_type(name)?
            .default_projections()
            .to_vec());
    }
    let query = Query::parse(text)?;
    Ok(query
        .projections()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect())
}

fn cell(entity: &Entity, path: &str) -> Result<String> {
    Ok(match entity.value(path)? {
        Value::Null | Value::NotSet => String::new(),
        Value::Text(text) => text.to_string(),
        Value::Collection(members) => format!("{} item(s)", members.len()),
        value => format!("{value:?}"),
    })
}

fn json_row(entity: &Entity, columns: &[String]) -> Result<serde_json::Value> {
    let mut row = serde_json::Map::new();
    row.insert("__entity_type__".to_owned(), entity.entity_type().into());
    for column in columns {
        let value = match entity.value(column)? {
            Value::Reference(identity) => identity.to_string().into(),
            Value::Collection(members) => members.iter().map(ToString::to_string).collect(),
            Value::NotSet => serde_json::Value::Null,
            _ => entity.get::<serde_json::Value>(column)?,
        };
        row.insert(column.clone(), value);
    }
    Ok(row.into())
}
