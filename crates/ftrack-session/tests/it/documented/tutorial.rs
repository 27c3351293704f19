//! "Tutorial".

use ftrack_query::{Query, attr};
use ftrack_session::{Entity, ErrorKind, values};

use super::taking;
use crate::Studio;

#[test]
fn entities_are_listed_with_their_names() {
    let studio = Studio::new();
    let session = &studio.session;
    assert!(session.types().any(|name| name == "TypedContext"));
    let projects = session.query("Project");
    let names: Vec<String> = taking(1, session, || {
        let mut names = Vec::new();
        for project in projects {
            let project = project.unwrap();
            assert!(project.keys().any(|key| key == "full_name"));
            names.push(project.get("name").unwrap());
        }
        names
    });
    assert!(names.contains(&"last_lantern".to_owned()), "{names:?}");
}

#[test]
fn criteria_narrow_a_search() {
    let studio = Studio::new();
    let session = &studio.session;
    let all = session.query("Project").all().unwrap().len();
    let active = taking(1, session, || {
        let query = "Project where status is active";
        session.query(query).all().unwrap()
    });
    assert!(!active.is_empty() && active.len() <= all);
    let next_week = chrono::Utc::now() + chrono::Duration::weeks(1);
    let text = format!("Project where status is active and end_date before \"{next_week:?}\"");
    let filter = attr("status")
        .is("active")
        .and(attr("end_date").before(next_week.to_rfc3339()));
    let (ending, built) = taking(2, session, || {
        let built = session.query(Query::from("Project").filter(filter));
        (session.query(text).all().unwrap(), built.all().unwrap())
    });
    assert_eq!(ending, built);
    assert!(ending.len() <= active.len());
}

#[test]
fn children_know_their_parents() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = taking(1, session, || session.query("Project").first())
        .unwrap()
        .unwrap();
    let child = taking(1, session, || {
        let children = project.collection("children").unwrap();
        children.get(0).unwrap().unwrap()
    });
    let parent: Entity = taking(1, session, || child.get("parent")).unwrap();
    assert_eq!(parent, project);
    let below = taking(1, session, || {
        let query = "Context where parent.name like \"la%\"";
        session.query(query).all().unwrap()
    });
    assert!(
        below
            .iter()
            .any(|context| context.entity_type() == "Sequence")
    );
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

#[test]
fn a_session_is_closed_when_it_is_finished_with() {
    let studio = Studio::new();
    let session = studio.other_session();
    let user = session.query("User").first().unwrap().unwrap();
    assert_eq!(format!("{user:?}"), format!("<User({})>", user.id()));
    session.close();
    assert!(session.closed());
    let error = taking(0, &session, || session.query("Project").first()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionClosed);
}
