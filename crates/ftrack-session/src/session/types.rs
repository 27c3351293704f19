//! The entity types of a session: the server's, and what a studio made of them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ftrack_entity::{AttributePosition, EntityType, EntityTypeName, Schema, Value};
use rustc_hash::FxHashMap;

use super::handle::Entity;
use crate::error::Result;

/// What sees and changes values on their way.
pub type Hook = Arc<dyn Fn(&Entity, Value) -> Result<Value> + Send + Sync>;

/// One change of an entity type.
#[derive(Clone)]
#[allow(missing_docs, reason = "fields are named after what they carry")]
pub enum Change {
    /// What queries that name no projections ask for.
    DefaultProjections(Vec<String>),
    /// An attribute is taken away.
    Hide(String),
    /// An attribute has another name as well.
    Alias { alias: String, attribute: String },
    /// Whether an attribute can be changed.
    Mutable { attribute: String, mutable: bool },
    /// A hook sees what is read of an attribute.
    OnRead { attribute: String, hook: Hook },
    /// A hook sees what an attribute is set to.
    OnWrite { attribute: String, hook: Hook },
}

impl fmt::Debug for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultProjections(projections) => {
                write!(formatter, "default projections {projections:?}")
            }
            Self::Hide(attribute) => write!(formatter, "hide {attribute}"),
            Self::Alias { alias, attribute } => write!(formatter, "alias {alias} of {attribute}"),
            Self::Mutable { attribute, mutable } => {
                write!(formatter, "mutable {attribute}: {mutable}")
            }
            Self::OnRead { attribute, .. } => write!(formatter, "on read of {attribute}"),
            Self::OnWrite { attribute, .. } => write!(formatter, "on write of {attribute}"),
        }
    }
}

/// The entity types of a session. While plugins are registered they are the server's; then they are constructed, once.
pub(crate) struct Types {
    served: Arc<Schema>,
    constructed: OnceLock<Constructed>,
}

/// What became of the server's types.
struct Constructed {
    schema: Schema,
    hooks: Hooks,
    changes: Vec<TypeChanges>,
}

/// An entity type, and how it was changed.
#[derive(Debug, Clone)]
pub struct TypeChanges {
    /// The name of the type.
    pub entity_type: &'static str,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

/// What is to be called when attributes are read and set.
#[derive(Default)]
struct Hooks {
    reads: FxHashMap<(EntityTypeName, AttributePosition), Hook>,
    writes: FxHashMap<(EntityTypeName, AttributePosition), Hook>,
}

impl Types {
    pub(crate) fn new(served: Schema) -> Self {
        Self {
            served: Arc::new(served),
            constructed: OnceLock::new(),
        }
    }

    /// The types as the server has them.
    pub(crate) fn served(&self) -> &Arc<Schema> {
        &self.served
    }

    pub(crate) fn schema(&self) -> &Schema {
        match self.constructed.get() {
            Some(constructed) => &constructed.schema,
            None => &self.served,
        }
    }

    /// What was changed.
    pub(crate) fn changes(&self) -> &[TypeChanges] {
        self.constructed
            .get()
            .map_or(&[], |constructed| &constructed.changes)
    }

    /// What is called when this attribute is read. Nearly always nothing is, and reading is to be quick.
    pub(crate) fn on_read(&self, entity: &Entity, position: AttributePosition) -> Option<&Hook> {
        let reads = &self.constructed.get()?.hooks.reads;
        if reads.is_empty() {
            return None;
        }
        reads.get(&(entity.identity().entity_type(), position))
    }

    /// What is called when this attribute is set.
    pub(crate) fn on_write(&self, entity: &Entity, position: AttributePosition) -> Option<&Hook> {
        let writes = &self.constructed.get()?.hooks.writes;
        writes.get(&(entity.identity().entity_type(), position))
    }

    /// Whether anything is called when some attribute is set.
    pub(crate) fn has_write_hooks(&self) -> bool {
        let constructed = self.constructed.get();
        constructed.is_some_and(|constructed| !constructed.hooks.writes.is_empty())
    }

    /// Takes the changed types as those of the session.
    pub(crate) fn construct(&self, made: Vec<(EntityType, Vec<Change>)>) {
        let mut hooks = Hooks::default();
        let mut changes_by_type = Vec::new();
        let mut types = Vec::new();
        for (definition, changes) in made {
            for change in &changes {
                hooks.add(&definition, change);
            }
            changes_by_type.push(TypeChanges {
                entity_type: definition.name().as_str(),
                changes,
            });
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
    fn add(&mut self, definition: &EntityType, change: &Change) {
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
