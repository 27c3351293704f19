//! Custom attributes of lists and of what is in them: nothing is above these.

use ftrack_session::{Entity, Origin, Session, Value, values};

use super::{configure, create, number, origin, set};
use crate::Studio;

fn list(session: &Session, entity_type: &str, name: &str, project: &Entity) -> Entity {
    let category = session.query("ListCategory").first().unwrap().unwrap();
    let values = values! { "name": name, "project": project, "category": category };
    session.create(entity_type, values).unwrap()
}

fn whole_number(session: &Session, key: &str, entity_type: &str, default: i64) -> Entity {
    let what = [
        ("entity_type", Value::from(entity_type)),
        ("default", Value::from(default)),
    ];
    configure(session, key, &what)
}

#[test]
fn lists_of_both_kinds_have_their_own_values_and_defaults() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let configuration = whole_number(session, "urgency", "list", 3);
    let tasks = list(session, "TypedContextList", "today", &project);
    let versions = list(session, "AssetVersionList", "dailies", &project);
    session.commit().unwrap();
    set(&versions, "urgency", 9);
    session.commit().unwrap();
    let session = studio.other_session();
    let [tasks, versions] = [&tasks, &versions].map(|list| {
        let found = session.get(list.entity_type(), list.id()).unwrap();
        found.unwrap()
    });
    let selection = [tasks.clone(), versions.clone()];
    let found = session
        .effective_custom_attributes(&selection, &["urgency"])
        .unwrap();
    let of = configuration.identity().clone();
    let unset = found.get(&tasks, "urgency").unwrap();
    assert_eq!(unset.origin, Origin::Default { configuration: of });
    assert_eq!(unset.get::<i64>().unwrap(), 3);
    assert_eq!(number(&versions, "urgency"), 9);
    assert_eq!(origin(&versions, "urgency"), "explicit");

    set(&tasks, "urgency", 1);
    assert_eq!(number(&tasks, "urgency"), 1);
    session.rollback();
    assert_eq!(number(&tasks, "urgency"), 3);
}

#[test]
fn a_configuration_of_the_project_hides_that_of_all_projects_for_lists_too() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let schema: Entity = project.get("project_schema").unwrap();
    let values =
        values! { "name": "elsewhere", "full_name": "Elsewhere", "project_schema": schema };
    let elsewhere = session.create("Project", values).unwrap();
    whole_number(session, "urgency", "list", 3);
    let what = [
        ("entity_type", Value::from("list")),
        ("project_id", Value::from(project.id())),
        ("default", Value::from(4)),
    ];
    configure(session, "urgency", &what);
    let here = list(session, "TypedContextList", "today", &project);
    let there = list(session, "TypedContextList", "today", &elsewhere);
    session.commit().unwrap();
    let session = studio.other_session();
    let [here, there] = [&here, &there].map(|list| {
        let found = session.get("TypedContextList", list.id()).unwrap();
        found.unwrap()
    });
    assert_eq!(
        (number(&here, "urgency"), number(&there, "urgency")),
        (4, 3)
    );
}

#[test]
fn what_is_in_a_list_has_values_of_its_own_there() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    whole_number(session, "place", "listobject", 0);
    let sequence = create(session, "Sequence", "opening", &project);
    let shot = create(session, "Shot", "shot", &sequence);
    let lists = ["today", "tomorrow"].map(|name| list(session, "TypedContextList", name, &project));
    let objects = [&lists[0], &lists[1]].map(|list| {
        let values = values! { "list_id": list.id(), "entity_id": shot.id() };
        session.create("ListObject", values).unwrap()
    });
    session.commit().unwrap();
    set(&objects[0], "place", 7);
    session.commit().unwrap();
    let session = studio.other_session();
    let [first, second] = [&objects[0], &objects[1]].map(|object| {
        let found = session.get("ListObject", object.id()).unwrap();
        found.unwrap()
    });
    assert_eq!((number(&first, "place"), number(&second, "place")), (7, 0));
    assert_eq!(origin(&first, "place"), "explicit");
    assert_eq!(origin(&second, "place"), "default");
}
