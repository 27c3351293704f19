//! The order in which threads handle tasks.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Tasks with keys: those of one key come one after the other, in order; one that failed keeps its place until its time
/// comes again, and those behind it wait. Others do not.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    keys: HashMap<Arc<str>, VecDeque<Entry<T>>>,
    /// Keys whose first task may run.
    ready: VecDeque<Arc<str>>,
    /// Keys whose first task waits for its time. The number tells equal times apart.
    later: BTreeMap<(Instant, u64), Arc<str>>,
    next: u64,
    length: usize,
}

#[derive(Debug)]
struct Entry<T> {
    content: Arc<T>,
    /// How often it was taken.
    attempts: u32,
}

/// A task whose turn it is.
#[derive(Debug)]
pub(crate) struct Turn<T> {
    key: Arc<str>,
    pub(crate) content: Arc<T>,
    /// How often it was taken, this time included.
    pub(crate) attempt: u32,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            keys: HashMap::new(),
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            next: 0,
            length: 0,
        }
    }
}

impl<T> Queue<T> {
    /// How many tasks there are, those that run included.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn push(&mut self, key: &str, content: T) {
        let entry = Entry {
            content: Arc::new(content),
            attempts: 0,
        };
        self.length += 1;
        if let Some(entries) = self.keys.get_mut(key) {
            entries.push_back(entry);
            return;
        }
        let key: Arc<str> = key.into();
        self.ready.push_back(Arc::clone(&key));
        self.keys.insert(key, VecDeque::from([entry]));
    }

    /// The next task. [`done`](Self::done) or [`retry`](Self::retry) has to follow.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Turn<T>> {
        while let Some(first) = self
            .later
            .first_entry()
            .filter(|first| first.key().0 <= now)
        {
            self.ready.push_back(first.remove());
        }
        let key = self.ready.pop_front()?;
        let entry = self.keys.get_mut(&key)?.front_mut()?;
        entry.attempts += 1;
        Some(Turn {
            content: Arc::clone(&entry.content),
            attempt: entry.attempts,
            key,
        })
    }

    /// When a task that waits for its time may be taken.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        self.later.first_key_value().map(|((time, _), _)| *time)
    }

    /// A task is done with.
    pub(crate) fn done(&mut self, turn: Turn<T>) {
        let Some(entries) = self.keys.get_mut(&turn.key) else {
            return;
        };
        entries.pop_front();
        self.length -= 1;
        if entries.is_empty() {
            self.keys.remove(&turn.key);
        } else {
            self.ready.push_back(turn.key);
        }
    }

    /// A task has failed and is to be taken again at a time.
    pub(crate) fn retry(&mut self, turn: Turn<T>, at: Instant) {
        self.next += 1;
        self.later.insert((at, self.next), turn.key);
    }

    /// All tasks, those that run included, in no order.
    pub(crate) fn drain(&mut self) -> Vec<Arc<T>> {
        self.ready.clear();
        self.later.clear();
        self.length = 0;
        let keys = std::mem::take(&mut self.keys);
        let entries = keys.into_values().flatten();
        entries.map(|entry| entry.content).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_that_failed_keeps_its_place_and_holds_up_only_its_own_key() {
        let start = Instant::now();
        let mut queue = Queue::default();
        queue.push("a", 1);
        queue.push("a", 2);
        queue.push("b", 3);
        let first = queue.take(start).unwrap();
        assert_eq!((*first.content, first.attempt), (1, 1));
        let other = queue.take(start).unwrap();
        assert_eq!(*other.content, 3);
        assert!(queue.take(start).is_none(), "2 waits for 1");
        queue.done(other);
        queue.retry(first, start + 5 * SECOND);
        assert!(queue.take(start + 4 * SECOND).is_none());
        assert_eq!(queue.next_time(), Some(start + 5 * SECOND));
        let again = queue.take(start + 5 * SECOND).unwrap();
        assert_eq!((*again.content, again.attempt), (1, 2));
        queue.done(again);
        let second = queue.take(start + 5 * SECOND).unwrap();
        assert_eq!((*second.content, second.attempt), (2, 1));
        queue.done(second);
        assert_eq!((queue.len(), queue.keys.len()), (0, 0));
    }

    proptest! {
        #[test]
        fn each_key_keeps_its_order_whatever_fails(
            keys in vec(0_u8..4, 1..40),
            choices in vec((0_usize..3, any::<bool>()), 400),
        ) {
            let mut now = Instant::now();
            let mut queue = Queue::default();
            for (number, key) in keys.iter().enumerate() {
                queue.push(&key.to_string(), number);
            }
            let mut running: Vec<Turn<usize>> = Vec::new();
            let mut finished: Vec<usize> = Vec::new();
            for (choice, fails) in choices {
                now += SECOND;
                while running.len() < 3 {
                    let Some(turn) = queue.take(now) else { break };
                    for other in &running {
                        prop_assert_ne!(&other.key, &turn.key);
                    }
                    running.push(turn);
                }
                if running.is_empty() { continue }
                let turn = running.swap_remove(choice % running.len());
                if fails && turn.attempt < 3 {
                    queue.retry(turn, now + 2 * SECOND);
                } else {
                    finished.push(*turn.content);
                    queue.done(turn);
                }
            }
            prop_assert_eq!(finished.len() + queue.len(), keys.len());
            for key in 0..4 {
                let of_key = |number: &&usize| keys[**number] == key;
                let passed: Vec<usize> = finished.iter().filter(of_key).copied().collect();
                prop_assert!(passed.is_sorted());
            }
        }
    }
}
