//! What stays in memory because an entity does.

use std::sync::Arc;

use ftrack_entity::{Arrival, Record};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Records that arrived with an entity, or were loaded through it: with [`Retention::Held`](crate::Retention) they
/// live as long as any entity that came with them, so that following its references finds them again.
#[derive(Debug, Default)]
pub(crate) struct Companions(Mutex<FxHashMap<usize, Arc<Record>>>);

impl Companions {
    /// Holds what arrived.
    pub(crate) fn add(&self, arrival: &Arrival) {
        let mut held = self.0.lock();
        for record in arrival.records() {
            held.entry(Arc::as_ptr(record).addr())
                .or_insert_with(|| Arc::clone(record));
        }
    }

    /// Holds one record.
    pub(crate) fn hold(&self, record: Arc<Record>) {
        self.0.lock().insert(Arc::as_ptr(&record).addr(), record);
    }
}
