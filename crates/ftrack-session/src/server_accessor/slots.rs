//! How many pieces of files are sent at once.

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::meter::GLANCE;

/// More would need more memory, and no connection becomes faster by it.
pub(super) const SLOTS: usize = 6;

/// What sending a piece takes: so many at once, of all files together.
pub(super) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right to send a piece.
pub(super) struct Slot<'a>(&'a Slots);

impl Default for Slots {
    fn default() -> Self {
        Self {
            free: Mutex::new(SLOTS),
            freed: Condvar::new(),
        }
    }
}

impl Slots {
    /// Waits for a slot, as long as `go_on` does not fail.
    pub(super) fn take<E>(&self, go_on: impl Fn() -> Result<(), E>) -> Result<Slot<'_>, E> {
        let mut free = self.free.lock();
        while *free == 0 {
            self.freed.wait_for(&mut free, GLANCE);
            // It may be the user's code that is asked.
            MutexGuard::unlocked(&mut free, &go_on)?;
        }
        *free -= 1;
        Ok(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_waited_for_until_nobody_wants_it() {
        let slots = Slots::default();
        let mut taken: Vec<Slot<'_>> = (0..SLOTS)
            .map(|_| {
                slots
                    .take(|| Err(()))
                    .unwrap_or_else(|()| panic!("it is free"))
            })
            .collect();
        assert!(slots.take(|| Err("cancelled")).is_err());
        taken.pop();
        assert!(slots.take(|| Err(())).is_ok());
    }
}
