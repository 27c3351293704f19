//! Metadata. The batches that are compared are those that the official Python client 3.1 sent for the same stories.

use ftrack_session::{EntityState, ErrorKind, Retention, Value, values};
use serde_json::json;

use crate::wire::{Wire, create, delete, update};

/// The create of a row of metadata of the sequence "Q".
fn row(key: &str, value: &str) -> serde_json::Value {
    let data = json!({"__entity_type__": "Metadata", "parent_id": "Q", "parent_type": "Sequence",
        "key": key, "value": value});
    json!({"action": "create", "entity_type": "Metadata", "entity_key": ["Q", key], "entity_data": data})
}

/// The update that tells the sequence "Q" its rows.
fn rows(keys: &[&str]) -> serde_json::Value {
    let rows: Vec<_> = keys
        .iter()
        .map(|key| json!({"__entity_type__": "Metadata", "parent_id": "Q", "key": key}))
        .collect();
    update("Sequence", &["Q"], json!({"metadata": rows}))
}

fn changed(key: &str, value: &str) -> serde_json::Value {
    update("Metadata", &["Q", key], json!({"value": value}))
}

fn removed(key: &str) -> serde_json::Value {
    delete("Metadata", &["Q", key])
}

/// A sequence "Q" that is committed, with this metadata.
fn sequence(wire: &Wire, metadata: serde_json::Value) -> ftrack_session::Entity {
    let project = wire
        .session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    wire.name("P", &project);
    let values = values! { "name": "opening", "parent": project, "metadata": metadata };
    let sequence = wire.session.create("Sequence", values).unwrap();
    wire.name("Q", &sequence);
    wire.session.commit().unwrap();
    wire.sent();
    sequence
}

fn items(entity: &ftrack_session::Entity) -> Vec<(String, String)> {
    let metadata = entity.metadata().unwrap();
    let mut items: Vec<(String, String)> = metadata
        .items()
        .unwrap()
        .into_iter()
        .map(|(key, value)| (key, value.as_str().unwrap().to_owned()))
        .collect();
    items.sort();
    items
}

fn owned(items: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    items.iter().map(owned).collect()
}

/// What the server has, as a session sees it that knows nothing yet.
fn stored(wire: &Wire, entity: &ftrack_session::Entity) -> Vec<(String, String)> {
    let session = wire.other_session();
    items(
        &session
            .get(entity.entity_type(), entity.id())
            .unwrap()
            .unwrap(),
    )
}

#[test]
fn a_new_entity_comes_before_its_metadata_and_is_told_of_it_afterwards() {
    let wire = Wire::new();
    let project = wire
        .session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    wire.name("P", &project);
    let metadata = json!({"focal_length": "70", "frame_padding": "4"});
    let values = values! { "name": "opening", "parent": &project, "metadata": metadata };
    let sequence = wire.session.create("Sequence", values).unwrap();
    wire.name("Q", &sequence);
    let data = json!({"name": "opening", "parent": {"__entity_type__": "Project", "id": "P"},
        "object_type_id": "e5139355-61da-4c8f-9db4-3abc870166bc", "priority_id": "9661b320-3a0c-11e2-81c1-0800200c9a66"});
    let expected = json!([
        create("Sequence", "Q", data),
        row("focal_length", "70"),
        row("frame_padding", "4"),
        rows(&["focal_length", "frame_padding"]),
    ]);
    assert_eq!(wire.commit(), expected);
    let expected = owned(&[("focal_length", "70"), ("frame_padding", "4")]);
    assert_eq!(items(&sequence), expected);
    assert_eq!(stored(&wire, &sequence), expected);
}

#[test]
fn keys_are_set_added_and_deleted_as_the_official_client_does_it() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"frame_padding": "4", "focal_length": "70"}));
    let metadata = sequence.metadata().unwrap();
    metadata.set("frame_padding", "5").unwrap();
    metadata.set("x", "1").unwrap();
    assert!(metadata.remove("focal_length").unwrap());
    assert!(!metadata.remove("focal_length").unwrap());
    let expected = json!([
        changed("frame_padding", "5"),
        row("x", "1"),
        rows(&["frame_padding", "x"]),
        removed("focal_length"),
    ]);
    assert_eq!(wire.commit(), expected);
    let expected = owned(&[("frame_padding", "5"), ("x", "1")]);
    assert_eq!(items(&sequence), expected);
    assert_eq!(stored(&wire, &sequence), expected);
}

