//! Puts what arrives and what the server remembers into one order, in which each change is told once.
//!
//! No socket, no clock, no file: arrivals, rows and moments go in, [tasks](Task) come out.
//!
//! An event that arrives is told at once and leaves an echo, until the row of it is read from the log. A row that has
//! no echo was missed. While the listener catches up, it is told at once and arrivals are held; otherwise it waits a
//! little for its event, which may be on the way. What is done with is known by the ids of rows, and by the echoes of
//! events whose rows were not yet read.

mod echo;
mod split;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use ftrack_event::Event;
use ftrack_expression::Expression;

use self::echo::{Answer, Echoes};
use self::split::{Arrival, split};
use crate::followed::Origin;
use crate::log::change::Change;
use crate::log::row::{Remembered, UPDATE};
use crate::position::marks::Marks;
use crate::position::{Position, Queried};
use crate::task::Task;

/// How long a row waits for the event that tells of it.
const GRACE: Duration = Duration::from_secs(2);

/// How late an event may come after a row has told of it.
const LATE: Duration = Duration::from_secs(60);

/// How many such rows are remembered; the oldest go first.
const TOLD: usize = 10_000;

/// How many arrivals are held while the listener catches up. Those beyond it are in the log by then.
const HELD: usize = 10_000;

/// Which changes were told, which are done with, and which are still to come.
#[derive(Debug)]
pub(crate) struct Timeline {
    expression: Expression,
    /// The rows that were read.
    read: Marks,
    /// The rows that are done with.
    done: Marks,
    /// The rows that were read and are not done with.
    open: BTreeSet<i64>,
    echoes: Echoes,
    tasks: HashMap<u64, Held>,
    /// Arrivals that wait until the listener has caught up.
    held: VecDeque<Arrival>,
    /// Rows that wait for the event that tells of them.
    waiting: VecDeque<(Remembered, Instant)>,
    /// What rows told alone, and until when an event may tell of it again.
    told: VecDeque<(Change, Instant)>,
    is_live: bool,
    /// Whether something has arrived that a row may have told already. It and what comes after it is held until rows
    /// are read once more: then it is known whether there is another row for it.
    is_in_doubt: bool,
    /// Whether no row was ever read, so that nobody knows which of them are done with.
    is_unread: bool,
    next: u64,
    /// The time of the latest change, by the clock of the server.
    time: Option<String>,
    queried: Option<Queried>,
    ready: Vec<Task>,
}

/// What becomes done with a task.
#[derive(Debug, Default)]
struct Held {
    rows: Vec<i64>,
    query: Option<String>,
    /// When it was sent, by the clock of the server.
    time: Option<String>,
}

impl Timeline {
    /// What follows a position.
    pub(crate) fn new(expression: Expression, position: Position, now: Instant) -> Self {
        Self {
            expression,
            read: position.done.clone(),
            done: position.done,
            open: BTreeSet::new(),
            echoes: Echoes::restored(position.echoes, now),
            tasks: HashMap::new(),
            held: VecDeque::new(),
            waiting: VecDeque::new(),
            told: VecDeque::new(),
            is_live: false,
            is_in_doubt: false,
            is_unread: position.is_unread,
            next: 0,
            time: position.time,
            queried: position.queried,
            ready: Vec::new(),
        }
    }

    /// What is done with.
    pub(crate) fn position(&self, server: &str) -> Position {
        Position {
            server: Some(server.to_owned()),
            done: self.done.clone(),
            echoes: self.echoes.done(),
            time: self.settled_time(),
            is_unread: self.is_unread,
            queried: self.queried.clone(),
            ..Position::default()
        }
    }

    /// The rows that were read.
    pub(crate) fn read(&self) -> &Marks {
        &self.read
    }

    /// Whether no row was ever read: [`begin_anew`](Self::begin_anew) says where to begin.
    pub(crate) fn is_unread(&self) -> bool {
        self.is_unread
    }

    /// The time up to which nothing is in hand.
    pub(crate) fn settled_time(&self) -> Option<String> {
        let in_hand = self.tasks.values().filter_map(|held| held.time.as_ref());
        in_hand.chain(&self.time).min().cloned()
    }

    /// Up to which row all is done with.
    pub(crate) fn floor(&self) -> i64 {
        self.done.floor()
    }

