//! What publishing puts on the wire: what the official client does, in fewer batches.

use std::fs;

use ftrack_location::IdStructure;
use ftrack_session::{LocationChoice, values};
use serde_json::{Value, json};

use crate::wire::{Wire, create, delete, update};

/// The ids of these entities of the session, and names for them in the order of their creation.
fn name_created(wire: &Wire, sent: &Value, entity_type: &str, names: &[&str]) -> Value {
    let ids: Vec<String> = sent
        .as_array()
        .unwrap()
        .iter()
        .filter(|operation| {
            operation["action"] == "create" && operation["entity_type"] == entity_type
        })
        .map(|operation| operation["entity_key"][0].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), names.len(), "{sent}");
    let mut text = sent.to_string();
    for (id, name) in ids.iter().zip(names) {
        let key = ftrack_session::Key::from(id.as_str());
        let entity = wire.session.get(entity_type, key).unwrap().unwrap();
        wire.name(name, &entity);
        text = text.replace(id, name);
    }
    serde_json::from_str(&text).unwrap()
}

fn reference(entity_type: &str, name: &str) -> Value {
    json!({"__entity_type__": entity_type, "id": name})
}

/// The registration of a component.
fn link(name: &str, component: &Value, location: &Value, identifier: &str) -> Value {
    let data =
        json!({"component": component, "location": location, "resource_identifier": identifier});
    create("ComponentLocation", name, data)
}

#[test]
fn a_file_is_created_and_registered_by_one_batch() {
    let wire = Wire::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plate.exr");
    fs::write(&path, "pixels").unwrap();
    let unmanaged = wire.session.location("ftrack.unmanaged").unwrap();
    wire.name("unmanaged", unmanaged.entity());
    let component = wire
        .session
        .create_component(&path, values! { "name": "plate" }, LocationChoice::Auto)
        .unwrap();
    wire.name("c", &component);
    let sent = wire.sent();
    let sent = name_created(&wire, &sent, "ComponentLocation", &["link"]);
    let data = json!({"name": "plate", "size": 6, "file_type": ".exr"});
    let expected = json!([
        create("FileComponent", "c", data),
        link(
            "link",
            &reference("FileComponent", "c"),
            &reference("Location", "unmanaged"),
            path.to_str().unwrap()
        ),
    ]);
    assert_eq!(sent, expected);
}

#[test]
fn a_sequence_is_created_and_registered_members_first_and_removed_by_one_batch_each() {
    let wire = Wire::new();
    let folder = tempfile::tempdir().unwrap();
    for index in 1..=2 {
        fs::write(folder.path().join(format!("s.{index:04}.exr")), "pixels").unwrap();
    }
    let prefix = folder.path().join("storage");
    let location = super::location(
        &wire.session,
        "storage",
        prefix.to_str().unwrap(),
        IdStructure::new(),
    );
    wire.name("storage", location.entity());
    wire.sent();
    let path = format!("{}/s.%04d.exr [1-2]", folder.path().to_str().unwrap());
    let sequence = wire
        .session
        .create_component(path, values! { "name": "seq" }, &location)
        .unwrap();
    let id = sequence.id();
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| &id[index..=index]);
    let folder = format!("{a}/{b}/{c}/{d}/{}", &id[4..]);
    let sent = wire.sent();
    wire.name("s", &sequence);
    let sent = sent
        .to_string()
        .replace(&folder, "folder")
        .replace(&id, "s");
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let sent = name_created(&wire, &sent, "FileComponent", &["m1", "m2"]);
    let sent = name_created(&wire, &sent, "ComponentLocation", &["l1", "l2", "l3"]);

    let container = reference("SequenceComponent", "s");
    let member = |name: &str, index: &str| {
        let data = json!({"name": index, "size": 6, "file_type": ".exr", "container": container});
        create("FileComponent", name, data)
    };
    let members = json!([
        reference("FileComponent", "m1"),
        reference("FileComponent", "m2")
    ]);
    let data = json!({"name": "seq", "size": 12, "file_type": ".exr", "padding": 4});
    let storage = reference("Location", "storage");
    let expected = json!([
        create("SequenceComponent", "s", data),
        member("m1", "0001"),
        member("m2", "0002"),
        update("SequenceComponent", &["s"], json!({"members": members})),
        link("l1", &members[0], &storage, "folder/file.0001.exr"),
        link("l2", &members[1], &storage, "folder/file.0002.exr"),
        link("l3", &container, &storage, "folder/file.%04d.exr"),
    ]);
    assert_eq!(sent, expected);

    location.remove_component(&sequence).unwrap();
    let sent = wire.sent();
    let sent = sent.as_array().unwrap();
    assert_eq!(sent.len(), 4, "{sent:?}");
    let query = "select id, component_id, resource_identifier from ComponentLocation where location_id is storage and \
                 component_id in (m1, m2, s) offset 0 limit 500";
    assert_eq!(sent[0]["expression"], query);
    let deletes = ["l1", "l2", "l3"].map(|name| delete("ComponentLocation", &[name]));
    assert_eq!(sent[1..], deletes);
}
