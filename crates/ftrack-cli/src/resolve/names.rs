//! What entities are called by.

use ftrack::EntityType;

/// The attributes that say it, in the order of preference.
const NAMES: [&str; 5] = ["name", "username", "label", "key", "short"];

/// Those of them that a type has.
pub(crate) fn named_by(entity_type: &EntityType) -> impl Iterator<Item = &'static str> {
    NAMES
        .into_iter()
        .filter(|name| entity_type.get(name).is_some())
}
