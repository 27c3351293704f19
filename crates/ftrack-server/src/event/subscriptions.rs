//! Who wants which events.

use ftrack_expression::{Expression, Required};
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::error::EventError;
use super::topics::{Number, Topics, take};

/// The number of a connection.
pub(super) type ConnectionId = u64;

/// More subscriptions than this are nobody's intention.
const LIMIT: usize = 65_536;

/// How many times as much as one connection all may have together.
const ALL: usize = 16;

/// All subscriptions of all connections.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// How many bytes those of a connection may have.
    limit: usize,
    /// How many bytes they have.
    bytes: FxHashMap<ConnectionId, usize>,
    all_bytes: usize,
    last: Number,
    all: FxHashMap<Number, Subscription>,
    by_topic: Topics,
    /// By the id of the subscriber: replies are sent to one of them among many that want replies.
    by_subscriber: FxHashMap<Box<str>, IndexSet<Number, FxBuildHasher>>,
    /// By connection and by the id of the subscriber, which is unique there.
    by_connection: FxHashMap<ConnectionId, FxHashMap<String, Number>>,
}

#[derive(Debug)]
struct Subscription {
    connection: ConnectionId,
    expression: Expression,
    /// What targets are matched against; its `id` is a text.
    subscriber: Json,
    /// How much it takes, as the client sent it.
    bytes: usize,
}

impl Subscriptions {
    /// No subscriptions; those of a connection may have so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Adds a subscription.
    ///
    /// # Errors
    /// A subscriber without an id, or with one that the connection uses already.
    pub(super) fn add(
        &mut self,
        connection: ConnectionId,
        subscriber: Json,
        expression: Expression,
        bytes: usize,
    ) -> Result<(), EventError> {
        let id = subscriber_id(&subscriber)?.to_owned();
        let own = self.by_connection.entry(connection).or_default();
        if own.contains_key(&id) {
            return Err(EventError::Duplicate(id));
        }
        if own.len() >= LIMIT {
            return Err(EventError::TooMany(LIMIT));
        }
        let own_bytes = self.bytes.entry(connection).or_default();
        if *own_bytes + bytes > self.limit {
            return Err(EventError::TooLong {
                what: "subscriptions of a connection",
                limit: self.limit,
            });
        }
        let all_limit = self.limit.saturating_mul(ALL);
        if self.all_bytes + bytes > all_limit {
            return Err(EventError::TooLong {
                what: "subscriptions of all connections",
                limit: all_limit,
            });
        }
        *own_bytes += bytes;
        self.all_bytes += bytes;
        self.last += 1;
        self.by_topic.insert(&expression, self.last);
        let numbers = self.by_subscriber.entry(id.as_str().into()).or_default();
        numbers.insert(self.last);
        own.insert(id, self.last);
        self.all.insert(
            self.last,
            Subscription {
                connection,
                expression,
                subscriber,
                bytes,
            },
        );
        Ok(())
    }

    /// Removes the subscription of a subscriber.
    ///
    /// # Errors
    /// A subscriber that the connection does not have.
    pub(super) fn remove(
        &mut self,
        connection: ConnectionId,
        subscriber: &Json,
    ) -> Result<(), EventError> {
        let id = subscriber_id(subscriber)?;
        let own = self.by_connection.get_mut(&connection);
        let Some(number) = own.and_then(|own| own.remove(id)) else {
            return Err(EventError::Unknown(id.to_owned()));
        };
        self.forget(id, number);
        Ok(())
    }

    /// Removes all subscriptions of a connection.
    pub(super) fn remove_connection(&mut self, connection: ConnectionId) {
        let own = self.by_connection.remove(&connection).unwrap_or_default();
        for (id, number) in own {
            self.forget(&id, number);
        }
        self.bytes.remove(&connection);
    }

    /// Whether an event of this topic can concern anybody.
    pub(super) fn is_wanted(&self, topic: &str) -> bool {
        self.by_topic.candidates(topic).next().is_some()
    }

    /// The connections that want an event, each once. Without a target it is for everybody.
    pub(super) fn recipients(
        &self,
        topic: &str,
        event: &Json,
        target: Option<&Expression>,
    ) -> FxHashSet<ConnectionId> {
        let mut found = FxHashSet::default();
        let mut consider = |number: Number| {
            let Some(subscription) = self.all.get(&number) else {
                return;
            };
            if !found.contains(&subscription.connection) && subscription.wants(event, target) {
                found.insert(subscription.connection);
            }
        };
        if let Some(Required::Exact(id)) = target.and_then(|target| target.required("id")) {
            let numbers = self.by_subscriber.get(id);
            numbers.into_iter().flatten().copied().for_each(consider);
        } else {
            self.by_topic.candidates(topic).for_each(&mut consider);
        }
        found
    }

    fn forget(&mut self, id: &str, number: Number) {
        take(&mut self.by_subscriber, id, number);
        if let Some(subscription) = self.all.remove(&number) {
            self.by_topic.remove(&subscription.expression, number);
            self.all_bytes -= subscription.bytes;
            if let Some(bytes) = self.bytes.get_mut(&subscription.connection) {
                *bytes -= subscription.bytes;
            }
        }
    }
}

