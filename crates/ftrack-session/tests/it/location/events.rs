//! The events that tell of components in locations.

use std::sync::Arc;
use std::time::Duration;

use ftrack_event::{Event, Outcome};
use ftrack_location::IdStructure;
use ftrack_session::{symbol, values};
use parking_lot::Mutex;
use serde_json::json;

use super::Place;

#[test]
fn others_hear_of_what_is_added_and_removed() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let listener = place.other_session();
    let hub = listener.event_hub();
    hub.connect().unwrap();
    let heard: Arc<Mutex<Vec<serde_json::Value>>> = Arc::default();
    let added = Arc::clone(&heard);
    hub.subscribe(
        &format!("topic={}", symbol::COMPONENT_ADDED_TO_LOCATION_TOPIC),
        move |event| {
            added.lock().push(json!({"added": event.data}));
            Ok(None)
        },
    )
    .unwrap();
    let (removed, stopper) = (Arc::clone(&heard), hub.stopper());
    hub.subscribe(
        &format!("topic={}", symbol::COMPONENT_REMOVED_FROM_LOCATION_TOPIC),
        move |event| {
            removed.lock().push(json!({"removed": event.data}));
            stopper.stop();
            Ok(None)
        },
    )
    .unwrap();
    // The subscriptions have reached the server once an event published after them has.
    let echo = hub.publish(Event::new("test.echo")).unwrap();
    assert_eq!(
        echo.wait(Duration::from_secs(20)),
        Some(Outcome::Acknowledged)
    );

    place.session.event_hub().connect().unwrap();
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &location)
        .unwrap();
    location.remove_component(&component).unwrap();
    hub.wait(Duration::from_secs(20)).unwrap();
    let data = json!({"component_id": component.id(), "location_id": location.id()});
    assert_eq!(
        *heard.lock(),
        [json!({"added": data}), json!({"removed": data})]
    );
}

#[test]
fn without_a_connection_components_are_added_all_the_same() {
    let place = Place::new();
    let location = place.location("storage", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    assert!(!place.session.event_hub().is_connected());
    let component = place
        .session
        .create_component(&path, values! {}, &location)
        .unwrap();
    assert_eq!(location.component_availability(&component).unwrap(), 100.0);
}
