//! One commit at a time.

use std::thread::ThreadId;

use parking_lot::{Condvar, Mutex};

/// Who commits at the moment. Others wait, but not for themselves: what runs within a commit, such as a subscriber of
/// logs or a transport of the caller's, finds out that its own thread is at it.
#[derive(Debug, Default)]
pub(crate) struct CommitLock {
    owner: Mutex<Option<ThreadId>>,
    free: Condvar,
}

/// A thread commits as long as it has this.
#[derive(Debug)]
pub(crate) struct CommitGuard<'a>(&'a CommitLock);

impl CommitLock {
    /// Waits until no other thread commits. `None` if this one does already.
    pub(crate) fn take(&self) -> Option<CommitGuard<'_>> {
        let thread = std::thread::current().id();
        let mut owner = self.owner.lock();
        loop {
            match *owner {
                None => break,
                Some(other) if other == thread => return None,
                Some(_) => self.free.wait(&mut owner),
            }
        }
        *owner = Some(thread);
        Some(CommitGuard(self))
    }
}

impl Drop for CommitGuard<'_> {
    fn drop(&mut self) {
        *self.0.owner.lock() = None;
        self.0.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_had_one_by_one_and_a_thread_never_waits_for_its_own() {
        let lock = CommitLock::default();
        let count = Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let guard = lock.take().unwrap();
                        assert!(lock.take().is_none());
                        let before = *count.lock();
                        std::thread::yield_now();
                        *count.lock() = before + 1;
                        drop(guard);
                    }
                });
            }
        });
        assert_eq!(*count.lock(), 400);
    }
}
