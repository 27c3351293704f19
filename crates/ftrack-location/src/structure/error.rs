//! What can go wrong with structures.

use ftrack_entity::Identity;

use crate::error::BoxError;

/// What can go wrong with structures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StructureError {
    /// The structure has no place for entities of this type.
    #[error("cannot generate a resource identifier for {entity}: the type is not supported")]
    UnsupportedEntityType {
        /// The entity.
        entity: Identity,
    },
    /// The resource identifier of the source is passed through, and there is none.
    #[error("the context holds no source resource identifier to pass through for {entity}")]
    NoSourceResourceIdentifier {
        /// The entity.
        entity: Identity,
    },
    /// The component belongs to no version, or to one that the server does not know yet.
    #[error(
        "{entity} must be attached to a committed version of a committed asset with a parent context"
    )]
    NotAttached {
        /// The component.
        entity: Identity,
    },
    /// The entity lacks something that its resource identifier is made of.
    #[error("{entity} has no {attribute}")]
    MissingValue {
        /// The entity.
        entity: Identity,
        /// The attribute, or what else is missing.
        attribute: String,
    },
    /// The name leads out of the folder of its parent, and nothing is put for illegal characters.
    #[error("the name {name:?} in the path of {entity} leads out of its folder")]
    UnsafeName {
        /// The entity whose path was asked for.
        entity: Identity,
        /// The name.
        name: String,
    },
    /// Containers lie in one another without end.
    #[error("the containers of {entity} are nested too deeply")]
    NestedTooDeeply {
        /// The entity.
        entity: Identity,
    },
    /// The entity could not be read.
    #[error("cannot read {attribute} of {entity}")]
    Unreadable {
        /// The entity.
        entity: Identity,
        /// What was to be read.
        attribute: String,
        /// Why it could not be read.
        source: BoxError,
    },
    /// Something else: for structures that you write.
    #[error("unspecified structure error")]
    Other {
        /// What is wrong.
        source: BoxError,
    },
}

impl StructureError {
    /// An error of a structure that you write.
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self::Other {
            source: source.into(),
        }
    }
}
