//! Who may write: one at a time, and small batches before large ones.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;

use parking_lot::Mutex;

/// How often a batch that waits looks whether it is cancelled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How many small batches may go before a large one that came earlier.
const MOST_OVERTAKING: usize = 100;

/// How waiting for the turn ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    HasTurn,
    Cancelled,
    /// Too many wait already: each of them keeps a thread.
    Full,
}

/// How much others have to wait for a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// A few writes, as people and most programs make them.
    Small,
    /// Many writes, or reads of what was written.
    Large,
}

/// The turn to write. It is handed from one batch to the next, so that nobody can take it in between.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_taken: bool,
    small: VecDeque<Arc<Waiting>>,
    large: VecDeque<Arc<Waiting>>,
    /// How many small batches went before the large one that is next.
    overtaken: usize,
}

#[derive(Debug)]
struct Waiting {
    thread: Thread,
    has_turn: AtomicBool,
}

impl State {
    fn queue(&mut self, size: Size) -> &mut VecDeque<Arc<Waiting>> {
        match size {
            Size::Small => &mut self.small,
            Size::Large => &mut self.large,
        }
    }

    fn next(&mut self) -> Option<Arc<Waiting>> {
        let is_large_due = self.overtaken >= MOST_OVERTAKING || self.small.is_empty();
        if is_large_due && let Some(large) = self.large.pop_front() {
            self.overtaken = 0;
            return Some(large);
        }
        if !self.large.is_empty() {
            self.overtaken += 1;
        }
        self.small.pop_front()
    }
}

impl Turns {
    /// Waits for the turn, with no more than `most` others, until `is_cancelled` says that nobody waits for the batch
    /// any more.
    pub(super) fn wait(&self, size: Size, most: usize, is_cancelled: impl Fn() -> bool) -> Waited {
        let waiting = {
            let mut state = self.state.lock();
            if !state.is_taken {
                // Nobody waits then, for the turn is handed on to whoever does.
                state.is_taken = true;
                return Waited::HasTurn;
            }
            if state.small.len() + state.large.len() >= most {
                return Waited::Full;
            }
            let waiting = Arc::new(Waiting {
                thread: std::thread::current(),
                has_turn: AtomicBool::new(false),
            });
            state.queue(size).push_back(Arc::clone(&waiting));
            waiting
        };
        loop {
            std::thread::park_timeout(POLL_INTERVAL);
            if waiting.has_turn.load(Ordering::Acquire) {
                return Waited::HasTurn;
            }
            if is_cancelled() {
                return self.give_up(size, &waiting);
            }
        }
    }

    /// Waits no more, unless the turn came meanwhile.
    fn give_up(&self, size: Size, waiting: &Arc<Waiting>) -> Waited {
        let mut state = self.state.lock();
        if waiting.has_turn.load(Ordering::Acquire) {
            return Waited::HasTurn;
        }
        state
            .queue(size)
            .retain(|other| !Arc::ptr_eq(other, waiting));
        Waited::Cancelled
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        let state = self.state.lock();
        state.small.len() + state.large.len()
    }

    /// Hands the turn to the next batch.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        let next = state.next();
        state.is_taken = next.is_some();
        if let Some(next) = next {
            next.has_turn.store(true, Ordering::Release);
            next.thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = usize::MAX;

    /// Lets batches of these sizes wait, one after the other, and tells in which order they had their turns.
    fn order_of(sizes: &[Size]) -> Vec<usize> {
        let turns = Turns::default();
        let order = Mutex::new(Vec::new());
        assert_eq!(turns.wait(Size::Small, MANY, || false), Waited::HasTurn);
        std::thread::scope(|scope| {
            for (number, size) in sizes.iter().enumerate() {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    assert_eq!(turns.wait(*size, MANY, || false), Waited::HasTurn);
                    order.lock().push(number);
                    turns.end();
                });
                while turns.waiting() <= number {
                    std::thread::yield_now();
                }
            }
            turns.end();
        });
        assert!(!turns.state.lock().is_taken);
        order.into_inner()
    }

    #[test]
    fn small_batches_go_before_large_ones() {
        use Size::{Large, Small};
        assert_eq!(order_of(&[Large, Small, Large, Small]), [1, 3, 0, 2]);
    }

    #[test]
    fn a_large_batch_has_its_turn_in_the_end() {
        let mut sizes = vec![Size::Large];
        sizes.extend([Size::Small; MOST_OVERTAKING + 1]);
        let order = order_of(&sizes);
        assert_eq!(order[MOST_OVERTAKING], 0, "{order:?}");
    }

    #[test]
    fn whoever_gives_up_keeps_nobody_waiting() {
        let turns = Turns::default();
        assert_eq!(turns.wait(Size::Small, MANY, || false), Waited::HasTurn);
        for size in [Size::Small, Size::Large] {
            assert_eq!(turns.wait(size, MANY, || true), Waited::Cancelled);
        }
        turns.end();
        let free = turns.wait(Size::Large, MANY, || true);
        assert_eq!(free, Waited::HasTurn, "nobody has it");
        turns.end();
    }

    #[test]
    fn no_more_wait_than_may() {
        let turns = Turns::default();
        assert_eq!(turns.wait(Size::Small, 2, || false), Waited::HasTurn);
        std::thread::scope(|scope| {
            for (number, size) in [Size::Small, Size::Large].into_iter().enumerate() {
                let turns = &turns;
                scope.spawn(move || {
                    assert_eq!(turns.wait(size, 2, || false), Waited::HasTurn);
                    turns.end();
                });
                while turns.waiting() <= number {
                    std::thread::yield_now();
                }
            }
            for size in [Size::Small, Size::Large] {
                assert_eq!(turns.wait(size, 2, || false), Waited::Full);
            }
            turns.end();
        });
        assert_eq!(turns.wait(Size::Small, 2, || false), Waited::HasTurn);
    }
}
