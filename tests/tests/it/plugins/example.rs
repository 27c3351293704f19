//! The example plugin, with its template for each event.

use std::time::Duration;

use ftrack_event::{Event, Outcome};
use ftrack_plugin::LibraryPlugins;
use ftrack_session::{FetchPolicy, Session, values};
use ftrack_test_kit::log::Log;
use serde_json::json;
use tracing::Level;

use super::library::{Profile, folder_with};
use crate::support::{builder, server};

fn session_with_example(server: &ftrack_server::RunningServer) -> Session {
    let folder = folder_with("ftrack-example-plugin", Profile::Same);
    builder(server)
        .plugin_paths([folder.path()])
        .plugin_argument("greeting", "good morning")
        .connect()
        .unwrap()
}

#[test]
fn it_is_registered_and_its_lines_reach_the_log_of_the_program() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let _session = session_with_example(&server);
    let registered = log.lines_with(&["DEBUG", "com.example.example-plugin", "plugin registered"]);
    assert_eq!(registered.len(), 1);
}

#[test]
fn ready_and_reset_reach_it_with_a_session() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let session = session_with_example(&server);
    let greetings = log.lines_with(&["INFO", "good morning", "admin"]);
    assert_eq!(greetings.len(), 1);
    session.reset();
    let reset = log.lines_with(&["INFO", "the session was reset", server.url()]);
    assert_eq!(reset.len(), 1);
}

#[test]
fn a_scenario_of_the_studio_is_activated_when_the_session_starts_and_is_reset() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let maker = crate::support::session(&server);
    let setting = maker
        .query("Setting where name is storage_scenario and group is STORAGE")
        .one()
        .unwrap();
    let scenario = json!({"scenario": "studio.example", "data": {"disk": "fast"}});
    setting.set("value", scenario.to_string()).unwrap();
    maker.commit().unwrap();
    let session = session_with_example(&server);
    let words = ["INFO", "the scenario is activated", "fast"];
    assert_eq!(log.lines_with(&words).len(), 1);
    session.reset();
    assert_eq!(log.lines_with(&words).len(), 2);
}

#[test]
fn it_takes_part_in_making_entity_types() {
    let server = server();
    let session = session_with_example(&server);
    let user = session.query("User where username is admin").one().unwrap();
    let _deny = session.fetching(FetchPolicy::Deny);
    assert_eq!(user.get::<String>("login").unwrap(), "admin");
    assert!(user.get::<String>("first_name").is_ok());
    assert!(user.get::<String>("email").is_err());
}

#[test]
fn it_hears_of_components_and_updates_from_the_event_server() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let server = server();
    let session = session_with_example(&server);
    let hub = session.event_hub();
    hub.connect().unwrap();
    let data = json!({"component_id": "c-1", "location_id": "l-1"});
    for what in ["added", "removed"] {
        let event = Event::new(format!("ftrack.location.component-{what}"));
        let published = hub.publish(event.with_data(data.clone())).unwrap();
        let outcome = published.wait(Duration::from_secs(20));
        assert_eq!(outcome, Some(Outcome::Acknowledged));
    }
    let other = crate::support::session(&server);
    other
        .create("User", values! { "username": "grace" })
        .unwrap();
    other.commit().unwrap();
    let words = [
        &["component added", "c-1", "l-1"][..],
        &["component removed", "c-1", "l-1"],
        &["something changed", "User", "add"],
    ];
    for _ in 0..200 {
        hub.wait(Duration::from_millis(100)).unwrap();
        if words.iter().all(|words| !log.lines_with(words).is_empty()) {
            return;
        }
    }
    panic!("{:?}", log.lines_with(&[]));
}
