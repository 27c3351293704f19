//! The store that everybody sees, and the turn of whoever changes it.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Store;
use super::reclaim::Reclaimer;
use super::turns::{Size, Turns, Waited};

/// The store that everybody sees.
///
/// Nobody waits to read: the store of this moment is theirs for as long as they want. Writers take turns; each changes
/// a copy and publishes it, also while others read. Nothing is seen of a copy that is not published.
#[derive(Debug)]
pub(crate) struct Published {
    current: Mutex<Arc<Store>>,
    turns: Turns,
    /// Large batches are made one after the other, before they wait for the turn to write.
    preparing: Turns,
    reclaimer: Reclaimer,
}

/// The right to make a large batch, held by one writer at a time.
#[derive(Debug)]
pub(crate) struct Preparing<'p> {
    published: &'p Published,
}

/// The right to publish, held by one writer at a time.
#[derive(Debug)]
pub(crate) struct Turn<'p> {
    published: &'p Published,
}

impl Published {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            current: Mutex::new(Arc::new(store)),
            turns: Turns::default(),
            preparing: Turns::default(),
            reclaimer: Reclaimer::default(),
        }
    }

    /// The store as it is now.
    pub(crate) fn current(&self) -> Arc<Store> {
        Arc::clone(&self.current.lock())
    }

    /// Waits for the turn to write.
    pub(crate) fn turn(&self) -> Turn<'_> {
        // Nothing cancels it, so it comes.
        self.turns.wait(Size::Small, usize::MAX, || false);
        Turn { published: self }
    }

    /// Waits for the turn to write a batch, with no more than `most` others.
    ///
    /// # Errors
    /// Why it did not come.
    pub(crate) fn turn_unless(
        &self,
        size: Size,
        most: usize,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Turn<'_>, Waited> {
        match self.turns.wait(size, most, is_cancelled) {
            Waited::HasTurn => Ok(Turn { published: self }),
            waited => Err(waited),
        }
    }

    /// Waits until no other large batch is made, with no more than `most` others.
    ///
    /// # Errors
    /// Why it did not come to that.
    pub(crate) fn preparing_unless(
        &self,
        most: usize,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Preparing<'_>, Waited> {
        match self.preparing.wait(Size::Large, most, is_cancelled) {
            Waited::HasTurn => Ok(Preparing { published: self }),
            waited => Err(waited),
        }
    }

    /// How many wait for the turn to write.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.turns.waiting()
    }
}

impl Drop for Preparing<'_> {
    fn drop(&mut self) {
        self.published.preparing.end();
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.published.turns.end();
    }
}

impl Turn<'_> {
    /// The store as it is now; it stays so until this publishes another.
    pub(crate) fn current(&self) -> Arc<Store> {
        self.published.current()
    }

    /// Puts a store in place of the one before; gives what everybody sees now.
    pub(crate) fn publish(&self, store: Store) -> Arc<Store> {
        let store = Arc::new(store);
        let before = std::mem::replace(&mut *self.published.current.lock(), Arc::clone(&store));
        // Freeing what nobody reads any more takes long enough that nobody should wait for it.
        self.published.reclaimer.take(before);
        store
    }
}
