//! Records that arrived together.

use std::sync::{Arc, Weak};

use super::Record;

/// Records of one entity type that arrived in one answer, held weakly: what is missing on one of them is likely to
/// be wanted on all.
#[derive(Debug)]
pub struct SiblingSet(Vec<Weak<Record>>);

impl SiblingSet {
    pub(crate) fn new<'r>(records: impl IntoIterator<Item = &'r Arc<Record>>) -> Self {
        Self(records.into_iter().map(Arc::downgrade).collect())
    }

    /// The records that are still alive.
    pub fn records(&self) -> Vec<Arc<Record>> {
        self.0.iter().filter_map(Weak::upgrade).collect()
    }
}
