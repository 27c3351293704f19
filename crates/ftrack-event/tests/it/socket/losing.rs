//! Connections that break.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_event::{
    ConnectionState, Error, Event, EventHub, HubOptions, Outcome, Publication, ReconnectPolicy,
    WaitEnded,
};
use ftrack_transport::HttpTransport;
use parking_lot::Mutex;

use crate::server::{Server, until};

/// Notes how long each gap was.
fn gaps(hub: &EventHub) -> Arc<Mutex<Vec<f64>>> {
    let gaps = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&gaps);
    hub.subscribe("topic=ftrack.meta.reconnected", move |event| {
        assert!(event.source["id"].is_string());
        note.lock().extend(event.data["away"].as_f64());
        Ok(None)
    })
    .unwrap();
    gaps
}

#[test]
fn a_lost_connection_is_made_again_and_subscribers_announced() {
    let server = Server::start();
    let hub = server.hub();
    let gaps = gaps(&hub);
    until("both are announced", || server.subscribers() == 2);
    server.cut();
    until("it is connected again", || {
        hub.status().reconnects == 1 && hub.is_connected()
    });
    until("handlers are told", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        gaps.lock().len() == 1
    });
    assert!((0.0..30.0).contains(&gaps.lock()[0]));
    assert_eq!(server.subscribers(), 2);
}

#[test]
fn a_restarted_server_gets_what_was_published_meanwhile_in_order() {
    let server = Server::start();
    let hub = server.hub();
    let address = server.address;
    drop(server);
    until("the loss is noticed", || {
        hub.status().state == ConnectionState::Reconnecting
    });
    for number in 0..100 {
        hub.publish(Event::new(format!("t{number}"))).unwrap();
    }
    let server = Server::start_at(address, false);
    let expected: Vec<_> = (0..100).map(|number| format!("t{number}")).collect();
    until("all have arrived", || server.topics() == expected);
}

#[test]
fn a_silent_server_is_noticed_within_the_heartbeat_time() {
    let server = Server::start();
    server.shared.heartbeat.store(1, Ordering::SeqCst);
    let hub = server.hub();
    thread::sleep(Duration::from_millis(1_300));
    assert_eq!(hub.status().reconnects, 0, "heartbeats keep it alive");
    server.shared.frozen.store(true, Ordering::SeqCst);
    let started = Instant::now();
    until("the silence is noticed", || !hub.is_connected());
    // Some two seconds; a busy machine may take its time, but the default heartbeat would take a minute.
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    server.shared.frozen.store(false, Ordering::SeqCst);
    until("it is connected again", || hub.is_connected());
}

#[test]
fn attempts_that_are_used_up_end_the_connection() {
    let server = Server::start();
    let policy = ReconnectPolicy::default()
        .attempts(2)
        .backoff(Duration::from_millis(1), Duration::from_millis(2));
    let connection = server.connection();
    let transport = HttpTransport::new(connection.clone()).unwrap();
    let engine = transport.engine().clone();
    let options = HubOptions::new().reconnect(policy);
    let hub = EventHub::with_transport(Arc::new(transport), engine, connection, options).unwrap();
    hub.connect().unwrap();
    drop(server);
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
    assert!(matches!(
        hub.publish(Event::new("a")),
        Err(Error::NotConnected)
    ));
}

/// Publishes whatever happens: when too much waits, a little later.
fn publish(hub: &EventHub, number: u64) -> Publication {
    loop {
        match hub.publish(Event::new("n").with_data(number)) {
            Ok(publication) => return publication,
            Err(Error::QueueFull { .. }) => thread::sleep(Duration::from_millis(1)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_hundred_losses_leave_no_event_in_the_dark_and_none_handled_twice() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new().outgoing_limit(500));
    let handled = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&handled);
    hub.subscribe("topic=n", move |event| {
        note.lock().push(event.data.as_u64().ok_or("no number")?);
        Ok(None)
    })
    .unwrap();
    hub.connect().unwrap();
    let listening = hub.clone();
    let listener = thread::spawn(move || listening.wait(None));
    let losses = AtomicU64::new(0);
    let publications: Vec<Publication> = thread::scope(|scope| {
        let publisher = scope.spawn(|| {
            let paced = |number| {
                // A hundred events for each loss, so that every loss meets some.
                until("there are losses", || {
                    number / 100 <= losses.load(Ordering::SeqCst)
                });
                publish(&hub, number)
            };
            (0..10_000).map(paced).collect()
        });
        scope.spawn(|| {
            for loss in 0..100 {
                until("it is connected", || hub.is_connected());
                // Moments that are as good as random: the two threads know nothing of each other.
                thread::sleep(Duration::from_micros(loss * 337 % 3_000));
                let seen = hub.status().reconnects;
                // The server may not know the connection yet, so once may not be enough.
                until("the loss is noticed", || {
                    server.cut();
                    hub.status().reconnects > seen || !hub.is_connected()
                });
                losses.fetch_add(1, Ordering::SeqCst);
            }
        });
        publisher.join().unwrap()
    });
    assert!(hub.status().reconnects >= 99);
    let mut outcomes: HashMap<String, usize> = HashMap::new();
    for publication in &publications {
        let outcome = publication.wait(Duration::from_secs(30)).unwrap();
        *outcomes.entry(outcome.to_string()).or_default() += 1;
    }
    let arrived = server.shared.events.lock().len();
    let acknowledged = outcomes[&Outcome::Acknowledged.to_string()];
    let unconfirmed = outcomes
        .get(&Outcome::Unconfirmed.to_string())
        .copied()
        .unwrap_or_default();
    assert_eq!(acknowledged + unconfirmed, 10_000, "{outcomes:?}");
    assert!(
        (acknowledged..=10_000).contains(&arrived),
        "{arrived} {outcomes:?}"
    );

    hub.disconnect_keeping_subscribers().unwrap();
    listener.join().unwrap().unwrap();
    let handled = handled.lock();
    // Each connection hands on what it gets in order, and nothing is ever sent again.
    assert!(
        handled.windows(2).all(|pair| pair[0] < pair[1]),
        "an event came twice or late"
    );
    assert!(
        handled.len() > 1_000 && handled.len() <= arrived,
        "{}",
        handled.len()
    );
}
