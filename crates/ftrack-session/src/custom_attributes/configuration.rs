//! Which custom attributes are configured.

use std::sync::Arc;

use super::class::Class;
use crate::entity::Entity;
use crate::error::Result;
use crate::session::{CONFIGURATION, Configuration, Session};

impl Configuration {
    #[track_caller]
    pub(crate) fn read(entity: &Entity) -> Result<Self> {
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

    /// Which of several configurations of one key counts that apply to an entity: those of its project come before
    /// global ones, and those of its type before inherited ones. Of equal ones the first counts that the server lists,
    /// as for the official client: sort by this with a sort that is stable.
    pub(crate) fn precedence(&self) -> (bool, bool) {
        (self.project_id.is_none(), self.is_hierarchical)
    }

    pub(crate) fn applies_to(&self, class: &Class) -> bool {
        let is_of_project = self.project_id.is_none() || self.project_id == class.project_id;
        let is_of_class = self.entity_type.as_deref() == Some(class.entity_type)
            && self.object_type_id == class.object_type_id;
        is_of_project && (is_of_class || self.is_hierarchical && class.inherits)
    }
}

/// The configurations that apply to `entity`, in the order of their precedence.
#[track_caller]
pub(super) fn applicable(entity: &Entity) -> Result<Vec<Configuration>> {
    let class = Class::from_entity(entity)?;
    let all = entity.session().configurations()?;
    let mut applicable: Vec<Configuration> = all
        .iter()
        .filter(|configuration| configuration.applies_to(&class))
        .cloned()
        .collect();
    applicable.sort_by_key(Configuration::precedence);
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
