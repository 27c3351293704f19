//! Calling handlers.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use ftrack_expression::Expression;
use serde_json::Value;

use super::Core;
use super::core::HUB_ITSELF;
use crate::inbox::Arrival;
use crate::replies::OnReply;
use crate::{Error, Event, Result, Subscriber, topics};

impl Core {
    /// The subscribers that an event concerns, in the order of calling.
    pub(crate) fn interested(&self, event: &Event) -> Result<Vec<Subscriber>> {
        let target = target(event)?;
        let mut found = self.registry.read().candidates(&event.topic);
        found.retain(|subscriber| subscriber.is_interested(event, target.as_ref()));
        Ok(found)
    }

    /// Calls the handlers of this hub and collects what they answer; nothing is null, and those
    /// that fail give no answer.
    pub(crate) fn dispatch(&self, event: &Event) -> Result<Vec<Value>> {
        let mut results = Vec::new();
        for subscriber in self.interested(event)? {
            if event.is_stopped() {
                break;
            }
            if let Some(result) = self.call(&subscriber, event) {
                results.push(result);
            }
        }
        Ok(results)
    }

    /// Handles an arrival on this thread.
    pub(crate) fn handle(&self, arrival: &Arrival) {
        for step in self.plan(arrival) {
            if arrival.event().is_stopped() {
                break;
            }
            self.perform(&step, arrival);
        }
    }

    /// What is to be done with an arrival, in order.
    pub(crate) fn plan(&self, arrival: &Arrival) -> Vec<Step> {
        let event = arrival.event();
        let mut steps = Vec::new();
        if event.topic == topics::REPLY {
            steps.extend(self.inlet.replies.callback(event).map(Step::Reply));
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
    pub(crate) fn perform(&self, step: &Step, arrival: &Arrival) {
        let event = arrival.event();
        match step {
            Step::Handler(subscriber) => self.handle_by(subscriber, arrival),
            Step::Reply(callback) => {
                self.guarded(event, "callback for replies", || {
                    callback(event);
                    Ok(())
                });
            }
        }
    }

    /// Calls one handler, and sends what it answers as a reply.
    fn handle_by(&self, subscriber: &Subscriber, arrival: &Arrival) {
        let result = self.call(subscriber, arrival.event());
        let (Some(data), Arrival::Remote(event)) = (result, arrival) else {
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
    fn call(&self, subscriber: &Subscriber, event: &Event) -> Option<Value> {
        if !subscriber.is_active() {
            return None;
        }
        let answer = self.guarded(event, subscriber.id(), || subscriber.handle(event))?;
        Some(answer.unwrap_or_default())
    }

    /// Runs code of a user, which may fail or panic.
    fn guarded<T>(
        &self,
        event: &Event,
        who: &str,
        run: impl FnOnce() -> std::result::Result<T, crate::HandlerError>,
    ) -> Option<T> {
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(run));
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
        self.inlet.counters.handled(started.elapsed(), failed);
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
    pub(crate) fn strand(&self) -> u64 {
        match self {
            Self::Reply(_) => HUB_ITSELF,
            Self::Handler(subscriber) => subscriber.sequence(),
        }
    }
}

impl Arrival {
    pub(crate) fn event(&self) -> &Event {
        match self {
            Self::Remote(event) | Self::Local(event) => event,
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
