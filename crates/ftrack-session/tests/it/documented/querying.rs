//! "Querying".

use ftrack_session::{Entity, Session, values};

use super::taking;
use crate::Studio;

/// A studio in which every example finds something, and something that it must not find.
fn studio() -> Studio {
    let studio = Studio::new();
    let session = &studio.session;
    let schema = session.query("ProjectSchema").first().unwrap().unwrap();
    for (name, status) in [
        ("game_of_thrones", "active"),
        ("throne_room", "active"),
        ("old_thrones", "hidden"),
    ] {
        let values = values! {
            "name": name, "full_name": name, "status": status, "project_schema": &schema,
        };
        let project = session.create("Project", values).unwrap();
        project.metadata().unwrap().set("some_key", status).unwrap();
    }
    session.commit().unwrap();
    studio
}

fn all(session: &Session, query: &str) -> Vec<Entity> {
    taking(1, session, || session.query(query).all().unwrap())
}

fn names(session: &Session, query: &str) -> Vec<String> {
    let found = all(session, query);
    let mut names: Vec<String> = found
        .iter()
        .map(|entity| entity.get("name").unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_query_is_issued_when_it_is_read() {
    let studio = studio();
    let session = &studio.session;
    let projects = taking(0, session, || session.query("Project"));
    let read: Vec<String> = taking(1, session, || {
        let mut names = Vec::new();
        for project in projects {
            names.push(project.unwrap().get("name").unwrap());
        }
        names
    });
    assert_eq!(read.len(), all(session, "Project").len());
}

#[test]
fn criteria_are_combined() {
    let studio = studio();
    let session = &studio.session;
    let both = "Project where status is active and name like \"%thrones\"";
    assert_eq!(names(session, both), ["game_of_thrones"]);
    let either = "Project where status is active and \
                  (name like \"%thrones\" or full_name like \"%room\")";
    assert_eq!(names(session, either), ["game_of_thrones", "throne_room"]);
}

#[test]
fn relationships_are_filtered_on() {
    let studio = studio();
    let session = &studio.session;
    let id = studio.project().id();
    let in_project = all(session, &format!("Task where project.id is \"{id}\""));
    let completed = format!("Task where project.id is \"{id}\" and status.state.name is \"Done\"");
    let completed = all(session, &completed);
    assert!(!completed.is_empty() && completed.len() < in_project.len());

    let start_of_day = chrono::Utc::now().date_naive();
    let today = format!("Task where timelogs.start >= \"{start_of_day}T00:00:00\"");
    let before = all(session, &today).len();
    let task = in_project
        .iter()
        .find(|task| task.collection("timelogs").unwrap().is_empty())
        .unwrap();
    let values = values! { "name": "now", "duration": 60, "start": chrono::Utc::now() };
    let timelog = session.create("Timelog", values).unwrap();
    task.collection("timelogs").unwrap().push(&timelog).unwrap();
    session.commit().unwrap();
    assert_eq!(all(session, &today).len(), before + 1);
}

#[test]
fn has_and_any_apply_all_conditions_to_the_same_entity() {
    let studio = studio();
    let session = &studio.session;
    let jane = session.query("User where username is jane").one().unwrap();
    let (first, last): (String, String) = (
        jane.get("first_name").unwrap(),
        jane.get("last_name").unwrap(),
    );
    let by_has =
        format!("Note where author has (first_name is \"{first}\" and last_name is \"{last}\")");
    let by_path =
        format!("Note where author.first_name is \"{first}\" and author.last_name is \"{last}\"");
    let written = all(session, &by_has);
    assert!(!written.is_empty());
    assert_eq!(written, all(session, &by_path));

    let any = "Project where metadata any (key=some_key and value=hidden)";
    assert_eq!(names(session, any), ["old_thrones"]);
    let idle = all(session, "User where not timelogs any ()");
    let busy = all(session, "User where timelogs any ()");
    assert!(!idle.is_empty() && !busy.is_empty());
    assert_eq!(idle.len() + busy.len(), all(session, "User").len());
}

#[test]
fn every_operator_is_there_in_all_its_spellings() {
    let studio = studio();
    let session = &studio.session;
    let named = |condition: &str| names(session, &format!("Project where {condition}"));
    for equal in [
        "name is \"throne_room\"",
        "name = \"throne_room\"",
        "name=throne_room",
    ] {
        assert_eq!(named(equal), ["throne_room"], "{equal}");
    }
    for other in ["name is_not \"throne_room\"", "name != \"throne_room\""] {
        assert!(!named(other).contains(&"throne_room".to_owned()), "{other}");
        assert!(named(other).len() > 2, "{other}");
    }
    let tasks = |condition: &str| all(session, &format!("Task where {condition}")).len();
    let with_bid = tasks("bid >= 0");
    for (above, not_above) in [
        ("bid > 10", "bid <= 10"),
        ("bid after 10", "bid <= 10"),
        ("bid greater_than 10", "bid <= 10"),
        ("bid >= 10", "bid < 10"),
        ("bid >= 10", "bid before 10"),
        ("bid >= 10", "bid less_than 10"),
    ] {
        assert_eq!(tasks(above) + tasks(not_above), with_bid, "{above}");
    }
    let all_tasks = tasks("name like \"%\"");
    let listed = "status.state.name in (\"In Progress\", \"Done\")";
    let unlisted = "status.state.name not_in (\"In Progress\", \"Done\")";
    assert_eq!(tasks(listed) + tasks(unlisted), all_tasks);
    assert!(tasks(listed) > 0 && tasks(unlisted) > 0);
    assert_eq!(
        named("name like \"%thrones\""),
        ["game_of_thrones", "old_thrones"]
    );
    assert!(!named("name not_like \"%thrones\"").is_empty());
}

#[test]
fn projections_save_requests() {
    let studio = studio();
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
