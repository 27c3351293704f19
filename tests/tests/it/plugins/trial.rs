//! What plugins do from a library, and what can go wrong at the boundary.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ftrack_event::{Event, SubscribeOptions};
use ftrack_plugin::LibraryPlugins;
use ftrack_server::RunningServer;
use ftrack_session::{ErrorKind, Session, SessionBuilder};
use ftrack_test_kit::log::Log;
use serde_json::{Value, json};
use tracing::Level;

use super::library::{Profile, folder_with};
use crate::support::{builder, server, session};

fn builder_with(server: &RunningServer, profile: Profile) -> SessionBuilder {
    let folder = folder_with("ftrack-trial-plugin", profile);
    // The library stays loaded when its file is gone, but it has to be there for `connect`.
    builder(server).plugin_paths([folder.keep()])
}

fn trial(server: &RunningServer) -> Session {
    builder_with(server, Profile::Same).connect().unwrap()
}

/// What the plugin answers.
fn ask(session: &Session, topic: &str, data: Value) -> Vec<Value> {
    let event = Event::new(topic).with_data(data);
    session.event_hub().publish_synchronously(event).unwrap()
}

#[test]
fn a_plugin_has_a_session_of_its_own_over_the_transport_of_the_program() {
    let server = server();
    let session = trial(&server);
    let described = ask(&session, "trial.describe", json!({}));
    assert_eq!(described.len(), 1);
    assert_eq!(described[0]["server_url"], server.url());
    assert_eq!(described[0]["api_user"], "admin");
    assert_eq!(described[0]["types"], session.types().len());
    assert_eq!(
        described[0]["version"],
        session.server_information().version().unwrap()
    );
    assert!(described[0]["users"].as_u64().unwrap() > 0);
    assert_eq!(described[0]["connected"], false);

    let query = json!({"query": "select username from User where username is admin", "attribute": "username"});
    assert_eq!(ask(&session, "trial.query", query), [json!(["admin"])]);
    let created = ask(&session, "trial.create", json!({"username": "grace"}));
    let id = created[0].as_str().unwrap();
    let user = session.get("User", id).unwrap().unwrap();
    assert_eq!(user.get::<String>("username").unwrap(), "grace");
}

#[test]
fn errors_of_the_server_keep_their_kind_in_a_library() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let session = trial(&server);
    assert!(ask(&session, "trial.create", json!({"username": "admin"})).is_empty());
    let refused = log.lines_with(&["ERROR", "DuplicateEntry", "admin"]);
    assert_eq!(refused.len(), 1, "{:?}", log.lines_with(&[]));
}

#[test]
fn programs_and_libraries_ask_each_other_in_turn() {
    let server = server();
    let session = trial(&server);
    let inner = session.downgrade();
    session
        .event_hub()
        .subscribe("topic=trial.asked", move |event| {
            let session = inner.upgrade().ok_or("gone")?;
            let described = ask(&session, "trial.describe", json!({}));
            Ok(Some(json!([event.data, described[0]["api_user"]])))
        })
        .unwrap();
    let answers = ask(&session, "trial.ask", json!({"question": {"n": 5}}));
    assert_eq!(answers, [json!([[{"n": 5}, "admin"]])]);
}

#[test]
fn an_event_is_stopped_from_a_library() {
    let server = server();
    let session = trial(&server);
    let later = SubscribeOptions::new().priority(200);
    session
        .event_hub()
        .subscribe_with("topic=trial.stop", later, |_| Ok(Some(json!("too late"))))
        .unwrap();
    assert_eq!(ask(&session, "trial.stop", json!({})), [json!("stopped")]);
}

#[test]
fn large_data_crosses() {
    let server = server();
    let session = trial(&server);
    let answers = ask(&session, "trial.large", json!({"size": 8 << 20}));
    assert_eq!(answers[0].as_str().unwrap().len(), 8 << 20);
}

