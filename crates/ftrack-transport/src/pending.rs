//! An answer that is still to come.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::sync::{Condvar, Mutex};

/// An answer that is still to come.
///
/// It can be waited for, looked at, cancelled, or awaited in an asynchronous program. Waiting
/// blocks the thread on a plain condition variable, so it is safe inside anybody's runtime.
/// Dropping it cancels the request where that is still possible.
///
/// ```
/// use std::time::Duration;
/// use ftrack_transport::Pending;
///
/// let (completer, mut pending) = Pending::channel();
/// assert!(!pending.is_ready());
/// assert_eq!(pending.wait_timeout(Duration::from_millis(1))?, None);
/// completer.complete(Ok(8));
/// assert_eq!(pending.wait()?, 8);
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
#[must_use = "dropping it cancels the request"]
pub struct Pending<T> {
    slot: Arc<Slot<T>>,
}

/// The other end of a [`Pending`], for whoever makes the answer.
///
/// Dropped without an answer, it answers [`Error::Interrupted`].
pub struct Completer<T> {
    slot: Arc<Slot<T>>,
}

/// Cancels a request from elsewhere, for example from another thread than the one that waits.
///
/// ```
/// use ftrack_transport::{Error, Pending};
///
/// let (_completer, pending) = Pending::<()>::channel();
/// let canceller = pending.canceller();
/// std::thread::spawn(move || canceller.cancel());
/// assert!(matches!(pending.wait(), Err(Error::Cancelled)));
/// ```
#[derive(Clone)]
pub struct Canceller {
    slot: Arc<dyn Cancel>,
}

impl<T: Send + 'static> Pending<T> {
    /// An answer to come, and the end from which it is given.
    pub fn channel() -> (Completer<T>, Self) {
        let slot = Arc::new(Slot {
            content: Mutex::new(Content {
                state: State::Waiting,
                waker: None,
                on_cancel: None,
            }),
            changed: Condvar::new(),
        });
        (
            Completer {
                slot: Arc::clone(&slot),
            },
            Self { slot },
        )
    }

    /// An answer that is there already.
    pub fn ready(result: Result<T>) -> Self {
        let (completer, pending) = Self::channel();
        completer.complete(result);
        pending
    }

    /// A way to cancel the request from elsewhere.
    pub fn canceller(&self) -> Canceller {
        let slot: Arc<dyn Cancel> = Arc::<Slot<T>>::clone(&self.slot);
        Canceller { slot }
    }
}

impl<T> Pending<T> {
    /// Blocks until the answer is there.
    ///
    /// # Errors
    /// What kept the answer from coming, [`Error::Cancelled`] included.
    pub fn wait(self) -> Result<T> {
        if let Some(is_interrupted) = crate::interruption::check() {
            return self.wait_looking_up(&*is_interrupted);
        }
        let mut content = self.slot.content.lock();
        while content.is_waiting() {
            self.slot.changed.wait(&mut content);
        }
        content.take()
    }

    /// Waits, and looks from time to time whether it is to stop.
    fn wait_looking_up(mut self, is_interrupted: &dyn Fn() -> bool) -> Result<T> {
        loop {
            if let Some(answer) = self.wait_timeout(crate::interruption::LOOK)? {
                return Ok(answer);
            }
            if is_interrupted() {
                self.cancel();
            }
        }
    }

