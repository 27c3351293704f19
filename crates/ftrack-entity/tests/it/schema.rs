use ftrack_entity::{AttributeKind, DataType, EntityTypeName, Error, Key, Schema};

use crate::{schema, schema_text};

#[test]
fn attributes_are_what_their_properties_say() {
    let schema = schema();
    let task = schema.entity_type("Task").unwrap();
    let kind = |name: &str| task.get(name).map(ftrack_entity::Attribute::kind);
    assert_eq!(kind("name"), Some(AttributeKind::Scalar(DataType::Text)));
    assert_eq!(
        kind("created_at"),
        Some(AttributeKind::Scalar(DataType::DateTime))
    );
    assert_eq!(
        kind("status"),
        Some(AttributeKind::Reference(EntityTypeName::new("Status")))
    );
    assert_eq!(
        kind("children"),
        Some(AttributeKind::Collection(EntityTypeName::new("Context")))
    );
    assert_eq!(
        kind("metadata"),
        Some(AttributeKind::MappedCollection(EntityTypeName::new(
            "Metadata"
        )))
    );
    assert!(!task.attribute("created_at").unwrap().is_mutable());
    assert!(task.attribute("time_logged").unwrap().is_computed());
    assert!(task.attribute("name").unwrap().is_required());
    assert!(task.attribute("id").unwrap().is_key());
    assert_eq!(
        task.attribute("bid").unwrap().default(),
        Some(&serde_json::json!(0))
    );
}

#[test]
fn attributes_that_only_filters_may_name_and_those_without_a_type_are_left_out() {
    let schema = schema();
    let task = schema.entity_type("Task").unwrap();
    for name in ["hidden", "hidden_links", "strange", "untyped"] {
        assert!(task.get(name).is_none(), "{name}");
    }
    for (name, is_queryable) in [("hidden", true), ("hidden_links", true), ("strange", false)] {
        let found = task.queryable().any(|attribute| attribute.name() == name);
        assert_eq!(found, is_queryable, "{name}");
    }
}

#[test]
fn unknown_names_are_errors_with_a_suggestion() {
    let schema = schema();
    let error = schema.entity_type("Tasks").unwrap_err();
    assert_eq!(
        error.to_string(),
        "entity type \"Tasks\" is not known to this server; did you mean \"Task\"?"
    );
    let error = schema
        .entity_type("Task")
        .unwrap()
        .attribute("nmae")
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Task has no attribute \"nmae\"; did you mean \"name\"?"
    );
    assert!(matches!(
        schema.entity_type("Xylophone"),
        Err(Error::UnknownEntityType { similar: None, .. })
    ));
}

#[test]
fn a_key_of_the_wrong_length_is_refused_by_name() {
    let schema = schema();
    let metadata = schema.entity_type("Metadata").unwrap();
    assert!(metadata.check_key(&Key::composite(["p", "k"])).is_ok());
    let error = metadata.check_key(&Key::from("p")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key of a Metadata is (parent_id, key), but 1 value(s) were given"
    );
}

#[test]
fn text_that_is_no_schema_is_malformed() {
    for text in ["", "{}", "[{}]", "[1]", "<html>"] {
        assert!(
            matches!(
                Schema::from_json(text.as_bytes()),
                Err(Error::Malformed { .. })
            ),
            "{text}"
        );
    }
}

#[test]
fn queries_are_checked_against_the_schema() {
    let schema = schema();
    let faults = |text: &str| -> Vec<String> {
        let query = ftrack_query::Query::parse(text).unwrap();
        query
            .check(&schema)
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        faults("select name, status.name from Task where hidden any (name is a)"),
        [""; 0]
    );
    assert_eq!(
        faults("Context where children any (bid > 3 or wobble is 1)"),
        ["`Context` has no attribute `wobble`"]
    );
    assert_eq!(
        faults("select hidden from Tasks"),
        ["there is no entity type `Tasks`, did you mean `Task`?"]
    );
}

#[test]
fn types_of_a_kept_text_are_the_same_read_one_by_one() {
    let text = schema_text();
    let (whole, kept) = (
        schema(),
        Schema::from_kept_json(text.as_bytes().into()).unwrap(),
    );
    assert_eq!(kept.names().len(), whole.types().len());
    assert!(kept.names().eq(whole.types().map(|known| known.name())));
    assert_eq!(kept.text(), Some(text.as_bytes()));
    assert!(whole.text().is_none() && whole.text_of("Task").is_none());
    // In another order than that of the text.
    for name in ["Status", "Event", "Task", "Context", "Metadata"] {
        let (a, b) = (kept.get(name).unwrap(), whole.get(name).unwrap());
        // The rest of what an entity type prints is filled when it is used.
        assert_eq!(
            format!("{:?}", a.attributes()),
            format!("{:?}", b.attributes())
        );
        assert_eq!(a.default_projections(), b.default_projections());
        assert!(
            a.primary_key()
                .map(ftrack_entity::Attribute::name)
                .eq(b.primary_key().map(ftrack_entity::Attribute::name))
        );
        let part = std::str::from_utf8(kept.text_of(name).unwrap()).unwrap();
        assert!(text.contains(part) && part.contains(&format!("\"id\":\"{name}\"")));
    }
    let placed = Schema::from_places(text.as_bytes().into(), kept.places());
    assert!(placed.names().eq(kept.names()) && placed.places().eq(kept.places()));
    assert_eq!(placed.text_of("Task"), kept.text_of("Task"));
    let attributes = |schema: &Schema| schema.get("Task").unwrap().attributes().len();
    assert_eq!(attributes(&placed), attributes(&kept));
    let backwards = std::ops::Range { start: 9, end: 4 };
    let (_, of_another) = kept.places().find(|(name, _)| *name == "Status").unwrap();
    for place in [0..3, 5..usize::MAX, backwards, of_another] {
        let wrong = Schema::from_places(text.as_bytes().into(), [("Task", place)]);
        assert!(wrong.get("Task").unwrap().attributes().is_empty());
    }
    let again = kept.by_name(EntityTypeName::new("Task")).unwrap();
    assert!(std::sync::Arc::ptr_eq(again, kept.get("Task").unwrap()));
    assert!(kept.get("Tusk").is_none() && kept.text_of("Tusk").is_none());
    let error = kept.entity_type("Tusk").unwrap_err();
    assert!(
        matches!(error, Error::UnknownEntityType { similar, .. } if similar.as_deref() == Some("Task"))
    );
}

