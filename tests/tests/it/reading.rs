//! Queries, paging, and attributes that load on access.

use ftrack_session::{Entity, ErrorKind, FetchPolicy, Key};

use crate::support::{server, session};

#[test]
fn a_query_is_narrowed_and_projected() {
    let server = server();
    let session = session(&server);
    let shots = session
        .query("select name, parent.name from Shot where project.name is \"last_lantern\" order by parent.name, name")
        .all()
        .unwrap();
    assert_eq!(shots.len(), 12);
    let trace = session.trace();
    let names: Vec<String> = shots
        .iter()
        .map(|shot| {
            let sequence: String = shot.get("parent.name").unwrap();
            format!("{sequence}/{}", shot.get::<String>("name").unwrap())
        })
        .collect();
    assert_eq!(names[0], "dawn/010");
    assert_eq!(names[11], "storm/050");
    assert_eq!(trace.request_count(), 0, "everything was asked for at once");
}

#[test]
fn an_attribute_loads_on_access_for_all_that_came_along() {
    let server = server();
    let session = session(&server);
    let shots = session
        .query("Shot where parent.name is \"harbour\"")
        .all()
        .unwrap();
    assert_eq!(shots.len(), 4);
    let trace = session.trace();
    for shot in &shots {
        let status: String = shot.get("status.name").unwrap();
        assert!(
            ["Completed", "In progress"].contains(&status.as_str()),
            "{status}"
        );
        assert!(shot.get::<Option<String>>("description").unwrap().is_some());
    }
    assert!(
        trace.request_count() <= 2,
        "one request for each attribute, not for each shot: {:?}",
        trace.requests()
    );
}

#[test]
fn loading_can_be_switched_off_or_denied() {
    let server = server();
    let session = session(&server);
    let user = session
        .query("User where username is \"john\"")
        .one()
        .unwrap();
    {
        let _off = session.auto_populating(false);
        assert!(user.value("email").unwrap().is_not_set());
    }
    {
        let _denied = session.fetching(FetchPolicy::Deny);
        let error = user.value("email").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
        assert!(error.to_string().contains("email"), "{error}");
    }
    assert_eq!(user.get::<String>("email").unwrap(), "john@studio.example");
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let server = server();
    let session = session(&server);
    let whole: Vec<Entity> = session.query("Task order by name, id").all().unwrap();
    assert!(whole.len() > 50, "{}", whole.len());
    let paged: Vec<Entity> = session
        .query("Task order by name, id")
        .page_size(7)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(paged, whole);
    let part = session
        .query("Task order by name, id offset 10 limit 20")
        .page_size(7)
        .all()
        .unwrap();
    assert_eq!(part, whole[10..30]);
}

#[test]
fn one_and_first_mean_what_they_say() {
    let server = server();
    let session = session(&server);
    let one = |query: &str| session.query(query).one().map(|entity| entity.id());
    assert!(one("User where username is \"jane\"").is_ok());
    assert_eq!(
        one("User where username is \"nobody\"").unwrap_err().kind(),
        ErrorKind::NoResultFound
    );
    assert_eq!(
        one("User").unwrap_err().kind(),
        ErrorKind::MultipleResultsFound
    );
    assert_eq!(
        one("User limit 1").unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
    assert!(
        session
            .query("User where username is \"nobody\"")
            .first()
            .unwrap()
            .is_none()
    );
}

#[test]
fn an_entity_is_known_once_whatever_the_way_to_it() {
    let server = server();
    let session = session(&server);
    let task = session
        .query("Task where parent.name is \"010\" and parent.parent.name is \"harbour\"")
        .first()
        .unwrap()
        .unwrap();
    let parent: Entity = task.get("parent").unwrap();
    let again = session.get("Shot", parent.id().as_str()).unwrap().unwrap();
    assert_eq!(parent, again);
    assert_eq!(parent.entity_type(), "Shot");
    let children = parent.collection("children").unwrap();
    assert!(children.contains(&task));
    parent.set("description", "Seen from both sides").unwrap();
    assert_eq!(
        again.get::<String>("description").unwrap(),
        "Seen from both sides"
    );
    let requeried = session
        .query(format!("Shot where id is \"{}\"", parent.id()))
        .one()
        .unwrap();
    assert_eq!(
        requeried.get::<String>("description").unwrap(),
        "Seen from both sides"
    );
}

#[test]
fn get_takes_composite_keys_and_says_what_is_missing() {
    let server = server();
    let session = session(&server);
    let sequence = session
        .query("Sequence where name is \"harbour\"")
        .one()
        .unwrap();
    let padding = session
        .get(
            "Metadata",
            Key::composite([sequence.id().as_str(), "frame_padding"]),
        )
        .unwrap()
        .unwrap();
    assert_eq!(padding.get::<String>("value").unwrap(), "4");
    assert!(session.get("Task", "no-such-id").unwrap().is_none());
    let error = session.get("Task", Key::composite(["a", "b"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn links_and_dates_keep_their_form() {
    let server = server();
    let session = session(&server);
    let task = session
        .query(
            "select link, start_date from Task where parent.parent.name is \"storm\" order by name",
        )
        .first()
        .unwrap()
        .unwrap();
    let link: serde_json::Value = task.get("link").unwrap();
    let names: Vec<&str> = link
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..2], ["last_lantern", "storm"]);
    assert_eq!(names.len(), 4);
    let start: Option<chrono::DateTime<chrono::Utc>> = task.get("start_date").unwrap();
    assert!(start.is_some());
}
