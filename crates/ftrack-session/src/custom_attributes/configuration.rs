//! Which custom attributes are configured.

use std::sync::Arc;

use ftrack_entity::{EntityTypeName, Identity};
use parking_lot::Mutex;

use super::class::Class;
use crate::{Entity, Result, Session};

/// The entity type of configurations.
const CONFIGURATION: &str = "CustomAttributeConfiguration";

/// What a configuration says about where it applies.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(super) identity: Identity,
    pub(super) key: String,
    entity_type: Option<String>,
    object_type_id: Option<String>,
    project_id: Option<String>,
    is_hierarchical: bool,
}

/// The configurations of the server, asked for once.
#[derive(Debug, Default)]
pub(crate) struct Configurations(Mutex<Option<Arc<[Configuration]>>>);

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

impl Configuration {
    #[track_caller]
    fn read(entity: &Entity) -> Result<Self> {
        let is_hierarchical = match entity.definition().position("is_hierarchical") {
            Some(_) => entity.get::<Option<bool>>("is_hierarchical")?,
            None => None,
        };
        Ok(Self {
            identity: entity.identity().clone(),
            key: entity.get("key")?,
            entity_type: entity.get("entity_type")?,
            object_type_id: entity.get("object_type_id")?,
            project_id: entity.get("project_id")?,
            is_hierarchical: is_hierarchical.unwrap_or(false),
        })
    }

    fn applies_to(&self, class: &Class) -> bool {
        let is_of_project = self.project_id.is_none() || self.project_id == class.project_id;
        let is_of_class = self.entity_type.as_deref() == Some(class.entity_type)
            && self.object_type_id == class.object_type_id;
        is_of_project && (is_of_class || self.is_hierarchical && class.inherits)
    }
}

/// The configurations that apply to `entity`; those of its project come before global ones, which they hide.
#[track_caller]
pub(super) fn applicable(entity: &Entity) -> Result<Vec<Configuration>> {
    let class = Class::of(entity)?;
    let all = entity.session().configurations()?;
    let mut applicable: Vec<Configuration> = all
        .iter()
        .filter(|configuration| configuration.applies_to(&class))
        .cloned()
        .collect();
    applicable.sort_by_key(|configuration| configuration.project_id.is_none());
    Ok(applicable)
}

/// The configuration of `key` that applies to `entity`.
#[track_caller]
pub(super) fn find(entity: &Entity, key: &str) -> Result<Option<Configuration>> {
    let applicable = applicable(entity)?;
    Ok(applicable
        .into_iter()
        .find(|configuration| configuration.key == key))
}

impl Session {
    /// All configurations of custom attributes. Two threads may ask at the same time: no lock is held meanwhile.
    #[track_caller]
    fn configurations(&self) -> Result<Arc<[Configuration]>> {
        let known = self.configuration_memo().0.lock().clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let names = [
            "key",
            "project_id",
            "id",
            "object_type_id",
            "entity_type",
            "is_hierarchical",
        ];
        let definition = self.definition(CONFIGURATION)?;
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| definition.position(name).is_some())
            .collect();
        let text = format!("select {} from {CONFIGURATION}", names.join(", "));
        let rows = self.query(text).all()?;
        let all: Arc<[Configuration]> = rows
            .iter()
            .map(Configuration::read)
            .collect::<Result<_>>()?;
        *self.configuration_memo().0.lock() = Some(Arc::clone(&all));
        Ok(all)
    }
}
