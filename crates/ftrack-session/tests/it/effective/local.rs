//! What was done in the session and not committed.

use ftrack_session::{Origin, Value};

use super::{create, hierarchical, number, origin, set};
use crate::Studio;

#[test]
fn values_that_are_not_committed_count_at_once_and_below() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let sequence = create(session, "Sequence", "opening", &studio.project());
    let shot = create(session, "Shot", "shot", &sequence);
    session.commit().unwrap();
    set(&sequence, "rate", 30);
    assert_eq!(number(&shot, "rate"), 30);
    assert_eq!(origin(&shot, "rate"), "Sequence opening");
    set(&shot, "rate", 31);
    assert_eq!(origin(&shot, "rate"), "explicit");
    session.rollback();
    assert_eq!(origin(&shot, "rate"), "default");
    assert_eq!(number(&shot, "rate"), 24);
}

#[test]
fn a_value_is_set_reset_to_what_is_inherited_and_set_again() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let sequence = create(session, "Sequence", "opening", &studio.project());
    let shot = create(session, "Shot", "shot", &sequence);
    session.commit().unwrap();
    set(&sequence, "rate", 30);
    set(&shot, "rate", 31);
    session.commit().unwrap();
    assert_eq!(number(&shot, "rate"), 31);

    let custom_attributes = shot.custom_attributes().unwrap();
    assert!(custom_attributes.remove("rate").unwrap());
    assert_eq!(origin(&shot, "rate"), "Sequence opening");
    session.commit().unwrap();
    assert_eq!(number(&shot, "rate"), 30);
    let other = studio.other_session();
    let there = other.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(origin(&there, "rate"), "Sequence opening");

    // Somebody else sets it; a removal that is committed does not hide that.
    set(&there, "rate", 32);
    other.commit().unwrap();
    assert_eq!(number(&shot, "rate"), 32);
    set(&shot, "rate", 33);
    session.commit().unwrap();
    assert_eq!(number(&there, "rate"), 33);
    let fresh = studio.other_session();
    let there = fresh.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(number(&there, "rate"), 33);
}

#[test]
fn entities_that_are_not_committed_inherit_and_have_defaults() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let sequence = create(session, "Sequence", "opening", &studio.project());
    session.commit().unwrap();
    set(&sequence, "rate", 30);
    session.commit().unwrap();
    let shot = create(session, "Shot", "new_shot", &sequence);
    let task = create(session, "Task", "new_task", &shot);
    assert_eq!(origin(&task, "rate"), "Sequence opening");
    assert_eq!(number(&shot, "fps"), 25);
    set(&shot, "rate", 60);
    set(&shot, "fps", 26);
    assert_eq!(number(&task, "rate"), 60);
    assert_eq!(origin(&task, "rate"), "Shot new_shot");
    assert_eq!(shot.effective("fps").unwrap().origin, Origin::Explicit);
    session.commit().unwrap();
    assert_eq!((number(&task, "rate"), number(&shot, "fps")), (60, 26));
}

#[test]
fn a_parent_that_was_changed_here_counts() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let project = studio.project();
    let [first, second] =
        ["first", "second"].map(|name| create(session, "Sequence", name, &project));
    let shot = create(session, "Shot", "shot", &first);
    let task = create(session, "Task", "task", &shot);
    session.commit().unwrap();
    set(&first, "rate", 1);
    set(&second, "rate", 2);
    session.commit().unwrap();
    assert_eq!(number(&task, "rate"), 1);
    shot.set("parent", &second).unwrap();
    assert_eq!(origin(&task, "rate"), "Sequence second");
    assert_eq!(number(&shot, "rate"), 2);
    session.rollback();
    assert_eq!(number(&task, "rate"), 1);
    shot.set("parent_id", second.id()).unwrap();
    assert_eq!(number(&task, "rate"), 2);
    // In a circle nothing is above.
    second.set("parent", &shot).unwrap();
    set(&second, "rate", Value::Null);
    assert_eq!(origin(&task, "rate"), "default");
}
