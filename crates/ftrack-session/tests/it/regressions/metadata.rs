use ftrack_session::{Entity, Session, values};
use serde_json::json;

use crate::Studio;

fn stored(session: &Session, entity: &Entity) -> Vec<(String, String)> {
    let entity = session.get(entity.entity_type(), entity.id());
    let metadata = entity.unwrap().unwrap().metadata().unwrap();
    let keys = metadata.keys().unwrap();
    keys.into_iter()
        .map(|key| {
            let value = metadata.get(&key).unwrap();
            (key, value)
        })
        .collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// 1.3.3 and 1.3.2: metadata could not be given to `create`.
#[test]
fn v1_3_3_metadata_can_be_set_on_creation() {
    let studio = Studio::new();
    let values = values! {
        "name": "born_with_metadata",
        "parent": &studio.project(),
        "metadata": json!({"key": "value"}),
    };
    let sequence = studio.session.create("Sequence", values).unwrap();
    studio.session.commit().unwrap();
    let found = stored(&studio.other_session(), &sequence);
    assert_eq!(found, [pair("key", "value")]);
}

/// 0.4.2: setting the same metadata again was refused as a change of something immutable.
#[test]
fn v0_4_2_the_same_metadata_can_be_set_twice() {
    let studio = Studio::new();
    let metadata = studio.project().metadata().unwrap();
    for _ in 0..2 {
        metadata.replace(values! { "same": "value" }).unwrap();
        studio.session.commit().unwrap();
    }
    metadata.replace(values! { "same": "value" }).unwrap();
    metadata.replace(values! { "same": "value" }).unwrap();
    studio.session.commit().unwrap();
    let found = stored(&studio.other_session(), &studio.project());
    assert_eq!(found, [pair("same", "value")]);
}

/// 0.4.1: metadata could be set only once in a session.
#[test]
fn v0_4_1_metadata_can_be_set_twice_in_one_session() {
    let studio = Studio::new();
    let metadata = studio.project().metadata().unwrap();
    metadata.set("first", "1").unwrap();
    metadata.set("first", "2").unwrap();
    metadata.replace(values! { "second": "1" }).unwrap();
    metadata.replace(values! { "third": "1" }).unwrap();
    studio.session.commit().unwrap();
    metadata.replace(values! { "third": "2" }).unwrap();
    studio.session.commit().unwrap();
    let found = stored(&studio.other_session(), &studio.project());
    assert_eq!(found, [pair("third", "2")]);
}

/// 0.4.0: metadata went its own way beside entities and caches.
#[test]
fn v0_4_0_metadata_is_entities_like_others() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    project.metadata().unwrap().set("kept", "1").unwrap();
    session.commit().unwrap();
    let key = ftrack_session::Key::composite([project.id(), "kept".to_owned()]);
    let trace = session.trace();
    let row = session.get("Metadata", key).unwrap().unwrap();
    assert_eq!(trace.request_count(), 0);
    assert_eq!(row.get::<String>("value").unwrap(), "1");
    row.set("value", "2").unwrap();
    assert_eq!(
        project.metadata().unwrap().get::<String>("kept").unwrap(),
        "2"
    );
    session.rollback();
    assert_eq!(
        project.metadata().unwrap().get::<String>("kept").unwrap(),
        "1"
    );
}
