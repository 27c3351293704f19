//! Values that somebody set, and which of them counts.

use std::collections::{BTreeMap, BTreeSet};

use ftrack_entity::{EntityState, Identity, Key, KeyPart, Value};
use ftrack_query::{Query, attr};
use rustc_hash::FxHashMap;

use super::configured::Definition;
use super::hierarchy::{Hierarchy, Node};
use super::{Applicable, CHUNK, EXPRESSION, Origin, PAGE};
use crate::entity::Entity;
use crate::error::Result;
use crate::metadata_items::{CUSTOM_ATTRIBUTES, SPARSE};
use crate::session::Session;

/// Values by the ids of configuration and entity.
#[derive(Debug, Default)]
struct Rows(FxHashMap<(String, String), Value>);

impl Rows {
    #[track_caller]
    fn load(
        &mut self,
        session: &Session,
        row_type: &str,
        (configurations, entities): &Asked,
    ) -> Result<()> {
        if configurations.is_empty() {
            return Ok(());
        }
        let configurations: Vec<&str> = configurations.iter().map(String::as_str).collect();
        let ids: Vec<&str> = entities.iter().map(String::as_str).collect();
        for chunk in ids.chunks(CHUNK) {
            let of_configurations = attr("configuration_id").is_in(&configurations);
            let of_entities = attr("entity_id").is_in(chunk);
            let query = Query::from(row_type)
                .select(["value", "configuration_id", "entity_id"])
                .filter(of_configurations & of_entities);
            for row in session.query(query).page_size(PAGE).all()? {
                let key = (row.get("configuration_id")?, row.get("entity_id")?);
                // What was done to it here is looked at apart.
                let position = row.position("value")?;
                self.0.insert(key, row.record().remote_value(position));
            }
        }
        Ok(())
    }
}

/// Everything that the effective values are made from.
#[derive(Debug)]
pub(super) struct Values<'a> {
    session: &'a Session,
    hierarchy: &'a Hierarchy,
    /// What somebody set.
    explicit: Rows,
    /// What the server says of the entity itself: there is a row for everything that applies and that the user may see,
    /// with the default where nobody has set a value, and with what expressions come to.
    typed: Rows,
}

/// What one query asks for: the ids of configurations and entities.
type Asked = (BTreeSet<String>, BTreeSet<String>);

impl<'a> Values<'a> {
    /// Two requests for each 2,000 entities; the ancestors are included in one of them.
    #[track_caller]
    pub(super) fn load(
        session: &'a Session,
        applicable: &[Applicable<'_>],
        hierarchy: &'a Hierarchy,
    ) -> Result<Self> {
        let mut set = Asked::default();
        let mut typed: BTreeMap<&str, Asked> = BTreeMap::new();
        for (entity, definitions) in applicable {
            let chain = hierarchy.chain(entity.identity());
            for definition in definitions {
                let configuration = definition.applies.identity.key().to_string();
                if let Some(row_type) = typed_rows(entity) {
                    let (configurations, entities) = typed.entry(row_type).or_default();
                    configurations.insert(configuration.clone());
                    entities.insert(entity.id());
                }
                if definition.kind == EXPRESSION {
                    continue;
                }
                let height = if definition.applies.is_hierarchical {
                    chain.len()
                } else {
                    1
                };
                let known = chain.iter().take(height).filter(|node| !node.is_new);
                set.0.insert(configuration);
                set.1
                    .extend(known.map(|node| node.identity.key().to_string()));
            }
        }
        let mut values = Self {
            session,
            hierarchy,
            explicit: Rows::default(),
            typed: Rows::default(),
        };
        values.explicit.load(session, SPARSE, &set)?;
        for (row_type, asked) in typed {
            values.typed.load(session, row_type, &asked)?;
        }
        Ok(values)
    }

    /// Whether the user may see the attribute. Of an entity that is not on the server, and on older servers, whoever
    /// sees the configuration may.
    pub(super) fn is_visible(&self, entity: &Entity, definition: &Definition) -> bool {
        typed_rows(entity).is_none() || self.typed.0.contains_key(&row_key(entity, definition))
    }

    /// The value that counts, and where it comes from.
    pub(super) fn effective(&self, entity: &Entity, definition: &Definition) -> (Value, Origin) {
        let configuration = &definition.applies.identity;
        let is_hierarchical = definition.applies.is_hierarchical;
        let chain = self.hierarchy.chain(entity.identity());
        let height = if is_hierarchical { chain.len() } else { 1 };
        for (height, node) in chain.into_iter().take(height).enumerate() {
            // Of a hierarchical attribute, null is what nobody has set.
            let value = self.explicit_value(configuration, node);
            let Some(value) = value.filter(|value| !(is_hierarchical && value.is_null())) else {
                continue;
            };
            let origin = if height == 0 {
                Origin::Explicit
            } else {
                Origin::Inherited {
                    from: node.identity.clone(),
                    name: node.name.clone(),
                }
            };
            return (value, origin);
        }
        let origin = Origin::Default {
            configuration: configuration.clone(),
        };
        (self.default(entity, definition), origin)
    }

    /// What counts where nobody has set a value: what the server says of the entity, unless it tells what was set and
    /// has been removed here.
    fn default(&self, entity: &Entity, definition: &Definition) -> Value {
        let key = row_key(entity, definition);
        let served = self.typed.0.get(&key);
        let is_default = !definition.applies.is_hierarchical && !self.explicit.0.contains_key(&key);
        served
            .filter(|_| is_default)
            .unwrap_or(&definition.default)
            .clone()
    }

    /// The value that is set on one entity: what was changed here comes before what the server has.
    fn explicit_value(&self, configuration: &Identity, node: &Node) -> Option<Value> {
        let configuration = configuration.key().to_string();
        let id = node.identity.key().to_string();
        let changed = self.local_change(&configuration, node, &id);
        let value = changed.or_else(|| self.explicit.0.get(&(configuration, id)).cloned());
        value.filter(|value| !value.is_not_set())
    }

    /// What was done here to a value: set to something, or removed, which leaves nothing set. `None` if nothing was
    /// done.
    fn local_change(&self, configuration: &str, node: &Node, id: &str) -> Option<Value> {
        let definition = self
            .session
            .definition(node.identity.entity_type().as_str())
            .ok()?;
        let row_type = definition.get(CUSTOM_ATTRIBUTES)?.target()?;
        let parts = [configuration, id].map(KeyPart::from);
        let row = self
            .session
            .known(&Identity::new(row_type, Key::composite(parts)))?;
        let position = row.definition().position("value")?;
        let local = row.record().local_value(position);
        if !local.is_not_set() {
            return Some(local);
        }
        (row.state() == Some(EntityState::Deleted)).then_some(Value::NotSet)
    }
}

/// The type of the rows that the server has for an entity, whether or not somebody has set a value. `None` on older
/// servers, and for an entity that the server does not know yet.
fn typed_rows(entity: &Entity) -> Option<&'static str> {
    let attribute = entity.definition().get(CUSTOM_ATTRIBUTES)?;
    let row_type = attribute.target()?.as_str();
    (row_type != SPARSE && entity.state() != Some(EntityState::Created)).then_some(row_type)
}

fn row_key(entity: &Entity, definition: &Definition) -> (String, String) {
    let configuration = definition.applies.identity.key().to_string();
    (configuration, entity.id())
}
