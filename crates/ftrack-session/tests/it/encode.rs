//! Entities as JSON text, and back.

use ftrack_session::{Data, EncodeStrategy, Entity, ErrorKind, Session, Value, values};
use serde_json::json;

use crate::Studio;

fn user(session: &Session) -> Entity {
    session
        .query("select username, email from User where username is admin")
        .one()
        .unwrap()
}

fn encoded(
    session: &Session,
    data: impl Into<Data>,
    strategy: EncodeStrategy,
) -> serde_json::Value {
    serde_json::from_str(&session.encode(data, strategy).unwrap()).unwrap()
}

/// The texts are those of the official Python client for the same story, but for the spaces.
#[test]
fn each_strategy_chooses_its_attributes() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = user(session);
    let (id, email) = (user.id(), user.get::<String>("email").unwrap());
    let trace = session.trace();
    let known = json!({"__entity_type__": "User", "id": id, "username": "admin", "email": email, "resource_type": "user"});
    let mut changed = known.clone();
    changed["email"] = "a@b".into();
    assert_eq!(encoded(session, &user, EncodeStrategy::SetOnly), known);
    let bare = json!({"__entity_type__": "User", "id": id});
    assert_eq!(encoded(session, &user, EncodeStrategy::ModifiedOnly), bare);
    user.set("email", "a@b").unwrap();
    assert_eq!(encoded(session, &user, EncodeStrategy::SetOnly), changed);
    let modified = json!({"__entity_type__": "User", "id": id, "email": "a@b"});
    assert_eq!(
        encoded(session, &user, EncodeStrategy::ModifiedOnly),
        modified
    );
    assert_eq!(
        encoded(session, &user, EncodeStrategy::PersistedOnly),
        known
    );
    let tree = Data::from(vec![
        Data::from(&user),
        Data::Map([("a".to_owned(), Data::from(&user))].into()),
    ]);
    assert_eq!(
        encoded(session, tree, EncodeStrategy::SetOnly),
        json!([changed, {"a": changed}])
    );
    assert_eq!(trace.request_count(), 0);
    assert_eq!(session.entity_reference(&user), bare);
}

#[test]
fn keys_are_sorted() {
    let studio = Studio::new();
    let text = studio
        .session
        .encode(user(&studio.session), EncodeStrategy::SetOnly)
        .unwrap();
    let names: Vec<&str> = text
        .split('"')
        .filter(|name| ["email", "id", "__entity_type__", "username"].contains(name))
        .collect();
    assert_eq!(names, ["__entity_type__", "email", "id", "username"]);
}

#[test]
fn all_loads_what_is_missing_in_one_request() {
    let studio = Studio::new();
    let session = &studio.session;
    let tasks = session.query("Task limit 20").all().unwrap();
    let trace = session.trace();
    let all = encoded(session, &tasks, EncodeStrategy::All);
    assert_eq!(trace.request_count(), 1, "{:?}", trace.requests());
    let task = all[0].as_object().unwrap();
    let definition = tasks[0].definition();
    for attribute in definition.attributes() {
        assert!(
            task.contains_key(attribute.name()),
            "{} is missing",
            attribute.name()
        );
    }
    // What it refers to is named by type and key.
    let status = tasks[0].get::<Entity>("status").unwrap();
    assert_eq!(task["status"], session.entity_reference(&status));
    assert!(task["link"].is_array() && task["custom_attributes"].is_array());

    let persisted = encoded(session, &tasks[0], EncodeStrategy::PersistedOnly);
    for attribute in definition.attributes() {
        let is_there = persisted.get(attribute.name()).is_some();
        assert_eq!(is_there, !attribute.is_computed(), "{}", attribute.name());
    }
}

