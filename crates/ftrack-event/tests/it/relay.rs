//! A hub whose work another one does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ftrack_event::{
    ConnectionState, Error, Event, EventHub, LinkCommand, Outcome, Publication, PublishOptions,
    Relay, Result, SubscribeOptions, Subscriber, WaitEnded, WeakEventHub,
};
use serde_json::{Value, json};

/// The way to a hub in the same process.
struct Direct {
    main: EventHub,
    /// The hub that is relayed.
    relayed: Mutex<Option<WeakEventHub>>,
    links: Mutex<Vec<LinkCommand>>,
    waits: AtomicUsize,
}

impl Relay for Direct {
    fn subscribe(&self, subscriber: &Subscriber) -> Result<()> {
        let relayed = self.relayed.lock().unwrap().clone().unwrap();
        let id = subscriber.id().to_owned();
        let mut options = SubscribeOptions::new().priority(subscriber.priority());
        options.information.clone_from(subscriber.information());
        let handler = move |event: &mut Event| {
            let relayed = relayed.upgrade().ok_or("gone")?;
            relayed.deliver(&id, event).unwrap_or(Ok(None))
        };
        self.main
            .subscribe_mut(subscriber.subscription(), options, handler)
            .map(drop)
    }

    fn unsubscribe(&self, id: &str) -> Result<()> {
        self.main.unsubscribe(id)
    }

    fn publish(&self, event: &Event, wants_replies: bool) -> Result<Publication> {
        if wants_replies {
            let reply = Event::new("ftrack.meta.reply").with_in_reply_to_event(event.id.clone());
            let relayed = self.relayed.lock().unwrap().clone().unwrap();
            relayed.upgrade().unwrap().deliver_reply(&reply);
        }
        let known = Outcome::Refused {
            message: "a local hub sends nothing".to_owned(),
        };
        Ok(Publication::relayed(event.id.clone(), move |_| {
            Some(known.clone())
        }))
    }

    fn publish_synchronously(&self, event: &mut Event) -> Result<Vec<Value>> {
        self.main.publish_synchronously_mut(event)
    }

    fn publish_and_wait(&self, event: &Event, timeout: Duration) -> Result<Event> {
        self.main.publish_and_wait(event.clone(), timeout)
    }

    fn wait(&self, duration: Duration) -> Result<WaitEnded> {
        self.waits.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(duration);
        Ok(WaitEnded::Elapsed)
    }

    fn link(&self, command: LinkCommand) -> Result<()> {
        self.links.lock().unwrap().push(command);
        Ok(())
    }

    fn state(&self) -> ConnectionState {
        ConnectionState::Connected
    }
}

fn relayed() -> (EventHub, EventHub, Arc<Direct>) {
    let main = EventHub::local();
    let relay = Arc::new(Direct {
        main: main.clone(),
        relayed: Mutex::default(),
        links: Mutex::default(),
        waits: AtomicUsize::new(0),
    });
    let hub = EventHub::relayed(Arc::<Direct>::clone(&relay), main.id());
    *relay.relayed.lock().unwrap() = Some(hub.downgrade());
    (main, hub, relay)
}

fn answers(text: &'static str) -> impl Fn(&Event) -> ftrack_event::HandlerResult {
    move |_| Ok(Some(json!(text)))
}

#[test]
fn subscribers_of_both_hubs_take_their_turns_by_priority() {
    let (main, hub, _relay) = relayed();
    for (hub, text, priority) in [
        (&main, "second", 20),
        (&hub, "first", 10),
        (&hub, "third", 30),
    ] {
        let options = SubscribeOptions::new().priority(priority);
        hub.subscribe_with("topic=a", options, answers(text))
            .unwrap();
    }
    let expected = [json!("first"), json!("second"), json!("third")];
    assert_eq!(
        main.publish_synchronously(Event::new("a")).unwrap(),
        expected
    );
    assert_eq!(
        hub.publish_synchronously(Event::new("a")).unwrap(),
        expected
    );
    assert_eq!(hub.id(), main.id());
    assert_eq!(hub.status().subscribers, 2);
}

#[test]
fn what_the_other_hub_refuses_is_refused_here() {
    let (main, hub, _relay) = relayed();
    main.subscribe_with("topic=a", SubscribeOptions::new().id("one"), answers("a"))
        .unwrap();
    let taken = hub.subscribe_with("topic=b", SubscribeOptions::new().id("one"), answers("b"));
    assert!(matches!(taken, Err(Error::NotUnique { .. })));
    assert!(hub.subscriber("one").is_none());
    assert!(hub.deliver("one", &mut Event::new("b")).is_none());
}

#[test]
fn nobody_is_left_behind_when_the_hub_is_closed() {
    let (main, hub, _relay) = relayed();
    let id = hub.subscribe("topic=a", answers("a")).unwrap();
    hub.subscribe("topic=a", answers("b")).unwrap();
    hub.unsubscribe(&id).unwrap();
    assert_eq!(main.publish_synchronously(Event::new("a")).unwrap(), ["b"]);
    hub.close();
    assert!(
        main.publish_synchronously(Event::new("a"))
            .unwrap()
            .is_empty()
    );
    assert_eq!(main.status().subscribers, 0);
}

#[test]
fn outcomes_and_replies_come_from_the_other_hub() {
    let (_main, hub, _relay) = relayed();
    let replies = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&replies);
    let options = PublishOptions::new().on_reply(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let publication = hub.publish_with(Event::new("a"), options).unwrap();
    let refused = |outcome: Option<Outcome>| matches!(outcome, Some(Outcome::Refused { .. }));
    assert!(refused(publication.outcome()) && refused(publication.wait(Duration::MAX)));
    assert_eq!(replies.load(Ordering::SeqCst), 1);
    assert!(hub.is_connected());
}

#[cfg(feature = "socket")]
#[test]
fn the_connection_is_that_of_the_other_hub() {
    let (_main, hub, relay) = relayed();
    hub.subscribe("topic=a", answers("a")).unwrap();
    hub.connect().unwrap();
    hub.reconnect(2, Duration::from_secs(1)).unwrap();
    hub.disconnect().unwrap();
    let expected = [
        LinkCommand::Connect,
        LinkCommand::Reconnect {
            attempts: 2,
            delay: Duration::from_secs(1),
        },
        LinkCommand::Disconnect,
    ];
    assert_eq!(*relay.links.lock().unwrap(), expected);
    assert_eq!(hub.status().subscribers, 0);
}

#[test]
fn waiting_goes_on_at_the_other_hub_until_it_is_stopped_here() {
    let (_main, hub, relay) = relayed();
    let ended = hub.wait(Duration::from_millis(250)).unwrap();
    assert_eq!(ended, WaitEnded::Elapsed);
    assert!(relay.waits.load(Ordering::SeqCst) >= 3);
    let stopping = hub.clone();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        stopping.stop_waiting();
    });
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Stopped);
    stop.join().unwrap();
    let workers = hub.run_workers(1).map(drop);
    assert!(matches!(workers, Err(Error::InvalidOptions { .. })));
}
