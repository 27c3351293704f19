//! Coming and going.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ftrack_event::{ConnectionState, Error, Event, EventHub, HubOptions, Outcome, WaitEnded};
use ftrack_transport::{HttpTransport, Transport};
use parking_lot::Mutex;

use crate::server::{KEY, Server, hub, until};

#[test]
fn credentials_go_with_the_first_request_only() {
    let server = Server::start();
    let connection = server.connection().header("x-studio", "1").cookie("a", "b");
    let hub = hub(connection, HubOptions::new());
    assert!(!hub.is_connected() && !hub.is_secure());
    assert_eq!(hub.server_url(), Some(server.url().as_str()));
    hub.connect().unwrap();
    assert!(hub.is_connected());
    let heads = server.shared.heads.lock();
    let [first, second] = heads.as_slice() else {
        panic!("{heads:?}");
    };
    assert!(first.starts_with("GET /socket.io/1/ HTTP/1.1") && first.contains(KEY));
    assert!(second.starts_with("GET /socket.io/1/websocket/sid-1 HTTP/1.1"));
    assert!(!second.contains(KEY) && !second.contains("ada"), "{second}");
    assert!(second.contains("x-studio: 1\r\n") && second.contains("cookie: a=b; node=7\r\n"));
}

#[test]
fn connecting_twice_is_refused() {
    let server = Server::start();
    let hub = server.hub();
    assert!(matches!(hub.connect(), Err(Error::AlreadyConnected)));
    assert!(matches!(
        hub.connect_in_background(),
        Err(Error::AlreadyConnected)
    ));
    hub.disconnect().unwrap();
    assert!(matches!(hub.disconnect(), Err(Error::NotConnected)));
    hub.connect().unwrap();
    assert!(hub.is_connected());
}

#[test]
fn a_server_that_does_not_want_us_is_told_apart_from_one_that_is_not_there() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new());
    let cases = [
        (200, r#"{"exception": "x", "content": "wrong key"}"#, true),
        (403, "go away", true),
        (502, "<h1>Bad gateway</h1>", false),
        (500, r#"{"exception": "down"}"#, false),
        (200, "sid:1:1:xhr-polling", false),
        (404, "sid:1:1:websocket", false),
    ];
    for (status, body, refused) in cases {
        *server.shared.refusal.lock() = Some((status, body.to_owned()));
        let error = hub.connect().unwrap_err();
        assert_eq!(matches!(error, Error::Refused { .. }), refused, "{error:?}");
        assert_eq!(
            matches!(error, Error::Connect { .. }),
            !refused,
            "{error:?}"
        );
        assert_eq!(hub.status().state, ConnectionState::Disconnected);
        assert!(matches!(
            hub.publish(Event::new("a")),
            Err(Error::NotConnected)
        ));
    }
    *server.shared.refusal.lock() = None;
    hub.connect().unwrap();
    let address = server.address;
    drop((hub, server));
    let gone = Server::start().connection();
    drop(TcpListener::bind(address));
    assert!(matches!(
        crate::server::hub(gone, HubOptions::new()).connect(),
        Err(Error::Connect { .. })
    ));
}

#[test]
fn a_connection_in_the_background_waits_for_the_server() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let connection = {
        let server = Server::start();
        let url = format!("http://{address}");
        let options = ftrack_transport::ConnectionOptions::new(url, "ada", KEY).unwrap();
        drop(server);
        options.retry(ftrack_transport::RetryPolicy::none())
    };
    let hub = hub(connection, HubOptions::new());
    hub.connect_in_background().unwrap();
    let publications: Vec<_> = (0..20)
        .map(|n| hub.publish(Event::new(format!("t{n}"))).unwrap())
        .collect();
    assert_eq!(hub.status().state, ConnectionState::Connecting);
    let server = Server::start_at(address, false);
    for publication in &publications {
        let outcome = publication.wait(Duration::from_secs(20));
        assert_eq!(outcome, Some(Outcome::Acknowledged));
    }
    let expected: Vec<_> = (0..20).map(|n| format!("t{n}")).collect();
    assert_eq!(server.topics(), expected);
}

