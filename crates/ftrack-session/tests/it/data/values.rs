//! Values on their way in and out.

use chrono::{DateTime, Utc};
use ftrack_session::{Data, EncodeStrategy, Entity, ErrorKind, Session, Value, values};
use serde_json::json;

use crate::Studio;

fn task(session: &Session) -> Entity {
    session
        .query("select name, bid, start_date from Task")
        .first()
        .unwrap()
        .unwrap()
}

#[test]
fn numbers_that_no_server_takes_are_errors_that_name_entity_and_attribute() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = task(session);
    let before = task.value("bid").unwrap();
    let numbers: [Value; 4] = [
        f64::NAN.into(),
        f64::INFINITY.into(),
        f64::NEG_INFINITY.into(),
        u64::MAX.into(),
    ];
    for number in numbers {
        let error = task.set("bid", number.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongType);
        assert!(error.to_string().contains("\"bid\""), "{error}");
        assert!(error.to_string().contains(&task.identity().to_string()));
        assert_eq!(error.details()["attribute"], "bid");
        assert_eq!(error.details()["entity"], task.identity().to_string());
        assert_eq!(task.value("bid").unwrap(), before);

        let new = session.create("Task", values! { "name": "x", "bid": number.clone() });
        assert_eq!(new.unwrap_err().kind(), ErrorKind::WrongType);
        let metadata = task.metadata().unwrap().set("n", number.clone());
        assert_eq!(metadata.unwrap_err().kind(), ErrorKind::WrongType);
        let custom = task.custom_attributes().unwrap().set("fstart", number);
        let custom = custom.unwrap_err();
        assert_eq!(custom.kind(), ErrorKind::WrongType);
        assert_eq!(custom.details()["attribute"], "custom_attributes.fstart");
    }
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn what_the_schema_does_not_allow_is_refused_when_it_is_set() {
    let studio = Studio::new();
    let session = &studio.session;
    let (task, project) = (task(session), studio.project());
    let wrong: [(&str, Value); 7] = [
        ("bid", "x".into()),
        ("start_date", "soon".into()),
        ("name", 5.into()),
        ("name", true.into()),
        ("status", (&project).into()),
        ("parent", "some id".into()),
        ("assignments", vec![&project].into()),
    ];
    for (name, value) in wrong {
        let set = task.set(name, value.clone()).unwrap_err();
        assert_eq!(set.kind(), ErrorKind::WrongType, "{name}: {value:?}: {set}");
        let update = task.update([(name, value.clone())]).unwrap_err();
        assert_eq!(update.kind(), ErrorKind::WrongType, "{name}");
        let create = session.create("Task", [(name, value)]).unwrap_err();
        assert_eq!(create.kind(), ErrorKind::WrongType, "{name}");
    }
    assert!(session.recorded_operations().is_empty());
    task.set("start_date", "2026-11-08T10:12:09").unwrap();
    let start: DateTime<Utc> = task.get("start_date").unwrap();
    assert_eq!(start.to_rfc3339(), "2026-11-08T10:12:09+00:00");
    let parent: Entity = task.get("parent").unwrap();
    task.set("parent", &parent).unwrap();
}

#[test]
fn lists_come_back_as_lists() {
    let studio = Studio::new();
    let session = &studio.session;
    let before = Value::from(vec!["medium"]);
    let text = session
        .encode(Data::from(before.clone()), EncodeStrategy::SetOnly)
        .unwrap();
    let decoded = session.decode(&text).unwrap();
    assert_eq!(Value::from(&decoded), before);
    assert_eq!(
        serde_json::Value::try_from(decoded).unwrap(),
        json!(["medium"])
    );

    let tasks = session.query("select id from Task limit 2").all().unwrap();
    let members = Value::from(&tasks);
    let text = serde_json::to_string(&members).unwrap();
    assert_eq!(Value::from(session.decode(&text).unwrap()), members);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), members);
    let nested = json!({"a": [1, {"b": null}], "at": {"__type__": "datetime", "value": "2026-11-08T10:12:09+00:00"}});
    let decoded = session.decode(&nested.to_string()).unwrap();
    assert_eq!(serde_json::Value::try_from(decoded).unwrap(), nested);
}

