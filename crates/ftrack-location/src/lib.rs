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
//! - A [`Replacement`] puts new files in the place of old ones, and brings the old ones back if anything fails.
//!
//! ```
//! use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
//! use ftrack_location::{Accessor, DiskAccessor, IdStructure, JsonEntity, Structure, StructureContext};
//! use serde_json::json;
//!
//! # let folder = std::env::temp_dir().join(format!("ftrack-location-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::fs::write(folder.join("plate.exr"), "pixels")?;
//! let component = json!({
//!     "__entity_type__": "FileComponent", "id": "0f2c1a9e-4d3b-11ee-9a6c-0242ac120002", "file_type": ".exr",
//! });
//! let identifier = IdStructure::new()
//!     .resource_identifier(&JsonEntity::new(&component)?, &StructureContext::new())?;
//! assert_eq!(identifier, "0/f/2/c/1a9e-4d3b-11ee-9a6c-0242ac120002.exr");
//!
//! let inbox = DiskAccessor::in_folder(&folder)?;
//! let storage = DiskAccessor::in_folder(folder.join("storage"))?.create_prefix(true);
//! let items = [TransferItem::new("plate.exr", &identifier)];
//! transfer(&inbox, &storage, &items, &TransferOptions::new())?;
//! assert!(storage.is_file(&identifier)?);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sequences
//!
//! ```
//! use ftrack_location::sequence::{self, Sequence, SequencePath};
//!
//! // As people write them, in the notations of several programs.
//! let plate: SequencePath = "plates/bunny.####.exr 1001-1100x2".parse()?;
//! assert_eq!(plate.pattern().to_string(), "plates/bunny.%04d.exr");
//!
//! // As names that are found.
//! let names = ["a.0001.exr", "a.0002.exr", "notes.txt"].map(str::to_owned);
//! let found = sequence::assemble(names);
//! assert_eq!(found.sequences[0].to_string(), "a.%04d.exr [1-2]");
//!
//! let sequence: Sequence = "a.%04d.exr [1-2]".parse()?;
//! assert_eq!(sequence.members().collect::<Vec<_>>(), ["a.0001.exr", "a.0002.exr"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A structure of your own
//!
//! ```
//! use ftrack_location::structure::Result;
//! use ftrack_location::{JsonEntity, Structure, StructureContext};
//! # use ftrack_entity::ReadEntity;
//!
//! /// Everything by its id, in one folder.
//! struct Flat;
//!
//! impl Structure for Flat {
//!     fn resource_identifier(&self, entity: &dyn ReadEntity, _: &StructureContext) -> Result<String> {
//!         Ok(format!("flat/{}", entity.identity().key()))
//!     }
//! }
//!
//! # let component = serde_json::json!({"__entity_type__": "FileComponent", "id": "c-1"});
//! # let component = JsonEntity::new(&component)?;
//! assert_eq!(Flat.resource_identifier(&component, &StructureContext::new())?, "flat/c-1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Systems
//!
//! Resource identifiers have `/` between their parts everywhere. What each system does differently is listed in the
//! chapter on [platforms](../book/platforms.html#platforms) of the project's book.
#![forbid(unsafe_code)]

pub mod accessor;
pub mod conformance;
mod data;
mod disk;
mod error;
mod identifier;
mod json_entity;
mod memory;
mod replacement;
pub mod sequence;
pub mod structure;
pub mod transfer;
mod transformer;
mod windows;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use self::accessor::{
    Accessor, AccessorError, CreateOptions, Md5, ResourceReader, Upload, Watch,
};
pub use self::data::Data;
pub use self::disk::DiskAccessor;
pub use self::error::BoxError;
pub use self::json_entity::{JsonEntity, NotAnEntity};
pub use self::memory::MemoryAccessor;
pub use self::replacement::{LeftOver, Replacement};
pub use self::structure::{
    EntityIdStructure, IdStructure, OriginStructure, StandardStructure, Structure,
    StructureContext, StructureError,
};
pub use self::transformer::{ResourceIdentifierTransformer, TransformError};
