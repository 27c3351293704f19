//! Rows of a query with `group by`.

use ftrack::prelude::*;
use serde_json::{Map, Value as Json};

use crate::failure::Failure;
use crate::options::Format;
use crate::rows;

/// Prints a row for each group, its keys in front of what was counted and added up.
pub(super) fn print(session: &Session, query: &Query, format: &Format) -> Result<(), Failure> {
    let keys = query.group_by().iter().map(ToString::to_string);
    let functions = query
        .aggregates()
        .iter()
        .map(ftrack::query::Aggregate::column);
    let columns: Vec<String> = keys.chain(functions).collect();
    let mut rows = rows::begin(format, columns.clone())?;
    for row in session.query(query).records::<Map<String, Json>>() {
        let row = row?;
        let cells = || columns.iter().map(|column| cell(row.get(column))).collect();
        rows.push(cells, || row.clone())?;
    }
    rows.finish()?;
    Ok(())
}

fn cell(value: Option<&Json>) -> String {
    match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}
