//! Values of custom attributes that were set.
//!
//! An entity has a value for every configuration that applies to it; only those that differ from
//! the default take space here.

use indexmap::IndexSet;

use super::RowRef;
use super::shared_map::SharedMap;
use crate::value::Value;

/// Values by entity and by the row number of the configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomValues {
    values: SharedMap<RowRef, Vec<(u32, Value)>>,
}

impl CustomValues {
    /// The value that was set.
    pub(crate) fn get(&self, entity: RowRef, configuration: u32) -> Option<&Value> {
        let values = self.values.get(&entity)?;
        values
            .iter()
            .find(|(row, _)| *row == configuration)
            .map(|(_, value)| value)
    }

    /// Everything that was set, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RowRef, u32, &Value)> {
        self.values.iter().flat_map(|(entity, values)| {
            values
                .iter()
                .map(|(configuration, value)| (*entity, *configuration, value))
        })
    }

    /// The configurations for which an entity has a value of its own.
    pub(crate) fn configurations_of(&self, entity: RowRef) -> impl Iterator<Item = u32> + '_ {
        self.values
            .get(&entity)
            .into_iter()
            .flatten()
            .map(|(configuration, _)| *configuration)
    }

    /// The values that are not the same in another copy.
    pub(super) fn differing(&self, other: &Self) -> Vec<(RowRef, u32)> {
        let entities: IndexSet<RowRef> = self
            .values
            .differing(&other.values)
            .into_iter()
            .copied()
            .collect();
        let mut found = Vec::new();
        for entity in entities {
            let configurations: IndexSet<u32> = self
                .configurations_of(entity)
                .chain(other.configurations_of(entity))
                .collect();
            let differing = configurations.into_iter().filter(|configuration| {
                self.get(entity, *configuration) != other.get(entity, *configuration)
            });
            found.extend(differing.map(|configuration| (entity, configuration)));
        }
        found
    }

    pub(super) fn set(
        &mut self,
        entity: RowRef,
        configuration: u32,
        value: Option<Value>,
    ) -> Option<Value> {
        let Some(values) = self.values.get_mut(&entity) else {
            if let Some(value) = value {
                self.values.insert(entity, vec![(configuration, value)]);
            }
            return None;
        };
        let position = values.iter().position(|(row, _)| *row == configuration);
        let old = position.map(|position| values.swap_remove(position).1);
        if let Some(value) = value {
            values.push((configuration, value));
        }
        if values.is_empty() {
            self.values.remove(&entity);
        }
        old
    }
}
