//! The schema: what is reported, and what the definition says beyond that.

use std::collections::BTreeSet;

use ftrack_server::schema::{
    AttributeKind, EntityType, Inverse, ObjectTypeError, ScalarType, Schema, definition,
    difference, hash,
};
use serde_json::{Value, json};

fn attribute<'s>(schema: &'s Schema, path: &str) -> &'s AttributeKind {
    let (entity_type, attribute) = path.split_once('.').unwrap();
    &schema.types[entity_type].attributes[attribute].kind
}

/// How members are found, in the words of the definition.
fn inverse(schema: &Schema, path: &str) -> String {
    let AttributeKind::Collection {
        target, inverse, ..
    } = attribute(schema, path)
    else {
        panic!("{path} is no collection");
    };
    match inverse {
        Inverse::ForeignKey { attribute } => format!("{target} by {attribute}"),
        Inverse::Where {
            attribute,
            filter,
            value,
        } => format!("{target} by {attribute} where {filter}={value}"),
        Inverse::Through { link, own, other } => format!("{target} through {link} {own} {other}"),
        other => format!("{target} {other:?}"),
    }
}

#[test]
fn the_report_is_the_one_that_clients_know() {
    let schema = Schema::builtin();
    assert_eq!(schema.hash(), "23a1157b8b1730fd91c76f63dcd67a8f");
    let report = schema.report();
    let types = report.as_array().unwrap();
    let properties = types
        .iter()
        .map(|found| found["properties"].as_object().unwrap().len());
    assert_eq!(types.len(), 116);
    assert_eq!(properties.sum::<usize>(), 1299);
}

#[test]
fn collections_find_their_members() {
    let schema = Schema::builtin();
    for (path, expected) in [
        ("Context.children", "Context by parent_id"),
        ("Asset.versions", "AssetVersion by asset_id"),
        (
            "Shot.assignments",
            "Appointment by context_id where type=assignment",
        ),
        (
            "User.allocations",
            "Appointment by resource_id where type=allocation",
        ),
        ("Group.appointments", "Appointment by resource_id"),
        ("AssetVersion.notes", "Note by parent_id"),
        ("Note.replies", "Note by in_reply_to_id"),
        ("FileComponent.metadata", "Metadata by parent_id"),
        ("SequenceComponent.members", "Component by container_id"),
        ("Task.ancestors", "TypedContext Ancestors"),
        ("Project.descendants", "TypedContext Descendants"),
        (
            "TypedContextList.items",
            "TypedContext through ListObject list_id entity_id",
        ),
        (
            "AssetVersion.lists",
            "AssetVersionList through ListObject entity_id list_id",
        ),
        (
            "AssetVersion.uses_versions",
            "AssetVersion through AssetVersionLink to_id from_id",
        ),
        (
            "AssetVersion.used_in_versions",
            "AssetVersion through AssetVersionLink from_id to_id",
        ),
        ("Shot.incoming_links", "TypedContextLink by to_id"),
        (
            "Shot.scopes",
            "Scope through ContextScope context_id scope_id",
        ),
        (
            "User.custom_attributes",
            "UserCustomAttributeValue CustomAttributes",
        ),
        (
            "Task.custom_attribute_links",
            "CustomAttributeLink by from_id",
        ),
        (
            "Task.custom_attribute_links_from",
            "CustomAttributeLinkFrom by to_id",
        ),
        (
            "CustomAttributeConfiguration.read_security_roles",
            "SecurityRole through ReadSecurityRole configuration_id security_role_id",
        ),
        (
            "WorkflowSchema.statuses",
            "Status through WorkflowSchemaStatus workflow_schema_id status_id",
        ),
        ("ReviewSession.settings", "EntitySetting by parent_id"),
        (
            "UserSecurityRole.projects",
            "Project through UserSecurityRoleProject user_security_role_id project_id",
        ),
    ] {
        assert_eq!(inverse(&schema, path), expected, "{path}");
    }
}

#[test]
fn all_306_collections_say_how_to_find_members() {
    let schema = Schema::builtin();
    let attributes = schema
        .types
        .values()
        .flat_map(|found| found.attributes.values());
    let mut reported = 0;
    for found in attributes.filter(|found| !found.hidden) {
        if let AttributeKind::Collection { inverse, .. } = &found.kind {
            reported += 1;
            assert_ne!(*inverse, Inverse::Special, "{}", found.name);
        }
    }
    assert_eq!(reported, 306);
}

