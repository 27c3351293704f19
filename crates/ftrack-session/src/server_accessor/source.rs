//! A file of somebody else that must not change while it is sent.

use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// How a file was when sending it began.
#[derive(Debug)]
pub(super) struct SourceState {
    size: u64,
    modified: Option<SystemTime>,
}

impl SourceState {
    pub(super) fn from_file(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::new(&metadata))
    }

    fn new(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    /// Fails if somebody wrote to the file since. It is asked before the last byte is sent and before parts are put
    /// together: the server replaces what it had then, and cannot bring it back.
    pub(super) fn check(&self, file: &File) -> io::Result<()> {
        let now = Self::from_file(file)?;
        if (now.size, now.modified) == (self.size, self.modified) {
            return Ok(());
        }
        Err(io::Error::other("the file was changed while it was sent"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_that_is_written_to_is_another_one() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"pixels").unwrap();
        let state = SourceState::from_file(&file).unwrap();
        state.check(&file).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(state.check(&file).is_err(), "another time");
        let state = SourceState::from_file(&file).unwrap();
        file.write_all(b"!").unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let error = state.check(&file).unwrap_err();
        assert!(error.to_string().contains("changed"), "another size");
    }
}
