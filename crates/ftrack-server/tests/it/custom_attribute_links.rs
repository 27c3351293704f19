//! Links that a studio configured, seen from both ends.

use serde_json::{Value, json};

use crate::client::Studio;

/// A shot and a user that use an asset build, and the asset build.
fn linked(studio: &Studio) -> (Value, Value, Value) {
    let project = studio.project("p");
    let shot = studio.below("Shot", "s", &project);
    let build = studio.below("AssetBuild", "b", &project);
    let user = studio.query("select username from User where username is admin")[0].clone();
    for (key, from_type, from) in [("of_shot", "task", &shot), ("of_user", "user", &user)] {
        let configuration = studio.create(
            "CustomAttributeLinkConfiguration",
            &json!({"key": key, "label": key, "entity_type": from_type, "entity_type_to": "task"}),
        );
        studio.create(
            "ContextCustomAttributeLink",
            &json!({"configuration_id": configuration["id"], "from_id": from["id"], "to_id": build["id"]}),
        );
    }
    (shot, user, build)
}

#[test]
fn either_end_has_references_of_its_own() {
    let studio = Studio::new();
    let (shot, user, build) = linked(&studio);
    let to = studio.query("select context.name, from_id from ContextCustomAttributeLink");
    assert_eq!(to.len(), 2);
    assert!(to.iter().all(|link| link["context"]["id"] == build["id"]));
    assert_eq!(to[1]["context"]["__entity_type__"], "AssetBuild");

    let found = studio.query(
        "select context.name, from_id, to_id, to_entity_type, configuration.key \
         from ContextCustomAttributeLinkFrom",
    );
    assert_eq!(found.len(), 1, "the other one comes from a user");
    let link = &found[0];
    assert_eq!(link["__entity_type__"], "ContextCustomAttributeLinkFrom");
    assert_eq!(
        link["id"],
        to.iter().find(|to| to["from_id"] == shot["id"]).unwrap()["id"]
    );
    assert_eq!(
        (&link["context"]["name"], &link["context"]["id"]),
        (&json!("s"), &shot["id"])
    );
    assert_eq!(
        (&link["from_id"], &link["to_id"]),
        (&shot["id"], &build["id"])
    );
    assert_eq!(link["to_entity_type"], "AssetBuild");
    assert_eq!(link["configuration"]["key"], "of_shot");

    let of_users = studio.query("select user.username from UserCustomAttributeLinkFrom");
    assert_eq!(of_users.len(), 1);
    assert_eq!(of_users[0]["user"]["username"], user["username"]);
    assert!(studio.query("AssetCustomAttributeLinkFrom").is_empty());
}

#[test]
fn all_links_are_seen_as_what_they_come_from() {
    let studio = Studio::new();
    linked(&studio);
    let types = studio.values(
        "select id from CustomAttributeLinkFrom order by configuration.key",
        "__entity_type__",
    );
    let expected = [
        "ContextCustomAttributeLinkFrom",
        "UserCustomAttributeLinkFrom",
    ];
    assert_eq!(types, expected);
}

#[test]
fn conditions_look_at_the_end_that_is_shown() {
    let studio = Studio::new();
    let (shot, _, build) = linked(&studio);
    let by_id = |id: &Value| {
        let id = id.as_str().unwrap();
        format!("ContextCustomAttributeLinkFrom where context.id is \"{id}\"")
    };
    for (expression, expected) in [
        ("ContextCustomAttributeLinkFrom where context.name is s", 1),
        ("ContextCustomAttributeLinkFrom where context.name is b", 0),
        (
            "ContextCustomAttributeLinkFrom where context[Shot].name is s",
            1,
        ),
        (
            "ContextCustomAttributeLinkFrom where context has (name is s)",
            1,
        ),
        (
            "ContextCustomAttributeLinkFrom where context has (name is b)",
            0,
        ),
        ("ContextCustomAttributeLink where context.name is b", 2),
        ("CustomAttributeLinkFrom where context.name is s", 1),
        ("CustomAttributeLinkFrom where context.name is b", 0),
        ("CustomAttributeLinkFrom where user.username is admin", 1),
        (
            "AssetBuild where custom_attribute_links_from any (context.name is s)",
            1,
        ),
        (
            "AssetBuild where custom_attribute_links_from any (context.name is b)",
            0,
        ),
        (
            "AssetBuild where custom_attribute_links_from any (user.username is admin)",
            1,
        ),
        ("Shot where custom_attribute_links_from any ()", 0),
        (
            "Shot where custom_attribute_links any (configuration.key is of_shot)",
            1,
        ),
        (&by_id(&shot["id"]), 1),
        (&by_id(&build["id"]), 0),
    ] {
        assert_eq!(studio.query(expression).len(), expected, "{expression}");
    }
    let unknown =
        json!({"action": "query", "expression": "select user from ContextCustomAttributeLinkFrom"});
    studio.refused(&unknown);
}

#[test]
fn the_ends_of_a_link_fit_and_a_link_from_one_to_one_is_the_only_one() {
    let studio = Studio::new();
    let project = studio.project("p");
    let (one, two) = (
        studio.below("Shot", "1", &project),
        studio.below("Shot", "2", &project),
    );
    let build = studio.below("AssetBuild", "b", &project);
    let users = studio.query("User where username in (admin, jane)");
    let shot_type = studio.query("ObjectType where name is Shot")[0]["id"].clone();
    let configuration = studio.create(
        "CustomAttributeLinkConfiguration",
        &json!({"key": "lead", "label": "Lead", "entity_type": "task", "object_type_id": shot_type,
            "entity_type_to": "user", "one_to_one": true}),
    );
    let link = |from: &Value, to: &Value| {
        crate::client::create(
            "CustomAttributeLink",
            &json!({"configuration_id": configuration["id"], "from_id": from["id"], "to_id": to["id"]}),
        )
    };
    let error = studio.refused(&link(&build, &users[0]));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("not this AssetBuild"),
        "{error}"
    );
    let error = studio.refused(&link(&one, &build));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("(user), not this AssetBuild"),
        "{error}"
    );
    studio.one(&link(&one, &users[0]));
    for (from, to) in [(&one, &users[0]), (&one, &users[1]), (&two, &users[0])] {
        assert_eq!(
            studio.refused(&link(from, to))["exception"],
            "DuplicateEntryError"
        );
    }
    studio.one(&link(&two, &users[1]));
}