#[test]
fn references_are_stored_by_a_foreign_key() {
    let schema = Schema::builtin();
    for (path, target, via) in [
        ("Task.status", "Status", "status_id"),
        ("Asset.parent", "Context", "context_id"),
        ("Note.author", "User", "user_id"),
        ("Status.state", "State", "state_id"),
        ("AssetVersionLink.to", "AssetVersion", "to_id"),
        ("FileComponent.container", "Component", "container_id"),
        ("Asset.latest_version", "AssetVersion", ""),
        ("SettingComponent.setting", "Setting", "name,group"),
        ("UserCustomAttributeLink.user", "User", "to_id"),
        ("UserCustomAttributeLinkFrom.user", "User", "from_id"),
        (
            "TypedContextStatusChange.parent",
            "TypedContext",
            "parent_id",
        ),
    ] {
        let expected = AttributeKind::Reference {
            target: target.to_owned(),
            via: via.to_owned(),
        };
        assert_eq!(*attribute(&schema, path), expected, "{path}");
    }
    let container = &schema.types["FileComponent"].attributes["container_id"];
    assert_eq!(container.foreign_key.as_deref(), Some("Component"));
    let social = attribute(&schema, "Feed.social_id");
    assert_eq!(*social, AttributeKind::Scalar(ScalarType::Integer));
}

#[test]
fn families_know_their_members() {
    let schema = Schema::builtin();
    for (family, members) in [
        ("List", vec!["TypedContextList", "AssetVersionList"]),
        ("Resource", vec!["Group", "User"]),
        ("Task", vec!["Task"]),
        ("Nothing", vec![]),
    ] {
        let found: BTreeSet<&str> = schema.members(family).into_iter().collect();
        assert_eq!(found, members.into_iter().collect(), "{family}");
    }
    assert_eq!(schema.members("TypedContext").len(), 7);
    assert_eq!(schema.members("Context").len(), 8);
    assert!(schema.is_kind_of("Shot", "Context"));
    assert!(!schema.is_kind_of("Shot", "Task"));
    assert!(!schema.is_kind_of("Nothing", "Nothing"));
}

#[test]
fn undocumented_names_are_known_but_not_reported() {
    let schema = Schema::builtin();
    let report = schema.report();
    for (entity_type, name) in [("Status", "type"), ("UserSecurityRole", "projects")] {
        let found = &schema.types[entity_type];
        assert!(found.attribute(name).unwrap().hidden);
        assert_eq!(found.report()["properties"].get(name), None);
    }
    let types = report.as_array().unwrap();
    assert!(types.iter().all(|found| found["id"] != "ContextScope"));
    assert!(schema.entity_type("ContextScope").unwrap().hidden);
}

#[test]
fn every_projected_name_is_an_attribute() {
    let schema = Schema::builtin();
    for found in schema.types.values() {
        for name in &found.default_projections {
            assert!(found.attribute(name).is_some(), "{}.{name}", found.name);
        }
    }
    let system = |name: &str| schema.types[name].system_attributes().join(" ");
    assert_eq!(system("AssetVersion"), "asset_id");
    assert_eq!(system("ContextCustomAttributeValue"), "entity_id key value");
    assert_eq!(system("CustomAttributeConfiguration"), "project_id");
}

#[test]
fn a_studio_adds_object_types() {
    let id = "0d9a7f3e-94c1-4c6e-8f1b-5d0f2a7b6c11";
    let builtin = Schema::builtin();
    let schema = builtin.with_object_type(id, "Camera Move").unwrap();
    let added: &EntityType = &schema.types["CameraMove"];
    assert_eq!(schema.members("TypedContext").len(), 8);
    assert_eq!(
        added.report()["alias_for"]["classifiers"],
        json!({ "object_typeid": id })
    );
    assert_eq!(added.attributes["object_type_id"].default, Some(json!(id)));
    assert_eq!(added.immutable, schema.types["Task"].immutable);
    let reported = schema.report();
    assert_eq!(
        reported.as_array().unwrap().last().unwrap()["id"],
        "CameraMove"
    );

    let again = schema.with_object_type(id, "Camera Move").unwrap();
    assert_eq!(again.hash(), schema.hash());
    assert_eq!(
        builtin.with_object_type(id, "User").unwrap_err(),
        ObjectTypeError::Taken("User".to_owned())
    );
    assert_eq!(
        builtin.with_object_type(id, "4?").unwrap_err(),
        ObjectTypeError::Unnamed("4?".to_owned())
    );
}

#[test]
fn differences_are_listed() {
    let ours = Schema::builtin().report();
    let change = |edit: fn(&mut Vec<Value>)| {
        let mut reference = ours.clone();
        edit(reference.as_array_mut().unwrap());
        difference(&ours, &reference)
    };
    assert_eq!(change(|_| {}), [""; 0]);
    assert_eq!(
        change(|types| types.swap(0, 1)),
        [
            "types come in another order: ours has ListCustomAttributeLink where the reference has Asset"
        ]
    );
    assert_eq!(
        change(|types| drop(types.remove(2))),
        ["Scope: only ours has this type"]
    );
    assert_eq!(
        change(|types| types.push(json!({ "id": "Rig" }))),
        ["Rig: only the reference has this type"]
    );
    assert_eq!(
        change(|types| types[2]["required"] = json!(["id"])),
        ["Scope.required: ours is [\"name\",\"id\"], the reference is [\"id\"]"]
    );
    assert_eq!(
        change(|types| types[2]["alias_for"] = json!("Area")),
        ["Scope.alias_for: only the reference has it, \"Area\""]
    );
    assert_eq!(
        difference(&ours, &json!({})),
        ["the reference is not a list of types"]
    );
}

