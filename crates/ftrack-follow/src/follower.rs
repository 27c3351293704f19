//! The loop of a listener.

mod pump;
mod reader;
mod report;
mod stopping;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ftrack_expression::Expression;
use ftrack_session::Session;

use self::pump::{Pump, follows_updates};
use self::reader::{Continuity, Reached, Reader};
use self::report::Report;
use crate::dead_letters::DeadLetters;
use crate::error::{Error, Result};
use crate::health::ListenerState;
use crate::inputs::{Arrival, Finished, Input, Inputs};
use crate::log::queried::changed_since;
use crate::log::vocabulary::Vocabulary;
use crate::log::{Log, is_final};
use crate::pool::{Handler, Pool, Retries};
use crate::position::{Position, PositionStore};
use crate::settings::{FollowEnded, Settings, StartAt};
use crate::stopper::FollowStopper;
use crate::task::Task;
use crate::timeline::Timeline;

/// How often the loop checks whether to stop.
const GLANCE: Duration = Duration::from_millis(100);

/// The shortest time between two times that the position is stored.
const STORE: Duration = Duration::from_millis(50);

/// How many events may be in hand before no more arrivals are taken and no more rows are read.
const IN_HAND: usize = 2_000;

/// How long after an event its row is read. It is read to know what to acknowledge, so there is no hurry.
const BEHIND: Duration = Duration::from_millis(250);

/// How long a server may take to confirm subscriptions; then it is taken to know them.
const ANNOUNCING: Duration = Duration::from_secs(6);

/// A listener at work.
pub(crate) struct Follower {
    session: Session,
    store: Box<dyn PositionStore>,
    stopper: FollowStopper,
    stop_within: Duration,
    retries: Retries,
    timeline: Timeline,
    reader: Reader,
    inputs: Arc<Inputs>,
    pool: Pool,
    pump: Option<Pump>,
    report: Report,
    /// Since when each task is in hand, by its number.
    in_hand: BTreeMap<u64, Instant>,
    link: Link,
    /// Whether the log has anything to do with what is followed.
    uses_log: bool,
    stored: Position,
    /// What was acknowledged is not stored yet, and when it may be.
    is_dirty: bool,
    next_store: Instant,
}

/// Whether what happens now arrives here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// The server has not confirmed the subscriptions; from this time on it is taken to know them.
    Announcing(Option<Instant>),
    /// It knows them; the listener has yet to check whether the log goes on where it was read last.
    Announced,
    /// It knows them, and what was missed is being read.
    Reading,
}

impl Follower {
    /// Prepares everything; nothing is handled before [`run`](Self::run).
    pub(crate) fn start(
        settings: Settings,
        expression: Expression,
        handler: Handler,
    ) -> Result<Self> {
        let Settings {
            session,
            expression: text,
            mut store,
            start,
            concurrency,
            retries,
            stop_within,
            stopper,
            health_file,
            health_address,
            on_health,
        } = settings;
        let now = Instant::now();
        let uses_log = follows_updates(&expression);
        let stored = store.load().map_err(|source| Error::Position { source })?;
        let position = match stored {
            Some(position) => same_server(position, session.server_url())?,
            None => begin(&session, start, uses_log)?,
        };
        let report = Report::new(
            &session,
            &text,
            health_file,
            health_address.as_deref(),
            on_health,
        )?;
        let inputs = Arc::<Inputs>::default();
        let pool = Pool::start(concurrency, handler, retries.clone(), Arc::clone(&inputs))?;
        let vocabulary = Vocabulary::new(session.schema());
        let pump = Pump::start(session.event_hub(), &text, &expression, &inputs)?;
        Ok(Self {
            reader: Reader::new(Box::new(session.clone()), vocabulary, now),
            timeline: Timeline::new(expression, position, now),
            session,
            store,
            stopper,
            stop_within,
            retries,
            inputs,
            pool,
            pump: Some(pump),
            report,
            in_hand: BTreeMap::new(),
            link: Link::Announcing(None),
            uses_log,
            stored: Position::default(),
            is_dirty: true,
            next_store: now,
        })
    }

    /// Handles events until the end.
    pub(crate) fn run(mut self) -> Result<FollowEnded> {
        let outcome = self.work();
        self.finish(outcome)
    }

