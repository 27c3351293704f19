//! Rows of queries without entities.

use ftrack::QueryResult;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyNone};
use serde_json::{Map, Value};

use crate::interrupt::wait;

/// The rows as mappings.
pub(crate) fn rows(py: Python<'_>, query: QueryResult) -> PyResult<Bound<'_, PyList>> {
    let rows = fetch(py, query)?;
    let list = PyList::empty(py);
    for row in rows {
        list.append(crate::json::to_python(py, &Value::Object(row))?)?;
    }
    Ok(list)
}

/// The values of each column, in lists of equal length. Columns of what an entity refers to have dots in their names.
pub(crate) fn columns(py: Python<'_>, query: QueryResult) -> PyResult<Bound<'_, PyDict>> {
    let rows = fetch(py, query)?;
    let columns = PyDict::new(py);
    for (index, row) in rows.iter().enumerate() {
        add(py, &columns, index, "", row)?;
    }
    let count = rows.len();
    for (_, column) in columns.iter() {
        fill(py, column.cast::<PyList>()?, count)?;
    }
    Ok(columns)
}

fn fetch(py: Python<'_>, query: QueryResult) -> PyResult<Vec<Map<String, Value>>> {
    wait(py, move || query.records::<Map<String, Value>>().collect())
}

/// Adds the values of row number `index` to their columns.
fn add(
    py: Python<'_>,
    columns: &Bound<'_, PyDict>,
    index: usize,
    prefix: &str,
    row: &Map<String, Value>,
) -> PyResult<()> {
    for (name, value) in row {
        if name == "__entity_type__" {
            continue;
        }
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Value::Object(nested) if nested.contains_key("__entity_type__") => {
                add(py, columns, index, &path, nested)?;
            }
            value => {
                let column = match columns.get_item(&path)? {
                    Some(column) => column.cast_into::<PyList>()?,
                    None => {
                        let column = PyList::empty(py);
                        columns.set_item(&path, &column)?;
                        column
                    }
                };
                fill(py, &column, index)?;
                column.append(crate::json::to_python(py, value)?)?;
            }
        }
    }
    Ok(())
}

/// Makes a column as long as it has to be.
fn fill(py: Python<'_>, column: &Bound<'_, PyList>, count: usize) -> PyResult<()> {
    while column.len() < count {
        column.append(PyNone::get(py))?;
    }
    Ok(())
}
