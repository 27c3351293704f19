//! Which entity types a server has: those of its version, of a studio's recorded schema, and of new object types.

use std::path::Path;

use ftrack_server::{Error, SchemaVersion, Server, ServerBuilder};
use serde_json::{Value, json};

use crate::client::{Studio, create, update};

fn studio(builder: ServerBuilder) -> Studio {
    Studio {
        server: builder.start().unwrap(),
    }
}

fn schemas(studio: &Studio) -> Vec<Value> {
    let answer = studio.one(&json!({"action": "query_schemas"}));
    answer.as_array().unwrap().clone()
}

fn names(studio: &Studio) -> Vec<String> {
    let name = |found: Value| found["id"].as_str().unwrap().to_owned();
    schemas(studio).into_iter().map(name).collect()
}

/// A recorded answer: types and object types of another studio, an attribute and a collection that nobody else has.
fn recorded() -> Value {
    let mut types = json!(schemas(&studio(Server::builder())));
    let list = types.as_array_mut().unwrap();
    list.retain(|found| found["id"] != "Episode" && found["id"] != "Information");
    let shot = list.iter_mut().find(|found| found["id"] == "Shot").unwrap();
    shot["id"] = json!("Plan");
    let project = list
        .iter_mut()
        .find(|found| found["id"] == "Project")
        .unwrap();
    project["properties"]["mood"] = json!({"type": "string"});
    project["properties"]["automations"] =
        json!({"type": "array", "items": {"$ref": "Automation"}});
    project["properties"]["watchers"] = json!({"type": "array", "items": {"$ref": "User"}});
    list.push(json!({
        "id": "Automation", "type": "object", "primary_key": ["id"], "required": ["id"],
        "immutable": ["id"], "default_projections": ["id"],
        "properties": {
            "id": {"type": "string", "default": "{uid}"},
            "name": {"type": "string"},
            "project_id": {
                "type": "string", "format": "foreign_key", "description": "Foreign key(s): Project.id"
            },
            "project": {"$ref": "Project"},
        },
    }));
    types
}

fn write(folder: &Path, value: &Value) -> std::path::PathBuf {
    let path = folder.join("schemas.json");
    std::fs::write(&path, value.to_string()).unwrap();
    path
}

#[test]
fn a_new_object_type_is_an_entity_type_at_once() {
    let studio = Studio::new();
    let information = json!({"action": "query_server_information", "values": ["schema_hash"]});
    let before = studio.one(&information)["schema_hash"].clone();
    let project = studio.project("p");
    let rig = studio.create(
        "ObjectType",
        &json!({"name": "Big Rig", "is_typeable": false}),
    );
    assert!(names(&studio).contains(&"BigRig".to_owned()));
    assert_ne!(studio.one(&information)["schema_hash"], before);
    let types = schemas(&studio);
    let found = types.iter().find(|found| found["id"] == "BigRig").unwrap();
    let immutable = found["immutable"].as_array().unwrap();
    assert!(immutable.contains(&json!("type_id")) && !immutable.contains(&json!("status_id")));

    let truck = studio.below("BigRig", "truck", &project);
    assert_eq!(truck["object_type_id"], rig["id"]);
    assert_eq!(truck["__entity_type__"], "BigRig");
    let wheel = studio.below("Task", "wheel", &truck);
    assert_eq!(
        studio.query("Task where parent[BigRig].name is truck")[0]["id"],
        wheel["id"]
    );
    assert_eq!(
        studio
            .query("TypedContext where object_type.name is \"Big Rig\"")
            .len(),
        1
    );
}

#[test]
fn an_entity_type_goes_with_its_object_type() {
    let folder = tempfile::tempdir().unwrap();
    let start = || studio(Server::builder().data_dir(folder.path()));
    let has = |studio: &Studio, name: &str| names(studio).contains(&name.to_owned());
    let running = start();
    let project = running.project("p");
    let rig = running.create("ObjectType", &json!({"name": "Rig"}));
    running.create("ObjectType", &json!({"name": "Crane"}));
    let truck = running.below("Rig", "truck", &project);
    let small = running.below("Crane", "small", &project);
    let gone = crate::client::delete("ObjectType", &rig["id"]);
    assert_eq!(running.refused(&gone)["exception"], "IntegrityError");
    running.one(&crate::client::delete("Rig", &truck["id"]));
    running.one(&gone);
    assert!(!has(&running, "Rig") && has(&running, "Crane"));
    let query = json!({"action": "query", "expression": "Rig"});
    let content = running.refused(&query)["content"].clone();
    assert_eq!(content, "there is no entity type Rig");
    assert_eq!(running.query("TypedContext")[0]["id"], small["id"]);

    // Its name is free again, and the types that came after it are what they were.
    running.create("ObjectType", &json!({"name": "Rig"}));
    running.below("Rig", "tank", &project);
    running.below("Crane", "large", &project);
    drop(running);
    let running = start();
    assert!(has(&running, "Rig") && has(&running, "Crane"));
    assert_eq!(
        running.values("select name from Rig", "name"),
        [json!("tank")]
    );
    assert_eq!(running.query("Crane").len(), 2);
    assert_eq!(running.query("TypedContext").len(), 3);
}

