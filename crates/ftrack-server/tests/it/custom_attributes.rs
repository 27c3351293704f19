//! Custom attributes: configurations, values, links.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, update};
use crate::query::set_custom;

#[test]
fn custom_attributes_are_upserted_in_the_batch_that_makes_the_entity() {
    let studio = Studio::new();
    let project = studio.project("p");
    let configuration = studio
        .query("CustomAttributeConfiguration where key is fstart and object_type.name is Shot")[0]
        ["id"]
        .clone();
    let answers = studio.call(&json!([
        create("Shot", &json!({"id": "s-1", "name": "s", "parent": reference(&project)})),
        {"action": "update", "entity_type": "ContextCustomAttributeValue",
         "entity_key": [configuration, "s-1"], "entity_data": {"value": 5}},
    ]));
    assert_eq!(answers[1]["data"]["value"], 5, "{answers}");
    assert_eq!(answers[1]["data"]["key"], "fstart");
    let explicit = create(
        "ContextCustomAttributeValue",
        &json!({"configuration_id": configuration, "entity_id": "s-1", "value": 6}),
    );
    studio.refused(&explicit);
    let wrong = json!({"action": "update", "entity_type": "ContextCustomAttributeValue",
        "entity_key": [configuration, "s-1"], "entity_data": {"value": "late"}});
    assert_eq!(
        studio.refused(&wrong)["content"],
        "Custom attribute value for \"fstart\" must be of type number."
    );
    studio.one(
        &json!({"action": "delete", "entity_type": "ContextCustomAttributeValue",
        "entity_key": [configuration, "s-1"]}),
    );
    let back = studio.query(
        "select value from ContextCustomAttributeValue where entity_id is s-1 and key is fstart",
    );
    assert_eq!(back[0]["value"], 1001, "the default is back");
}

#[test]
fn configurations_keep_their_rules() {
    let studio = Studio::new();
    let roles: Vec<Value> = studio.query("SecurityRole").iter().map(reference).collect();
    let text = studio.query("CustomAttributeType where name is text")[0]["id"].clone();
    let number = studio.query("CustomAttributeType where name is number")[0]["id"].clone();
    let project = studio.project("p");
    let shot_type = "bad911de-3bd6-47b9-8b46-3476e237cb36";
    let made = |changes: Value| {
        let mut data = json!({"entity_type": "task", "object_type_id": shot_type, "type_id": text, "key": "mood",
            "label": "Mood", "default": "calm", "config": "{}", "read_security_roles": roles,
            "write_security_roles": roles});
        data.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        create("CustomAttributeConfiguration", &data)
    };
    studio.refused(&made(json!({"object_type_id": null})));
    studio.refused(&made(
        json!({"entity_type": "user", "object_type_id": null, "project_id": project["id"]}),
    ));
    studio.refused(&made(json!({"entity_type": "planet"})));
    studio.refused(&made(json!({"config": "no json"})));
    let first = studio.below("Shot", "first", &project);
    let mood = studio.one(&made(json!({})))["data"].clone();
    studio.refused(&made(json!({})));
    let change = |data: Value| update("CustomAttributeConfiguration", &mood["id"], &data);
    studio.refused(&change(json!({"type_id": number})));
    studio.refused(&change(json!({"project_id": project["id"]})));

    let value = |shot: &Value| {
        let id = shot["id"].as_str().unwrap();
        studio.values(
            &format!("select value from ContextCustomAttributeValue where key is mood and entity_id is {id}"),
            "value",
        )
    };
    studio.one(&change(json!({"default": "wild"})));
    let second = studio.below("Shot", "second", &project);
    assert_eq!(
        value(&first),
        ["calm"],
        "a changed default is for new entities"
    );
    assert_eq!(value(&second), ["wild"]);

    studio.one(&change(json!({"write_security_roles": []})));
    let set = json!({"action": "update", "entity_type": "ContextCustomAttributeValue",
        "entity_key": [mood["id"], first["id"]], "entity_data": {"value": "x"}});
    assert_eq!(studio.refused(&set)["exception"], "PermissionError");
    studio.one(&change(json!({"read_security_roles": []})));
    assert!(value(&first).is_empty(), "nobody may see it");
    studio.one(&delete("CustomAttributeConfiguration", &mood["id"]));
}

#[test]
fn enumerators_are_lists() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    set_custom(
        &studio,
        "ContextCustomAttributeValue",
        "difficulty",
        &shot["id"],
        &json!(["hard"]),
    );
    let found =
        studio.query("Shot where custom_attributes any (key is difficulty and value is hard)");
    assert_eq!(found.len(), 1);
}

#[test]
fn links_between_entities_name_their_ends() {
    let studio = Studio::new();
    let project = studio.project("p");
    let (shot, build) = (
        studio.below("Shot", "s", &project),
        studio.below("AssetBuild", "b", &project),
    );
    let configuration = studio.create(
        "CustomAttributeLinkConfiguration",
        &json!({"key": "uses", "label": "Uses", "entity_type": "task", "entity_type_to": "task"}),
    );
    let link = studio.create(
        "ContextCustomAttributeLink",
        &json!({"configuration_id": configuration["id"], "from_id": shot["id"], "to_id": build["id"]}),
    );
    assert_eq!(
        (&link["from_entity_type"], &link["to_entity_type"]),
        (&json!("Shot"), &json!("AssetBuild"))
    );
    let found = studio.values(
        "select name from Shot where custom_attribute_links any (configuration.key is uses)",
        "name",
    );
    assert_eq!(found, ["s"]);
    let back =
        "select name from AssetBuild where custom_attribute_links_from any (from_id is_not None)";
    assert_eq!(studio.values(back, "name"), ["b"]);
}
