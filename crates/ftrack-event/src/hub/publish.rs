//! Publishing.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ftrack_expression::field;
use serde_json::{Map, Value};

use super::dispatch::target;
use super::{Core, EventHub};
use crate::command::{Command, Outgoing};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::outcome::Outcome;
use crate::publication::{Gathered, Publication, Slot, Ticket};
use crate::replies::{Awaiting, OnReply};
use crate::status::ConnectionState;
use crate::topics;

/// What happens to an error of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnError {
    /// It is returned.
    #[default]
    Raise,
    /// It is logged and otherwise ignored: the event counts as not sent.
    Ignore,
}

/// How an event is published; everything has a default.
///
/// ```
/// use ftrack_event::{Event, EventHub, OnError, Outcome, PublishOptions};
///
/// let hub = EventHub::local();
/// let options = PublishOptions::new().on_error(OnError::Ignore);
/// let publication = hub.publish_with(Event::new("studio.hello"), options)?;
/// assert_eq!(publication.outcome(), Some(Outcome::NotSent));
/// # Ok::<(), ftrack_event::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct PublishOptions {
    on_reply: Option<OnReply>,
    on_error: OnError,
}

impl PublishOptions {
    /// The defaults: replies are not asked for, errors are returned.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls this with every reply, where events are handled, until the hub's
    /// [`reply_timeout`](crate::HubOptions::reply_timeout) is over.
    pub fn on_reply(mut self, callback: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_reply = Some(Arc::new(callback));
        self
    }

    /// Sets what happens to an error.
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }
}

impl fmt::Debug for PublishOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PublishOptions")
            .field("on_reply", &self.on_reply.is_some())
            .field("on_error", &self.on_error)
            .finish()
    }
}

impl EventHub {
    /// Publishes an event to the server, which sends it to the subscribers of all hubs, this one
    /// included. Does not wait.
    ///
    /// The hub adds to the source what that does not say: its id, the user and the host. While a
    /// connection is being made, the event waits for it. What became of it can be asked of what is
    /// returned.
    ///
    /// # Errors
    /// [`Error::NotConnected`] if there is no connection and none is being made,
    /// [`Error::QueueFull`] if too much is on its way already, [`Error::InvalidTarget`] if the
    /// target is not an expression.
    pub fn publish(&self, event: Event) -> Result<Publication> {
        self.publish_with(event, PublishOptions::default())
    }

    /// As [`publish`](Self::publish), with a callback for replies, or ignoring errors.
    ///
    /// ```no_run
    /// # fn example(hub: &ftrack_event::EventHub) -> ftrack_event::Result<()> {
    /// use ftrack_event::{Event, PublishOptions};
    ///
    /// let options = PublishOptions::new().on_reply(|reply| println!("got {}", reply.data));
    /// hub.publish_with(Event::new("studio.who-is-there"), options)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`publish`](Self::publish), and [`Error::QueueFull`] if too many replies are awaited.
    pub fn publish_with(&self, event: Event, options: PublishOptions) -> Result<Publication> {
        let event_id = event.id.clone();
        let published = self.core.publish_expecting(event, options.on_reply);
        match (published, options.on_error) {
            (Err(error), OnError::Ignore) => {
                tracing::warn!(id = event_id, %error, "could not publish an event");
                Ok(Publication::failed(event_id))
            }
            (published, _) => published,
        }
    }

    /// Calls the handlers of this hub at once, on this thread, and returns what they answer, in
    /// the order of calling. Nothing is sent anywhere.
    ///
    /// A handler that answers nothing gives null; one that fails gives no answer at all.
    ///
    /// # Errors
    /// [`Error::InvalidTarget`] if the target is not an expression.
    pub fn publish_synchronously(&self, mut event: Event) -> Result<Vec<Value>> {
        self.publish_synchronously_mut(&mut event)
    }

    /// As [`publish_synchronously`](Self::publish_synchronously), for a publisher that looks at
    /// what handlers [changed](Self::subscribe_mut) of the event.
    ///
    /// # Errors
    /// As [`publish_synchronously`](Self::publish_synchronously).
    pub fn publish_synchronously_mut(&self, event: &mut Event) -> Result<Vec<Value>> {
        if let Some(relay) = &self.core.relay {
            return relay.publish_synchronously(event);
        }
        self.core.shared.identity.fill(event);
        self.core.dispatch(event)
    }

    /// Publishes an event and blocks until the first reply to it arrives.
    ///
    /// It needs nobody who handles events meanwhile, so it may also be called from a handler.
    ///
    /// ```no_run
    /// # fn example(hub: &ftrack_event::EventHub) -> ftrack_event::Result<()> {
    /// use std::time::Duration;
    /// use ftrack_event::Event;
    ///
    /// let event = Event::new("studio.resolve-path").with_target("id=path-service");
    /// let reply = hub.publish_and_wait(event, Duration::from_secs(5))?;
    /// println!("{}", reply.data["path"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`publish`](Self::publish), [`Error::NoReply`] if no reply arrives in time, and
    /// [`Error::NotDelivered`] or, if the hub is closed, [`Error::NotConnected`] as soon as it is
    /// known that none can come.
    pub fn publish_and_wait(&self, event: Event, timeout: Duration) -> Result<Event> {
        match &self.core.relay {
            Some(relay) => relay.publish_and_wait(&event, timeout),
            None => self.core.publish_and_wait(event, timeout),
        }
    }

