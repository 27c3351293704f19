//! Refusing entities of the wrong type.

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};

/// Refuses an entity of any other type than those in `expected`.
pub(crate) fn check_type(entity: &Entity, expected: &[&str], purpose: &str) -> Result<()> {
    if expected.contains(&entity.entity_type()) {
        return Ok(());
    }
    let expected = expected.join(" or ");
    Err(Error::new(
        ErrorKind::EntityType,
        format!("{purpose} takes an entity of type {expected}, not {entity:?}"),
    )
    .with_detail("expected", expected)
    .with_detail("found", entity.entity_type()))
}

/// Refuses an entity whose type lacks `attribute`.
pub(crate) fn check_attribute(entity: &Entity, attribute: &str, purpose: &str) -> Result<()> {
    if entity.definition().position(attribute).is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::EntityType,
        format!("{purpose} takes an entity whose type has {attribute:?}, not {entity:?}"),
    )
    .with_detail("expected", attribute)
    .with_detail("found", entity.entity_type()))
}
