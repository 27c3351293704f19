//! What is said about locations.

use ftrack_entity::{Identity, Key};
use serde::{Deserialize, Serialize};

use crate::LocationKind;
use crate::plugin::hook::ValueMessage;

/// How a location is configured; what it is made of goes by numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LocationMessage {
    pub(super) id: String,
    pub(super) priority: i32,
    pub(super) kind: String,
    pub(super) accessor: Option<u64>,
    pub(super) structure: Option<u64>,
    pub(super) transformer: Option<u64>,
}

/// What the program asks of a part of a location.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum PartRequest {
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
    /// Needs the part no longer.
    Forget { part: u64 },
}

/// What an accessor does.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum AccessorOperation {
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
pub(crate) enum UploadOperation {
    /// Writes the bytes that come along, and is answered by how many were taken.
    Write,
    Flush,
    Finish,
    Abort,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) stream: u64,
    pub(super) size: Option<u64>,
}

/// Which entity is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EntityMessage {
    entity_type: String,
    key: Vec<String>,
}

/// What the library was told of an entity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KnownValue {
    pub(super) entity: EntityMessage,
    pub(super) path: String,
    pub(super) value: Result<ValueMessage, String>,
}

/// The answer of a structure or transformer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Identified {
    /// The resource identifier.
    As(String),
    /// It has to be asked again, with this value known.
    Needs { entity: EntityMessage, path: String },
}

impl EntityMessage {
    pub(super) fn of(identity: &Identity) -> Self {
        let parts = identity.key().parts().iter();
        Self {
            entity_type: identity.entity_type().as_str().to_owned(),
            key: parts.map(ToString::to_string).collect(),
        }
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::new(
            self.entity_type.as_str(),
            Key::composite(self.key.iter().map(String::as_str)),
        )
    }
}

pub(super) fn kind_name(kind: LocationKind) -> String {
    format!("{kind:?}")
}

/// The kind of this name; managed if this version knows none.
pub(super) fn kind_of(name: &str) -> LocationKind {
    [
        LocationKind::Unmanaged,
        LocationKind::Memory,
        LocationKind::Origin,
        LocationKind::Server,
    ]
    .into_iter()
    .find(|kind| kind_name(*kind) == name)
    .unwrap_or_default()
}
