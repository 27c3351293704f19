//! Reading of entities what resource identifiers are made of.

use ftrack_entity::{ReadEntity, Value};

use super::{Result, StructureError};

/// The component types that the structures of the product know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ComponentType {
    File,
    Sequence,
    Container,
}

pub(super) fn component_type(entity: &dyn ReadEntity) -> Option<ComponentType> {
    match entity.entity_type().as_str() {
        "FileComponent" => Some(ComponentType::File),
        "SequenceComponent" => Some(ComponentType::Sequence),
        "ContainerComponent" => Some(ComponentType::Container),
        _ => None,
    }
}

/// The primary key as text.
pub(super) fn id(entity: &dyn ReadEntity) -> String {
    entity.identity().key().to_string()
}

pub(super) fn value(entity: &dyn ReadEntity, attribute: &str) -> Result<Value> {
    entity
        .value(attribute)
        .map_err(|source| StructureError::Unreadable {
            entity: entity.identity().clone(),
            attribute: attribute.to_owned(),
            source,
        })
}

/// A text that must be there.
pub(super) fn required_text(entity: &dyn ReadEntity, attribute: &str) -> Result<String> {
    value(entity, attribute)?
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| missing(entity, attribute))
}

/// A text, empty if there is none.
pub(super) fn text(entity: &dyn ReadEntity, attribute: &str) -> Result<String> {
    Ok(value(entity, attribute)?
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

pub(super) fn number(entity: &dyn ReadEntity, attribute: &str) -> Result<Option<i64>> {
    Ok(value(entity, attribute)?.as_i64())
}

/// The entity that an attribute refers to, if it refers to one.
pub(super) fn reference<'entity>(
    entity: &'entity dyn ReadEntity,
    attribute: &str,
) -> Result<Option<Box<dyn ReadEntity + 'entity>>> {
    entity
        .reference(attribute)
        .map_err(|source| StructureError::Unreadable {
            entity: entity.identity().clone(),
            attribute: attribute.to_owned(),
            source,
        })
}

pub(super) fn missing(entity: &dyn ReadEntity, attribute: &str) -> StructureError {
    StructureError::MissingValue {
        entity: entity.identity().clone(),
        attribute: attribute.to_owned(),
    }
}

pub(super) fn unsupported(entity: &dyn ReadEntity) -> StructureError {
    StructureError::UnsupportedEntityType {
        entity: entity.identity().clone(),
    }
}

pub(super) fn nested_too_deeply(entity: &dyn ReadEntity) -> StructureError {
    StructureError::NestedTooDeeply {
        entity: entity.identity().clone(),
    }
}
