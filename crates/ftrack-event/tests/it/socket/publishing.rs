//! Events from hub to hub.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ftrack_event::{Error, Event, EventHub, HubOptions, Outcome, PublishOptions, SubscribeOptions};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::server::{Server, until};

const SECOND: Duration = Duration::from_secs(1);

/// A hub whose events are handled on another thread.
fn answering(server: &Server, id: &'static str, answer: Value) -> EventHub {
    let hub = server.hub();
    let options = SubscribeOptions::new()
        .id(id)
        .information("kind", "answering");
    hub.subscribe_with("topic=ask", options, move |_| Ok(Some(answer.clone())))
        .unwrap();
    let handling = hub.clone();
    std::thread::spawn(move || handling.wait(None));
    hub
}

#[test]
fn an_event_comes_back_to_its_own_hub_too() {
    let server = Server::start();
    let hub = server.hub();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    hub.subscribe("topic=a.*", move |event| {
        note.lock().push(event.clone());
        Ok(None)
    })
    .unwrap();
    let event = Event::new("a.b").with_data(json!({"text": "é:+\"", "list": [1, 2.5, null]}));
    let publication = hub.publish(event.clone()).unwrap();
    assert_eq!(publication.event_id(), event.id);
    assert_eq!(publication.wait(5 * SECOND), Some(Outcome::Acknowledged));
    until("it is handled", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        !seen.lock().is_empty()
    });
    let seen = seen.lock();
    assert_eq!(
        (seen.len(), &seen[0].data, &seen[0].id),
        (1, &event.data, &event.id)
    );
    assert_eq!(seen[0].source["user"]["username"], "ada");
    assert_eq!(seen[0].source["id"], hub.id());
}

#[test]
fn replies_find_their_way() {
    let server = Server::start();
    let _one = answering(&server, "one", json!(1));
    let _two = answering(&server, "two", json!({"n": 2}));
    let hub = server.hub();
    until("all are announced", || server.subscribers() == 5);

    let event = Event::new("ask").with_target("id=two");
    let reply = hub.publish_and_wait(event.clone(), 10 * SECOND).unwrap();
    assert_eq!(
        (&reply.topic[..], &reply.data),
        ("ftrack.meta.reply", &json!({"n": 2}))
    );
    assert_eq!(reply.in_reply_to_event, Some(event.id));
    assert_eq!(
        (&reply.source["id"], &reply.source["kind"]),
        (&json!("two"), &json!("answering"))
    );

    let replies = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&replies);
    let options = PublishOptions::new().on_reply(move |reply| note.lock().push(reply.data.clone()));
    hub.publish_with(Event::new("ask").with_target("kind=answering"), options)
        .unwrap();
    until("both have replied", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        replies.lock().len() == 2
    });
    assert!(replies.lock().contains(&json!(1)) && replies.lock().contains(&json!({"n": 2})));
    assert_eq!(hub.status().awaited_replies, 1);
}

#[test]
fn all_replies_within_a_time_are_collected() {
    let server = Server::start();
    let _one = answering(&server, "one", json!(1));
    let _two = answering(&server, "two", json!(2));
    let hub = server.hub();
    until("all are announced", || server.subscribers() == 5);
    let collect = |event, milliseconds| {
        let replies = hub.publish_and_collect(event, Duration::from_millis(milliseconds));
        let mut answers: Vec<_> = replies
            .unwrap()
            .into_iter()
            .map(|reply| reply.data)
            .collect();
        answers.sort_unstable_by_key(Value::as_u64);
        answers
    };
    // A busy machine may need a second try.
    until("both reply in time", || {
        collect(Event::new("ask"), 200) == [json!(1), json!(2)]
    });
    assert!(collect(Event::new("nobody-cares"), 5).is_empty());
    assert_eq!(hub.status().awaited_replies, 0);
    let error = hub.publish_and_collect(Event::new("ask").with_target("(("), SECOND);
    assert!(matches!(error, Err(Error::InvalidTarget { .. })));
}

#[test]
fn closing_ends_the_waiting_for_a_reply() {
    let server = Server::start();
    let hub = server.hub();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // What has not arrived when the hub is closed is reported as that, and not as a reply that is missing.
            until("the event has arrived and somebody waits", || {
                let status = hub.status();
                let has_arrived = server.topics().iter().any(|topic| topic == "ask");
                has_arrived && status.unacknowledged == 0 && status.awaited_replies == 1
            });
            hub.close();
        });
        let error = hub.publish_and_wait(Event::new("ask"), 600 * SECOND);
        assert!(matches!(error, Err(Error::NotConnected)), "{error:?}");
    });
}

#[test]
fn a_reply_may_be_sent_by_hand_from_a_handler() {
    let server = Server::start();
    let hub = server.hub();
    let weak = hub.downgrade();
    hub.subscribe("topic=ask", move |event| {
        let hub = weak.upgrade().ok_or("gone")?;
        hub.publish_reply(event, "by hand")?;
        Ok(None)
    })
    .unwrap();
    let handling = hub.clone();
    std::thread::spawn(move || handling.wait(None));
    let reply = hub
        .publish_and_wait(Event::new("ask"), 10 * SECOND)
        .unwrap();
    assert_eq!(reply.data, "by hand");
    let error = hub.publish_reply(&Event::new("x"), 1).unwrap_err();
    assert!(matches!(error, Error::InvalidEvent { .. }));
}

