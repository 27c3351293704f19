//! Structures, by the cases in `test_data/structures`.

use std::error::Error;
use std::fs;
use std::path::Path;

use ftrack_entity::{Identity, ReadEntity, Value};
use ftrack_location::{
    Accessor, DiskAccessor, EntityIdStructure, IdStructure, JsonEntity, OriginStructure,
    StandardStructure, Structure, StructureContext, StructureError,
};
use serde_json::Value as Json;

fn structure(label: &str) -> Box<dyn Structure> {
    let standard = StandardStructure::new();
    match label {
        "id" => Box::new(IdStructure::new()),
        "id with prefix" => Box::new(IdStructure::with_prefix("pre/fix")),
        "id with slashes" => Box::new(IdStructure::with_prefix("/prefix")),
        "entity id" => Box::new(EntityIdStructure),
        "origin" => Box::new(OriginStructure),
        "standard" => Box::new(standard),
        "standard with prefix" => Box::new(standard.project_versions_prefix("Versions")),
        "standard with dash" => Box::new(standard.illegal_character_substitute(Some("-"))),
        "standard without substitute" => Box::new(standard.illegal_character_substitute(Some(""))),
        "standard unsanitised" => Box::new(standard.illegal_character_substitute(None)),
        _ => panic!("no structure is called {label:?}"),
    }
}

/// The name of the variant.
fn kind(error: &StructureError) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

fn check(name: &str, case: &Json) -> usize {
    let entity = JsonEntity::new(&case["entity"]).unwrap();
    let context = case["source"]
        .as_str()
        .map_or(StructureContext::new(), |source| {
            StructureContext::new().with_source(source)
        });
    let structures = case["structures"].as_object().unwrap();
    for (label, wanted) in structures {
        let found = structure(label).get_resource_identifier(&entity, &context);
        match wanted["identifier"].as_str() {
            Some(identifier) => assert_eq!(found.unwrap(), identifier, "{name}, {label}"),
            None => assert_eq!(
                kind(&found.unwrap_err()),
                wanted["error"].as_str().unwrap(),
                "{name}, {label}"
            ),
        }
    }
    structures.len()
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/structures");
    let mut checked = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let case = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        checked += check(&path.display().to_string(), &case);
    }
    assert!(checked > 40, "{checked} cases");
}

#[test]
fn names_are_made_fit_for_file_systems_as_the_official_client_does() {
    let structure = StandardStructure::new();
    let cases: Vec<(String, String)> =
        serde_json::from_str(include_str!("../../test_data/sanitise.json")).unwrap();
    for (name, wanted) in &cases {
        assert_eq!(structure.sanitise_for_filesystem(name), *wanted, "{name:?}");
    }
    assert!(cases.len() > 10);
}

#[test]
fn folders_of_a_shot_are_made_by_the_structure_that_components_use() {
    let shot = serde_json::json!({
        "__entity_type__": "Shot", "id": "s-1", "name": "Shot 010",
        "link": [{"type": "Project", "id": "p-1", "name": "x"}, {"type": "TypedContext", "id": "s-1", "name": "Shot 010"}],
        "project": {"__entity_type__": "Project", "id": "p-1", "name": "bunny"},
    });
    let shot = JsonEntity::new(&shot).unwrap();
    let identifier = StandardStructure::new()
        .get_resource_identifier(&shot, &StructureContext::new())
        .unwrap();

    let folder = tempfile::tempdir().unwrap();
    let accessor = DiskAccessor::new(folder.path().to_str().unwrap()).unwrap();
    for part in ["plates", "work"] {
        accessor
            .make_container(&format!("{identifier}/{part}"), true)
            .unwrap();
    }
    assert!(folder.path().join("bunny/shot_010/work").is_dir());
}

/// An entity that cannot be loaded.
struct Unreachable(Identity);

impl ReadEntity for Unreachable {
    fn identity(&self) -> &Identity {
        &self.0
    }

    fn value(&self, _: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
        Err("the server does not answer".into())
    }

    fn related(
        &self,
        _: &Identity,
    ) -> Result<Option<Box<dyn ReadEntity + '_>>, Box<dyn Error + Send + Sync>> {
        Err("the server does not answer".into())
    }
}

#[test]
fn what_cannot_be_loaded_is_an_error_with_its_cause() {
    let entity = Unreachable(Identity::new("FileComponent", "c-1"));
    for label in ["id", "standard"] {
        let error = structure(label)
            .get_resource_identifier(&entity, &StructureContext::new())
            .unwrap_err();
        assert_eq!(kind(&error), "Unreadable", "{label}");
        assert!(error.to_string().ends_with("of FileComponent(c-1)"));
        let source = error.source().unwrap().to_string();
        assert_eq!(source, "the server does not answer");
    }
}

#[test]
fn json_without_type_or_id_is_no_entity() {
    for json in [
        "null",
        "[]",
        "{\"id\": \"a\"}",
        "{\"__entity_type__\": \"Task\", \"id\": 1}",
    ] {
        let json: Json = serde_json::from_str(json).unwrap();
        assert!(JsonEntity::new(&json).is_err(), "{json}");
    }
}

#[test]
fn json_entities_have_collections_and_references() {
    let json = serde_json::json!({
        "__entity_type__": "Shot", "id": "s-1", "tags": ["a"], "none": null, "empty": [],
        "tasks": [{"__entity_type__": "Task", "id": "t-1", "name": "comp"}],
    });
    let shot = JsonEntity::new(&json).unwrap();
    let task = Identity::new("Task", "t-1");
    assert_eq!(
        shot.value("tasks").unwrap().as_collection(),
        Some(&[task.clone()][..])
    );
    assert!(shot.value("none.name").unwrap().is_null());
    assert!(shot.value("missing.name").unwrap().is_not_set());
    assert!(shot.value("tags").unwrap().as_collection().is_none());
    assert!(shot.value("empty").unwrap().as_collection().is_none());
    let found = shot.related(&task).unwrap().unwrap();
    assert_eq!(found.value("name").unwrap().as_str(), Some("comp"));
    assert!(
        shot.related(&Identity::new("Task", "t-2"))
            .unwrap()
            .is_none()
    );
}