#[test]
fn a_kept_text_can_be_customised_and_is_checked_for_names() {
    let kept = Schema::from_kept_json(schema_text().as_bytes().into()).unwrap();
    let task = kept.get("Task").unwrap().as_ref().clone();
    let task = task.without_attribute("link").unwrap();
    let customised = kept.clone().with_types([task]);
    assert!(customised.get("Task").unwrap().get("link").is_none());
    assert!(kept.get("Task").unwrap().get("link").is_some());
    assert!(customised.get("Status").is_some());
    for text in ["", "{}", "[{}]", "[1]", "<html>", "[{\"id\": 1}]"] {
        let read = Schema::from_kept_json(text.as_bytes().into());
        assert!(matches!(read, Err(Error::Malformed { .. })), "{text}");
    }
    // Nothing that was checked as a whole before, but it must not panic.
    let twice = br#"[{"id": "A", "properties": 1}, {"id": "A", "primary_key": ["id"], "properties": {"id": {"type": "string"}}}]"#;
    let read = Schema::from_kept_json(twice[..].into()).unwrap();
    assert_eq!(read.names().len(), 1);
    assert_eq!(read.get("A").unwrap().attributes().len(), 1);
    let broken = Schema::from_kept_json(br#"[{"id": "A", "properties": 1}]"#[..].into()).unwrap();
    assert!(broken.get("A").unwrap().attributes().is_empty());
}

#[test]
fn types_can_be_customised() {
    let schema = schema();
    let task = schema.entity_type("Task").unwrap().as_ref().clone();
    let task = task.with_default_projections(vec!["name".to_owned(), "bid".to_owned()]);
    let task = task
        .with_alias("estimate", "bid")
        .unwrap()
        .with_immutable("name", true)
        .unwrap();
    let task = task.without_attribute("link").unwrap();
    assert_eq!(task.attribute("estimate").unwrap().name(), "bid");
    assert!(!task.attribute("name").unwrap().is_mutable());
    assert!(
        task.get("link").is_none() && task.queryable().any(|attribute| attribute.name() == "link")
    );
    assert!(task.attribute("id").unwrap().is_key());
    assert_eq!(task.primary_key().len(), 1);

    let hidden = task.clone().without_attribute("bid").unwrap();
    assert_eq!(hidden.default_projections(), ["name"]);
    assert!(hidden.get("estimate").is_none());
    assert!(task.clone().without_attribute("id").is_err());
    assert!(task.clone().without_attribute("nothing").is_err());
    assert!(task.with_alias("a", "nothing").is_err());
}

#[test]
fn attributes_know_the_column_that_events_name() {
    let text = br#"[{"id": "Task", "primary_key": ["id"], "properties": {
        "id": {"type": "string", "alias_for": "id"},
        "name": {"type": "string"},
        "status_id": {"type": "string", "alias_for": "statusid"},
        "odd": {"type": "string", "alias_for": {"id": "x"}}}}]"#;
    let schema = Schema::from_json(text).unwrap();
    let task = schema.entity_type("Task").unwrap();
    let columns: Vec<_> = task
        .attributes()
        .iter()
        .map(|attribute| (attribute.name(), attribute.column()))
        .collect();
    let expected = [
        ("id", "id"),
        ("name", "name"),
        ("status_id", "statusid"),
        ("odd", "odd"),
    ];
    assert_eq!(columns, expected);
}

#[test]
fn types_are_found_by_what_events_call_them() {
    let text = br#"[
        {"id": "Shot", "alias_for": {"id": "Task", "classifiers": {"object_typeid": "x"}}},
        {"id": "TypedContext", "alias_for": "Task"},
        {"id": "Project", "alias_for": "Show"},
        {"id": "AssetVersion", "alias_for": null},
        {"id": "User", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}, "primary_key": ["id"]}]"#;
    let schema = Schema::from_json(text).unwrap();
    let found = |table| schema.by_table(table).map(|found| found.name().as_str());
    let cases = [
        ("task", Some("TypedContext")),
        ("show", Some("Project")),
        ("assetversion", Some("AssetVersion")),
        ("asset_version", Some("AssetVersion")),
        ("User", Some("User")),
        ("shot", None),
        ("", None),
    ];
    for (table, expected) in cases {
        assert_eq!(found(table), expected, "{table}");
    }
    let shot = schema.entity_type("Shot").unwrap();
    assert_eq!((shot.table(), shot.shares_table()), ("task", true));
    let user = schema.entity_type("User").unwrap().as_ref().clone();
    let hidden = user.with_table("person", true).without_attribute("name");
    assert_eq!(hidden.unwrap().table(), "person");
}
