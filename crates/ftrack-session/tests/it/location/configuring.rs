//! Which locations a session knows, and how it uses them.

use std::sync::Arc;

use ftrack_location::{DiskAccessor, IdStructure, MemoryAccessor};
use ftrack_session::{
    ErrorKind, FetchPolicy, Location, LocationConfiguration, LocationKind, Session, symbol, values,
};
use parking_lot::Mutex;

use super::Place;
use crate::builder;

#[test]
fn built_in_locations_are_known_and_configured_without_a_request() {
    let place = Place::new();
    let trace = place.session.trace();
    for (name, id, priority, kind) in [
        (
            "ftrack.origin",
            symbol::ORIGIN_LOCATION_ID,
            100,
            LocationKind::Origin,
        ),
        (
            "ftrack.unmanaged",
            symbol::UNMANAGED_LOCATION_ID,
            90,
            LocationKind::Unmanaged,
        ),
        (
            "ftrack.review",
            symbol::REVIEW_LOCATION_ID,
            110,
            LocationKind::Unmanaged,
        ),
        (
            "ftrack.server",
            symbol::SERVER_LOCATION_ID,
            150,
            LocationKind::Server,
        ),
    ] {
        let location = place.session.location(name).unwrap();
        assert_eq!(location.id(), id);
        assert_eq!(location.name().unwrap(), name);
        assert_eq!(
            (location.priority(), location.kind()),
            (priority, kind),
            "{name}"
        );
        assert!(location.structure().is_some(), "{name}");
        assert_eq!(location, place.session.location(id).unwrap());
        let entity = place.session.get("Location", id).unwrap().unwrap();
        assert_eq!(Location::try_from(entity).unwrap(), location);
    }
    assert_eq!(trace.request_count(), 0);
    let listed = place.session.locations().unwrap();
    assert!(listed.contains(&place.origin()));
}

#[test]
fn locations_are_found_by_name_and_by_id() {
    let place = Place::new();
    let location = place.location("my.location", IdStructure::new());
    let other = place.other_session();
    assert_eq!(other.location("my.location").unwrap().id(), location.id());
    assert_eq!(
        other.location(&location.id()).unwrap().name().unwrap(),
        "my.location"
    );
    let error = other.location("nowhere").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn only_locations_are_locations() {
    let place = Place::new();
    let user = place.session.query("User").first().unwrap().unwrap();
    let error = Location::try_from(user).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);
}

#[test]
fn a_location_that_is_not_configured_has_no_accessor_and_the_middle_priority() {
    let place = Place::new();
    let entity = place
        .session
        .create("Location", values! { "name": "bare" })
        .unwrap();
    let location = Location::try_from(entity).unwrap();
    assert!(location.accessor().is_none() && location.structure().is_none());
    assert_eq!(
        (location.priority(), location.kind()),
        (95, LocationKind::Managed)
    );
}

#[test]
fn a_configuration_is_shared_by_handles_and_units_of_work_and_survives_a_reset() {
    let place = Place::new();
    let location = place.location("my.location", IdStructure::new());
    location.set_priority(30);
    let id = location.id();
    for _ in 0..2 {
        for session in [place.session.clone(), place.session.begin()] {
            let again = session.location(&id).unwrap();
            assert!(again.accessor().is_some());
            assert_eq!(again.priority(), 30);
            assert_eq!(session.pick_location().unwrap().unwrap().id(), id);
        }
        place.session.reset();
    }
    assert_eq!(place.origin().priority(), 100);
    assert!(
        place
            .other_session()
            .location(&id)
            .unwrap()
            .accessor()
            .is_none()
    );
}

