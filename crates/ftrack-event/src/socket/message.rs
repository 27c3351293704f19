//! What the packets carry.

use serde::Deserialize;
use serde_json::{Value, json};

use super::packet::{Kind, Packet, PacketId, number};
use crate::event::Event;
use crate::subscriber::Announcement;
use crate::topics;

/// The one name under which events travel.
const NAME: &str = "ftrack.event";

#[derive(Deserialize)]
struct Emitted {
    name: String,
    #[serde(default)]
    args: Vec<Value>,
}

/// The packet that brings an event, given as JSON, to the server.
pub(super) fn event_packet(number: u64, event: &str) -> String {
    let data = format!("{{\"name\":\"{NAME}\",\"args\":[{event}]}}");
    let id = PacketId {
        number,
        with_data: true,
    };
    let packet = Packet {
        id: Some(id),
        ..Packet::new(Kind::Event, &data)
    };
    packet.to_string()
}

/// The event in a packet; `None` if it is something else that travels so.
pub(super) fn read_event(data: &str) -> Result<Option<Event>, String> {
    let emitted: Emitted = serde_json::from_str(data).map_err(|error| error.to_string())?;
    if emitted.name != NAME {
        return Ok(None);
    }
    let [event]: [Value; 1] = emitted
        .args
        .try_into()
        .map_err(|args: Vec<_>| format!("it has {} arguments", args.len()))?;
    Event::from_json(event)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// What the server says of a packet of ours.
#[derive(Debug, PartialEq)]
pub(super) struct Acknowledgement {
    pub(super) number: u64,
    /// What it said if it did not accept it.
    pub(super) rejection: Option<String>,
}

/// Reads an acknowledgement: a number, and perhaps data.
pub(super) fn read_acknowledgement(data: &str) -> Option<Acknowledgement> {
    let (digits, rest) = match data.split_once('+') {
        Some((digits, rest)) => (digits, Some(rest)),
        None => (data, None),
    };
    let number = number(digits)?;
    let answer: Option<Vec<Value>> = rest.and_then(|rest| serde_json::from_str(rest).ok());
    let first = answer.and_then(|answer| answer.into_iter().next());
    let refused = |answer: &Value| answer.get("success") == Some(&Value::Bool(false));
    let rejection = first.filter(refused).map(|answer| {
        let message = answer.get("message").and_then(Value::as_str);
        message.unwrap_or("no reason given").to_owned()
    });
    Some(Acknowledgement { number, rejection })
}

/// Whether an error of the server asks to connect anew; its form is `reason+advice`.
pub(super) fn advises_reconnect(data: &str) -> bool {
    data.rsplit_once('+')
        .is_some_and(|(_, advice)| advice == "0")
}

/// The event that tells the server of a subscriber, as JSON.
pub(super) fn subscribe_event(event: Event, announcement: &Announcement) -> String {
    let mut event = event;
    event.data = json!({
        "subscriber": announcement.information,
        "subscription": announcement.subscription,
    });
    topics::SUBSCRIBE.clone_into(&mut event.topic);
    event.to_json().to_string()
}

/// The event that withdraws a subscriber from the server, as JSON.
pub(super) fn unsubscribe_event(event: Event, announcement: &Announcement) -> String {
    let mut event = event;
    event.data = json!({"subscriber": {"id": announcement.id}});
    topics::UNSUBSCRIBE.clone_into(&mut event.topic);
    event.to_json().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_travel_as_they_are() {
        let event = Event::new("a").with_data(json!({"text": "x:y+z"}));
        let text = event_packet(3, &event.to_json().to_string());
        assert!(
            text.starts_with("5:3+::{\"name\":\"ftrack.event\",\"args\":[{"),
            "{text}"
        );
        let packet = Packet::parse(&text).unwrap();
        assert_eq!(read_event(packet.data).unwrap(), Some(event));
    }

    #[test]
    fn what_is_no_event_is_told() {
        assert_eq!(read_event(r#"{"name":"other","args":[1,2]}"#), Ok(None));
        for (data, problem) in [
            (r#"{"name":"ftrack.event","args":[]}"#, "it has 0 arguments"),
            (r#"{"name":"ftrack.event"}"#, "it has 0 arguments"),
            (
                r#"{"name":"ftrack.event","args":[{}, {}]}"#,
                "it has 2 arguments",
            ),
            (
                r#"{"name":"ftrack.event","args":[{}]}"#,
                "invalid event: it has no topic",
            ),
        ] {
            assert_eq!(read_event(data), Err(problem.to_owned()), "{data}");
        }
        assert!(read_event("{").is_err() && read_event("[]").is_err());
    }

    #[test]
    fn acknowledgements_are_read() {
        let cases = [
            ("4", Some((4, None))),
            ("4+", Some((4, None))),
            ("4+[{\"success\":true}]", Some((4, None))),
            (
                "4+[{\"success\":false,\"message\":\"twice\"}]",
                Some((4, Some("twice"))),
            ),
            (
                "4+[{\"success\":false}]",
                Some((4, Some("no reason given"))),
            ),
            ("4+nonsense", Some((4, None))),
            ("", None),
            ("x+[]", None),
        ];
        for (data, expected) in cases {
            let read = read_acknowledgement(data);
            let read = read
                .as_ref()
                .map(|read| (read.number, read.rejection.as_deref()));
            assert_eq!(read, expected, "{data}");
        }
    }

    #[test]
    fn advice_is_heard() {
        assert!(advises_reconnect("1+0"));
        assert!(!advises_reconnect("1") && !advises_reconnect("2+1") && !advises_reconnect(""));
    }
}
