//! The schema: what is reported, and what the definition says beyond that.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::report::hash;
use super::{
    AttributeKind, EntityType, Inverse, ObjectType, ObjectTypeError, ScalarType, Schema,
    SchemaVersion,
};

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
        panic!("{path} is not a collection");
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
    for (version, hash, types, properties) in [
        (
            SchemaVersion::V128,
            "0fea72c759947866ad619b6ec900ae10",
            128,
            1485,
        ),
        (
            SchemaVersion::V116,
            "23a1157b8b1730fd91c76f63dcd67a8f",
            116,
            1299,
        ),
    ] {
        let schema = Schema::builtin_version(version);
        assert_eq!(schema.hash(), hash, "{version}");
        let report = schema.report();
        let found = report.as_array().unwrap();
        let counts = found
            .iter()
            .map(|found| found["properties"].as_object().unwrap().len());
        assert_eq!(found.len(), types);
        assert_eq!(counts.sum::<usize>(), properties);
    }
    assert_eq!(
        Schema::builtin().hash(),
        Schema::builtin_version(SchemaVersion::V128).hash()
    );
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
fn all_collections_say_how_to_find_members() {
    for (version, count) in [(SchemaVersion::V116, 306), (SchemaVersion::V128, 348)] {
        assert_eq!(
            collections(&Schema::builtin_version(version)),
            count,
            "{version}"
        );
    }
}

fn collections(schema: &Schema) -> usize {
    let types = schema.types.values().filter(|found| !found.hidden);
    let attributes = types.flat_map(|found| found.attributes.values());
    let mut reported = 0;
    for found in attributes.filter(|found| !found.hidden) {
        if let AttributeKind::Collection { inverse, .. } = &found.kind {
            reported += 1;
            assert_ne!(*inverse, Inverse::Special, "{}", found.name);
        }
    }
    reported
}

#[test]
fn references_are_stored_by_a_foreign_key() {
    let schema = Schema::builtin();
    for (path, target, via) in [
        ("Task.status", "Status", "status_id"),
        ("Asset.parent", "Context", "context_id"),
        ("Note.author", "BaseUser", "user_id"),
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
        ("Resource", vec!["Collaborator", "Group", "User"]),
        ("BaseUser", vec!["Collaborator", "User"]),
        (
            "NoteComponent",
            vec!["NoteAnnotationComponent", "NoteComponent"],
        ),
        ("Task", vec!["Task"]),
        ("Nothing", vec![]),
    ] {
        let found: BTreeSet<&str> = schema.members(family).into_iter().collect();
        assert_eq!(found, members.into_iter().collect(), "{family}");
    }
    assert_eq!(schema.members("TypedContext").len(), 8);
    assert_eq!(schema.members("Context").len(), 9);
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
}

#[test]
fn a_studio_adds_object_types() {
    let id = "0d9a7f3e-94c1-4c6e-8f1b-5d0f2a7b6c11";
    let builtin = Schema::builtin();
    let camera_move = ObjectType::new(id, "Camera Move");
    let schema = builtin.with_object_type(&camera_move).unwrap();
    let added: &EntityType = &schema.types["CameraMove"];
    assert_eq!(schema.members("TypedContext").len(), 9);
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

    let again = schema.with_object_type(&camera_move).unwrap();
    assert_eq!(again.hash(), schema.hash());
    let refused = |name| {
        let object_type = ObjectType::new(id, name);
        builtin.with_object_type(&object_type).unwrap_err()
    };
    assert_eq!(refused("User"), ObjectTypeError::Taken("User".to_owned()));
    assert_eq!(refused("4?"), ObjectTypeError::Unnamed("4?".to_owned()));
}

#[test]
fn object_types_give_the_entity_types_that_a_server_reports_for_them() {
    let builtin = Schema::builtin();
    let id = "0d9a7f3e-94c1-4c6e-8f1b-5d0f2a7b6c11";
    for (like, traits) in [
        ("Task", [true, true, true, true]),
        ("AssetBuild", [true, true, false, true]),
        ("Shot", [false, true, false, true]),
        ("Folder", [false, false, false, true]),
        ("Information", [false, false, false, false]),
    ] {
        let [is_typeable, is_statusable, is_schedulable, is_prioritizable] = traits;
        let object_type = ObjectType {
            is_typeable,
            is_statusable,
            is_schedulable,
            is_prioritizable,
            ..ObjectType::new(id, "Rig")
        };
        let schema = builtin.with_object_type(&object_type).unwrap();
        let mut ours = schema.types["Rig"].report();
        let mut theirs = builtin.types[like].report();
        for report in [&mut ours, &mut theirs] {
            report["id"] = Value::Null;
            report["alias_for"] = Value::Null;
            report["properties"]["object_type_id"]["default"] = Value::Null;
        }
        assert_eq!(ours, theirs, "{like}");
    }
}

#[test]
fn an_object_type_keeps_its_place_under_a_new_name() {
    let id = "0d9a7f3e-94c1-4c6e-8f1b-5d0f2a7b6c11";
    let schema = Schema::builtin();
    let schema = schema
        .with_object_type(&ObjectType::new(id, "Rig"))
        .unwrap();
    let renamed = schema.with_renamed_object_type(id, "Big Rig").unwrap();
    assert_eq!(
        renamed.types.get_index_of("BigRig"),
        schema.types.get_index_of("Rig")
    );
    assert!(!renamed.types.contains_key("Rig"));
    assert!(renamed.with_renamed_object_type(id, "Task").is_err());
    let same = renamed.with_renamed_object_type(id, "big rig").unwrap();
    assert_eq!(same.hash(), renamed.hash());
}

#[test]
fn the_hash_is_that_of_escaped_sorted_text() {
    // MD5 of `{"a": ["\u00e9\ud83d\ude00\u007f\n\"\\", 1, true, null], "b": {}}`.
    let value = json!({ "b": {}, "a": ["é😀\u{7f}\n\"\\", 1, true, null] });
    assert_eq!(hash(&value), "1f242dedf5972e2dc049b1c75319b04f");
}