#[test]
fn the_builder_configures_locations_by_name() {
    let place = Place::new();
    let location = place.location("my.location", IdStructure::new());
    let configuration = LocationConfiguration::new()
        .accessor(
            DiskAccessor::in_folder(place.path("elsewhere"))
                .unwrap()
                .create_prefix(true),
        )
        .structure(IdStructure::new())
        .priority(5)
        .kind(LocationKind::Unmanaged);
    let session = builder(&place.server)
        .location("my.location", configuration.clone())
        .connect()
        .unwrap();
    let picked = session.pick_location().unwrap().unwrap();
    assert_eq!(picked.id(), location.id());
    assert_eq!(
        (picked.priority(), picked.kind()),
        (5, LocationKind::Unmanaged)
    );
    let error = builder(&place.server)
        .location("nowhere", configuration)
        .connect()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn plugins_configure_locations_before_the_session_is_ready_and_again_when_it_is_reset() {
    let place = Place::new();
    place.location("my.location", IdStructure::new());
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let hears = Arc::clone(&heard);
    let session = builder(&place.server)
        .plugin(move |session: &Session| {
            let hub = session.event_hub();
            let heard = Arc::clone(&hears);
            hub.subscribe(
                "topic=ftrack.api.session.configure-location",
                move |event| {
                    let session = event.attachment::<Session>("session").ok_or("no session")?;
                    let location = session.location("my.location")?;
                    location.set_accessor(MemoryAccessor::new());
                    location.set_priority(7);
                    heard.lock().push("configure".to_owned());
                    Ok(None)
                },
            )?;
            for name in ["ready", "reset"] {
                let heard = Arc::clone(&hears);
                hub.subscribe(&format!("topic=ftrack.api.session.{name}"), move |event| {
                    let session = event.attachment::<Session>("session").ok_or("no session")?;
                    let priority = session.location("my.location")?.priority();
                    heard.lock().push(format!("{name} {priority}"));
                    Ok(None)
                })?;
            }
            Ok(())
        })
        .connect()
        .unwrap();
    assert_eq!(*heard.lock(), ["configure", "ready 7"]);
    session.location("my.location").unwrap().set_priority(1);
    session.reset();
    assert_eq!(
        *heard.lock(),
        ["configure", "ready 7", "configure", "reset 7"]
    );
}

#[test]
fn locations_are_configured_on_request_for_plugins_that_came_later() {
    let place = Place::new();
    place.location("my.location", IdStructure::new());
    let session = place.session.clone();
    session
        .event_hub()
        .subscribe(
            "topic=ftrack.api.session.configure-location",
            move |event| {
                let session = event.attachment::<Session>("session").ok_or("no session")?;
                session.location("my.location")?.set_priority(3);
                Ok(None)
            },
        )
        .unwrap();
    let priority = || session.location("my.location").unwrap().priority();
    assert_ne!(priority(), 3);
    session.configure_locations().unwrap();
    assert_eq!(priority(), 3);
}

#[test]
fn the_location_of_the_lowest_number_is_picked_among_those_with_an_accessor() {
    let place = Place::new();
    let picked = || {
        place
            .session
            .pick_location()
            .unwrap()
            .unwrap()
            .name()
            .unwrap()
    };
    assert_eq!(picked(), "ftrack.unmanaged");
    let near = place.location("near", IdStructure::new());
    assert_eq!(picked(), "ftrack.unmanaged");
    near.set_priority(20);
    assert_eq!(picked(), "near");
    place
        .location("far", IdStructure::new())
        .configure(LocationConfiguration::new().priority(1));
    assert_eq!(picked(), "near");
    // The server does not have this one yet.
    let entity = place
        .session
        .create("Location", values! { "name": "new" })
        .unwrap();
    let new = Location::try_from(entity).unwrap();
    new.set_accessor(MemoryAccessor::new());
    new.set_priority(0);
    assert_eq!(picked(), "near");
    place.session.commit().unwrap();
    assert_eq!(picked(), "new");
}

#[test]
fn picking_needs_no_request_and_nothing_that_is_loaded_on_access() {
    let place = Place::new();
    place.session.set_fetch_policy(FetchPolicy::Deny);
    let trace = place.session.trace();
    assert!(place.session.pick_location().unwrap().is_some());
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn a_location_is_made_if_there_is_none_and_nothing_else_is_committed() {
    let place = Place::new();
    let session = &place.session;
    let waiting = session.create("Note", ftrack_session::values! {}).unwrap();
    let made = session.ensure_location("studio.new").unwrap();
    assert_eq!(made.name().unwrap(), "studio.new");
    assert_eq!(session.created(), std::slice::from_ref(&waiting));
    assert_eq!(session.ensure_location("studio.new").unwrap(), made);
    assert_eq!(session.location("studio.new").unwrap(), made);
    let server = session.ensure_location("ftrack.server").unwrap();
    assert_eq!(server, session.location("ftrack.server").unwrap());
}