#[test]
fn assigning_replaces_everything() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"frame_padding": "5", "x": "1"}));
    let values = json!({"frame_padding": "4", "new": "n"});
    sequence.set("metadata", values).unwrap();
    let expected = json!([
        removed("x"),
        changed("frame_padding", "4"),
        row("new", "n"),
        rows(&["frame_padding", "new"]),
    ]);
    assert_eq!(wire.commit(), expected);
    assert_eq!(
        stored(&wire, &sequence),
        owned(&[("frame_padding", "4"), ("new", "n")])
    );

    sequence.metadata().unwrap().clear().unwrap();
    let expected = json!([removed("frame_padding"), rows(&[]), removed("new")]);
    assert_eq!(wire.commit(), expected);
    assert_eq!(stored(&wire, &sequence), []);
}

/// The order of the values does not matter: the parent is part of the create, which the server might refuse without it.
#[test]
fn metadata_is_told_last() {
    let wire = Wire::new();
    let project = wire
        .session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    let metadata = json!({"a": "1"});
    let values = values! { "metadata": metadata, "name": "opening", "parent": &project };
    wire.session.create("Sequence", values).unwrap();
    let batch = wire.commit();
    assert_eq!(batch[0]["entity_data"]["parent"]["id"], project.id());
    assert_eq!(batch[1]["entity_type"], "Metadata");
    assert_eq!(batch.as_array().unwrap().len(), 3);
}

/// Entities that are forgotten when nobody holds them do not cost more requests.
#[test]
fn values_are_kept_with_the_entity_that_they_belong_to() {
    let wire = Wire::new();
    let id = sequence(&wire, json!({"a": "1", "b": "2", "c": "3"})).id();
    let session = crate::builder(&wire.server)
        .retention(Retention::Held)
        .connect()
        .unwrap();
    let sequence = session.get("Sequence", id).unwrap().unwrap();
    let trace = session.trace();
    assert_eq!(items(&sequence).len(), 3);
    assert_eq!(items(&sequence).len(), 3);
    assert_eq!(trace.request_count(), 1, "{:?}", trace.requests());
    sequence.metadata().unwrap().set("a", "10").unwrap();
    session.commit().unwrap();
    assert_eq!(items(&sequence).len(), 3);
    assert_eq!(stored(&wire, &sequence).len(), 3);
}

/// The official client refuses this: the row's key is immutable.
#[test]
fn a_key_that_is_deleted_and_set_again_has_the_new_value() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "old"}));
    let metadata = sequence.metadata().unwrap();
    metadata.remove("a").unwrap();
    metadata.set("a", "new").unwrap();
    wire.commit();
    assert_eq!(stored(&wire, &sequence), owned(&[("a", "new")]));

    metadata.set("b", "comes and goes").unwrap();
    metadata.remove("b").unwrap();
    assert_eq!(wire.commit(), json!([rows(&["a"])]));
    assert_eq!(stored(&wire, &sequence), owned(&[("a", "new")]));
}

#[test]
fn keys_and_values_arrive_in_one_request() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "1", "b": "2", "c": "3"}));
    let session = wire.other_session();
    let sequence = session.get("Sequence", sequence.id()).unwrap().unwrap();
    let trace = session.trace();
    assert_eq!(items(&sequence).len(), 3);
    assert_eq!(trace.request_count(), 1);
}

#[test]
fn values_that_were_left_out_by_a_query_are_loaded_for_all_keys_at_once() {
    let wire = Wire::new();
    let id = sequence(&wire, json!({"a": "1", "b": "2", "c": "3"})).id();
    let session = wire.other_session();
    let sequence = session
        .query(format!(
            "select metadata.key from Sequence where id is {id}"
        ))
        .one()
        .unwrap();
    let trace = session.trace();
    assert_eq!(items(&sequence).len(), 3);
    assert!(trace.request_count() <= 1, "{:?}", trace.requests());
}

