//! Who handles events.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ftrack_expression::Expression;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::event::Event;

/// What a handler may fail with: anything that is an error.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What a handler gives back: a value to reply with, or nothing.
pub type HandlerResult = std::result::Result<Option<Value>, HandlerError>;

/// It may change the event; one that only reads it is wrapped.
pub(crate) type Handler = Box<dyn Fn(&mut Event) -> HandlerResult + Send + Sync>;

/// The priority of a subscriber that does not set one.
const PRIORITY: i32 = 100;

/// What may be said when subscribing; everything has a default.
///
/// ```
/// use ftrack_event::{EventHub, SubscribeOptions};
///
/// let hub = EventHub::local();
/// let options = SubscribeOptions::new()
///     .id("maya-listener")
///     .information("applicationId", "maya")
///     .priority(10);
/// let id = hub.subscribe_with("topic=ftrack.update", options, |_| Ok(None))?;
/// assert_eq!(id, "maya-listener");
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SubscribeOptions {
    /// What the subscriber says of itself, for targets to choose by. Its `id` has to be a text and
    /// unique in the hub. Defaults to a new one.
    pub information: Map<String, Value>,
    /// Handlers of lower numbers are called first. Defaults to 100. Among equal ones the order of
    /// subscribing counts. It concerns this hub alone.
    pub priority: i32,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self {
            information: Map::new(),
            priority: PRIORITY,
        }
    }
}

impl SubscribeOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the subscriber's id.
    pub fn id(self, id: impl Into<String>) -> Self {
        self.information("id", id.into())
    }

    /// Adds to what the subscriber says of itself.
    pub fn information(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.information.insert(key.into(), value.into());
        self
    }

    /// Sets the priority: handlers of lower numbers are called first.
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }
}

/// A subscriber of a hub: what it wants, and what it says of itself.
///
/// ```
/// use ftrack_event::EventHub;
///
/// let hub = EventHub::local();
/// let id = hub.subscribe("topic=ftrack.*", |_| Ok(None))?;
/// let subscriber = hub.subscriber(&id).unwrap();
/// assert_eq!((subscriber.subscription(), subscriber.priority()), ("topic=ftrack.*", 100));
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Clone)]
pub struct Subscriber(Arc<Inner>);

struct Inner {
    announcement: Arc<Announcement>,
    expression: Expression,
    priority: i32,
    /// The order of subscribing.
    sequence: u64,
    /// Taken away by unsubscribing, also for events that are just being handled.
    active: AtomicBool,
    handler: Handler,
}

/// What the server is told of a subscriber.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Announcement {
    pub(crate) id: String,
    pub(crate) subscription: String,
    pub(crate) information: Map<String, Value>,
}

impl Subscriber {
    pub(crate) fn new(
        subscription: &str,
        options: SubscribeOptions,
        sequence: u64,
        handler: Handler,
    ) -> Result<Self> {
        let expression =
            Expression::parse(subscription).map_err(|source| Error::InvalidSubscription {
                subscription: subscription.to_owned(),
                source: source.into(),
            })?;
        let mut information = options.information;
        let id = information
            .entry("id")
            .or_insert_with(|| crate::event::new_id().into());
        let Some(id) = id.as_str().filter(|id| !id.is_empty()).map(str::to_owned) else {
            return Err(Error::InvalidSubscriber {
                problem: "its id is not a text".to_owned(),
            });
        };
        let announcement = Announcement {
            id,
            subscription: subscription.to_owned(),
            information,
        };
        Ok(Self(Arc::new(Inner {
            announcement: Arc::new(announcement),
            expression,
            priority: options.priority,
            sequence,
            active: AtomicBool::new(true),
            handler,
        })))
    }

    /// Its id, unique in the hub.
    pub fn id(&self) -> &str {
        &self.0.announcement.id
    }

    /// The expression that events have to match, as it was given.
    pub fn subscription(&self) -> &str {
        &self.0.announcement.subscription
    }

    /// What it says of itself, its id included.
    pub fn information(&self) -> &Map<String, Value> {
        &self.0.announcement.information
    }

    /// Its place among the handlers of an event: lower numbers come first.
    pub fn priority(&self) -> i32 {
        self.0.priority
    }

    /// Whether it is still subscribed.
    pub fn is_active(&self) -> bool {
        self.0.active.load(Ordering::Acquire)
    }

    pub(crate) fn deactivate(&self) {
        self.0.active.store(false, Ordering::Release);
    }

    pub(crate) fn announcement(&self) -> &Arc<Announcement> {
        &self.0.announcement
    }

    pub(crate) fn expression(&self) -> &Expression {
        &self.0.expression
    }

    /// The order of subscribing, which tells it from every other subscriber of the hub.
    pub(crate) fn sequence(&self) -> u64 {
        self.0.sequence
    }

    /// Where it stands among others.
    pub(crate) fn order(&self) -> (i32, u64) {
        (self.0.priority, self.0.sequence)
    }

    /// Whether it wants the event, and the event is for it.
    pub(crate) fn is_interested(&self, event: &Event, target: Option<&Expression>) -> bool {
        target.is_none_or(|target| target.matches(self.information()))
            && self.0.expression.matches(event)
    }

    pub(crate) fn handle(&self, event: &mut Event) -> HandlerResult {
        (self.0.handler)(event)
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Subscriber")
            .field("subscription", &self.subscription())
            .field("information", self.information())
            .field("priority", &self.priority())
            .field("active", &self.is_active())
            .finish_non_exhaustive()
    }
}
