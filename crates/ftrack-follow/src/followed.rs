//! What a handler gets.

use std::fmt;

use ftrack_event::Event;
use serde::{Deserialize, Serialize};

/// Where a followed event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Origin {
    /// It came as it happened.
    Live,
    /// It was missed, and the log that the server keeps (entities of the type `Event`) tells of it.
    Remembered,
    /// It was missed, the log no longer tells of it, and a query for what changed does.
    Queried,
}

impl Origin {
    /// The word for it: `live`, `remembered` or `queried`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Remembered => "remembered",
            Self::Queried => "queried",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An event, as a handler of [`Follow::run`](crate::Follow::run) gets it.
///
/// An `ftrack.update` that tells of several entities comes as one event for each of them, so that each is handled,
/// retried and acknowledged by itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Followed {
    pub(crate) event: Event,
    pub(crate) origin: Origin,
    pub(crate) attempt: u32,
    pub(crate) key: String,
}

impl Followed {
    /// The event. One that was caught up has the shape of one that came live, as far as the server remembers it: the
    /// entity with its `action`, `keys` and `changes`, the user, the time (`sent`), and in `data.remembered` what the
    /// server's log says literally.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Whether it was missed when it happened, and was recovered later.
    pub fn is_caught_up(&self) -> bool {
        self.origin != Origin::Live
    }

    /// Where it comes from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// How often the handler has been called with it, this call included: 1 unless the handler has failed before.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The key within which events keep their order: the id of the entity, or the topic of an event that is about none.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The entity of an `ftrack.update`: an object with `entityType`, `entityId`, `action`, `changes` and so on.
    pub fn entity(&self) -> Option<&serde_json::Value> {
        self.event.data.get("entities")?.get(0)
    }

    /// The event as JSON, with `caughtUp`, `origin` and `attempt` beside its own seven keys.
    pub fn to_json(&self) -> serde_json::Value {
        let mut json = self.event.to_json();
        if let serde_json::Value::Object(object) = &mut json {
            object.insert("caughtUp".to_owned(), self.is_caught_up().into());
            object.insert("origin".to_owned(), self.origin.as_str().into());
            object.insert("attempt".to_owned(), self.attempt.into());
        }
        json
    }
}
