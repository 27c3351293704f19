//! Who a hub is.

use serde_json::{Value, json};

use crate::event::{Event, new_id};

/// What a hub says of itself in the source of events.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) id: String,
    user: String,
    host: String,
}

impl Identity {
    pub(crate) fn new(user: Option<String>, host: Option<String>) -> Self {
        Self {
            id: new_id(),
            user: user.unwrap_or_default(),
            host: host.unwrap_or_else(system_host),
        }
    }

    /// That of a hub whose work another does, of this id.
    pub(crate) fn with_id(id: String) -> Self {
        Self {
            id,
            user: String::new(),
            host: String::new(),
        }
    }

    /// Adds to the source of an event what it does not say itself.
    pub(crate) fn fill(&self, event: &mut Event) {
        let mut set = |key: &str, value: Value| {
            event.source.entry(key).or_insert(value);
        };
        set("id", self.id.clone().into());
        set("user", json!({"username": self.user}));
        set("host", self.host.clone().into());
    }

    /// An event that comes from the hub itself.
    pub(crate) fn event(&self, topic: &str, data: Value) -> Event {
        let mut event = Event::new(topic).with_data(data);
        self.fill(&mut event);
        event
    }
}

/// The name of this machine, as the system tells it.
fn system_host() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    if name.is_empty() {
        return "localhost".to_owned();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_event_says_itself_is_kept() {
        let identity = Identity::new(Some("ada".to_owned()), Some("box".to_owned()));
        let mut event = Event::new("a").with_source("host", "farm");
        identity.fill(&mut event);
        let expected = json!({"id": identity.id, "user": {"username": "ada"}, "host": "farm"});
        assert_eq!(Value::Object(event.source), expected);
    }

    #[test]
    fn the_machine_has_a_name() {
        assert!(!Identity::new(None, None).host.is_empty());
    }
}
