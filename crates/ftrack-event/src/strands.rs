//! The order in which a pool of threads works.

use std::collections::{HashMap, VecDeque};

/// Jobs of several steps each, and an order among them.
///
/// A step belongs to a strand. The steps of a job run one after the other, and the steps of a
/// strand run one after the other in the order in which their jobs came. Everything else may run at
/// the same time. Each job takes its place on all of its strands when it comes, so no two jobs
/// ever wait for each other.
pub(crate) struct Strands<T> {
    jobs: HashMap<u64, Job<T>>,
    /// For each strand the jobs that have yet to pass it. Only the first may.
    queues: HashMap<u64, VecDeque<u64>>,
    /// Jobs whose next step may run.
    ready: VecDeque<u64>,
    next: u64,
}

struct Job<T> {
    content: T,
    strands: Vec<u64>,
    step: usize,
}

/// A step to be run.
#[derive(Debug, PartialEq)]
pub(crate) struct Turn<T> {
    pub(crate) content: T,
    pub(crate) step: usize,
    job: u64,
}

impl<T: Clone> Strands<T> {
    pub(crate) fn new() -> Self {
        Self {
            jobs: HashMap::new(),
            queues: HashMap::new(),
            ready: VecDeque::new(),
            next: 0,
        }
    }

    /// Adds a job with a step on each of these strands, which are all different.
    pub(crate) fn add(&mut self, content: T, strands: Vec<u64>) {
        let Some(first) = strands.first().copied() else {
            return;
        };
        let job = self.next;
        self.next += 1;
        for strand in &strands {
            self.queues.entry(*strand).or_default().push_back(job);
        }
        let entry = Job {
            content,
            strands,
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
        let ends = last || entry.step >= entry.strands.len();
        let until = if ends {
            entry.strands.len()
        } else {
            entry.step
        };
        let left: Vec<u64> = entry
            .strands
            .get(passed..until)
            .unwrap_or_default()
            .to_vec();
        let next = entry.strands.get(entry.step).copied().filter(|_| !ends);
        if ends {
            self.jobs.remove(&turn.job);
        }
        for strand in left {
            self.leave(strand, turn.job);
        }
        if let Some(next) = next {
            self.look_at(next, Some(turn.job));
        }
    }

    /// How many jobs there are.
    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    fn leave(&mut self, strand: u64, job: u64) {
        let Some(queue) = self.queues.get_mut(&strand) else {
            return;
        };
        let was_first = queue.front() == Some(&job);
        queue.retain(|other| *other != job);
        if queue.is_empty() {
            self.queues.remove(&strand);
        } else if was_first {
            self.look_at(strand, None);
        }
    }

    /// Makes the first job of a strand ready if this is where it stands; with `only`, no other one.
    fn look_at(&mut self, strand: u64, only: Option<u64>) {
        let first = self
            .queues
            .get(&strand)
            .and_then(|queue| queue.front())
            .copied();
        let Some(job) = first.filter(|job| only.is_none_or(|only| only == *job)) else {
            return;
        };
        let stands_here = self
            .jobs
            .get(&job)
            .is_some_and(|entry| entry.strands.get(entry.step) == Some(&strand));
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

    fn take(strands: &mut Strands<char>) -> Option<(char, usize)> {
        let turn = strands.take()?;
        let seen = (turn.content, turn.step);
        strands.done(&turn, false);
        Some(seen)
    }

    #[test]
    fn a_strand_keeps_the_order_of_arrival() {
        let mut strands = Strands::new();
        strands.add('a', vec![1, 2]);
        strands.add('b', vec![2]);
        strands.add('c', vec![3]);
        let first = strands.take().unwrap();
        assert_eq!((first.content, first.step), ('a', 0));
        assert_eq!(take(&mut strands), Some(('c', 0)));
        // b waits on strand 2 until a has passed it.
        assert_eq!(take(&mut strands), None);
        strands.done(&first, false);
        assert_eq!(take(&mut strands), Some(('a', 1)));
        assert_eq!(take(&mut strands), Some(('b', 0)));
        assert_eq!((strands.len(), strands.queues.len()), (0, 0));
    }

    #[test]
    fn a_stopped_job_makes_way() {
        let mut strands = Strands::new();
        strands.add('a', vec![1, 2, 3]);
        strands.add('b', vec![3]);
        let turn = strands.take().unwrap();
        strands.done(&turn, true);
        assert_eq!(take(&mut strands), Some(('b', 0)));
        assert_eq!((strands.len(), strands.queues.len()), (0, 0));
    }

    proptest! {
        /// However many threads there are and whatever they take: everything runs, each strand in
        /// order, each job in order, and never two steps of either at once.
        #[test]
        fn everything_runs_in_order(
            jobs in vec(btree_set(0_u64..6, 0..5), 0..30),
            choices in vec(0_usize..4, 200),
        ) {
            let jobs: Vec<Vec<u64>> = jobs.into_iter().map(|set| set.into_iter().collect()).collect();
            let mut strands = Strands::new();
            for (number, keys) in jobs.iter().enumerate() {
                strands.add(number, keys.clone());
            }
            let mut running: Vec<Turn<usize>> = Vec::new();
            let mut passed: HashMap<u64, Vec<usize>> = HashMap::new();
            let mut choices = choices.into_iter().cycle();
            loop {
                while running.len() < 3 {
                    let Some(turn) = strands.take() else { break };
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
                strands.done(&turn, false);
            }
            prop_assert_eq!(strands.len(), 0);
            for (strand, passed) in passed {
                let wanted: Vec<usize> = (0..jobs.len()).filter(|job| jobs[*job].contains(&strand)).collect();
                prop_assert_eq!(passed, wanted);
            }
        }
    }
}
