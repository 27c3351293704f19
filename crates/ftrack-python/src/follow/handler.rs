//! What is called with each event: a function of Python, or what gives it to a loop of Python.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use ftrack::follow::{BoxError, Followed};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::stopping::{SLICE, Stopping};

/// The parts of an event, where it comes from, how often it was given out, and what keeps its order.
pub(super) type Parts<'py> = (Bound<'py, PyDict>, &'static str, u32, String);

/// What the engine calls.
pub(super) type Handler = Box<dyn Fn(&Followed) -> Result<(), BoxError> + Send + Sync>;

pub(super) fn parts<'py>(py: Python<'py>, followed: &Followed) -> PyResult<Parts<'py>> {
    Ok((
        crate::hub::parts(py, followed.event())?,
        followed.origin().as_str(),
        followed.attempt(),
        followed.key().to_owned(),
    ))
}

/// Calls a function of Python. The engine does that on threads of its own, with no lock held.
pub(super) fn calls(function: Py<PyAny>, stopping: Stopping) -> Handler {
    Box::new(move |followed| call(&function, followed, Some(&stopping)))
}

/// Calls a function of Python with an event. What ends the program, such as `SystemExit`, ends the listener.
pub(super) fn call(
    function: &Py<PyAny>,
    followed: &Followed,
    stopping: Option<&Stopping>,
) -> Result<(), BoxError> {
    Python::attach(|py| {
        let called = parts(py, followed).and_then(|parts| function.bind(py).call1(parts));
        called.map(drop).map_err(|raised| {
            if let Some(stopping) = stopping
                && !raised.is_instance_of::<PyException>(py)
            {
                stopping.end_by(raised.clone_ref(py));
            }
            raised.into()
        })
    })
}

/// An event for the loop, and how to say that it is done with.
type Offer = (Followed, Sender<()>);

/// What events the loop is offered. When it is dropped, what was not done with is refused.
pub(super) struct Offers {
    offered: Mutex<Receiver<Offer>>,
    /// How to say that the event before is done with.
    last: Mutex<Option<Sender<()>>>,
}

/// What the loop is offered.
pub(super) enum Offered {
    Event(Box<Followed>),
    /// Not yet.
    Nothing,
    /// Never again.
    End,
}

impl Offers {
    /// What a loop is offered, and the handler that offers it.
    pub(super) fn new() -> (Self, Handler) {
        let (offer, offered) = sync_channel(0);
        let offers = Self {
            offered: Mutex::new(offered),
            last: Mutex::default(),
        };
        (offers, Box::new(move |followed| give(&offer, followed)))
    }

    /// The next one, if there is one soon.
    pub(super) fn next(&self) -> Offered {
        let offered = {
            let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
            offered.recv_timeout(SLICE)
        };
        match offered {
            Ok((followed, done)) => {
                *self.last() = Some(done);
                Offered::Event(Box::new(followed))
            }
            Err(RecvTimeoutError::Timeout) => Offered::Nothing,
            Err(RecvTimeoutError::Disconnected) => Offered::End,
        }
    }

    /// The event that was given out last is done with.
    pub(super) fn done(&self) {
        if let Some(done) = self.last().take() {
            // Where nobody listens any more, it comes again.
            let _ = done.send(());
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Option<Sender<()>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives an event to the loop, and waits until it is done with.
fn give(offer: &SyncSender<Offer>, followed: &Followed) -> Result<(), BoxError> {
    let (sender, done) = channel();
    let given = offer.send((followed.clone(), sender)).is_ok();
    if given && done.recv().is_ok() {
        return Ok(());
    }
    Err("the loop has ended".into())
}
