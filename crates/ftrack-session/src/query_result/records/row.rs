//! One row as a type of the caller's own.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::forms::Times;
use crate::error::{Error, ErrorKind, Result};

/// Reads the row of this number, counted from 1.
pub(super) fn read_row<T: DeserializeOwned>(
    number: usize,
    mut row: Json,
    times: &mut Times,
) -> Result<T> {
    let found = times.untag(&mut row);
    let mut first_error = None;
    loop {
        let error = match serde_path_to_error::deserialize(&row) {
            Ok(row) => return Ok(row),
            Err(error) => error,
        };
        let path = error.path().to_string();
        let time = found.iter().find(|time| time.path == path);
        let described = describe(number, &row, &path, error.into_inner());
        // What is said of the text that the server sent is what the caller understands.
        let is_time = time.is_some();
        let told = match first_error.take() {
            Some((at, told)) if at == path => told,
            _ => described,
        };
        if !is_time || !time.is_some_and(|time| times.try_next(&mut row, time)) {
            return Err(told);
        }
        first_error = Some((path, told));
    }
}

/// Says which row and field cannot be read, what is there and what the type wants.
fn describe(number: usize, row: &Json, path: &str, source: serde_json::Error) -> Error {
    let text = source.to_string();
    let (found, expected) = match text.split_once(", expected ") {
        Some((found, expected)) => (found, Some(expected)),
        None => (text.as_str(), None),
    };
    let found = found
        .strip_prefix("invalid type: ")
        .or_else(|| found.strip_prefix("invalid value: "))
        .unwrap_or(found);
    let field = if path == "." { "" } else { path };
    let shown = match (field, expected) {
        ("", Some(expected)) => format!("row {number} is {found}, but {expected} is expected"),
        ("", None) => format!("row {number} cannot be read: {found}"),
        (field, Some(expected)) => {
            format!("field {field:?} of row {number} is {found}, but {expected} is expected")
        }
        (field, None) => format!("field {field:?} of row {number} cannot be read: {found}"),
    };
    let hint = if text.starts_with("missing field") {
        Some("add it to the projections of the query, or make it an Option")
    } else if found == "null" {
        Some("make it an Option")
    } else {
        None
    };
    let message = match hint {
        Some(hint) => format!("{shown}; {hint}"),
        None => shown,
    };
    let mut error = Error::new(ErrorKind::WrongType, message)
        .with_detail("row", number)
        .with_detail("field", field)
        .with_detail("found", ftrack_transport::excerpt(found.as_bytes()));
    if let Some(expected) = expected {
        error = error.with_detail("expected", expected);
    }
    if let Some(hint) = hint {
        error = error.with_detail("hint", hint);
    }
    if let Some(id) = row.get("id").and_then(Json::as_str) {
        error = error.with_detail("id", id);
    }
    error.with_source(source)
}
