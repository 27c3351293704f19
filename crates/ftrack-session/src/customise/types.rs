//! The entity types of a session: the server's, and what a studio made of them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ftrack_entity::{EntityTypeName, Schema};
use rustc_hash::FxHashMap;

use super::construct::{ConstructEntityType, TOPIC};
use super::{Change, Customise, Hook};
use crate::{Entity, Result, Session};

/// The entity types of a session. While plugins are registered they are the server's; then they are constructed, once.
pub(crate) struct Types {
    served: Arc<Schema>,
    constructed: OnceLock<Constructed>,
}

/// What became of the server's types.
struct Constructed {
    schema: Schema,
    hooks: Hooks,
    /// By the name of the type.
    changes: Vec<(&'static str, Vec<Change>)>,
}

/// What is to be called when attributes are read and set.
#[derive(Default)]
struct Hooks {
    reads: FxHashMap<(EntityTypeName, u16), Hook>,
    writes: FxHashMap<(EntityTypeName, u16), Hook>,
}

impl Types {
    pub(crate) fn new(served: Schema) -> Self {
        Self {
            served: Arc::new(served),
            constructed: OnceLock::new(),
        }
    }

    pub(crate) fn schema(&self) -> &Schema {
        match self.constructed.get() {
            Some(constructed) => &constructed.schema,
            None => &self.served,
        }
    }

    /// What was changed, by the name of the type.
    pub(crate) fn changes(&self) -> &[(&'static str, Vec<Change>)] {
        self.constructed
            .get()
            .map_or(&[], |constructed| &constructed.changes)
    }

    /// Takes the types as another session has made them.
    pub(crate) fn take_over(&self, types: Vec<(String, Vec<Change>)>) -> Result<()> {
        let mut made = Vec::new();
        for (name, changes) in types {
            let definition = self.served.entity_type(&name)?;
            let entity_type = ConstructEntityType::new((**definition).clone());
            entity_type.apply(&changes)?;
            made.push(Arc::new(entity_type));
        }
        self.construct(&made);
        Ok(())
    }

    /// What is called when this attribute is read. Nearly always nothing is, and reading is to be quick.
    pub(crate) fn on_read(&self, entity: &Entity, position: u16) -> Option<&Hook> {
        let reads = &self.constructed.get()?.hooks.reads;
        if reads.is_empty() {
            return None;
        }
        reads.get(&(entity.identity().entity_type(), position))
    }

    /// What is called when this attribute is set.
    pub(crate) fn on_write(&self, entity: &Entity, position: u16) -> Option<&Hook> {
        let writes = &self.constructed.get()?.hooks.writes;
        writes.get(&(entity.identity().entity_type(), position))
    }

    /// Takes the changed types as those of the session.
    fn construct(&self, made: &[Arc<ConstructEntityType>]) {
        let mut hooks = Hooks::default();
        let mut changes_by_type = Vec::new();
        let mut types = Vec::new();
        for entity_type in made {
            let (definition, changes) = entity_type.finish();
            for change in &changes {
                hooks.add(&definition, change);
            }
            changes_by_type.push((definition.name().as_str(), changes));
            types.push(definition);
        }
        // Types are constructed once, when the session starts, so nothing is there yet.
        let _ = self.constructed.set(Constructed {
            schema: Schema::clone(&self.served).with_types(types),
            hooks,
            changes: changes_by_type,
        });
    }
}

impl Hooks {
    fn add(&mut self, definition: &ftrack_entity::EntityType, change: &Change) {
        let (hooks, attribute, hook) = match change {
            Change::OnRead { attribute, hook } => (&mut self.reads, attribute, hook),
            Change::OnWrite { attribute, hook } => (&mut self.writes, attribute, hook),
            _ => return,
        };
        // An attribute that was hidden afterwards is never read or set.
        if let Some(position) = definition.position(attribute) {
            hooks.insert((definition.name(), position), Arc::clone(hook));
        }
    }
}

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
            let name = types.served.entity_type(&name)?.name().as_str();
            by_type.entry(name).or_default().push(change);
        }
        let mut made = Vec::new();
        for definition in types.served.types() {
            let asked = by_type.remove(definition.name().as_str());
            if asked.is_none() && !is_heard {
                continue;
            }
            let entity_type = Arc::new(ConstructEntityType::new((**definition).clone()));
            for change in asked.into_iter().flatten() {
                entity_type.customise(change)?;
            }
            if is_heard {
                let event = entity_type.event(&types.served);
                self.event_hub().publish_synchronously(event)?;
            }
            if entity_type.is_changed() {
                made.push(entity_type);
            }
        }
        if !made.is_empty() {
            // What plugins read while they were registered is of the types as they were.
            self.forget_entities("customising the entity types of");
            types.construct(&made);
            for library in self.libraries() {
                library.tell_types(types.changes())?;
            }
        }
        Ok(())
    }
}
