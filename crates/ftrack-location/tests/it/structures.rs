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
        let found = structure(label).resource_identifier(&entity, &context);
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

/// The paths of files of this name, in shots of this name.
fn path_of(
    structure: &StandardStructure,
    shot: &str,
    name: &str,
) -> Result<String, StructureError> {
    let component = serde_json::json!({
        "__entity_type__": "FileComponent", "id": "c-1", "name": name, "file_type": ".exr",
        "version": {
            "__entity_type__": "AssetVersion", "id": "v-1", "version": 1,
            "link": [
                {"type": "Project", "id": "p-1", "name": "x"},
                {"type": "TypedContext", "id": "s-1", "name": shot},
                {"type": "AssetVersion", "id": "v-1", "name": "v1"},
            ],
            "asset": {"__entity_type__": "Asset", "id": "a-1", "name": "Comp"},
            "project": {"__entity_type__": "Project", "id": "p-1", "name": "bunny"},
        },
    });
    let component = JsonEntity::new(&component).unwrap();
    structure.resource_identifier(&component, &StructureContext::new())
}

#[test]
fn names_of_which_nothing_is_left_do_not_share_a_folder() {
    let structure = StandardStructure::new();
    let paths: std::collections::BTreeSet<String> = ["日本", "東京", "夜", "ночь"]
        .iter()
        .flat_map(|name| {
            let paths = [(*name, "plate"), ("010", *name)];
            paths.map(|(shot, name)| path_of(&structure, shot, name).unwrap())
        })
        .collect();
    assert_eq!(paths.len(), 8, "{paths:?}");
    // The same name has the same path for ever.
    assert_eq!(
        path_of(&structure, "日本", "plate").unwrap(),
        "bunny/u4dbed2e65745/comp/v001/plate.exr"
    );
    // Names that keep something have the paths of the official client.
    assert_eq!(
        path_of(&structure, "日本_2", "éclair").unwrap(),
        "bunny/_2/comp/v001/eclair.exr"
    );
}

#[test]
fn all_letters_are_kept_on_request_and_safe_everywhere() {
    let structure = StandardStructure::new().all_letters(true);
    for (name, wanted) in [
        ("夜", "夜"),
        ("E\u{301}clair", "éclair"),
        ("eclair", "eclair"),
        ("हिन्दी", "हिन्दी"),
        ("Sh 1", "sh_1"),
        ("../x", ".._x"),
        ("..", "__"),
        (".", "_"),
        ("x. .", "x.__"),
        ("x...", "x___"),
        ("CON", "_con"),
        ("nul.txt", "_nul.txt"),
        ("Lpt9", "_lpt9"),
        ("com0", "com0"),
        ("console", "console"),
        ("a\u{202e}b\u{0}c<d>", "a_b_c_d_"),
    ] {
        assert_eq!(structure.sanitise_for_filesystem(name), wanted, "{name:?}");
    }
    for name in ["", "日本", "CON", "..", "...", "a/../../b", "\\..\\x"] {
        let path = path_of(&structure, name, name);
        let Ok(path) = path else {
            panic!("{name}: {path:?}")
        };
        let parts: Vec<&str> = path.split('/').collect();
        assert!(
            parts.len() == 5 && parts.iter().all(|part| !matches!(*part, "." | "..")),
            "{path}"
        );
    }
}

#[test]
fn no_name_leads_out_of_its_project() {
    let standard = StandardStructure::new;
    assert_eq!(
        path_of(&standard(), "..", "x").unwrap(),
        "bunny/__/comp/v001/x.exr"
    );
    let empty = standard().illegal_character_substitute(Some(""));
    let path = path_of(&empty, "..", "x").unwrap();
    assert!(
        path.starts_with("bunny/u") && !path.contains(".."),
        "{path}"
    );
    let unchanged = standard().illegal_character_substitute(None);
    for name in ["..", "../x", "a/../../b", "..\\x"] {
        let error = path_of(&unchanged, name, "x").unwrap_err();
        assert_eq!(kind(&error), "UnsafeName", "{name}");
    }
    assert_eq!(
        path_of(&unchanged, "a..b/C", "x").unwrap(),
        "bunny/a..b/C/Comp/v001/x.exr"
    );
}

#[test]
fn parts_of_the_standard_structure_are_overridden_and_stay_safe() {
    let structure = StandardStructure::new().version_with(|number| format!("Version {number}"));
    assert_eq!(
        path_of(&structure, "Shot 010", "x").unwrap(),
        "bunny/shot_010/comp/version_1/x.exr"
    );

    let structure = StandardStructure::new().sanitise_with(|name| name.replace(' ', "-"));
    assert_eq!(
        path_of(&structure, "Shot 010", "É x").unwrap(),
        "bunny/Shot-010/Comp/v001/É-x.exr"
    );
    let careless = StandardStructure::new().sanitise_with(|_| "a/../..".to_owned());
    let error = path_of(&careless, "Shot 010", "x").unwrap_err();
    assert_eq!(kind(&error), "UnsafeName");

    let own = |folders: &'static [&str]| {
        StandardStructure::new().folders_with(move |entity| {
            assert_eq!(entity.entity_type().as_str(), "AssetVersion");
            Ok(Some(
                folders.iter().map(|name| (*name).to_owned()).collect(),
            ))
        })
    };
    assert_eq!(
        path_of(&own(&["Library", "../Old Tree"]), "Shot 010", "x").unwrap(),
        "library/.._old_tree/x.exr"
    );
    for lacking in [&[][..], &["library", ""]] {
        let error = path_of(&own(lacking), "Shot 010", "x").unwrap_err();
        assert_eq!(kind(&error), "MissingValue");
    }
    let standard = StandardStructure::new().folders_with(|_| Ok(None));
    assert_eq!(
        path_of(&standard, "Shot 010", "x").unwrap(),
        "bunny/shot_010/comp/v001/x.exr"
    );
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
        .resource_identifier(&shot, &StructureContext::new())
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
            .resource_identifier(&entity, &StructureContext::new())
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
