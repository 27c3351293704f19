//! The event hub's connection.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use ftrack::ConnectionOptions;
use ftrack::event::{Event, EventHub, HandlerResult, PublishOptions, SubscribeOptions, WaitEnded};
use ftrack::transport::ApiKey;
use pyo3::exceptions::{PyException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyWeakrefMethods, PyWeakrefReference};
use serde_json::{Map, Value};

use crate::interrupt::wait;

/// How long waiting goes on before Python may look at its signals.
const SLICE: Duration = Duration::from_millis(100);

/// A hub of the engine. Handlers are kept by the Python hub above it, which this knows weakly.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct HubCore {
    hub: EventHub,
}

impl From<EventHub> for HubCore {
    fn from(hub: EventHub) -> Self {
        Self { hub }
    }
}

thread_local! {
    /// The event that is being handled on this thread, and its Python object, which all handlers get.
    static CURRENT: RefCell<Option<(String, Py<PyAny>)>> = const { RefCell::new(None) };
}

#[pymethods]
impl HubCore {
    /// A hub of its own for a server.
    #[new]
    #[pyo3(signature = (server_url, api_user, api_key, options))]
    fn new(
        py: Python<'_>,
        server_url: &str,
        api_user: &str,
        api_key: &str,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let connection = ConnectionOptions::new(server_url, api_user, ApiKey::from(api_key));
        let mut connection = connection.map_err(|error| crate::error::raise_from(py, error))?;
        for (name, value) in crate::options::pairs(options, "headers")? {
            connection = connection.header(name, value);
        }
        for (name, value) in crate::options::pairs(options, "cookies")? {
            connection = connection.cookie(name, value);
        }
        let hub = wait(py, move || Ok(EventHub::new(connection)?))?;
        Ok(Self { hub })
    }

    #[getter]
    fn id(&self) -> &str {
        self.hub.id()
    }

    #[getter]
    fn connected(&self) -> bool {
        self.hub.is_connected()
    }

    #[getter]
    fn secure(&self) -> bool {
        self.hub.is_secure()
    }

    fn connect(&self, py: Python<'_>) -> PyResult<()> {
        wait(py, || Ok(self.hub.connect()?))
    }

    fn connect_in_background(&self, py: Python<'_>) -> PyResult<()> {
        wait(py, || Ok(self.hub.connect_in_background()?))
    }

    #[pyo3(signature = (unsubscribe=true))]
    fn disconnect(&self, py: Python<'_>, unsubscribe: bool) -> PyResult<()> {
        wait(py, || {
            if unsubscribe {
                self.hub.disconnect()?;
            } else {
                self.hub.disconnect_keeping_subscribers()?;
            }
            Ok(())
        })
    }

    fn reconnect(&self, py: Python<'_>, attempts: u32, delay: f64) -> PyResult<()> {
        let delay = seconds(delay)?;
        wait(py, || Ok(self.hub.reconnect(attempts, delay)?))
    }

    /// Tells the hub that `owner` wants events; they are given to its `_handle_remote`.
    fn subscribe(
        &self,
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        subscription: &str,
        information: &Bound<'_, PyAny>,
        priority: i32,
    ) -> PyResult<()> {
        let owner = PyWeakrefReference::new(owner)?.unbind();
        let mut options = SubscribeOptions::new().priority(priority);
        let mut identifier = String::new();
        for (name, value) in object(crate::json::from_python(information)?) {
            if name == "id" {
                value
                    .as_str()
                    .unwrap_or_default()
                    .clone_into(&mut identifier);
            }
            options = options.information(name, value);
        }
        let handler = move |event: &Event| handle(&owner, &identifier, event);
        wait(py, || {
            self.hub.subscribe_with(subscription, options, handler)?;
            Ok(())
        })
    }

    fn unsubscribe(&self, py: Python<'_>, identifier: &str) -> PyResult<()> {
        wait(py, || Ok(self.hub.unsubscribe(identifier)?))
    }

    /// Sends an event: a mapping of its parts. `on_reply` is called with (owner's event class made) replies.
    #[pyo3(signature = (owner, event, on_reply=None))]
    fn publish(
        &self,
        owner: &Bound<'_, PyAny>,
        event: &Bound<'_, PyAny>,
        on_reply: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let event = from_python(event)?;
        let mut options = PublishOptions::new();
        if let Some(on_reply) = on_reply {
            let owner = PyWeakrefReference::new(owner)?.unbind();
            options = options.on_reply(move |reply| reply_to(&owner, &on_reply, reply));
        }
        wait(owner.py(), || {
            self.hub.publish_with(event, options)?;
            Ok(())
        })
    }

