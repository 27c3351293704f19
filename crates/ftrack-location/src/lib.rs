//! Where files of ftrack components are, and how they get there: accessors, structures, sequences and transfers.
//!
//! The crate knows neither sessions nor networks, so it also serves programs that only copy files safely, name
//! folders, or look for sequences.
//!
//! - An [`Accessor`] reaches a storage: a folder ([`DiskAccessor`]), memory ([`MemoryAccessor`]), or one that you
//!   write and check with [`conformance::run`].
//! - A [`Structure`] decides where in a location data goes: by ids ([`IdStructure`], [`EntityIdStructure`]), by the
//!   hierarchy of the project ([`StandardStructure`]), or where it already is ([`OriginStructure`]).
//! - A [`ResourceIdentifierTransformer`] changes resource identifiers before they are stored centrally.
//! - [`sequence`] reads and writes `plate.%04d.exr [1-100]`, and finds sequences in folders.
//! - [`transfer`] copies from one storage to another: staged, checked, in parallel, with progress.
//!
//! ```
//! use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
//! use ftrack_location::{Accessor, DiskAccessor, IdStructure, JsonEntity, Structure, StructureContext};
//! use serde_json::json;
//!
//! # let folder = std::env::temp_dir().join(format!("ftrack-location-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let prefix = folder.to_str().ok_or("the folder is not Unicode")?;
//! # std::fs::write(folder.join("plate.exr"), "pixels")?;
//! let component = json!({
//!     "__entity_type__": "FileComponent", "id": "0f2c1a9e-4d3b-11ee-9a6c-0242ac120002", "file_type": ".exr",
//! });
//! let identifier = IdStructure::new()
//!     .get_resource_identifier(&JsonEntity::new(&component)?, &StructureContext::new())?;
//! assert_eq!(identifier, "0/f/2/c/1a9e-4d3b-11ee-9a6c-0242ac120002.exr");
//!
//! let [inbox, storage] = [DiskAccessor::new(prefix)?, DiskAccessor::new(format!("{prefix}/storage"))?];
//! let items = [TransferItem::new("plate.exr", &identifier)];
//! transfer(&inbox, &storage, &items, &TransferOptions::new())?;
//! assert!(storage.is_file(&identifier)?);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

pub mod accessor;
pub mod conformance;
mod data;
mod disk;
mod identifier;
mod json_entity;
mod memory;
pub mod sequence;
pub mod structure;
pub mod transfer;
mod transformer;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use self::accessor::{
    Accessor, AccessorError, CreateOptions, Md5, ResourceReader, Upload, Watch,
};
pub use self::data::Data;
pub use self::disk::DiskAccessor;
pub use self::json_entity::{JsonEntity, NotAnEntity};
pub use self::memory::MemoryAccessor;
pub use self::structure::{
    EntityIdStructure, IdStructure, OriginStructure, StandardStructure, Structure,
    StructureContext, StructureError,
};
pub use self::transformer::{ResourceIdentifierTransformer, TransformError};

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
