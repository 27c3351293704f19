//! Queries with `group by`.

use ftrack_query::{Query, attr, count, sum};
use ftrack_session::ErrorKind;
use serde::Deserialize;

use crate::Studio;

#[derive(Debug, Deserialize)]
struct Group {
    status_id: String,
    count_id: u64,
    sum_bid: Option<f64>,
}

#[test]
fn groups_are_records_in_any_session() {
    let studio = Studio::new();
    let project = studio.project();
    let tasks = studio
        .session
        .query(Query::from("Task").filter(attr("project.id").is(project.id())))
        .all()
        .unwrap();
    let groups: Vec<Group> = studio
        .session
        .query(
            Query::from("Task")
                .aggregate([count("id"), sum("bid")])
                .filter(attr("project.id").is(project.id()))
                .group_by(["status_id"])
                .order_by("status_id"),
        )
        // Groups come in pages too.
        .page_size(1)
        .records()
        .map(Result::unwrap)
        .collect();
    assert!(groups.len() > 1, "{groups:?}");
    let counted: u64 = groups.iter().map(|group| group.count_id).sum();
    assert_eq!(counted, tasks.len() as u64);
    for group in &groups {
        let of_group: Vec<f64> = tasks
            .iter()
            .filter(|task| task.get::<String>("status_id").unwrap() == group.status_id)
            .map(|task| task.get::<f64>("bid").unwrap())
            .collect();
        assert_eq!(of_group.len() as u64, group.count_id);
        let sum = group.sum_bid.unwrap();
        assert!(
            (of_group.iter().sum::<f64>() - sum).abs() < 1e-6,
            "{group:?}"
        );
    }
}

#[test]
fn entities_of_groups_are_an_error_that_says_so() {
    let studio = Studio::new();
    let text = "select count(id) from Task group by status_id";
    let session = &studio.session;
    let trace = session.trace();
    for error in [
        session.query(text).all().unwrap_err(),
        session.query(text).first().unwrap_err(),
        session.query(text).one().unwrap_err(),
        session.query(text).results().unwrap_err(),
        session.query(text).into_iter().next().unwrap().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("records::<T>()"), "{error}");
    }
    assert_eq!(trace.request_count(), 0, "nothing is sent");
}

#[test]
fn what_the_server_rejects_is_explained_on_the_callers_own_text() {
    let studio = Studio::new();
    for (text, expected) in [
        ("Task where", "1 | Task where\n  |           ^"),
        ("Task where bid <> 3", "inequality is `!=`"),
        ("Task where nmae is x", "did you mean `name`?"),
        (
            "Task where assignments any (resource.usrname is x)",
            "did you mean `username`?",
        ),
    ] {
        let error = studio.session.query(text).all().unwrap_err();
        let shown = error.to_string();
        assert!(shown.contains(expected), "{text}: {shown}");
        assert!(!shown.contains("offset 0"), "{text}: {shown}");
        assert_eq!(error.details()["query"], text);
        assert!(error.details()["content"].is_string(), "{error:?}");
        let mut records = studio.session.query(text).records::<Group>();
        let error = records.next().unwrap().unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}