#[test]
fn nobody_replies_for_ever() {
    let server = Server::start();
    let options = HubOptions::new()
        .awaited_limit(2)
        .reply_timeout(Duration::from_millis(50));
    let hub = server.hub_with(options);
    hub.connect().unwrap();
    let limit = Duration::from_millis(30);
    let error = hub.publish_and_wait(Event::new("ask"), limit).unwrap_err();
    assert!(matches!(error, Error::NoReply { limit: given, .. } if given == limit));
    let limit = Duration::from_secs(1);
    let error = hub.publish_and_wait(Event::new("ask"), limit).unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(
            error,
            Error::NoReply {
                acknowledged: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        text.ends_with("arrived within 1s"),
        "the server has it: {text}"
    );
    let error = hub.publish_and_wait(Event::new("ask"), Duration::ZERO);
    let error = error.unwrap_err();
    assert!(
        matches!(
            error,
            Error::NoReply {
                acknowledged: false,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("the server has not said that it has it"),
        "{error}"
    );
    assert_eq!(hub.status().awaited_replies, 0);

    let held = Arc::new(());
    let publish = || {
        let held = Arc::clone(&held);
        let options = PublishOptions::new().on_reply(move |_| drop(Arc::clone(&held)));
        hub.publish_with(Event::new("ask"), options)
    };
    publish().unwrap();
    publish().unwrap();
    assert!(matches!(
        publish(),
        Err(Error::QueueFull {
            queue: "awaited replies",
            ..
        })
    ));
    hub.wait(Duration::from_millis(1_200)).unwrap();
    assert_eq!(
        (hub.status().awaited_replies, Arc::strong_count(&held)),
        (0, 1)
    );
}

#[test]
fn what_waits_to_be_sent_is_bounded() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new().outgoing_limit(100));
    hub.connect().unwrap();
    server.shared.mute.store(true, Ordering::SeqCst);
    let mut accepted = 0;
    let error = loop {
        match hub.publish(Event::new("a")) {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::QueueFull { limit: 100, .. }) && error.is_retryable());
    assert_eq!((accepted, hub.status().outgoing), (100, 100));
    server.shared.mute.store(false, Ordering::SeqCst);
    server.cut();
    until("there is room again", || hub.status().outgoing == 0);
    hub.publish(Event::new("a")).unwrap();
}

#[test]
fn an_event_that_is_too_large_for_the_server_fails_with_that_reason() {
    let server = Server::start();
    let hub = server.hub();
    server.shared.largest.store(10_000, Ordering::SeqCst);
    let large = Event::new("a").with_data("x".repeat(20_000));
    let error = hub.publish_and_wait(large, 30 * SECOND).unwrap_err();
    let Error::NotDelivered { outcome, .. } = &error else {
        panic!("{error:?}");
    };
    let text = outcome.to_string();
    assert!(text.contains("too large for the server"), "{text}");
    until("it is connected again", || hub.is_connected());
    let small = hub.publish(Event::new("b")).unwrap();
    assert_eq!(small.wait(10 * SECOND), Some(Outcome::Acknowledged));
}

#[test]
fn an_event_that_arrives_twice_is_handled_once() {
    let server = Server::start();
    let hub = server.hub();
    hub.subscribe("topic=a", |_| Ok(None)).unwrap();
    let event = |id: &str| {
        let event = Event::new("a").with_id(id).to_json();
        format!("5:::{}", json!({"name": "ftrack.event", "args": [event]}))
    };
    for id in ["1", "2", "1", "2", "3"] {
        server.send(&event(id));
    }
    until("all have arrived", || hub.status().received == 3);
    hub.wait(Duration::from_millis(50)).unwrap();
    let status = hub.status();
    assert_eq!((status.duplicates, status.handlers.calls), (2, 3));
}

#[test]
fn garbage_and_bad_targets_hurt_nobody() {
    let server = Server::start();
    let hub = server.hub();
    hub.subscribe("topic=a", |_| Ok(None)).unwrap();
    let targeted = Event::new("a").with_target("((").to_json();
    let targeted = json!({"name": "ftrack.event", "args": [targeted]}).to_string();
    for text in [
        "",
        ":::",
        "5:::{\"name\":",
        "\u{0}",
        "6:::",
        "7:::oops",
        &format!("5:::{targeted}"),
    ] {
        server.send(text);
    }
    let publication = hub.publish(Event::new("a")).unwrap();
    assert_eq!(publication.wait(5 * SECOND), Some(Outcome::Acknowledged));
    until("it is handled", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        hub.status().handlers.calls == 1
    });
    let status = hub.status();
    assert_eq!((status.malformed, status.reconnects), (5, 0));
    assert!(matches!(
        hub.publish(Event::new("a").with_target("((")),
        Err(Error::InvalidTarget { .. })
    ));
}
