//! What keeps data from being read or written.

use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};

/// What keeps data from being read or written, before it is known where the data is.
#[derive(Debug)]
pub(super) enum DiskError {
    /// Another process has it open.
    InUse,
    Database(Box<redb::Error>),
    /// The data makes no sense to this version of the server.
    Corrupt(String),
    /// It makes no sense to the database.
    Panicked(String),
    /// An error closed the database.
    Closed,
}

impl From<serde_json::Error> for DiskError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<DatabaseError> for DiskError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => Self::InUse,
            other => Self::Database(Box::new(other.into())),
        }
    }
}

impl From<TransactionError> for DiskError {
    fn from(error: TransactionError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<TableError> for DiskError {
    fn from(error: TableError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<StorageError> for DiskError {
    fn from(error: StorageError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<CommitError> for DiskError {
    fn from(error: CommitError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}
