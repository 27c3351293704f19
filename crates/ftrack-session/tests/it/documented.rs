//! Examples of the product documentation that no page of ours runs, with the number of requests that each takes at
//! most.

use chrono::{DateTime, NaiveDate, Utc};
use ftrack_session::{AttributeKind, Entity, NoteHelpers, NoteOptions, Operation, Session, values};

use crate::Studio;

/// What `example` gives back, after it took no more requests.
#[track_caller]
fn taking<T>(most: usize, session: &Session, example: impl FnOnce() -> T) -> T {
    let trace = session.trace();
    let outcome = example();
    assert!(trace.request_count() <= most, "{:#?}", trace.requests());
    outcome
}

fn task(studio: &Studio) -> Entity {
    studio.session.query("Task").first().unwrap().unwrap()
}

#[test]
fn attributes_are_of_different_kinds() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = task(&studio);
    let kind = |name: &str| task.attribute(name).unwrap().kind();
    taking(0, session, || {
        assert!(matches!(kind("name"), AttributeKind::Scalar(_)));
        assert!(matches!(kind("status"), AttributeKind::Reference(_)));
        assert!(matches!(kind("timelogs"), AttributeKind::Collection(_)));
        assert!(matches!(
            kind("metadata"),
            AttributeKind::MappedCollection(_)
        ));
        assert!(task.attributes().count() > 40);
    });

    let name: String = taking(0, session, || task.get("name").unwrap());
    task.set("name", "comp").unwrap();
    assert_ne!(name, "comp");
    let status: Entity = taking(1, session, || task.get("status").unwrap());
    assert!(format!("{status:?}").starts_with("<Status("));
    let new_status = session.query("Status").first().unwrap().unwrap();
    taking(0, session, || task.set("status", &new_status).unwrap());

    let timelogs = taking(1, session, || task.collection("timelogs").unwrap());
    let before = taking(0, session, || timelogs.entities().unwrap().len());
    let values = values! { "name": "another hour", "duration": 3600, "start": Utc::now() };
    let timelog = session.create("Timelog", values).unwrap();
    taking(0, session, || timelogs.push(&timelog).unwrap());
    taking(1, session, || session.commit().unwrap());
    assert_eq!(timelogs.len(), before + 1);
}

#[test]
fn a_task_is_deleted_with_its_notes() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select id, parent_id from Note where parent_type is \"task\"";
    let note = session.query(query).first().unwrap();
    let note = note.or_else(|| {
        let jane = session.query("User where username is jane").one().unwrap();
        let note = task(&studio).create_note("soon gone", &jane, NoteOptions::new());
        session.commit().unwrap();
        note.ok()
    });
    let note = note.unwrap();
    let parent = note.get::<String>("parent_id").unwrap();
    let task = session.get("Task", &*parent).unwrap().unwrap();
    let name: String = task.get("name").unwrap();
    taking(0, session, || session.delete(&task).unwrap());
    taking(1, session, || session.commit().unwrap());
    // What was known of it stays at hand.
    assert_eq!(
        taking(0, session, || task.get::<String>("name")).unwrap(),
        name
    );
    let other = studio.other_session();
    assert!(other.get("Task", parent).unwrap().is_none());
    assert!(other.get("Note", note.id()).unwrap().is_none());
}

#[test]
fn a_query_is_issued_when_it_is_read() {
    let studio = Studio::new();
    let session = &studio.session;
    let projects = taking(0, session, || session.query("Project"));
    let read: Vec<String> = taking(1, session, || {
        let mut names = Vec::new();
        for project in projects {
            names.push(project.unwrap().get("name").unwrap());
        }
        names
    });
    assert!(!read.is_empty());
}

#[test]
fn projections_save_requests() {
    let studio = Studio::new();
    let session = &studio.session;
    let print = |projects: Vec<Entity>| {
        for project in projects {
            assert!(!project.get::<String>("full_name").unwrap().is_empty());
            let schema: String = project.get("project_schema.name").unwrap();
            assert!(!schema.is_empty());
        }
    };
    // The documentation says "multiple queries for each attribute for each project": here it is one for each attribute.
    let without = session.query("Project").all().unwrap();
    taking(2, session, || print(without));
    let other = studio.other_session();
    let query = "select full_name, project_schema.name from Project";
    let with = other.query(query).all().unwrap();
    taking(0, &other, || print(with));
}

