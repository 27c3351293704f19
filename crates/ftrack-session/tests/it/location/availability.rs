//! How much of a component is where.

use ftrack_location::IdStructure;
use ftrack_session::{AddOptions, ComponentHelpers, ErrorKind, LocationChoice, values};

use super::Place;

#[test]
fn files_are_there_or_not_and_every_location_is_listed() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let far = place.location("far", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, &near)
        .unwrap();
    let availability = component.availability(None).unwrap();
    assert_eq!(availability.len(), place.session.locations().unwrap().len());
    for (location, percentage) in &availability {
        let expected = if *location == near.id() { 100.0 } else { 0.0 };
        assert_eq!(*percentage, expected, "{location}");
    }
    let only = [far.clone()];
    let availability = place
        .session
        .component_availability(&component, Some(&only))
        .unwrap();
    assert_eq!(
        availability.into_iter().collect::<Vec<_>>(),
        [(far.id(), 0.0)]
    );
}

#[test]
fn a_sequence_is_as_available_as_its_files_are() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let path = place.sequence("plate", &[1, 2, 3]);
    let sequence = place
        .session
        .create_component(&path, values! {}, LocationChoice::None)
        .unwrap();
    let members = sequence.collection("members").unwrap().entities().unwrap();
    let available = || near.component_availability(&sequence).unwrap();
    assert_eq!(available(), 0.0);
    near.add_component(&members[0], place.origin()).unwrap();
    assert_eq!(available(), 33.333_333_333);
    near.add_components(&members[1..], [&place.origin()], &AddOptions::new())
        .unwrap();
    assert_eq!(available(), 100.0);
}

#[test]
fn containers_without_members_are_like_files() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let container = place
        .session
        .create("ContainerComponent", values! { "name": "package" })
        .unwrap();
    assert_eq!(near.component_availability(&container).unwrap(), 0.0);
    near.add_component(&container, place.origin()).unwrap();
    assert_eq!(near.component_availability(&container).unwrap(), 100.0);
}

#[test]
fn what_others_add_and_remove_is_seen_at_once() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let path = place.file("plate.exr", "pixels");
    let component = place
        .session
        .create_component(&path, values! {}, LocationChoice::Auto)
        .unwrap();
    let other = place.other_session();
    let seen = other
        .get("FileComponent", component.id().as_str())
        .unwrap()
        .unwrap();
    let location = other.location(&near.id()).unwrap();
    assert_eq!(location.component_availability(&seen).unwrap(), 0.0);
    near.add_component(&component, place.origin()).unwrap();
    assert_eq!(location.component_availability(&seen).unwrap(), 100.0);
    near.remove_component(&component).unwrap();
    assert_eq!(location.component_availability(&seen).unwrap(), 0.0);
}

#[test]
fn each_component_is_taken_from_the_best_location_that_has_it() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let far = place.location("far", IdStructure::new());
    near.set_priority(1);
    far.set_priority(2);
    let create = |name: &str, choice: LocationChoice| {
        let path = place.file(name, "pixels");
        place
            .session
            .create_component(&path, values! {}, choice)
            .unwrap()
    };
    let both = create("a.exr", (&near).into());
    far.add_component(&both, &near).unwrap();
    let only_far = create("b.exr", (&far).into());
    let nowhere = create("c.exr", LocationChoice::None);
    let trace = place.session.trace();
    let picked = place
        .session
        .pick_locations(&[both.clone(), only_far.clone(), nowhere.clone()])
        .unwrap();
    assert_eq!(trace.request_count(), 1);
    assert_eq!(picked, [Some(near), Some(far.clone()), None]);
    assert_eq!(
        place.session.pick_location_for(&only_far).unwrap(),
        Some(far)
    );
    assert_eq!(place.session.pick_location_for(&nowhere).unwrap(), None);
}

#[test]
fn many_components_are_asked_for_in_one_request() {
    let place = Place::new();
    let near = place.location("near", IdStructure::new());
    let path = place.sequence("plate", &(1..=20).collect::<Vec<_>>());
    let sequence = place
        .session
        .create_component(&path, values! {}, &near)
        .unwrap();
    let members = sequence.collection("members").unwrap().entities().unwrap();
    let trace = place.session.trace();
    let all = near.component_availabilities(&members).unwrap();
    assert_eq!(all, [100.0; 20]);
    assert_eq!(trace.request_count(), 1);
    assert!(near.component_availabilities(&[]).unwrap().is_empty());
}

#[test]
fn only_components_are_available() {
    let place = Place::new();
    let user = place.session.query("User").first().unwrap().unwrap();
    let error = user.availability(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EntityType);
}
