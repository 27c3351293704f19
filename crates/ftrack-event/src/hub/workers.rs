//! Handling what arrives, on threads of the hub.

use std::fmt;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::dispatch::Step;
use super::wait::is_the_end;
use super::{Core, EventHub};
use crate::error::{Error, Result};
use crate::inbox::{Idle, QueuedEvent};
use crate::keyed_queue::KeyedQueue;

/// How many events may be with the workers for each thread. The others stay in the hub's queue,
/// which is bounded.
const AHEAD: usize = 64;

/// How often the thread that hands out events looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(100);

/// Threads that handle events; see [`EventHub::run_workers`].
///
/// Dropping it asks them to end, after the handlers that are just running, and does not wait.
#[must_use = "dropping it ends the threads"]
pub struct Workers {
    pool: Arc<Pool>,
    threads: Vec<JoinHandle<()>>,
}

impl EventHub {
    /// Handles events as they arrive, on `count` threads, at least one.
    ///
    /// For each subscriber events come one after the other in the order of arrival; different
    /// subscribers run at the same time, so a slow one does not delay the others. For each event
    /// the order of priorities holds, and [`Event::stop`](crate::Event::stop) means the same as
    /// ever. Do not use [`wait`](Self::wait) at the same time: each would get some of the events.
    ///
    /// The threads keep the hub.
    ///
    /// ```no_run
    /// # fn example(hub: &ftrack_event::EventHub) -> ftrack_event::Result<()> {
    /// let workers = hub.run_workers(4)?;
    /// workers.join(); // until the connection ends for good
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotConnected`] if the hub has never been connected, [`Error::Workers`] if the
    /// system has no threads left, [`Error::InvalidOptions`] if another hub does the work of this
    /// one.
    pub fn run_workers(&self, count: usize) -> Result<Workers> {
        if self.core.relay.is_some() {
            return Err(crate::relay::not_here("run_workers"));
        }
        if !self.has_been_connected() {
            return Err(Error::NotConnected);
        }
        Workers::start(&self.core, count.max(1))
    }
}

impl Workers {
    fn start(core: &Arc<Core>, count: usize) -> Result<Self> {
        let pool = Arc::new(Pool {
            core: Arc::clone(core),
            state: Mutex::new(State {
                queue: KeyedQueue::new(),
                phase: Phase::Open,
            }),
            work: Condvar::new(),
            room: Condvar::new(),
            limit: count.saturating_mul(AHEAD),
        });
        // If a thread cannot be started, those that run already end with this.
        let mut workers = Self {
            pool,
            threads: Vec::new(),
        };
        workers.spawn("ftrack-events", Pool::hand_out)?;
        for _ in 0..count {
            workers.spawn("ftrack-handler", Pool::work)?;
        }
        Ok(workers)
    }

    fn spawn(&mut self, name: &str, run: fn(&Pool)) -> Result<()> {
        let pool = Arc::clone(&self.pool);
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&pool))
            .map_err(|source| Error::Workers { source })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Blocks until the connection has ended for good and all that arrived is handled.
    pub fn join(mut self) {
        self.join_threads();
    }

    /// Ends the threads and waits for the handlers that are just running. What has arrived and was
    /// not handled is dropped.
    pub fn stop(mut self) {
        self.pool.set_phase(Phase::Stopped);
        self.join_threads();
    }

    fn join_threads(&mut self) {
        let own = thread::current().id();
        for thread in self.threads.drain(..) {
            // A handler may end the workers; its own thread cannot wait for itself.
            if thread.thread().id() != own {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.pool.set_phase(Phase::Stopped);
        }
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Workers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}

struct Pool {
    core: Arc<Core>,
    state: Mutex<State>,
    /// There is a step to run, or the phase has changed.
    work: Condvar,
    /// There is room for another event, or the phase has changed.
    room: Condvar,
    limit: usize,
}

struct State {
    queue: KeyedQueue<Arc<Work>>,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Phase {
    Open,
    /// Nothing more will come; what is here is still handled.
    Ending,
    Stopped,
}

struct Work {
    /// Taken out while a step runs, so that the step may change it and no lock is held. The steps
    /// of a job run one after the other, so it is there whenever one begins.
    arrival: Mutex<Option<QueuedEvent>>,
    steps: Vec<Step>,
}

impl Pool {
    /// Takes what arrives and hands it to the workers.
    fn hand_out(&self) {
        let inbox = &self.core.shared.inbox;
        while self.wait_for_room() {
            match inbox.pop(Some(Instant::now() + GLANCE), inbox.stops()) {
                Ok(arrival) => {
                    let ends = is_the_end(&arrival) && self.core.has_ended();
                    self.add(arrival);
                    if ends {
                        self.set_phase(Phase::Ending);
                    }
                }
                // Somebody else may have taken the event that tells of the end.
                Err(Idle::Elapsed) if self.core.is_over() => self.set_phase(Phase::Ending),
                Err(Idle::Elapsed) => self.core.shared.replies.expire(Instant::now()),
                Err(Idle::Stopped) => {}
            }
        }
    }

    /// Whether there will be room for another event.
    fn wait_for_room(&self) -> bool {
        let mut state = self.state.lock();
        while state.phase == Phase::Open && state.queue.len() >= self.limit {
            self.room.wait(&mut state);
        }
        state.phase == Phase::Open
    }

    fn add(&self, arrival: QueuedEvent) {
        let steps = self.core.plan(&arrival);
        let keys = steps.iter().map(Step::key).collect();
        let work = Arc::new(Work {
            arrival: Mutex::new(Some(arrival)),
            steps,
        });
        self.state.lock().queue.add(work, keys);
        self.work.notify_one();
    }

    /// Runs steps until there are no more.
    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            if state.phase == Phase::Stopped {
                return;
            }
            if let Some(turn) = state.queue.take() {
                drop(state);
                let is_stopped = self.run(&turn.content, turn.step);
                state = self.state.lock();
                state.queue.done(&turn, is_stopped);
                self.work.notify_all();
                self.room.notify_one();
            } else if state.phase == Phase::Ending && state.queue.len() == 0 {
                return;
            } else {
                self.work.wait(&mut state);
            }
        }
    }

    /// Runs one step; whether the event is stopped.
    fn run(&self, work: &Work, step: usize) -> bool {
        let taken = work.arrival.lock().take();
        let (Some(step), Some(mut arrival)) = (work.steps.get(step), taken) else {
            return true;
        };
        self.core.perform(step, &mut arrival);
        let is_stopped = arrival.event().is_stopped();
        *work.arrival.lock() = Some(arrival);
        is_stopped
    }

    fn set_phase(&self, phase: Phase) {
        let mut state = self.state.lock();
        if state.phase < phase {
            state.phase = phase;
        }
        drop(state);
        self.work.notify_all();
        self.room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Event;
    use crate::subscriber::SubscribeOptions;
    use crate::topics;

    #[test]
    fn a_slow_subscriber_delays_nobody_and_each_keeps_its_order() {
        let hub = EventHub::local();
        let seen: Arc<Mutex<Vec<(&str, u64)>>> = Arc::default();
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let blocked = Mutex::new(blocked);
        let note = |name: &'static str| {
            let seen = Arc::clone(&seen);
            move |event: &Event| seen.lock().push((name, event.data["n"].as_u64().unwrap()))
        };
        let slow = note("slow");
        hub.subscribe("data.slow=true", move |event| {
            blocked.lock().recv()?;
            slow(event);
            Ok(None)
        })
        .unwrap();
        let quick = note("quick");
        let quick_seen = Arc::clone(&seen);
        hub.subscribe_with(
            "topic=t",
            SubscribeOptions::new().priority(200),
            move |event| {
                quick(event);
                if quick_seen.lock().len() == 19 {
                    for _ in 0..2 {
                        release.send(())?;
                    }
                }
                Ok(None)
            },
        )
        .unwrap();
        let workers = Workers::start(&hub.core, 3).unwrap();
        let push = |event| hub.core.shared.inbox.push(QueuedEvent::Local(event), 0);
        push(Event::new("other").with_data(json!({"slow": true, "n": 100})));
        for n in 0..19 {
            push(Event::new("t").with_data(json!({"n": n})));
        }
        push(Event::new("t").with_data(json!({"slow": true, "n": 101})));
        push(Event::new(topics::DISCONNECTED));
        workers.join();

        let seen = seen.lock();
        let of = |name| -> Vec<u64> {
            seen.iter()
                .filter(|(who, _)| *who == name)
                .map(|(_, n)| *n)
                .collect()
        };
        assert_eq!(of("slow"), [100, 101]);
        let expected: Vec<u64> = (0..19).chain([101]).collect();
        assert_eq!(of("quick"), expected);
    }

    #[test]
    fn stopping_drops_what_waits_and_waits_for_what_runs() {
        let hub = EventHub::local();
        let (started, has_started) = std::sync::mpsc::channel();
        hub.subscribe("topic=t", move |_| {
            started.send(())?;
            thread::sleep(Duration::from_millis(20));
            Ok(None)
        })
        .unwrap();
        let workers = Workers::start(&hub.core, 1).unwrap();
        for _ in 0..1_000 {
            hub.core
                .shared
                .inbox
                .push(QueuedEvent::Local(Event::new("t")), 0);
        }
        has_started.recv().unwrap();
        workers.stop();
        let calls = hub.status().handlers.calls;
        assert!((1..1_000).contains(&calls), "{calls}");
    }
}