#[test]
fn an_object_type_that_gives_no_entity_type_is_refused() {
    let studio = Studio::new();
    for name in ["User", "Big_User", "?", ""] {
        let made = studio.call(&json!([crate::client::create(
            "ObjectType",
            &json!({"name": name})
        )]));
        let is_refused = made["exception"].is_string();
        assert_eq!(is_refused, name != "Big_User", "{name}: {made}");
    }
    assert!(names(&studio).contains(&"BigUser".to_owned()));
    assert_eq!(studio.query("ObjectType where name is User").len(), 0);
}

#[test]
fn an_object_type_under_another_name_keeps_its_entities() {
    let folder = tempfile::tempdir().unwrap();
    {
        let studio = studio(Server::builder().data_dir(folder.path()));
        let project = studio.project("p");
        let rig = studio.create("ObjectType", &json!({"name": "Rig"}));
        let truck = studio.below("Rig", "truck", &project);
        studio.below("Rig", "gone", &project);
        studio.create(
            "Metadata",
            &json!({"parent_id": truck["id"], "parent_type": "Rig", "key": "k", "value": "v"}),
        );
        studio.update("ObjectType", &rig["id"], &json!({"name": "Vehicle"}));
        assert!(names(&studio).contains(&"Vehicle".to_owned()));
        assert!(!names(&studio).contains(&"Rig".to_owned()));
        let gone = studio.query("Vehicle where name is gone")[0]["id"].clone();
        studio.one(&crate::client::delete("Vehicle", &gone));
        studio.update("Vehicle", &truck["id"], &json!({"description": "red"}));
        // A built-in one goes by its new name too.
        let shot = studio.query("ObjectType where name is Shot")[0]["id"].clone();
        studio.below("Shot", "010", &project);
        studio.update("ObjectType", &shot, &json!({"name": "Plan"}));
        assert_eq!(
            studio.values("select name from Plan", "name"),
            [json!("010")]
        );
    }
    let studio = studio(Server::builder().data_dir(folder.path()));
    assert_eq!(
        studio.values("select description from Vehicle", "description"),
        [json!("red")]
    );
    assert_eq!(
        studio.values("select name from Plan", "name"),
        [json!("010")]
    );
    let metadata = studio.query("select metadata.value from Vehicle")[0]["metadata"].clone();
    assert_eq!(metadata[0]["value"], "v");
}

#[test]
fn an_older_schema_can_be_had() {
    let older = studio(Server::builder().schema_version(SchemaVersion::V116));
    assert_eq!(schemas(&older).len(), 116);
    let project = older.project("p");
    let asset = older.create("Asset", &json!({"name": "a", "context_id": project["id"]}));
    assert_eq!(
        older.query("select versions from Asset")[0]["id"],
        asset["id"]
    );
    older.refused(&json!({"action": "query", "expression": "select project_id from Asset"}));
}

#[test]
fn data_can_be_brought_to_a_newer_schema_and_remembers_it() {
    let folder = tempfile::tempdir().unwrap();
    let start = |version: Option<SchemaVersion>| {
        let builder = Server::builder().data_dir(folder.path());
        studio(match version {
            Some(version) => builder.schema_version(version),
            None => builder,
        })
    };
    let project;
    {
        let older = start(Some(SchemaVersion::V116));
        project = older.project("p");
        let shot = older.below("Shot", "010", &project);
        let data = json!({"name": "a", "context_id": shot["id"]});
        let asset = older.create("Asset", &data);
        older.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    }
    assert_eq!(schemas(&start(None)).len(), 116, "it has what it had");
    {
        let newer = start(Some(SchemaVersion::V128));
        let of_project = |entity_type: &str| {
            let query = format!("{entity_type} where project_id is {}", project["id"]);
            newer.query(&query).len()
        };
        assert_eq!((of_project("Asset"), of_project("AssetVersion")), (1, 1));
    }
    let again = start(None);
    assert_eq!(schemas(&again).len(), 128);
    assert_eq!(
        again
            .query("AssetVersion where project_id is_not null")
            .len(),
        1
    );
}

