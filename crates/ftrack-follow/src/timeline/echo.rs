//! What was told and is still to be found in the log.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::split::Arrival;
use crate::log::change::Change;
use crate::position::StoredEcho;

/// How many are kept; the oldest go first.
const LIMIT: usize = 10_000;

/// How long a row may take to appear.
const LIFE: Duration = Duration::from_secs(600);

/// How long an echo is kept once a row of a later event was read. The log may have another order than the events.
const SETTLE: Duration = Duration::from_secs(1);

/// An event that was told, and whose rows were not all read.
#[derive(Debug)]
struct Echo {
    change: Change,
    batch: u64,
    /// The task that it is told by; nothing once that is done with.
    task: Option<u64>,
    since: Instant,
}

/// Who tells what a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// A task that is in hand.
    InHand(u64),
    /// One that is done with.
    Done,
}

/// What was told and is still to be found in the log, oldest first.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    list: VecDeque<Echo>,
    batch: u64,
}

impl Echoes {
    pub(super) fn restored(stored: Vec<StoredEcho>, now: Instant) -> Self {
        let batch = stored.iter().map(|echo| echo.batch).max().unwrap_or(0);
        let list = stored.into_iter().map(|echo| Echo {
            change: echo.change,
            batch: echo.batch,
            task: None,
            since: now,
        });
        Self {
            list: list.collect(),
            batch,
        }
    }

    /// A number for the next event.
    pub(super) fn next_batch(&mut self) -> u64 {
        self.batch += 1;
        self.batch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those whose events are done with.
    pub(super) fn done(&self) -> Vec<StoredEcho> {
        let done = self.list.iter().filter(|echo| echo.task.is_none());
        done.map(|echo| StoredEcho {
            change: echo.change.clone(),
            batch: echo.batch,
        })
        .collect()
    }

    /// An arrival was told by a task, or is not wanted.
    pub(super) fn add(&mut self, arrival: &Arrival, task: Option<u64>, now: Instant) {
        let Some(change) = &arrival.change else {
            return;
        };
        if self.list.len() >= LIMIT {
            self.list.pop_front();
        }
        self.list.push_back(Echo {
            change: change.clone(),
            batch: arrival.batch,
            task,
            since: now,
        });
    }

    /// A row was read: who tells what it says; nothing if it says something new.
    pub(super) fn answer(&mut self, row: &Change, no_gaps: bool, now: Instant) -> Option<Answer> {
        let position = self.list.iter().position(|echo| echo.change.covers(row))?;
        let echo = self.list.get_mut(position)?;
        let (task, batch) = (echo.task, echo.batch);
        if echo.change.take(row) {
            self.list.remove(position);
        }
        if no_gaps {
            // Rows come in the order of events: those of earlier ones were all read.
            let is_settled = |echo: &Echo| echo.batch < batch && echo.since + SETTLE <= now;
            self.list.retain(|echo| !is_settled(echo));
        }
        Some(match task {
            Some(task) => Answer::InHand(task),
            None => Answer::Done,
        })
    }

    /// A task is done with.
    pub(super) fn finish(&mut self, task: u64) {
        for echo in &mut self.list {
            if echo.task == Some(task) {
                echo.task = None;
            }
        }
    }

    pub(super) fn expire(&mut self, now: Instant) {
        let is_old = |echo: &Echo| echo.since + LIFE <= now;
        while self.list.front().is_some_and(is_old) {
            self.list.pop_front();
        }
    }
}
