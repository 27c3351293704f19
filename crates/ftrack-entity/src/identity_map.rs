//! One record per entity.

mod epochs;

use std::sync::{Arc, Weak};

use parking_lot::RwLock;
use rustc_hash::FxHashMap;

use self::epochs::Epochs;
pub use self::epochs::RequestEpoch;
use crate::decode::{Staged, StagedEntity};
use crate::identity::Identity;
use crate::name::EntityTypeName;
use crate::record::{Record, SiblingSet};
use crate::schema::EntityType;
use crate::value::Value;

/// How long an [`IdentityMap`] keeps records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Retention {
    /// Until they are removed.
    #[default]
    All,
    /// As long as somebody holds them: an entity, an uncommitted operation, or [`MergedRecords`].
    Held,
}

/// The records of a session: one per identity.
///
/// Answers are merged into it, so that an entity reached in two ways is the same entity, with one set of values.
#[derive(Debug, Default)]
pub struct IdentityMap {
    records: RwLock<Known>,
    retention: Retention,
    epochs: Arc<Epochs>,
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
pub struct MergedRecords(Vec<Arc<Record>>);

impl MergedRecords {
    /// The records, in the order of their first mention.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.0
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

    /// Puts a record in that was taken out before, in the place of any that is there.
    pub fn restore(&self, record: &Arc<Record>) {
        let holder = match self.retention {
            Retention::All => Holder::Kept(Arc::clone(record)),
            Retention::Held => Holder::Held(Arc::downgrade(record)),
        };
        let identity = record.identity().clone();
        let replaced = self.records.write().records.insert(identity, holder);
        drop(replaced);
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

    /// Notes that a request is about to be sent: its answer is merged as of now.
    pub fn begin_request(&self) -> RequestEpoch {
        Epochs::begin_request(&self.epochs)
    }

    /// Takes over the entities of an answer to a request that was sent at `sent`. What a commit has written since
    /// counts more, and what it has deleted stays deleted.
    pub fn merge(&self, staged: Staged, sent: &RequestEpoch) -> MergedRecords {
        self.merge_sent_at(staged, sent.number())
    }

    pub(crate) fn merge_sent_at(&self, staged: Staged, sent: u64) -> MergedRecords {
        let arrived = self.records_of(&staged.entities, sent);
        let is_stale = self.epochs.has_deleted_since(sent);
        let mut values = staged.values.into_iter();
        for (entity, record) in staged.entities.iter().zip(&arrived) {
            let of_entity = values.by_ref().take(entity.values);
            match record {
                None => of_entity.for_each(drop),
                Some(record) if is_stale => {
                    let living = |(position, value)| Some((position, self.living(value, sent)?));
                    let of_entity: Vec<_> = of_entity.filter_map(living).collect();
                    record.merge(of_entity.into_iter(), sent);
                }
                Some(record) => record.merge(of_entity, sent),
            }
        }
        let arrived = arrived.into_iter().flatten().collect::<Vec<_>>();
        group(&arrived);
        MergedRecords(arrived)
    }

    /// The records of these entities; new ones where there are none yet, and none for what was deleted since `sent`.
    /// Deleting waits for the lock that is held here, so nothing slips in between.
    fn records_of(&self, entities: &[StagedEntity], sent: u64) -> Vec<Option<Arc<Record>>> {
        let mut known = self.records.write();
        let is_stale = self.epochs.has_deleted_since(sent);
        let record = |entity: &StagedEntity| {
            let is_gone = is_stale && self.epochs.is_deleted_since(sent, &entity.identity);
            (!is_gone).then(|| known.record(self.retention, &entity.identity, &entity.entity_type))
        };
        entities.iter().map(record).collect()
    }

    /// What is left of a value without the entities that were deleted since `sent`; nothing of a reference to one.
    fn living(&self, value: Value, sent: u64) -> Option<Value> {
        let is_gone = |identity: &Identity| self.epochs.is_deleted_since(sent, identity);
        match value {
            Value::Reference(identity) if is_gone(&identity) => None,
            Value::Collection(members) if members.iter().any(is_gone) => {
                let living = members.iter().filter(|member| !is_gone(member));
                Some(Value::Collection(living.cloned().collect()))
            }
            value => Some(value),
        }
    }

    /// Begins a new epoch: a commit is being taken over.
    pub(crate) fn next_epoch(&self) -> u64 {
        self.epochs.next()
    }

    /// Takes the record of an entity out that a commit of `epoch` has deleted.
    pub(crate) fn delete(&self, identity: &Identity, epoch: u64) {
        self.epochs.delete(identity, epoch);
        self.remove(identity);
    }

    /// An entity that was deleted is created anew.
    pub(crate) fn revive(&self, identity: &Identity) {
        self.epochs.revive(identity);
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
        let set = Arc::new(SiblingSet::new(records.iter().copied()));
        for record in records {
            record.set_siblings(&set);
        }
    }
}
