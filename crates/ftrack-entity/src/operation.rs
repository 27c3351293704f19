//! What has been done and is not on the server yet.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::identity::Identity;
use crate::record::Record;
use crate::schema::AttributePosition;
use crate::value::Value;

/// One recorded change. Values are those of the moment of recording.
///
/// An operation holds its record, so an entity with uncommitted changes is never forgotten.
#[derive(Clone)]
#[non_exhaustive]
pub enum Operation {
    /// An entity was created.
    Create {
        /// The new entity.
        record: Arc<Record>,
        /// The values it was created with, by attribute position.
        data: Vec<(AttributePosition, Value)>,
    },
    /// An attribute was changed.
    Update {
        /// The changed entity.
        record: Arc<Record>,
        /// The position of the attribute.
        attribute: AttributePosition,
        /// The value before.
        old: Value,
        /// The value after; [`Value::NotSet`] if the local value was taken away.
        new: Value,
    },
    /// An entity was deleted.
    Delete {
        /// The deleted entity.
        record: Arc<Record>,
    },
}

impl Operation {
    /// The record of the entity that was created, changed or deleted.
    pub fn record(&self) -> &Arc<Record> {
        match self {
            Self::Create { record, .. } | Self::Update { record, .. } | Self::Delete { record } => {
                record
            }
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entity_type = self.record().entity_type();
        let identity = self.record().identity();
        match self {
            Self::Create { data, .. } => {
                write!(formatter, "create {identity} ")?;
                let named = data
                    .iter()
                    .map(|(position, value)| (entity_type.at(*position).name(), value));
                formatter.debug_map().entries(named).finish()
            }
            Self::Update {
                attribute,
                old,
                new,
                ..
            } => {
                write!(
                    formatter,
                    "update {identity} {}: {old:?} -> {new:?}",
                    entity_type.at(*attribute).name()
                )
            }
            Self::Delete { .. } => write!(formatter, "delete {identity}"),
        }
    }
}

/// What the recorded operations make of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityState {
    /// It was created here and is not on the server yet.
    Created,
    /// It was changed here.
    Modified,
    /// It was deleted here; nothing leaves this state but a commit, a rollback, or its being created anew.
    Deleted,
}

/// An operation with its number in the log.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Counts from 1 and never repeats within a log.
    pub sequence: u64,
    /// The change.
    pub operation: Operation,
}

/// The operations that have not been committed, in order.
#[derive(Debug, Default)]
pub struct OperationLog {
    operations: Vec<Recorded>,
    /// Derived from `operations`, kept beside them so that asking for a state costs no walk.
    states: FxHashMap<Identity, EntityState>,
    last: u64,
}

impl OperationLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records an operation and returns its number.
    pub fn push(&mut self, operation: Operation) -> u64 {
        self.last += 1;
        self.note_state(&operation);
        self.operations.push(Recorded {
            sequence: self.last,
            operation,
        });
        self.last
    }

    /// Records a change of a local value and stores it in its record, so that no one sees one without the other.
    pub fn update(
        &mut self,
        record: &Arc<Record>,
        attribute: AttributePosition,
        new: Value,
    ) -> u64 {
        let old = record.value(attribute);
        let sequence = self.push(Operation::Update {
            record: Arc::clone(record),
            attribute,
            old,
            new: new.clone(),
        });
        record.set_local(attribute, new, sequence);
        sequence
    }

    /// The recorded operations, oldest first.
    pub fn operations(&self) -> &[Recorded] {
        &self.operations
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The number of the last operation that was ever recorded.
    pub fn last_sequence(&self) -> u64 {
        self.last
    }

    /// The state of the entity, if there is any operation on it.
    pub fn state(&self, identity: &Identity) -> Option<EntityState> {
        self.states.get(identity).copied()
    }

    /// The entities in `state`, in the order of their first operation.
    pub fn records_in(&self, state: EntityState) -> Vec<Arc<Record>> {
        let mut seen = rustc_hash::FxHashSet::default();
        let records = self
            .operations
            .iter()
            .map(|recorded| recorded.operation.record());
        records
            .filter(|record| {
                self.state(record.identity()) == Some(state)
                    && seen.insert(record.identity().clone())
            })
            .cloned()
            .collect()
    }

    /// Takes every operation up to number `sequence` out of the log: they are on the server.
    pub fn discard(&mut self, sequence: u64) -> Vec<Recorded> {
        let (sent, remaining) = std::mem::take(&mut self.operations)
            .into_iter()
            .partition(|recorded| recorded.sequence <= sequence);
        self.note_states(remaining);
        sent
    }

    fn note_states(&mut self, operations: Vec<Recorded>) {
        self.states.clear();
        for recorded in &operations {
            self.note_state(&recorded.operation);
        }
        self.operations = operations;
    }

    /// Takes the last operation out of the log, as if it had not been recorded; the value that it set stays.
    pub fn pop(&mut self) -> Option<Recorded> {
        let last = self.operations.pop()?;
        self.states.clear();
        let remaining = std::mem::take(&mut self.operations);
        for recorded in &remaining {
            self.note_state(&recorded.operation);
        }
        self.operations = remaining;
        Some(last)
    }

    /// Takes the operations on entities that `is_withdrawn` out of the log, as if they had never been recorded.
    pub fn withdraw(&mut self, is_withdrawn: impl Fn(&Identity) -> bool) -> Vec<Recorded> {
        let is_out = |recorded: &Recorded| is_withdrawn(recorded.operation.record().identity());
        let (withdrawn, kept) = std::mem::take(&mut self.operations)
            .into_iter()
            .partition(is_out);
        self.operations = kept;
        self.states.retain(|identity, _| !is_withdrawn(identity));
        withdrawn
    }

    /// Takes all operations out of the log.
    pub fn take(&mut self) -> Vec<Recorded> {
        self.states.clear();
        std::mem::take(&mut self.operations)
    }

    fn note_state(&mut self, operation: &Operation) {
        let identity = operation.record().identity();
        let before = self.states.get(identity).copied();
        let after = match (operation, before) {
            (Operation::Update { .. }, Some(EntityState::Deleted))
            | (Operation::Delete { .. }, _) => EntityState::Deleted,
            (Operation::Create { .. }, _)
            | (Operation::Update { .. }, Some(EntityState::Created)) => EntityState::Created,
            (Operation::Update { .. }, _) => EntityState::Modified,
        };
        if before != Some(after) {
            self.states.insert(identity.clone(), after);
        }
    }
}