#[test]
fn operations_are_recorded_and_committed_in_one_transaction() {
    let studio = Studio::new();
    let session = &studio.session;
    taking(0, session, || {
        let user = session.create("User", values! { "username": "" }).unwrap();
        user.set("username", "martin").unwrap();
        let values = values! { "username": "bjorn" };
        let other_user = session.create("User", values).unwrap();
        other_user.set("email", "bjorn@example.com").unwrap();
    });
    let recorded = session.recorded_operations();
    assert!(matches!(
        &recorded[..],
        [
            Operation::Create { .. },
            Operation::Update { .. },
            Operation::Create { .. },
            Operation::Update { .. }
        ]
    ));
    // Updates that follow their create are part of it.
    let committed = taking(1, session, || session.commit().unwrap());
    assert_eq!(committed.operations, 2);
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn queries_are_issued_at_once() {
    let studio = Studio::new();
    let session = &studio.session;
    let values = values! { "username": "some_unique_username" };
    let user = session.create("User", values).unwrap();
    let name: String = user.get("username").unwrap();
    let query = format!("User where username is \"{name}\"");
    let count = || session.query(&query).results().unwrap().len().unwrap();
    assert_eq!(taking(1, session, count), 0);
    session.commit().unwrap();
    assert_eq!(taking(1, session, count), 1);
}

#[test]
fn times_are_those_of_chrono() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session.query("Task").first().unwrap().unwrap();
    let today = Utc::now().date_naive();
    task.set("start_date", today).unwrap();
    session.commit().unwrap();
    let found = studio
        .other_session()
        .get("Task", task.id())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<NaiveDate>("start_date").unwrap(), today);
    let time: DateTime<Utc> = found.get("start_date").unwrap();
    assert_eq!(time.date_naive(), today);
    assert_eq!(time.time(), chrono::NaiveTime::MIN);
}

#[test]
fn a_version_has_its_number_after_the_commit() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session.query("Shot").first().unwrap().unwrap();
    let task = shot
        .collection("children")
        .unwrap()
        .get(0)
        .unwrap()
        .unwrap();
    let kind = session
        .query("AssetType where short is \"geo\"")
        .first()
        .unwrap();
    let values = values! { "parent": &shot, "name": "forest", "type": &kind.unwrap() };
    let asset = session.create("Asset", values).unwrap();
    let values = values! { "asset": &asset, "comment": "Added more leaves.", "task": &task };
    let version = session.create("AssetVersion", values).unwrap();
    assert!(taking(0, session, || version.value("version").unwrap()).is_not_set());
    taking(1, session, || session.commit().unwrap());
    assert_eq!(version.get::<i64>("version").unwrap(), 1);
    version.set("is_published", true).unwrap();
    taking(1, session, || session.commit().unwrap());
}

#[test]
fn parents_are_found_by_the_link() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select link from Task where parent.name is \"010\"";
    let task = session.query(query).first().unwrap().unwrap();
    let link: Vec<serde_json::Value> = match task.get("link").unwrap() {
        serde_json::Value::Array(items) => items,
        other => panic!("{other}"),
    };
    // One request for each that is not known; the list of ancestors takes one for all.
    let parents: Vec<Entity> = taking(link.len() - 1, session, || {
        let above = &link[..link.len() - 1];
        let get = |item: &serde_json::Value| {
            let (kind, id) = (item["type"].as_str().unwrap(), item["id"].as_str().unwrap());
            session.get(kind, id).unwrap().unwrap()
        };
        above.iter().map(get).collect()
    });
    let ancestors = taking(1, session, || task.collection("ancestors").unwrap());
    // The project is not among those.
    let (project, contexts) = parents.split_first().unwrap();
    assert_eq!(project.entity_type(), "Project");
    assert_eq!(ancestors.len(), contexts.len());
    assert!(contexts.iter().all(|context| ancestors.contains(context)));
}

#[test]
fn what_is_created_belongs_to_its_parent_either_way() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let by_parent = taking(0, session, || {
        let values = values! { "name": "Starlord Reveal" };
        let sequence = session.create("Sequence", values).unwrap();
        sequence
            .set("description", "First hero character reveal.")
            .unwrap();
        sequence.set("parent", &project).unwrap();
        sequence
    });
    taking(1, session, || session.commit().unwrap());
    let values = values! { "name": "Starlord Returns" };
    let by_children = session.create("Sequence", values).unwrap();
    taking(1, session, || {
        let children = project.collection("children").unwrap();
        children.push(&by_children).unwrap();
    });
    taking(1, session, || session.commit().unwrap());

    let other = studio.other_session();
    for sequence in [by_parent, by_children] {
        let found = other.get("Sequence", sequence.id()).unwrap().unwrap();
        assert_eq!(found.get::<Entity>("parent").unwrap(), project);
    }
}
