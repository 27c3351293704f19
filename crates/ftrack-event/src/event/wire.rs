//! Events as JSON.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Event, new_id};
use crate::error::{Error, Result};

impl Event {
    /// The event as it is on the wire: an object of exactly seven keys.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut set = |key: &str, value: Value| object.insert(key.to_owned(), value);
        set("topic", self.topic.clone().into());
        set("id", self.id.clone().into());
        set("data", self.data.clone());
        set("sent", self.sent.clone());
        set("source", self.source.clone().into());
        set("target", self.target.clone().into());
        set("inReplyToEvent", self.in_reply_to_event.clone().into());
        Value::Object(object)
    }

    /// Reads an event from its form on the wire.
    ///
    /// Only the topic has to be there. An id is made up where it is missing, and keys beyond the
    /// seven are ignored, so that servers may add some.
    ///
    /// # Errors
    /// [`Error::InvalidEvent`] if it is not an object, has no topic, or a key has a value of the
    /// wrong kind.
    pub fn from_json(json: Value) -> Result<Self> {
        let Value::Object(mut object) = json else {
            return Err(invalid("it is not an object"));
        };
        let mut take = |key: &str| object.remove(key).unwrap_or_default();
        let mut event = match text("topic", take("topic"))? {
            Some(topic) => Self::new(topic),
            None => return Err(invalid("it has no topic")),
        };
        event.id = text("id", take("id"))?.unwrap_or_else(new_id);
        event.data = take("data");
        event.sent = take("sent");
        event.source = match take("source") {
            Value::Object(source) => source,
            Value::Null => Map::new(),
            _ => return Err(invalid("its source is not an object")),
        };
        event.target = text("target", take("target"))?.unwrap_or_default();
        event.in_reply_to_event = text("inReplyToEvent", take("inReplyToEvent"))?;
        Ok(event)
    }
}

/// As on the wire; see [`Event::to_json`].
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

/// As from the wire; see [`Event::from_json`].
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::from_json(json).map_err(D::Error::custom)
    }
}

fn text(key: &str, value: Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(invalid(&format!("its {key} is not a text"))),
    }
}

fn invalid(problem: &str) -> Error {
    Error::InvalidEvent {
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wire_has_exactly_seven_keys() {
        let event = Event::new("a.b").with_id("x").with_source("id", "hub");
        let expected = json!({
            "topic": "a.b", "id": "x", "data": {}, "sent": null, "source": {"id": "hub"},
            "target": "", "inReplyToEvent": null,
        });
        assert_eq!(event.to_json(), expected);
    }

    #[test]
    fn what_arrives_is_read_with_patience() {
        let event = Event::from_json(json!({"topic": "t", "extra": 1, "target": null})).unwrap();
        assert_eq!((event.topic.as_str(), event.target.as_str()), ("t", ""));
        assert_eq!(event.id.len(), 32);
        let event = Event::from_json(json!({"topic": "t", "data": [1], "sent": 1.5})).unwrap();
        assert_eq!((event.data, event.sent), (json!([1]), json!(1.5)));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let cases = [
            (json!([]), "it is not an object"),
            (json!({}), "it has no topic"),
            (json!({"topic": 1}), "its topic is not a text"),
            (
                json!({"topic": "t", "source": "hub"}),
                "its source is not an object",
            ),
            (
                json!({"topic": "t", "inReplyToEvent": {}}),
                "its inReplyToEvent is not a text",
            ),
        ];
        for (json, problem) in cases {
            let error = Event::from_json(json).unwrap_err();
            assert_eq!(error.to_string(), format!("invalid event: {problem}"));
        }
    }
}
