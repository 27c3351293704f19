//! What is to be published.

use std::path::Path;

use ftrack::location::sequence::{Indexes, Sequence, SequencePattern};

use super::absolute;
use crate::failure::Failure;

/// A file or sequence that is there, and what its component is called.
#[derive(Debug)]
pub(super) struct Source {
    /// From the root, with the ranges of a sequence.
    pub(super) path: String,
    pub(super) name: String,
    files: u64,
}

impl Source {
    /// Looks for all of them; the first that is not there is a failure.
    pub(super) fn find_all(paths: &[String]) -> Result<Vec<Self>, Failure> {
        paths.iter().map(|path| Self::find(path)).collect()
    }

    fn find(text: &str) -> Result<Self, Failure> {
        // A file may have the name of a sequence.
        if !Path::new(text).is_file() {
            let given = text.parse::<Sequence>().ok();
            let pattern = match &given {
                Some(sequence) => Some(sequence.pattern().to_string()),
                None => text
                    .parse::<SequencePattern>()
                    .ok()
                    .map(|_| text.to_owned()),
            };
            if let Some(pattern) = pattern {
                return Self::sequence(&pattern, given.as_ref().map(Sequence::indexes));
            }
        }
        let path = file(Path::new(text))?;
        let name = stem(&path).to_owned();
        Ok(Self {
            path,
            name,
            files: 1,
        })
    }

    /// The frames of a pattern: those that are wanted, which must all be there, else those that are there.
    fn sequence(pattern: &str, wanted: Option<&Indexes>) -> Result<Self, Failure> {
        let path = absolute(Path::new(pattern))?;
        let unusable = |reason: String| Failure::Unusable(format!("{pattern}: {reason}"));
        let folder = Path::new(&path).parent().unwrap_or(Path::new("/"));
        let name = path.get(folder.as_os_str().len()..).unwrap_or(&path);
        let names: SequencePattern = name
            .trim_start_matches(std::path::is_separator)
            .parse()
            .map_err(|error| unusable(format!("{error}")))?;
        let entries = std::fs::read_dir(folder)
            .map_err(|error| unusable(format!("{}: {error}", folder.display())))?;
        let present: Indexes = entries
            .filter_map(|entry| names.index_of(entry.ok()?.file_name().to_str()?))
            .collect();
        let indexes = match wanted {
            Some(wanted) if wanted.is_empty() => {
                return Err(unusable("the sequence has no files".to_owned()));
            }
            Some(wanted) if !present.contains_all(wanted) => {
                let count = wanted
                    .iter()
                    .filter(|index| !present.contains(*index))
                    .count();
                return Err(unusable(format!(
                    "{count} of {} files are missing",
                    wanted.len()
                )));
            }
            Some(wanted) => wanted.clone(),
            None if present.is_empty() => {
                return Err(unusable(
                    "there is no such file, nor any of a sequence".to_owned(),
                ));
            }
            None => present,
        };
        let files = indexes.len();
        let head = names.head().trim_end_matches(['.', '_', '-', ' ']);
        Ok(Self {
            name: if head.is_empty() { "sequence" } else { head }.to_owned(),
            path: format!("{path} [{indexes}]"),
            files,
        })
    }
}

/// The path of a file that is there, from the root.
pub(super) fn file(path: &Path) -> Result<String, Failure> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => absolute(path),
        Ok(_) => Err(Failure::Unusable(format!(
            "{} is not a file",
            path.display()
        ))),
        Err(error) => Err(Failure::Unusable(format!("{}: {error}", path.display()))),
    }
}

/// How many files there are, in words.
pub(super) fn described(sources: &[Source]) -> String {
    match sources.iter().map(|source| source.files).sum::<u64>() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    }
}

/// The name of a file without what follows its last dot.
fn stem(path: &str) -> &str {
    Path::new(path)
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, name: &str) -> Result<(String, String, u64), String> {
        let path = format!("{}/{name}", folder.to_str().unwrap());
        let source = Source::find(&path).map_err(|failure| failure.to_string())?;
        let path = Path::new(&source.path).strip_prefix(folder).unwrap();
        Ok((path.to_str().unwrap().to_owned(), source.name, source.files))
    }

    #[test]
    fn files_and_sequences_are_found_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for name in [
            "scene.final.ma",
            "plate.0001.exr",
            "plate.0002.exr",
            "plate.0004.exr",
            "7.jpg",
            "8.jpg",
            "odd.%02d.txt",
        ] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        for (name, path, component, files) in [
            ("scene.final.ma", "scene.final.ma", "scene.final", 1),
            ("plate.%04d.exr", "plate.%04d.exr [1-2, 4]", "plate", 3),
            ("plate.%04d.exr [1, 4]", "plate.%04d.exr [1, 4]", "plate", 2),
            ("plate.0001.exr", "plate.0001.exr", "plate.0001", 1),
            ("%d.jpg", "%d.jpg [7-8]", "sequence", 2),
            ("odd.%02d.txt", "odd.%02d.txt", "odd.%02d", 1),
        ] {
            let expected = (path.to_owned(), component.to_owned(), files);
            assert_eq!(found(folder, name), Ok(expected), "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("plate.0001.exr"), "pixels").unwrap();
        for (name, reason) in [
            ("scene.ma", "scene.ma"),
            ("", "is not a file"),
            ("plate.%04d.exr [1-3]", "2 of 3 files are missing"),
            ("plate.%04d.exr []", "no files"),
            ("other.%04d.exr", "no such file"),
            ("gone/plate.%04d.exr [1]", "gone"),
        ] {
            let message = found(folder, name).unwrap_err();
            assert!(message.contains(reason), "{name}: {message}");
        }
    }
}
