//! What is published and handled.

mod attachments;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftrack_expression::{AsMember, Candidate, Member};
use serde_json::{Map, Value};

use self::attachments::Attachments;

/// One event: what happened, where, and for whom.
///
/// On the wire it is a JSON object of seven keys, which are the public fields here. Two things are
/// beside them and never leave the process: whether it was [stopped](Self::stop), and
/// [attachments](Self::attach), values of any type for handlers in the same process.
///
/// Its id is what makes it itself: hubs drop an event whose id they have seen. To publish the same
/// thing twice, make two events.
///
/// ```
/// use ftrack_event::Event;
/// use serde_json::json;
///
/// let event = Event::new("studio.shot-published")
///     .with_data(json!({"shot": "sh010", "version": 3}))
///     .with_target("applicationId=maya");
/// assert_eq!(event.data["version"], 3);
/// assert_eq!(event.id.len(), 32);
///
/// let wire = event.to_json();
/// assert_eq!(wire["inReplyToEvent"], json!(null));
/// assert_eq!(Event::from_json(wire)?, event);
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[non_exhaustive]
pub struct Event {
    /// What it is about, in words joined by dots, such as `ftrack.update`.
    pub topic: String,
    /// Unique among all events: a random UUID, 32 hexadecimal digits without dashes.
    pub id: String,
    /// What there is to say; usually an object.
    pub data: Value,
    /// When it was sent, as the server stamps it; null before.
    pub sent: Value,
    /// Where it comes from. Hubs fill in `id`, `user` and `host` of what they publish.
    pub source: Map<String, Value>,
    /// An expression that is matched against the information of subscribers; empty for everybody.
    pub target: String,
    /// The id of the event that this one answers.
    pub in_reply_to_event: Option<String>,
    stopped: AtomicBool,
    attachments: Attachments,
}

impl Event {
    /// An event of this topic with a new id, empty data and no target.
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            id: new_id(),
            data: Value::Object(Map::new()),
            sent: Value::Null,
            source: Map::new(),
            target: String::new(),
            in_reply_to_event: None,
            stopped: AtomicBool::new(false),
            attachments: Attachments::default(),
        }
    }

    /// Sets the id.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the data.
    pub fn with_data(mut self, data: impl Into<Value>) -> Self {
        self.data = data.into();
        self
    }

    /// Adds to the source, such as `applicationId`.
    pub fn with_source(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.source.insert(key.into(), value.into());
        self
    }

    /// Sets the target: an expression that chooses among subscribers by their information.
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// Says which event this one answers, by its id.
    pub fn with_in_reply_to_event(mut self, id: impl Into<String>) -> Self {
        self.in_reply_to_event = Some(id.into());
        self
    }

    /// Keeps handlers of a higher priority number from seeing the event.
    ///
    /// This concerns the subscribers of the same hub; those in other processes are not affected.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Puts a value beside the JSON, under a name. Handlers in the same process find it by
    /// [`attachment`](Self::attachment); it is never sent anywhere.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use ftrack_event::Event;
    ///
    /// struct Settings { frames_per_second: u32 }
    ///
    /// let event = Event::new("studio.configure").attach("settings", Arc::new(Settings { frames_per_second: 25 }));
    /// let settings = event.attachment::<Settings>("settings").unwrap();
    /// assert_eq!(settings.frames_per_second, 25);
    /// assert!(event.attachment::<String>("settings").is_none());
    /// ```
    pub fn attach<T: Send + Sync + 'static>(
        mut self,
        name: impl Into<String>,
        value: Arc<T>,
    ) -> Self {
        self.attachments.insert(name.into(), value);
        self
    }

    /// The value attached under this name, if it is of this type.
    pub fn attachment<T: Send + Sync + 'static>(&self, name: &str) -> Option<Arc<T>> {
        self.attachments.get(name)
    }

    /// The id of its source, if that has one.
    pub(crate) fn source_id(&self) -> Option<&str> {
        self.source.get("id")?.as_str()
    }
}

/// A new random id: 32 hexadecimal digits.
pub(crate) fn new_id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The copy has the same id, so it is the same event; it is stopped on its own.
impl Clone for Event {
    fn clone(&self) -> Self {
        Self {
            topic: self.topic.clone(),
            id: self.id.clone(),
            data: self.data.clone(),
            sent: self.sent.clone(),
            source: self.source.clone(),
            target: self.target.clone(),
            in_reply_to_event: self.in_reply_to_event.clone(),
            stopped: AtomicBool::new(self.is_stopped()),
            attachments: self.attachments.clone(),
        }
    }
}

/// Equal as JSON. What stays in the process does not count.
impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.topic == other.topic
            && self.id == other.id
            && self.data == other.data
            && self.sent == other.sent
            && self.source == other.source
            && self.target == other.target
            && self.in_reply_to_event == other.in_reply_to_event
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Event")
            .field("topic", &self.topic)
            .field("id", &self.id)
            .field("data", &self.data)
            .field("sent", &self.sent)
            .field("source", &self.source)
            .field("target", &self.target)
            .field("in_reply_to_event", &self.in_reply_to_event)
            .field("stopped", &self.is_stopped())
            .field("attachments", &self.attachments)
            .finish()
    }
}

/// Subscriptions are matched against the seven keys. The last has a name in the process and
/// another on the wire, and expressions may use either.
impl Candidate for Event {
    fn member(&self, key: &str) -> Option<Member<'_>> {
        Some(match key {
            "topic" => self.topic.as_member(),
            "id" => self.id.as_member(),
            "data" => self.data.as_member(),
            "sent" => self.sent.as_member(),
            "source" => self.source.as_member(),
            "target" => self.target.as_member(),
            "inReplyToEvent" | "in_reply_to_event" => self.in_reply_to_event.as_member(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use ftrack_expression::Expression;
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_see_all_seven_keys() {
        let event = Event::new("a.b")
            .with_id("e1")
            .with_data(json!({"entity": {"kind": "Shot"}}))
            .with_source("id", "hub")
            .with_target("id=x")
            .with_in_reply_to_event("e0");
        let cases = [
            ("topic=a.*", true),
            ("id=e1 and data.entity.kind=Shot", true),
            ("source.id=hub and target='id=x'", true),
            ("inReplyToEvent=e0 and in_reply_to_event=e0", true),
            ("sent=*", true),
            ("data.entity.name!=x", false),
            ("other=*", false),
        ];
        for (expression, expected) in cases {
            let parsed = Expression::parse(expression).unwrap();
            assert_eq!(parsed.matches(&event), expected, "{expression}");
        }
    }

    #[test]
    fn ids_are_new_and_without_dashes() {
        let (one, two) = (Event::new("a"), Event::new("a"));
        assert_ne!(one.id, two.id);
        assert!(one.id.len() == 32 && one.id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn a_copy_is_the_same_event_and_stops_on_its_own() {
        let event = Event::new("a").attach("number", Arc::new(5_u32));
        let copy = event.clone();
        event.stop();
        assert!(event.is_stopped() && !copy.is_stopped());
        assert_eq!(event, copy);
        assert_eq!(copy.attachment::<u32>("number").as_deref(), Some(&5));
    }
}
