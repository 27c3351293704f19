//! Events as clients publish them.

use ftrack_expression::Expression;
use serde_json::{Map, Value as Json, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::error::EventError;
use super::packet::{Packet, PacketKind};
use crate::limits::ServerLimits;

/// The name of the packets that carry events.
pub(super) const NAME: &str = "ftrack.event";

/// An event on its way.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) topic: String,
    /// Which subscribers it is for; everybody without one.
    pub(super) target: Option<Expression>,
    /// The whole event, with the keys that clients accept and no others.
    pub(super) json: Json,
}

/// Who sends the events of a connection.
#[derive(Debug, Clone)]
pub(super) struct Sender<'a> {
    pub(super) username: &'a str,
    /// The id of the user.
    pub(super) id: String,
    /// How this run of the server names itself as a source, which nobody else may.
    pub(super) server: &'a str,
}

impl Event {
    /// Reads the data of an event packet that a user sent.
    ///
    /// # Errors
    /// What keeps the data from being an event.
    pub(super) fn receive(
        data: &str,
        sender: &Sender<'_>,
        bounds: &ServerLimits,
    ) -> Result<Self, EventError> {
        let mut packet: Json = serde_json::from_str(data).map_err(EventError::Json)?;
        if packet.get("name").and_then(Json::as_str) != Some(NAME) {
            return Err(EventError::Shape);
        }
        match packet.get_mut("args").map(Json::take) {
            Some(Json::Array(mut arguments)) if arguments.len() == 1 => match arguments.pop() {
                Some(Json::Object(given)) => Self::new(given, sender, bounds),
                _ => Err(EventError::Shape),
            },
            _ => Err(EventError::Shape),
        }
    }

    /// Clients discard events with other keys than these seven, so they are all that is passed on.
    fn new(
        mut given: Map<String, Json>,
        sender: &Sender<'_>,
        bounds: &ServerLimits,
    ) -> Result<Self, EventError> {
        let mut take = |name: &str| given.remove(name).unwrap_or_default();
        let topic = match take("topic") {
            Json::String(topic) if !topic.is_empty() => topic,
            _ => return Err(EventError::Topic),
        };
        let target = text("target", take("target"))?;
        let limit = bounds.subscription;
        if target.as_ref().is_some_and(|target| target.len() > limit) {
            let what = "target of an event";
            return Err(EventError::TooLong { what, limit });
        }
        let expression = match target.as_deref() {
            None | Some("") => None,
            Some(text) => Some(Expression::parse(text).map_err(EventError::Target)?),
        };
        let id =
            text("id", take("id"))?.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
        let data = match given.remove("data") {
            None => json!({}),
            Some(data) => data,
        };
        let mut take = |name: &str| given.remove(name).unwrap_or_default();
        let sent = match take("sent") {
            Json::Null => Json::String(now()),
            sent => sent,
        };
        let json = json!({
            "topic": topic,
            "id": id,
            "data": data,
            "sent": sent,
            "source": source(take("source"), sender)?,
            "target": target.unwrap_or_default(),
            "inReplyToEvent": text("inReplyToEvent", take("inReplyToEvent"))?,
        });
        Ok(Self {
            topic,
            target: expression,
            json,
        })
    }

    /// The packet that passes it on. It has no id: the JavaScript client understands none.
    pub(super) fn packet(&self) -> Utf8Bytes {
        let data = json!({"name": NAME, "args": [&self.json]}).to_string();
        Packet::new(PacketKind::Event, &data).to_string().into()
    }
}

/// The present moment as events say it.
pub(super) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn text(name: &'static str, json: Json) -> Result<Option<String>, EventError> {
    match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text)),
        _ => Err(EventError::Part {
            name,
            expected: "a text",
        }),
    }
}

