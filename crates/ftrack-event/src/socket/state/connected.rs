//! What happens while there is a connection.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Action, Phase, State};
use crate::command::Confirmed;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::socket::message;
use crate::socket::packet::{Kind, Packet};
use crate::socket::traffic::{Content, Numbered};
use crate::subscriber::Announcement;
use crate::topics;

/// A connection that is there.
pub(super) struct Connected {
    /// How long the server may be silent.
    heartbeat: Option<Duration>,
    /// When something last arrived.
    pub(super) heard: Instant,
    /// Whether the server has said that the connection stands.
    greeted: bool,
    /// The number of the last announcement after a gap. Once the server has that, it has them all.
    catching_up: Option<u64>,
    /// When it is closed at the latest, if it is to be closed.
    pub(super) closing: Option<Instant>,
}

impl Connected {
    /// When the server has been silent for too long.
    pub(super) fn silent_at(&self) -> Option<Instant> {
        self.heard.checked_add(self.heartbeat?)
    }
}

impl State {
    pub(super) fn opened(
        &mut self,
        heartbeat: Option<Duration>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        self.phase = Phase::Connected(Connected {
            heartbeat,
            heard: now,
            greeted: false,
            catching_up: None,
            closing: None,
        });
        self.rejections = 0;
        self.last_error = None;
        let mut last = None;
        let announcements: Vec<_> = self.announcements.values().cloned().collect();
        let mut confirmed = self.settings.confirmed.take();
        for (left, announcement) in (0..announcements.len()).rev().zip(announcements) {
            // The server has them in this order, so the last one tells of all.
            let confirmed = if left == 0 { confirmed.take() } else { None };
            last = Some(self.announce(&announcement, confirmed, now, actions));
        }
        if let (Some(_), Phase::Connected(connected)) = (self.away_since, &mut self.phase) {
            connected.catching_up = last;
        }
        if self.established {
            self.reconnects += 1;
        } else {
            self.established = true;
            actions.push(Action::Established);
        }
        self.pump(now, actions);
    }

    /// Sends what waits, as far as that is allowed.
    pub(super) fn pump(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if !matches!(self.phase, Phase::Connected(_)) {
            return;
        }
        while let Some(Numbered { number, text }) = self.traffic.next(now) {
            actions.push(Action::Send(message::event_packet(number, &text)));
        }
    }

    /// Tells the server of a subscriber; the number of the packet.
    pub(super) fn announce(
        &mut self,
        announcement: &Announcement,
        confirmed: Option<Confirmed>,
        now: Instant,
        actions: &mut Vec<Action>,
    ) -> u64 {
        let event = message::subscribe_event(self.notice_event(), announcement);
        let words = format!("subscribe {}", announcement.id);
        let notice = Content::Notice(words, confirmed);
        self.notify(notice, &event, now, actions)
    }

    /// Withdraws a subscriber from the server.
    pub(super) fn withdraw(
        &mut self,
        announcement: &Announcement,
        now: Instant,
        actions: &mut Vec<Action>,
    ) {
        let event = message::unsubscribe_event(self.notice_event(), announcement);
        let words = format!("unsubscribe {}", announcement.id);
        self.notify(Content::Notice(words, None), &event, now, actions);
    }

    fn notice_event(&self) -> Event {
        self.settings.identity.event("", json!({}))
    }

    fn notify(
        &mut self,
        notice: Content,
        event: &str,
        now: Instant,
        actions: &mut Vec<Action>,
    ) -> u64 {
        let number = self.traffic.notice(notice, now);
        actions.push(Action::Send(message::event_packet(number, event)));
        number
    }

    pub(super) fn heard(&mut self, now: Instant) {
        if let Phase::Connected(connected) = &mut self.phase {
            connected.heard = now;
            self.last_packet = Some(now);
            self.backoff.reset();
        }
    }

