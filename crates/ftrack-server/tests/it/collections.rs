//! Writing to collections, and containers.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, update};

#[test]
fn collections_are_replaced_by_what_is_sent() {
    let studio = Studio::new();
    let project = studio.project("p");
    let tasks: Vec<Value> = ["a", "b", "c"]
        .map(|name| studio.below("Task", name, &project))
        .into();
    let category = studio.query("ListCategory limit 1")[0]["id"].clone();
    let list = studio.create(
        "TypedContextList",
        &json!({"name": "l", "category_id": category, "project_id": project["id"]}),
    );
    let set = |indexes: &[usize]| {
        let items: Vec<Value> = indexes
            .iter()
            .map(|index| reference(&tasks[*index]))
            .collect();
        studio.update("TypedContextList", &list["id"], &json!({"items": items}));
        let found = studio.query("select items.name from TypedContextList");
        let items = found[0]["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(set(&[0, 1]), ["a", "b"]);
    assert_eq!(set(&[1, 2]), ["b", "c"]);
    assert_eq!(studio.query("ListObject").len(), 2);
    assert_eq!(
        studio
            .query("select lists from Task where lists.name is l")
            .len(),
        2
    );
    assert_eq!(set(&[]), [""; 0]);
    let wrong = update("TypedContextList", &list["id"], &json!({"items": "a"}));
    studio.refused(&wrong);
    let unknown = json!({"items": [{"__entity_type__": "Task", "id": "nothing"}]});
    studio.refused(&update("TypedContextList", &list["id"], &unknown));
}

#[test]
fn metadata_taken_out_is_gone_and_may_be_deleted_too() {
    let studio = Studio::new();
    let project = studio.project("p");
    let keys = ["a", "b"];
    for key in keys {
        studio.create(
            "Metadata",
            &json!({"parent_id": project["id"], "parent_type": "Project", "key": key, "value": key}),
        );
    }
    let a = json!({"__entity_type__": "Metadata", "parent_id": project["id"], "key": "a"});
    studio.call(&json!([
        update("Project", &project["id"], &json!({"metadata": [a]})),
        {"action": "delete", "entity_type": "Metadata", "entity_key": [project["id"], "b"]},
    ]));
    assert_eq!(studio.values("select key from Metadata", "key"), ["a"]);
    let again =
        json!({"parent_id": project["id"], "parent_type": "Project", "key": "a", "value": "x"});
    assert_eq!(
        studio.refused(&create("Metadata", &again))["exception"],
        "DuplicateEntryError"
    );
}

#[test]
fn containers_have_members() {
    let studio = Studio::new();
    let sequence = studio.create("SequenceComponent", &json!({"name": "s", "padding": 4}));
    let file = studio.create(
        "FileComponent",
        &json!({"name": "0001", "container": reference(&sequence)}),
    );
    assert_eq!(file["system_type"], "file");
    let other = studio.create("FileComponent", &json!({"name": "0002"}));
    let members = json!({"members": [reference(&file), reference(&other)]});
    studio.update("SequenceComponent", &sequence["id"], &members);
    let found =
        studio.query("select members.name, system_type from Component where members any ()");
    assert_eq!(found[0]["members"].as_array().unwrap().len(), 2);
    studio.one(&delete("SequenceComponent", &sequence["id"]));
    assert!(studio.query("Component").is_empty());
}

#[test]
fn scopes_and_version_links_are_collections_on_both_sides() {
    let studio = Studio::new();
    let project = studio.project("p");
    let scope = studio.create("Scope", &json!({"name": "Paris"}));
    studio.update(
        "Project",
        &project["id"],
        &json!({"scopes": [reference(&scope)]}),
    );
    assert_eq!(
        studio.values(
            "select name from Project where scopes.name is Paris",
            "name"
        ),
        ["p"]
    );
    let asset = studio.create("Asset", &json!({"name": "a", "context_id": project["id"]}));
    let version = || studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    let (first, second) = (version(), version());
    studio.update(
        "AssetVersion",
        &second["id"],
        &json!({"uses_versions": [reference(&first)]}),
    );
    let used = studio.query("select used_in_versions.version from AssetVersion where version is 1");
    assert_eq!(used[0]["used_in_versions"][0]["version"], 2);
    assert_eq!(
        studio
            .query("select from_id, to_id from AssetVersionLink")
            .len(),
        1
    );
}

#[test]
fn a_container_cannot_contain_itself() {
    let studio = Studio::new();
    let container = |name: &str| studio.create("ContainerComponent", &json!({"name": name}));
    let (a, b, c) = (container("a"), container("b"), container("c"));
    studio.update(
        "ContainerComponent",
        &b["id"],
        &json!({"container_id": a["id"]}),
    );
    studio.update(
        "ContainerComponent",
        &c["id"],
        &json!({"container_id": b["id"]}),
    );
    for (inner, outer) in [(&a, &a), (&a, &b), (&a, &c)] {
        let error = studio.refused(&update(
            "ContainerComponent",
            &inner["id"],
            &json!({"container_id": outer["id"]}),
        ));
        assert!(
            error["content"]
                .as_str()
                .unwrap()
                .contains("contain itself"),
            "{error}"
        );
    }
    // Two that are made together, each in the other.
    let together = json!([
        create(
            "ContainerComponent",
            &json!({"id": "x", "name": "x", "container_id": "y"})
        ),
        create(
            "ContainerComponent",
            &json!({"id": "y", "name": "y", "container_id": "x"})
        ),
    ]);
    assert!(studio.call(&together)["exception"].is_string());
    let group = studio.create("Group", &json!({"name": "g"}));
    studio.refused(&update(
        "Group",
        &group["id"],
        &json!({"parent_id": group["id"]}),
    ));
}