    /// The time of the latest change, by the clock of the server.
    pub(crate) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }

    /// Whether everything up to now was read.
    pub(crate) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Whether rows are to be read at once, and [`caught_up`](Self::caught_up) is to be called then.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt
    }

    /// Whether rows are to be read soon: something was told whose row is not known.
    pub(crate) fn wants_rows(&self) -> bool {
        !self.echoes.is_empty()
    }

    /// What is to be handled now, in order.
    pub(crate) fn take(&mut self) -> Vec<Task> {
        std::mem::take(&mut self.ready)
    }

    /// An event has arrived.
    pub(crate) fn arrive(&mut self, event: Event, now: Instant) {
        let is_wanted = self.expression.matches(&event);
        if event.topic != UPDATE {
            // Nobody remembers it, so there is nothing to compare it with.
            if is_wanted {
                let key = format!("topic:{}", event.topic);
                self.tell(key, event, Origin::Live, Held::default());
            }
            return;
        }
        // What arrives while it catches up is later than what was missed.
        if self.is_live
            && let Some(sent) = crate::log::row::moment(&event.sent)
        {
            self.see(Some(sent));
        }
        let batch = self.echoes.next_batch();
        for arrival in split(event, is_wanted, batch) {
            if !self.is_live || self.is_in_doubt || self.is_told(&arrival) {
                self.is_in_doubt = self.is_live;
                self.hold(arrival);
            } else {
                self.join(arrival, now);
            }
        }
    }

    fn hold(&mut self, arrival: Arrival) {
        if self.held.len() < HELD {
            self.held.push_back(arrival);
        }
    }

    /// Rows of the log were read, in ascending order.
    pub(crate) fn remember(&mut self, rows: impl IntoIterator<Item = Remembered>, now: Instant) {
        for row in rows {
            if self.read.contains(row.id) {
                continue;
            }
            self.read.insert(row.id);
            self.open.insert(row.id);
            self.see(row.time.clone());
            let no_gaps = !self.read.has_gaps();
            if let Some(answer) = self.echoes.answer(&row.change, no_gaps, now) {
                self.attach(answer, row.id);
            } else if let Some(arrival) = self.take_held(&row.change) {
                self.waiting.push_back((row, now + GRACE));
                self.join(arrival, now);
            } else if self.is_live {
                self.waiting.push_back((row, now + GRACE));
            } else {
                self.tell_row(row, now);
            }
        }
    }

    /// Events may have been missed: what arrives is held until [`caught_up`](Self::caught_up).
    pub(crate) fn miss(&mut self, now: Instant) {
        self.is_live = false;
        self.is_in_doubt = false;
        for (row, _) in std::mem::take(&mut self.waiting) {
            self.tell_row(row, now);
        }
    }

    /// All rows up to now were read.
    pub(crate) fn caught_up(&mut self, now: Instant) {
        self.is_live = true;
        self.is_in_doubt = false;
        for arrival in std::mem::take(&mut self.held) {
            if let Some(event) = &arrival.event {
                self.see(crate::log::row::moment(&event.sent));
            }
            // There is no other row for it, so one that has told of it is its own.
            if !self.forget_told(&arrival) {
                self.join(arrival, now);
            }
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant) {
        while self.waiting.front().is_some_and(|(_, until)| *until <= now) {
            if let Some((row, _)) = self.waiting.pop_front() {
                self.tell_row(row, now);
            }
        }
        while self.told.front().is_some_and(|(_, until)| *until <= now) {
            self.told.pop_front();
        }
    }

    /// All rows that there are were read. Events whose rows have not come for long have none.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.echoes.expire(now);
    }

    /// A task is done with.
    pub(crate) fn finish(&mut self, task: u64) {
        let Some(held) = self.tasks.remove(&task) else {
            return;
        };
        self.echoes.finish(task);
        for row in held.rows {
            self.finish_row(row);
        }
        if let (Some(query), Some(queried)) = (held.query, &mut self.queried) {
            queried.done.insert(query);
        }
    }

    /// No row up to this one will show up any more that was not read yet.
    pub(crate) fn settle(&mut self, up_to: i64) {
        self.read.fill(up_to);
        let open = self
            .open
            .first()
            .map_or(up_to, |first| up_to.min(first - 1));
        self.done.fill(open);
    }

    /// The log has begun anew, or is read for the first time: its rows up to this one are not what was read, and are
    /// left out.
    pub(crate) fn begin_anew(&mut self, newest: i64) {
        self.is_unread = false;
        self.read = Marks::up_to(newest);
        self.done = Marks::up_to(newest);
        self.open.clear();
        for held in self.tasks.values_mut() {
            held.rows.clear();
        }
    }

    /// A query is asked for what changed since a time, for the log does not tell.
    pub(crate) fn begin_query(&mut self, since: &str) {
        self.queried.get_or_insert_with(|| Queried {
            since: since.to_owned(),
            done: BTreeSet::new(),
        });
    }

    /// Since when a query is being asked for what changed.
    pub(crate) fn queried_since(&self) -> Option<&str> {
        self.queried.as_ref().map(|queried| queried.since.as_str())
    }

    /// A query tells of a change. `id` is the same whenever it does.
    pub(crate) fn query_tells(&mut self, id: &str, change: Change, event: Event, now: Instant) {
        self.see(crate::log::row::moment(&event.sent));
        let is_done = |queried: &Queried| queried.done.contains(id);
        let is_in_hand = |held: &Held| held.query.as_deref() == Some(id);
        if self.queried.as_ref().is_some_and(is_done)
            || self.tasks.values().any(is_in_hand)
            || self.echoes.answer(&change, false, now).is_some()
        {
            return;
        }
        if self.expression.matches(&event) {
            let held = Held {
                query: Some(id.to_owned()),
                ..Held::default()
            };
            self.tell(change.entity.clone(), event, Origin::Queried, held);
        }
        self.note_told(change, now);
    }

    /// All that queries told is done with.
    pub(crate) fn end_query(&mut self) -> bool {
        let is_pending = self.tasks.values().any(|held| held.query.is_some());
        if !is_pending {
            self.queried = None;
        }
        !is_pending
    }

    /// An arrival takes its place among the rows.
    fn join(&mut self, arrival: Arrival, now: Instant) {
        let Some(change) = &arrival.change else {
            self.tell_arrival(arrival, &[], now);
            return;
        };
        let (earlier, own) = self.take_waiting(change.clone());
        // Events come in order, so those that the earlier rows tell of were missed.
        for row in earlier {
            self.tell_row(row, now);
        }
        self.tell_arrival(arrival, &own, now);
    }

    /// Whether a row has told of an arrival, or of something that looks the same.
    fn is_told(&self, arrival: &Arrival) -> bool {
        let change = arrival.change.as_ref();
        change.is_some_and(|change| self.told.iter().any(|(told, _)| change.covers(told)))
    }

    /// Whether a row has told of an arrival. What other rows tell of it they tell alone as well.
    fn forget_told(&mut self, arrival: &Arrival) -> bool {
        let Some(mut change) = arrival.change.clone() else {
            return false;
        };
        let before = self.told.len();
        let mut is_told_whole = false;
        self.told.retain(|(told, _)| {
            let is_twin = !is_told_whole && change.covers(told);
            if is_twin {
                is_told_whole = change.take(told);
            }
            !is_twin
        });
        self.told.len() < before
    }

    /// The rows that wait for an event with this change; before them those of the same entity that wait for events
    /// before it.
    fn take_waiting(&mut self, mut change: Change) -> (Vec<Remembered>, Vec<Remembered>) {
        let rows = || self.waiting.iter().map(|(row, _)| row);
        let first = rows().position(|row| change.covers(&row.change));
        let (mut earlier, mut own) = (Vec::new(), Vec::new());
        let (mut position, mut is_told_whole) = (0, false);
        self.waiting.retain(|(row, _)| {
            let is_before = first.is_none_or(|first| position < first);
            position += 1;
            if is_before && row.change.entity == change.entity {
                earlier.push(row.clone());
                return false;
            }
            if is_before || is_told_whole || !change.covers(&row.change) {
                return true;
            }
            is_told_whole = change.take(&row.change);
            own.push(row.clone());
            false
        });
        (earlier, own)
    }

    fn take_held(&mut self, change: &Change) -> Option<Arrival> {
        let covers = |arrival: &Arrival| {
            let held = arrival.change.as_ref();
            held.is_some_and(|held| held.covers(change))
        };
        let position = self.held.iter().position(covers)?;
        self.held.remove(position)
    }

    /// Tells an arrival, of which some rows tell too.
    fn tell_arrival(&mut self, mut arrival: Arrival, rows: &[Remembered], now: Instant) {
        let mut is_told = false;
        if let Some(change) = &mut arrival.change {
            for row in rows {
                is_told = change.take(&row.change);
            }
        }
        let rows: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let task = if arrival.is_wanted {
            let held = Held {
                rows,
                ..Held::default()
            };
            let event = arrival.event.take();
            event.map(|event| self.tell(arrival.key.clone(), event, Origin::Live, held))
        } else {
            for row in rows {
                self.finish_row(row);
            }
            None
        };
        if !is_told {
            self.echoes.add(&arrival, task, now);
        }
    }

    /// Tells what only a row tells of.
    fn tell_row(&mut self, row: Remembered, now: Instant) {
        if self.expression.matches(&row.event) {
            let held = Held {
                rows: vec![row.id],
                ..Held::default()
            };
            let key = row.change.entity.clone();
            self.tell(key, row.event, Origin::Remembered, held);
        } else {
            self.finish_row(row.id);
        }
        self.note_told(row.change, now);
    }

    /// An event that tells of this change again is none.
    fn note_told(&mut self, change: Change, now: Instant) {
        if self.told.len() >= TOLD {
            self.told.pop_front();
        }
        self.told.push_back((change, now + LATE));
    }

    fn tell(&mut self, key: String, event: Event, origin: Origin, mut held: Held) -> u64 {
        self.next += 1;
        if event.topic == UPDATE {
            held.time = crate::log::row::moment(&event.sent).filter(|time| !time.is_empty());
        }
        self.tasks.insert(self.next, held);
        self.ready.push(Task {
            number: self.next,
            key,
            event,
            origin,
        });
        self.next
    }

    /// Notes that a row tells of what a task is for, or of what is done with.
    fn attach(&mut self, answer: Answer, row: i64) {
        let held = match answer {
            Answer::InHand(task) => self.tasks.get_mut(&task),
            Answer::Done => None,
        };
        match held {
            Some(held) => held.rows.push(row),
            None => self.finish_row(row),
        }
    }

    fn finish_row(&mut self, row: i64) {
        self.open.remove(&row);
        self.done.insert(row);
    }

    fn see(&mut self, time: Option<String>) {
        if time > self.time {
            self.time = time;
        }
    }
}

#[cfg(test)]
mod tests;
