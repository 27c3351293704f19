//! What is known about one entity.

mod siblings;
mod slots;

use std::sync::Arc;

use parking_lot::RwLock;

pub use self::siblings::SiblingSet;
use self::slots::Slots;
use crate::identity::Identity;
use crate::schema::{AttributeKind, AttributePosition, DataType, EntityType};
use crate::value::Value;

/// What is known about one entity: the values that the server sent and those that were set here.
///
/// A record belongs to one identity map. Each has a lock of its own, held for the length of a copy: reading
/// different entities from different threads never contends, and no lock is held while anything calls out.
#[derive(Debug)]
pub struct Record {
    identity: Identity,
    entity_type: Arc<EntityType>,
    values: RwLock<Values>,
}

#[derive(Debug, Default)]
struct Values {
    remote: Slots,
    local: Vec<LocalSlot>,
    /// The epoch of the last commit that touched this record: older answers only fill gaps.
    committed: u64,
    siblings: Option<Arc<SiblingSet>>,
}

#[derive(Debug)]
struct LocalSlot {
    attribute: AttributePosition,
    value: Value,
    /// The number of the operation that recorded the value; 0 if none did.
    sequence: u64,
}

impl Values {
    /// The local value, else the remote one.
    #[inline]
    fn get(&self, position: AttributePosition) -> &Value {
        let local = self.local.iter().find(|slot| slot.attribute == position);
        local.map_or_else(|| self.remote_value(position), |slot| &slot.value)
    }

    #[inline]
    fn remote_value(&self, position: AttributePosition) -> &Value {
        self.remote.get(position).unwrap_or(&Value::NotSet)
    }
}

impl Record {
    /// A record about which nothing is known but its identity.
    pub(crate) fn new(identity: Identity, entity_type: Arc<EntityType>) -> Self {
        Self {
            identity,
            entity_type,
            values: RwLock::default(),
        }
    }

    /// The identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The concrete entity type.
    pub fn entity_type(&self) -> &Arc<EntityType> {
        &self.entity_type
    }

    /// The value of the attribute at `position`: the local one, else the remote one, else [`Value::NotSet`].
    pub fn value(&self, position: AttributePosition) -> Value {
        self.read(position, Value::clone)
    }

    /// Calls `reader` with the value of the attribute at `position`. The record is locked meanwhile: `reader` must
    /// not call out.
    pub fn read<R>(&self, position: AttributePosition, reader: impl FnOnce(&Value) -> R) -> R {
        if let Some(value) = self.key_value(position) {
            return reader(&value);
        }
        reader(self.values.read().get(position))
    }

    /// The value that the server sent for the attribute at `position`.
    pub fn remote_value(&self, position: AttributePosition) -> Value {
        self.read_remote(position, Value::clone)
    }

    /// Calls `reader` with the value that the server sent for the attribute at `position`. The record is locked
    /// meanwhile: `reader` must not call out.
    pub fn read_remote<R>(
        &self,
        position: AttributePosition,
        reader: impl FnOnce(&Value) -> R,
    ) -> R {
        if let Some(value) = self.key_value(position) {
            return reader(&value);
        }
        reader(self.values.read().remote_value(position))
    }

    /// As [`read`](Self::read) for each of `positions`, with the record locked once.
    pub fn read_each(
        &self,
        positions: &[AttributePosition],
        mut reader: impl FnMut(AttributePosition, &Value),
    ) {
        let values = self.values.read();
        for &position in positions {
            match self.key_value(position) {
                Some(value) => reader(position, &value),
                None => reader(position, values.get(position)),
            }
        }
    }

    /// As [`read_remote`](Self::read_remote) for each of `positions`, with the record locked once.
    pub fn read_each_remote(
        &self,
        positions: &[AttributePosition],
        mut reader: impl FnMut(AttributePosition, &Value),
    ) {
        let values = self.values.read();
        for &position in positions {
            match self.key_value(position) {
                Some(value) => reader(position, &value),
                None => reader(position, values.remote_value(position)),
            }
        }
    }

    /// The positions of all attributes that have no value.
    pub fn unset_positions(&self) -> Vec<AttributePosition> {
        let values = self.values.read();
        let known = values.remote.len() + self.entity_type.key_positions().len();
        if known == self.entity_type.attributes().len() {
            return Vec::new();
        }
        self.entity_type
            .positioned_attributes()
            .filter(|(position, attribute)| {
                !attribute.is_key() && values.get(*position).is_not_set()
            })
            .map(|(position, _)| position)
            .collect()
    }

    /// Whether nothing is known but the identity.
    pub fn is_bare(&self) -> bool {
        let values = self.values.read();
        values.remote.len() == 0 && values.local.is_empty()
    }

    /// The value that was set here for the attribute at `position` and is not committed yet.
    pub fn local_value(&self, position: AttributePosition) -> Value {
        let values = self.values.read();
        let slot = values.local.iter().find(|slot| slot.attribute == position);
        slot.map(|slot| slot.value.clone()).unwrap_or_default()
    }

