//! A hub without a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_event::{Error, Event, EventHub, SubscribeOptions};
use serde_json::{Value, json};

fn hub_with(handlers: &[(&'static str, i32, &str)]) -> EventHub {
    let hub = EventHub::local();
    for (name, priority, subscription) in handlers {
        let name = *name;
        let options = SubscribeOptions::new().id(name).priority(*priority);
        hub.subscribe_with(subscription, options, move |_| Ok(Some(name.into())))
            .unwrap();
    }
    hub
}

fn publish(hub: &EventHub, event: Event) -> Vec<Value> {
    hub.publish_synchronously(event).unwrap()
}

#[test]
fn handlers_are_called_in_the_order_of_priority() {
    let hub = hub_with(&[
        ("late", 200, "topic=a"),
        ("second", 50, "topic=a*"),
        ("third", 50, "topic=a"),
        ("first", -1, "data.x=1"),
        ("other", 0, "topic=b"),
    ]);
    let event = Event::new("a").with_data(json!({"x": 1}));
    assert_eq!(publish(&hub, event), ["first", "second", "third", "late"]);
    hub.unsubscribe("second").unwrap();
    assert_eq!(publish(&hub, Event::new("a")), ["third", "late"]);
}

#[test]
fn stopping_keeps_later_handlers_from_seeing_the_event() {
    let hub = hub_with(&[("late", 100, "topic=a")]);
    let options = SubscribeOptions::new().priority(10);
    hub.subscribe_with("topic=a", options, |event| {
        event.stop();
        Ok(None)
    })
    .unwrap();
    assert_eq!(publish(&hub, Event::new("a")), [Value::Null]);
}

#[test]
fn a_handler_that_fails_or_panics_stops_nobody() {
    let hub = EventHub::local();
    hub.subscribe("topic=a", |_| Err("broken".into())).unwrap();
    hub.subscribe("topic=a", |event| {
        assert_eq!(event.topic, "b", "this panic is part of the test");
        Ok(None)
    })
    .unwrap();
    hub.subscribe("topic=a", |_| Ok(Some(1.into()))).unwrap();
    assert_eq!(publish(&hub, Event::new("a")), [json!(1)]);
    let handlers = hub.status().handlers;
    assert_eq!((handlers.calls, handlers.failures), (3, 2));
    assert!(handlers.longest <= handlers.total);
}

#[test]
fn targets_choose_among_subscribers() {
    let hub = EventHub::local();
    for (id, application) in [("one", "maya"), ("two", "nuke")] {
        let options = SubscribeOptions::new()
            .id(id)
            .information("applicationId", application);
        hub.subscribe_with("topic=a", options, move |_| Ok(Some(id.into())))
            .unwrap();
    }
    let cases = [
        ("", vec!["one", "two"]),
        ("id=one", vec!["one"]),
        ("applicationId=nuke", vec!["two"]),
        ("not applicationId=nuke", vec!["one"]),
        ("id=three", vec![]),
    ];
    for (target, expected) in cases {
        let event = Event::new("a").with_target(target);
        assert_eq!(publish(&hub, event), expected, "{target}");
    }
    let error = hub.publish_synchronously(Event::new("a").with_target("id is one"));
    assert!(matches!(error, Err(Error::InvalidTarget { .. })));
}

#[test]
fn the_source_is_filled_in() {
    let options = ftrack_event::HubOptions::new().user("ada").host("box");
    let hub = EventHub::local_with(options);
    hub.subscribe("topic=a", |event| Ok(Some(event.source.clone().into())))
        .unwrap();
    let event = Event::new("a").with_source("applicationId", "maya");
    let expected = json!({
        "id": hub.id(), "user": {"username": "ada"}, "host": "box", "applicationId": "maya",
    });
    assert_eq!(publish(&hub, event), [expected]);
}

#[test]
fn handlers_may_do_anything_with_the_hub() {
    let hub = EventHub::local();
    let weak = hub.downgrade();
    let options = SubscribeOptions::new().id("changes").priority(1);
    hub.subscribe_with("topic=a", options, move |_| {
        let hub = weak.upgrade().ok_or("the hub is gone")?;
        hub.unsubscribe("changes")?;
        hub.unsubscribe("victim")?;
        hub.subscribe_with("topic=a", SubscribeOptions::new().id("new"), |_| {
            Ok(Some("new".into()))
        })?;
        let inner = hub.publish_synchronously(Event::new("b"))?;
        Ok(Some(inner.into()))
    })
    .unwrap();
    for (id, topic) in [("victim", "topic=a"), ("inner", "topic=b")] {
        let options = SubscribeOptions::new().id(id);
        hub.subscribe_with(topic, options, move |_| Ok(Some(id.into())))
            .unwrap();
    }
    // One that is unsubscribed meanwhile is not called, and a new one only from the next event on.
    assert_eq!(publish(&hub, Event::new("a")), [json!(["inner"])]);
    assert_eq!(publish(&hub, Event::new("a")), ["new"]);
}

#[test]
fn mistakes_of_subscribing_are_told() {
    let hub = hub_with(&[("taken", 1, "topic=a")]);
    let subscribe = |options, subscription| hub.subscribe_with(subscription, options, |_| Ok(None));
    let new = SubscribeOptions::new;
    assert!(matches!(
        subscribe(new(), "topic is a"),
        Err(Error::InvalidSubscription { .. })
    ));
    assert!(matches!(
        subscribe(new().id("taken"), "topic=a"),
        Err(Error::NotUnique { .. })
    ));
    let number = new().information("id", 5);
    assert!(matches!(
        subscribe(number, "topic=a"),
        Err(Error::InvalidSubscriber { .. })
    ));
    assert!(matches!(
        hub.unsubscribe("nobody"),
        Err(Error::NotFound { .. })
    ));
    assert!(hub.get_subscriber_by_identifier("nobody").is_none());
    let taken = hub.get_subscriber_by_identifier("taken").unwrap();
    assert_eq!(
        (taken.id(), taken.priority(), taken.is_active()),
        ("taken", 1, true)
    );
}

#[test]
fn nothing_arrives_without_a_server() {
    let hub = EventHub::local();
    assert!(matches!(
        hub.publish(Event::new("a")),
        Err(Error::NotConnected)
    ));
    assert!(matches!(hub.run_workers(2), Err(Error::NotConnected)));
    let error = hub.wait(None).unwrap_err();
    assert!(error.to_string().contains("connect()"), "{error}");
}

#[test]
fn closing_drops_the_handlers() {
    let hub = EventHub::local();
    let held = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&held);
    hub.subscribe("topic=a", move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(None)
    })
    .unwrap();
    publish(&hub, Event::new("a"));
    hub.close();
    hub.close();
    publish(&hub, Event::new("a"));
    assert_eq!(
        (held.load(Ordering::SeqCst), Arc::strong_count(&held)),
        (1, 1)
    );
}
