//! Recognising what arrives twice.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// The last ids that arrived, up to a bound.
pub(crate) struct RecentIds {
    known: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
    limit: usize,
}

impl RecentIds {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            known: HashSet::new(),
            order: VecDeque::new(),
            limit,
        }
    }

    /// Remembers an id; whether it is new.
    pub(crate) fn is_new(&mut self, id: &str) -> bool {
        if self.limit == 0 {
            return true;
        }
        if self.known.contains(id) {
            return false;
        }
        if self.order.len() >= self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        let id: Arc<str> = id.into();
        self.order.push_back(Arc::clone(&id));
        self.known.insert(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_until_enough_others_came() {
        let mut recent = RecentIds::new(2);
        assert!(recent.is_new("a") && recent.is_new("b"));
        assert!(!recent.is_new("a") && !recent.is_new("b"));
        assert!(recent.is_new("c") && recent.is_new("a"));
        assert!(!recent.is_new("c"));
        assert_eq!((recent.known.len(), recent.order.len()), (2, 2));
        let mut none = RecentIds::new(0);
        assert!(none.is_new("a") && none.is_new("a"));
    }
}