    pub(super) fn received(&mut self, text: &str, now: Instant, actions: &mut Vec<Action>) {
        self.heard(now);
        let packet = match Packet::parse(text) {
            Ok(packet) => packet,
            Err(problem) => return self.skip(problem),
        };
        match packet.kind {
            Kind::Disconnect if packet.endpoint.is_empty() => {
                self.lost("the server ended the connection", now, actions);
            }
            Kind::Connect => self.greeted(actions),
            Kind::Heartbeat => {
                actions.push(Action::Send(Packet::new(Kind::Heartbeat, "").to_string()));
            }
            Kind::Event => self.received_event(&packet, actions),
            Kind::Acknowledge => self.acknowledged(packet.data, now, actions),
            Kind::Error if message::advises_reconnect(packet.data) => {
                self.lost("the server asks to connect anew", now, actions);
            }
            Kind::Error => tracing::warn!(error = packet.data, "the event server reports an error"),
            Kind::Message | Kind::Json | Kind::Noop | Kind::Disconnect => {
                tracing::debug!(kind = ?packet.kind, "a packet that means nothing to us");
            }
        }
    }

    fn greeted(&mut self, actions: &mut Vec<Action>) {
        if let Phase::Connected(connected) = &mut self.phase
            && !connected.greeted
        {
            connected.greeted = true;
            self.deliver_local(topics::CONNECTED, json!({}), actions);
        }
    }

    fn received_event(&mut self, packet: &Packet<'_>, actions: &mut Vec<Action>) {
        if let Some(id) = packet.id {
            let number = id.number.to_string();
            let answer = Packet::new(Kind::Acknowledge, &number).to_string();
            actions.push(Action::Send(answer));
        }
        match message::read_event(packet.data) {
            Ok(Some(event)) => actions.push(Action::Deliver(event, packet.data.len())),
            Ok(None) => tracing::debug!("a message that is not an event of ftrack"),
            Err(problem) => self.skip(&problem),
        }
    }

    fn skip(&mut self, problem: &str) {
        self.malformed += 1;
        tracing::warn!(problem, "skipped a malformed packet");
    }

    fn acknowledged(&mut self, data: &str, now: Instant, actions: &mut Vec<Action>) {
        let Some(acknowledgement) = message::read_acknowledgement(data) else {
            return self.skip("it acknowledges nothing");
        };
        let number = acknowledgement.number;
        match (self.traffic.acknowledge(number), acknowledgement.rejection) {
            (Some(Content::Event(ticket)), rejection) => {
                let outcome = match rejection {
                    Some(message) => Outcome::Refused { message },
                    None => Outcome::Acknowledged,
                };
                actions.push(Action::Report(ticket, outcome));
            }
            (Some(Content::Notice(what, _)), Some(reason)) => {
                tracing::warn!(what, reason, "the event server rejected an announcement");
            }
            (Some(Content::Notice(_, confirmed)), None) => drop(confirmed),
            (None, _) => tracing::debug!(number, "an acknowledgement of nothing that is awaited"),
        }
        self.caught_up(number, now, actions);
        self.pump(now, actions);
        self.close_if_done(actions);
    }

    /// Gives up what should have been acknowledged by now.
    pub(super) fn give_up_overdue(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let timeout = self.settings.acknowledge_timeout;
        while let Some((number, content)) = self.traffic.overdue(timeout, now) {
            match content {
                Content::Event(ticket) => {
                    actions.push(Action::Report(ticket, Outcome::Unconfirmed));
                }
                Content::Notice(what, _) => {
                    tracing::warn!(what, "the event server did not answer");
                }
            }
            self.caught_up(number, now, actions);
        }
        self.pump(now, actions);
        self.close_if_done(actions);
    }

    /// After a gap: tells handlers how long it was, once the server knows all subscribers again,
    /// so that nothing can be missed between the gap and a query for what happened in it.
    fn caught_up(&mut self, number: u64, now: Instant, actions: &mut Vec<Action>) {
        let Phase::Connected(connected) = &mut self.phase else {
            return;
        };
        if connected.catching_up.is_none_or(|last| last > number) {
            return;
        }
        connected.catching_up = None;
        if let Some(since) = self.away_since.take() {
            let away = now.saturating_duration_since(since).as_secs_f64();
            self.deliver_local(topics::RECONNECTED, json!({"away": away}), actions);
        }
    }

    /// Closes the connection if that is wanted and nothing is left to do.
    pub(super) fn close_if_done(&mut self, actions: &mut Vec<Action>) {
        let wanted =
            matches!(&self.phase, Phase::Connected(connected) if connected.closing.is_some());
        if wanted && self.traffic.is_done() {
            self.close(actions);
        }
    }

    pub(super) fn close(&mut self, actions: &mut Vec<Action>) {
        actions.push(Action::Close);
        self.doubt_sent(actions);
        self.end(None, actions);
    }
}
