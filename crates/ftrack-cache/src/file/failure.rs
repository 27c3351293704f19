//! What the system and the database report, in our terms.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::BoxError;
use crate::error::Error;

/// What a failure of the database means.
#[derive(Debug)]
pub(super) enum Failure {
    /// The files cannot be trusted.
    Damage(BoxError),
    /// Somebody has the files open.
    Busy,
    /// The system refused to read or write.
    System(io::Error),
}

impl From<sled::Error> for Failure {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) if is_damage(error.kind()) => Self::Damage(error.into()),
            // The database gives this case no kind of its own.
            sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock") => {
                Self::Busy
            }
            sled::Error::Io(error) => Self::System(error),
            other => Self::Damage(other.into()),
        }
    }
}

/// Files that end too soon, are missing or are folders are not what the database left behind.
fn is_damage(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
    )
}

/// The error for a refusal of the system that concerns the cache in `path`.
pub(super) fn system_error(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Error::Full { path, source }
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::ReadOnly { path, source }
        }
        _ => Error::Io { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_the_system_have_types() {
        let cases = [
            (ErrorKind::StorageFull, "Full"),
            (ErrorKind::QuotaExceeded, "Full"),
            (ErrorKind::FileTooLarge, "Full"),
            (ErrorKind::PermissionDenied, "ReadOnly"),
            (ErrorKind::ReadOnlyFilesystem, "ReadOnly"),
            (ErrorKind::TimedOut, "Io"),
            (ErrorKind::NotADirectory, "Io"),
        ];
        for (kind, expected) in cases {
            let error = system_error(Path::new("/caches"), kind.into());
            assert!(
                format!("{error:?}").starts_with(expected),
                "{kind}: {error:?}"
            );
            assert!(error.to_string().contains("/caches"), "{error}");
        }
    }

    #[test]
    fn failures_of_the_database_are_told_apart() {
        let io = |kind, text: &str| sled::Error::Io(io::Error::new(kind, text));
        let cases = [
            (io(ErrorKind::UnexpectedEof, ""), "Damage"),
            (io(ErrorKind::NotFound, ""), "Damage"),
            (sled::Error::Corruption { at: None, bt: () }, "Damage"),
            (sled::Error::ReportableBug("a bug".to_owned()), "Damage"),
            (sled::Error::Unsupported("old".to_owned()), "Damage"),
            (
                io(ErrorKind::Other, "could not acquire lock on \"db\": x"),
                "Busy",
            ),
            (io(ErrorKind::StorageFull, ""), "System"),
        ];
        for (error, expected) in cases {
            let text = error.to_string();
            let failure = Failure::from(error);
            assert!(
                format!("{failure:?}").starts_with(expected),
                "{text}: {failure:?}"
            );
        }
    }
}
