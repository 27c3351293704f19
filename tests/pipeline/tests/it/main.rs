//! What the pipeline promises, each against a server of its own.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod studio;

use ftrack::prelude::*;
use pipeline::{STEPS, ensure_shot, unassigned};
use studio::{connect, studio};

fn storm(session: &Session) -> Entity {
    session.query("Sequence where name is storm").one().unwrap()
}

#[test]
fn a_new_shot_has_a_task_for_each_step() {
    let studio = studio();
    let shot = ensure_shot(&studio.session, &storm(&studio.session), "060").unwrap();

    let other = connect(&studio.server);
    let shot = other.get("Shot", shot.id()).unwrap().unwrap();
    let tasks = shot.collection("children").unwrap().entities().unwrap();
    assert_eq!(tasks.len(), STEPS.len());
    let bids: f64 = tasks
        .iter()
        .map(|task| task.get::<f64>("bid").unwrap())
        .sum();
    assert!((bids / 3600.0 - 48.0).abs() < 0.001);
    assert_eq!(
        unassigned(&other, &shot).unwrap(),
        ["Animation", "Layout", "Lighting"]
    );
}

#[test]
fn a_shot_that_is_there_stays_as_it_is() {
    let studio = studio();
    let sequence = storm(&studio.session);
    let first = ensure_shot(&studio.session, &sequence, "010").unwrap();
    let second = ensure_shot(&studio.session, &sequence, "010").unwrap();
    assert_eq!(first, second);
    assert!(studio.session.pending().is_empty());
}

#[test]
fn asking_for_what_is_unassigned_takes_one_request() {
    let studio = studio();
    let shot = ensure_shot(&studio.session, &storm(&studio.session), "060").unwrap();
    let trace = studio.session.trace();
    unassigned(&studio.session, &shot).unwrap();
    assert_eq!(trace.request_count(), 1);
}
