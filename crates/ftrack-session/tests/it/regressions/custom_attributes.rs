use ftrack_session::{Entity, FromAttribute, values};

use crate::Studio;

fn stored<T: FromAttribute>(studio: &Studio, entity: &Entity, key: &str) -> T {
    let there = studio.other_session();
    let entity = there.get(entity.entity_type(), entity.id());
    let custom_attributes = entity.unwrap().unwrap().custom_attributes().unwrap();
    custom_attributes.get(key).unwrap()
}

/// 1.3.2: inherited custom attributes could not be set on new entities.
#[test]
fn v1_3_2_hierarchical_attributes_can_be_set_on_a_new_entity() {
    let studio = Studio::new();
    let values = values! { "name": "new", "parent": &studio.project() };
    let sequence = studio.session.create("Sequence", values).unwrap();
    let custom_attributes = sequence.custom_attributes().unwrap();
    custom_attributes.set("my_attribute", "inherited").unwrap();
    studio.session.commit().unwrap();
    let found: String = stored(&studio, &sequence, "my_attribute");
    assert_eq!(found, "inherited");
}

/// 0.15.1: configurations of custom attributes were asked for again and again.
#[test]
fn v0_15_1_configurations_are_asked_for_once() {
    let studio = Studio::new();
    let session = &studio.session;
    let parent = studio.project();
    let trace = session.trace();
    for number in 0..20 {
        let values = values! { "name": format!("s{number}"), "parent": &parent };
        let shot = session.create("Shot", values).unwrap();
        shot.custom_attributes()
            .unwrap()
            .set("fstart", number)
            .unwrap();
    }
    assert!(trace.request_count() <= 1, "{:?}", trace.requests());
    session.rollback();
}

/// 0.13.0: custom attributes of a version could not be set in the session that created it.
#[test]
fn v0_13_0_attributes_can_be_set_on_a_version_that_was_just_committed() {
    let studio = Studio::new();
    let session = &studio.session;
    let asset = session.query("Asset").first().unwrap().unwrap();
    let values = values! { "asset": &asset };
    let version = session.create("AssetVersion", values).unwrap();
    session.commit().unwrap();
    let checked = serde_json::json!(["picture"]);
    let custom_attributes = version.custom_attributes().unwrap();
    custom_attributes.set("checked", checked).unwrap();
    session.commit().unwrap();
    let found: Vec<String> = stored(&studio, &version, "checked");
    assert_eq!(found, ["picture"]);
}
