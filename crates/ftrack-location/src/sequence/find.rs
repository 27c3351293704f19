//! Looking for the files that somebody means.

mod folder;

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use self::folder::{sequence_of, sequences_in};
use super::notation::Notation;
use super::{Indexes, ParseSequenceError, Sequence, SequencePath, SequencePattern, assemble};

/// What [`find`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// A file.
    File(PathBuf),
    /// A sequence, all of whose files are there.
    Sequence(Sequence),
}

impl Found {
    /// How many files it is.
    pub fn files(&self) -> u64 {
        match self {
            Self::File(_) => 1,
            Self::Sequence(sequence) => sequence.len(),
        }
    }
}

/// What is meant, where the path alone does not say it.
///
/// ```
/// use ftrack_location::sequence::FindOptions;
///
/// let options = FindOptions::new().frames("1001-1100".parse()?);
/// # let _ = options;
/// # Ok::<(), ftrack_location::sequence::ParseSequenceError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FindOptions {
    frames: Option<Indexes>,
    whole_sequences: bool,
}

impl FindOptions {
    /// The path says it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frames that are meant: of the sequence, or of each sequence in a folder. They take precedence over those in
    /// the path, and beside a single sequence frames of another padding are not an error then.
    pub fn frames(mut self, frames: Indexes) -> Self {
        self.frames = Some(frames);
        self
    }

    /// Whether the path of one frame means the whole sequence. Defaults to `false`: then it means that file.
    pub fn whole_sequences(mut self, whole: bool) -> Self {
        self.whole_sequences = whole;
        self
    }
}

/// Why [`find`] did not find what is meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// There is no such file.
    #[error("there is no file {path:?}")]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// There is something, but not a file.
    #[error("{path:?} is not a file, but a {kind}")]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, such as `folder` or `named pipe`.
        kind: &'static str,
    },
    /// Nothing belongs to the sequence.
    #[error("no file in {folder:?} belongs to {pattern:?}")]
    NoFrames {
        /// The folder that was looked into.
        folder: PathBuf,
        /// The pattern of the names.
        pattern: String,
    },
    /// Some of the frames are missing.
    #[error("{} of {wanted} frames of {pattern:?} are missing: {}", missing.len(), missing.with_steps())]
    MissingFrames {
        /// The pattern of the names.
        pattern: String,
        /// How many frames were asked for.
        wanted: u64,
        /// The frames that are not there.
        missing: Indexes,
    },
    /// Frames of another padding lie beside those that match, so it is not clear what is meant.
    #[error(
        "there are frames with another padding beside {sequence:?}: {}; say which frames are meant, or rename the others",
        others.join(", ")
    )]
    MixedPadding {
        /// The sequence that matches, or its pattern if nothing does.
        sequence: String,
        /// The sequences and files of another padding.
        others: Vec<String>,
    },
    /// There is no sequence in the folder.
    #[error("there is no sequence in the folder {folder:?}")]
    NoSequences {
        /// The folder.
        folder: PathBuf,
    },
    /// The text cannot be read as a sequence.
    #[error("{text:?} is not a sequence")]
    Syntax {
        /// The text.
        text: String,
        /// What is wrong with it.
        source: ParseSequenceError,
    },
    /// The folder of a sequence has a name that is not Unicode, and servers are told of Unicode only.
    #[error("the folder {folder:?} has a name that is not Unicode")]
    NotUnicode {
        /// The folder.
        folder: PathBuf,
    },
    /// The system did not let us look.
    #[error("cannot look at {path:?}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Looks for the files that `path` means on this machine.
///
/// | path | what it means |
/// |---|---|
/// | a file that is there, whatever its name | that file, or with [`FindOptions::whole_sequences`] its sequence |
/// | a folder | every sequence in it, not in folders below; hidden files do not count, and no two sequences or frames may differ in their padding only |
/// | a pattern and frames (`plate.####.exr 1001-1100`) | these frames, all of which must be there |
/// | a pattern (`plate.####.exr`) | the frames that there are, if none of another padding lies beside them |
///
/// Frames that are not regular files (named pipes, sockets, devices, folders) are an error. Nothing is opened.
///
/// ```
/// use ftrack_location::sequence::{FindOptions, Found, find};
///
/// # let folder = std::env::temp_dir().join(format!("ftrack-find-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// for frame in [1001, 1002, 1004] {
///     std::fs::write(folder.join(format!("plate.{frame}.exr")), "pixels")?;
/// }
/// let found = find(&folder.join("plate.####.exr"), &FindOptions::new())?;
/// let [Found::Sequence(plate)] = found.as_slice() else { panic!("not one sequence") };
/// assert_eq!(plate.indexes().to_string(), "1001-1002, 1004");
/// assert_eq!(plate.missing().to_string(), "1003");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`FindError`] says what is not there, or not clear.
pub fn find(path: &Path, options: &FindOptions) -> Result<Vec<Found>, FindError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => sequences_in(path, options),
        Ok(metadata) if metadata.is_file() => {
            let whole = options.whole_sequences.then(|| sequence_of(path, options));
            let found = whole.transpose()?.flatten();
            Ok(vec![found.map_or_else(
                || Found::File(path.to_owned()),
                Found::Sequence,
            )])
        }
        Ok(metadata) => Err(not_a_file(path.to_owned(), metadata.file_type())),
        Err(error) => match path.to_str().map(|text| (text, text.parse())) {
            Some((_, Ok(sequence))) => Ok(vec![Found::Sequence(frames_of(&sequence, options)?)]),
            // Without a number in it, it is the name of a file.
            None | Some((_, Err(ParseSequenceError::NoPadding))) => Err(absent(path, error)),
            Some((text, Err(source))) => Err(FindError::Syntax {
                text: text.to_owned(),
                source,
            }),
        },
    }
}

