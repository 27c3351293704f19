//! The end of a listener.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Follower;
use crate::error::Result;
use crate::followed::Followed;
use crate::health::ListenerState;
use crate::inputs::Input;
use crate::log::queried::is_told_by_queries;
use crate::log::row::UPDATE;
use crate::settings::FollowEnded;
use crate::task::Task;

/// How long the position may take to be stored at last.
const STORING: Duration = Duration::from_secs(2);

impl Follower {
    /// Finishes what is in hand, within bounds, and stores the position.
    pub(super) fn finish(mut self, outcome: Result<()>) -> Result<FollowEnded> {
        self.tell_state(ListenerState::Stopping);
        let until = Instant::now() + self.stop_within;
        // Nothing arrives any more.
        drop(self.pump.take());
        let is_idle = self.pool.stop(until);
        let now = Instant::now();
        let mut outcome = outcome;
        let (inputs, arrivals) = self.inputs.take(now, true);
        for input in inputs {
            match input {
                Input::Finished(finished) => self.acknowledge(finished),
                Input::Fatal(error) if outcome.is_ok() => outcome = Err(error),
                _ => {}
            }
        }
        for arrival in arrivals {
            self.let_in(arrival, now);
        }
        let kept = self.keep_what_nobody_remembers();
        if outcome.is_ok() {
            outcome = kept;
        }
        let limit = Instant::now() + STORING;
        while !self.store() && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(200));
        }
        match outcome {
            Ok(()) => {
                self.tell_state(ListenerState::Stopped);
                Ok(if is_idle {
                    FollowEnded::Stopped
                } else {
                    FollowEnded::Interrupted
                })
            }
            Err(error) => {
                self.report.ends_by(&error);
                self.tell_state(ListenerState::Failed);
                Err(error)
            }
        }
    }

    /// What has arrived, was not handled, and is in no log: it becomes a dead letter, so that it can be replayed. What
    /// is in the log, or will be told by queries where that cannot be read, comes again at the next start.
    fn keep_what_nobody_remembers(&mut self) -> Result<()> {
        let has_log = self.reader.is_readable();
        if !has_log {
            // What was held until rows are read is all there is.
            self.timeline.caught_up(Instant::now());
        }
        let mut left = self.pool.left();
        left.extend(self.timeline.take().into_iter().map(Arc::new));
        left.retain(|task| !comes_again(task, has_log));
        left.sort_by_key(|task| task.number);
        for task in left {
            self.keep(&task)?;
            self.timeline.finish(task.number);
        }
        Ok(())
    }

    fn keep(&self, task: &Task) -> Result<()> {
        let followed = Followed {
            event: task.event.clone(),
            origin: task.origin,
            attempt: 0,
            key: task.key.clone(),
        };
        let Some(letters) = &self.retries.dead_letters else {
            tracing::warn!(
                event = %followed.event.to_json(),
                "an event was not handled before the listener stopped, and nobody remembers it"
            );
            return Ok(());
        };
        let why = "the listener stopped before it was handled";
        letters.add(&followed, why.to_owned())
    }
}

/// Whether an event is told at the next start.
fn comes_again(task: &Task, has_log: bool) -> bool {
    task.event.topic == UPDATE && (has_log || is_told_by_queries(&task.event.data["entities"][0]))
}
