//! How long what sessions know of locations lives.

use std::sync::{Arc, Weak};

use ftrack_location::{
    IdStructure, StandardStructure, Structure, StructureContext, StructureError,
};
use ftrack_session::{ErrorKind, LocationChoice, Retention, Session, values};

use super::Place;
use crate::builder;

/// A structure that shows whether it is still there.
struct Watched {
    alive: Arc<()>,
}

impl Structure for Watched {
    fn resource_identifier(
        &self,
        entity: &dyn ftrack_entity::ReadEntity,
        context: &StructureContext<'_>,
    ) -> Result<String, StructureError> {
        assert_eq!(*self.alive, ());
        IdStructure::new().resource_identifier(entity, context)
    }
}

fn watched(session: &Session, place: &Place) -> Weak<()> {
    let alive = Arc::new(());
    let weak = Arc::downgrade(&alive);
    super::location(
        session,
        "storage",
        &place.text("storage"),
        Watched { alive },
    );
    weak
}

#[test]
fn a_session_that_is_dropped_or_closed_lets_its_locations_go() {
    let place = Place::new();
    let session = place.other_session();
    let alive = watched(&session, &place);
    let kept = session.location("storage").unwrap();
    session.close();
    assert!(alive.upgrade().is_none());
    drop(kept);

    let session = builder(&place.server)
        .plugin(|session: &Session| {
            session.event_hub().subscribe(
                "topic=ftrack.api.session.configure-location",
                |event| {
                    let session = event.attachment::<Session>("session").ok_or("no session")?;
                    session.location("ftrack.server")?.set_priority(1);
                    Ok(None)
                },
            )?;
            Ok(())
        })
        .connect()
        .unwrap();
    let alive = watched(&session, &place);
    let weak = session.downgrade();
    session.reset();
    drop(session);
    assert!(weak.upgrade().is_none());
    assert!(alive.upgrade().is_none());
}

#[test]
fn a_configuration_that_is_replaced_is_dropped() {
    let place = Place::new();
    let before = watched(&place.session, &place);
    let after = watched(&place.session, &place);
    assert!(before.upgrade().is_none());
    assert!(after.upgrade().is_some());
}

#[test]
fn the_origin_forgets_with_the_unit_of_work() {
    let place = Place::new();
    let unit = place.session.begin();
    let path = place.file("plate.exr", "pixels");
    let component = unit
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    unit.commit().unwrap();
    let here = place.session.attach(&component).unwrap();
    let origin = place.origin();
    assert_eq!(origin.filesystem_path(&here).unwrap(), path);
    let other = place
        .session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    drop((unit, component));
    let error = origin.filesystem_path(&here).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
    place.session.commit().unwrap();
    let other = place.other_session().attach(&other).unwrap();
    let other = place.session.attach(&other).unwrap();
    place.session.reset();
    let error = origin.filesystem_path(&other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ComponentNotInLocation);
}

#[test]
fn sessions_that_keep_only_what_is_held_publish_as_well() {
    let place = Place::new();
    let version = place.version().id();
    let path = place.sequence("plate", &[1, 2, 3]);
    let connect = || {
        builder(&place.server)
            .retention(Retention::Held)
            .connect()
            .unwrap()
    };
    let standard = |session: &Session, name: &str| {
        super::location(session, name, &place.text(name), StandardStructure::new())
    };
    let session = connect();
    let near = standard(&session, "near");
    let data = values! { "name": "plate", "version_id": version.as_str() };
    let sequence = session.create_component(&path, data, &near).unwrap();
    assert_eq!(near.component_availability(&sequence).unwrap(), 100.0);
    let server = session.location("ftrack.server").unwrap();
    assert_eq!(server.name().unwrap(), "ftrack.server");

    let session = connect();
    let (near, far) = (standard(&session, "near"), standard(&session, "far"));
    let key = sequence.id();
    let sequence = session
        .get("SequenceComponent", key.as_str())
        .unwrap()
        .unwrap();
    let trace = session.trace();
    far.add_component(&sequence, &near).unwrap();
    assert!(trace.request_count() <= 8, "{}", trace.request_count());
    assert_eq!(far.component_availability(&sequence).unwrap(), 100.0);
    far.remove_component(&sequence).unwrap();
    assert!(place.files("far").is_empty());
}

#[test]
fn threads_publish_at_the_same_time_in_units_of_work() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (place, location) = (&place, &location);
            scope.spawn(move || {
                let unit = place.session.begin();
                let path = place.sequence(&format!("plate{number}"), &[1, 2, 3]);
                unit.create_component(&path, values! {}, location).unwrap();
            });
        }
    });
    assert_eq!(place.files("storage").len(), 12);
    assert_eq!(super::registered(&place.session, &location), 16);
}