#[test]
fn what_was_encoded_is_decoded_to_detached_entities() {
    let studio = Studio::new();
    let session = &studio.session;
    let tasks = session
        .query("select name, bid, end_date, status, link, custom_attributes from Task")
        .all()
        .unwrap();
    tasks[0].set("name", "local").unwrap();
    let text = session
        .encode(&tasks, EncodeStrategy::PersistedOnly)
        .unwrap();
    let trace = session.trace();
    let operations = session.recorded_operations().len();
    let decoded = session.decode(&text).unwrap();
    let Data::List(list) = &decoded else {
        panic!("{decoded:?}")
    };
    assert_eq!(list.len(), tasks.len());
    assert_eq!(decoded.entities(), tasks);
    assert_eq!(session.recorded_operations().len(), operations);
    for (copy, task) in decoded.entities().iter().zip(&tasks) {
        for attribute in task.attributes() {
            let value = copy.attribute(attribute.name()).unwrap().remote_value();
            assert_eq!(
                value,
                attribute.remote_value(),
                "{} of {task:?}",
                attribute.name()
            );
        }
    }
    assert_eq!(
        session.encode(decoded, EncodeStrategy::SetOnly).unwrap(),
        text
    );
    assert_eq!(trace.request_count(), 0);

    // A session that knows nothing takes one over.
    let other = studio.other_session();
    let detached = other.decode(&text).unwrap().entities().remove(1);
    let merged = other.merge(&detached).unwrap();
    let trace = other.trace();
    assert_eq!(
        merged.value("name").unwrap(),
        tasks[1].value("name").unwrap()
    );
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn trees_of_anything_are_decoded() {
    let studio = Studio::new();
    let session = &studio.session;
    let text = json!({
        "entity": {"name": "Done", "id": "s-1", "__entity_type__": "Status"},
        "entities": [{"__entity_type__": "Status", "id": "s-2"}, null, 8],
        "when": {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
        "day": {"__type__": "date", "value": "2022-10-10"},
        "other": {"__type__": "colour", "value": "red"},
        "nested": [[{"a": true}]],
    });
    let Data::Map(map) = session.decode(&format!(" {text} ")).unwrap() else {
        panic!("no map")
    };
    let status = map["entity"].as_entity().unwrap();
    assert_eq!(status.get::<String>("name").unwrap(), "Done");
    let Data::List(entities) = &map["entities"] else {
        panic!("no list")
    };
    assert_eq!(entities[0].as_entity().unwrap().id(), "s-2");
    assert_eq!(entities[1], Data::Value(Value::Null));
    assert_eq!(entities[2], Data::Value(8.into()));
    let time = chrono::NaiveDate::from_ymd_opt(2022, 10, 10).unwrap();
    assert_eq!(
        map["when"].as_value(),
        Some(&time.and_hms_opt(10, 12, 9).unwrap().into())
    );
    assert_eq!(map["day"].as_value(), Some(&time.into()));
    assert!(matches!(&map["other"], Data::Map(other) if other.len() == 2));
    assert_eq!(map["nested"], Data::from(json!([[{"a": true}]])));
    let times = session
        .encode(Data::Value(time.into()), EncodeStrategy::SetOnly)
        .unwrap();
    assert_eq!(times, r#"{"__type__":"datetime","value":"2022-10-10"}"#);
}

#[test]
fn what_is_no_such_text_is_refused() {
    let studio = Studio::new();
    let session = &studio.session;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{}1{}", "[".repeat(127), "]".repeat(127));
    for (text, kind) in [
        ("", ErrorKind::Parse),
        ("{", ErrorKind::Parse),
        ("[1,]", ErrorKind::Parse),
        ("{} {}", ErrorKind::Parse),
        (&*deep, ErrorKind::Parse),
        (
            r#"{"__entity_type__": "Nonsense", "id": "a"}"#,
            ErrorKind::UnrecognisedEntityType,
        ),
        (r#"{"__entity_type__": "Task"}"#, ErrorKind::MalformedAnswer),
        (
            r#"[{"__entity_type__": "Task"}, 1]"#,
            ErrorKind::MalformedAnswer,
        ),
        (r#"{"__entity_type__": 8}"#, ErrorKind::MalformedAnswer),
    ] {
        let error = session.decode(text).unwrap_err();
        let shown: String = text.chars().take(60).collect();
        assert_eq!(error.kind(), kind, "{shown}: {error}");
    }
    assert!(session.decode(&wide).is_ok());
}

#[test]
fn strategies_have_their_documented_names() {
    for strategy in EncodeStrategy::ALL {
        assert_eq!(
            strategy.as_str().parse::<EncodeStrategy>().unwrap(),
            strategy
        );
        assert_eq!(strategy.to_string(), strategy.as_str());
    }
    assert_eq!(EncodeStrategy::default().as_str(), "set_only");
    let error = "some".parse::<EncodeStrategy>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    for name in [
        "\"some\"",
        "all",
        "set_only",
        "modified_only",
        "persisted_only",
    ] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn new_entities_are_encoded_without_asking_the_server() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session
        .create(
            "Task",
            values! { "name": "new", "parent": studio.project() },
        )
        .unwrap();
    let trace = session.trace();
    let all = encoded(session, &task, EncodeStrategy::All);
    assert_eq!(all["parent"], session.entity_reference(&studio.project()));
    assert_eq!(all["name"], "new");
    let requests = trace.requests();
    assert!(
        requests.iter().all(|request| request.purpose == "query"),
        "{requests:?}"
    );
    assert_eq!(all, encoded(session, &task, EncodeStrategy::ModifiedOnly));
}
