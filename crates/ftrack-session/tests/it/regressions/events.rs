use std::time::Duration;

use ftrack_event::Event;
use ftrack_session::ErrorKind;

use crate::{Studio, builder};

/// 1.7.0: closing a session failed if its event hub was connected after the session had started.
#[test]
fn v1_7_0_a_session_closes_whenever_its_event_hub_was_connected() {
    let studio = Studio::new();
    let late = studio.other_session();
    late.event_hub().connect().unwrap();
    let at_once = builder(&studio.server)
        .auto_connect_event_hub(true)
        .connect()
        .unwrap();
    let never = studio.other_session();
    let before = studio.other_session();
    before.event_hub().connect().unwrap();
    before.event_hub().disconnect().unwrap();
    for session in [late, at_once, never, before] {
        session.close();
        assert!(session.closed() && !session.event_hub().is_connected());
        let error = session.query("User").first().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionClosed);
    }
}

/// 1.0.4: events named the user of the operating system as their source.
#[test]
fn v1_0_4_the_source_of_an_event_is_the_user_of_the_api() {
    let studio = Studio::new();
    let hub = studio.session.event_hub();
    hub.connect().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let stopper = hub.stopper();
    hub.subscribe("topic=test.who", move |event| {
        let user = event.source["user"]["username"].clone();
        sender.send(user).unwrap();
        stopper.stop();
        Ok(None)
    })
    .unwrap();
    hub.publish(Event::new("test.who")).unwrap();
    hub.wait(Duration::from_secs(20)).unwrap();
    assert_eq!(receiver.try_recv().unwrap(), studio.server.user());
}
