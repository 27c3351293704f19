//! Storage scenarios: what the server says about where files are, and the wizard that says it to the server.

use std::sync::Arc;
use std::time::Duration;

use ftrack_event::{Event, Outcome};
use ftrack_session::{
    AssetVersionHelpers, CentralizedStorageWizard, Entity, LocationChoice, Session, values,
};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use crate::{Studio, builder};

/// A folder, and its path as text.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

/// Stores a scenario with the server.
fn store(studio: &Studio, scenario: &Json) {
    let setting = studio
        .session
        .query("Setting where name is storage_scenario and group is STORAGE")
        .one()
        .unwrap();
    setting.set("value", scenario.to_string()).unwrap();
    studio.session.commit().unwrap();
}

/// A centralized storage at `path` on every platform, with a new location.
fn centralized(studio: &Studio, path: &str) -> (Entity, Json) {
    let values = values! { "name": "studio.storage", "label": "Storage" };
    let location = studio.session.create("Location", values).unwrap();
    studio.session.commit().unwrap();
    let data = json!({
        "location_id": location.id(),
        "location_name": "studio.storage",
        "accessor": {"mount_points": {"linux": path, "osx": path, "windows": path}},
    });
    (
        location,
        json!({"scenario": "ftrack.centralized-storage", "data": data}),
    )
}

#[test]
fn the_centralized_storage_is_configured_in_every_session() {
    let studio = Studio::new();
    let (_folder, path) = folder();
    let (location, scenario) = centralized(&studio, &path);
    store(&studio, &scenario);

    let session = studio.other_session();
    let picked = session.pick_location().unwrap().unwrap();
    assert_eq!(picked.id(), location.id());
    assert_eq!(
        (picked.name().unwrap().as_str(), picked.priority()),
        ("studio.storage", 1)
    );

    // A reset configures it again, also after somebody has changed it.
    picked.set_priority(200);
    session.reset();
    assert_eq!(session.location("studio.storage").unwrap().priority(), 1);
}

#[test]
fn files_go_where_the_standard_structure_puts_them_below_the_mount_point() {
    let studio = Studio::new();
    let (_folder, path) = folder();
    let (_, scenario) = centralized(&studio, &format!("{path}/storage"));
    store(&studio, &scenario);
    std::fs::create_dir(format!("{path}/storage")).unwrap();
    let source = format!("{path}/plate.exr");
    std::fs::write(&source, "pixels").unwrap();

    let session = studio.other_session();
    let version = session.query("AssetVersion").first().unwrap().unwrap();
    let component = version
        .create_component_in(&source, values! { "name": "plate" }, LocationChoice::Auto)
        .unwrap();
    let location = session.location("studio.storage").unwrap();
    let published = location.filesystem_path(&component).unwrap();
    assert!(
        published.starts_with(format!("{path}/storage/last_lantern")),
        "{published:?}"
    );
    assert!(published.ends_with("plate.exr"), "{published:?}");
    assert_eq!(std::fs::read_to_string(published).unwrap(), "pixels");
}

#[test]
fn a_scenario_that_lacks_something_does_not_keep_sessions_from_starting() {
    let studio = Studio::new();
    let (location, scenario) = centralized(&studio, "/mnt/storage");
    for missing in [
        "/data/location_id",
        "/data/location_name",
        "/data/accessor",
        "/data/accessor/mount_points",
        "/data",
    ] {
        let mut scenario = scenario.clone();
        *scenario.pointer_mut(missing).unwrap() = json!(null);
        store(&studio, &scenario);
        let session = studio.other_session();
        let found = session.location(&location.id()).unwrap();
        assert!(found.accessor().is_none(), "{missing}");
        let picked = session.pick_location().unwrap().unwrap();
        assert_eq!(picked.name().unwrap(), "ftrack.unmanaged", "{missing}");
    }
}

#[test]
fn without_a_mount_point_for_this_platform_the_location_is_not_configured() {
    let studio = Studio::new();
    let (location, scenario) = centralized(&studio, "");
    store(&studio, &scenario);
    let session = studio.other_session();
    assert!(
        session
            .location(&location.id())
            .unwrap()
            .accessor()
            .is_none()
    );
}

