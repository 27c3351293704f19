//! Sequences among all the files of a folder.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::{FindError, FindOptions, Found, entries, irregularity};
use crate::sequence::assemble::numbers;
use crate::sequence::{Assembly, Sequence, assemble};

/// Every sequence in a folder.
pub(super) fn sequences_in(folder: &Path, options: &FindOptions) -> Result<Vec<Found>, FindError> {
    if folder.to_str().is_none() {
        return Err(FindError::NotUnicode {
            folder: folder.to_owned(),
        });
    }
    let assembly = assemble_files(folder)?;
    if assembly.sequences.is_empty() {
        return Err(FindError::NoSequences {
            folder: folder.to_owned(),
        });
    }
    let twins = Twins::new(&assembly);
    let sequences = assembly.sequences.iter();
    sequences
        .map(|sequence| {
            twins.check(sequence)?;
            meant(sequence, folder, options).map(Found::Sequence)
        })
        .collect()
}

/// The sequence that a file belongs to.
pub(super) fn sequence_of(
    path: &Path,
    options: &FindOptions,
) -> Result<Option<Sequence>, FindError> {
    let name = path
        .to_str()
        .and(path.file_name())
        .and_then(|name| name.to_str());
    let Some(name) = name else {
        return Ok(None);
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let shown = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let assembly = assemble_files(shown)?;
    let mut sequences = assembly.sequences.iter();
    let found = sequences.clone().find(|sequence| sequence.contains(name));
    let twin = || sequences.find(|sequence| sequence.pattern().number_in(name).is_some());
    if options.frames.is_none()
        && let Some(sequence) = found.or_else(twin)
    {
        Twins::new(&assembly).check(sequence)?;
    }
    found
        .map(|sequence| meant(sequence, folder, options))
        .transpose()
}

/// The frames of a sequence that are asked for, or all.
fn meant(sequence: &Sequence, folder: &Path, options: &FindOptions) -> Result<Sequence, FindError> {
    let Some(wanted) = &options.frames else {
        return Ok(sequence.in_folder(folder));
    };
    let pattern = sequence.pattern();
    if wanted.is_empty() {
        return Err(FindError::NoFrames {
            folder: folder.to_owned(),
            pattern: pattern.to_string(),
        });
    }
    if !sequence.indexes().contains_all(wanted) {
        return Err(FindError::MissingFrames {
            pattern: pattern.in_folder(folder).to_string(),
            wanted: wanted.len(),
            missing: wanted.without(sequence.indexes()),
        });
    }
    Ok(Sequence::new(pattern.clone(), wanted.clone()).in_folder(folder))
}

/// The sequences and files whose names are the same but for the padding, by what is before and after the number.
struct Twins<'a>(FxHashMap<(&'a str, &'a str), Vec<String>>);

impl<'a> Twins<'a> {
    fn new(assembly: &'a Assembly) -> Self {
        let mut all: FxHashMap<_, Vec<String>> = FxHashMap::default();
        for sequence in &assembly.sequences {
            let same = all.entry(shape(sequence)).or_default();
            same.push(sequence.to_string());
        }
        // A single frame is not a sequence.
        for name in &assembly.others {
            for (family, _) in numbers(name) {
                if let Some(same) = all.get_mut(&family) {
                    same.push(name.clone());
                }
            }
        }
        Self(all)
    }

    /// Refuses a sequence beside which frames of another padding lie.
    fn check(&self, sequence: &Sequence) -> Result<(), FindError> {
        match self.0.get(&shape(sequence)).map(Vec::as_slice) {
            Some([first, others @ ..]) if !others.is_empty() => Err(FindError::MixedPadding {
                sequence: first.clone(),
                others: others.to_vec(),
            }),
            _ => Ok(()),
        }
    }
}

fn shape(sequence: &Sequence) -> (&str, &str) {
    let pattern = sequence.pattern();
    (pattern.head(), pattern.tail())
}

/// The sequences among the regular files of a folder, and the files that belong to none.
fn assemble_files(folder: &Path) -> Result<Assembly, FindError> {
    let files = entries(folder)?.filter_map(|(name, file_type)| {
        let is_file = irregularity(folder, &name, file_type).is_none();
        (is_file && !name.starts_with('.')).then_some(name)
    });
    Ok(assemble(files))
}
