//! Paths through references, collections, casts and maps.

use ftrack_session::{Entity, ErrorKind, FetchPolicy, Identity, Value, values};

use crate::Studio;

fn assigned(studio: &Studio) -> Entity {
    let query = "select id from Task where assignments any (resource_id != \"\")";
    studio.session.query(query).first().unwrap().unwrap()
}

#[test]
fn a_path_through_a_collection_is_a_list() {
    let studio = Studio::new();
    let task = assigned(&studio);
    let trace = studio.session.trace();
    let names: Vec<String> = task.get("assignments.resource.username").unwrap();
    assert_eq!(trace.request_count(), 1, "{:#?}", trace.requests());
    assert!(!names.is_empty());
    let one_by_one: Vec<String> = task
        .collection("assignments")
        .unwrap()
        .into_iter()
        .map(|assignment| assignment.unwrap().get("resource.username").unwrap())
        .collect();
    assert_eq!(names, one_by_one);
    let users: Vec<Entity> = task.get("assignments.resource").unwrap();
    assert_eq!(users.len(), names.len());
    let project = studio.project();
    let grandchildren: Vec<Identity> = project.get("children.children").unwrap();
    assert!(grandchildren.len() > 1);
    let new = studio.session.create("Task", values! { "name": "x" });
    let none: Vec<String> = new.unwrap().get("timelogs.comment").unwrap();
    assert!(none.is_empty());
}

#[test]
fn a_cast_reads_what_one_kind_of_entity_has() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session
        .query("select id from Task where parent[Shot].name != \"\"")
        .first()
        .unwrap()
        .unwrap();
    let parent: Entity = task.get("parent").unwrap();
    assert_eq!(parent.entity_type(), "Shot");
    let name = parent.get::<String>("name").unwrap();
    assert_eq!(task.get::<String>("parent[Shot].name").unwrap(), name);
    assert_eq!(task.value("parent[Sequence].name").unwrap(), Value::Null);
    assert_eq!(task.get::<Entity>("parent[Shot]").unwrap(), parent);
    assert!(
        task.get::<Option<Entity>>("parent[Sequence]")
            .unwrap()
            .is_none()
    );
    let unknown = task.value("parent[Shoot].name").unwrap_err();
    assert!(
        unknown.is(ErrorKind::EntityType) || unknown.is(ErrorKind::Attribute),
        "{unknown:?}"
    );
}

#[test]
fn what_other_kinds_have_is_blank_where_one_lacks_it() {
    let studio = Studio::new();
    let session = &studio.session;
    let sequence = session.query("Sequence").first().unwrap().unwrap();
    assert_eq!(
        sequence.get::<Entity>("parent").unwrap().entity_type(),
        "Project"
    );
    // Of the kinds of contexts, projects have no priority, and nothing has this.
    assert_eq!(sequence.value("parent.priority.name").unwrap(), Value::Null);
    let error = sequence.value("parent.nonsense").unwrap_err();
    assert!(error.is(ErrorKind::Attribute), "{error:?}");
}

#[test]
fn keys_of_maps_are_read_by_paths() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session.query("Shot").first().unwrap().unwrap();
    shot.metadata().unwrap().set("camera", "A").unwrap();
    assert_eq!(shot.get::<String>("metadata.camera").unwrap(), "A");
    let start: Option<f64> = shot.get("custom_attributes.fstart").unwrap();
    let same: Option<f64> = shot.custom_attributes().unwrap().get("fstart").unwrap();
    assert_eq!(start, same);
    let missing = shot.get::<String>("metadata.lens").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert_eq!(
        shot.value("metadata.lens").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert!(
        shot.get::<Option<String>>("metadata.lens")
            .unwrap()
            .is_none()
    );
    let keys: Vec<String> = shot.get("custom_attributes.key").unwrap();
    assert!(keys.contains(&"fstart".to_owned()), "{keys:?}");

    let task = session
        .query("select id from Task where parent[Shot].name != \"\"")
        .first()
        .unwrap()
        .unwrap();
    task.get::<Option<f64>>("parent[Shot].custom_attributes.fstart")
        .unwrap();
}

#[test]
fn a_denied_path_names_the_projection_to_add() {
    let studio = Studio::new();
    let task = assigned(&studio).fetching(FetchPolicy::Deny);
    let error = task.value("parent[Shot].name").unwrap_err();
    assert_eq!(error.details()["projection"], "parent[Shot].name");
}
