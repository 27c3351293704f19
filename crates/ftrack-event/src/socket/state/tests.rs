//! The state machine, driven without a socket.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::command::Outgoing;
use crate::outbox::Outbox;
use crate::publication::{Publication, Slot};
use crate::socket::packet::Packet;

const SECOND: Duration = Duration::from_secs(1);

/// A machine, its clock, and what it asked for since it was last looked at.
struct Bench {
    state: Option<State>,
    now: Instant,
    actions: Vec<Action>,
    outbox: Arc<Outbox>,
}

fn announcement(id: &str) -> Arc<Announcement> {
    Arc::new(Announcement {
        id: id.to_owned(),
        subscription: "topic=x".to_owned(),
        information: serde_json::Map::new(),
    })
}

impl Bench {
    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            identity: Arc::new(Identity::new(Some("ada".into()), Some("box".into()))),
            policy: ReconnectPolicy::default(),
            acknowledge_timeout: 30 * SECOND,
            persistent: false,
            away_since: None,
            confirmed: None,
        };
        change(&mut settings);
        Self {
            state: Some(State::new(settings, [(0, announcement("hub"))])),
            now: Instant::now(),
            actions: Vec::new(),
            outbox: Outbox::new(10_000, usize::MAX),
        }
    }

    /// A machine that is connected, its announcement acknowledged.
    fn connected() -> Self {
        let mut bench = Self::with(|_| ());
        bench.connect();
        bench.input(Input::Text("6:::1+[{\"success\":true}]".to_owned()));
        bench.actions.clear();
        bench
    }

    fn connect(&mut self) {
        if self.status().state == ConnectionState::Disconnected {
            self.input(Input::Start);
        }
        let handshake = Handshake::parse("sid:20:60:websocket").unwrap();
        self.input(Input::Handshaken(Ok(handshake)));
        self.input(Input::Opened(Ok(())));
    }

    fn input(&mut self, input: Input) {
        let (state, actions) = step(self.state.take().unwrap(), input, self.now);
        self.state = Some(state);
        self.actions.extend(actions);
    }

    fn text(&mut self, text: &str) {
        self.input(Input::Text(text.to_owned()));
    }

    fn publish(&mut self, text: &str) -> Publication {
        let slot = Arc::new(Slot::default());
        let publication = Publication::new(text.to_owned(), Arc::clone(&slot));
        let outgoing = Outgoing {
            text: text.to_owned(),
            ticket: Ticket::new(slot, self.outbox.admit(1).unwrap()),
        };
        self.input(Input::Command(Command::Publish(outgoing)));
        publication
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.input(Input::Tick);
    }

    /// Lets time pass until the machine wants it.
    fn pass_until_deadline(&mut self) {
        let deadline = self.state.as_ref().unwrap().deadline().unwrap();
        self.now = self.now.max(deadline);
        self.input(Input::Tick);
    }

    fn status(&self) -> LinkStatus {
        self.state.as_ref().unwrap().status()
    }

    /// What it asked for, in one word each. Reports are carried out.
    fn did(&mut self) -> Vec<String> {
        let actions = std::mem::take(&mut self.actions);
        let words = actions.into_iter().map(|action| match action {
            Action::Send(text) => format!("send {}", sent(&text)),
            Action::DeliverLocal(event) => format!("local {} {}", event.topic, event.data),
            Action::Deliver(event, _) => format!("deliver {}", event.topic),
            Action::Report(ticket, outcome) => {
                ticket.report(outcome);
                "report".to_owned()
            }
            Action::Ended(error) => format!("ended {}", error.is_some()),
            Action::Handshake { .. } => "handshake".to_owned(),
            Action::Open(handshake) => format!("open {}", handshake.sid),
            Action::Abort => "abort".to_owned(),
            Action::Close => "close".to_owned(),
            Action::Established => "established".to_owned(),
        });
        words.collect()
    }
}