#[test]
fn entities_and_texts_convert_in_every_shape_of_a_list() {
    let studio = Studio::new();
    let session = &studio.session;
    let users = session.query("select id from User limit 2").all().unwrap();
    let expected = Value::from(vec![users[0].identity(), users[1].identity()]);
    assert_eq!(Value::from(users.as_slice()), expected);
    assert_eq!(Value::from(&users), expected);
    assert_eq!(Value::from(users.iter().collect::<Vec<_>>()), expected);
    assert_eq!(Value::from([&users[0], &users[1]]), expected);
    assert_eq!(Value::from(users), expected);

    let task = task(session);
    let collection = task.collection("assignments").unwrap();
    let first: Vec<Entity> = collection
        .clone()
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(first, collection.entities().unwrap());
}

#[test]
fn an_entity_twice_in_a_list_that_is_assigned_is_refused() {
    let studio = Studio::new();
    let session = &studio.session;
    let list = session.query("TypedContextList").first().unwrap();
    let tasks = session.query("select id from Task limit 2").all().unwrap();
    let twice = vec![&tasks[0], &tasks[1], &tasks[0]];
    let values = values! { "name": "x", "items": twice.clone() };
    let error = session.create("TypedContextList", values).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateItemInCollection);
    assert_eq!(error.details()["item"], tasks[0].identity().to_string());
    let parent: Entity = tasks[0].get("parent").unwrap();
    let owner = list
        .as_ref()
        .map_or((&parent, "children"), |list| (list, "items"));
    let error = owner.0.set(owner.1, twice).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateItemInCollection);
}

#[test]
fn an_immutable_attribute_may_be_set_while_nothing_is_known_of_it() {
    let studio = Studio::new();
    let session = &studio.session;
    let job = session.create("Job", values! { "status": "running" });
    session.rollback();
    assert!(job.is_ok());
    let shot = session.query("select id from Shot").first().unwrap();
    let shot = shot.unwrap();
    let attribute = shot.attributes().find(|attribute| {
        !attribute.is_mutable()
            && !attribute.definition().is_key()
            && !attribute.is_set()
            && attribute.definition().is_scalar()
            && matches!(
                attribute.kind(),
                ftrack_session::AttributeKind::Scalar(ftrack_session::DataType::Text)
            )
    });
    let Some(name) = attribute.map(|attribute| attribute.name().to_owned()) else {
        panic!("the schema has no immutable text of shots");
    };
    shot.set(&name, "once").unwrap();
    let error = shot.set(&name, "twice").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ImmutableAttribute);
    shot.unset(&name).unwrap();
}

#[test]
fn no_values_need_no_type() {
    let studio = Studio::new();
    let user = studio.session.create("User", values! {}).unwrap();
    assert_eq!(user.entity_type(), "User");
}

#[test]
fn an_attribute_that_was_found_once_is_read_of_all_entities() {
    let studio = Studio::new();
    let session = &studio.session;
    let bid = session.schema().attribute("Task", "bid").unwrap();
    for task in session.query("select id from Task limit 10").all().unwrap() {
        let by_name: Option<f64> = task.get("bid").unwrap();
        assert_eq!(task.read::<Option<f64>>(&bid).unwrap(), by_name);
    }
    let name = session.schema().attribute("Task", "name").unwrap();
    let shot = session.query("Shot").first().unwrap().unwrap();
    let by_name: String = shot.get("name").unwrap();
    assert_eq!(shot.read::<String>(&name).unwrap(), by_name);
    let wrong = shot.read::<bool>(&name).unwrap_err();
    assert_eq!(wrong.details()["attribute"], "name");
    let project = studio.project();
    assert!(
        project
            .read::<f64>(&bid)
            .unwrap_err()
            .is(ErrorKind::Attribute)
    );
}

#[test]
fn a_delete_of_what_is_not_there_is_said_in_words() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = task(session);
    let name = task.get::<String>("name").unwrap();
    let other = studio.other_session();
    let theirs = other.get("Task", task.id()).unwrap().unwrap();
    theirs.delete().unwrap();
    other.commit().unwrap();
    task.delete().unwrap();
    let error = session.commit().unwrap_err();
    assert!(
        error.to_string().contains(&format!("delete Task {name:?}")),
        "{error}"
    );
}
