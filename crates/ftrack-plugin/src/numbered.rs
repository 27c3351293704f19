//! Things that the other side knows by a number.

use std::collections::HashMap;
use std::io::{self, Read};

use parking_lot::Mutex;

/// Things that the other side knows by a number.
pub(crate) struct Numbered<T>(Mutex<Table<T>>);

struct Table<T> {
    next: u64,
    entries: HashMap<u64, T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(Mutex::new(Table {
            next: 1,
            entries: HashMap::new(),
        }))
    }
}

impl<T> Numbered<T> {
    /// Keeps it under a new number.
    pub(crate) fn insert(&self, entry: T) -> u64 {
        let mut table = self.0.lock();
        let number = table.next;
        table.next += 1;
        table.entries.insert(number, entry);
        number
    }

    /// Keeps it under the other side's number.
    pub(crate) fn insert_as(&self, number: u64, entry: T) {
        let previous = self.0.lock().entries.insert(number, entry);
        drop(previous);
    }

    pub(crate) fn take(&self, number: u64) -> Option<T> {
        self.0.lock().entries.remove(&number)
    }

    /// All of them, which are then gone.
    pub(crate) fn take_all(&self) -> Vec<T> {
        let entries = std::mem::take(&mut self.0.lock().entries);
        entries.into_values().collect()
    }

    pub(crate) fn get(&self, number: u64) -> Option<T>
    where
        T: Clone,
    {
        self.0.lock().entries.get(&number).cloned()
    }
}

/// How much is read for the other side at a time.
const LARGEST_READ: usize = 1 << 20;

/// What the other side reads from. While it does, the entry is empty: nobody's reader is called with a lock held.
#[derive(Default)]
pub(crate) struct Streams(Numbered<Option<Box<dyn Read + Send>>>);

impl Streams {
    pub(crate) fn insert(&self, reader: Box<dyn Read + Send>) -> u64 {
        self.0.insert(Some(reader))
    }

    pub(crate) fn forget(&self, number: u64) {
        drop(self.0.take(number));
    }

    /// Up to `limit` bytes; none at the end.
    pub(crate) fn read(&self, number: u64, limit: usize) -> io::Result<Vec<u8>> {
        let entry = self.0.0.lock().entries.get_mut(&number).map(Option::take);
        let Some(Some(mut reader)) = entry else {
            return Err(io::Error::other("nothing is read there"));
        };
        let mut bytes = vec![0; limit.min(LARGEST_READ)];
        let outcome = reader.read(&mut bytes);
        // It may have been forgotten meanwhile.
        let mut table = self.0.0.lock();
        let reader = match table.entries.get_mut(&number) {
            Some(entry) => entry.replace(reader),
            None => Some(reader),
        };
        drop(table);
        drop(reader);
        bytes.truncate(outcome?);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_read_in_pieces_until_they_are_forgotten() {
        let streams = Streams::default();
        let number = streams.insert(Box::new(&b"frames"[..]));
        assert_eq!(streams.read(number, 4).unwrap(), b"fram");
        assert_eq!(streams.read(number, usize::MAX).unwrap(), b"es");
        assert_eq!(streams.read(number, 4).unwrap(), b"");
        streams.forget(number);
        assert!(streams.read(number, 4).is_err());
    }
}
