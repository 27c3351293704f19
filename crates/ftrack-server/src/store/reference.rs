//! Keys as they are sent.

use super::Key;
use crate::catalog::{Catalog, TypeId};

impl Catalog {
    /// A reference to an entity, as it is sent.
    pub(crate) fn reference(&self, type_id: TypeId, key: &Key) -> serde_json::Value {
        let info = self.get(type_id);
        let mut reference = serde_json::Map::new();
        reference.insert("__entity_type__".to_owned(), info.name.clone().into());
        for (slot, part) in info.primary_key.iter().zip(key.parts()) {
            if let Some(attribute) = info.slot_attribute(*slot) {
                reference.insert(self.name(attribute.name).to_owned(), part.to_json());
            }
        }
        reference.into()
    }
}