    /// Publishes an event, blocks for `duration`, and returns the replies that arrived until then,
    /// in the order of arrival: for questions to which it is not known how many will answer.
    ///
    /// As [`publish_and_wait`](Self::publish_and_wait) it may be called from a handler. It returns
    /// earlier only when as many replies are there as the hub
    /// [awaits at once](crate::HubOptions::awaited_limit).
    ///
    /// ```no_run
    /// # fn example(hub: &ftrack_event::EventHub) -> ftrack_event::Result<()> {
    /// use std::time::Duration;
    /// use ftrack_event::Event;
    ///
    /// for reply in hub.publish_and_collect(Event::new("studio.who-is-there"), Duration::from_secs(1))? {
    ///     println!("{}", reply.source["id"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`publish_and_wait`](Self::publish_and_wait), except that it is not an error if nobody replies.
    pub fn publish_and_collect(&self, event: Event, duration: Duration) -> Result<Vec<Event>> {
        let limit = self.core.options.awaited_limit;
        let gathered = self.core.publish_and_gather(event, duration, limit)?;
        Ok(gathered.replies)
    }

    /// Answers an event: publishes `data` to the hub that it came from.
    ///
    /// Usually it is enough to return the data from the handler.
    ///
    /// # Errors
    /// As [`publish`](Self::publish); [`Error::InvalidEvent`] if the event does not say which hub
    /// it came from.
    pub fn publish_reply(&self, event: &Event, data: impl Into<Value>) -> Result<Publication> {
        self.core.publish_reply(event, data.into(), Map::new())
    }
}

impl Core {
    fn publish_expecting(&self, event: Event, on_reply: Option<OnReply>) -> Result<Publication> {
        let slot = Arc::new(Slot::default());
        let Some(callback) = on_reply else {
            return self.send(event, slot);
        };
        let awaiting = Awaiting::Callback(callback);
        self.send_awaiting(event, slot, awaiting)
    }

    fn publish_and_wait(&self, event: Event, timeout: Duration) -> Result<Event> {
        let event_id = event.id.clone();
        let mut gathered = self.publish_and_gather(event, timeout, 1)?;
        gathered.replies.pop().ok_or(Error::NoReply {
            event_id,
            limit: timeout,
            acknowledged: gathered.acknowledged,
        })
    }

    /// Publishes an event and waits for so many replies, at most for a time.
    fn publish_and_gather(
        &self,
        event: Event,
        timeout: Duration,
        wanted: usize,
    ) -> Result<Gathered> {
        let until = Instant::now().checked_add(timeout);
        let event_id = event.id.clone();
        let slot = Arc::new(Slot::default());
        let awaiting = Awaiting::Publisher(Arc::clone(&slot), wanted);
        self.send_awaiting(event, Arc::clone(&slot), awaiting)?;
        let ended = slot.wait(until, |content| match &content.outcome {
            _ if content.replies.len() >= wanted => Some(Ok(())),
            // What is unconfirmed may have arrived, and so may a reply.
            Some(outcome @ (Outcome::NotSent | Outcome::Refused { .. })) => {
                let (event_id, outcome) = (event_id.clone(), outcome.clone());
                Some(Err(Error::NotDelivered { event_id, outcome }))
            }
            _ => content.closed.then_some(Err(Error::NotConnected)),
        });
        self.shared.replies.forget(&event_id);
        match ended {
            Some(Err(error)) => Err(error),
            Some(Ok(())) | None => Ok(slot.take_gathered()),
        }
    }

    pub(super) fn publish_reply(
        &self,
        event: &Event,
        data: Value,
        source: Map<String, Value>,
    ) -> Result<Publication> {
        let to = event
            .source_id()
            .and_then(|id| field("id").is(id).build().ok());
        let Some(target) = to else {
            return Err(Error::InvalidEvent {
                problem: "it does not say which hub it comes from".to_owned(),
            });
        };
        let mut reply = Event::new(topics::REPLY)
            .with_data(data)
            .with_target(target.to_string())
            .with_in_reply_to_event(event.id.clone());
        reply.source = source;
        self.send(reply, Arc::default())
    }

    fn send_awaiting(
        &self,
        event: Event,
        slot: Arc<Slot>,
        awaiting: Awaiting,
    ) -> Result<Publication> {
        let event_id = event.id.clone();
        let replies = &self.shared.replies;
        // Before sending: the reply may be quicker than this thread.
        replies.expect(&event_id, awaiting, Instant::now())?;
        let sent = self.send(event, slot);
        if sent.is_err() {
            replies.forget(&event_id);
        }
        sent
    }

    fn send(&self, mut event: Event, slot: Arc<Slot>) -> Result<Publication> {
        target(&event)?;
        if let Some(relay) = &self.relay {
            return relay.publish(&event, self.shared.replies.are_awaited(&event.id));
        }
        if self.shared.counters.link().state == ConnectionState::Disconnected {
            return Err(Error::NotConnected);
        }
        self.shared.identity.fill(&mut event);
        let text = event.to_json().to_string();
        let permit = self.outbox.admit(text.len())?;
        let publication = Publication::new(event.id.clone(), Arc::clone(&slot));
        let outgoing = Outgoing {
            text,
            ticket: Ticket::new(slot, permit),
        };
        if self.tell(Command::Publish(outgoing)) {
            #[cfg(feature = "socket")]
            self.shared.counters.published();
            Ok(publication)
        } else {
            Err(Error::NotConnected)
        }
    }
}
