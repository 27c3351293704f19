use ftrack_session::{ErrorKind, TimerHelpers, TimerOptions, values};

use crate::Studio;

#[test]
fn a_commit_sends_only_what_its_own_unit_recorded() {
    let studio = Studio::new();
    let project = studio.project();
    project.set("full_name", "half done").unwrap();
    let unit = studio.session.begin();
    let same = unit.attach(&project).unwrap();
    assert_ne!(same.get::<String>("full_name").unwrap(), "half done");
    unit.create(
        "Sequence",
        values! { "name": "from_the_unit", "parent": &same },
    )
    .unwrap();
    assert_eq!(unit.commit().unwrap().operations, 1);
    assert_eq!(studio.session.recorded_operations().len(), 1);
    let other = studio.other_session();
    assert!(
        other
            .query("Sequence where name is from_the_unit")
            .one()
            .is_ok()
    );
    assert!(
        other
            .query("Project where full_name is \"half done\"")
            .first()
            .unwrap()
            .is_none()
    );
}

#[test]
fn entities_of_another_unit_are_equal_but_not_deleted_by_mistake() {
    let studio = Studio::new();
    let project = studio.project();
    let unit = studio.session.begin();
    let same = unit.attach(&project).unwrap();
    assert_eq!(same, project);
    assert_eq!(
        unit.delete(&project).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn a_unit_outlives_the_session_it_came_from() {
    let studio = Studio::new();
    let unit = studio.session.begin();
    drop(studio.session);
    assert!(unit.query("Project").first().unwrap().is_some());
}

#[test]
fn helpers_that_commit_commit_the_unit_they_are_called_in() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User where username is jane").one().unwrap();
    user.set("first_name", "half done").unwrap();
    let unit = session.begin();
    let same = unit.attach(&user).unwrap();
    same.start_timer(None, TimerOptions::new()).unwrap();
    same.stop_timer().unwrap();
    unit.ensure("User", values! { "username": "martin" }, &[])
        .unwrap();
    assert!(unit.recorded_operations().is_empty());
    assert_eq!(session.recorded_operations().len(), 1);
    let found = studio.other_session().get("User", user.id()).unwrap();
    assert_ne!(
        found.unwrap().get::<String>("first_name").unwrap(),
        "half done"
    );
}
