//! `ftrack query`.

mod groups;
mod mine;

use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;
use ftrack::query::{Path, SchemaView};
use serde_json::{Map, Value as Json};

use crate::connection::connect;
use crate::custom_attributes::Keys;
use crate::failure::Failure;
use crate::options::{Columns, Connection, Format};
use crate::rows;
use crate::rows::column::Column;

/// Ask a server and print what it answers.
///
/// A reference shows the name of what it leads to. Where a user is compared, `me` stands for yourself.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack query 'select name, status from Task where project.name is last_lantern'
  ftrack query Shot --columns 'name,status,custom_attributes[fstart]' --format csv
  ftrack query --mine
  ftrack query 'AssetVersion where user is me order by date descending limit 10'

Exit codes: 0, 1 if it failed, 2 for wrong usage, 4 if the server refused.")]
pub(crate) struct Options {
    /// The query, such as `select name, status.name from Task`.
    #[arg(value_name = "QUERY", required_unless_present = "mine")]
    text: Option<String>,
    /// Only what is yours: tasks that you are assigned to, versions that you made. Without a query, your open tasks.
    #[arg(long)]
    mine: bool,
    #[command(flatten)]
    columns: Columns,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let text = options.text.as_deref().unwrap_or(mine::OPEN_TASKS);
    let keys = Keys::new(&session);
    let mut query = checked(&keys, text)?;
    if options.mine {
        query = mine::only(&session, &query)?;
    }
    if query.aggregates().is_empty() {
        print(&keys, &query, options)?;
    } else {
        groups::print(&session, &query, &options.format)?;
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// The query, if it is one and the server has what it names; else what is wrong, shown on the user's own text. It is
/// not sent before.
fn checked(keys: &Keys<'_>, text: &str) -> Result<Query, Failure> {
    let session = keys.session();
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => return Err(Failure::Unusable(error.render())),
    };
    let named = mine::named(session, &query)?;
    let replaced = named.as_ref().map(ToString::to_string);
    let (keyless, checked) = without_keys(keys, named.unwrap_or(query), replaced, text)?;
    let explain = |schema: &dyn SchemaView| ftrack::query::explain(&checked, schema);
    match keys.with(&checked, explain)? {
        Some(explanation) => Err(Failure::Unusable(explanation)),
        None => Ok(keyless),
    }
}

/// The query, and the text to check: that of the user, unless something in it was replaced. What is selected by a key,
/// such as `custom_attributes[fstart]`, is not a path of the query language; it is checked here.
fn without_keys(
    keys: &Keys<'_>,
    query: Query,
    replaced: Option<String>,
    text: &str,
) -> Result<(Query, String), Failure> {
    let unchanged = replaced.unwrap_or_else(|| text.to_owned());
    let schema = keys.session().schema();
    let Some(entity_type) = schema.get(query.entity_type()) else {
        return Ok((query, unchanged));
    };
    let selected = query.projections().unwrap_or_default();
    let columns: Vec<Column> = selected
        .iter()
        .map(|path| Column::new(schema, entity_type, path.clone()))
        .collect();
    let mut keyed = columns.iter().filter(|column| column.has_key()).peekable();
    if keyed.peek().is_none() {
        return Ok((query, unchanged));
    }
    for column in keyed {
        column.check_key(keys)?;
    }
    let paths = columns.iter().map(|column| column.path().clone());
    let checked = query.to_builder().select(paths).build();
    let checked = checked.map_err(ftrack::Error::from)?.to_string();
    Ok((query, checked))
}

/// Prints a row for each entity. What is printed is what was asked for, with the names of what is referred to.
fn print(keys: &Keys<'_>, query: &Query, options: &Options) -> Result<(), Failure> {
    let columns = columns(keys, query, &options.columns.columns)?;
    let asked: Vec<Path> = columns.iter().flat_map(Column::projections).collect();
    let complete = query.to_builder().select(asked).build();
    let complete = complete.map_err(ftrack::Error::from)?;
    let titles = columns.iter().map(Column::title).collect();
    let mut rows = rows::begin(&options.format, titles)?;
    for row in keys
        .session()
        .query(&complete)
        .records::<Map<String, Json>>()
    {
        let row = row?;
        rows.push(
            || columns.iter().map(|column| column.cell(&row)).collect(),
            || object(&columns, &row),
        )?;
    }
    rows.finish()?;
    Ok(())
}

/// The values of a row by the titles of their columns, with the type of the entity.
fn object(columns: &[Column], row: &Map<String, Json>) -> Map<String, Json> {
    let mut shown = Map::new();
    let entity_type = row.get("__entity_type__").cloned();
    shown.insert(
        "__entity_type__".to_owned(),
        entity_type.unwrap_or_default(),
    );
    let values = columns
        .iter()
        .map(|column| (column.title(), column.value(row)));
    shown.extend(values);
    shown
}

/// The columns that are chosen, else the paths that the query selects, else the type's default ones.
fn columns(keys: &Keys<'_>, query: &Query, chosen: &[String]) -> Result<Vec<Column>, Failure> {
    let schema = keys.session().schema();
    let entity_type = schema.entity_type(query.entity_type());
    let entity_type = entity_type.map_err(ftrack::Error::from)?;
    if !chosen.is_empty() {
        return Column::all(keys, entity_type, chosen);
    }
    let paths = match query.projections() {
        Some(paths) => paths.to_vec(),
        None => entity_type
            .default_projections()
            .iter()
            .map(|path| Path::new(path))
            .collect(),
    };
    let column = |path| Column::new(schema, entity_type, path);
    Ok(paths.into_iter().map(column).collect())
}
