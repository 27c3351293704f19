//! What the cases have in common.

use std::fmt::Debug;
use std::io::{Read, Write};

use super::Outcome;
use crate::accessor::{Accessor, AccessorError, CreateOptions, Upload};

/// Demands that two values are the same.
pub(super) fn same<T: PartialEq + Debug>(what: &str, found: &T, wanted: &T) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, not {wanted:?}"))
    }
}

/// Demands success.
pub(super) fn works<T, E: std::error::Error>(
    what: &str,
    result: Result<T, E>,
) -> Result<T, String> {
    result.map_err(|error| format!("cannot {what}: {}", with_sources(&error)))
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// Demands an error of a kind.
pub(super) fn refuses<T>(
    what: &str,
    result: Result<T, AccessorError>,
    is_wanted: impl Fn(&AccessorError) -> bool,
) -> Outcome {
    match result {
        Ok(_) => Err(format!("it could {what}")),
        Err(error) if is_wanted(&error) => Ok(()),
        Err(error) => Err(format!(
            "to {what} fails as it should, but with another error: {error:?}"
        )),
    }
}

macro_rules! is {
    ($($variant:ident)|+) => {
        |error: &AccessorError| matches!(error, $(AccessorError::$variant { .. })|+)
    };
}
pub(super) use is;

pub(super) fn start(
    accessor: &dyn Accessor,
    name: &str,
    content: &[u8],
    options: &CreateOptions,
) -> Result<Box<dyn Upload>, String> {
    let mut upload = works("create a resource", accessor.create(name, options))?;
    works("write", upload.write_all(content))?;
    Ok(upload)
}

pub(super) fn write(accessor: &dyn Accessor, name: &str, content: &[u8]) -> Outcome {
    let upload = start(accessor, name, content, &CreateOptions::new())?;
    works("finish an upload", upload.finish())
}

pub(super) fn read(accessor: &dyn Accessor, name: &str, offset: u64) -> Result<Vec<u8>, String> {
    let mut reader = works("open a resource", accessor.open_at(name, offset))?;
    let size = reader.size();
    let mut content = Vec::new();
    works("read", reader.read_to_end(&mut content))?;
    if let Some(size) = size {
        same("the announced size", &size, &(content.len() as u64))?;
    }
    Ok(content)
}

/// Demands that a resource has this content.
pub(super) fn holds(accessor: &dyn Accessor, name: &str, wanted: &[u8]) -> Outcome {
    let found = read(accessor, name, 0)?;
    if found == wanted {
        Ok(())
    } else {
        Err(format!(
            "{} other bytes are read than the {} that were written",
            found.len(),
            wanted.len()
        ))
    }
}