/// A packet in short: what it announces, or what was published.
fn sent(text: &str) -> String {
    let packet = Packet::parse(text).unwrap();
    let Ok(data) = serde_json::from_str::<Value>(packet.data) else {
        return text.to_owned();
    };
    let Some(number) = packet.id.map(|id| id.number) else {
        return text.to_owned();
    };
    let event = &data["args"][0];
    let topic = event["topic"]
        .as_str()
        .map(|topic| topic.rsplit('.').next().unwrap().to_owned());
    match event["data"]["subscriber"]["id"].as_str() {
        Some(id) => format!("{number} {} {id}", topic.unwrap()),
        None if event["data"]["subscription"].is_string() => format!("{number} {}", topic.unwrap()),
        None => format!("{number} {event}"),
    }
}

fn refused() -> Error {
    Error::Refused {
        origin: "http://server".to_owned(),
        reason: "no".to_owned(),
    }
}

fn unreachable() -> Error {
    Error::Connect {
        origin: "http://server".to_owned(),
        source: "no route".into(),
    }
}

#[test]
fn it_connects_step_by_step() {
    let mut bench = Bench::with(|_| ());
    bench.publish("1");
    assert!(bench.did().is_empty());
    bench.input(Input::Start);
    assert_eq!(bench.status().state, ConnectionState::Connecting);
    assert_eq!(bench.did(), ["handshake"]);
    bench.connect();
    // Announcements come first, then what was published before.
    assert_eq!(
        bench.did(),
        ["open sid", "send 1 subscribe", "established", "send 2 1"]
    );
    assert_eq!(bench.status().state, ConnectionState::Connected);
    assert_eq!(bench.status().unacknowledged, 2);
    bench.text("1::");
    bench.text("1::");
    assert_eq!(bench.did(), ["local ftrack.meta.connected {}"]);
}

#[test]
fn a_first_attempt_that_fails_is_reported() {
    for (persistent, error, expected) in [
        (
            false,
            unreachable(),
            vec!["handshake", "report", "ended true"],
        ),
        (false, refused(), vec!["handshake", "report", "ended true"]),
        (true, unreachable(), vec!["handshake"]),
    ] {
        let mut bench = Bench::with(|settings| settings.persistent = persistent);
        let publication = bench.publish("1");
        bench.input(Input::Start);
        bench.input(Input::Handshaken(Err(error)));
        assert_eq!(bench.did(), expected);
        let outcome = publication.outcome();
        assert_eq!(outcome, (!persistent).then_some(Outcome::NotSent));
    }
    let mut bench = Bench::with(|settings| settings.persistent = true);
    bench.input(Input::Start);
    bench.input(Input::Handshaken(Err(refused())));
    let did = bench.did();
    assert!(
        did[1].starts_with("local ftrack.meta.disconnected {\"reason\""),
        "{did:?}"
    );
    assert_eq!(did[2], "ended true");
}

#[test]
fn heartbeats_are_answered_and_silence_is_noticed() {
    let mut bench = Bench::connected();
    for _ in 0..3 {
        bench.pass(19 * SECOND);
        bench.text("2::");
        assert_eq!(bench.did(), ["send 2:::"]);
    }
    bench.pass(10 * SECOND);
    bench.input(Input::Noise);
    bench.pass(19 * SECOND);
    assert_eq!(bench.status().state, ConnectionState::Connected);
    bench.pass_until_deadline();
    assert_eq!(bench.did(), ["abort"]);
    assert_eq!(bench.status().state, ConnectionState::Reconnecting);
    bench.pass_until_deadline();
    assert_eq!(bench.did(), ["handshake"]);
}

#[test]
fn a_broken_connection_leaves_nothing_in_the_dark() {
    let mut bench = Bench::connected();
    let acknowledged = bench.publish("1");
    let refused = bench.publish("2");
    let unconfirmed = bench.publish("3");
    bench.text("6:::2+[{\"success\":true}]");
    bench.text("6:::3+[{\"success\":false,\"message\":\"why\"}]");
    bench.input(Input::Lost("test".to_owned()));
    let later = bench.publish("4");
    bench.did();
    assert_eq!(acknowledged.outcome(), Some(Outcome::Acknowledged));
    let message = "why".to_owned();
    assert_eq!(refused.outcome(), Some(Outcome::Refused { message }));
    assert_eq!(unconfirmed.outcome(), Some(Outcome::Unconfirmed));
    assert_eq!(later.outcome(), None);
    assert_eq!(bench.outbox.events(), 1);

    bench.now += 5 * SECOND;
    bench.input(Input::Tick);
    bench.connect();
    assert_eq!(
        bench.did(),
        ["handshake", "open sid", "send 5 subscribe", "send 6 4"]
    );
    assert_eq!(bench.status().reconnects, 1);
    // The acknowledgement of the last connection's packet means nothing now.
    bench.text("6:::4");
    assert!(bench.did().is_empty());
    bench.text("6:::5+[{\"success\":true}]");
    assert_eq!(
        bench.did(),
        ["local ftrack.meta.reconnected {\"away\":5.0}"]
    );
    bench.text("6:::6");
    bench.did();
    assert_eq!(later.outcome(), Some(Outcome::Acknowledged));
}

