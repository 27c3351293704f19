//! Events through the local server, while everything that can go wrong does.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_event::{
    Error, Event, EventHub, HubOptions, Outcome, Publication, ReconnectPolicy, WaitEnded,
};
use ftrack_server::{Fault, RunningServer, Server};
use ftrack_test_kit::relay::Relay;
use ftrack_test_kit::wait::until;
use ftrack_transport::{ConnectionOptions, HttpTransport, Proxy, RetryPolicy};
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

/// What a hub has handled, in order.
type Handled = Arc<Mutex<Vec<Value>>>;

fn testing_server() -> RunningServer {
    Server::builder().testing(true).start().unwrap()
}

/// A hub that is not yet connected, and impatient.
fn hub(server: &RunningServer, url: &str) -> EventHub {
    let connection = ConnectionOptions::new(url, server.user(), server.api_key()).unwrap();
    let connection = connection
        .retry(RetryPolicy::none())
        .proxy(Proxy::Direct)
        .timeout(10 * SECOND);
    let pauses = (Duration::from_millis(2), Duration::from_millis(50));
    let policy = ReconnectPolicy::default().backoff(pauses.0, pauses.1);
    let options = HubOptions::new().reconnect(policy).outgoing_limit(500);
    let transport = HttpTransport::new(connection.clone()).unwrap();
    let engine = transport.engine().clone();
    EventHub::with_transport(Arc::new(transport), engine, connection, options).unwrap()
}

/// Notes the data of the events of a topic.
fn noting(hub: &EventHub, topic: &str) -> Handled {
    let handled = Handled::default();
    let note = Arc::clone(&handled);
    hub.subscribe(&format!("topic={topic}"), move |event| {
        note.lock().unwrap().push(event.data.clone());
        Ok(None)
    })
    .unwrap();
    handled
}

/// Publishes until an event has come back to `handled`: then the server knows the subscriber.
fn until_known(hub: &EventHub, topic: &str, handled: &Handled) {
    until("the subscriber is known", || {
        hub.publish(Event::new(topic).with_data("hello")).unwrap();
        hub.wait(Duration::from_millis(5)).unwrap();
        !handled.lock().unwrap().is_empty()
    });
}