    /// Handles events as they arrive, for so many seconds or until the end; whether the connection has ended.
    #[pyo3(signature = (duration=None))]
    fn wait(&self, py: Python<'_>, duration: Option<f64>) -> PyResult<bool> {
        let until = match duration {
            Some(duration) => Instant::now().checked_add(seconds(duration.max(0.0))?),
            None => None,
        };
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            let ended = wait(py, || Ok(self.hub.wait(slice)?))?;
            py.check_signals()?;
            match ended {
                WaitEnded::Elapsed if left.is_none_or(|left| left > slice) => {}
                ended => return Ok(ended == WaitEnded::Disconnected),
            }
        }
    }

    fn stop_waiting(&self) {
        self.hub.stop_waiting();
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.hub.close());
    }

    /// What the hub has done: a mapping.
    fn status(&self) -> String {
        format!("{:?}", self.hub.status())
    }
}

/// Gives an event to the subscriber `identifier` of the Python hub.
fn handle(owner: &Py<PyWeakrefReference>, identifier: &str, event: &Event) -> HandlerResult {
    if event.attachment::<ftrack::Session>("session").is_some() {
        // What the engine tells of its session, the Python session tells of itself.
        return Ok(None);
    }
    Python::attach(|py| {
        let Some(owner) = owner.bind(py).upgrade() else {
            return Ok(None);
        };
        let answer = object_of(&owner, event).and_then(|object| {
            let answer = owner.call_method1("_handle_remote", (identifier, &object))?;
            if object.call_method0("is_stopped")?.is_truthy()? {
                event.stop();
            }
            if answer.is_none() {
                return Ok(None);
            }
            crate::json::from_python(&answer).map(Some)
        });
        answer.map_err(|error| {
            if !error.is_instance_of::<PyException>(py) {
                // Such as `KeyboardInterrupt` and `SystemExit`: they end the waiting.
                crate::interrupt::keep(error);
                return "the handler ends the program".into();
            }
            error.to_string().into()
        })
    })
}

fn reply_to(owner: &Py<PyWeakrefReference>, on_reply: &Py<PyAny>, reply: &Event) {
    Python::attach(|py| {
        let Some(owner) = owner.bind(py).upgrade() else {
            return;
        };
        let called = object_of(&owner, reply)
            .and_then(|object| owner.call_method1("_handle_reply", (on_reply, object)));
        if let Err(error) = called {
            crate::interrupt::keep(error);
        }
    });
}

/// The Python object for an event: the same for all its handlers.
fn object_of<'py>(owner: &Bound<'py, PyAny>, event: &Event) -> PyResult<Bound<'py, PyAny>> {
    let py = owner.py();
    let known = CURRENT.with_borrow(|current| match current {
        Some((id, object)) if *id == event.id => Some(object.clone_ref(py)),
        _ => None,
    });
    if let Some(object) = known {
        return Ok(object.into_bound(py));
    }
    let parts = parts(py, event)?;
    let object = owner.call_method1("_event_from", (parts,))?;
    let before = CURRENT.replace(Some((event.id.clone(), object.clone().unbind())));
    drop(before);
    Ok(object)
}

/// The parts of an event, as the constructor of Python's events takes them.
pub(crate) fn parts<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyDict>> {
    let parts = PyDict::new(py);
    parts.set_item("topic", &event.topic)?;
    parts.set_item("id", &event.id)?;
    parts.set_item("data", crate::json::to_python(py, &event.data)?)?;
    parts.set_item("sent", crate::json::to_python(py, &event.sent)?)?;
    let source = Value::Object(event.source.clone());
    parts.set_item("source", crate::json::to_python(py, &source)?)?;
    parts.set_item("target", &event.target)?;
    parts.set_item("in_reply_to_event", &event.in_reply_to_event)?;
    Ok(parts)
}

/// The event of the engine for a Python one.
fn from_python(event: &Bound<'_, PyAny>) -> PyResult<Event> {
    let mut parts = object(crate::json::from_python(event)?);
    let mut text = |name: &str| match parts.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let topic = text("topic").ok_or_else(|| PyValueError::new_err("the event has no topic"))?;
    let mut made = Event::new(topic);
    if let Some(id) = text("id") {
        made = made.with_id(id);
    }
    if let Some(target) = text("target") {
        made = made.with_target(target);
    }
    if let Some(answered) = text("in_reply_to_event") {
        made = made.with_in_reply_to_event(answered);
    }
    if let Some(Value::Object(source)) = parts.remove("source") {
        for (name, value) in source {
            made = made.with_source(name, value);
        }
    }
    Ok(made.with_data(parts.remove("data").unwrap_or_default()))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn seconds(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("{seconds} seconds: {error}")))
}
