//! Which custom attributes are configured, once that is known.

use std::sync::Arc;

use ftrack_entity::{EntityTypeName, Identity};
use parking_lot::Mutex;

/// The entity type of configurations.
pub(crate) const CONFIGURATION: &str = "CustomAttributeConfiguration";

/// What a configuration says about where it applies.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) identity: Identity,
    pub(crate) key: String,
    pub(crate) entity_type: Option<String>,
    pub(crate) object_type_id: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) is_hierarchical: bool,
}

/// The configurations of the server, asked for once.
#[derive(Debug, Default)]
pub(crate) struct Configurations(pub(crate) Mutex<Option<Arc<[Configuration]>>>);

impl Configurations {
    /// Forgets them: the next use asks the server again.
    pub(crate) fn forget(&self) {
        *self.0.lock() = None;
    }

    /// Forgets them if entities of such a type were changed.
    pub(crate) fn changed(&self, entity_type: EntityTypeName) {
        if entity_type.as_str() == CONFIGURATION {
            self.forget();
        }
    }
}