/// Publishes whatever happens: when too much waits, a little later.
fn publish(hub: &EventHub, number: u64) -> Publication {
    loop {
        match hub.publish(Event::new("studio.n").with_data(number)) {
            Ok(publication) => return publication,
            Err(Error::QueueFull { .. }) => thread::sleep(Duration::from_millis(1)),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The next number of a small generator, so that a failure can be repeated.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Cuts all connections, and once more if the server did not know them yet.
fn cut(server: &RunningServer, hub: &EventHub) {
    let seen = hub.status().reconnects;
    until("the loss is noticed", || {
        server.drop_websockets().unwrap();
        hub.status().reconnects > seen || !hub.is_connected()
    });
}

/// A thread for each hub that handles what arrives, until the hub is disconnected.
fn handling(hub: &EventHub) -> thread::JoinHandle<ftrack_event::Result<WaitEnded>> {
    let hub = hub.clone();
    thread::spawn(move || hub.wait(None))
}

#[test]
fn a_hundred_losses_leave_no_event_in_the_dark_and_none_is_handled_twice() {
    const EVENTS: u64 = 10_000;
    let server = testing_server();
    let (publisher, listener) = (hub(&server, server.url()), hub(&server, server.url()));
    let handled = [&publisher, &listener].map(|hub| noting(hub, "studio.n"));
    let threads = [&publisher, &listener].map(|hub| {
        hub.connect().unwrap();
        handling(hub)
    });
    let mut seed = 0x5eed_0f7a;
    let mut losses: Vec<u64> = (0..100).map(|_| random(&mut seed) % EVENTS).collect();
    losses.sort_unstable();
    let mut publications = Vec::new();
    for number in 0..EVENTS {
        let publication = publish(&publisher, number);
        if random(&mut seed).is_multiple_of(20) {
            // Now and then the line is idle, so that losses meet all states.
            assert!(publication.wait(60 * SECOND).is_some());
        }
        publications.push(publication);
        while losses.first() == Some(&number) {
            losses.remove(0);
            until("it is connected", || publisher.is_connected());
            // The moment between two packets is as random as the number.
            thread::sleep(Duration::from_micros(random(&mut seed) % 2_000));
            cut(&server, &publisher);
        }
    }
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for publication in &publications {
        let outcome = publication.wait(60 * SECOND).expect("an outcome is known");
        *outcomes.entry(outcome.to_string()).or_default() += 1;
    }
    let count = |outcome: Outcome| outcomes.get(&outcome.to_string()).copied().unwrap_or(0);
    let (acknowledged, unconfirmed) = (count(Outcome::Acknowledged), count(Outcome::Unconfirmed));
    assert_eq!(acknowledged + unconfirmed, 10_000, "{outcomes:?}");
    assert!(acknowledged > 5_000 && unconfirmed > 0, "{outcomes:?}");
    assert!(
        publisher.status().reconnects >= 99,
        "{:?}",
        publisher.status()
    );
    assert_eq!(publisher.status().outgoing, 0);

    for (hub, thread) in [&publisher, &listener].into_iter().zip(threads) {
        until("it is connected", || hub.is_connected());
        hub.disconnect_keeping_subscribers().unwrap();
        thread.join().unwrap().unwrap();
    }
    for handled in handled {
        let numbers: Vec<u64> = handled
            .lock()
            .unwrap()
            .iter()
            .filter_map(Value::as_u64)
            .collect();
        // Nothing is ever sent again, so numbers only grow.
        assert!(
            numbers.windows(2).all(|pair| pair[0] < pair[1]),
            "an event came twice or late"
        );
        assert!(
            numbers.len() > 100 && numbers.len() <= 10_000,
            "{}",
            numbers.len()
        );
    }
}

#[test]
fn a_line_that_is_dead_at_one_end_is_noticed_and_replaced() {
    let server = testing_server();
    // The server lets a minute of silence pass; the relay says that it is 9 s.
    let relay = Relay::replacing(server.address(), (b":60:60:websocket", b":09:60:websocket"));
    let hub = hub(&server, &relay.url());
    let (handled, gaps) = (
        noting(&hub, "studio.a"),
        noting(&hub, "ftrack.meta.reconnected"),
    );
    hub.connect().unwrap();
    until_known(&hub, "studio.a", &handled);
    relay.freeze();
    let publication = hub
        .publish(Event::new("studio.a").with_data("lost"))
        .unwrap();
    let started = Instant::now();
    assert_eq!(publication.wait(60 * SECOND), Some(Outcome::Unconfirmed));
    // Heartbeats come every five seconds, so the last sign of life is not older than that.
    assert!(started.elapsed() < 30 * SECOND, "{:?}", started.elapsed());
    until("listeners are told", || {
        hub.wait(Duration::from_millis(20)).unwrap();
        !gaps.lock().unwrap().is_empty()
    });
    let away = gaps.lock().unwrap()[0]["away"].as_f64().unwrap();
    assert!((9.0..60.0).contains(&away), "{away}");
    let before = handled.lock().unwrap().len();
    let again = hub
        .publish(Event::new("studio.a").with_data("again"))
        .unwrap();
    assert_eq!(again.wait(10 * SECOND), Some(Outcome::Acknowledged));
    until("it is handled", || {
        hub.wait(Duration::from_millis(20)).unwrap();
        handled.lock().unwrap().len() == before + 1
    });
    assert_eq!(handled.lock().unwrap().last(), Some(&json!("again")));
}

#[test]
fn a_restarted_server_gets_what_was_published_meanwhile_and_knows_the_subscribers() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let start = || {
        let builder = Server::builder()
            .listen(address.to_string())
            .api_key("the-key");
        builder.start().unwrap()
    };
    let server = start();
    let hub = hub(&server, server.url());
    let handled = noting(&hub, "studio.n");
    hub.connect().unwrap();
    until_known(&hub, "studio.n", &handled);
    server.stop();
    until("the loss is noticed", || !hub.is_connected());
    let publications: Vec<_> = (0..200).map(|number| publish(&hub, number)).collect();
    let _server = start();
    for publication in publications {
        assert_eq!(publication.wait(60 * SECOND), Some(Outcome::Acknowledged));
    }
    until("all have come back", || {
        hub.wait(Duration::from_millis(20)).unwrap();
        handled.lock().unwrap().last() == Some(&json!(199))
    });
    let numbers: Vec<u64> = handled
        .lock()
        .unwrap()
        .iter()
        .filter_map(Value::as_u64)
        .collect();
    assert_eq!(numbers, (0..200).collect::<Vec<_>>());
}

#[test]
fn a_server_that_fails_at_the_door_is_asked_again() {
    let server = testing_server();
    let hub = hub(&server, server.url());
    hub.connect().unwrap();
    let faults = [
        Fault::status(503).path("/socket.io/1/"),
        Fault::garbage().path("/socket.io/1/"),
        Fault::disconnect().path("/socket.io/1/"),
        Fault::status(500).path("/socket.io/1/websocket"),
        Fault::disconnect().path("/socket.io/1/websocket"),
    ];
    for fault in faults {
        server.fail_next(fault.clone()).unwrap();
        cut(&server, &hub);
        until("it is connected again", || {
            server.faults_left() == 0 && hub.is_connected()
        });
        let publication = publish(&hub, 1);
        assert_eq!(
            publication.wait(60 * SECOND),
            Some(Outcome::Acknowledged),
            "{fault:?}"
        );
    }
    // Whoever has never been let in is told at once.
    server
        .fail_next(Fault::status(503).path("/socket.io/1/"))
        .unwrap();
    let other = self::hub(&server, server.url());
    assert!(matches!(other.connect(), Err(Error::Connect { .. })));
}
