//! Checks that what types say of each other is true.

use super::assemble::Positions;
use super::{DefinitionError, Position};
use crate::schema::{Attribute, AttributeKind, EntityType, Inverse, Schema};

/// Fails at the first attribute that names a type or attribute that does not exist.
pub(super) fn check(schema: &Schema, positions: &Positions<'_>) -> Result<(), DefinitionError> {
    for entity_type in schema.types.values() {
        let at = |attribute: &str| -> Position<'_> {
            let key = (entity_type.name.clone(), attribute.to_owned());
            positions.get(&key).copied().unwrap_or_default()
        };
        check_type(schema, entity_type).map_err(|reason| at("").error(reason))?;
        for attribute in entity_type.attributes.values() {
            check_attribute(schema, entity_type, attribute)
                .map_err(|reason| at(&attribute.name).error(reason))?;
        }
    }
    Ok(())
}

fn check_type(schema: &Schema, entity_type: &EntityType) -> Result<(), String> {
    let discriminator = entity_type.discriminator.iter().map(|(name, _)| name);
    let names = entity_type.primary_key.iter().chain(discriminator);
    for name in names.chain(&entity_type.default_projections) {
        own(entity_type, name)?;
    }
    match &entity_type.shows {
        Some(other) => existing(schema, other).map(|_| ()),
        None => Ok(()),
    }
}

/// Says what an attribute names that does not exist.
pub(in crate::schema) fn check_attribute(
    schema: &Schema,
    entity_type: &EntityType,
    attribute: &Attribute,
) -> Result<(), String> {
    if let Some(other) = &attribute.same_as {
        own(entity_type, other)?;
    }
    if let Some(target) = &attribute.foreign_key {
        existing(schema, target)?;
    }
    match &attribute.kind {
        AttributeKind::Scalar(_) => Ok(()),
        AttributeKind::Reference { target, via } if via.is_empty() => {
            existing(schema, target).map(|_| ())
        }
        AttributeKind::Reference { target, via } => {
            let key = &existing(schema, target)?.primary_key;
            let via: Vec<&str> = via.split(',').collect();
            if via.len() != key.len() {
                return Err(format!("`{target}` has a key of {} attributes", key.len()));
            }
            via.into_iter().try_for_each(|name| own(entity_type, name))
        }
        AttributeKind::Collection {
            target, inverse, ..
        } => check_inverse(schema, existing(schema, target)?, inverse),
    }
}

fn check_inverse(schema: &Schema, target: &EntityType, inverse: &Inverse) -> Result<(), String> {
    match inverse {
        Inverse::ForeignKey { attribute } => own(target, attribute),
        Inverse::Where {
            attribute, filter, ..
        } => {
            own(target, attribute)?;
            own(target, filter)
        }
        Inverse::Through {
            link,
            own: near,
            other,
        } => {
            let link = existing(schema, link)?;
            own(link, near)?;
            own(link, other)
        }
        Inverse::Ancestors
        | Inverse::Descendants
        | Inverse::CustomAttributes
        | Inverse::Special => Ok(()),
    }
}

fn existing<'s>(schema: &'s Schema, name: &str) -> Result<&'s EntityType, String> {
    let found = schema.types.get(name);
    found.ok_or_else(|| format!("there is no type `{name}`"))
}

fn own(entity_type: &EntityType, name: &str) -> Result<(), String> {
    if entity_type.attributes.contains_key(name) {
        return Ok(());
    }
    Err(format!("`{}` has no attribute `{name}`", entity_type.name))
}
