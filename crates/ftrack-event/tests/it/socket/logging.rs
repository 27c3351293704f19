//! A log subscriber that asks the hub about everything that the hub logs.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use ftrack_event::{Event, EventHub, WeakEventHub};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::server::{Server, until};

thread_local! {
    /// Whether this thread is inside the subscriber already.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

#[derive(Clone, Default)]
struct Asking {
    hub: Arc<OnceLock<WeakEventHub>>,
    asked: Arc<AtomicU64>,
}

impl<S: tracing::Subscriber> Layer<S> for Asking {
    fn on_event(&self, _event: &tracing::Event<'_>, _context: Context<'_, S>) {
        let Some(hub) = self.hub.get().and_then(WeakEventHub::upgrade) else {
            return;
        };
        if INSIDE.replace(true) {
            return;
        }
        hub.status();
        hub.has_subscribers("a");
        hub.subscriber("nobody");
        let _ = hub.publish(Event::new("logged"));
        let _ = hub.publish_synchronously(Event::new("logged"));
        let _ = hub.unsubscribe("nobody");
        self.asked.fetch_add(1, Ordering::SeqCst);
        INSIDE.set(false);
    }
}

/// No lock of the hub is held while something is logged, on whatever thread that is. A lock would
/// keep this test from ending.
#[test]
fn whatever_is_logged_may_be_asked_about() {
    let asking = Asking::default();
    let subscriber = tracing_subscriber::registry().with(asking.clone());
    tracing::subscriber::with_default(subscriber, || {
        let server = Server::start();
        let hub = server.hub();
        asking.hub.set(hub.downgrade()).unwrap();
        exercise(&server, &hub);
    });
    // How much is logged is not the point, only that asking does not end in a lock.
    let asked = asking.asked.load(Ordering::SeqCst);
    assert!(asked > 0, "nothing was logged");
}

fn exercise(server: &Server, hub: &EventHub) {
    hub.subscribe("topic=a", |_| Err("this error is part of the test".into()))
        .unwrap();
    let id = hub.subscribe("topic=b", |_| Ok(None)).unwrap();
    for topic in ["a", "b", "a"] {
        hub.publish(Event::new(topic)).unwrap();
        hub.publish_synchronously(Event::new(topic)).unwrap();
    }
    server.send("nonsense");
    until("events are handled", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        hub.status().handlers.failures >= 4 && hub.status().malformed > 0
    });
    server.cut();
    until("it is connected again", || hub.status().reconnects > 0);
    hub.unsubscribe(&id).unwrap();
    let workers = hub.run_workers(2).unwrap();
    thread::sleep(Duration::from_millis(20));
    hub.disconnect().unwrap();
    workers.join();
    hub.close();
}