#[test]
fn a_gap_is_measured_from_the_last_sign_of_life_over_several_attempts() {
    let mut bench = Bench::connected();
    bench.pass(20 * SECOND);
    for _ in 0..2 {
        bench.pass_until_deadline();
        bench.connect();
        bench.input(Input::Lost("again".to_owned()));
    }
    bench.pass_until_deadline();
    bench.connect();
    bench.did();
    // The server never says that it knows the subscribers: after a while handlers are told anyway.
    bench.text("2::");
    bench.pass(15 * SECOND);
    bench.text("2::");
    bench.pass(16 * SECOND);
    let did = bench.did();
    let away = did
        .iter()
        .find_map(|did| did.strip_prefix("local ftrack.meta.reconnected {\"away\":"));
    let away: f64 = away.unwrap().trim_end_matches('}').parse().unwrap();
    assert!((51.0..60.0).contains(&away), "{away}");
}

/// A key that was reset is rejected for ever; a server under repair says many things once.
#[test]
fn credentials_that_are_rejected_again_and_again_end_the_connection() {
    let mut bench = Bench::connected();
    for rejections in [2, 3] {
        bench.input(Input::Lost("test".to_owned()));
        for _ in 0..rejections {
            bench.pass_until_deadline();
            bench.input(Input::Handshaken(Err(refused())));
        }
        if rejections == 2 {
            assert_eq!(bench.status().state, ConnectionState::Reconnecting);
            assert!(bench.status().last_error.is_some());
            bench.pass_until_deadline();
            bench.connect();
            assert!(bench.status().last_error.is_none());
        }
    }
    let status = bench.status();
    assert_eq!(status.state, ConnectionState::Disconnected);
    assert!(status.rejection.is_some());
    let did = bench.did();
    let told = &did[did.len() - 2];
    assert!(
        told.starts_with("local ftrack.meta.disconnected {\"reason\":"),
        "{told}"
    );
}

#[test]
fn an_event_that_is_too_large_for_the_server_is_told_so() {
    let mut bench = Bench::connected();
    let small = bench.publish("1");
    let large = bench.publish(&"x".repeat(1_000));
    bench.input(Input::TooLarge);
    bench.did();
    let Some(Outcome::Refused { message }) = large.outcome() else {
        panic!("{:?}", large.outcome());
    };
    assert_eq!(
        message,
        "the event is too large for the server (1000 bytes)"
    );
    assert_eq!(small.outcome(), Some(Outcome::Unconfirmed));
    assert_eq!(bench.status().state, ConnectionState::Reconnecting);
}

#[test]
fn attempts_may_be_used_up() {
    let mut bench =
        Bench::with(|settings| settings.policy = ReconnectPolicy::default().attempts(2));
    bench.connect();
    bench.input(Input::Lost("test".to_owned()));
    let publication = bench.publish("1");
    for _ in 0..2 {
        bench.pass_until_deadline();
        bench.input(Input::Handshaken(Err(refused())));
    }
    let did = bench.did();
    let [told, ended] = &did[did.len() - 2..] else {
        panic!("{did:?}");
    };
    assert!(
        told.starts_with("local ftrack.meta.disconnected {\"reason\":"),
        "{told}"
    );
    assert_eq!(ended, "ended false");
    assert_eq!(publication.outcome(), Some(Outcome::NotSent));
    assert_eq!(bench.status().state, ConnectionState::Disconnected);
    let late = bench.publish("2");
    assert_eq!(bench.did(), ["report"]);
    assert_eq!(late.outcome(), Some(Outcome::NotSent));
}

