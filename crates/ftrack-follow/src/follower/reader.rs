//! When the log of the server is read, and how far.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ftrack_session::Error;
use ftrack_transport::Backoff;

use crate::log::row::{Remembered, Row};
use crate::log::vocabulary::Vocabulary;
use crate::log::{Log, PAGE, is_final};
use crate::timeline::Timeline;

/// How often the reader checks whether something was missed of which nothing tells.
const IDLE: Duration = Duration::from_secs(30);

/// How often the reader looks for rows whose numbers were skipped: they may belong to transactions that were not over.
const SWEEP: Duration = Duration::from_secs(5);

/// How long such transactions may take.
const SETTLED: Duration = Duration::from_secs(60);

/// How long a log that cannot be read is left alone.
const UNREADABLE: Duration = Duration::from_secs(300);

/// Reads the log of the server.
pub(crate) struct Reader {
    log: Box<dyn Log>,
    vocabulary: Vocabulary,
    /// The row after which to read.
    cursor: i64,
    next: Instant,
    next_sweep: Instant,
    backoff: Backoff,
    /// The highest row at earlier moments.
    heights: VecDeque<(i64, Instant)>,
    is_readable: bool,
}

/// How far a reading came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// There is more.
    More,
    /// All that there was.
    End,
    /// The log cannot be read by this user or on this server.
    Unreadable,
}

