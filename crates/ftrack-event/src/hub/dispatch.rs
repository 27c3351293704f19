//! Calling handlers.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use ftrack_expression::Expression;
use serde_json::Value;

use super::Core;
use super::core::HUB_ITSELF;
use super::handling::Handling;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::inbox::QueuedEvent;
use crate::replies::OnReply;
use crate::subscriber::Subscriber;
use crate::topics;

impl Core {
    /// The subscribers that an event concerns, in the order of calling.
    pub(crate) fn interested(&self, event: &Event) -> Result<Vec<Subscriber>> {
        let target = target(event)?;
        let candidates = self.registry.read().candidates(&event.topic);
        let interested = candidates
            .iter()
            .filter(|subscriber| subscriber.is_interested(event, target.as_ref()));
        Ok(interested.cloned().collect())
    }

    /// Calls the handlers of this hub and collects what they answer; nothing is null, and those
    /// that fail give no answer.
    ///
    /// Whether a subscriber wants the event is asked when it is its turn: an earlier one may have
    /// changed what it is asked about.
    pub(crate) fn dispatch(&self, event: &mut Event) -> Result<Vec<Value>> {
        let target = target(event)?;
        let candidates = self.registry.read().candidates(&event.topic);
        let mut results = Vec::new();
        for subscriber in candidates.iter() {
            if event.is_stopped() {
                break;
            }
            if !subscriber.is_interested(event, target.as_ref()) {
                continue;
            }
            if let Some(result) = self.call(subscriber, event) {
                results.push(result);
            }
        }
        Ok(results)
    }

    /// Handles an arrival on this thread.
    pub(crate) fn handle(&self, arrival: &mut QueuedEvent) {
        for step in self.plan(arrival) {
            if arrival.event().is_stopped() {
                break;
            }
            self.perform(&step, arrival);
        }
    }

    /// What is to be done with an arrival, in order.
    pub(crate) fn plan(&self, arrival: &QueuedEvent) -> Vec<Step> {
        let event = arrival.event();
        let mut steps = Vec::new();
        if event.topic == topics::REPLY {
            steps.extend(self.shared.replies.callback(event).map(Step::Reply));
        }
        match self.interested(event) {
            Ok(interested) => steps.extend(interested.into_iter().map(Step::Handler)),
            Err(error) => {
                tracing::warn!(topic = event.topic, id = event.id, %error, "skipped an event");
            }
        }
        steps
    }

    /// Runs one piece of a user's code.
    pub(crate) fn perform(&self, step: &Step, arrival: &mut QueuedEvent) {
        match step {
            Step::Handler(subscriber) => self.handle_by(subscriber, arrival),
            Step::Reply(callback) => {
                self.guarded(arrival.event_mut(), "callback for replies", |event| {
                    callback(event);
                    Ok(())
                });
            }
        }
    }

    /// Calls one handler, and sends what it answers as a reply.
    fn handle_by(&self, subscriber: &Subscriber, arrival: &mut QueuedEvent) {
        let result = self.call(subscriber, arrival.event_mut());
        let (Some(data), QueuedEvent::Remote(event)) = (result, arrival) else {
            return;
        };
        // A reply to a reply could go back and forth for ever.
        if event.topic == topics::REPLY || data.is_null() {
            return;
        }
        let source = subscriber.information().clone();
        if let Err(error) = self.publish_reply(event, data, source) {
            tracing::warn!(topic = event.topic, id = event.id, %error, "could not reply");
        }
    }

    /// Calls one handler: what it answers, or null; `None` if it failed, or is no longer subscribed.
    fn call(&self, subscriber: &Subscriber, event: &mut Event) -> Option<Value> {
        if !subscriber.is_active() {
            return None;
        }
        let answer = self.guarded(event, subscriber.id(), |event| subscriber.handle(event))?;
        Some(answer.unwrap_or_default())
    }

    /// Runs code of a user, which may fail or panic.
    fn guarded<T>(
        &self,
        event: &mut Event,
        who: &str,
        run: impl FnOnce(&mut Event) -> std::result::Result<T, crate::subscriber::HandlerError>,
    ) -> Option<T> {
        let started = Instant::now();
        let handling = Handling::begin();
        let outcome = catch_unwind(AssertUnwindSafe(|| run(event)));
        drop(handling);
        let result = match outcome {
            Ok(Ok(result)) => Some(result),
            Ok(Err(error)) => {
                let (topic, id) = (&event.topic, &event.id);
                tracing::error!(subscriber = who, topic, id, %error, "a handler failed");
                None
            }
            Err(panic) => {
                let (topic, id) = (&event.topic, &event.id);
                let message = panic_message(&*panic);
                tracing::error!(subscriber = who, topic, id, message, "a handler panicked");
                // Its own destructor may panic as well, and nothing is lost by not running it.
                std::mem::forget(panic);
                None
            }
        };
        let failed = result.is_none();
        self.shared.counters.handled(started.elapsed(), failed);
        result
    }
}

/// One piece of a user's code that an arrival concerns.
pub(crate) enum Step {
    /// The callback that awaits replies of this kind.
    Reply(OnReply),
    Handler(Subscriber),
}

impl Step {
    /// Whatever has the same number runs one after the other, in the order of arrival.
    pub(crate) fn key(&self) -> u64 {
        match self {
            Self::Reply(_) => HUB_ITSELF,
            Self::Handler(subscriber) => subscriber.sequence(),
        }
    }
}

/// The expression that chooses among subscribers, if the event has one.
pub(super) fn target(event: &Event) -> Result<Option<Expression>> {
    if event.target.is_empty() {
        return Ok(None);
    }
    let parsed = Expression::parse(&event.target);
    parsed.map(Some).map_err(|source| Error::InvalidTarget {
        target: event.target.clone(),
        source: source.into(),
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return text;
    }
    panic.downcast_ref::<String>().map_or("", String::as_str)
}
