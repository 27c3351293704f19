//! Building the entity types of a session.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Customise;
use super::construct::{ConstructEntityType, TOPIC};
use crate::error::Result;
use crate::session::{Change, Session};

impl Session {
    /// Makes the session's entity types of the server's: first as the builder was told, then as the handlers of
    /// [`TOPIC`] want them. Where nobody wants anything, it costs nothing.
    pub(crate) fn construct_types(&self, changes: Vec<(String, Customise)>) -> Result<()> {
        let is_heard = self.event_hub().has_subscribers(TOPIC);
        if changes.is_empty() && !is_heard {
            return Ok(());
        }
        let types = self.entity_types();
        let mut by_type: BTreeMap<&'static str, Vec<Customise>> = BTreeMap::new();
        for (name, change) in changes {
            let name = types.served().entity_type(&name)?.name().as_str();
            by_type.entry(name).or_default().push(change);
        }
        let mut made = Vec::new();
        for definition in types.served().types() {
            let asked = by_type.remove(definition.name().as_str());
            if asked.is_none() && !is_heard {
                continue;
            }
            let entity_type = Arc::new(ConstructEntityType::new((**definition).clone()));
            for change in asked.into_iter().flatten() {
                entity_type.customise(change)?;
            }
            if is_heard {
                let event = entity_type.event(types.served());
                self.event_hub().publish_synchronously(event)?;
            }
            if entity_type.is_changed() {
                made.push(entity_type);
            }
        }
        if !made.is_empty() {
            // What plugins read while they were registered is of the types as they were.
            self.forget_entities("customising the entity types of");
            types.construct(
                made.iter()
                    .map(|entity_type| entity_type.finish())
                    .collect(),
            );
            for extension in self.extensions() {
                extension.types_built(self, types.changes())?;
            }
        }
        Ok(())
    }

    /// Takes the types as another session has built them.
    pub(crate) fn take_over_changes(&self, types: Vec<(String, Vec<Change>)>) -> Result<()> {
        let known = self.entity_types();
        let mut made = Vec::new();
        for (name, changes) in types {
            let definition = known.served().entity_type(&name)?;
            let entity_type = ConstructEntityType::new((**definition).clone());
            entity_type.apply(&changes)?;
            made.push(entity_type.finish());
        }
        known.construct(made);
        Ok(())
    }
}
