//! Entities and kinds of locations, as messages.

use ftrack_entity::{Identity, Key};
use ftrack_plugin_abi::message::EntityMessage;
use ftrack_session::LocationKind;

/// Which entity is meant.
pub(super) fn entity_message(identity: &Identity) -> EntityMessage {
    let parts = identity.key().parts().iter();
    EntityMessage {
        entity_type: identity.entity_type().as_str().to_owned(),
        key: parts.map(ToString::to_string).collect(),
    }
}

/// The entity that is meant.
pub(super) fn identity(message: &EntityMessage) -> Identity {
    Identity::new(
        message.entity_type.as_str(),
        Key::composite(message.key.iter().map(String::as_str)),
    )
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
