//! The event hub of a session, and the events of the session itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ftrack_event::{Event, Outcome, SubscribeOptions};
use ftrack_session::{Error, ErrorKind, Plugin, PluginArguments, Session, values};
use parking_lot::Mutex;

use crate::{Studio, builder};

#[test]
fn plugins_are_registered_and_told_that_the_session_is_ready_and_reset() {
    let studio = Studio::new();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let session = builder(&studio.server)
        .plugin(move |session: &Session| {
            for topic in ["ftrack.api.session.ready", "ftrack.api.session.reset"] {
                let heard = Arc::clone(&hears);
                session
                    .event_hub()
                    .subscribe(&format!("topic={topic}"), move |event| {
                        let session = event.attachment::<Session>("session").ok_or("no session")?;
                        heard
                            .lock()
                            .push(format!("{} as {}", event.topic, session.api_user()));
                        Ok(None)
                    })?;
            }
            Ok(())
        })
        .connect()
        .unwrap();
    session.reset();
    assert_eq!(
        *heard.lock(),
        [
            "ftrack.api.session.ready as admin",
            "ftrack.api.session.reset as admin"
        ]
    );
}

#[test]
fn plugins_get_the_arguments_that_they_know() {
    struct Reticulator(Arc<Mutex<Option<PluginArguments>>>);

    impl Plugin for Reticulator {
        fn argument_names(&self) -> &[&str] {
            &["reticulate_splines"]
        }

        fn register(&self, _: &Session, arguments: &PluginArguments) -> ftrack_session::Result<()> {
            *self.0.lock() = Some(arguments.clone());
            Ok(())
        }
    }

    let studio = Studio::new();
    let got = Arc::new(Mutex::new(None));
    builder(&studio.server)
        .plugin(Reticulator(Arc::clone(&got)))
        .plugin_argument("reticulate_splines", true)
        .plugin_argument("some_other_argument", 42)
        .connect()
        .unwrap();
    let expected = PluginArguments::from_iter([("reticulate_splines", true)]);
    assert_eq!(got.lock().take(), Some(expected));
}

#[test]
fn a_plugin_that_fails_keeps_the_session_from_starting() {
    let studio = Studio::new();
    let failing = |_: &Session| Err(Error::new(ErrorKind::InvalidState, "not today"));
    let error = builder(&studio.server)
        .plugin(failing)
        .connect()
        .unwrap_err();
    assert_eq!(error.to_string(), "not today");
}

#[test]
fn a_listener_hears_of_what_another_session_commits() {
    let studio = Studio::new();
    let hub = studio.session.event_hub();
    assert_eq!(
        Error::from(hub.wait(Duration::ZERO).unwrap_err()).kind(),
        ErrorKind::EventHubConnection
    );
    hub.connect().unwrap();
    let updates = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&updates);
    let stopper = hub.stopper();
    hub.subscribe("topic=ftrack.update", move |event| {
        assert_eq!(event.data["entities"][0]["action"], "add");
        counter.fetch_add(1, Ordering::SeqCst);
        stopper.stop();
        Ok(None)
    })
    .unwrap();
    let other = studio.other_session();
    other
        .create("User", values! { "username": "grace" })
        .unwrap();
    // The subscription has reached the server once an event published after it has.
    let echo = hub.publish(Event::new("test.echo")).unwrap();
    assert_eq!(
        echo.wait(Duration::from_secs(20)),
        Some(Outcome::Acknowledged)
    );
    other.commit().unwrap();
    hub.wait(Duration::from_secs(20)).unwrap();
    assert_eq!(updates.load(Ordering::SeqCst), 1);
    studio.session.close();
    assert!(!hub.is_connected());
}

#[test]
fn handlers_change_the_data_of_a_synchronous_event_for_its_publisher() {
    let studio = Studio::new();
    let hub = studio.session.event_hub();
    let options = SubscribeOptions::new();
    hub.subscribe_mut("topic=test.launch", options, |event| {
        event.data["environment"]["PROJECT"] = "last_lantern".into();
        Ok(None)
    })
    .unwrap();
    let data = serde_json::json!({"environment": {"PATH": "/bin"}});
    let mut event = Event::new("test.launch").with_data(data);
    hub.publish_synchronously_mut(&mut event).unwrap();
    let expected = serde_json::json!({"PATH": "/bin", "PROJECT": "last_lantern"});
    assert_eq!(event.data["environment"], expected);
}

#[test]
fn sessions_answer_each_other() {
    let studio = Studio::new();
    let answering = builder(&studio.server)
        .auto_connect_event_hub(true)
        .connect()
        .unwrap();
    answering.event_hub().subscribe("topic=test.sum", |event| {
        let numbers = event.data["numbers"].as_array().into_iter().flatten();
        Ok(Some(serde_json::json!({"sum": numbers.filter_map(serde_json::Value::as_i64).sum::<i64>()})))
    })
    .unwrap();
    let ready = answering
        .event_hub()
        .publish(Event::new("test.ready"))
        .unwrap();
    assert_eq!(
        ready.wait(Duration::from_secs(20)),
        Some(Outcome::Acknowledged)
    );
    let workers = answering.event_hub().run_workers(2).unwrap();

    let hub = studio.session.event_hub();
    hub.connect().unwrap();
    let question = Event::new("test.sum").with_data(serde_json::json!({"numbers": [1, 2, 3]}));
    let waiting = studio.session.clone();
    let pump = std::thread::spawn(move || waiting.event_hub().wait(Duration::from_secs(20)));
    let answer = hub
        .publish_and_wait(question, Duration::from_secs(20))
        .unwrap();
    assert_eq!(answer.data["sum"], 6);
    hub.stop_waiting();
    pump.join().unwrap().unwrap();
    workers.stop();
}
