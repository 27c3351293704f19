//! What stays in memory because an entity does.

use std::sync::Arc;

use ftrack_entity::{MergedRecords, Record};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Records that arrived with an entity, or were loaded through it: with [`Retention::Held`](crate::Retention) they
/// live as long as any entity that came with them, so that following its references finds them again.
#[derive(Debug, Default)]
pub(crate) struct HeldRecords(Mutex<FxHashMap<usize, Arc<Record>>>);

impl HeldRecords {
    /// Holds the records of an answer.
    pub(crate) fn add(&self, records: &MergedRecords) {
        let mut held = self.0.lock();
        for record in records.records() {
            held.entry(Arc::as_ptr(record).addr())
                .or_insert_with(|| Arc::clone(record));
        }
    }

    /// Holds one record.
    pub(crate) fn hold(&self, record: Arc<Record>) {
        self.0.lock().insert(Arc::as_ptr(&record).addr(), record);
    }
}
