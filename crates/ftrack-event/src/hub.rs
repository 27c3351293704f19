//! The hub: where events are published, and whom they reach.

#[cfg(feature = "socket")]
mod connect;
mod core;
mod dispatch;
mod handling;
mod publish;
mod relayed;
mod scoped;
mod wait;
mod workers;

use std::fmt;
use std::sync::{Arc, Weak};

pub(crate) use self::core::Core;
pub use self::publish::{OnError, PublishOptions};
pub use self::scoped::ScopedSubscription;
pub use self::wait::Stopper;
pub use self::workers::Workers;
use crate::error::Result;
use crate::event::Event;
use crate::identity::Identity;
use crate::options::HubOptions;
use crate::relay::Relay;
use crate::status::{ConnectionState, HubStatus};
use crate::subscriber::{Handler, HandlerResult, SubscribeOptions, Subscriber};

/// Routes events between those who publish them and those who handle them.
///
/// Inside the process that works at once: [`publish_synchronously`](Self::publish_synchronously)
/// calls the handlers of this hub and returns what they answer. With a server, and once connected,
/// [`publish`](Self::publish) reaches the subscribers of all hubs; what arrives is handled by
/// [`wait`](Self::wait) or by [`run_workers`](Self::run_workers).
///
/// It is a cheap handle: clones share one hub, which ends with the last of them. A handler that
/// needs the hub should hold a [`WeakEventHub`].
///
/// No lock is held while a handler runs, so handlers may do with the hub whatever they like. One
/// that fails or panics is logged, and the others are called all the same.
///
/// ```
/// use ftrack_event::{Event, EventHub};
/// use serde_json::json;
///
/// let hub = EventHub::local();
/// hub.subscribe("topic=studio.publish and data.kind=shot", |event| {
///     Ok(Some(json!({"path": format!("/shots/{}", event.data["name"].as_str().unwrap_or("?"))})))
/// })?;
///
/// let event = Event::new("studio.publish").with_data(json!({"kind": "shot", "name": "sh010"}));
/// let results = hub.publish_synchronously(event)?;
/// assert_eq!(results, [json!({"path": "/shots/sh010"})]);
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Clone)]
pub struct EventHub {
    pub(crate) core: Arc<Core>,
}

impl EventHub {
    /// A hub without a server: events stay in the process.
    pub fn local() -> Self {
        Self::local_with(HubOptions::default())
    }

    /// A hub without a server that behaves as these options say.
    pub fn local_with(options: HubOptions) -> Self {
        let identity = Identity::new(options.user.clone(), options.host.clone());
        Self {
            core: Arc::new(Core::new(identity, options)),
        }
    }

    /// A hub whose work another one does, to which `relay` is the way: subscribers are its subscribers, and what is
    /// published here is published there. `id` is that of the other hub.
    pub fn relayed(relay: Arc<dyn Relay>, id: impl Into<String>) -> Self {
        let identity = Identity::with_id(id.into());
        let mut core = Core::new(identity, HubOptions::default());
        core.relay = Some(relay);
        Self {
            core: Arc::new(core),
        }
    }

    /// The id of the hub. Events that it publishes have it in their source.
    pub fn id(&self) -> &str {
        &self.core.shared.identity.id
    }

    /// Whether there is a connection to the event server.
    pub fn is_connected(&self) -> bool {
        self.core.state() == ConnectionState::Connected
    }

    /// Calls `handler` with each event that matches `subscription`, an
    /// [expression](ftrack_expression). Returns the id of the new subscriber.
    ///
    /// It works without a connection too; the server is told as soon as there is one. With a
    /// connection the subscription is in effect on return: the server has confirmed it, or did not
    /// within five seconds. A handler that subscribes does not wait for that. What the handler
    /// returns is sent as a reply, or given to the publisher if that waits.
    ///
    /// ```
    /// use ftrack_event::EventHub;
    ///
    /// let hub = EventHub::local();
    /// let id = hub.subscribe("topic=ftrack.update", |event| {
    ///     let entities = event.data["entities"].as_array().map_or(0, Vec::len);
    ///     println!("{entities} entities changed");
    ///     Ok(None)
    /// })?;
    /// hub.unsubscribe(&id)?;
    /// # Ok::<(), ftrack_event::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidSubscription`](crate::Error::InvalidSubscription) if the subscription is not an
    /// expression.
    pub fn subscribe(
        &self,
        subscription: &str,
        handler: impl Fn(&Event) -> HandlerResult + Send + Sync + 'static,
    ) -> Result<String> {
        self.subscribe_with(subscription, SubscribeOptions::default(), handler)
    }

    /// As [`subscribe`](Self::subscribe), with a handler that cannot fail and replies nothing.
    ///
    /// ```
    /// use ftrack_event::EventHub;
    ///
    /// let hub = EventHub::local();
    /// hub.observe("topic=studio.publish", |event| println!("{} was published", event.data["name"]))?;
    /// # Ok::<(), ftrack_event::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn observe(
        &self,
        subscription: &str,
        handler: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Result<String> {
        self.subscribe(subscription, move |event| {
            handler(event);
            Ok(None)
        })
    }

