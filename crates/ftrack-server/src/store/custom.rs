//! Values of custom attributes that were set.
//!
//! An entity has a value for every configuration that applies to it; only those that differ from
//! the default take space here.

use rustc_hash::FxHashMap;

use super::RowRef;
use crate::value::Value;

/// Values by entity and by the row number of the configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomValues {
    values: FxHashMap<RowRef, Vec<(u32, Value)>>,
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
    pub(crate) fn of(&self, entity: RowRef) -> impl Iterator<Item = u32> + '_ {
        self.values
            .get(&entity)
            .into_iter()
            .flatten()
            .map(|(configuration, _)| *configuration)
    }

    pub(super) fn set(
        &mut self,
        entity: RowRef,
        configuration: u32,
        value: Option<Value>,
    ) -> Option<Value> {
        let values = self.values.entry(entity).or_default();
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
