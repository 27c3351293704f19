//! Every order in which threads can meet at the queue of what has arrived.
//!
//! `loom` runs each test with all interleavings of its threads. It needs locks of its own, so the module is compiled
//! here a second time, its tests included, with those in place of the usual ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "tests fail by panicking, and use a part of what the modules offer"
)]

#[path = "../src/inbox.rs"]
mod inbox;
#[path = "../src/recent.rs"]
mod recent;
#[path = "../../ftrack-transport/tests/models/sync.rs"]
mod sync;
#[path = "../src/topics.rs"]
mod topics;

/// As much of an event as the queue knows.
mod event {
    use serde_json::Value;

    #[derive(Debug)]
    pub(crate) struct Event {
        pub(crate) id: String,
        pub(crate) topic: String,
        pub(crate) data: Value,
    }

    impl Event {
        pub(crate) fn new(topic: impl Into<String>) -> Self {
            Self {
                id: String::new(),
                topic: topic.into(),
                data: Value::Null,
            }
        }
    }
}

/// As much of the hub as the queue knows.
mod identity {
    use serde_json::Value;

    use crate::event::Event;

    #[derive(Debug)]
    pub(crate) struct Identity;

    impl Identity {
        #[allow(clippy::needless_pass_by_value, reason = "as the real one")]
        pub(crate) fn new(_user: Option<String>, _host: Option<String>) -> Self {
            Self
        }

        #[allow(clippy::unused_self, reason = "as the real one")]
        pub(crate) fn event(&self, topic: &str, data: Value) -> Event {
            Event {
                data,
                ..Event::new(topic)
            }
        }
    }
}
