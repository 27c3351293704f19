//! What keeps data from being read or written.

use redb::{CommitError, StorageError, TableError, TransactionError};

/// What keeps data from being read or written, before it is known where the data is.
#[derive(Debug)]
pub(super) enum Trouble {
    Database(Box<redb::Error>),
    /// The data makes no sense to this version of the server.
    Corrupt(String),
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<TransactionError> for Trouble {
    fn from(error: TransactionError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<TableError> for Trouble {
    fn from(error: TableError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        Self::Database(Box::new(error.into()))
    }
}
