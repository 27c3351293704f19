//! What is said about locations.

use serde::{Deserialize, Serialize};

use super::ValueMessage;

/// How a location is configured; what it is made of goes by numbers.
#[derive(Debug, Serialize, Deserialize)]
pub struct LocationMessage {
    pub id: String,
    pub priority: i32,
    pub kind: String,
    pub accessor: Option<u64>,
    pub structure: Option<u64>,
    pub transformer: Option<u64>,
}

/// What the program asks of a part of a location.
#[derive(Debug, Serialize, Deserialize)]
pub enum PartRequest {
    Accessor {
        accessor: u64,
        operation: AccessorOperation,
        resource_identifier: String,
    },
    Upload {
        upload: u64,
        operation: UploadOperation,
    },
    /// It is answered by [`Identified`].
    Structure {
        structure: u64,
        entity: EntityMessage,
        source_resource_identifier: Option<String>,
        known: Vec<KnownValue>,
    },
    /// It is answered by [`Identified`].
    Transform {
        transformer: u64,
        decode: bool,
        resource_identifier: String,
        entity: EntityMessage,
        known: Vec<KnownValue>,
    },
    /// No longer needs the part.
    Forget { part: u64 },
}

/// What an accessor does.
#[derive(Debug, Serialize, Deserialize)]
pub enum AccessorOperation {
    List,
    Exists,
    IsFile,
    IsContainer,
    IsSequence,
    /// It is answered by [`Opened`].
    Open {
        offset: u64,
    },
    /// It is answered by the number of an upload.
    Create {
        size: Option<u64>,
        md5: Option<[u8; 16]>,
        file_name: Option<String>,
        durable: bool,
    },
    Remove,
    RemoveContainer,
    Rename {
        target: String,
    },
    /// Puts the resource in the place of `target`, which is kept as `backup`.
    Replace {
        target: String,
        backup: String,
    },
    MakeContainer {
        recursive: bool,
    },
    GetContainer,
    GetFilesystemPath,
    GetUrl,
    GetThumbnailUrl {
        size: Option<u32>,
    },
    LocalPath,
}

/// What an upload does.
#[derive(Debug, Serialize, Deserialize)]
pub enum UploadOperation {
    /// Writes the bytes that come along, and is answered by how many were taken.
    Write,
    Flush,
    Finish,
    Abort,
}

/// The answer to [`AccessorOperation::Open`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Opened {
    pub stream: u64,
    pub size: Option<u64>,
}

/// Which entity is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EntityMessage {
    pub entity_type: String,
    pub key: Vec<String>,
}

/// What the library was told of an entity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownValue {
    pub entity: EntityMessage,
    pub path: String,
    pub value: Result<ValueMessage, String>,
}

/// The answer of a structure or transformer.
#[derive(Debug, Serialize, Deserialize)]
pub enum Identified {
    /// The resource identifier.
    As(String),
    /// It has to be asked again, with this value known.
    Needs { entity: EntityMessage, path: String },
}
