//! What is to be published.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ftrack::location::sequence::{FindOptions, Found, Indexes, Sequence, assemble, find};

use super::absolute;
use crate::failure::Failure;

/// A file or sequence that is there, and what its component is called.
#[derive(Debug)]
pub(super) struct Source {
    /// From the root, with the ranges of a sequence.
    pub(super) path: String,
    pub(super) name: String,
    /// The frames between the first and the last that are not there.
    gaps: Indexes,
    /// If it is one.
    pub(super) sequence: Option<Sequence>,
    /// Its files were named one by one.
    is_gathered: bool,
}

/// So many files that are named one by one, and no fewer, are taken for a sequence.
const SEQUENCE: u64 = 3;

impl Source {
    /// Looks for all of them; the first that is not there is a failure.
    pub(super) fn find_all(
        paths: &[PathBuf],
        frames: Option<&Indexes>,
        whole_sequences: bool,
    ) -> Result<Vec<Self>, Failure> {
        let mut options = FindOptions::new().whole_sequences(whole_sequences);
        if let Some(frames) = frames {
            options = options.frames(frames.clone());
        }
        let mut sources = Vec::new();
        for path in paths {
            for found in find(path, &options)? {
                sources.push(Self::new(&found)?);
            }
        }
        Ok(sources)
    }

    fn new(found: &Found) -> Result<Self, Failure> {
        match found {
            Found::Sequence(sequence) => Self::sequence(sequence),
            Found::File(path) => Ok(Self {
                name: stem(path).to_owned(),
                path: absolute(path)?,
                gaps: Indexes::default(),
                sequence: None,
                is_gathered: false,
            }),
            other => Err(Failure::Unusable(format!("{other:?} cannot be published"))),
        }
    }

    fn sequence(sequence: &Sequence) -> Result<Self, Failure> {
        let pattern = sequence.pattern();
        let head = Path::new(pattern.head())
            .file_name()
            .filter(|_| !pattern.head().ends_with(std::path::is_separator));
        let head = head.and_then(|name| name.to_str()).unwrap_or_default();
        let name = match head.trim_end_matches(['.', '_', '-', ' ']) {
            "" => "sequence",
            name => name,
        };
        Ok(Self {
            name: name.to_owned(),
            path: format!(
                "{} [{}]",
                absolute(Path::new(&pattern.to_string()))?,
                sequence.indexes()
            ),
            gaps: sequence.missing(),
            sequence: Some(sequence.clone()),
            is_gathered: false,
        })
    }

    /// The same files, but those that are frames of a sequence as that sequence: shells expand `plate.*.exr` to a list
    /// of files.
    pub(super) fn gathered(sources: Vec<Self>) -> Result<Vec<Self>, Failure> {
        let files = sources.iter().filter(|source| source.sequence.is_none());
        let sequences = assemble(files.map(|source| source.path.as_str())).sequences;
        let mut waiting = Vec::new();
        for sequence in sequences
            .iter()
            .filter(|sequence| sequence.len() >= SEQUENCE)
        {
            let mut gathered = Self::sequence(sequence)?;
            gathered.is_gathered = true;
            let members: HashSet<String> = sequence.members().collect();
            waiting.push((members, Some(gathered)));
        }
        let mut all = Vec::with_capacity(sources.len());
        for source in sources {
            let found = waiting
                .iter_mut()
                .find(|(members, _)| source.sequence.is_none() && members.contains(&source.path));
            match found {
                // The first frame stands for all.
                Some((_, gathered)) => all.extend(gathered.take()),
                None => all.push(source),
            }
        }
        Ok(all)
    }

    /// What is to be said of it before it is published.
    pub(super) fn remarks(&self) -> Vec<String> {
        let gathered = self.is_gathered.then(|| {
            format!(
                "{} of these files are one sequence, {}, and are published as one component (--single-files publishes \
                 each)",
                self.count(),
                self.path
            )
        });
        let gaps = self.described_gaps().map(|gaps| format!("warning: {gaps}"));
        gathered.into_iter().chain(gaps).collect()
    }

    /// The paths of all files, as they were given.
    pub(super) fn files(&self) -> Vec<String> {
        match &self.sequence {
            Some(sequence) => sequence.members().collect(),
            None => vec![self.path.clone()],
        }
    }

    /// How many bytes all files have.
    pub(super) fn size(&self) -> u64 {
        let sizes = self.files().into_iter();
        let sizes = sizes.map(|path| std::fs::metadata(path).map_or(0, |found| found.len()));
        sizes.fold(0, u64::saturating_add)
    }

    fn count(&self) -> u64 {
        self.sequence.as_ref().map_or(1, Sequence::len)
    }

    /// The frames that are missing between the first and the last, if there are some.
    pub(super) fn gaps(&self) -> Option<String> {
        (!self.gaps.is_empty()).then(|| self.gaps.with_steps().to_string())
    }

