//! Handling what arrives.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_event::{Event, EventHub, HubOptions, WaitEnded};
use parking_lot::Mutex;

use crate::server::{Server, until};

type Seen = Arc<Mutex<Vec<(u64, thread::ThreadId)>>>;

/// A hub that notes the number in every event that it handles, and on which thread.
fn noting(server: &Server) -> (EventHub, Seen) {
    let hub = server.hub();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    hub.subscribe("topic=n", move |event| {
        let number = event.data.as_u64().ok_or("no number")?;
        note.lock().push((number, thread::current().id()));
        Ok(None)
    })
    .unwrap();
    (hub, seen)
}

fn publish(hub: &EventHub, numbers: std::ops::Range<u64>) {
    for number in numbers {
        hub.publish(Event::new("n").with_data(number)).unwrap();
    }
}

#[test]
fn handlers_run_in_order_on_the_thread_that_waits() {
    let server = Server::start();
    let (hub, seen) = noting(&server);
    publish(&hub, 0..100);
    until("all are handled", || {
        hub.wait(Duration::from_millis(5)).unwrap();
        seen.lock().len() == 100
    });
    let expected: Vec<_> = (0..100)
        .map(|number| (number, thread::current().id()))
        .collect();
    assert_eq!(*seen.lock(), expected);
}

#[test]
fn waiting_ends_in_time() {
    let server = Server::start();
    let (hub, _) = noting(&server);
    let started = Instant::now();
    let time = Duration::from_millis(60);
    assert_eq!(hub.wait(time).unwrap(), WaitEnded::Elapsed);
    assert!(started.elapsed() >= time && started.elapsed() < Duration::from_secs(5));
}

#[test]
fn waiting_can_be_stopped() {
    let server = Server::start();
    let (hub, _) = noting(&server);
    let stopper = hub.stopper();
    let from_elsewhere = hub.clone();
    let stops: [Box<dyn FnOnce() + Send>; 2] = [
        Box::new(move || stopper.stop()),
        Box::new(move || from_elsewhere.stop_waiting()),
    ];
    for stop in stops {
        let stopping = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            stop();
        });
        assert_eq!(hub.wait(None).unwrap(), WaitEnded::Stopped);
        stopping.join().unwrap();
    }
    assert_eq!(
        hub.wait(Duration::from_millis(5)).unwrap(),
        WaitEnded::Elapsed
    );
}

#[test]
fn a_handler_may_end_it_all() {
    let server = Server::start();
    let hub = server.hub();
    let weak = hub.downgrade();
    hub.subscribe("topic=end", move |_| {
        weak.upgrade().ok_or("gone")?.disconnect()?;
        Ok(None)
    })
    .unwrap();
    hub.publish(Event::new("end")).unwrap();
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
}

/// The end of an earlier connection is told, and ends nothing that came after it.
#[test]
fn a_new_connection_is_waited_for_although_an_old_one_ended() {
    let server = Server::start();
    let (hub, seen) = noting(&server);
    for numbers in [0..3, 3..6] {
        hub.disconnect_keeping_subscribers().unwrap();
        hub.connect().unwrap();
        let workers = (numbers.start > 0).then(|| hub.run_workers(1).unwrap());
        publish(&hub, numbers.clone());
        let all = usize::try_from(numbers.end).unwrap();
        until("all are handled", || {
            if workers.is_none() {
                let ended = hub.wait(Duration::from_millis(5)).unwrap();
                assert_eq!(ended, WaitEnded::Elapsed);
            }
            seen.lock().len() == all
        });
    }
}

#[test]
fn workers_keep_the_order_of_each_subscriber() {
    let server = Server::start();
    let (hub, seen) = noting(&server);
    let slow = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&slow);
    hub.subscribe("topic=n and data!=x", move |event| {
        thread::sleep(Duration::from_micros(200));
        note.lock().push(event.data.as_u64());
        Ok(None)
    })
    .unwrap();
    let workers = hub.run_workers(4).unwrap();
    publish(&hub, 0..300);
    until("all are handled", || {
        seen.lock().len() == 300 && slow.lock().len() == 300
    });
    let numbers: Vec<_> = seen.lock().iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(slow.lock().is_sorted());
    hub.disconnect().unwrap();
    workers.join();
}

#[test]
fn workers_end_also_if_somebody_else_was_told_of_the_end() {
    let server = Server::start();
    let (hub, _) = noting(&server);
    hub.disconnect().unwrap();
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
    hub.run_workers(2).unwrap().join();
}

/// Whoever waits when the connection ends is told of it before the waiting ends, every time.
#[test]
fn no_end_is_missed() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new());
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    let id = hub.id().to_owned();
    hub.subscribe("topic=ftrack.meta.disconnected", move |event| {
        assert_eq!(event.source["id"], id);
        assert_eq!(event.source["user"]["username"], "ada");
        *count.lock() += 1;
        Ok(None)
    })
    .unwrap();
    for round in 1..=100 {
        hub.connect().unwrap();
        let waiting = hub.clone();
        let waiting = thread::spawn(move || waiting.wait(None));
        hub.disconnect_keeping_subscribers().unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), WaitEnded::Disconnected);
        assert_eq!(*told.lock(), round);
    }
}

#[test]
fn what_nobody_handles_is_dropped_and_told() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new().incoming_limit(10));
    hub.connect().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&told);
    hub.subscribe("topic=n or topic=ftrack.meta.overflowed", move |event| {
        note.lock().push(event.data.clone());
        Ok(None)
    })
    .unwrap();
    publish(&hub, 0..50);
    until("all have arrived", || hub.status().received == 50);
    assert!(hub.status().incoming <= 10);
    hub.wait(Duration::from_millis(100)).unwrap();
    let told = told.lock();
    let dropped = told[0]["dropped"].as_u64().unwrap();
    assert_eq!(dropped, hub.status().dropped);
    assert!((40..=41).contains(&dropped), "{dropped}");
    assert_eq!(told.last(), Some(&49.into()));
}