    /// The positions of all attributes that have a value, key attributes first.
    pub fn set_positions(&self) -> Vec<AttributePosition> {
        let mut positions = self.entity_type.key_positions().to_vec();
        let values = self.values.read();
        positions.extend(values.remote.iter().map(|(position, _)| position));
        positions.extend(values.local.iter().map(|slot| slot.attribute));
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    /// The positions of attributes whose local value differs from the remote one.
    pub fn modified_positions(&self) -> Vec<AttributePosition> {
        let values = self.values.read();
        let differs = |slot: &&LocalSlot| values.remote.get(slot.attribute) != Some(&slot.value);
        values
            .local
            .iter()
            .filter(differs)
            .map(|slot| slot.attribute)
            .collect()
    }

    /// Sets the local value of the attribute at `position`; [`Value::NotSet`] takes it away. `sequence` is the
    /// number of the operation that records the change. Key attributes are part of the identity and stay.
    pub fn set_local(&self, position: AttributePosition, value: Value, sequence: u64) {
        if self.entity_type.at(position).is_key() {
            return;
        }
        let mut values = self.values.write();
        let slot = values
            .local
            .iter()
            .position(|slot| slot.attribute == position);
        match (slot, value.is_not_set()) {
            (Some(index), true) => drop(values.local.swap_remove(index)),
            (Some(index), false) => {
                values.local[index] = LocalSlot {
                    attribute: position,
                    value,
                    sequence,
                }
            }
            (None, true) => {}
            (None, false) => values.local.push(LocalSlot {
                attribute: position,
                value,
                sequence,
            }),
        }
    }

    /// Sets the value that the server is known to have for the attribute at `position`. Key attributes are part of the
    /// identity and stay.
    pub fn set_remote(&self, position: AttributePosition, value: Value) {
        if self.entity_type.at(position).is_key() {
            return;
        }
        let mut values = self.values.write();
        if value.is_not_set() {
            values.remote.remove(position);
        } else {
            values.remote.insert(position, value);
        }
    }

    /// Forgets the remote value of the attribute at `position`, so that the next read asks the server again.
    pub fn forget(&self, position: AttributePosition) {
        self.values.write().remote.remove(position);
    }

    /// Forgets every local value.
    pub fn clear_local(&self) {
        self.values.write().local.clear();
    }

    /// Takes over values that the server sent in an answer to a request of epoch `sent`; they are sorted by position.
    ///
    /// Remote values are replaced, local ones survive. If a commit has touched the record since the request was
    /// sent, only gaps are filled: the answer may be older than what the commit wrote.
    pub(crate) fn merge(
        &self,
        remote: impl ExactSizeIterator<Item = (AttributePosition, Value)>,
        sent: u64,
    ) {
        let mut values = self.values.write();
        let fill_only = values.committed > sent;
        values.remote.merge(remote, fill_only);
    }

    /// Takes over what the server sent for `other`, the record of the same entity in another map. Values that are
    /// known here are kept.
    pub fn adopt(&self, other: &Self) {
        let values = other.values.read();
        let remote: Vec<_> = values
            .remote
            .iter()
            .map(|(position, value)| (position, value.clone()))
            .collect();
        drop(values);
        self.values.write().remote.merge(remote.into_iter(), true);
    }

    /// Local values up to operation `sequence` have been committed in `epoch`: they are remote values now.
    pub(crate) fn committed(&self, sequence: u64, epoch: u64) {
        let mut values = self.values.write();
        values.committed = epoch;
        let local = std::mem::take(&mut values.local);
        for slot in local {
            if slot.sequence <= sequence {
                values.remote.insert(slot.attribute, slot.value);
            } else {
                values.local.push(slot);
            }
        }
    }

    /// The records that came in the same answer as this one last did; `None` if it came alone.
    pub fn siblings(&self) -> Option<Arc<SiblingSet>> {
        self.values.read().siblings.clone()
    }

    pub(crate) fn set_siblings(&self, siblings: &Arc<SiblingSet>) {
        self.values.write().siblings = Some(Arc::clone(siblings));
    }

    /// The value of a key attribute, which is part of the identity.
    #[inline]
    fn key_value(&self, position: AttributePosition) -> Option<Value> {
        let mut keys = self.entity_type.key_positions().iter();
        let order = keys.position(|key| *key == position)?;
        self.value_of_part(order)
    }

    fn value_of_part(&self, order: usize) -> Option<Value> {
        let attribute = self.entity_type.primary_key().nth(order)?;
        let part = self.identity.key().part(order)?;
        if attribute.kind == AttributeKind::Scalar(DataType::Integer)
            && let Ok(number) = part.to_text().parse::<i64>()
        {
            return Some(Value::Int(number));
        }
        Some(Value::Text(part.to_value_text()))
    }
}
