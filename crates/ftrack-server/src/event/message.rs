//! Events as clients publish them.

use axum::extract::ws::Utf8Bytes;
use ftrack_expression::Expression;
use serde_json::{Map, Value as Json, json};

use super::fault::EventFault;
use super::packet::{Packet, PacketKind};

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

impl Event {
    /// Reads the data of an event packet that a user sent.
    ///
    /// # Errors
    /// What keeps the data from being an event.
    pub(super) fn receive(data: &str, username: &str) -> Result<Self, EventFault> {
        let mut packet: Json = serde_json::from_str(data).map_err(EventFault::Json)?;
        if packet.get("name").and_then(Json::as_str) != Some(NAME) {
            return Err(EventFault::Shape);
        }
        match packet.get_mut("args").map(Json::take) {
            Some(Json::Array(mut arguments)) if arguments.len() == 1 => match arguments.pop() {
                Some(Json::Object(given)) => Self::new(given, username),
                _ => Err(EventFault::Shape),
            },
            _ => Err(EventFault::Shape),
        }
    }

    /// Clients discard events with other keys than these seven, so they are all that is passed on.
    fn new(mut given: Map<String, Json>, username: &str) -> Result<Self, EventFault> {
        let mut take = |name: &str| given.remove(name).unwrap_or_default();
        let topic = match take("topic") {
            Json::String(topic) if !topic.is_empty() => topic,
            _ => return Err(EventFault::Topic),
        };
        let target = text("target", take("target"))?;
        let expression = match target.as_deref() {
            None | Some("") => None,
            Some(text) => Some(Expression::parse(text).map_err(EventFault::Target)?),
        };
        let id =
            text("id", take("id"))?.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
        let data = match take("data") {
            Json::Null => json!({}),
            data => data,
        };
        let sent = match take("sent") {
            Json::Null => Json::String(now()),
            sent => sent,
        };
        let json = json!({
            "topic": topic,
            "id": id,
            "data": data,
            "sent": sent,
            "source": source(take("source"), username)?,
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

fn text(name: &'static str, json: Json) -> Result<Option<String>, EventFault> {
    match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(text)),
        _ => Err(EventFault::Part {
            name,
            expected: "a text",
        }),
    }
}

/// Where the event comes from; the user is added when the client does not say.
fn source(json: Json, username: &str) -> Result<Json, EventFault> {
    let mut source = match json {
        Json::Null => Map::new(),
        Json::Object(source) => source,
        _ => {
            return Err(EventFault::Part {
                name: "source",
                expected: "an object",
            });
        }
    };
    source
        .entry("user")
        .or_insert_with(|| json!({"username": username}));
    Ok(Json::Object(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(event: &Json) -> Result<Event, EventFault> {
        let data = json!({"name": NAME, "args": [event]}).to_string();
        Event::receive(&data, "ada")
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
            "source": {"id": "hub", "user": {"username": "ada"}},
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
        assert_eq!(event.json["source"], json!({"user": {"username": "ada"}}));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for (event, expected) in [
            (json!({}), "the topic of an event"),
            (json!({"topic": ""}), "the topic of an event"),
            (json!({"topic": ["x"]}), "the topic of an event"),
            (json!([]), "the packet must have the name"),
            (
                json!({"topic": "a", "target": "id="}),
                "the target of the event is no",
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
            let fault = receive(&event).unwrap_err().to_string();
            assert!(fault.starts_with(expected), "{event}: {fault}");
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
            assert!(Event::receive(data, "ada").is_err(), "{data}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(
            Event::receive(&deep, "ada"),
            Err(EventFault::Json(_))
        ));
    }
}