#[test]
fn a_refusal_in_the_background_ends_the_waiting() {
    let server = Server::start();
    *server.shared.refusal.lock() = Some((401, "wrong key".to_owned()));
    let hub = server.hub_with(HubOptions::new());
    let reason = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&reason);
    hub.subscribe("topic=ftrack.meta.disconnected", move |event| {
        *seen.lock() = event.data["reason"].as_str().map(str::to_owned);
        Ok(None)
    })
    .unwrap();
    hub.connect_in_background().unwrap();
    let error = hub.wait(None).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    let reason = reason.lock().clone().unwrap();
    assert!(
        reason.contains("refused") && reason.contains("wrong key"),
        "{reason}"
    );
}

/// The documented way to learn of a key that was reset: nobody is to wait for ever.
#[test]
fn a_key_that_was_reset_ends_the_waiting_and_is_told_in_every_way() {
    let server = Server::start();
    let hub = server.hub();
    let reason = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&reason);
    hub.subscribe("topic=ftrack.meta.disconnected", move |event| {
        *seen.lock() = event.data["reason"].as_str().map(str::to_owned);
        Ok(None)
    })
    .unwrap();
    *server.shared.refusal.lock() = Some((401, "the key was reset".to_owned()));
    server.cut();
    let error = hub.wait(None).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("the key was reset"), "{error}");
    let status = hub.status();
    assert_eq!(status.state, ConnectionState::Disconnected);
    assert_eq!(status.last_error, *reason.lock());
    assert!(status.last_error.unwrap().contains("the key was reset"));
    assert!(matches!(hub.wait(None), Err(Error::Refused { .. })));

    *server.shared.refusal.lock() = None;
    hub.connect().unwrap();
    assert_eq!(hub.status().last_error, None);
}

#[test]
fn attempts_to_reconnect_are_counted_by_whoever_asked_for_them() {
    let server = Server::start();
    // The transport is patient, but that is for requests, not for connections.
    let connection = server
        .connection()
        .retry(ftrack_transport::RetryPolicy::default());
    let hub = hub(connection, HubOptions::new());
    hub.connect().unwrap();
    *server.shared.refusal.lock() = Some((503, "later".to_owned()));
    let before = server.shared.heads.lock().len();
    let error = hub.reconnect(2, Duration::from_millis(10)).unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(server.shared.heads.lock().len(), before + 2);
}

/// The server knows of a subscription when `subscribe` returns, and of all when `connect` does:
/// whoever publishes after that reaches them.
#[test]
fn a_subscription_is_in_effect_when_subscribing_returns() {
    let server = Server::start();
    let hub = server.hub_with(HubOptions::new());
    for _ in 0..5 {
        hub.subscribe("topic=a", |_| Ok(None)).unwrap();
    }
    hub.connect().unwrap();
    assert_eq!(server.subscribers(), 6);
    for number in 1..=20 {
        hub.subscribe("topic=b", |_| Ok(None)).unwrap();
        assert_eq!(server.subscribers(), 6 + number);
    }
}

#[test]
fn a_handler_that_subscribes_is_not_held_up() {
    let server = Server::start();
    let hub = server.hub();
    let weak = hub.downgrade();
    hub.subscribe("topic=a", move |_| {
        let hub = weak.upgrade().ok_or("gone")?;
        hub.subscribe("topic=b", |_| Ok(None))?;
        Ok(None)
    })
    .unwrap();
    server.shared.mute.store(true, Ordering::SeqCst);
    let started = Instant::now();
    hub.publish_synchronously(Event::new("a")).unwrap();
    let held_up = started.elapsed();
    until("the server is told", || hub.status().unacknowledged > 0);
    assert!(held_up < Duration::from_secs(5), "{held_up:?}");
}