#[test]
fn what_is_not_acknowledged_in_time_is_unconfirmed() {
    let mut bench = Bench::connected();
    let publication = bench.publish("1");
    bench.pass(15 * SECOND);
    bench.text("2::");
    bench.pass(14 * SECOND);
    bench.text("2::");
    bench.did();
    assert_eq!(publication.outcome(), None);
    bench.pass_until_deadline();
    assert_eq!(bench.did(), ["report"]);
    assert_eq!(publication.outcome(), Some(Outcome::Unconfirmed));
    assert_eq!(bench.status().state, ConnectionState::Connected);
}

#[test]
fn little_is_in_doubt_at_any_time() {
    let mut bench = Bench::connected();
    let publications: Vec<_> = (0..1_000).map(|n| bench.publish(&n.to_string())).collect();
    assert_eq!(bench.did().len(), 256);
    for number in 2..=101 {
        bench.text(&format!("6:::{number}"));
    }
    let did = bench.did();
    assert_eq!(
        did.iter().filter(|did| did.starts_with("send")).count(),
        100
    );
    assert_eq!(did.last().map(String::as_str), Some("send 357 355"));
    bench.input(Input::Lost("test".to_owned()));
    bench.did();
    let count = |outcome: Option<Outcome>| {
        publications
            .iter()
            .filter(|publication| publication.outcome() == outcome)
            .count()
    };
    let counts = (
        count(Some(Outcome::Acknowledged)),
        count(Some(Outcome::Unconfirmed)),
        count(None),
    );
    assert_eq!(counts, (100, 256, 644));
}

#[test]
fn large_events_go_one_by_one() {
    let mut bench = Bench::connected();
    let large = format!("\"{}\"", "x".repeat(3 << 20));
    bench.publish(&large);
    bench.publish(&large);
    assert_eq!(bench.did().len(), 1);
    bench.text("6:::2");
    assert_eq!(bench.did().len(), 2);
}

#[test]
fn subscribers_come_and_go() {
    let mut bench = Bench::connected();
    let subscribe = |number, id| Input::Command(Command::Subscribe(number, announcement(id), None));
    bench.input(subscribe(5, "a"));
    bench.input(subscribe(5, "a"));
    bench.input(Input::Command(Command::Unsubscribe(4)));
    assert_eq!(bench.did(), ["send 2 subscribe"]);
    bench.input(subscribe(6, "b"));
    bench.input(Input::Command(Command::Unsubscribe(5)));
    assert_eq!(bench.did(), ["send 3 subscribe", "send 4 unsubscribe a"]);
    bench.input(Input::Lost("test".to_owned()));
    bench.input(Input::Command(Command::Unsubscribe(6)));
    bench.input(subscribe(7, "c"));
    assert_eq!(bench.did(), ["abort"]);
    bench.pass_until_deadline();
    bench.connect();
    let announced = bench
        .did()
        .iter()
        .filter(|did| did.contains("subscribe"))
        .count();
    assert_eq!(announced, 2, "the hub itself and c");
}

#[test]
fn leaving_sends_what_waits() {
    let mut bench = Bench::connected();
    let publication = bench.publish("1");
    bench.input(Input::Command(Command::Disconnect { quiet: false }));
    assert_eq!(bench.did(), ["send 2 1"]);
    bench.text("6:::2");
    assert_eq!(
        bench.did(),
        [
            "report",
            "close",
            "local ftrack.meta.disconnected {}",
            "ended false"
        ]
    );
    assert_eq!(publication.outcome(), Some(Outcome::Acknowledged));

    let mut bench = Bench::connected();
    let publication = bench.publish("1");
    bench.input(Input::Command(Command::Disconnect { quiet: true }));
    bench.pass(LINGER);
    assert_eq!(bench.did(), ["send 2 1", "close", "report", "ended false"]);
    assert_eq!(publication.outcome(), Some(Outcome::Unconfirmed));
}

