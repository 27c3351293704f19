//! Where long requests take turns.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// More long requests than this do not wait: each keeps a thread.
const WAITING: usize = 64;

/// How often a request that waits looks whether it is cancelled.
const LOOK: Duration = Duration::from_millis(50);

/// As many long requests at a time as there are permits; the others wait in the order in which they came.
#[derive(Debug)]
pub(crate) struct Semaphore {
    count: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    last: u64,
    waiting: VecDeque<u64>,
}

/// How waiting for a permit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acquisition {
    Acquired,
    Cancelled,
    /// Too many wait already.
    Full,
}

impl Semaphore {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            count: count.max(1),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// As many permits as there are processors.
    pub(crate) fn for_machine() -> Self {
        Self::new(std::thread::available_parallelism().map_or(1, Into::into))
    }

    /// Waits for a permit.
    pub(super) fn acquire(&self, is_cancelled: impl Fn() -> bool) -> Acquisition {
        let mut state = self.state.lock();
        if state.waiting.len() >= WAITING {
            return Acquisition::Full;
        }
        state.last += 1;
        let ticket = state.last;
        state.waiting.push_back(ticket);
        loop {
            if state.taken < self.count && state.waiting.front() == Some(&ticket) {
                state.waiting.pop_front();
                state.taken += 1;
                // There may be a permit for the next one too.
                self.changed.notify_all();
                return Acquisition::Acquired;
            }
            self.changed.wait_for(&mut state, LOOK);
            if is_cancelled() {
                state.waiting.retain(|waiting| *waiting != ticket);
                self.changed.notify_all();
                return Acquisition::Cancelled;
            }
        }
    }

    /// Gives a permit back.
    pub(super) fn release(&self) {
        self.state.lock().taken -= 1;
        self.changed.notify_all();
    }

    /// Whether somebody waits for a permit.
    pub(super) fn is_wanted(&self) -> bool {
        !self.state.lock().waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_are_at_work_than_there_are_permits() {
        let semaphore = Arc::new(Semaphore::new(2));
        let at_work = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (semaphore, at_work) = (Arc::clone(&semaphore), Arc::clone(&at_work));
                std::thread::spawn(move || {
                    for _ in 0..50 {
                        assert_eq!(semaphore.acquire(|| false), Acquisition::Acquired);
                        assert!(at_work.fetch_add(1, Ordering::SeqCst) < 2);
                        std::thread::yield_now();
                        at_work.fetch_sub(1, Ordering::SeqCst);
                        semaphore.release();
                    }
                })
            })
            .collect();
        for thread in threads {
            assert!(thread.join().is_ok());
        }
        assert!(!semaphore.is_wanted());
    }

    #[test]
    fn waiting_ends_when_it_is_cancelled() {
        let semaphore = Semaphore::new(1);
        assert_eq!(semaphore.acquire(|| false), Acquisition::Acquired);
        assert_eq!(semaphore.acquire(|| true), Acquisition::Cancelled);
        semaphore.release();
        assert_eq!(semaphore.acquire(|| true), Acquisition::Acquired);
    }
}
