//! The threads on which input and output happen.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tracing::instrument::WithSubscriber;

use crate::error::{Error, Result};
use crate::pending::Pending;

/// A small runtime on threads of its own.
///
/// It starts with the first piece of work and ends, without waiting for anything, with
/// [`close`](Self::close) or its last handle. Code of users never runs on its worker threads.
///
/// ```
/// use ftrack_transport::Engine;
///
/// let engine = Engine::new();
/// assert_eq!(engine.spawn(async { Ok(6 * 7) }).wait()?, 42);
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// A handle of an [`Engine`] that does not keep it running.
pub(crate) struct WeakEngine(Weak<Shared>);

impl WeakEngine {
    /// As [`Engine::spawn`]; an engine that is gone counts as closed.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Pending<T> {
        match self.0.upgrade() {
            Some(shared) => Engine { shared }.spawn(work),
            None => Pending::ready(Err(Error::Closed)),
        }
    }
}

struct Shared {
    /// The process it was made in. Its threads exist nowhere else.
    process: u32,
    state: Mutex<State>,
}

enum State {
    Idle,
    Running(Runtime),
    Closed,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine that has not started yet.
    pub fn new() -> Self {
        Self::for_process(std::process::id())
    }

    fn for_process(process: u32) -> Self {
        Self {
            shared: Arc::new(Shared {
                process,
                state: Mutex::new(State::Idle),
            }),
        }
    }

    /// Starts a piece of work. Dropping or cancelling what it returns stops it at its next pause.
    ///
    /// Time and sockets of tokio can be used in it. It answers [`Error::Closed`] after
    /// [`close`](Self::close) and [`Error::Forked`] in a forked process.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Pending<T> {
        let runtime = match self.runtime() {
            Ok(runtime) => runtime,
            Err(error) => return Pending::ready(Err(error)),
        };
        let (completer, pending) = Pending::channel();
        let process = self.shared.process;
        let work = async move { completer.complete(work.await) };
        let task = runtime.spawn(work.with_current_subscriber()).abort_handle();
        pending.on_cancel(move || {
            // In a forked process nobody is there to be told, and locks may be held forever.
            if std::process::id() == process {
                task.abort();
            }
        });
        pending
    }

    /// Stops all work. Does not wait, and may be called from anywhere, more than once.
    pub fn close(&self) {
        if self.is_elsewhere() {
            return;
        }
        let state = std::mem::replace(&mut *self.shared.state.lock(), State::Closed);
        state.shut_down();
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        !self.is_elsewhere() && matches!(*self.shared.state.lock(), State::Closed)
    }

    /// A handle that does not keep the engine running.
    pub(crate) fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.shared))
    }

    /// Whether this process is not the one that it was made in.
    pub(crate) fn is_elsewhere(&self) -> bool {
        std::process::id() != self.shared.process
    }

    /// A handle to the threads, started if need be. It does not keep them running.
    fn runtime(&self) -> Result<Handle> {
        // Looked at before the lock, which a thread of the parent may have held when it forked.
        if self.is_elsewhere() {
            return Err(Error::Forked);
        }
        let mut state = self.shared.state.lock();
        if matches!(*state, State::Idle) {
            *state = State::Running(start()?);
        }
        match &*state {
            State::Running(runtime) => Ok(runtime.handle().clone()),
            State::Idle | State::Closed => Err(Error::Closed),
        }
    }
}

fn start() -> Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("ftrack-io")
        .enable_all()
        .build()
        .map_err(|source| Error::Engine { source })
}

impl State {
    fn shut_down(self) {
        if let Self::Running(runtime) = self {
            // The one way to end a runtime that may be used inside another one.
            runtime.shutdown_background();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = std::mem::replace(self.state.get_mut(), State::Closed);
        if std::process::id() == self.process {
            state.shut_down();
        } else {
            // Its threads are not in this process, so there is nothing that could be ended.
            std::mem::forget(state);
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Engine").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn nothing_runs_after_closing() {
        let engine = Engine::new();
        let endless = engine.spawn(std::future::pending::<Result<()>>());
        engine.close();
        engine.close();
        assert!(engine.is_closed());
        assert!(matches!(endless.wait(), Err(Error::Interrupted)));
        assert!(matches!(
            engine.spawn(async { Ok(()) }).wait(),
            Err(Error::Closed)
        ));
    }

    #[test]
    fn a_forked_process_is_told_so() {
        let engine = Engine::for_process(std::process::id() + 1);
        assert!(matches!(
            engine.spawn(async { Ok(()) }).wait(),
            Err(Error::Forked)
        ));
        engine.close();
    }

    #[test]
    fn cancelling_stops_the_work() {
        struct NoticeOnDrop(std::sync::mpsc::Sender<()>);
        impl Drop for NoticeOnDrop {
            fn drop(&mut self) {
                let _ = self.0.send(());
            }
        }
        let (sender, gone) = std::sync::mpsc::channel();
        let engine = Engine::new();
        let guard = NoticeOnDrop(sender);
        let pending = engine.spawn(async move {
            let _guard = guard;
            std::future::pending::<Result<()>>().await
        });
        drop(pending);
        assert_eq!(gone.recv_timeout(Duration::from_secs(10)), Ok(()));
    }

    #[test]
    fn work_that_panics_interrupts_and_leaves_the_engine_usable() {
        let engine = Engine::new();
        let broken = engine.spawn(async {
            assert!(std::process::id() == 0, "this panic is part of the test");
            Ok(())
        });
        assert!(matches!(broken.wait(), Err(Error::Interrupted)));
        assert_eq!(engine.spawn(async { Ok(1) }).wait().unwrap(), 1);
    }

    #[test]
    fn the_last_handle_may_be_dropped_on_an_engine_thread() {
        let engine = Engine::new();
        let inner = engine.clone();
        let (sender, received) = std::sync::mpsc::channel();
        let pending = engine.spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(inner);
            let _ = sender.send(());
            Ok(())
        });
        drop(engine);
        received.recv_timeout(Duration::from_secs(10)).unwrap();
        let _ = pending.wait();
    }
}
