//! The bound on what is on its way to the server.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::{Error, Result};

/// Counts what is on its way, and refuses what would be too much.
pub(crate) struct Outbox {
    under_way: Mutex<UnderWay>,
    events: usize,
    bytes: usize,
}

#[derive(Default)]
struct UnderWay {
    events: usize,
    bytes: usize,
}

/// The place of one event. It is free again when this is dropped.
pub(crate) struct Permit {
    outbox: Arc<Outbox>,
    bytes: usize,
}

impl Outbox {
    pub(crate) fn new(events: usize, bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            under_way: Mutex::default(),
            events,
            bytes,
        })
    }

    /// A place for an event of so many bytes. One that is larger than everything together may be
    /// goes alone, for it would never go otherwise.
    pub(crate) fn admit(self: &Arc<Self>, bytes: usize) -> Result<Permit> {
        let mut under_way = self.under_way.lock();
        let full = |limit, unit| {
            Err(Error::QueueFull {
                queue: "events to send",
                limit,
                unit,
            })
        };
        if under_way.events >= self.events {
            return full(self.events, "events");
        }
        let total = under_way.bytes.saturating_add(bytes);
        if total > self.bytes && under_way.events > 0 {
            return full(self.bytes, "bytes");
        }
        under_way.events += 1;
        under_way.bytes = total;
        drop(under_way);
        Ok(Permit {
            outbox: Arc::clone(self),
            bytes,
        })
    }

    /// How many events are on their way.
    pub(crate) fn events(&self) -> usize {
        self.under_way.lock().events
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut under_way = self.outbox.under_way.lock();
        under_way.events -= 1;
        under_way.bytes -= self.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_is_refused_until_there_is_room() {
        let outbox = Outbox::new(2, 100);
        let first = outbox.admit(60).unwrap();
        let too_large = outbox.admit(50).err().unwrap();
        let text = "the queue of events to send is full: its limit is 100 bytes";
        assert_eq!(too_large.to_string(), text);
        let _second = outbox.admit(40).unwrap();
        let too_many = outbox.admit(0).err().unwrap();
        assert!(too_many.to_string().ends_with("its limit is 2 events"));
        assert!(too_many.is_retryable());
        drop(first);
        assert!(outbox.admit(60).is_ok());
    }

    #[test]
    fn what_is_larger_than_the_limit_goes_alone() {
        let outbox = Outbox::new(2, 100);
        let huge = outbox.admit(1_000).unwrap();
        assert!(outbox.admit(1).is_err());
        drop(huge);
        assert_eq!(outbox.events(), 0);
        assert!(outbox.admit(1).is_ok());
    }
}