#[test]
fn the_hash_is_that_of_escaped_sorted_text() {
    // MD5 of `{"a": ["\u00e9\ud83d\ude00\u007f\n\"\\", 1, true, null], "b": {}}`.
    let value = json!({ "b": {}, "a": ["é😀\u{7f}\n\"\\", 1, true, null] });
    assert_eq!(hash(&value), "1f242dedf5972e2dc049b1c75319b04f");
}

#[test]
fn faults_of_a_definition_name_the_line() {
    for (text, expected) in [
        ("type A\n  id uuid\n", "2: unknown kind of attribute `uuid`"),
        ("type A\n  id\n", "2: what the attribute is is missing"),
        ("  id uid\n", "1: the line belongs to no type"),
        (
            "kind A\n",
            "1: expected `shape`, `type` or `order`, not `kind`",
        ),
        ("type A B\n", "1: unexpected `B`"),
        ("type A : B\n", "1: no type `B` stands before this one"),
        (
            "type A\n  id uid\ntype A\n",
            "3: there is a type `A` already",
        ),
        ("shape a\nshape a\n", "2: there is a shape `a` already"),
        ("type A\n  @use b\n", "2: there is no shape `b`"),
        (
            "shape a\n  @use b\nshape b\n  @use a\ntype A\n  @use a\n",
            "4: shapes use each other in a circle",
        ),
        ("type A\n  @often id\n", "2: unknown fact `@often`"),
        (
            "type A\n  @where id\n",
            "2: what rows have in common should read `attribute=value`, not `id`",
        ),
        (
            "type A\n  id uid\n  name text = main\n",
            "3: the default should be JSON, not `main`",
        ),
        (
            "type A\n  id uid\n  name text note \"x\n",
            "3: a text is not closed",
        ),
        (
            "type A\n  id uid\n  all list A\n",
            "3: it does not say how to find members",
        ),
        (
            "type A\n  id uid\n  name text by id\n",
            "3: only collections have members",
        ),
        (
            "type A\n  id uid\n  all list A by b_id\n",
            "3: `A` has no attribute `b_id`",
        ),
        (
            "type A\n  id uid\n  all list B by id\n",
            "3: there is no type `B`",
        ),
        (
            "type A\n  id uid\n  all list A through B x y\n",
            "3: there is no type `B`",
        ),
        (
            "type A\n  id uid\n  all list A by id by id\n",
            "3: unexpected `by`",
        ),
        (
            "type A\n  id uid\n  other to A\n",
            "3: `A` has no attribute `other_id`",
        ),
        (
            "type A\n  id uid\n  other to A via id,id\n",
            "3: `A` has a key of 1 attributes",
        ),
        (
            "type A\n  id uid\n  b text same-as c\n",
            "3: `A` has no attribute `c`",
        ),
        ("type A\n  id uid\n  id text\n", "3: `id` is defined twice"),
        ("type A\n  name text\n", "1: `A` has no attribute `id`"),
        (
            "type A\n  id uid\n# all\norder A B\n",
            "4: there is no type `B` to put here",
        ),
    ] {
        let error = definition::parse(&[("a.schema", text)]).unwrap_err();
        assert_eq!(error.to_string(), format!("a.schema:{expected}"), "{text}");
    }
}

#[test]
fn types_take_over_what_their_family_says() {
    let text = "shape named\n  @required id name\n  name text = \"\"\n\
                type A\n  @abstract\n  @use named\n  id uid\n\
                type B : A\n  @required size ...\n  size number\n";
    let schema = definition::parse(&[("a.schema", text)]).unwrap();
    let (a, b) = (&schema.types["A"], &schema.types["B"]);
    assert!(a.is_abstract && !b.is_abstract);
    assert_eq!(b.required, ["size", "id", "name"]);
    assert_eq!(b.immutable, ["id"]);
    assert_eq!(b.family.as_deref(), Some("A"));
    assert_eq!(b.attributes["name"].default, Some(json!("")));
}

#[test]
fn no_word_left_out_of_a_definition_is_fatal() {
    let shapes = include_str!("../../src/schema/builtin/shapes.schema");
    let text = include_str!("../../src/schema/builtin/contexts.schema");
    let mut start = 0;
    let mut refused = 0;
    while let Some(found) = text[start..].find(|c: char| !c.is_whitespace()) {
        let word = start + found;
        let length = text[word..].find(char::is_whitespace);
        let end = length.map_or(text.len(), |length| word + length);
        let damaged = format!("{}{}", &text[..word], &text[end..]);
        let files = [
            ("shapes.schema", shapes),
            ("contexts.schema", damaged.as_str()),
        ];
        if let Err(error) = definition::parse(&files) {
            assert!(error.line > 0 && !error.reason.is_empty(), "{error}");
            refused += 1;
        }
        start = end;
    }
    assert!(refused > 100);
}