impl Subscription {
    fn wants(&self, event: &Json, target: Option<&Expression>) -> bool {
        self.expression.matches(event)
            && target.is_none_or(|target| target.matches(&self.subscriber))
    }
}

fn subscriber_id(subscriber: &Json) -> Result<&str, EventError> {
    subscriber
        .get("id")
        .and_then(Json::as_str)
        .ok_or(EventError::Subscriber)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn subscribe(
        subscriptions: &mut Subscriptions,
        connection: ConnectionId,
        subscriber: Json,
        expression: &str,
    ) {
        let expression = Expression::parse(expression).unwrap();
        subscriptions
            .add(connection, subscriber, expression, 1)
            .unwrap();
    }

    fn recipients(subscriptions: &Subscriptions, event: &Json, target: &str) -> Vec<ConnectionId> {
        let target = (!target.is_empty()).then(|| Expression::parse(target).unwrap());
        let topic = event["topic"].as_str().unwrap();
        let found = subscriptions.recipients(topic, event, target.as_ref());
        let mut found: Vec<ConnectionId> = found.into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn an_event_goes_once_to_each_connection_that_wants_it() {
        let mut all = Subscriptions::new(100);
        subscribe(&mut all, 1, json!({"id": "a"}), "topic=x");
        subscribe(&mut all, 1, json!({"id": "b"}), "topic=*");
        subscribe(
            &mut all,
            2,
            json!({"id": "a", "host": "h"}),
            "topic=x and data.n=1",
        );
        subscribe(&mut all, 3, json!({"id": "c", "host": "h"}), "not topic=x");
        let one = json!({"topic": "x", "data": {"n": 1}});
        let two = json!({"topic": "x", "data": {"n": 2}});
        let other = json!({"topic": "y", "data": {"n": 1}});
        for (event, target, expected) in [
            (&one, "", vec![1, 2]),
            (&two, "", vec![1]),
            (&other, "", vec![1, 3]),
            (&one, "id=a", vec![1, 2]),
            (&one, "id=b", vec![1]),
            (&one, "id=nobody", vec![]),
            (&one, "host=h", vec![2]),
            (&one, "id=a and host=h", vec![2]),
            (&one, "id=*", vec![1, 2]),
            (&one, "not id=a", vec![1]),
        ] {
            assert_eq!(recipients(&all, event, target), expected, "{target}");
        }
    }

    #[test]
    fn an_id_is_used_once_in_a_connection() {
        let mut all = Subscriptions::new(100);
        subscribe(&mut all, 1, json!({"id": "a"}), "topic=x");
        subscribe(&mut all, 2, json!({"id": "a"}), "topic=x");
        let expression = || Expression::parse("topic=y").unwrap();
        let twice = all.add(1, json!({"id": "a"}), expression(), 1);
        assert!(matches!(twice, Err(EventError::Duplicate(id)) if id == "a"));
        for nameless in [json!({}), json!({"id": 1}), json!(null), json!("a")] {
            let refused = all.add(1, nameless, expression(), 1);
            assert!(matches!(refused, Err(EventError::Subscriber)));
        }
        let unknown = all.remove(1, &json!({"id": "b"}));
        assert!(matches!(unknown, Err(EventError::Unknown(id)) if id == "b"));
        all.remove(1, &json!({"id": "a"})).unwrap();
        subscribe(&mut all, 1, json!({"id": "a"}), "topic=z");
        assert_eq!(recipients(&all, &json!({"topic": "x"}), ""), [2]);
    }

    #[test]
    fn nothing_is_left_of_connections_that_are_gone() {
        let mut all = Subscriptions::new(100);
        for connection in 0..10 {
            for (id, text) in [("a", "topic=x"), ("b", "topic=x.*"), ("c", "data.y=1")] {
                subscribe(&mut all, connection, json!({"id": id}), text);
            }
        }
        assert!(all.is_wanted("x"));
        for connection in 0..10 {
            all.remove_connection(connection);
        }
        assert!(!all.is_wanted("x"));
        assert!(all.all.is_empty() && all.by_subscriber.is_empty());
        assert!(all.by_connection.is_empty() && all.bytes.is_empty());
        assert_eq!(all.all_bytes, 0);
    }

    #[test]
    fn subscriptions_have_a_size_alone_and_together() {
        let mut all = Subscriptions::new(10);
        let mut add = |connection: ConnectionId, id: &str, bytes| {
            let expression = Expression::parse("topic=x").unwrap();
            all.add(connection, json!({"id": id}), expression, bytes)
        };
        assert!(add(1, "a", 6).is_ok() && add(1, "b", 4).is_ok());
        let refused = add(1, "c", 1).unwrap_err().to_string();
        assert_eq!(
            refused,
            "the subscriptions of a connection cannot have more than 10 bytes"
        );
        for connection in 2..=16 {
            assert!(add(connection, "a", 10).is_ok());
        }
        let refused = add(17, "a", 1).unwrap_err().to_string();
        assert_eq!(
            refused,
            "the subscriptions of all connections cannot have more than 160 bytes"
        );
        all.remove(1, &json!({"id": "b"})).unwrap();
        let expression = Expression::parse("topic=x").unwrap();
        assert!(all.add(17, json!({"id": "a"}), expression, 4).is_ok());
    }
}
