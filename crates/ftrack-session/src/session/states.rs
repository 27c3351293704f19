//! What the floors above keep with a session.

use std::any::Any;
use std::sync::Arc;

use parking_lot::RwLock;

/// Something that a floor above keeps with a session and all its units of work.
pub(crate) trait State: Any + Send + Sync {
    /// A unit of work has ended, or was reset.
    fn unit_ended(&self, unit: u64);

    /// The session was closed.
    fn closed(&self);
}

/// One value of each type, made when it is first asked for.
#[derive(Default)]
pub(crate) struct States(RwLock<Vec<Entry>>);

#[derive(Clone)]
struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    state: Arc<dyn State>,
}

impl States {
    pub(crate) fn get<T: State + Default>(&self) -> Arc<T> {
        if let Some(known) = find(&self.0.read()) {
            return known;
        }
        let made = Arc::new(T::default());
        let mut entries = self.0.write();
        // Another thread may have been quicker.
        if let Some(known) = find(&entries) {
            return known;
        }
        entries.push(Entry {
            value: Arc::<T>::clone(&made),
            state: Arc::<T>::clone(&made),
        });
        made
    }

    /// All that there are, to be called without a lock.
    pub(crate) fn all(&self) -> Vec<Arc<dyn State>> {
        let entries = self.0.read().clone();
        entries.into_iter().map(|entry| entry.state).collect()
    }
}

fn find<T: State>(entries: &[Entry]) -> Option<Arc<T>> {
    let mut values = entries.iter().map(|entry| &entry.value);
    values.find_map(|value| Arc::clone(value).downcast().ok())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Number(AtomicU64);

    impl State for Number {
        fn unit_ended(&self, unit: u64) {
            self.0.store(unit, Ordering::Relaxed);
        }

        fn closed(&self) {}
    }

    #[derive(Default)]
    struct Other;

    impl State for Other {
        fn unit_ended(&self, _: u64) {}

        fn closed(&self) {}
    }

    #[test]
    fn there_is_one_value_of_each_type() {
        let states = States::default();
        let number = states.get::<Number>();
        drop(states.get::<Other>());
        for state in states.all() {
            state.unit_ended(7);
        }
        assert_eq!(number.0.load(Ordering::Relaxed), 7);
        assert!(Arc::ptr_eq(&number, &states.get::<Number>()));
        assert_eq!(states.all().len(), 2);
    }
}