#[test]
fn the_whole_map_interface_is_there() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "1", "b": "2"}));
    let metadata = sequence.metadata().unwrap();
    assert_eq!(metadata.entity(), &sequence);
    assert_eq!(
        (metadata.len().unwrap(), metadata.is_empty().unwrap()),
        (2, false)
    );
    assert!(metadata.contains("a").unwrap() && !metadata.contains("z").unwrap());
    assert_eq!(metadata.get::<String>("a").unwrap(), "1");
    assert_eq!(metadata.get::<Option<String>>("z").unwrap(), None);
    assert_eq!(
        metadata.get_or("z", "default".to_owned()).unwrap(),
        "default"
    );
    assert_eq!(metadata.value("z").unwrap(), None);
    assert_eq!(
        metadata.values().unwrap(),
        [Value::from("1"), Value::from("2")]
    );
    assert_eq!(metadata.set_default("a", "9").unwrap(), Value::from("1"));
    assert_eq!(metadata.set_default("c", "3").unwrap(), Value::from("3"));
    metadata.update(values! { "a": "10", "d": "4" }).unwrap();
    assert_eq!(metadata.pop("a").unwrap(), Some(Value::from("10")));
    assert_eq!(metadata.pop("a").unwrap(), None);
    assert_eq!(
        metadata.pop_item().unwrap(),
        Some(("b".to_owned(), Value::from("2")))
    );
    assert_eq!(items(&sequence), owned(&[("c", "3"), ("d", "4")]));
    metadata.clear().unwrap();
    assert_eq!(metadata.pop_item().unwrap(), None);
    assert!(metadata.is_empty().unwrap());

    let missing = metadata.get::<String>("a").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert!(missing.to_string().contains("\"a\""), "{missing}");
    metadata.set("a", "1").unwrap();
    let wrong = metadata.get::<i64>("a").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongType);
    for word in ["\"a\"", "text", "whole number"] {
        assert!(wrong.to_string().contains(word), "{wrong}");
    }
}

#[test]
fn what_no_key_can_hold_is_refused_and_nothing_is_recorded() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({}));
    let metadata = sequence.metadata().unwrap();
    let items = [("a", Value::from("fine")), ("b", Value::from(&sequence))];
    let refused = metadata.update(items.clone()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::WrongType);
    assert_eq!(
        metadata.replace(items).unwrap_err().kind(),
        ErrorKind::WrongType
    );
    let list = sequence.set("metadata", json!(["a"])).unwrap_err();
    assert_eq!(list.kind(), ErrorKind::WrongType);
    let created = wire
        .session
        .create("Sequence", values! { "name": "x", "metadata": "text" })
        .unwrap_err();
    assert_eq!(created.kind(), ErrorKind::WrongType);
    assert!(wire.session.recorded_operations().is_empty());

    let status = wire.session.query("Status").first().unwrap().unwrap();
    assert_eq!(
        status.metadata().unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
}

#[test]
fn unknown_metadata_is_never_taken_for_none() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "1"}));
    let session = wire.other_session();
    let sequence = session.get("Sequence", sequence.id()).unwrap().unwrap();
    {
        let _off = session.auto_populating(false);
        assert_eq!(
            sequence.metadata().unwrap_err().kind(),
            ErrorKind::NotLoaded
        );
    }
    assert_eq!(items(&sequence), owned(&[("a", "1")]));
}

#[test]
fn rolling_back_takes_everything_back() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "1", "b": "2"}));
    let metadata = sequence.metadata().unwrap();
    metadata.replace(values! { "a": "10", "c": "3" }).unwrap();
    assert_eq!(sequence.state(), Some(EntityState::Modified));
    wire.session.rollback();
    assert_eq!(items(&sequence), owned(&[("a", "1"), ("b", "2")]));
    metadata.set("b", "3").unwrap();
    assert_eq!(wire.commit(), json!([changed("b", "3")]));
}

#[test]
fn what_is_not_recorded_is_not_sent() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"a": "1"}));
    {
        let _unrecorded = wire.session.operation_recording(false);
        let metadata = sequence.metadata().unwrap();
        metadata.set("a", "2").unwrap();
        metadata.set("b", "3").unwrap();
    }
    assert_eq!(items(&sequence), owned(&[("a", "2"), ("b", "3")]));
    assert_eq!(wire.commit(), json!([]));
}

#[test]
fn threads_that_add_keys_at_the_same_time_lose_none() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({}));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sequence = sequence.clone();
            scope.spawn(move || {
                let metadata = sequence.metadata().unwrap();
                for number in 0..20 {
                    metadata
                        .set(&format!("own_{thread}_{number}"), "1")
                        .unwrap();
                    metadata
                        .set(&format!("shared_{number}"), thread.to_string())
                        .unwrap();
                }
            });
        }
    });
    wire.session.commit().unwrap();
    assert_eq!(stored(&wire, &sequence).len(), 8 * 20 + 20);
}

#[test]
fn entities_are_found_by_their_metadata() {
    let wire = Wire::new();
    let sequence = sequence(&wire, json!({"mood": "calm"}));
    let text = "Sequence where metadata any (key is \"mood\" and value is \"calm\")";
    assert_eq!(wire.session.query(text).one().unwrap(), sequence);
}