    fn work(&mut self) -> Result<()> {
        loop {
            let now = Instant::now();
            let until = self.next_moment(now);
            let (inputs, arrivals) = self.inputs.take(until, self.pool.len() < IN_HAND);
            for input in inputs {
                if let Turn::End = self.take_in(input)? {
                    return Ok(());
                }
            }
            for arrival in arrivals {
                self.let_in(arrival, Instant::now());
            }
            if self.stopper.is_stopped() {
                return Ok(());
            }
            if self.session.closed() {
                return Err(ftrack_event::Error::NotConnected.into());
            }
            self.advance();
            self.hand_out();
            self.store_if_due();
            self.tell();
        }
    }

    /// When the loop has something to do although nothing happens.
    fn next_moment(&self, now: Instant) -> Instant {
        let mut next = now + GLANCE;
        if self.is_dirty {
            next = next.min(self.next_store);
        }
        if self.is_reading() {
            next = next.min(self.reader.next());
        }
        next
    }

    fn take_in(&mut self, input: Input) -> Result<Turn> {
        match input {
            Input::Finished(finished) => self.acknowledge(finished),
            Input::Failed(problem) => self.report.failed(problem),
            Input::Ended(None) => return Ok(Turn::End),
            Input::Ended(Some(error)) | Input::Fatal(error) => return Err(error),
        }
        Ok(Turn::On)
    }

    fn let_in(&mut self, arrival: Arrival, now: Instant) {
        match arrival {
            Arrival::Event(event) => self.timeline.arrive(*event, now),
            Arrival::Missed => {
                self.timeline.miss(now);
                self.link = Link::Announcing(Some(now + ANNOUNCING));
            }
            Arrival::Announced => self.link = Link::Announced,
        }
    }

    fn acknowledge(&mut self, finished: Finished) {
        self.timeline.finish(finished.task);
        self.in_hand.remove(&finished.task);
        self.report.finished(finished);
        self.is_dirty = true;
    }

    /// Lets time pass, and reads what is to be read.
    fn advance(&mut self) {
        let now = Instant::now();
        if let Link::Announcing(Some(until)) = self.link
            && until <= now
        {
            self.link = Link::Announced;
        }
        if self.link == Link::Announced {
            self.begin_reading(now);
        }
        self.timeline.tick(now);
        if self.timeline.queried_since().is_some() && self.timeline.is_live() {
            self.is_dirty |= self.timeline.end_query();
        }
        if self.timeline.is_in_doubt() {
            if self.reader.is_readable() {
                self.reader.hurry(now, Duration::ZERO);
            } else {
                // No row will tell.
                self.timeline.caught_up(now);
            }
        } else if self.timeline.wants_rows() {
            self.reader.hurry(now, BEHIND);
        }
        if self.is_reading() && self.reader.is_due(now) {
            self.read(now);
        }
    }

    /// Whether rows of the log are to be read when it is time.
    fn is_reading(&self) -> bool {
        self.uses_log && self.link == Link::Reading && self.pool.len() < IN_HAND
    }

    /// The server knows the subscriptions: what happens from now on arrives, what happened before is in the log.
    fn begin_reading(&mut self, now: Instant) {
        if !self.uses_log {
            self.link = Link::Reading;
            self.timeline.caught_up(now);
            return;
        }
        if !self.reader.is_due(now) && self.reader.is_failing() {
            return;
        }
        let continuity = match self.reader.continuity(&self.timeline) {
            Ok(continuity) => continuity,
            Err(error) => {
                self.report.failed(error.to_string());
                self.reader.put_off(now);
                return;
            }
        };
        if continuity != Continuity::GoesOn {
            tracing::warn!(
                ?continuity,
                "the server has forgotten some of what was missed: it is asked for what was created and which statuses \
                 were changed, and the rest cannot be known"
            );
            if let Some(time) = self.timeline.time().map(str::to_owned) {
                self.timeline.begin_query(&time);
            }
        }
        if let Continuity::StartsAgain(newest) = continuity {
            self.timeline.begin_anew(newest);
        }
        self.link = Link::Reading;
        self.reader.begin(&self.timeline, now);
    }

    fn read(&mut self, now: Instant) {
        let reached = match self.reader.read(&mut self.timeline, now) {
            Ok(reached) => reached,
            Err(error) => {
                tracing::debug!(%error, "the log of the server cannot be read just now");
                self.report.failed(error.to_string());
                return;
            }
        };
        self.is_dirty = true;
        if reached == Reached::More {
            return;
        }
        if self.timeline.is_live() {
            if self.timeline.is_in_doubt() {
                self.timeline.caught_up(now);
            }
            return;
        }
        if reached == Reached::Unreadable
            && let Some(time) = self.timeline.time().map(str::to_owned)
        {
            self.timeline.begin_query(&time);
        }
        match self.query(now) {
            Ok(()) => self.timeline.caught_up(now),
            Err(error) => {
                self.report.failed(error.to_string());
                self.reader.put_off(now);
            }
        }
    }