impl Reader {
    pub(crate) fn new(log: Box<dyn Log>, vocabulary: Vocabulary, now: Instant) -> Self {
        Self {
            log,
            vocabulary,
            cursor: 0,
            next: now,
            next_sweep: now + SWEEP,
            backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(10)),
            heights: VecDeque::new(),
            is_readable: true,
        }
    }

    /// Whether the log can be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.is_readable
    }

    /// Whether it is time to read.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.next <= now
    }

    /// When it is time to read.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Reads this soon: something was told whose row is not known.
    pub(crate) fn hurry(&mut self, now: Instant, delay: Duration) {
        if self.is_readable && self.backoff.attempts() == 0 {
            self.next = self.next.min(now + delay);
        }
    }

    /// Reads at once, and from where there is the first gap: what was in hand when a listener was killed lies between
    /// what it had done.
    pub(crate) fn begin(&mut self, timeline: &Timeline, now: Instant) {
        self.cursor = timeline.read().floor();
        self.heights.clear();
        self.backoff.reset();
        self.next = now;
    }

    /// Whether the last attempt failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.backoff.attempts() > 0
    }

    /// Something that belongs to reading has failed: it is tried again after a while.
    pub(crate) fn put_off(&mut self, now: Instant) {
        self.next = now + self.backoff.next_delay();
    }

    /// Reads a page. After an error it is not due for a while.
    pub(crate) fn read(&mut self, timeline: &mut Timeline, now: Instant) -> Result<Reached, Error> {
        let outcome = self.try_read(timeline, now);
        match &outcome {
            Ok(reached) => {
                // While rows that there were cannot be read, what was told has to be known.
                if *reached == Reached::End || timeline.is_unread() {
                    timeline.expire(now);
                }
                self.backoff.reset();
                self.is_readable = *reached != Reached::Unreadable;
                self.next = now
                    + match reached {
                        Reached::More => Duration::ZERO,
                        Reached::End if timeline.read().has_gaps() => SWEEP,
                        Reached::End => IDLE,
                        Reached::Unreadable => UNREADABLE,
                    };
            }
            Err(_) => self.next = now + self.backoff.next_delay(),
        }
        outcome
    }

    fn try_read(&mut self, timeline: &mut Timeline, now: Instant) -> Result<Reached, Error> {
        let page = match self.next_page(timeline) {
            Err(error) if is_final(&error) => {
                tracing::warn!(%error, "the server's log of events cannot be read: only queries tell what was missed");
                return Ok(Reached::Unreadable);
            }
            page => page?,
        };
        let is_full = page.len() >= PAGE;
        self.cursor = page
            .last()
            .map_or(self.cursor, |last| last.id.max(self.cursor));
        self.add(timeline, &page, now);
        if is_full {
            return Ok(Reached::More);
        }
        self.sweep(timeline, now)?;
        Ok(Reached::End)
    }

    fn next_page(&mut self, timeline: &mut Timeline) -> Result<Vec<Row>, Error> {
        if timeline.is_unread() {
            self.cursor = self.last_told(timeline)?;
            timeline.begin_anew(self.cursor);
        }
        self.log.after(self.cursor)
    }

    /// The last row of what was told while the log could not be read: all that it says was not missed.
    fn last_told(&self, timeline: &Timeline) -> Result<i64, Error> {
        let newest = || Ok(self.log.newest()?.map_or(0, |row| row.id));
        let Some(time) = timeline.settled_time() else {
            return newest();
        };
        let Some(first) = self.log.since(&time)? else {
            return newest();
        };
        let mut before = first.id - 1;
        if timeline.wants_rows() {
            // What was told at that very time is known by its echoes.
            return Ok(before);
        }
        loop {
            let page = self.log.after(before)?;
            let is_later = |row: &&Row| row.time().is_some_and(|moment| moment > time);
            match (page.iter().find(is_later), page.last()) {
                (Some(later), _) => return Ok(later.id - 1),
                (None, Some(last)) if page.len() >= PAGE => before = last.id,
                (None, last) => return Ok(last.map_or(before, |row| row.id)),
            }
        }
    }

    /// Looks for rows with lower numbers than some that were read. Numbers that stay away for long are not used.
    fn sweep(&mut self, timeline: &mut Timeline, now: Instant) -> Result<(), Error> {
        if !timeline.read().has_gaps() {
            self.heights.clear();
            return Ok(());
        }
        if self
            .heights
            .back()
            .is_none_or(|(_, seen)| *seen + SWEEP <= now)
        {
            self.heights.push_back((timeline.read().highest(), now));
        }
        if self.next_sweep > now {
            return Ok(());
        }
        self.next_sweep = now + SWEEP;
        let mut from = timeline.read().floor();
        loop {
            let page = self.log.after(from)?;
            self.add(timeline, &page, now);
            match page.last() {
                Some(last) if page.len() >= PAGE => from = last.id,
                _ => break,
            }
        }
        while self
            .heights
            .front()
            .is_some_and(|(_, seen)| *seen + SETTLED <= now)
        {
            if let Some((height, _)) = self.heights.pop_front() {
                timeline.settle(height);
            }
        }
        Ok(())
    }

    fn add(&self, timeline: &mut Timeline, page: &[Row], now: Instant) {
        let rows = page
            .iter()
            .map(|row| Remembered::new(row, &self.vocabulary));
        timeline.remember(rows, now);
    }

    /// Whether the log goes on where it was read last.
    pub(crate) fn continuity(&self, timeline: &Timeline) -> Result<Continuity, Error> {
        let highest = timeline.read().highest();
        if highest == 0 || !self.is_readable {
            return Ok(Continuity::GoesOn);
        }
        match self.look(highest, timeline.read().floor()) {
            Err(error) if is_final(&error) => Ok(Continuity::GoesOn),
            other => other,
        }
    }

    fn look(&self, highest: i64, floor: i64) -> Result<Continuity, Error> {
        let newest = self.log.newest()?.map_or(0, |row| row.id);
        if newest < highest {
            return Ok(Continuity::StartsAgain(newest));
        }
        let oldest = self.log.oldest()?.map_or(newest, |row| row.id);
        Ok(if oldest > floor.saturating_add(1) {
            Continuity::Forgot
        } else {
            Continuity::GoesOn
        })
    }
}

/// Whether the log goes on where it was read last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Continuity {
    GoesOn,
    /// What was read last is gone, so rows after it may be gone too.
    Forgot,
    /// It has no row as high as one that was read: it was emptied, or is that of another server. Its last row.
    StartsAgain(i64),
}

#[cfg(test)]
mod tests;