#[test]
fn scenarios_of_a_studio_are_activated_before_locations_are_configured() {
    let studio = Studio::new();
    let scenario = json!({"scenario": "studio.cloud", "data": {"bucket": "plates"}});
    store(&studio, &scenario);
    let heard: Arc<Mutex<Vec<Json>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let session = builder(&studio.server)
        .plugin(move |session: &Session| {
            for topic in [
                "ftrack.storage-scenario.activate",
                "ftrack.api.session.configure-location",
                "ftrack.api.session.ready",
            ] {
                let heard = Arc::clone(&hears);
                let hub = session.event_hub();
                hub.subscribe(&format!("topic={topic}"), move |event| {
                    heard
                        .lock()
                        .push(json!([event.topic, event.data["storage_scenario"]]));
                    Ok(None)
                })?;
            }
            Ok(())
        })
        .connect()
        .unwrap();
    let expected = [
        json!(["ftrack.storage-scenario.activate", scenario]),
        json!(["ftrack.api.session.configure-location", null]),
        json!(["ftrack.api.session.ready", null]),
    ];
    assert_eq!(*heard.lock(), expected);

    heard.lock().clear();
    session.reset();
    assert_eq!(heard.lock()[..2], expected[..2]);
}

#[test]
fn connect_is_told_what_is_wrong_with_the_storage() {
    let studio = Studio::new();
    let (_folder, path) = folder();
    let verify = |mount_point: &str| {
        let scenario = json!({"scenario": "ftrack.centralized-storage", "data": {
            "location_id": "l", "location_name": "n",
            "accessor": {"mount_points": {
                "linux": mount_point, "osx": mount_point, "windows": mount_point,
            }},
        }});
        let event = Event::new("ftrack.connect.verify-startup")
            .with_data(json!({ "storage_scenario": scenario }));
        studio
            .session
            .event_hub()
            .publish_synchronously(event)
            .unwrap()
    };
    assert_eq!(verify(&path), [json!(null)]);
    let missing = format!("{path}/missing");
    assert!(verify(&missing)[0].as_str().unwrap().contains(&missing));
    assert!(verify("")[0].as_str().unwrap().contains("no mount point"));
}

