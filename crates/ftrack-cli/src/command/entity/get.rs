//! `ftrack get`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Write;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Args;
use ftrack::EntityType;
use ftrack::prelude::*;
use ftrack::query::{Filter, Path};
use serde_json::{Map, Value as Json};

use crate::connection::connect;
use crate::custom_attributes::Keys;
use crate::failure::Failure;
use crate::options::{Columns, Connection, Format, Named};
use crate::resolve::{described, resolve_all};
use crate::rows;
use crate::rows::column::Column;
use crate::terminal::output::{self, STRONG};
use crate::terminal::table::Table;

/// Print entities with their attributes.
///
/// What an attribute refers to is shown by name. Lists are shown where `--columns` names them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack get last_lantern/storm/010/lighting
  ftrack get Shot:f7a9… User:jane --json
  ftrack get last_lantern/storm/010 --columns 'name,status,children,custom_attributes[fstart]'

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The entities: TYPE:ID, TYPE:NAME, or paths from the project.
    #[arg(required = true, value_name = "ENTITY")]
    entities: Vec<Named>,
    #[command(flatten)]
    columns: Columns,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entities = resolve_all(&session, &options.entities, None)?;
    let pages = looked_up(&session, &entities, options)?;
    if options.format.is_for_programs() {
        print_rows(&pages, options)?;
    } else {
        print_pages(&pages, options)?;
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// An entity with what the server has in its columns.
struct Page<'a> {
    entity: &'a Entity,
    columns: Rc<Vec<Column>>,
    row: Map<String, Json>,
}

/// An entity after the other, each with an attribute on a line.
fn print_pages(pages: &[Page<'_>], options: &Options) -> Result<(), Failure> {
    let mut output = output::standard();
    for (index, page) in pages.iter().enumerate() {
        if index > 0 {
            writeln!(output)?;
        }
        output.styled_line(STRONG, described(page.entity))?;
        let mut table = Table::new(["attribute", "value"]).fitting(output::width());
        for column in page.columns.iter() {
            let cell = column.cell(&page.row);
            if !cell.is_empty() || !options.columns.columns.is_empty() {
                table.push(&[column.title(), cell]);
            }
        }
        table.write(&mut output)?;
    }
    output.flush()?;
    Ok(())
}

/// A row for each entity. Where they are of several types, the columns are those of the first.
fn print_rows(pages: &[Page<'_>], options: &Options) -> Result<(), Failure> {
    let Some(first) = pages.first() else {
        return Ok(());
    };
    let titles: Vec<String> = first.columns.iter().map(Column::title).collect();
    let mut rows = rows::begin(&options.format, titles.clone())?;
    for page in pages {
        let (columns, row) = (&page.columns, &page.row);
        let cell = |title: &String| {
            let column = columns.iter().find(|column| column.title() == *title);
            column.map(|column| column.cell(row)).unwrap_or_default()
        };
        let object = || {
            let mut shown = Map::new();
            let entity_type = Json::from(page.entity.entity_type());
            shown.insert("__entity_type__".to_owned(), entity_type);
            let values = columns.iter();
            shown.extend(values.map(|column| (column.title(), column.value(row))));
            shown
        };
        rows.push(|| titles.iter().map(cell).collect(), object)?;
    }
    rows.finish()?;
    Ok(())
}

/// What the server has of all entities, in their order: one request for each type.
fn looked_up<'a>(
    session: &Session,
    entities: &'a [Entity],
    options: &Options,
) -> Result<Vec<Page<'a>>, Failure> {
    let keys = Keys::new(session);
    let mut types: HashMap<&str, (Rc<Vec<Column>>, Rows)> = HashMap::new();
    let mut pages = Vec::with_capacity(entities.len());
    for entity in entities {
        let kind = entity.entity_type();
        let (columns, rows) = match types.entry(kind) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let columns = columns(&keys, entity.definition(), options)?;
                let same = entities.iter().filter(|other| other.entity_type() == kind);
                let rows = rows_of(session, entity.definition(), same, &columns)?;
                place.insert((Rc::new(columns), rows))
            }
        };
        let row = rows.get(&key_parts(entity)).cloned().ok_or_else(|| {
            Failure::NotFound(format!("the {} is not there any more", described(entity)))
        })?;
        let columns = Rc::clone(columns);
        pages.push(Page {
            entity,
            columns,
            row,
        });
    }
    Ok(pages)
}

/// Rows by the parts of their keys.
type Rows = HashMap<Vec<String>, Map<String, Json>>;

fn key_parts(entity: &Entity) -> Vec<String> {
    let parts = entity.primary_key().into_iter();
    parts.map(|(_, part)| part).collect()
}

/// What the server has of entities of one type.
fn rows_of<'a>(
    session: &Session,
    entity_type: &EntityType,
    entities: impl Iterator<Item = &'a Entity>,
    columns: &[Column],
) -> Result<Rows, Failure> {
    let conditions = entities.map(|entity| {
        let parts = entity.primary_key().into_iter();
        Filter::all_of(parts.map(|(name, value)| attr(name).is(value)))
    });
    let Some(filter) = Filter::any_of(conditions.flatten()) else {
        return Ok(Rows::new());
    };
    let key: Vec<&str> = entity_type
        .primary_key()
        .map(ftrack::Attribute::name)
        .collect();
    let asked = key.iter().map(|name| Path::new(name));
    let asked: Vec<Path> = asked
        .chain(columns.iter().flat_map(Column::projections))
        .collect();
    let query = Query::from(entity_type.name().as_str()).select(asked);
    let mut rows = Rows::new();
    for row in session
        .query(query.filter(filter))
        .records::<Map<String, Json>>()
    {
        let row = row?;
        let part = |name: &&str| match row.get(*name) {
            Some(Json::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        rows.insert(key.iter().map(part).collect(), row);
    }
    Ok(rows)
}

/// The columns that are chosen, else all attributes but lists, and the custom attributes.
fn columns(
    keys: &Keys<'_>,
    entity_type: &EntityType,
    options: &Options,
) -> Result<Vec<Column>, Failure> {
    let chosen = &options.columns.columns;
    if !chosen.is_empty() {
        return Column::all(keys, entity_type, chosen);
    }
    let is_reference = |name: &str| {
        let attribute = entity_type.get(name);
        attribute.is_some_and(|attribute| attribute.target().is_some())
    };
    let mut names: Vec<&str> = entity_type
        .attributes()
        .iter()
        .filter(|attribute| !attribute.is_collection() || attribute.name() == "custom_attributes")
        .map(ftrack::Attribute::name)
        // Each reference has its id beside it, and links are made twice.
        .filter(|name| !name.strip_suffix("_id").is_some_and(is_reference))
        .filter(|name| !name.starts_with('_'))
        .collect();
    names.sort_by_key(|name| (first(name), *name));
    let columns = names
        .iter()
        .map(|name| Column::new(keys.session().schema(), entity_type, Path::new(name)));
    Ok(columns.collect())
}

/// What people look for comes first.
fn first(name: &str) -> usize {
    let order = ["id", "link", "name", "type", "status"];
    let place = order.iter().position(|known| *known == name);
    place.unwrap_or(order.len())
}
