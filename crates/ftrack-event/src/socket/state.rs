//! The connection as a state machine: what happens next, and nothing else.
//!
//! [`step`] takes a state and what has just happened, and gives the next state and what is to be
//! done. It does not read, write or wait, and is told the time.

mod connected;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ftrack_transport::Backoff;
use serde_json::{Value, json};

use self::connected::Connected;
use super::handshake::Handshake;
use super::traffic::{Content, Traffic};
use crate::command::{Command, Confirmed};
use crate::error::Error;
use crate::event::Event;
use crate::identity::Identity;
use crate::options::ReconnectPolicy;
use crate::outcome::Outcome;
use crate::publication::Ticket;
use crate::status::{ConnectionState, LinkStatus, Rejection};
use crate::subscriber::Announcement;
use crate::topics;

/// How long the end of a connection may take, so that what was just published still goes out.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// How often in a row user and key may be rejected after they were accepted before.
const REJECTIONS: u32 = 3;

/// The longest delay before an attempt that the clock is asked for.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// What a connection is made with.
pub(crate) struct Settings {
    pub(crate) identity: Arc<Identity>,
    pub(crate) policy: ReconnectPolicy,
    pub(crate) acknowledge_timeout: Duration,
    /// Whether a first attempt that fails is repeated, as later ones are.
    pub(crate) persistent: bool,
    /// When an earlier connection was last alive, if this one takes its place.
    pub(crate) away_since: Option<Instant>,
    /// Told once the server knows all subscribers of the first connection.
    pub(crate) confirmed: Option<Confirmed>,
}

/// What has happened.
#[derive(Debug)]
pub(super) enum Input {
    /// The connection is wanted.
    Start,
    /// The hub wants something.
    Command(Command),
    /// The first request was answered, or not.
    Handshaken(Result<Handshake, Error>),
    /// The socket was opened, or not.
    Opened(Result<(), Error>),
    /// A text has arrived.
    Text(String),
    /// Something has arrived that says nothing, except that the server lives.
    Noise,
    /// The socket is closed.
    Lost(String),
    /// The server closed the socket because something was too large for it.
    TooLarge,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Action {
    /// Make the first request; whether it may be repeated in between, since nobody else counts.
    Handshake { repeated: bool },
    /// Open the socket.
    Open(Handshake),
    /// Send a text.
    Send(String),
    /// Let go of the socket, whatever it still holds.
    Abort,
    /// Close the socket after all that was sent.
    Close,
    /// Hand on an event of the server, which came in a text of so many bytes.
    Deliver(Event, usize),
    /// Hand on an event of the hub itself.
    DeliverLocal(Event),
    /// Tell a publisher.
    Report(Ticket, Outcome),
    /// The connection has come about for the first time.
    Established,
    /// There is no connection, and there will be none; why, if the first attempt failed.
    Ended(Option<Error>),
}

/// Where a connection stands.
pub(super) struct State {
    settings: Settings,
    phase: Phase,
    /// Whom the server is to know, in the order of subscribing.
    announcements: BTreeMap<u64, Arc<Announcement>>,
    traffic: Traffic,
    backoff: Backoff,
    /// Since when events may have been missed; nothing once the server knows all subscribers.
    away_since: Option<Instant>,
    last_packet: Option<Instant>,
    established: bool,
    reconnects: u64,
    malformed: u64,
    /// How often in a row user and key were rejected.
    rejections: u32,
    rejection: Option<Arc<Rejection>>,
    last_error: Option<Arc<str>>,
    /// Whether handlers need not be told of the end.
    quiet: bool,
}

enum Phase {
    Idle,
    /// The first request is under way.
    Handshaking,
    /// The socket is being opened.
    Opening {
        heartbeat: Option<Duration>,
    },
    Connected(Connected),
    /// The next attempt is still to come.
    Pausing {
        until: Instant,
    },
    Ended,
}

/// The next state after something has happened, and what is to be done.
pub(super) fn step(mut state: State, input: Input, now: Instant) -> (State, Vec<Action>) {
    let mut actions = Vec::new();
    state.take(input, now, &mut actions);
    (state, actions)
}

impl State {
    /// A connection that is not yet wanted. The server is to know these from the beginning.
    pub(super) fn new(
        settings: Settings,
        announcements: impl IntoIterator<Item = (u64, Arc<Announcement>)>,
    ) -> Self {
        Self {
            phase: Phase::Idle,
            announcements: announcements.into_iter().collect(),
            traffic: Traffic::default(),
            backoff: Backoff::new(settings.policy.initial_backoff, settings.policy.max_backoff),
            away_since: settings.away_since,
            last_packet: settings.away_since,
            established: false,
            reconnects: 0,
            malformed: 0,
            rejections: 0,
            rejection: None,
            last_error: None,
            quiet: false,
            settings,
        }
    }

