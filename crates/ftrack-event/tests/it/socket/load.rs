//! Much, and large.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ftrack_event::{Error, Event, HubOptions, Outcome, PublishOptions};
use serde_json::json;

use crate::server::{Server, until};

#[test]
fn large_events_pass_both_ways() {
    let server = Server::start();
    let hub = server.hub();
    let length = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&length);
    hub.subscribe("topic=large", move |event| {
        seen.fetch_add(
            event.data["text"].as_str().map_or(0, str::len),
            Ordering::SeqCst,
        );
        Ok(None)
    })
    .unwrap();
    let publications: Vec<_> = (0..20)
        .map(|_| {
            let data = json!({"text": "x".repeat(1 << 20)});
            hub.publish(Event::new("large").with_data(data)).unwrap()
        })
        .collect();
    until("all are handled", || {
        hub.wait(Duration::from_millis(20)).unwrap();
        length.load(Ordering::SeqCst) == 20 << 20
    });
    for publication in publications {
        assert_eq!(
            publication.wait(Duration::from_secs(5)),
            Some(Outcome::Acknowledged)
        );
    }
}

/// Through one hub, out and back in, with every queue watched all the time.
#[test]
fn events_leave_nothing_in_the_queues() {
    const LIMIT: usize = 1_000;
    // `cargo xtask soak-events` says more.
    let given = std::env::var("SOAK_EVENTS").ok();
    let given = given.and_then(|events| events.parse::<u64>().ok());
    let events = given.unwrap_or(10_000);
    let server = Server::start();
    let options = HubOptions::new()
        .outgoing_limit(LIMIT)
        .incoming_limit(LIMIT * 10)
        .awaited_limit(LIMIT)
        .remembered_ids(LIMIT)
        .reply_timeout(Duration::from_millis(5));
    let hub = server.hub_with(options);
    let handled = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&handled);
    hub.subscribe("topic=n", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(None)
    })
    .unwrap();
    hub.connect().unwrap();
    let listening = hub.clone();
    let listener = thread::spawn(move || listening.wait(None));
    for number in 0..events {
        let event = Event::new("n").with_data(number);
        let options = match number % 10 {
            0 => PublishOptions::new().on_reply(|_| ()),
            _ => PublishOptions::new(),
        };
        while let Err(error) = hub.publish_with(event.clone(), options.clone()) {
            assert!(matches!(error, Error::QueueFull { .. }), "{error}");
            thread::sleep(Duration::from_micros(200));
        }
        if number % 100 == 0 {
            let status = hub.status();
            assert!(
                status.outgoing <= LIMIT && status.unacknowledged <= LIMIT,
                "{status:?}"
            );
            assert!(
                status.incoming <= LIMIT * 10 && status.awaited_replies <= LIMIT,
                "{status:?}"
            );
            server.shared.events.lock().clear();
        }
    }
    until("all are handled or dropped", || {
        handled.load(Ordering::SeqCst) + hub.status().dropped == events
    });
    until("all are acknowledged", || hub.status().outgoing == 0);
    let status = hub.status();
    assert_eq!(
        (status.published, status.received, status.incoming),
        (events, events, 0)
    );
    until("callbacks are dropped", || {
        hub.status().awaited_replies == 0
    });
    hub.disconnect().unwrap();
    listener.join().unwrap().unwrap();
}
