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
        "Custom attribute value for \"fstart\" must be of type number. Got \"late\" of type <type 'unicode'>"
    );
    studio.one(
        &json!({"action": "delete", "entity_type": "ContextCustomAttributeValue",
        "entity_key": [configuration, "s-1"]}),
    );
    let back = studio.query(
        "select value from ContextCustomAttributeValue where entity_id is s-1 and key is fstart",
    );
    assert_eq!(back[0]["value"], 1, "the default is back");
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

/// The configuration of a custom attribute of shots.
fn of_shots(studio: &Studio, key: &str) -> Value {
    let query =
        format!("CustomAttributeConfiguration where key is {key} and object_type.name is Shot");
    studio.query(&query)[0]["id"].clone()
}

fn set(configuration: &Value, entity: &Value, value: &Value) -> Value {
    json!({"action": "update", "entity_type": "ContextCustomAttributeValue",
        "entity_key": [configuration, entity["id"]], "entity_data": {"value": value}})
}

#[test]
fn explicit_values_exist_only_where_somebody_set_them() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    let configuration = of_shots(&studio, "fstart");
    let explicit = || {
        let query = format!(
            "select value from CustomAttributeValue where entity_id is {}",
            shot["id"]
        );
        studio.query(&query)
    };
    let typed = || {
        let query = format!(
            "select value from ContextCustomAttributeValue where key is fstart and entity_id is {}",
            shot["id"]
        );
        studio.query(&query)[0]["value"].clone()
    };
    let key = json!([configuration, shot["id"]]);
    let update = json!({"action": "update", "entity_type": "CustomAttributeValue",
        "entity_key": key, "entity_data": {"value": 5}});
    let make = create(
        "CustomAttributeValue",
        &json!({"configuration_id": configuration, "entity_id": shot["id"], "value": 7}),
    );
    assert_eq!(
        (explicit().len(), typed()),
        (0, json!(1)),
        "the default is not an explicit value"
    );
    let error = studio.refused(&update);
    assert_eq!(error["exception"], "ValueError");
    assert_eq!(
        error["content"],
        "Could not find entity CustomAttributeValue"
    );
    let made = studio.one(&make);
    assert_eq!(made["data"]["__entity_type__"], "CustomAttributeValue");
    assert_eq!(explicit()[0]["__entity_type__"], "CustomAttributeValue");
    assert_eq!((explicit().len(), typed()), (1, json!(7)));
    assert_eq!(studio.refused(&make)["exception"], "DuplicateEntryError");
    studio.one(&update);
    assert_eq!(typed(), 5);
    let remove =
        json!({"action": "delete", "entity_type": "CustomAttributeValue", "entity_key": key});
    studio.one(&remove);
    assert_eq!((explicit().len(), typed()), (0, json!(1)));
    studio.refused(&remove);
    // What is set by the typed row is explicit.
    studio.one(&set(&configuration, &shot, &json!(9)));
    assert_eq!(explicit()[0]["value"], 9);
}

#[test]
fn hierarchical_attributes_are_null_where_nobody_set_them() {
    let studio = Studio::new();
    let made = studio.create(
        "CustomAttributeConfiguration",
        &json!({
            "key": "grade", "label": "Grade", "entity_type": "show", "is_hierarchical": true,
            "type_id": studio.query("CustomAttributeType where name is text")[0]["id"],
            "default": "neutral",
            "read_security_roles": studio.query("SecurityRole").iter().map(reference).collect::<Vec<_>>(),
            "write_security_roles": studio.query("SecurityRole").iter().map(reference).collect::<Vec<_>>(),
        }),
    );
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    studio.one(&set(&made["id"], &project, &json!("warm")));
    let value = |entity: &Value| {
        let query = format!(
            "select value from ContextCustomAttributeValue where key is grade and entity_id is {}",
            entity["id"]
        );
        studio.query(&query)[0]["value"].clone()
    };
    assert_eq!(
        (value(&project), value(&shot)),
        (json!("warm"), Value::Null)
    );
}

#[test]
fn configurations_made_without_a_default_have_that_of_their_type() {
    let studio = Studio::new();
    for (kind, default) in [
        ("boolean", json!(false)),
        ("number", json!(0)),
        ("dynamic enumerator", json!([])),
        ("url", Value::Null),
        ("text", json!("")),
    ] {
        let query = format!("CustomAttributeType where name is {kind:?}");
        let data = json!({"key": format!("new_{}", kind.replace(' ', "_")), "entity_type": "show",
            "label": kind, "type_id": studio.query(&query)[0]["id"]});
        // The official Python client sends the empty text that the schema has as default.
        let mut sent = data.clone();
        sent["key"] = json!(format!("sent_{}", data["key"].as_str().unwrap()));
        sent["default"] = json!("");
        for data in [data, sent] {
            let made = studio.create("CustomAttributeConfiguration", &data);
            let query = format!(
                "select default from CustomAttributeConfiguration where id is {}",
                made["id"]
            );
            assert_eq!(studio.query(&query)[0]["default"], default, "{kind}");
        }
    }
}

#[test]
fn values_fit_the_type_of_their_configuration() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    let difficulty = of_shots(&studio, "difficulty");
    for (value, reason) in [
        (json!(["impossible"]), "has no option \"impossible\""),
        (
            json!("hard"),
            "must be of type enumerator. Got \"hard\" of type <type 'unicode'>",
        ),
        (json!(["easy", "hard"]), "takes one option, not 2"),
        (json!([1]), "must be of type enumerator"),
    ] {
        let error = studio.refused(&set(&difficulty, &shot, &value));
        assert!(
            error["content"].as_str().unwrap().contains(reason),
            "{error}"
        );
    }
    studio.one(&set(&difficulty, &shot, &json!(["easy"])));
    // It is shown without decimals, and holds them.
    let fstart = of_shots(&studio, "fstart");
    studio.one(&set(&fstart, &shot, &json!(5.5)));
    let date = of_shots(&studio, "delivery_date");
    studio.one(&set(&date, &shot, &json!("2025-12-01")));
    studio.refused(&set(&date, &shot, &json!("soon")));
    let values =
        studio.query("select custom_attributes.value from Shot")[0]["custom_attributes"].clone();
    let value = |key: &str| {
        let found = values
            .as_array()
            .unwrap()
            .iter()
            .find(|found| found["key"] == key);
        found.unwrap()["value"].clone()
    };
    assert_eq!(value("fstart"), 5.5);
    assert_eq!(value("delivery_date")["value"], "2025-12-01");
    assert_eq!(value("difficulty"), json!(["easy"]));
}

#[test]
fn expression_attributes_are_computed() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    studio.one(&set(&of_shots(&studio, "fstart"), &shot, &json!(1001)));
    studio.one(&set(&of_shots(&studio, "fend"), &shot, &json!(1100)));
    let with_duration = "Shot where custom_attributes any (key is duration and value is 100)";
    assert_eq!(studio.query(with_duration).len(), 1);
    let duration = of_shots(&studio, "duration");
    let error = studio.refused(&set(&duration, &shot, &json!(5)));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("is an expression"),
        "{error}"
    );
    // What cannot be evaluated is answered as it stands, one that leads in a circle included.
    for text in ["{sum(self.children)}", "{self.duration + 1}"] {
        studio.update(
            "CustomAttributeConfiguration",
            &duration,
            &json!({"default": text}),
        );
        let query = format!(
            "select value from ContextCustomAttributeValue where key is duration and entity_id is {}",
            shot["id"]
        );
        assert_eq!(studio.query(&query)[0]["value"], text);
    }
}
