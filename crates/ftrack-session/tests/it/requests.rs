//! Actions of the server that are neither queries nor part of a unit of work.

use ftrack_session::{ErrorKind, Session, values};
use serde_json::json;

use crate::{Studio, builder};

#[test]
fn several_requests_of_any_kind_go_in_one_batch() {
    let studio = Studio::new();
    let session = &studio.session;
    let trace = session.trace();
    let answers = session
        .call(&[
            json!({"action": "query", "expression": "select name from Project"}),
            json!({"action": "query", "expression": "select username from User"}),
            json!({"action": "create", "entity_type": "User", "entity_key": ["u-new"],
                "entity_data": {"__entity_type__": "User", "id": "u-new", "username": "new"}}),
        ])
        .unwrap();
    assert_eq!((trace.request_count(), trace.action_count()), (1, 3));
    assert_eq!(answers.len(), 3);
    assert!(answers[1]["data"].as_array().unwrap().len() > 2);
    assert!(session.get("User", "u-new").unwrap().is_some());

    // One transaction: the second refuses the first as well.
    let create = |id: &str, name: &str| {
        json!({"action": "create", "entity_type": "User", "entity_key": [id],
            "entity_data": {"__entity_type__": "User", "id": id, "username": name}})
    };
    let refused = session.call(&[create("u-a", "fine"), create("u-b", "new")]);
    assert!(refused.unwrap_err().is(ErrorKind::NotUnique));
    assert!(session.get("User", "u-a").unwrap().is_none());
    let nonsense = session.call(&[json!({"action": "nonsense"})]).unwrap_err();
    assert_eq!(
        nonsense.kind(),
        ErrorKind::ServerCompatibility,
        "{nonsense}"
    );
}

#[test]
fn words_find_what_has_them() {
    let studio = Studio::new();
    let session = &studio.session;
    let found = session.search("Shot", "Shot", &["010"], None).unwrap();
    let shots = found["data"].as_array().unwrap();
    assert!(!shots.is_empty());
    let project = studio.project();
    let within = session
        .search("Shot", "Shot", &["010"], Some(&project.id()))
        .unwrap();
    assert!(within["data"].as_array().unwrap().len() <= shots.len());
    let error = session.search("Shto", "Shto", &[], None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnrecognisedEntityType);
}

#[test]
fn widgets_have_addresses() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session.query("Task").first().unwrap().unwrap();
    let info = session
        .widget_url("info", Some(&task), Some("light"))
        .unwrap();
    assert!(info.starts_with(session.server_url()), "{info}");
    let tasks = session.widget_url("tasks", None, None).unwrap();
    assert_ne!(info, tasks);
    assert!(session.widget_url("nothing", None, None).is_err());
}

#[test]
fn uploads_are_told_where_to_go() {
    let studio = Studio::new();
    let session = &studio.session;
    let values = values! { "name": "plate", "file_type": ".exr" };
    let component = session.create("FileComponent", values).unwrap();
    session.commit().unwrap();
    let answer = session
        .upload_metadata(&component.id(), "plate.exr", 8, None)
        .unwrap();
    assert!(
        answer["url"].as_str().unwrap().starts_with("http"),
        "{answer}"
    );
    assert_eq!(answer["component_id"], component.id());
}

#[test]
fn every_argument_of_the_constructor_arrives() {
    let studio = Studio::new();
    let session: Session = builder(&studio.server)
        .header("x-studio", "north")
        .cookie("affinity", "blue")
        .client_token("token-of-ours")
        .push_token("push")
        .strict_api(true)
        .page_size(7)
        .fetch_policy(ftrack_session::FetchPolicy::Deny)
        .connection(|options| options.user_agent("tester/1"))
        .connect()
        .unwrap();
    assert_eq!(session.fetch_policy(), ftrack_session::FetchPolicy::Deny);
    let trace = session.trace();
    let users = session.query("User limit 14").page_size(5).all().unwrap();
    assert_eq!(trace.request_count(), users.len().div_ceil(5));
    // Strict or not, an error is one.
    let refused = session.call(&[json!({"action": "query", "expression": "Nothing"})]);
    assert!(refused.unwrap_err().is(ErrorKind::Server));
}