    /// As [`subscribe`](Self::subscribe), with a priority and with information about the
    /// subscriber, which targets are matched against.
    ///
    /// # Errors
    /// [`Error::InvalidSubscription`](crate::Error::InvalidSubscription) if the subscription is not an
    /// expression, [`Error::InvalidSubscriber`](crate::Error::InvalidSubscriber) if the id is not
    /// text, [`Error::NotUnique`](crate::Error::NotUnique) if it is taken.
    pub fn subscribe_with(
        &self,
        subscription: &str,
        options: SubscribeOptions,
        handler: impl Fn(&Event) -> HandlerResult + Send + Sync + 'static,
    ) -> Result<String> {
        self.subscribe_mut(subscription, options, move |event| handler(event))
    }

    /// As [`subscribe_with`](Self::subscribe_with), with a handler that may change the event.
    ///
    /// Those that are called after it see the change, and so does whoever publishes by
    /// [`publish_synchronously_mut`](Self::publish_synchronously_mut). Nobody else does: what
    /// comes from the server is changed for the handlers of this hub alone.
    ///
    /// ```
    /// use ftrack_event::{Event, EventHub, SubscribeOptions};
    /// use serde_json::json;
    ///
    /// let hub = EventHub::local();
    /// hub.subscribe_mut("topic=studio.launch", SubscribeOptions::new(), |event| {
    ///     event.data["environment"]["OCIO"] = json!("/config.ocio");
    ///     Ok(None)
    /// })?;
    ///
    /// let mut launch = Event::new("studio.launch").with_data(json!({"environment": {}}));
    /// hub.publish_synchronously_mut(&mut launch)?;
    /// assert_eq!(launch.data["environment"]["OCIO"], "/config.ocio");
    /// # Ok::<(), ftrack_event::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`subscribe_with`](Self::subscribe_with).
    pub fn subscribe_mut(
        &self,
        subscription: &str,
        options: SubscribeOptions,
        handler: impl Fn(&mut Event) -> HandlerResult + Send + Sync + 'static,
    ) -> Result<String> {
        let handler: Handler = Box::new(handler);
        self.core.subscribe(subscription, options, handler)
    }

    /// As [`subscribe_with`](Self::subscribe_with), for as long as the returned guard lives.
    ///
    /// ```
    /// use ftrack_event::{Event, EventHub, SubscribeOptions};
    ///
    /// let hub = EventHub::local();
    /// {
    ///     let _guard = hub.subscribe_scoped("topic=a", SubscribeOptions::new(), |_| Ok(None))?;
    ///     assert_eq!(hub.publish_synchronously(Event::new("a"))?.len(), 1);
    /// }
    /// assert_eq!(hub.publish_synchronously(Event::new("a"))?.len(), 0);
    /// # Ok::<(), ftrack_event::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`subscribe_with`](Self::subscribe_with).
    pub fn subscribe_scoped(
        &self,
        subscription: &str,
        options: SubscribeOptions,
        handler: impl Fn(&Event) -> HandlerResult + Send + Sync + 'static,
    ) -> Result<ScopedSubscription> {
        let id = self.subscribe_with(subscription, options, handler)?;
        Ok(ScopedSubscription::new(self.downgrade(), id))
    }

    /// Removes a subscriber. The server is told if it can be reached; here it is gone at once, also
    /// for events that are just being handled.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no subscriber of this id.
    pub fn unsubscribe(&self, id: &str) -> Result<()> {
        self.core.unsubscribe(id)
    }

    /// The subscriber of this id.
    pub fn subscriber(&self, id: &str) -> Option<Subscriber> {
        self.core.registry.read().get(id).cloned()
    }

    /// Whether anybody might want an event of this topic, as far as the subscriptions tell without one: for those who
    /// would have to go to some length to make it.
    ///
    /// ```
    /// let hub = ftrack_event::EventHub::local();
    /// hub.subscribe("topic=studio.publish and data.kind=shot", |_| Ok(None))?;
    /// assert!(hub.has_subscribers("studio.publish"));
    /// assert!(!hub.has_subscribers("studio.archive"));
    /// # Ok::<(), ftrack_event::Error>(())
    /// ```
    pub fn has_subscribers(&self, topic: &str) -> bool {
        !self.core.registry.read().candidates(topic).is_empty()
    }

    /// How the hub is doing.
    pub fn status(&self) -> HubStatus {
        self.core.status()
    }

    /// Ends the connection, if there is one, and drops all handlers and all that waits to be
    /// handled. May be called more than once.
    pub fn close(&self) {
        #[cfg(feature = "socket")]
        self.core.end_connection();
        self.core.clear();
    }

    /// A handle that does not keep the hub.
    pub fn downgrade(&self) -> WeakEventHub {
        WeakEventHub(Arc::downgrade(&self.core))
    }
}

impl fmt::Debug for EventHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EventHub")
            .field("id", &self.id())
            .field("state", &self.core.state())
            .finish_non_exhaustive()
    }
}

/// A handle of an [`EventHub`] that does not keep it, for handlers and whatever else the hub holds.
///
/// ```
/// use ftrack_event::{Event, EventHub};
///
/// let hub = EventHub::local();
/// let weak = hub.downgrade();
/// hub.subscribe("topic=a", move |_| {
///     if let Some(hub) = weak.upgrade() {
///         hub.publish_synchronously(Event::new("b"))?;
///     }
///     Ok(None)
/// })?;
/// hub.publish_synchronously(Event::new("a"))?;
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Clone)]
pub struct WeakEventHub(Weak<Core>);

impl WeakEventHub {
    /// The hub, if it is still there.
    pub fn upgrade(&self) -> Option<EventHub> {
        self.0.upgrade().map(|core| EventHub { core })
    }
}

impl fmt::Debug for WeakEventHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("WeakEventHub").finish()
    }
}
