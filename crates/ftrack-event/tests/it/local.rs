//! A hub without a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_event::{Error, Event, EventHub, SubscribeOptions};
use parking_lot::Mutex;
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
    assert!(hub.subscriber("nobody").is_none());
    let taken = hub.subscriber("taken").unwrap();
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
fn handlers_may_return_nothing() {
    let hub = EventHub::local();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noting = Arc::clone(&seen);
    let id = hub
        .observe("topic=a", move |event| noting.lock().push(event.id.clone()))
        .unwrap();
    let event = Event::new("a");
    let expected = vec![event.id.clone()];
    assert_eq!(
        hub.publish_synchronously(event).unwrap(),
        [Value::Null],
        "it answers nothing"
    );
    assert_eq!(*seen.lock(), expected);
    assert!(hub.observe("topic=", |_| ()).is_err());
    hub.unsubscribe(&id).unwrap();
    hub.publish_synchronously(Event::new("a")).unwrap();
    assert_eq!(seen.lock().len(), 1);
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

/// Launch hooks rely on it: they change the environment that an application is started with.
#[test]
fn what_handlers_change_reaches_later_ones_and_the_publisher() {
    let hub = EventHub::local();
    let with = |priority| SubscribeOptions::new().priority(priority);
    hub.subscribe_mut("topic=launch", with(10), |event| {
        event.data["environment"]["OCIO"] = json!("/config.ocio");
        Ok(Some(json!("first")))
    })
    .unwrap();
    hub.subscribe_with("topic=launch", with(20), |event| {
        Ok(Some(event.data["environment"]["OCIO"].clone()))
    })
    .unwrap();
    let asks_for_the_change = "topic=launch and data.environment.OCIO=/config.ocio";
    hub.subscribe_with(asks_for_the_change, with(30), |_| Ok(Some(json!("third"))))
        .unwrap();
    hub.subscribe_mut("topic=launch", with(40), |event| {
        event.data["command"] = json!("maya");
        panic!("this panic is part of the test");
    })
    .unwrap();
    let mut launch = Event::new("launch").with_data(json!({"environment": {"A": "1"}}));
    let answers = hub.publish_synchronously_mut(&mut launch).unwrap();
    assert_eq!(answers, ["first", "/config.ocio", "third"]);
    let expected = json!({"environment": {"A": "1", "OCIO": "/config.ocio"}, "command": "maya"});
    assert_eq!(launch.data, expected);
}

/// No lock of the hub is held while a handler runs: it may do with the hub whatever it likes.
#[test]
fn handlers_may_call_back_into_the_hub() {
    let hub = EventHub::local();
    let weak = hub.downgrade();
    hub.subscribe_mut("topic=a", SubscribeOptions::new(), move |event| {
        let hub = weak.upgrade().ok_or("gone")?;
        let id = hub.subscribe("topic=b", |_| Ok(Some(json!("inner"))))?;
        let inner = hub.publish_synchronously(Event::new("b"))?;
        hub.unsubscribe(&id)?;
        event.data["inner"] = inner.into();
        event.data["known"] = json!(hub.subscriber(&id).is_some());
        event.data["calls"] = json!(hub.status().handlers.calls);
        hub.close();
        Ok(None)
    })
    .unwrap();
    let mut event = Event::new("a");
    hub.publish_synchronously_mut(&mut event).unwrap();
    let expected = json!({"inner": ["inner"], "known": false, "calls": 1});
    assert_eq!(event.data, expected);
    assert_eq!(hub.status().subscribers, 0);
}

#[test]
fn events_are_written_and_read_by_serde_as_on_the_wire() {
    let event = Event::new("a")
        .with_data(json!([1]))
        .with_source("id", "hub");
    let text = serde_json::to_string(&event).unwrap();
    assert!(text.contains("\"inReplyToEvent\":null"), "{text}");
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    let error = serde_json::from_str::<Event>("{}").unwrap_err().to_string();
    assert!(error.contains("it has no topic"), "{error}");
}

/// Compiling is the test.
#[test]
fn everything_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Error>();
    shared::<Event>();
    shared::<EventHub>();
    shared::<ftrack_event::HubOptions>();
    shared::<ftrack_event::HubStatus>();
    shared::<ftrack_event::Publication>();
    shared::<ftrack_event::PublishOptions>();
    shared::<ftrack_event::ScopedSubscription>();
    shared::<ftrack_event::Stopper>();
    shared::<ftrack_event::Subscriber>();
    shared::<ftrack_event::WeakEventHub>();
    shared::<ftrack_event::Workers>();
}
