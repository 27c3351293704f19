//! What must not be told to anybody.

use std::time::Duration;

use ftrack_event::{Event, HubOptions};
use ftrack_test_kit::log::Log;

use crate::server::{KEY, Server, hub};

#[test]
fn no_log_and_no_error_holds_a_secret() {
    let log = Log::new();
    log.all_of_log();
    let watching = log.all_on_this_thread();
    {
        let server = Server::start();
        let refusal = (401, format!("{{\"content\": \"the key {KEY} is wrong\"}}"));
        *server.shared.refusal.lock() = Some(refusal);
        let connection = server
            .connection()
            .header("x-studio", "hidden-1")
            .cookie("c", "hidden-2");
        let hub = hub(connection, HubOptions::new());
        let error = hub.connect().unwrap_err();
        log.note(&format!("{error} {error:?} {hub:?}"));
        *server.shared.refusal.lock() = None;
        hub.connect().unwrap();
        hub.subscribe("topic=a", |_| Ok(None)).unwrap();
        hub.publish(Event::new("a"))
            .unwrap()
            .wait(Duration::from_secs(5))
            .unwrap();
        hub.disconnect().unwrap();
    }
    drop(watching);
    let lines = log.text();
    assert!(lines.contains("connected to the event server"), "{lines}");
    for secret in [KEY, "hidden-1", "hidden-2", "sid-1"] {
        let found = lines.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
}