/// What a user interface sends back for a form.
fn fill(form: &Json, entered: &Json) -> Json {
    let named = form["items"].as_array().unwrap().iter();
    let named = named.filter_map(|item| Some((item["name"].as_str()?, &item["value"])));
    named
        .map(|(name, value)| (name.to_owned(), entered.get(name).unwrap_or(value).clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn configure(values: &Json) -> Event {
    Event::new("ftrack.storage-scenario.configure")
        .with_data(json!({"scenario_id": "ftrack.centralized-storage", "values": values}))
}

/// Answers all forms of the wizard, and gives the last one. `ask` takes an event and gives the reply to it.
fn walk(ask: impl Fn(Event) -> Json, mount_point: &str) -> Json {
    let entered = json!({
        "location_id": "create_new_location",
        "location_name": "studio.wizardry",
        "linux_mount_point": mount_point,
        "osx_mount_point": mount_point,
        "windows_mount_point": mount_point,
    });
    let mut values = json!({});
    let mut seen = Vec::new();
    while seen.len() < 10 {
        let form = ask(configure(&values));
        let state = form["state"].as_str().unwrap().to_owned();
        seen.push(state.clone());
        if state == "done" {
            assert_eq!(
                seen,
                [
                    "configuring",
                    "configuring",
                    "configuring",
                    "confirm",
                    "done"
                ]
            );
            return form;
        }
        values = fill(&form, &entered);
    }
    panic!("the wizard does not come to an end: {seen:?}");
}

/// After the walk, new sessions have the location.
fn check_configured(studio: &Studio, mount_point: &str) {
    let session = studio.other_session();
    let picked = session.pick_location().unwrap().unwrap();
    assert_eq!(picked.name().unwrap(), "studio.wizardry");
    assert_eq!(
        picked.entity().get::<String>("label").unwrap(),
        "Studio location"
    );
    let accessor = picked.accessor().unwrap();
    let path = accessor.filesystem_path("plate.exr").unwrap();
    assert_eq!(path, std::path::Path::new(mount_point).join("plate.exr"));
}

#[test]
fn a_walk_through_the_wizard_over_the_event_server_configures_new_sessions() {
    let studio = Studio::new();
    let (_folder, path) = folder();
    let configuring = builder(&studio.server)
        .plugin(CentralizedStorageWizard)
        .connect()
        .unwrap();
    configuring.event_hub().connect().unwrap();
    // The subscriptions have reached the server once an event published after them has.
    let ready = configuring
        .event_hub()
        .publish(Event::new("test.ready"))
        .unwrap();
    assert_eq!(
        ready.wait(Duration::from_secs(20)),
        Some(Outcome::Acknowledged)
    );
    let answering = configuring.event_hub().run_workers(1).unwrap();

    let hub = studio.session.event_hub();
    let (tell, told) = std::sync::mpsc::channel();
    let tell = Mutex::new(tell);
    hub.subscribe(
        "topic=ftrack.storage-scenario.configure-done",
        move |event| {
            tell.lock().send(event.topic.clone())?;
            Ok(None)
        },
    )
    .unwrap();
    hub.connect().unwrap();
    let waiting = hub.run_workers(1).unwrap();
    let ask = |event| {
        hub.publish_and_wait(event, Duration::from_secs(20))
            .unwrap()
            .data
    };

    let discovered = ask(Event::new("ftrack.storage-scenario.discover"));
    assert_eq!(discovered["id"], "ftrack.centralized-storage");
    walk(ask, &path);
    told.recv_timeout(Duration::from_secs(20)).unwrap();
    check_configured(&studio, &path);
    waiting.stop();
    answering.stop();
}

#[test]
fn the_wizard_works_within_one_process_and_sends_nothing_that_was_begun() {
    let studio = Studio::new();
    let (_folder, path) = folder();
    let session = builder(&studio.server)
        .plugin(CentralizedStorageWizard)
        .connect()
        .unwrap();
    let user = session.query("User where username is jane").one().unwrap();
    user.set("first_name", "half done").unwrap();
    let ask = |event| {
        session
            .event_hub()
            .publish_synchronously(event)
            .unwrap()
            .remove(0)
    };
    walk(ask, &path);
    check_configured(&studio, &path);
    assert_eq!(session.recorded_operations().len(), 1);
}

#[test]
fn the_wizard_is_not_there_unless_registered_and_answers_its_user_only() {
    let studio = Studio::new();
    let ask = |session: &Session, user: &str| {
        let event = configure(&json!({})).with_source("user", json!({"username": user}));
        session
            .event_hub()
            .publish_synchronously(event)
            .unwrap()
            .len()
    };
    assert_eq!(ask(&studio.session, "admin"), 0);
    let session = builder(&studio.server)
        .plugin(CentralizedStorageWizard)
        .connect()
        .unwrap();
    assert_eq!(ask(&session, "admin"), 1);
    assert_eq!(ask(&session, "jane"), 0);
}

#[test]
fn a_name_that_is_taken_is_asked_for_again() {
    let studio = Studio::new();
    centralized(&studio, "/mnt/storage");
    let session = builder(&studio.server)
        .plugin(CentralizedStorageWizard)
        .connect()
        .unwrap();
    let values = json!({
        "step": "configure_location",
        "location_name": "studio.storage", "location_label": "L", "location_description": "D",
        "configuration": {"select_location": {"location_id": "create_new_location"}},
    });
    let form = session
        .event_hub()
        .publish_synchronously(configure(&values))
        .unwrap()
        .remove(0);
    let warning = form["items"][0]["value"].as_str().unwrap();
    assert!(warning.contains("studio.storage is taken"), "{warning}");
}
