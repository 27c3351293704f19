//! The seam for what is built above sessions: plugins in libraries, and whatever else has to know what becomes of one.
//!
//! An [`Extension`] is given to a session's builder, or to the session itself, and is told when the session starts,
//! when its entity types are built, when it is ready, reset and closed. [`Internals`] is what such code may ask of a
//! session besides what everybody may. Programs need none of this.

use std::fmt;
use std::sync::Arc;

use ftrack_entity::EntityType;
use ftrack_location::{Accessor, ResourceIdentifierTransformer, Structure};

use crate::customise::ConstructEntityType;
use crate::error::Result;
use crate::location::{LocationConfiguration, LocationKind};
pub use crate::session::{Change, Extension, Hook, Starting, TypeChanges};
pub use crate::start::{Hosted, Internals, WeakConnection};
pub use crate::whole_file::{Durability, replace_file};

/// An entity type that is still to be changed.
pub fn entity_type(definition: EntityType) -> ConstructEntityType {
    ConstructEntityType::new(definition)
}

/// Makes changes that somebody made elsewhere.
///
/// # Errors
///
/// A change that cannot be made; the type then is what it was before.
pub fn apply_changes(entity_type: &ConstructEntityType, changes: &[Change]) -> Result<()> {
    entity_type.apply(changes)
}

/// The changes that were made so far.
pub fn changes_of(entity_type: &ConstructEntityType) -> Vec<Change> {
    entity_type.finish().1
}

/// What a location is configured with.
#[derive(Clone)]
pub struct LocationParts {
    /// How its storage is reached.
    pub accessor: Option<Arc<dyn Accessor>>,
    /// Where in the storage data goes.
    pub structure: Option<Arc<dyn Structure>>,
    /// What changes resource identifiers before they are stored.
    pub transformer: Option<Arc<dyn ResourceIdentifierTransformer>>,
    /// How early it is picked.
    pub priority: i32,
    /// What happens to data and registrations.
    pub kind: LocationKind,
}

impl fmt::Debug for LocationParts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocationParts")
            .field("priority", &self.priority)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What a location is configured with.
pub fn location_parts(configuration: &LocationConfiguration) -> LocationParts {
    LocationParts {
        accessor: configuration.accessor.clone(),
        structure: configuration.structure.clone(),
        transformer: configuration.transformer.clone(),
        priority: configuration.priority,
        kind: configuration.kind,
    }
}