#[test]
fn what_fails_and_what_panics_is_logged_and_the_others_are_called() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let session = trial(&server);
    for (topic, message) in [
        ("trial.fail", "not today"),
        ("trial.panic", "panicked: as it was told"),
    ] {
        session
            .event_hub()
            .subscribe(&format!("topic={topic}"), |_| Ok(Some(json!("called"))))
            .unwrap();
        assert_eq!(ask(&session, topic, json!({})), [json!("called")]);
        let lines = log.lines_with(&["ERROR", "ftrack_trial_plugin", message]);
        assert_eq!(lines.len(), 1, "{:?}", log.lines_with(&[]));
    }
    assert_eq!(ask(&session, "trial.describe", json!({})).len(), 1);
}

#[test]
fn a_plugin_that_fails_when_it_is_registered_keeps_the_session_from_starting() {
    let server = server();
    let failed = builder_with(&server, Profile::Same)
        .plugin_argument("mode", "fail")
        .connect()
        .unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::InvalidState);
    assert_eq!(failed.to_string(), "not today");
    assert_eq!(failed.details()["details"]["weekday"], "Sunday");
    assert!(
        failed.details()["plugin"]
            .as_str()
            .unwrap()
            .contains("ftrack_trial_plugin")
    );
    let source = std::error::Error::source(&failed).unwrap();
    assert_eq!(source.to_string(), "it is Sunday");

    let panicked = builder_with(&server, Profile::Same)
        .plugin_argument("mode", "panic")
        .connect()
        .unwrap_err();
    assert_eq!(panicked.kind(), ErrorKind::Plugin);
    let text = panicked.to_string();
    assert!(
        text.contains("as it was told") && text.contains("ftrack_trial_plugin"),
        "{text}"
    );
}

#[test]
fn hooks_of_a_library_see_what_the_program_reads_and_sets() {
    let server = server();
    let session = builder_with(&server, Profile::Same)
        .plugin_argument("mode", "hooks")
        .connect()
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    assert_eq!(user.get::<String>("username").unwrap(), "ADMIN User");
    assert!(user.value("thumbnail_url").is_err());
    let refused = user.set("email", "nonsense").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Validation);
    assert_eq!(refused.to_string(), "\"nonsense\" is not an address");
    user.set("email", "admin@example.com").unwrap();
    let plain = crate::support::session(&server);
    let plain = plain.query("User where username is admin").one().unwrap();
    assert_eq!(
        user.collection("assignments").unwrap().identities().len(),
        plain.collection("assignments").unwrap().identities().len()
    );
    // The library's own session has the same types, and the same hooks.
    let query = json!({"query": "User where username is admin", "attribute": "username"});
    assert_eq!(ask(&session, "trial.query", query), [json!(["ADMIN User"])]);
}

#[test]
fn events_of_a_library_reach_the_server_and_replies_come_back() {
    let server = server();
    let answering = session(&server);
    let hub = answering.event_hub();
    hub.connect().unwrap();
    hub.subscribe("topic=trial.question", |_| Ok(Some(json!({"answer": 42}))))
        .unwrap();
    let known = hub.publish(Event::new("trial.known")).unwrap();
    assert!(known.wait(Duration::from_secs(20)).is_some());
    let workers = hub.run_workers(1).unwrap();

    let session = trial(&server);
    session.event_hub().connect().unwrap();
    let replies = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&replies);
    session
        .event_hub()
        .subscribe("topic=trial.replied", move |event| {
            assert_eq!(event.data["answer"], 42);
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(None)
        })
        .unwrap();
    let answers = ask(
        &session,
        "trial.publish",
        json!({"topic": "trial.question"}),
    );
    assert_eq!(
        answers,
        [json!({"outcome": "acknowledged", "answer": {"answer": 42}})]
    );
    let until = Instant::now() + Duration::from_secs(20);
    while replies.load(Ordering::SeqCst) == 0 && Instant::now() < until {
        session.event_hub().wait(Duration::from_millis(50)).unwrap();
    }
    assert_eq!(replies.load(Ordering::SeqCst), 1);
    workers.stop();
}

