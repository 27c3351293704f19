//! The order in which a pool of threads works.

use std::collections::{HashMap, VecDeque};

/// Jobs of several steps each, and an order among them.
///
/// A step belongs to a key. The steps of a job run one after the other, and the steps of a
/// key run one after the other in the order in which their jobs came. Everything else may run at
/// the same time. Each job takes its place on all of its keys when it comes, so no two jobs
/// ever wait for each other.
pub(crate) struct KeyedQueue<T> {
    jobs: HashMap<u64, Job<T>>,
    /// For each key the jobs that have yet to pass it. Only the first may.
    queues: HashMap<u64, VecDeque<u64>>,
    /// Jobs whose next step may run.
    ready: VecDeque<u64>,
    next: u64,
}

struct Job<T> {
    content: T,
    keys: Vec<u64>,
    step: usize,
}

/// A step to be run.
#[derive(Debug, PartialEq)]
pub(crate) struct Turn<T> {
    pub(crate) content: T,
    pub(crate) step: usize,
    job: u64,
}

impl<T: Clone> KeyedQueue<T> {
    pub(crate) fn new() -> Self {
        Self {
            jobs: HashMap::new(),
            queues: HashMap::new(),
            ready: VecDeque::new(),
            next: 0,
        }
    }

    /// Adds a job with a step on each of these keys, which are all different.
    pub(crate) fn add(&mut self, content: T, keys: Vec<u64>) {
        let Some(first) = keys.first().copied() else {
            return;
        };
        let job = self.next;
        self.next += 1;
        for key in &keys {
            self.queues.entry(*key).or_default().push_back(job);
        }
        let entry = Job {
            content,
            keys,
            step: 0,
        };
        self.jobs.insert(job, entry);
        self.look_at(first, Some(job));
    }

    /// The next step that may run. [`done`](Self::done) has to follow.
    pub(crate) fn take(&mut self) -> Option<Turn<T>> {
        let job = self.ready.pop_front()?;
        let entry = self.jobs.get(&job)?;
        Some(Turn {
            content: entry.content.clone(),
            step: entry.step,
            job,
        })
    }

    /// Notes that a step has run; `last` if no further step of its job is wanted.
    pub(crate) fn done(&mut self, turn: &Turn<T>, last: bool) {
        let Some(entry) = self.jobs.get_mut(&turn.job) else {
            return;
        };
        let passed = entry.step;
        entry.step += 1;
        let ends = last || entry.step >= entry.keys.len();
        let until = if ends { entry.keys.len() } else { entry.step };
        let left: Vec<u64> = entry.keys.get(passed..until).unwrap_or_default().to_vec();
        let next = entry.keys.get(entry.step).copied().filter(|_| !ends);
        if ends {
            self.jobs.remove(&turn.job);
        }
        for key in left {
            self.leave(key, turn.job);
        }
        if let Some(next) = next {
            self.look_at(next, Some(turn.job));
        }
    }

    /// How many jobs there are.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    fn leave(&mut self, key: u64, job: u64) {
        let Some(queue) = self.queues.get_mut(&key) else {
            return;
        };
        let was_first = queue.front() == Some(&job);
        queue.retain(|other| *other != job);
        if queue.is_empty() {
            self.queues.remove(&key);
        } else if was_first {
            self.look_at(key, None);
        }
    }

    /// Makes the first job of a key ready if this is where it stands; with `only`, no other one.
    fn look_at(&mut self, key: u64, only: Option<u64>) {
        let first = self
            .queues
            .get(&key)
            .and_then(|queue| queue.front())
            .copied();
        let Some(job) = first.filter(|job| only.is_none_or(|only| only == *job)) else {
            return;
        };
        let stands_here = self
            .jobs
            .get(&job)
            .is_some_and(|entry| entry.keys.get(entry.step) == Some(&key));
        if stands_here {
            self.ready.push_back(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn take(queue: &mut KeyedQueue<char>) -> Option<(char, usize)> {
        let turn = queue.take()?;
        let seen = (turn.content, turn.step);
        queue.done(&turn, false);
        Some(seen)
    }

    #[test]
    fn a_key_keeps_the_order_of_arrival() {
        let mut queue = KeyedQueue::new();
        queue.add('a', vec![1, 2]);
        queue.add('b', vec![2]);
        queue.add('c', vec![3]);
        let first = queue.take().unwrap();
        assert_eq!((first.content, first.step), ('a', 0));
        assert_eq!(take(&mut queue), Some(('c', 0)));
        // b waits on key 2 until a has passed it.
        assert_eq!(take(&mut queue), None);
        queue.done(&first, false);
        assert_eq!(take(&mut queue), Some(('a', 1)));
        assert_eq!(take(&mut queue), Some(('b', 0)));
        assert_eq!((queue.len(), queue.queues.len()), (0, 0));
    }

    #[test]
    fn a_stopped_job_makes_way() {
        let mut queue = KeyedQueue::new();
        queue.add('a', vec![1, 2, 3]);
        queue.add('b', vec![3]);
        let turn = queue.take().unwrap();
        queue.done(&turn, true);
        assert_eq!(take(&mut queue), Some(('b', 0)));
        assert_eq!((queue.len(), queue.queues.len()), (0, 0));
    }

    proptest! {
        /// However many threads there are and whatever they take: everything runs, each key in
        /// order, each job in order, and never two steps of either at once.
        #[test]
        fn everything_runs_in_order(
            jobs in vec(btree_set(0_u64..6, 0..5), 0..30),
            choices in vec(0_usize..4, 200),
        ) {
            let jobs: Vec<Vec<u64>> = jobs.into_iter().map(|set| set.into_iter().collect()).collect();
            let mut queue = KeyedQueue::new();
            for (number, job_keys) in jobs.iter().enumerate() {
                queue.add(number, job_keys.clone());
            }
            let mut running: Vec<Turn<usize>> = Vec::new();
            let mut passed: HashMap<u64, Vec<usize>> = HashMap::new();
            let mut choices = choices.into_iter().cycle();
            loop {
                while running.len() < 3 {
                    let Some(turn) = queue.take() else { break };
                    for other in &running {
                        prop_assert_ne!(jobs[other.content][other.step], jobs[turn.content][turn.step]);
                        prop_assert_ne!(other.content, turn.content);
                    }
                    running.push(turn);
                }
                if running.is_empty() {
                    break;
                }
                let choice = choices.next().unwrap_or(0) % running.len();
                let turn = running.swap_remove(choice);
                passed.entry(jobs[turn.content][turn.step]).or_default().push(turn.content);
                queue.done(&turn, false);
            }
            prop_assert_eq!(queue.len(), 0);
            for (key, passed) in passed {
                let wanted: Vec<usize> = (0..jobs.len()).filter(|job| jobs[*job].contains(&key)).collect();
                prop_assert_eq!(passed, wanted);
            }
        }
    }
}