fn absent(path: &Path, source: io::Error) -> FindError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FindError::NotFound { path },
        _ => FindError::Unreadable { path, source },
    }
}

/// The frames of a pattern that are there, or that are asked for.
fn frames_of(path: &SequencePath, options: &FindOptions) -> Result<Sequence, FindError> {
    let pattern = path.pattern().clone();
    let text = pattern.to_string();
    let folder = Path::new(&text).parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let listing = Listing::from_pattern(folder, &pattern, path.notation())?;
    let wanted = options.frames.as_ref().or(path.frames());
    let frames = match wanted {
        Some(wanted) => listing.wanted(&pattern, wanted)?,
        None => listing.all(&pattern)?,
    };
    if frames.is_empty() {
        return Err(FindError::NoFrames {
            folder: folder.to_owned(),
            pattern: pattern.file_name().to_string(),
        });
    }
    listing.check_kinds(folder, &pattern, &frames)?;
    Ok(Sequence::new(pattern, frames))
}

/// What is in the folder of a pattern.
struct Listing {
    frames: Indexes,
    /// Frames that are not regular files.
    irregular: Vec<(i64, FileType)>,
    /// Names that differ from the pattern in their padding only.
    others: Vec<String>,
}

/// The tiles that a UDIM can name.
const TILES: std::ops::RangeInclusive<i64> = 1001..=9999;

impl Listing {
    fn from_pattern(
        folder: &Path,
        pattern: &SequencePattern,
        notation: Notation,
    ) -> Result<Self, FindError> {
        let name = pattern.file_name();
        let (mut frames, mut irregular, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (entry, file_type) in entries(folder)? {
            match name.index_of(&entry) {
                Some(index) if notation == Notation::Udim && !TILES.contains(&index) => {}
                Some(index) => {
                    frames.push(index);
                    if let Some(file_type) = irregularity(folder, &entry, file_type) {
                        irregular.push((index, file_type));
                    }
                }
                None if name.number_in(&entry).is_some() => others.push(entry),
                None => {}
            }
        }
        frames.sort_unstable();
        Ok(Self {
            frames: frames.into_iter().collect(),
            irregular,
            others,
        })
    }

    /// The frames that are asked for, if all are there.
    fn wanted(&self, pattern: &SequencePattern, wanted: &Indexes) -> Result<Indexes, FindError> {
        if self.frames.contains_all(wanted) {
            return Ok(wanted.clone());
        }
        let missing = wanted.without(&self.frames);
        let name = pattern.file_name();
        let is_beside = self.others.iter().any(|other| {
            let number = name.number_in(other).and_then(|number| number.parse().ok());
            number.is_some_and(|number| missing.contains(number))
        });
        if is_beside {
            return Err(self.mixed(pattern));
        }
        Err(FindError::MissingFrames {
            pattern: pattern.to_string(),
            wanted: wanted.len(),
            missing,
        })
    }

    fn all(&self, pattern: &SequencePattern) -> Result<Indexes, FindError> {
        if self.others.is_empty() {
            Ok(self.frames.clone())
        } else {
            Err(self.mixed(pattern))
        }
    }

    fn mixed(&self, pattern: &SequencePattern) -> FindError {
        let pattern = pattern.file_name();
        let sequence = if self.frames.is_empty() {
            pattern.to_string()
        } else {
            Sequence::new(pattern, self.frames.clone()).to_string()
        };
        let others = assemble(&self.others);
        let sequences = others.sequences.iter().map(ToString::to_string);
        FindError::MixedPadding {
            sequence,
            others: sequences.chain(others.others).collect(),
        }
    }

    fn check_kinds(
        &self,
        folder: &Path,
        pattern: &SequencePattern,
        frames: &Indexes,
    ) -> Result<(), FindError> {
        let mut wanted = self.irregular.iter();
        match wanted.find(|(index, _)| frames.contains(*index)) {
            Some(&(index, file_type)) => {
                let name = pattern.file_name().name(index);
                Err(not_a_file(folder.join(name), file_type))
            }
            None => Ok(()),
        }
    }
}

/// The names in a folder that are Unicode, as all that a server can be told of are, and what each is.
fn entries(folder: &Path) -> Result<impl Iterator<Item = (String, FileType)>, FindError> {
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => FindError::NotFound {
            path: folder.to_owned(),
        },
        _ => FindError::Unreadable {
            path: folder.to_owned(),
            source: error,
        },
    })?;
    Ok(entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        Some((name, entry.file_type().ok()?))
    }))
}

/// What something is, if it is not a regular file, nor a link to one.
fn irregularity(folder: &Path, name: &str, file_type: FileType) -> Option<FileType> {
    if file_type.is_file() {
        return None;
    }
    if file_type.is_symlink() {
        return match fs::metadata(folder.join(name)) {
            Ok(metadata) if metadata.is_file() => None,
            Ok(metadata) => Some(metadata.file_type()),
            Err(_) => Some(file_type),
        };
    }
    Some(file_type)
}

fn not_a_file(path: PathBuf, file_type: FileType) -> FindError {
    FindError::NotAFile {
        path,
        kind: kind(file_type),
    }
}

fn kind(file_type: FileType) -> &'static str {
    if file_type.is_dir() {
        return "folder";
    }
    if file_type.is_symlink() {
        return "symbolic link to nothing";
    }
    special_kind(file_type)
}

#[cfg(unix)]
fn special_kind(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    if file_type.is_fifo() {
        "named pipe"
    } else if file_type.is_socket() {
        "socket"
    } else {
        "device"
    }
}

#[cfg(not(unix))]
fn special_kind(_: FileType) -> &'static str {
    "special file"
}
