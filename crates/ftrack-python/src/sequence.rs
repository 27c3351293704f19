//! Sequences of files.

use std::path::Path;

use ftrack::location::sequence::{
    self, FindError, FindOptions, Found, Indexes, Notation, ParseSequenceError, Sequence,
    SequencePath, SequencePattern,
};
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;

/// Head, padding, tail and indexes of a sequence.
type Parts = (String, u8, String, Vec<i64>);

/// The notations by their names in Python.
const NOTATIONS: [(&str, Notation); 5] = [
    ("printf", Notation::Printf),
    ("hash", Notation::Hash),
    ("at", Notation::At),
    ("houdini", Notation::Houdini),
    ("udim", Notation::Udim),
];

/// A path, or the parts of a sequence.
#[derive(IntoPyObject)]
pub(crate) enum PathOrParts {
    Path(String),
    Parts(Parts),
}

/// What the path of a sequence says: (head, padding, tail, indexes), or nothing for any other path, nor for one that
/// does not say which frames.
#[pyfunction]
pub(crate) fn parse_sequence(path: &str) -> PyResult<Option<Parts>> {
    // First as sequences are stored, so that what is stored is always read as it was written.
    let read = path.parse::<Sequence>().map(Some);
    let read = read.or_else(|_| path.parse().map(SequencePath::into_sequence));
    match read {
        Ok(sequence) => Ok(sequence.as_ref().map(parts)),
        Err(error @ ParseSequenceError::TooLong { .. }) => {
            Err(PyValueError::new_err(format!("{path:?}: {error}")))
        }
        Err(_) => Ok(None),
    }
}

/// How a sequence is written in the notation of this name.
#[pyfunction]
pub(crate) fn write_sequence(sequence: Parts, notation: &str) -> PyResult<String> {
    let known = NOTATIONS.iter().find(|(name, _)| *name == notation);
    let Some((_, notation)) = known else {
        let names = NOTATIONS.map(|(name, _)| name).join(", ");
        let message = format!("there is no notation {notation:?}, only {names}");
        return Err(PyValueError::new_err(message));
    };
    let (head, padding, tail, indexes) = sequence;
    let pattern = SequencePattern::new(head, padding, tail)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let sequence = Sequence::new(pattern, indexes.into_iter().collect());
    Ok(sequence.write(*notation))
}

/// What a path means on disk, each a path or the parts of a sequence.
#[pyfunction]
#[pyo3(signature = (path, frames=None, whole=false))]
pub(crate) fn find_sequences(
    py: Python<'_>,
    path: &str,
    frames: Option<&str>,
    whole: bool,
) -> PyResult<Vec<PathOrParts>> {
    let mut options = FindOptions::new().whole_sequences(whole);
    if let Some(frames) = frames {
        let frames: Indexes = frames
            .parse()
            .map_err(|error| PyValueError::new_err(format!("{frames:?}: {error}")))?;
        options = options.frames(frames);
    }
    let found = py.detach(|| sequence::find(Path::new(path), &options));
    let found = found.map_err(|error| raise(&error))?.into_iter();
    found
        .map(|found| match found {
            Found::File(path) => Ok(PathOrParts::Path(path.to_string_lossy().into_owned())),
            Found::Sequence(sequence) => Ok(PathOrParts::Parts(parts(&sequence))),
            _ => Err(PyValueError::new_err(
                "what was found is of an unknown kind",
            )),
        })
        .collect()
}

/// Names put together to sequences, and those that belong to none.
#[pyfunction]
pub(crate) fn assemble_sequences(names: Vec<String>) -> Vec<PathOrParts> {
    let found = sequence::assemble(names);
    let sequences = found.sequences.iter();
    let sequences = sequences.map(|sequence| PathOrParts::Parts(parts(sequence)));
    let others = found.others.into_iter().map(PathOrParts::Path);
    sequences.chain(others).collect()
}

fn parts(sequence: &Sequence) -> Parts {
    let pattern = sequence.pattern();
    (
        pattern.head().to_owned(),
        pattern.padding(),
        pattern.tail().to_owned(),
        sequence.indexes().iter().collect(),
    )
}

fn raise(error: &FindError) -> PyErr {
    let message = crate::error::with_causes(error);
    match error {
        FindError::NotFound { .. }
        | FindError::NoFrames { .. }
        | FindError::MissingFrames { .. } => PyFileNotFoundError::new_err(message),
        FindError::Unreadable { .. } => PyOSError::new_err(message),
        _ => PyValueError::new_err(message),
    }
}