    /// Blocks until the answer is there, but no longer than this; `None` if it is not there yet.
    ///
    /// The answer is given out once.
    ///
    /// # Errors
    /// What kept the answer from coming; [`Error::Interrupted`] if it was given out before.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<T>> {
        let until = Instant::now().checked_add(timeout);
        let mut content = self.slot.content.lock();
        while content.is_waiting() {
            match until {
                Some(until) => {
                    if self
                        .slot
                        .changed
                        .wait_until(&mut content, until)
                        .timed_out()
                    {
                        break;
                    }
                }
                None => self.slot.changed.wait(&mut content),
            }
        }
        if content.is_waiting() {
            Ok(None)
        } else {
            content.take().map(Some)
        }
    }

    /// Whether waiting would return at once.
    pub fn is_ready(&self) -> bool {
        !self.slot.content.lock().is_waiting()
    }

    /// Cancels the request where that is still possible; waiting then answers
    /// [`Error::Cancelled`]. An answer that is there already stays.
    ///
    /// The server may have carried the request out all the same.
    pub fn cancel(&self) {
        self.slot.finish(Err(Error::Cancelled), Hook::Run);
    }

    /// As [`Completer::on_cancel`], from this end.
    pub(crate) fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        self.slot.on_cancel(Box::new(hook));
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // A waker is foreign code, also where it is copied and dropped.
        let waker = context.waker().clone();
        let mut content = self.slot.content.lock();
        if content.is_waiting() {
            let before = content.waker.replace(waker);
            drop(content);
            drop(before);
            return Poll::Pending;
        }
        Poll::Ready(content.take())
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<T> Completer<T> {
    /// Gives the answer. It is dropped if nobody waits any more.
    pub fn complete(self, result: Result<T>) {
        self.slot.finish(result, Hook::Forget);
    }

    /// Whether the answer is no longer wanted.
    pub fn is_cancelled(&self) -> bool {
        !self.slot.content.lock().is_waiting()
    }

    /// Runs this when the request is cancelled; at once if it has been already.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        self.slot.on_cancel(Box::new(hook));
    }
}

impl<T> Drop for Completer<T> {
    fn drop(&mut self) {
        self.slot.finish(Err(Error::Interrupted), Hook::Forget);
    }
}

impl Canceller {
    /// Cancels the request, as [`Pending::cancel`] does.
    pub fn cancel(&self) {
        self.slot.cancel();
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pending")
            .field("ready", &self.is_ready())
            .finish()
    }
}

impl<T> fmt::Debug for Completer<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Completer")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Canceller").finish_non_exhaustive()
    }
}

/// Where the two ends meet.
struct Slot<T> {
    content: Mutex<Content<T>>,
    changed: Condvar,
}

struct Content<T> {
    state: State<T>,
    waker: Option<Waker>,
    on_cancel: Option<Box<dyn FnOnce() + Send>>,
}

enum State<T> {
    Waiting,
    Done(Result<T>),
    Taken,
}

/// What becomes of the hook that stops the work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hook {
    Run,
    Forget,
}

trait Cancel: Send + Sync {
    fn cancel(&self);
}

impl<T: Send> Cancel for Slot<T> {
    fn cancel(&self) {
        self.finish(Err(Error::Cancelled), Hook::Run);
    }
}

impl<T> Slot<T> {
    fn on_cancel(&self, hook: Box<dyn FnOnce() + Send>) {
        let mut content = self.content.lock();
        match content.state {
            State::Waiting => {
                let before = content.on_cancel.replace(hook);
                drop(content);
                drop(before);
            }
            State::Done(Err(Error::Cancelled)) | State::Taken => {
                drop(content);
                hook();
            }
            State::Done(_) => {}
        }
    }

    /// Sets the answer unless there is one. Wakers, hooks and unwanted answers are foreign code,
    /// so they run without the lock.
    fn finish(&self, result: Result<T>, hook: Hook) {
        let mut content = self.content.lock();
        if !content.is_waiting() {
            drop(content);
            return;
        }
        content.state = State::Done(result);
        let waker = content.waker.take();
        let on_cancel = content.on_cancel.take();
        drop(content);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
        if let (Some(on_cancel), Hook::Run) = (on_cancel, hook) {
            on_cancel();
        }
    }
}

impl<T> Content<T> {
    fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting)
    }

    fn take(&mut self) -> Result<T> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Done(result) => result,
            State::Waiting | State::Taken => Err(Error::Interrupted),
        }
    }
}