    /// When [`Input::Tick`] is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Pausing { until } => Some(*until),
            Phase::Connected(connected) => {
                let overdue = self.traffic.deadline(self.settings.acknowledge_timeout);
                [connected.silent_at(), connected.closing, overdue]
                    .into_iter()
                    .flatten()
                    .min()
            }
            _ => None,
        }
    }

    pub(super) fn status(&self) -> LinkStatus {
        LinkStatus {
            state: match self.phase {
                Phase::Idle | Phase::Ended => ConnectionState::Disconnected,
                Phase::Connected(_) => ConnectionState::Connected,
                _ if self.established => ConnectionState::Reconnecting,
                _ => ConnectionState::Connecting,
            },
            last_error: self.last_error.clone(),
            rejection: self.rejection.clone(),
            last_packet: self.last_packet,
            reconnects: self.reconnects,
            malformed: self.malformed,
            unacknowledged: self.traffic.unacknowledged(),
        }
    }

    fn take(&mut self, input: Input, now: Instant, actions: &mut Vec<Action>) {
        match (input, &self.phase) {
            (Input::Start, Phase::Idle) => self.handshake(actions),
            (Input::Command(command), _) => self.command(command, now, actions),
            (Input::Handshaken(Ok(handshake)), Phase::Handshaking) => {
                let heartbeat = handshake.heartbeat;
                self.phase = Phase::Opening { heartbeat };
                actions.push(Action::Open(handshake));
            }
            (Input::Opened(Ok(())), Phase::Opening { heartbeat }) => {
                let heartbeat = *heartbeat;
                self.opened(heartbeat, now, actions);
            }
            (Input::Handshaken(Err(error)), Phase::Handshaking)
            | (Input::Opened(Err(error)), Phase::Opening { .. }) => {
                self.failed(error, now, actions);
            }
            (Input::Text(text), Phase::Connected(_)) => self.received(&text, now, actions),
            (Input::Noise, Phase::Connected(_)) => self.heard(now),
            (Input::Lost(reason), Phase::Connected(_)) => self.lost(&reason, now, actions),
            (Input::TooLarge, Phase::Connected(_)) => self.too_large(now, actions),
            (Input::Tick, _) => self.tick(now, actions),
            // What comes too late concerns a connection that is no more.
            _ => {}
        }
    }

    fn command(&mut self, command: Command, now: Instant, actions: &mut Vec<Action>) {
        match command {
            Command::Publish(outgoing) if matches!(self.phase, Phase::Ended) => {
                actions.push(Action::Report(outgoing.ticket, Outcome::NotSent));
            }
            Command::Publish(outgoing) => {
                self.traffic.push(outgoing);
                self.pump(now, actions);
            }
            Command::Subscribe(number, announcement, confirmed) => {
                let is_new = self
                    .announcements
                    .insert(number, Arc::clone(&announcement))
                    .is_none();
                if is_new && matches!(self.phase, Phase::Connected(_)) {
                    self.announce(&announcement, confirmed, now, actions);
                }
            }
            Command::Unsubscribe(number) => {
                let removed = self.announcements.remove(&number);
                if let (Some(announcement), Phase::Connected(_)) = (removed, &self.phase) {
                    self.withdraw(&announcement, now, actions);
                }
            }
            Command::Disconnect { quiet } => {
                self.quiet = quiet;
                self.disconnect(now, actions);
            }
        }
    }

    fn disconnect(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match &mut self.phase {
            Phase::Connected(connected) => {
                connected.closing.get_or_insert(now + LINGER);
                self.close_if_done(actions);
            }
            Phase::Ended => {}
            _ => {
                actions.push(Action::Abort);
                self.end(None, actions);
            }
        }
    }

    fn tick(&mut self, now: Instant, actions: &mut Vec<Action>) {
        match &self.phase {
            Phase::Pausing { until } if *until <= now => self.handshake(actions),
            Phase::Connected(connected) => {
                let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
                if over(connected.closing) {
                    self.close(actions);
                } else if over(connected.silent_at()) {
                    self.lost("the server has been silent for too long", now, actions);
                } else {
                    self.give_up_overdue(now, actions);
                }
            }
            _ => {}
        }
    }

    fn handshake(&mut self, actions: &mut Vec<Action>) {
        self.phase = Phase::Handshaking;
        // Once there was a connection, or where attempts are counted, each is one.
        let is_first = !self.established && self.settings.away_since.is_none();
        let repeated = is_first && !self.settings.persistent;
        actions.push(Action::Handshake { repeated });
    }

    /// No connection came about.
    fn failed(&mut self, error: Error, now: Instant, actions: &mut Vec<Action>) {
        self.last_error = Some(error.to_string().into());
        let hopeless = match &error {
            Error::Refused { origin, reason } => {
                self.rejections += 1;
                // A server under repair says many things to somebody who was let in before, but it
                // does not go on saying so.
                let is_final = !self.established || self.rejections >= REJECTIONS;
                if is_final {
                    let (origin, reason) = (origin.clone(), reason.clone());
                    self.rejection = Some(Arc::new(Rejection { origin, reason }));
                }
                is_final
            }
            Error::InvalidOptions { .. } => !self.established,
            _ => {
                self.rejections = 0;
                false
            }
        };
        if hopeless || (!self.established && !self.settings.persistent) {
            if self.established || self.settings.persistent {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "gave up connecting"
                );
            }
            self.end(Some(error), actions);
            return;
        }
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "could not connect"
        );
        self.pause(now, actions);
    }

    /// The connection broke. What was sent and not acknowledged is in doubt.
    fn lost(&mut self, reason: &str, now: Instant, actions: &mut Vec<Action>) {
        let Phase::Connected(connected) = &self.phase else {
            return;
        };
        tracing::warn!(reason, "lost the connection to the event server");
        self.last_error = Some(reason.into());
        let closing = connected.closing.is_some();
        self.away_since.get_or_insert(connected.heard);
        actions.push(Action::Abort);
        self.doubt_sent(actions);
        if closing {
            self.end(None, actions);
        } else {
            self.pause(now, actions);
        }
    }

    /// Something that was sent is too large for the server: that must be the largest.
    fn too_large(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if let Some((bytes, ticket)) = self.traffic.take_largest() {
            let message = format!("the event is too large for the server ({bytes} bytes)");
            actions.push(Action::Report(ticket, Outcome::Refused { message }));
        }
        self.lost("the server got more than it takes", now, actions);
    }

    fn pause(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let limit = self.settings.policy.attempts;
        if limit.is_some_and(|limit| self.backoff.attempts() >= limit) {
            let reason = self.last_error.clone();
            return self.end_for(reason.as_deref(), None, actions);
        }
        let delay = self.backoff.next_delay();
        tracing::debug!(?delay, "connecting again after a delay");
        // A delay that is beyond what the clock can say is as long as any.
        let until = now.checked_add(delay).unwrap_or(now + LONGEST);
        self.phase = Phase::Pausing { until };
    }

    fn doubt_sent(&mut self, actions: &mut Vec<Action>) {
        for content in self.traffic.take_sent() {
            if let Content::Event(ticket) = content {
                actions.push(Action::Report(ticket, Outcome::Unconfirmed));
            }
        }
    }

    fn end(&mut self, error: Option<Error>, actions: &mut Vec<Action>) {
        let reason = error.as_ref().map(ToString::to_string);
        self.end_for(reason.as_deref(), error, actions);
    }

    /// Ends it all. Handlers are told, unless somebody waits for the result of the first attempt.
    fn end_for(&mut self, reason: Option<&str>, error: Option<Error>, actions: &mut Vec<Action>) {
        self.phase = Phase::Ended;
        for outgoing in self.traffic.take_waiting() {
            actions.push(Action::Report(outgoing.ticket, Outcome::NotSent));
        }
        if (self.established || self.settings.persistent) && !self.quiet {
            let data = reason.map_or_else(|| json!({}), |reason| json!({"reason": reason}));
            self.deliver_local(topics::DISCONNECTED, data, actions);
        }
        actions.push(Action::Ended(error));
    }

    fn deliver_local(&self, topic: &str, data: Value, actions: &mut Vec<Action>) {
        let event = self.settings.identity.event(topic, data);
        actions.push(Action::DeliverLocal(event));
    }
}

#[cfg(test)]
mod tests;