#[test]
fn leaving_is_possible_at_any_time() {
    let leave = || Input::Command(Command::Disconnect { quiet: false });
    for inputs in 0..4 {
        let mut bench = Bench::with(|settings| settings.persistent = true);
        let handshake = Handshake::parse("sid:20:60:websocket").unwrap();
        let path = [
            Input::Start,
            Input::Handshaken(Ok(handshake)),
            Input::Opened(Err(unreachable())),
        ];
        for input in path.into_iter().take(inputs) {
            bench.input(input);
        }
        bench.input(leave());
        let did = bench.did();
        assert_eq!(
            did.last().map(String::as_str),
            Some("ended false"),
            "{inputs}"
        );
        bench.input(leave());
        bench.input(Input::Opened(Ok(())));
        assert!(bench.did().is_empty());
    }
}

#[test]
fn garbage_is_counted_and_skipped() {
    let mut bench = Bench::connected();
    let garbage = [
        "",
        "x",
        "5:1",
        "5::",
        "5:::",
        "5:::{}",
        "6:::x",
        "9:::",
        "5:::[1]",
        "3:::hello",
        "8::",
        "5:::{\"name\":\"ftrack.event\",\"args\":[{}]}",
        "7:::oops",
        "4:::{}",
        "0::/chat",
    ];
    for text in garbage {
        bench.text(text);
    }
    assert!(bench.did().is_empty());
    assert_eq!(bench.status().malformed, 10);
    assert_eq!(bench.status().state, ConnectionState::Connected);
    bench.text("5:::{\"name\":\"ftrack.event\",\"args\":[{\"topic\":\"t\"}]}");
    bench.text("5:8::{\"name\":\"ftrack.event\",\"args\":[{\"topic\":\"u\"}]}");
    assert_eq!(bench.did(), ["deliver t", "send 6:::8", "deliver u"]);
    for farewell in ["7:::1+0", "0::"] {
        bench.text(farewell);
        assert_eq!(bench.did()[0], "abort");
        bench.pass_until_deadline();
        bench.connect();
        bench.did();
    }
}

/// Something that may happen at any time, sensible or not.
fn anything() -> impl Strategy<Value = (u8, u64)> {
    (0_u8..16, 0_u64..40)
}

fn happens(bench: &mut Bench, what: (u8, u64), publications: &mut Vec<Publication>) {
    let (kind, number) = what;
    let input = match kind {
        0..4 => {
            publications.push(bench.publish(&number.to_string()));
            return;
        }
        4 => Input::Start,
        5 => Input::Handshaken(Ok(Handshake::parse("sid:20:60:websocket").unwrap())),
        6 => Input::Opened(Ok(())),
        7 => Input::Handshaken(Err(unreachable())),
        8 => Input::Lost("test".to_owned()),
        9 => Input::Command(Command::Subscribe(number, announcement("a"), None)),
        10 => Input::Command(Command::Unsubscribe(number)),
        11 => Input::Text("2::".to_owned()),
        12 => Input::Text("1:".repeat(usize::try_from(number).unwrap())),
        13 if number == 0 => Input::Command(Command::Disconnect { quiet: false }),
        14 => return bench.pass(Duration::from_secs(number)),
        _ => Input::Text(format!("6:::{number}")),
    };
    bench.input(input);
}

proptest! {
    /// Whatever happens in whatever order: nothing is sent without a connection, no more is in
    /// doubt than allowed, and in the end every publisher knows what became of its event.
    #[test]
    fn no_order_of_things_leaves_a_publisher_waiting(
        things in proptest::collection::vec(anything(), 0..200),
    ) {
        let mut bench = Bench::with(|settings| settings.persistent = true);
        let mut publications = Vec::new();
        for what in things {
            let before = bench.status().state;
            happens(&mut bench, what, &mut publications);
            let status = bench.status();
            let did = bench.did();
            let sends = did.iter().any(|did| did.starts_with("send"));
            let connected = ConnectionState::Connected;
            prop_assert!(!sends || before == connected || status.state == connected, "{did:?}");
            let idle = status.state != connected;
            prop_assert!(!idle || status.unacknowledged == 0, "{status:?}");
        }
        bench.input(Input::Command(Command::Disconnect { quiet: false }));
        bench.pass(LINGER);
        bench.did();
        prop_assert_eq!(bench.status().state, ConnectionState::Disconnected);
        prop_assert!(publications.iter().all(|publication| publication.outcome().is_some()));
        prop_assert_eq!(bench.outbox.events(), 0);
    }
}
