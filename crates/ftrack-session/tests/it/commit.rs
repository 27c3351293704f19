use ftrack_session::{EntityState, ErrorKind, Value, values};

use crate::Studio;

#[test]
fn what_is_created_is_there_in_one_transaction() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let sequence = session
        .create(
            "Sequence",
            values! { "name": "opening", "parent": &project },
        )
        .unwrap();
    let shot = session
        .create("Shot", values! { "name": "010", "parent": &sequence })
        .unwrap();
    shot.set("description", "The first one").unwrap();
    assert_eq!(session.created().len(), 2);
    let trace = session.trace();
    let committed = session.commit().unwrap();
    assert_eq!((committed.operations, trace.request_count()), (2, 1));
    assert_eq!(shot.state(), None);
    assert!(session.recorded_operations().is_empty());

    let found = studio
        .other_session()
        .get("Shot", shot.id())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<String>("description").unwrap(), "The first one");
    assert_eq!(found.get::<String>("parent.name").unwrap(), "opening");
    assert_eq!(found.get::<String>("project.name").unwrap(), "last_lantern");
}

#[test]
fn a_child_can_be_added_to_its_parents_children() {
    let studio = Studio::new();
    let project = studio.project();
    let sequence = studio
        .session
        .create("Sequence", values! { "name": "appended" })
        .unwrap();
    project
        .collection("children")
        .unwrap()
        .push(&sequence)
        .unwrap();
    studio.session.commit().unwrap();
    let found = studio
        .other_session()
        .get("Sequence", sequence.id())
        .unwrap()
        .unwrap();
    assert_eq!(
        found.get::<ftrack_session::Identity>("parent").unwrap(),
        *project.identity()
    );
}

#[test]
fn a_refused_commit_keeps_everything_and_can_be_mended() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let name: String = project.get("name").unwrap();
    let twin = session.create("Project", values! { "name": name }).unwrap();
    let error = session.commit().unwrap_err();
    assert!(
        error.is(ErrorKind::NotUnique) || error.is(ErrorKind::Server),
        "{error:?}"
    );
    assert!(
        error.details()["operations"][0]
            .as_str()
            .unwrap()
            .starts_with("create Project("),
        "{error:?}"
    );
    assert_eq!(twin.state(), Some(EntityState::Created));
    assert_eq!(session.recorded_operations().len(), 1);

    twin.set("name", "twin").unwrap();
    let schema = session.query("ProjectSchema").first().unwrap().unwrap();
    twin.set("project_schema", &schema).unwrap();
    session.commit().unwrap();
    assert!(
        studio
            .other_session()
            .query("Project where name is twin")
            .one()
            .is_ok()
    );
}

#[test]
fn rolling_back_forgets_what_was_done() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let before: String = project.get("full_name").unwrap();
    project.set("full_name", "changed").unwrap();
    let shot = session.create("Shot", values! { "name": "gone" }).unwrap();
    let gone = session
        .create("Shot", values! { "name": "gone at once" })
        .unwrap();
    gone.delete().unwrap();
    session.rollback();
    assert_eq!(project.get::<String>("full_name").unwrap(), before);
    assert!(session.recorded_operations().is_empty());
    assert_eq!(shot.state(), None);
    let trace = session.trace();
    assert_eq!(session.commit().unwrap().operations, 0);
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn a_deleted_entity_is_gone_for_everybody() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let id = task.id();
    task.delete().unwrap();
    assert_eq!(studio.session.deleted(), [task]);
    studio.session.commit().unwrap();
    assert_eq!(studio.session.get("Task", &id).unwrap(), None);
    assert_eq!(studio.other_session().get("Task", &id).unwrap(), None);
}

#[test]
fn a_value_can_be_taken_back() {
    let studio = Studio::new();
    let project = studio.project();
    let before: String = project.get("full_name").unwrap();
    project.set("full_name", "changed").unwrap();
    project.set("full_name", Value::NotSet).unwrap();
    assert_eq!(project.get::<String>("full_name").unwrap(), before);
    assert_eq!(studio.session.commit().unwrap().operations, 0);
}

#[test]
fn values_that_do_not_fit_are_refused_where_they_are_set() {
    let studio = Studio::new();
    let project = studio.project();
    let kind = |name: &str, value: Value| project.set(name, value).unwrap_err().kind();
    assert_eq!(kind("nmae", "x".into()), ErrorKind::UnknownAttribute);
    assert_eq!(kind("id", "x".into()), ErrorKind::ImmutableAttribute);
    assert_eq!(kind("project_schema", "x".into()), ErrorKind::WrongType);
    assert_eq!(kind("name", Value::from(&project)), ErrorKind::WrongType);
    assert_eq!(kind("children", "x".into()), ErrorKind::WrongType);
    let create = |name: &str| {
        studio
            .session
            .create("Shot", [(name, Value::from(1))])
            .unwrap_err()
            .kind()
    };
    assert_eq!(create("nmae"), ErrorKind::UnknownAttribute);
    assert!(studio.session.recorded_operations().is_empty());
}

#[test]
fn recording_can_be_switched_off() {
    let studio = Studio::new();
    let project = studio.project();
    {
        let _off = studio.session.operation_recording(false);
        project.set("full_name", "only here").unwrap();
    }
    assert!(studio.session.recorded_operations().is_empty());
    assert_eq!(project.get::<String>("full_name").unwrap(), "only here");

    studio.session.set_operation_recording(false);
    project.set("full_name", "still only here").unwrap();
    {
        let _on = studio.session.operation_recording(true);
        project.set("full_name", "told").unwrap();
    }
    assert_eq!(studio.session.recorded_operations().len(), 1);
}

#[test]
fn a_collection_holds_each_entity_once() {
    let studio = Studio::new();
    let project = studio.project();
    let children = project.collection("children").unwrap();
    let first = children.get(0).unwrap().unwrap();
    assert_eq!(
        children.push(&first).unwrap_err().kind(),
        ErrorKind::DuplicateItemInCollection
    );
    children.set(0, &first).unwrap();
    assert_eq!(
        children.set(99, &first).unwrap_err().kind(),
        ErrorKind::DuplicateItemInCollection
    );
    assert_eq!(
        children.remove_at(99).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    assert!(children.remove(&first).unwrap());
    assert!(!children.contains(&first));
    children.insert(0, &first).unwrap();
    assert_eq!(children.get(0).unwrap(), Some(first));
}

#[test]
fn an_entity_may_be_changed_and_deleted_in_one_commit() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let id = task.id();
    task.set("name", "changed before it went").unwrap();
    task.delete().unwrap();
    assert_eq!(studio.session.commit().unwrap().operations, 2);
    assert_eq!(studio.other_session().get("Task", id).unwrap(), None);
}