#[test]
fn disconnecting_withdraws_subscribers_unless_told_not_to() {
    let server = Server::start();
    let hub = server.hub();
    let id = hub.subscribe("topic=a", |_| Ok(None)).unwrap();
    until("both are announced", || server.subscribers() == 2);
    hub.disconnect_keeping_subscribers().unwrap();
    until("it is gone", || server.peers() == 0);
    assert!(hub.subscriber(&id).is_some());
    hub.connect().unwrap();
    until("both are announced again", || server.subscribers() == 2);
    hub.disconnect().unwrap();
    assert!(hub.subscriber(&id).is_none());
    assert!(!hub.is_connected());
}

#[test]
fn what_was_published_goes_out_before_the_end() {
    let server = Server::start();
    let hub = server.hub();
    let publications: Vec<_> = (0..500)
        .map(|_| hub.publish(Event::new("a")).unwrap())
        .collect();
    hub.disconnect().unwrap();
    let all = |outcome: &Outcome| {
        publications
            .iter()
            .all(|publication| publication.outcome().as_ref() == Some(outcome))
    };
    assert!(all(&Outcome::Acknowledged));
    assert_eq!(server.topics().len(), 500);
    assert_eq!(hub.status().outgoing, 0);
}

#[test]
fn reconnecting_by_hand_keeps_subscribers_and_tells_of_the_gap() {
    let server = Server::start();
    let hub = server.hub();
    let gaps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&gaps);
    hub.subscribe("topic=ftrack.meta.*", move |event| {
        seen.lock().push(event.topic.clone());
        Ok(None)
    })
    .unwrap();
    hub.reconnect(3, Duration::from_millis(10)).unwrap();
    assert!(hub.is_connected());
    until("handlers are told", || {
        hub.wait(Duration::from_millis(10)).unwrap();
        gaps.lock()
            .last()
            .is_some_and(|topic| topic == "ftrack.meta.reconnected")
    });
    assert!(
        !gaps
            .lock()
            .iter()
            .any(|topic| topic.ends_with("disconnected"))
    );

    *server.shared.refusal.lock() = Some((503, "later".to_owned()));
    let started = Instant::now();
    let error = hub.reconnect(3, Duration::from_millis(20)).unwrap_err();
    assert!(
        matches!(error, Error::Connect { .. }) && started.elapsed() >= Duration::from_millis(40)
    );
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
}

#[test]
fn closing_the_transport_ends_the_connection() {
    let server = Server::start();
    let connection = server.connection();
    let transport = Arc::new(HttpTransport::new(connection.clone()).unwrap());
    let engine = transport.engine().clone();
    let shared: Arc<dyn Transport> = transport.clone();
    let hub = EventHub::with_transport(shared, engine, connection, HubOptions::new()).unwrap();
    hub.connect().unwrap();
    server.shared.mute.store(true, Ordering::SeqCst);
    let publication = hub.publish(Event::new("a")).unwrap();
    transport.close();
    assert_eq!(hub.wait(None).unwrap(), WaitEnded::Disconnected);
    let outcome = publication.wait(Duration::from_secs(5)).unwrap();
    assert!(matches!(outcome, Outcome::Unconfirmed | Outcome::NotSent));
    assert!(matches!(hub.connect(), Err(Error::Transport { .. })));
    assert!(matches!(
        hub.publish(Event::new("a")),
        Err(Error::NotConnected)
    ));
}

#[test]
fn an_end_that_is_not_answered_comes_all_the_same() {
    let server = Server::start();
    let hub = server.hub();
    server.shared.mute.store(true, Ordering::SeqCst);
    let publication = hub.publish(Event::new("a")).unwrap();
    drop(hub);
    assert_eq!(
        publication.wait(Duration::from_secs(10)),
        Some(Outcome::Unconfirmed)
    );
    until("the connection has ended", || server.peers() == 0);
}

#[test]
fn dropping_the_last_handle_ends_the_connection_and_waits_for_nothing() {
    let server = Server::start();
    let hub = server.hub();
    let clone = hub.clone();
    drop(hub);
    clone.publish(Event::new("a")).unwrap();
    drop(clone);
    until("the connection has ended", || server.peers() == 0);
    assert_eq!(server.topics(), ["a"]);
}
