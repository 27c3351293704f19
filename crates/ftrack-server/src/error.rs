//! Why a server does not start or stop.

mod snapshot;

use std::path::PathBuf;

pub use self::snapshot::SnapshotError;

/// A server that cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address as given.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The folder for data cannot be made or used.
    #[error("cannot use the data folder {}", path.display())]
    DataFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process uses the folder for data.
    #[error("the data folder {} is in use by another process", path.display())]
    DataFolderInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The data cannot be read or written.
    #[error("cannot read or write the data in {}", path.display())]
    Data {
        /// The folder.
        path: PathBuf,
        /// What the database says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row of the data makes no sense to this version of the server.
    #[error("the data in {} cannot be understood: {reason}", path.display())]
    Corrupt {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file holds no schema that a server can work by.
    #[error("cannot use the schema {}", path.display())]
    SchemaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong: the system's error, that of the JSON text, or what of its types does
        /// not fit together.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The rows that the server starts with break one of its own rules.
    #[error("the start data is refused: {reason}")]
    Seed {
        /// The rule.
        reason: String,
    },
    /// A snapshot cannot be read or written.
    #[error("cannot read or write the snapshot {}", path.display())]
    SnapshotFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of a snapshot is not an entity that this server can have.
    #[error("line {line} of the snapshot {} cannot be used", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// Something that only a server for tests does, see [`ServerBuilder::testing`](crate::ServerBuilder::testing).
    #[error("the server was not started for tests")]
    NotTesting,
    /// A bound that cannot be set, see [`ServerLimits::set`](crate::ServerLimits::set).
    #[error("the limit cannot be set: {reason}")]
    Limit {
        /// What is wrong with its name or value.
        reason: String,
    },
    /// An API key without any character would let anybody in.
    #[error("an API key cannot be empty")]
    EmptyKey,
    /// The threads that serve requests cannot be started.
    #[error("cannot start the threads that serve requests")]
    Threads {
        /// What the system says.
        source: std::io::Error,
    },
}

/// What starting a server gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;