#[test]
fn several_threads_use_a_plugin_and_a_plugin_uses_several_threads() {
    let server = server();
    let session = trial(&server);
    let ticks = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ticks);
    session
        .event_hub()
        .subscribe("topic=trial.tock", move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Some(json!("tock")))
        })
        .unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let session = session.clone();
            thread::spawn(move || {
                let answers = ask(
                    &session,
                    "trial.hammer",
                    json!({"threads": 4, "rounds": 10}),
                );
                assert_eq!(ask(&session, "trial.describe", json!({})).len(), 1);
                answers[0]["answers"].as_u64().unwrap()
            })
        })
        .collect();
    let answers: u64 = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    // Each round is answered once by the handler and once by the server.
    assert_eq!(answers, 4 * 4 * 10 * 2);
    assert_eq!(ticks.load(Ordering::SeqCst), 4 * 4 * 10);
    // What subscribed is gone again.
    assert!(ask(&session, "trial.tick", json!({})).is_empty());
}

#[test]
fn threads_of_a_plugin_get_an_error_when_the_session_ends() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    for (name, end) in [
        (
            "closed",
            Box::new(|session: Session| session.close()) as Box<dyn Fn(Session)>,
        ),
        ("dropped", Box::new(drop)),
    ] {
        let session = trial(&server);
        let paths: Vec<_> = (0..4)
            .map(|number| folder.path().join(format!("{name}{number}")))
            .collect();
        for path in &paths {
            ask(&session, "trial.linger", json!({"path": path}));
        }
        thread::sleep(Duration::from_millis(50));
        end(session);
        for path in &paths {
            let until = Instant::now() + Duration::from_secs(20);
            let text = loop {
                match fs::read_to_string(path) {
                    Ok(text) if !text.is_empty() => break text,
                    _ if Instant::now() > until => panic!("{name}: the thread goes on"),
                    _ => thread::sleep(Duration::from_millis(10)),
                }
            };
            assert!(
                text.starts_with("ConnectionClosed") || text.starts_with("Connection"),
                "{name}: {text}"
            );
        }
    }
}

#[test]
fn a_session_that_is_dropped_is_gone_with_all_its_plugins() {
    let server = server();
    let session = trial(&server);
    let weak = session.downgrade();
    drop(session);
    assert!(weak.upgrade().is_none());
    // The library stays, for its threads may go on.
    #[cfg(target_os = "linux")]
    {
        let loaded = fs::read_to_string("/proc/self/maps").unwrap();
        assert!(loaded.contains(&super::library::file_name("ftrack-trial-plugin")));
    }
}

#[test]
fn sessions_share_a_library_and_nothing_else() {
    let server = server();
    let folder = folder_with("ftrack-trial-plugin", Profile::Same);
    let start = |name: &str| {
        builder(&server)
            .plugin_paths([folder.path()])
            .plugin_argument("name", name)
            .connect()
            .unwrap()
    };
    let (first, second) = (start("first"), start("second"));
    first.close();
    let described = ask(&second, "trial.describe", json!({}));
    assert_eq!(described.len(), 1);
    assert_eq!(described[0]["name"], "second");
    assert!(ask(&first, "trial.describe", json!({})).is_empty());
}

#[test]
fn a_plugin_built_in_another_profile_works() {
    let server = server();
    let session = builder_with(&server, Profile::Optimised)
        .plugin_argument("mode", "hooks")
        .connect()
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    assert_eq!(user.get::<String>("username").unwrap(), "ADMIN User");
    let answers = ask(&session, "trial.hammer", json!({"threads": 4, "rounds": 5}));
    assert_eq!(answers[0]["answers"], 4 * 5);
    assert_eq!(ask(&session, "trial.panic", json!({})), Vec::<Value>::new());
    let created = ask(&session, "trial.create", json!({"username": "grace"}));
    assert_eq!(created.len(), 1);
}