#[test]
fn a_studio_gets_its_own_recorded_schema() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = recorded();
    let path = write(folder.path(), &recorded);
    let data = folder.path().join("data");
    {
        let studio = studio(Server::builder().schema_file(&path).data_dir(&data));
        assert_eq!(Value::Array(schemas(&studio)), recorded);
        assert_eq!(studio.query("ObjectType where name is Episode").len(), 0);
        assert_eq!(studio.query("ObjectType where name is Plan").len(), 1);
        let project = studio.project("p");
        let plan = studio.below("Plan", "010", &project);
        studio.below("Task", "comp", &plan);
        studio.update("Project", &project["id"], &json!({"mood": "calm"}));
        studio.create(
            "Automation",
            &json!({"name": "nightly", "project_id": project["id"]}),
        );
        let admin = studio.query("User where username is admin")[0].clone();
        let watchers = json!({"watchers": [crate::client::reference(&admin)]});
        studio.one(&update("Project", &project["id"], &watchers));
    }
    // The data knows its schema.
    let studio = studio(Server::builder().data_dir(&data));
    assert_eq!(Value::Array(schemas(&studio)), recorded);
    let found = &studio.query("select mood, automations.name, watchers.username from Project")[0];
    assert_eq!(found["mood"], "calm");
    assert_eq!(found["automations"][0]["name"], "nightly");
    assert_eq!(found["watchers"][0]["username"], "admin");
    assert_eq!(
        studio
            .query("Task where parent[Plan].name is \"010\"")
            .len(),
        1
    );
    assert_eq!(
        studio
            .query("Project where watchers any (username is admin)")
            .len(),
        1
    );
}

#[test]
fn a_type_whose_key_holds_nothing_takes_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut types = recorded();
    types.as_array_mut().unwrap().push(json!({
        "id": "Odd", "type": "object", "primary_key": ["owner"], "required": [], "immutable": [],
        "default_projections": [],
        "properties": {"owner": {"$ref": "User"}, "name": {"type": "string"}},
    }));
    let path = write(folder.path(), &types);
    let studio = studio(Server::builder().schema_file(&path));
    let refused = studio.call(&json!([create("Odd", &json!({"name": "a"}))]));
    let message = refused["content"].as_str().unwrap();
    assert!(message.contains("Odd needs a value"), "{refused}");
}

#[test]
fn what_is_no_schema_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let reason = |value: &Value| {
        let path = write(folder.path(), value);
        let error = Server::builder().schema_file(&path).start().unwrap_err();
        assert!(matches!(error, Error::SchemaFile { .. }), "{error}");
        std::error::Error::source(&error).unwrap().to_string()
    };
    assert!(reason(&json!({})).contains("not a list of entity types"));
    assert!(reason(&json!([])).contains("lacks the entity type `Context`"));
    let mut twice = recorded();
    let first = twice[0].clone();
    twice.as_array_mut().unwrap().push(first);
    assert!(reason(&twice).contains("two entity types"));
    let mut dangling = recorded();
    dangling[0]["properties"]["x"] = json!({"type": "array", "items": {"$ref": "Nothing"}});
    assert!(reason(&dangling).contains("there is no type `Nothing`"));
    let mut keyless = recorded();
    keyless[0]["primary_key"] = json!(["nothing"]);
    assert!(reason(&keyless).contains("nothing"));
    let missing = folder.path().join("missing.json");
    assert!(Server::builder().schema_file(missing).start().is_err());
    // The production to look at needs its shots.
    let path = write(folder.path(), &recorded());
    let error = Server::builder()
        .demo(true)
        .schema_file(path)
        .start()
        .unwrap_err();
    assert!(
        error.to_string().contains("needs the entity type"),
        "{error}"
    );
}

#[test]
fn assets_versions_and_notes_know_their_project() {
    let studio = Studio::new();
    let (one, two) = (studio.project("one"), studio.project("two"));
    let sequence = studio.below("Sequence", "sq", &one);
    let shot = studio.below("Shot", "010", &sequence);
    let asset = studio.create("Asset", &json!({"name": "a", "context_id": shot["id"]}));
    let version = studio.create("AssetVersion", &json!({"asset_id": asset["id"]}));
    for (parent, parent_type) in [(&shot, "Shot"), (&version, "AssetVersion")] {
        let note = json!({"content": "n", "parent_id": parent["id"], "parent_type": parent_type});
        studio.create("Note", &note);
    }
    let counts = |project: &Value| {
        ["TypedContext", "Asset", "AssetVersion", "Note"].map(|name| {
            let query = format!("{name} where project_id is {}", project["id"]);
            studio.query(&query).len()
        })
    };
    assert_eq!(counts(&one), [2, 1, 1, 2]);
    assert_eq!(studio.query("Note where project.name is one").len(), 2);
    let ancestors = studio.query("select ancestors.name from Asset")[0]["ancestors"].clone();
    let ancestors = ancestors.as_array().unwrap();
    assert_eq!(
        ancestors
            .iter()
            .map(|found| &found["name"])
            .collect::<Vec<_>>(),
        ["010", "sq"]
    );
    studio.update(
        "Sequence",
        &sequence["id"],
        &json!({"parent_id": two["id"]}),
    );
    assert_eq!(counts(&one), [0, 0, 0, 0]);
    assert_eq!(counts(&two), [2, 1, 1, 2]);
    // Nobody can say otherwise.
    studio.update("Asset", &asset["id"], &json!({"project_id": one["id"]}));
    assert_eq!(counts(&two), [2, 1, 1, 2]);
}