/// Where the event comes from. Who sent it is known, whatever the client says, and it is not the server.
fn source(json: Json, sender: &Sender<'_>) -> Result<Json, EventError> {
    let mut source = match json {
        Json::Null => Map::new(),
        Json::Object(source) => source,
        _ => {
            return Err(EventError::Part {
                name: "source",
                expected: "an object",
            });
        }
    };
    if source.get("id").and_then(Json::as_str) == Some(sender.server) {
        source.remove("id");
    }
    let user = source.entry("user").or_insert_with(|| json!({}));
    if !user.is_object() {
        *user = json!({});
    }
    if let Json::Object(user) = user {
        user.insert("username".to_owned(), sender.username.into());
        user.insert("id".to_owned(), sender.id.as_str().into());
    }
    Ok(Json::Object(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> Sender<'static> {
        Sender {
            username: "ada",
            id: "u-1".to_owned(),
            server: "the-server",
        }
    }

    #[test]
    fn nobody_sends_in_the_name_of_somebody_else_or_of_the_server() {
        for claimed in [
            json!({"id": "the-server", "user": {"username": "eve", "id": "u-2", "name": "Eve"}}),
            json!({"user": "eve"}),
        ] {
            let event = receive(&json!({"topic": "a", "source": claimed})).unwrap();
            let source = &event.json["source"];
            assert_eq!(source.get("id"), None, "{source}");
            assert_eq!(source["user"]["username"], "ada");
            assert_eq!(source["user"]["id"], "u-1");
        }
    }

    fn receive(event: &Json) -> Result<Event, EventError> {
        let data = json!({"name": NAME, "args": [event]}).to_string();
        Event::receive(&data, &ada(), &ServerLimits::default())
    }

    #[test]
    fn events_are_passed_on_with_seven_keys() {
        let event = receive(&json!({
            "topic": "a.b", "id": "1", "data": {"x": [1, null]}, "source": {"id": "hub"},
            "target": "id=c", "inReplyToEvent": "0", "in_reply_to_event": "0", "more": 1,
        }))
        .unwrap();
        assert_eq!(event.topic, "a.b");
        assert_eq!(event.target, Some(Expression::parse("id=c").unwrap()));
        let sent = event.json["sent"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(sent).is_ok(), "{sent}");
        let expected = json!({
            "topic": "a.b", "id": "1", "data": {"x": [1, null]}, "sent": sent,
            "source": {"id": "hub", "user": {"username": "ada", "id": "u-1"}},
            "target": "id=c", "inReplyToEvent": "0",
        });
        assert_eq!(event.json, expected);
        let packet = event.packet();
        let data = packet.strip_prefix("5:::").unwrap();
        let data: Json = serde_json::from_str(data).unwrap();
        assert_eq!(data, json!({"name": "ftrack.event", "args": [expected]}));
    }

    #[test]
    fn what_is_missing_is_filled() {
        let event = receive(&json!({"topic": "a", "sent": "before", "target": null})).unwrap();
        assert!(event.target.is_none());
        assert!(!event.json["id"].as_str().unwrap().is_empty());
        assert_eq!(event.json["sent"], "before");
        assert_eq!(event.json["data"], json!({}));
        assert_eq!(event.json["target"], "");
        assert_eq!(event.json["inReplyToEvent"], Json::Null);
        assert_eq!(
            event.json["source"],
            json!({"user": {"username": "ada", "id": "u-1"}})
        );
    }

    #[test]
    fn data_that_is_null_stays_null() {
        let event = receive(&json!({"topic": "a", "data": null})).unwrap();
        assert_eq!(event.json["data"], Json::Null);
    }

    #[test]
    fn what_is_not_an_event_is_refused() {
        for (event, expected) in [
            (json!({}), "the topic of an event"),
            (json!({"topic": ""}), "the topic of an event"),
            (json!({"topic": ["x"]}), "the topic of an event"),
            (json!([]), "the packet must have the name"),
            (
                json!({"topic": "a", "target": "id="}),
                "the target of the event is not",
            ),
            (
                json!({"topic": "a", "target": {}}),
                "the target of an event must be a text",
            ),
            (
                json!({"topic": "a", "id": 1}),
                "the id of an event must be a text",
            ),
            (
                json!({"topic": "a", "source": "x"}),
                "the source of an event must be an object",
            ),
        ] {
            let error = receive(&event).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{event}: {error}");
        }
        for data in [
            "",
            "nothing",
            "[]",
            "{}",
            r#"{"name":"other","args":[{"topic":"a"}]}"#,
            r#"{"name":"ftrack.event"}"#,
            r#"{"name":"ftrack.event","args":[]}"#,
            r#"{"name":"ftrack.event","args":[{"topic":"a"},{"topic":"b"}]}"#,
        ] {
            assert!(
                Event::receive(data, &ada(), &ServerLimits::default()).is_err(),
                "{data}"
            );
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(
            Event::receive(&deep, &ada(), &ServerLimits::default()),
            Err(EventError::Json(_))
        ));
    }
}
