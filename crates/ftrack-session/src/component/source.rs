//! Looking at the files that a component is created for.

use std::path::Path;

use ftrack_location::sequence::{
    FindOptions, Found, ParseSequenceError, Sequence, SequencePath, find,
};

use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// The sequence that is at `path`; `None` for a file. Nothing has to be there if it is `elsewhere`.
pub(super) fn look_at(path: &str, elsewhere: bool) -> Result<Option<Sequence>> {
    let file = Path::new(path);
    if file.is_file() {
        return Ok(None);
    }
    if elsewhere {
        return match path.parse::<SequencePath>() {
            Ok(sequence) => Ok(sequence.into_sequence()),
            Err(ParseSequenceError::NoPadding) => Ok(None),
            Err(error) => Err(invalid(path).with_source(error)),
        };
    }
    let found =
        find(file, &FindOptions::new()).map_err(|error| invalid(path).with_source(error))?;
    let mut sequences: Vec<Sequence> = found
        .into_iter()
        .filter_map(|found| match found {
            Found::Sequence(sequence) => Some(sequence),
            _ => None,
        })
        .collect();
    if sequences.len() > 1 {
        return Err(several(path, &sequences));
    }
    Ok(sequences.pop())
}

/// A component is one sequence, and a folder may have more.
fn several(path: &str, sequences: &[Sequence]) -> Error {
    const SHOWN: usize = 5;
    let names: Vec<String> = sequences
        .iter()
        .take(SHOWN)
        .map(|sequence| format!("\"{sequence}\""))
        .collect();
    let more = if sequences.len() > SHOWN { ", …" } else { "" };
    let message = format!(
        "{path:?} is a folder with {} sequences, say which one is meant: {}{more}",
        sequences.len(),
        names.join(", ")
    );
    Error::new(ErrorKind::InvalidArgument, message).with_detail("path", path)
}

fn invalid(path: &str) -> Error {
    let message = format!(
        "cannot create a component for {path:?}; if its files are where this machine does not reach, say their size"
    );
    Error::new(ErrorKind::InvalidArgument, message).with_detail("path", path)
}
