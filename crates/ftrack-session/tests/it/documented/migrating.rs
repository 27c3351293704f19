//! "Migrating from old API": the new code beside the old.

use chrono::{DateTime, NaiveDate, Utc};
use ftrack_session::{Entity, ProjectSchemaHelpers, values};

use super::taking;
use crate::Studio;

#[test]
fn objects_are_queried_by_any_field_with_what_they_refer_to() {
    let studio = Studio::new();
    let session = &studio.session;
    let tasks = taking(1, session, || {
        let query = "select name, parent.name from Task \
                     where project.full_name is \"The Last Lantern\" \
                     and status.state.short is \"DONE\" \
                     and not timelogs any ()";
        session.query(query).all().unwrap()
    });
    taking(0, session, || {
        for task in &tasks {
            assert!(!task.get::<String>("parent.name").unwrap().is_empty());
        }
    });
    let shot = taking(1, session, || {
        let query = "Shot where project.name is \"last_lantern\" \
                     and parent.name is \"harbour\" and name is \"010\"";
        session.query(query).one().unwrap()
    });
    let task = taking(1, session, || shot.collection("children").unwrap().get(0));
    assert_eq!(task.unwrap().unwrap().entity_type(), "Task");
}

#[test]
fn a_project_is_populated_in_one_commit() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let schema: Entity = project.get("project_schema").unwrap();
    let shot_status = schema.get_statuses("Shot", None).unwrap().swap_remove(0);
    let task_type = schema.get_types("Task").unwrap().swap_remove(0);
    let statuses = schema.get_statuses("Task", Some(&task_type.id())).unwrap();
    taking(1, session, || {
        let values = values! { "name": "001", "parent": &project };
        let sequence = session.create("Sequence", values).unwrap();
        for number in (10..60).step_by(10) {
            let values = values! {
                "name": format!("{number:03}"), "parent": &sequence, "status": &shot_status,
            };
            let shot = session.create("Shot", values).unwrap();
            let values = values! {
                "name": "Task name", "parent": &shot, "status": &statuses[0], "type": &task_type,
            };
            session.create("Task", values).unwrap();
        }
        session.commit().unwrap();
    });
    let query = "Task where parent.parent.name is \"001\" and name is \"Task name\"";
    assert_eq!(studio.other_session().query(query).all().unwrap().len(), 5);
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
