//! What is in a list still, while it is replayed and others may change it.

use std::collections::HashSet;
use std::time::SystemTime;

use super::lines::Lines;
use super::{DeadLetter, DeadLetters};
use crate::error::Result;

/// The ids of a list, read anew when somebody else has written the file.
#[derive(Debug, Default)]
pub(super) struct There {
    ids: HashSet<String>,
    /// What the file looked like when the ids were read, or when this replay wrote to it.
    seen: Option<(u64, SystemTime)>,
}

impl There {
    /// Whether a letter is in the list still.
    pub(super) fn has(&mut self, list: &DeadLetters, letter: &DeadLetter) -> Result<bool> {
        let _lock = list.lock()?;
        self.has_locked(list, letter)
    }

    /// As [`has`](Self::has); the caller holds the lock.
    pub(super) fn has_locked(&mut self, list: &DeadLetters, letter: &DeadLetter) -> Result<bool> {
        let looks = looks(list);
        if looks.is_none() || looks != self.seen {
            let letters = Lines::read(list.path())?.letters;
            self.ids = letters.into_iter().map(|letter| letter.id).collect();
            self.seen = looks;
        }
        Ok(self.ids.contains(&letter.id))
    }

    /// The replay has settled a letter, which it does not ask for again; the caller holds the lock.
    pub(super) fn is_as_left(&mut self, list: &DeadLetters) {
        self.seen = looks(list);
    }
}

fn looks(list: &DeadLetters) -> Option<(u64, SystemTime)> {
    let file = std::fs::metadata(list.path()).ok()?;
    Some((file.len(), file.modified().ok()?))
}
