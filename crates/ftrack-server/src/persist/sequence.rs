//! How many batches were stored, kept beside the database.
//!
//! A damaged database can be read as the one that it was a batch ago: it keeps the state before the last one, to go
//! back to after a crash. The number beside it tells that this happened. It is written after the batch and nobody waits
//! for it, so it may be behind, but never ahead.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const FILE_NAME: &str = "ftrack.sequence";

/// The file of the number.
#[derive(Debug)]
pub(super) struct SequenceFile {
    path: PathBuf,
}

impl SequenceFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            path: folder.join(FILE_NAME),
        }
    }

    /// The number; nothing where there is no file, or one that was cut off when the machine stopped.
    pub(super) fn read(&self) -> io::Result<Option<u64>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes the number. It helps to notice damage; that it cannot be noted is only logged.
    pub(super) fn write(&self, number: u64) {
        let text = format!("{number} {}\n", check(number));
        let outcome = super::access::open_file(&self.path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = outcome {
            tracing::warn!(%error, "the number of the last batch could not be noted");
        }
    }

    /// Lets nobody but the owner read it.
    pub(super) fn close(&self) -> io::Result<()> {
        match super::access::close_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

fn parse(text: &str) -> Option<u64> {
    let (number, sum) = text.trim_end().split_once(' ')?;
    let number = number.parse().ok()?;
    (check(number) == sum).then_some(number)
}

fn check(number: u64) -> String {
    let digest = crate::hex::hex(&Sha256::digest(number.to_string().as_bytes()));
    digest.chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_cut_off_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = SequenceFile::new(folder.path());
        assert_eq!(file.read().unwrap(), None);
        file.write(1_234);
        assert_eq!(file.read().unwrap(), Some(1_234));
        let text = std::fs::read(folder.path().join(FILE_NAME)).unwrap();
        for length in 0..text.len() - 1 {
            std::fs::write(folder.path().join(FILE_NAME), &text[..length]).unwrap();
            assert_eq!(file.read().unwrap(), None, "{length}");
        }
    }
}