    /// Asks for what the log does not tell.
    fn query(&mut self, now: Instant) -> Result<(), ftrack_session::Error> {
        let Some(since) = self.timeline.queried_since().map(str::to_owned) else {
            return Ok(());
        };
        for found in changed_since(&self.session, &since)? {
            self.timeline
                .query_tells(&found.id, found.change, found.event, now);
        }
        Ok(())
    }

    fn hand_out(&mut self) {
        let tasks = self.timeline.take();
        if tasks.is_empty() {
            return;
        }
        let now = Instant::now();
        let numbers = tasks.iter().map(|task: &Task| (task.number, now));
        self.in_hand.extend(numbers);
        self.pool.push(tasks);
    }

    fn store_if_due(&mut self) {
        let now = Instant::now();
        if self.is_dirty && self.next_store <= now {
            self.store();
        }
    }

    /// Stores what is acknowledged, if it is not stored yet; whether it is now.
    fn store(&mut self) -> bool {
        let position = self.timeline.position(self.session.server_url());
        self.is_dirty = false;
        if position != self.stored {
            if let Err(error) = self.store.store(&position) {
                tracing::error!(%error, "the position of the listener cannot be stored");
                self.report.failed(error.to_string());
                self.is_dirty = true;
                self.next_store = Instant::now() + Duration::from_secs(1);
                return false;
            }
            self.stored = position;
        }
        self.next_store = Instant::now() + STORE;
        true
    }

    fn state(&self) -> ListenerState {
        match self.link {
            Link::Announcing(None) => ListenerState::Connecting,
            Link::Announcing(Some(_)) => ListenerState::Reconnecting,
            _ if !self.session.event_hub().is_connected() => ListenerState::Reconnecting,
            Link::Announced | Link::Reading if self.timeline.is_live() => ListenerState::Live,
            Link::Announced | Link::Reading => ListenerState::CatchingUp,
        }
    }

    fn tell(&mut self) {
        let state = self.state();
        self.tell_state(state);
    }

    fn tell_state(&mut self, state: ListenerState) {
        let Self {
            report,
            timeline,
            in_hand,
            session,
            reader,
            retries,
            ..
        } = self;
        let oldest = in_hand.first_key_value().map(|(_, since)| *since);
        report.tell(state, |health| {
            health.last_event = timeline.time().map(str::to_owned);
            health.position = timeline.floor();
            health.waiting = in_hand.len();
            health.lag_seconds = oldest.map_or(0, |since| since.elapsed().as_secs());
            health.reconnects = session.event_hub().status().reconnects;
            health.log_is_readable = reader.is_readable();
            if let Some(Ok(count)) = retries.dead_letters.as_ref().map(DeadLetters::len) {
                health.dead_letters = count;
            }
        });
    }
}

/// Whether the loop goes on.
enum Turn {
    On,
    End,
}

fn same_server(position: Position, server: &str) -> Result<Position> {
    match &position.server {
        Some(stored) if stored != server => Err(Error::OtherServer {
            stored: stored.clone(),
            server: server.to_owned(),
        }),
        _ => Ok(position),
    }
}

/// Where a listener begins that has no position.
fn begin(session: &Session, start: StartAt, uses_log: bool) -> Result<Position> {
    if !uses_log {
        return Ok(Position::unread(None));
    }
    let time = match start {
        StartAt::Time(time) => Some(time.format("%Y-%m-%dT%H:%M:%S").to_string()),
        StartAt::Oldest | StartAt::Now => None,
    };
    let newest = || Log::newest(session).map(|row| row.map_or(0, |row| row.id));
    let row = match (start, &time) {
        (StartAt::Oldest, _) => Ok(0),
        (_, None) => newest(),
        (_, Some(time)) => match session.since(time) {
            Ok(Some(row)) => Ok(row.id - 1),
            Ok(None) => newest(),
            Err(error) => Err(error),
        },
    };
    match row {
        Ok(row) => Ok(Position::at(row)),
        Err(error) if is_final(&error) => Ok(Position::unread(time)),
        Err(error) => Err(error.into()),
    }
}
