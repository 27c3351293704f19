//! Changes that belong together.

use std::sync::Arc;

use ftrack_entity::{
    AttributePosition, EntityState, Identity, Operation, OperationLog, Record, Value,
};
use parking_lot::MutexGuard;

use super::Session;

/// The operation log, locked for changes that belong together: nobody sees one without the other, and what was read
/// under the lock still holds when it is written. Nothing may call out meanwhile.
pub(crate) struct Recorder<'a> {
    log: MutexGuard<'a, OperationLog>,
    /// Whether operations are recorded on this thread; if not, only values are set.
    records: bool,
}

impl Session {
    /// Locks the operation log.
    pub(crate) fn recorder(&self) -> Recorder<'_> {
        Recorder {
            records: self.records_operations(),
            log: self.unit.log.lock(),
        }
    }

    /// Does `work` while no commit is under way.
    pub(crate) fn between_commits<R>(&self, work: impl FnOnce() -> R) -> R {
        let _none_under_way = self.unit.commits.take();
        work()
    }

    /// Takes back what was recorded of entities that were created and that `is_withdrawn`, as if they had never been.
    /// No commit may be under way.
    pub(crate) fn withdraw(&self, is_withdrawn: impl Fn(&Identity) -> bool) {
        let mut log = self.unit.log.lock();
        for recorded in log.withdraw(is_withdrawn) {
            let record = recorded.operation.record();
            record.clear_local();
            self.unit.records.remove(record.identity());
        }
    }
}

impl Recorder<'_> {
    /// Creates the entity of `record` with `data`, which are plain values.
    pub(crate) fn create(&mut self, record: &Arc<Record>, data: Vec<(AttributePosition, Value)>) {
        let sequence = if self.records {
            self.log.push(Operation::Create {
                record: Arc::clone(record),
                data: data.clone(),
            })
        } else {
            0
        };
        for (position, value) in data {
            record.set_local(position, value, sequence);
        }
    }

    /// Sets a local value.
    pub(crate) fn set(&mut self, record: &Arc<Record>, position: AttributePosition, value: Value) {
        if self.records {
            self.log.update(record, position, value);
        } else {
            record.set_local(position, value, 0);
        }
    }

    /// Deletes the entity of `record`.
    pub(crate) fn delete(&mut self, record: &Arc<Record>) {
        if self.records {
            self.log.push(Operation::Delete {
                record: Arc::clone(record),
            });
        }
    }

    /// What recorded operations make of the entity.
    pub(crate) fn state(&self, identity: &Identity) -> Option<EntityState> {
        self.log.state(identity)
    }
}
