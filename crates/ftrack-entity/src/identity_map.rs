//! One record per entity.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use crate::decode::{Staged, StagedEntity};
use crate::{EntityType, EntityTypeName, Identity, Record};

/// How long an [`IdentityMap`] keeps records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Retention {
    /// Until they are removed.
    #[default]
    All,
    /// As long as somebody holds them: an entity, an uncommitted operation, or an [`Arrival`].
    Held,
}

/// The records of a session: one per identity.
///
/// Answers are merged into it, so that an entity reached in two ways is the same entity, with one set of values.
#[derive(Debug, Default)]
pub struct IdentityMap {
    records: RwLock<Known>,
    retention: Retention,
    epoch: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    records: FxHashMap<Identity, Holder>,
    /// With so many entries it is time to drop those whose record is gone.
    sweep_at: usize,
}

#[derive(Debug)]
enum Holder {
    Kept(Arc<Record>),
    Held(Weak<Record>),
}

impl Holder {
    fn record(&self) -> Option<Arc<Record>> {
        match self {
            Self::Kept(record) => Some(Arc::clone(record)),
            Self::Held(record) => record.upgrade(),
        }
    }
}

impl Known {
    /// Fewer entries than this are not worth a sweep.
    const SMALL: usize = 1_024;

    fn record(
        &mut self,
        retention: Retention,
        identity: &Identity,
        entity_type: &Arc<EntityType>,
    ) -> Arc<Record> {
        if let Some(record) = self.records.get(identity).and_then(Holder::record) {
            return record;
        }
        let record = Arc::new(Record::new(identity.clone(), Arc::clone(entity_type)));
        let holder = match retention {
            Retention::All => Holder::Kept(Arc::clone(&record)),
            Retention::Held => Holder::Held(Arc::downgrade(&record)),
        };
        self.records.insert(identity.clone(), holder);
        if retention == Retention::Held && self.records.len() >= self.sweep_at.max(Self::SMALL) {
            self.records.retain(|_, holder| holder.record().is_some());
            self.sweep_at = self.records.len() * 2;
        }
        record
    }
}

/// The records of one answer, kept as long as this lives.
#[derive(Debug, Default)]
#[must_use = "with `Retention::Held` the records are gone when this is dropped"]
pub struct Arrival(Vec<Arc<Record>>);

impl Arrival {
    /// The records, in the order of their first mention.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.0
    }
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
    /// An empty map that keeps everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map that keeps records as `retention` says.
    pub fn with_retention(retention: Retention) -> Self {
        Self {
            retention,
            ..Self::default()
        }
    }

    /// How long records are kept.
    pub fn retention(&self) -> Retention {
        self.retention
    }

    /// How many records there are; with [`Retention::Held`] some of them may be gone already.
    pub fn len(&self) -> usize {
        self.records.read().records.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record of `identity`, if it is known.
    pub fn get(&self, identity: &Identity) -> Option<Arc<Record>> {
        self.records
            .read()
            .records
            .get(identity)
            .and_then(Holder::record)
    }

    /// The record of `identity`; a new one about which nothing is known if it was not known yet.
    pub fn get_or_insert(&self, identity: &Identity, entity_type: &Arc<EntityType>) -> Arc<Record> {
        if let Some(record) = self.get(identity) {
            return record;
        }
        self.records
            .write()
            .record(self.retention, identity, entity_type)
    }

    /// Takes the record of `identity` out.
    pub fn remove(&self, identity: &Identity) -> Option<Arc<Record>> {
        self.records.write().records.remove(identity)?.record()
    }

    /// Takes every record out.
    pub fn clear(&self) {
        let dropped = std::mem::take(&mut *self.records.write());
        drop(dropped);
    }

    /// All records.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.records
            .read()
            .records
            .values()
            .filter_map(Holder::record)
            .collect()
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
    pub fn merge(&self, staged: Staged, sent: u64) -> Arrival {
        let arrived = self.records_of(&staged.entities);
        let mut values = staged.values.into_iter();
        for (entity, record) in staged.entities.iter().zip(&arrived) {
            record.merge(values.by_ref().take(entity.values), sent);
        }
        group(&arrived);
        Arrival(arrived)
    }

    /// The records of these entities; new ones where there are none yet.
    fn records_of(&self, entities: &[StagedEntity]) -> Vec<Arc<Record>> {
        let mut known = self.records.write();
        let record = |entity: &StagedEntity| {
            known.record(self.retention, &entity.identity, &entity.entity_type)
        };
        entities.iter().map(record).collect()
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
