//! Takes what the hub gets to the loop of the listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ftrack_event::{EventHub, HandlerResult, SubscribeOptions, WaitEnded, topics};
use ftrack_expression::{Expression, Required};
use ftrack_transport::Backoff;

use crate::error::{Error, Result};
use crate::inputs::{Arrival, Input, Inputs};
use crate::log::row::UPDATE;

/// How often the thread checks whether to go on, while there is no server to connect to.
const GLANCE: Duration = Duration::from_millis(100);

/// What the hub itself tells of its connection. Handlers of it come before others.
const FIRST: i32 = i32::MIN;

/// A thread that waits for the hub.
pub(crate) struct Pump {
    hub: EventHub,
    subscribers: Vec<String>,
    is_over: Arc<AtomicBool>,
    /// Whether the connection that is told of next is the one that this made.
    is_first: Arc<AtomicBool>,
    inputs: Arc<Inputs>,
    thread: Option<JoinHandle<()>>,
}

impl Pump {
    /// Subscribes, connects if need be, and waits.
    pub(crate) fn start(
        hub: &EventHub,
        text: &str,
        expression: &Expression,
        inputs: &Arc<Inputs>,
    ) -> Result<Self> {
        let mut pump = Self {
            hub: hub.clone(),
            subscribers: Vec::new(),
            is_over: Arc::default(),
            is_first: Arc::new(AtomicBool::new(true)),
            inputs: Arc::clone(inputs),
            thread: None,
        };
        pump.subscribe_all(text, expression)?;
        let (hub, inputs) = (hub.clone(), Arc::clone(inputs));
        let (is_over, is_first) = (Arc::clone(&pump.is_over), Arc::clone(&pump.is_first));
        let thread = thread::Builder::new().name("ftrack-pump".to_owned());
        let thread = thread.spawn(move || {
            let outcome = pump_events(&hub, &inputs, &is_over, &is_first);
            inputs.push(Input::Ended(outcome.err()));
        });
        pump.thread = Some(thread.map_err(|source| Error::Thread { source })?);
        Ok(pump)
    }

    fn subscribe_all(&mut self, text: &str, expression: &Expression) -> Result<()> {
        let is_first = Arc::clone(&self.is_first);
        self.subscribe_to(topics::CONNECTED, move || {
            // The first is ours: when it is told, the server knows all subscriptions.
            if is_first.swap(false, Ordering::AcqRel) {
                vec![Arrival::Announced]
            } else {
                vec![Arrival::Missed]
            }
        })?;
        self.subscribe_to(topics::RECONNECTED, || vec![Arrival::Announced])?;
        let overflowed = || vec![Arrival::Missed, Arrival::Announced];
        self.subscribe_to(topics::OVERFLOWED, overflowed)?;
        for subscription in subscriptions(text, expression) {
            let inputs = Arc::clone(&self.inputs);
            let id = self.hub.subscribe(&subscription, move |event| {
                inputs.arrive(Arrival::Event(Box::new(event.clone())));
                Ok(None)
            })?;
            self.subscribers.push(id);
        }
        Ok(())
    }

    fn subscribe_to(
        &mut self,
        topic: &str,
        told: impl Fn() -> Vec<Arrival> + Send + Sync + 'static,
    ) -> Result<()> {
        let inputs = Arc::clone(&self.inputs);
        let tell = move |_: &ftrack_event::Event| -> HandlerResult {
            for arrival in told() {
                inputs.arrive(arrival);
            }
            Ok(None)
        };
        let options = SubscribeOptions::new().priority(FIRST);
        let id = self
            .hub
            .subscribe_with(&format!("topic={topic}"), options, tell)?;
        self.subscribers.push(id);
        Ok(())
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        self.inputs.end();
        for id in self.subscribers.drain(..) {
            // A session that was closed has dropped them already.
            let _ = self.hub.unsubscribe(&id);
        }
        let Some(thread) = self.thread.take() else {
            return;
        };
        while !thread.is_finished() {
            // It may be between two waits.
            self.hub.stop_waiting();
            thread::sleep(Duration::from_millis(5));
        }
        let _ = thread.join();
    }
}

/// Whether an expression may match what a server tells of changes.
pub(crate) fn follows_updates(expression: &Expression) -> bool {
    expression
        .required_topic()
        .is_none_or(|required| required.admits(UPDATE))
}

/// What the hub is asked for.
fn subscriptions(text: &str, expression: &Expression) -> Vec<String> {
    if !follows_updates(expression) {
        return vec![text.to_owned()];
    }
    // All of them, to know which rows of the log are theirs.
    let mut subscriptions = vec![format!("topic={UPDATE}")];
    if expression.required_topic() != Some(Required::Exact(UPDATE)) {
        subscriptions.push(format!("({text}) and not topic={UPDATE}"));
    }
    subscriptions
}

fn pump_events(
    hub: &EventHub,
    inputs: &Inputs,
    is_over: &AtomicBool,
    is_first: &AtomicBool,
) -> Result<()> {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
    loop {
        match hub.connect() {
            Ok(()) => break,
            Err(ftrack_event::Error::AlreadyConnected) => {
                is_first.store(false, Ordering::Release);
                inputs.arrive(Arrival::Announced);
                break;
            }
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "there is no connection to the event server yet");
                inputs.push(Input::Failed(error.to_string()));
                wait(backoff.next_delay(), is_over);
            }
            Err(error) => return Err(error.into()),
        }
        if is_over.load(Ordering::Acquire) {
            return Ok(());
        }
    }
    match hub.wait(None)? {
        WaitEnded::Disconnected => Err(ftrack_event::Error::NotConnected.into()),
        _ => Ok(()),
    }
}

fn wait(mut delay: Duration, is_over: &AtomicBool) {
    while !delay.is_zero() && !is_over.load(Ordering::Acquire) {
        let glance = delay.min(GLANCE);
        thread::sleep(glance);
        delay -= glance;
    }
}
