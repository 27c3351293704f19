//! The threads that call the handler.

mod queue;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ftrack_transport::Backoff;
use parking_lot::{Condvar, Mutex};

use self::queue::{Queue, Turn};
use crate::dead_letters::{DeadLetters, reason};
use crate::error::{BoxError, Error, Result};
use crate::followed::{Followed, Origin};
use crate::inputs::{Finished, Input, Inputs};
use crate::task::Task;

/// What handles events.
pub(crate) type Handler = Arc<dyn Fn(&Followed) -> Result<(), BoxError> + Send + Sync>;

/// How often handlers are tried, and what becomes of events that cannot be handled.
#[derive(Debug, Clone)]
pub(crate) struct Retries {
    /// How often after the first time.
    pub(crate) limit: u32,
    pub(crate) initial: Duration,
    pub(crate) max: Duration,
    pub(crate) dead_letters: Option<DeadLetters>,
}

/// The threads that call the handler, and what waits for them.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    /// There may be work, or the end has come.
    work: Condvar,
    /// A thread has become idle.
    idle: Condvar,
    handler: Handler,
    retries: Retries,
    inputs: Arc<Inputs>,
}

#[derive(Default)]
struct State {
    queue: Queue<Task>,
    running: usize,
    is_stopping: bool,
    /// Whether something that ran could not be finished because the end had come.
    is_cut_short: bool,
}

impl Pool {
    pub(crate) fn start(
        count: usize,
        handler: Handler,
        retries: Retries,
        inputs: Arc<Inputs>,
    ) -> Result<Self> {
        // If a thread cannot be started, those that run already end with this.
        let mut pool = Self {
            shared: Arc::new(Shared {
                state: Mutex::default(),
                work: Condvar::new(),
                idle: Condvar::new(),
                handler,
                retries,
                inputs,
            }),
            threads: Vec::new(),
        };
        for _ in 0..count.max(1) {
            let shared = Arc::clone(&pool.shared);
            let thread = thread::Builder::new().name("ftrack-follow".to_owned());
            let thread = thread.spawn(move || shared.work());
            pool.threads
                .push(thread.map_err(|source| Error::Thread { source })?);
        }
        Ok(pool)
    }

    /// How many tasks wait or run.
    pub(crate) fn len(&self) -> usize {
        self.shared.state.lock().queue.len()
    }

    pub(crate) fn push(&self, tasks: Vec<Task>) {
        let mut state = self.shared.state.lock();
        for task in tasks {
            let key = task.key.clone();
            state.queue.push(&key, task);
        }
        drop(state);
        self.shared.work.notify_all();
    }

    /// Begins nothing any more, and waits for what runs until a time; whether all of it has ended.
    pub(crate) fn stop(&self, until: Instant) -> bool {
        let mut state = self.shared.state.lock();
        state.is_stopping = true;
        self.shared.work.notify_all();
        while state.running > 0 {
            if self.shared.idle.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        state.running == 0 && !state.is_cut_short
    }

    /// What was not handled, once it is stopped.
    pub(crate) fn left(&self) -> Vec<Arc<Task>> {
        self.shared.state.lock().queue.drain()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop(Instant::now());
        let is_idle = self.shared.state.lock().running == 0;
        for thread in self.threads.drain(..).filter(|_| is_idle) {
            // A thread cannot panic: handlers are caught.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut state = self.state.lock();
        while !state.is_stopping {
            let Some(turn) = state.queue.take(Instant::now()) else {
                match state.queue.next_time() {
                    Some(time) => drop(self.work.wait_until(&mut state, time)),
                    None => self.work.wait(&mut state),
                }
                continue;
            };
            state.running += 1;
            drop(state);
            let outcome = self.run(&turn);
            state = self.state.lock();
            state.running -= 1;
            self.settle(&mut state, turn, outcome);
            self.idle.notify_all();
        }
    }

    /// Calls the handler, without a lock.
    fn run(&self, turn: &Turn<Task>) -> Outcome {
        let task = &turn.content;
        let followed = Followed {
            event: task.event.clone(),
            origin: task.origin,
            attempt: turn.attempt,
            key: task.key.clone(),
        };
        let handled = catch_unwind(AssertUnwindSafe(|| (self.handler)(&followed)));
        let problem = match handled {
            Ok(Ok(())) => return Outcome::Done { is_dead: false },
            Ok(Err(error)) => reason(&*error),
            Err(panic) => format!("the handler panicked: {}", panic_text(&*panic)),
        };
        let (id, attempt) = (&followed.event.id, turn.attempt);
        tracing::warn!(id, attempt, problem, "the handler failed");
        if self.state.lock().is_stopping {
            return Outcome::CutShort(problem);
        }
        if turn.attempt <= self.retries.limit {
            return Outcome::Again(problem);
        }
        let Some(letters) = &self.retries.dead_letters else {
            tracing::error!(id, problem, event = %followed.event.to_json(), "an event is given up");
            return Outcome::Done { is_dead: true };
        };
        match letters.add(&followed, problem) {
            Ok(()) => Outcome::Done { is_dead: true },
            Err(error) => Outcome::Fatal(error),
        }
    }

    fn settle(&self, state: &mut State, turn: Turn<Task>, outcome: Outcome) {
        match outcome {
            Outcome::Done { is_dead } => {
                let finished = Finished {
                    task: turn.content.number,
                    is_dead,
                    is_caught_up: turn.content.origin != Origin::Live,
                };
                state.queue.done(turn);
                self.work.notify_all();
                self.inputs.push(Input::Finished(finished));
            }
            Outcome::Again(problem) => {
                let delay = self.delay(turn.attempt);
                state.queue.retry(turn, Instant::now() + delay);
                self.work.notify_all();
                self.inputs.push(Input::Failed(problem));
            }
            // It is not acknowledged, and comes again at the next start.
            Outcome::CutShort(problem) => {
                state.is_cut_short = true;
                self.inputs.push(Input::Failed(problem));
            }
            // It keeps its place, and is not acknowledged.
            Outcome::Fatal(error) => self.inputs.push(Input::Fatal(error)),
        }
    }

    /// How long to wait after this many attempts.
    fn delay(&self, attempts: u32) -> Duration {
        let mut backoff = Backoff::new(self.retries.initial, self.retries.max);
        for _ in 1..attempts.min(64) {
            backoff.next_delay();
        }
        backoff.next_delay()
    }
}

/// What became of a task.
enum Outcome {
    Done { is_dead: bool },
    Again(String),
    CutShort(String),
    Fatal(Error),
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests;