    /// The missing frames, in words.
    pub(super) fn described_gaps(&self) -> Option<String> {
        Some(format!("{} has no frames {}", self.name, self.gaps()?))
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
    match sources.iter().map(Source::count).sum::<u64>() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    }
}

/// The name of a file without what follows its last dot.
fn stem(path: &Path) -> &str {
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, name: &str) -> Result<(String, String, u64), String> {
        let paths = [folder.join(name)];
        let sources =
            Source::find_all(&paths, None, false).map_err(|failure| failure.to_string())?;
        let [source] = sources.as_slice() else {
            return Err(format!("{sources:?}"));
        };
        let path = Path::new(&source.path).strip_prefix(folder).unwrap();
        let name = source.name.clone();
        Ok((path.to_str().unwrap().to_owned(), name, source.count()))
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
            "skin.1001.tx",
            "skin.1011.tx",
            "early_-002.exr",
            "early_-001.exr",
            "early_0000.exr",
        ] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        for (name, path, component, files) in [
            ("scene.final.ma", "scene.final.ma", "scene.final", 1),
            ("plate.%04d.exr", "plate.%04d.exr [1-2, 4]", "plate", 3),
            ("plate.####.exr", "plate.%04d.exr [1-2, 4]", "plate", 3),
            ("plate.%04d.exr [1, 4]", "plate.%04d.exr [1, 4]", "plate", 2),
            ("plate.@@@@.exr", "plate.%04d.exr [1-2, 4]", "plate", 3),
            ("plate.$F4.exr 1,2", "plate.%04d.exr [1-2]", "plate", 2),
            ("plate.####.exr 1-4x3", "plate.%04d.exr [1, 4]", "plate", 2),
            ("skin.<UDIM>.tx", "skin.%04d.tx [1001, 1011]", "skin", 2),
            ("early_####.exr", "early_%04d.exr [-2-0]", "early", 3),
            ("early_@@@@.exr -2--1", "early_%04d.exr [-2--1]", "early", 2),
            ("plate.0001.exr", "plate.0001.exr", "plate.0001", 1),
            ("%d.jpg", "%d.jpg [7-8]", "sequence", 2),
            ("odd.%02d.txt", "odd.%02d.txt", "odd.%02d", 1),
        ] {
            let expected = (path.to_owned(), component.to_owned(), files);
            assert_eq!(found(folder, name), Ok(expected), "{name}");
        }
        let whole = Source::find_all(&[folder.join("plate.0001.exr")], None, true).unwrap();
        assert_eq!(
            whole[0].described_gaps().as_deref(),
            Some("plate has no frames 3")
        );
        let all = Source::find_all(&[folder.to_owned()], None, false).unwrap();
        assert_eq!(all.len(), 4);
        let only = "1".parse().unwrap();
        let failure = Source::find_all(&[folder.to_owned()], Some(&only), false).unwrap_err();
        assert!(failure.to_string().contains("1 of 1 frames"), "{failure}");
        std::fs::write(folder.join("plate.05.exr"), "another padding").unwrap();
        let failure = Source::find_all(&[folder.to_owned()], None, false).unwrap_err();
        let said = failure.to_string();
        assert!(
            said.contains("plate.%04d.exr [1-2, 4]") && said.contains("plate.05.exr"),
            "{said}"
        );
    }

    #[test]
    fn what_a_shell_has_expanded_is_a_sequence_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let names = [
            "a.ma",
            "p.0001.exr",
            "p.0002.exr",
            "p.0004.exr",
            "v1.mov",
            "v2.mov",
        ];
        let paths = names.map(|name| folder.join(name));
        for path in &paths {
            std::fs::write(path, "x").unwrap();
        }
        let single = Source::find_all(&paths, None, false).unwrap();
        assert_eq!(single.len(), 6);
        let gathered = Source::gathered(single).unwrap();
        let found: Vec<(&str, u64)> = gathered
            .iter()
            .map(|source| (source.name.as_str(), source.count()))
            .collect();
        // Two files may as well be two versions of something.
        assert_eq!(found, [("a", 1), ("p", 3), ("v1", 1), ("v2", 1)]);
        assert!(
            gathered[1].path.ends_with("p.%04d.exr [1-2, 4]"),
            "{gathered:?}"
        );
        let remarks = gathered[1].remarks();
        assert!(
            remarks[0].starts_with("3 of these files are one sequence, "),
            "{remarks:?}"
        );
        assert_eq!(remarks[1], "warning: p has no frames 3");
        assert!(gathered[0].remarks().is_empty());
    }

    #[test]
    fn what_is_missing_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("plate.0001.exr"), "pixels").unwrap();
        for (name, reason) in [
            ("scene.ma", "scene.ma"),
            ("", "no sequence"),
            ("plate.%04d.exr [1-3]", "2 of 3 frames"),
            ("plate.%04d.exr []", "no file"),
            ("other.%04d.exr", "no file"),
            ("gone/plate.%04d.exr [1]", "gone"),
        ] {
            let message = found(folder, name).unwrap_err();
            assert!(message.contains(reason), "{name}: {message}");
        }
    }
}
