//! Something that there is so much of, for all requests together.

#![cfg_attr(
    not(any(feature = "media", test)),
    expect(dead_code, reason = "only images wait for a share")
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// More than this do not wait for a share: each keeps a thread.
const WAITING: usize = 64;

/// A size that all who take shares of it have together at the most.
#[derive(Debug)]
pub(crate) struct Pool {
    size: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    waiting: usize,
}

/// A part of a pool, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    pool: Arc<Pool>,
    size: usize,
}

impl Pool {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// A share of this size, where there is so much left.
    pub(crate) fn take(self: &Arc<Self>, size: usize) -> Option<Share> {
        self.reserve(size).then(|| self.share(size))
    }

    /// As `take`; waits for others to give their shares back, but not for long.
    pub(crate) fn take_within(self: &Arc<Self>, size: usize, wait: Duration) -> Option<Share> {
        if size > self.size {
            return None;
        }
        let end = Instant::now() + wait;
        let mut state = self.state.lock();
        if state.waiting >= WAITING {
            return None;
        }
        state.waiting += 1;
        let mut is_late = false;
        while self.size - state.taken < size && !is_late {
            is_late = self.changed.wait_until(&mut state, end).timed_out();
        }
        state.waiting -= 1;
        let has_room = self.size - state.taken >= size;
        if has_room {
            state.taken += size;
        }
        drop(state);
        has_room.then(|| self.share(size))
    }

    fn share(self: &Arc<Self>, size: usize) -> Share {
        Share {
            pool: Arc::clone(self),
            size,
        }
    }

    fn reserve(&self, size: usize) -> bool {
        let mut state = self.state.lock();
        let has_room = self.size - state.taken >= size;
        if has_room {
            state.taken += size;
        }
        has_room
    }
}

impl Share {
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Takes more; whether there was so much left.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let has_room = self.pool.reserve(more);
        if has_room {
            self.size += more;
        }
        has_room
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.pool.state.lock().taken -= self.size;
        self.pool.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_back() {
        let pool = Arc::new(Pool::new(10));
        let mut first = pool.take(6).unwrap();
        assert!(pool.take(5).is_none());
        assert!(first.grow(3) && !first.grow(2));
        assert_eq!(first.size(), 9);
        assert!(pool.take_within(11, Duration::MAX).is_none());
        assert!(pool.take_within(2, Duration::from_millis(1)).is_none());
        let other = std::thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.take_within(10, Duration::from_secs(60)).is_some()
        });
        drop(first);
        assert!(other.join().unwrap());
        assert!(pool.take(10).is_some());
    }
}
