//! One record per entity.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use crate::decode::{Staged, StagedEntity};
use crate::{EntityType, EntityTypeName, Identity, Record};

/// The records of a session: one per identity.
///
/// Answers are merged into it, so that an entity reached in two ways is the same entity, with one set of values.
#[derive(Debug, Default)]
pub struct IdentityMap {
    records: RwLock<FxHashMap<Identity, Arc<Record>>>,
    epoch: AtomicU64,
}

/// Records of one entity type that arrived in one answer, held weakly: what is missing on one of them is likely to
/// be wanted on all.
#[derive(Debug)]
pub struct SiblingSet(Vec<Weak<Record>>);

impl SiblingSet {
    /// The records that are still alive.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.0.iter().filter_map(Weak::upgrade).collect()
    }
}

impl IdentityMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.read().len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record of `identity`, if it is known.
    pub fn get(&self, identity: &Identity) -> Option<Arc<Record>> {
        self.records.read().get(identity).cloned()
    }

    /// The record of `identity`; a new one about which nothing is known if it was not known yet.
    pub fn get_or_insert(&self, identity: &Identity, entity_type: &Arc<EntityType>) -> Arc<Record> {
        if let Some(record) = self.get(identity) {
            return record;
        }
        let mut records = self.records.write();
        let record = records
            .entry(identity.clone())
            .or_insert_with(|| Arc::new(Record::new(identity.clone(), Arc::clone(entity_type))));
        Arc::clone(record)
    }

    /// Takes the record of `identity` out.
    pub fn remove(&self, identity: &Identity) -> Option<Arc<Record>> {
        self.records.write().remove(identity)
    }

    /// Takes every record out.
    pub fn clear(&self) {
        let dropped = std::mem::take(&mut *self.records.write());
        drop(dropped);
    }

    /// All records.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.records.read().values().cloned().collect()
    }

    /// The current epoch: the number of commits so far. A request notes it when it is sent.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Begins a new epoch: a commit is being taken over.
    pub(crate) fn next_epoch(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Takes over the entities of an answer to a request of epoch `sent`.
    pub fn merge(&self, staged: Staged, sent: u64) {
        let arrived = self.records_of(&staged.entities);
        let mut values = staged.values.into_iter();
        for (entity, record) in staged.entities.iter().zip(&arrived) {
            record.merge(values.by_ref().take(entity.values), sent);
        }
        group(&arrived);
    }

    /// The records of these entities; new ones where there are none yet.
    fn records_of(&self, entities: &[StagedEntity]) -> Vec<Arc<Record>> {
        let mut records = self.records.write();
        let known = |entity: &StagedEntity| {
            let record = records.entry(entity.identity.clone()).or_insert_with(|| {
                Arc::new(Record::new(
                    entity.identity.clone(),
                    Arc::clone(&entity.entity_type),
                ))
            });
            Arc::clone(record)
        };
        entities.iter().map(known).collect()
    }
}

/// Records of one type that arrived together are siblings.
fn group(arrived: &[Arc<Record>]) {
    let mut by_type: FxHashMap<EntityTypeName, Vec<&Arc<Record>>> = FxHashMap::default();
    for record in arrived {
        by_type
            .entry(record.identity().entity_type())
            .or_default()
            .push(record);
    }
    for records in by_type.into_values().filter(|records| records.len() > 1) {
        let set = Arc::new(SiblingSet(
            records
                .iter()
                .map(|record| Arc::downgrade(record))
                .collect(),
        ));
        for record in records {
            record.set_siblings(&set);
        }
    }
}
