//! Custom attributes. The batches that are compared are those that the official Python client 3.1 sent for the same
//! stories, as long as nothing else is said.

use ftrack_session::{Entity, ErrorKind, Session, Value, values};
use serde_json::json;

use crate::wire::{Wire, create, delete, update};

const CONFIGURATIONS: &str = "select key, project_id, id, object_type_id, entity_type, is_hierarchical from CustomAttributeConfiguration offset 0 limit 500";

fn shot(session: &Session) -> Entity {
    session
        .query("Shot where custom_attributes any ()")
        .first()
        .unwrap()
        .unwrap()
}

fn configuration(wire: &Wire, key: &str) -> Entity {
    let text = format!("CustomAttributeConfiguration where key is \"{key}\"");
    let configuration = wire.session.query(text).one().unwrap();
    wire.name(key, &configuration);
    configuration
}

fn stored<T: ftrack_session::FromAttribute>(wire: &Wire, entity: &Entity, key: &str) -> T {
    let session = wire.other_session();
    let entity = session
        .get(entity.entity_type(), entity.id())
        .unwrap()
        .unwrap();
    entity.custom_attributes().unwrap().get(key).unwrap()
}

#[test]
fn values_are_read_in_one_request_and_changed_row_by_row() {
    let wire = Wire::new();
    configuration(&wire, "fstart");
    let shot = shot(&wire.session);
    wire.name("S", &shot);
    let trace = wire.session.trace();
    let custom_attributes = shot.custom_attributes().unwrap();
    let mut keys = custom_attributes.keys().unwrap();
    keys.sort();
    let expected = [
        "delivery_date",
        "difficulty",
        "duration",
        "fend",
        "fps",
        "fstart",
        "handles",
        "my_attribute",
    ];
    assert_eq!(keys, expected);
    assert_eq!(custom_attributes.len().unwrap(), 8);
    assert_eq!(custom_attributes.items().unwrap().len(), 8);
    // The server evaluates simple expressions.
    let duration: i64 = custom_attributes.get("duration").unwrap();
    assert_eq!(duration, 144);
    let difficulty: Vec<String> = custom_attributes.get("difficulty").unwrap();
    assert_eq!(difficulty.len(), 1);
    assert_eq!(trace.request_count(), 1, "{:?}", trace.requests());

    custom_attributes.set("fstart", 1010).unwrap();
    let expected = update(
        "ContextCustomAttributeValue",
        &["fstart", "S"],
        json!({"value": 1010}),
    );
    assert_eq!(wire.commit(), json!([expected]));
    assert_eq!(custom_attributes.get::<i64>("fstart").unwrap(), 1010);
    assert_eq!(stored::<i64>(&wire, &shot, "fstart"), 1010);
}

#[test]
fn dates_enumerators_and_numbers_keep_their_types() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    let custom_attributes = shot.custom_attributes().unwrap();
    let date = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let difficulty = json!(["hard"]);
    custom_attributes
        .update(values! { "delivery_date": date, "difficulty": difficulty, "handles": 12 })
        .unwrap();
    wire.session.commit().unwrap();
    assert_eq!(
        stored::<chrono::NaiveDate>(&wire, &shot, "delivery_date"),
        date
    );
    assert_eq!(stored::<Vec<String>>(&wire, &shot, "difficulty"), ["hard"]);
    assert_eq!(stored::<i64>(&wire, &shot, "handles"), 12);
}

#[test]
fn options_that_an_enumerator_does_not_have_are_refused_when_they_are_set() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    let custom_attributes = shot.custom_attributes().unwrap();
    let error = custom_attributes
        .set("difficulty", json!(["hrad"]))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongType);
    let said = error.to_string();
    for part in ["\"difficulty\"", "\"hrad\"", "did you mean \"hard\"?"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(wire.session.recorded_operations().is_empty());
    custom_attributes.set("difficulty", json!([])).unwrap();
    wire.session.commit().unwrap();

    // An option that somebody adds meanwhile is known when it is needed.
    let text = "select config from CustomAttributeConfiguration where key is difficulty";
    let other = wire.other_session();
    for configuration in other.query(text).all().unwrap() {
        let config: String = configuration.get("config").unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
        let options = config["data"]
            .as_str()
            .unwrap()
            .replace("\"hard\"", "\"hrad\"");
        config["data"] = options.into();
        configuration.set("config", config.to_string()).unwrap();
    }
    other.commit().unwrap();
    custom_attributes
        .set("difficulty", json!(["hrad"]))
        .unwrap();
    wire.session.commit().unwrap();
}

#[test]
fn keys_that_are_not_configured_are_refused() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    let custom_attributes = shot.custom_attributes().unwrap();
    let unknown = custom_attributes.set("nope", 1).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert!(unknown.to_string().contains("\"nope\""), "{unknown}");
    assert_eq!(
        custom_attributes.get::<i64>("nope").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(custom_attributes.get::<Option<i64>>("nope").unwrap(), None);
    let reference = custom_attributes.set("fstart", &shot).unwrap_err();
    assert_eq!(reference.kind(), ErrorKind::WrongType);
    // Documented: custom attributes cannot be set as a whole.
    let whole = shot
        .set("custom_attributes", json!({"fstart": 1}))
        .unwrap_err();
    assert_eq!(whole.kind(), ErrorKind::WrongType);
    let project = shot.get::<Entity>("project").unwrap();
    let values = values! { "name": "x", "parent": project, "custom_attributes": json!({"my_text_field": "bar"}) };
    let new = wire.session.create("Task", values).unwrap_err();
    assert_eq!(new.kind(), ErrorKind::WrongType);
    assert!(wire.session.recorded_operations().is_empty());
    let status = wire.session.query("Status").first().unwrap().unwrap();
    assert_eq!(
        status.custom_attributes().unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused_by_the_server_and_kept_here() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    let custom_attributes = shot.custom_attributes().unwrap();
    let before: i64 = custom_attributes.get("fstart").unwrap();
    custom_attributes.set("fstart", "test").unwrap();
    let refused = wire.session.commit().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Validation);
    assert!(
        refused
            .to_string()
            .contains("\"fstart\" must be of type number"),
        "{refused}"
    );
    assert_eq!(custom_attributes.get::<String>("fstart").unwrap(), "test");
    wire.session.rollback();
    assert_eq!(custom_attributes.get::<i64>("fstart").unwrap(), before);
}

#[test]
fn a_new_entity_takes_values_before_it_is_committed() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    wire.name("S", &shot);
    configuration(&wire, "my_text_field");
    wire.sent();
    let task = wire
        .session
        .create("Task", values! { "name": "new_task", "parent": &shot })
        .unwrap();
    wire.name("T", &task);
    let custom_attributes = task.custom_attributes().unwrap();
    assert!(custom_attributes.is_empty().unwrap());
    custom_attributes.set("my_text_field", "bar").unwrap();
    // The configurations are asked for once, however often they are used.
    assert_eq!(
        custom_attributes.set("nope", 1).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        wire.sent(),
        json!([{"action": "query", "expression": CONFIGURATIONS}])
    );
    assert_eq!(custom_attributes.keys().unwrap(), ["my_text_field"]);
    assert_eq!(
        custom_attributes.get::<String>("my_text_field").unwrap(),
        "bar"
    );

    let data = json!({"name": "new_task", "parent": {"__entity_type__": "Shot", "id": "S"},
        "object_type_id": "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c", "priority_id": "9661b320-3a0c-11e2-81c1-0800200c9a66"});
    let expected = json!([
        create("Task", "T", data),
        update(
            "ContextCustomAttributeValue",
            &["my_text_field", "T"],
            json!({"value": "bar"})
        ),
    ]);
    assert_eq!(wire.commit(), expected);

    // Afterwards the entity is as any other: its rows are read with one query.
    let trace = wire.session.trace();
    let mut keys = custom_attributes.keys().unwrap();
    keys.sort();
    assert_eq!(keys, ["my_attribute", "my_text_field"]);
    assert_eq!(
        custom_attributes.get::<String>("my_text_field").unwrap(),
        "bar"
    );
    assert_eq!(trace.request_count(), 1, "{:?}", trace.requests());
    assert_eq!(stored::<String>(&wire, &task, "my_text_field"), "bar");
}

/// Release notes: hierarchical attributes, and those of assets, could not be set before the entity was committed;
/// those of versions that had been created in the same session neither.
#[test]
fn new_entities_of_every_kind_take_values() {
    let wire = Wire::new();
    let session = &wire.session;
    let project = session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    let schema = session.query("ProjectSchema").first().unwrap().unwrap();
    let new_project = session
        .create(
            "Project",
            values! { "name": "next", "full_name": "Next", "project_schema": schema },
        )
        .unwrap();
    let folder = session
        .create("Folder", values! { "name": "plates", "parent": &project })
        .unwrap();
    let asset_type = session.query("AssetType").first().unwrap().unwrap();
    let asset = session
        .create(
            "Asset",
            values! { "name": "plate", "parent": shot(session), "type": asset_type },
        )
        .unwrap();
    let version = session
        .create("AssetVersion", values! { "asset": &asset })
        .unwrap();
    let user = session
        .create("User", values! { "username": "martin" })
        .unwrap();
    let category = session.query("ListCategory").first().unwrap().unwrap();
    let list = session
        .create(
            "TypedContextList",
            values! { "name": "today", "project": &project, "category": category },
        )
        .unwrap();
    let due = chrono::NaiveDate::from_ymd_opt(2024, 1, 2).unwrap();
    let set = |entity: &Entity, key: &str, value: Value| {
        entity.custom_attributes().unwrap().set(key, value).unwrap();
    };
    wire.sent();
    set(&new_project, "partners", json!(["one"]).into());
    set(&new_project, "my_attribute", "above".into());
    set(&folder, "my_attribute", "here".into());
    set(&asset, "origin", "camera".into());
    set(&version, "checked", json!(["sound"]).into());
    set(&version, "my_attribute", "inherited as well".into());
    set(&user, "weekly_hours", 32.into());
    set(&list, "due", due.into());
    let sent = wire.sent();
    let sent = sent.as_array().unwrap();
    assert_eq!(
        sent[0],
        json!({"action": "query", "expression": CONFIGURATIONS})
    );
    // Besides, the options of enumerators: all that a kind of entity has at once.
    assert_eq!(sent.len(), 3, "{sent:?}");
    session.commit().unwrap();
    assert_eq!(
        stored::<Vec<String>>(&wire, &new_project, "partners"),
        ["one"]
    );
    assert_eq!(stored::<String>(&wire, &folder, "my_attribute"), "here");
    assert_eq!(stored::<String>(&wire, &asset, "origin"), "camera");
    assert_eq!(stored::<Vec<String>>(&wire, &version, "checked"), ["sound"]);
    assert_eq!(stored::<i64>(&wire, &user, "weekly_hours"), 32);
    assert_eq!(stored::<chrono::NaiveDate>(&wire, &list, "due"), due);
}

/// Documented: what is inherited reads as what is set on the entity itself.
#[test]
fn hierarchical_values_are_raw() {
    let wire = Wire::new();
    let shot = shot(&wire.session);
    shot.custom_attributes()
        .unwrap()
        .set("my_attribute", "foo")
        .unwrap();
    let task = wire
        .session
        .create("Task", values! { "name": "below", "parent": &shot })
        .unwrap();
    wire.session.commit().unwrap();
    assert_eq!(
        stored::<Option<String>>(&wire, &shot, "my_attribute").as_deref(),
        Some("foo")
    );
    assert_eq!(stored::<Option<String>>(&wire, &task, "my_attribute"), None);
}

/// The official client also sends the list of rows without this one, but the server's list does not change.
#[test]
fn removing_a_value_leaves_the_default() {
    let wire = Wire::new();
    configuration(&wire, "handles");
    let shot = shot(&wire.session);
    wire.name("S", &shot);
    let custom_attributes = shot.custom_attributes().unwrap();
    custom_attributes.set("handles", 20).unwrap();
    wire.commit();
    assert_eq!(
        custom_attributes.pop("handles").unwrap(),
        Some(Value::from(20))
    );
    assert!(!custom_attributes.contains("handles").unwrap());
    assert!(!custom_attributes.remove("handles").unwrap());
    assert!(custom_attributes.get::<i64>("handles").is_err());
    assert_eq!(
        wire.commit(),
        json!([delete("ContextCustomAttributeValue", &["handles", "S"])])
    );
    assert_eq!(custom_attributes.get::<i64>("handles").unwrap(), 0);
    assert_eq!(stored::<i64>(&wire, &shot, "handles"), 0);

    // Removed and set again in one go.
    custom_attributes.remove("handles").unwrap();
    custom_attributes.set("handles", 9).unwrap();
    assert_eq!(custom_attributes.get::<i64>("handles").unwrap(), 9);
    wire.session.commit().unwrap();
    assert_eq!(custom_attributes.get::<i64>("handles").unwrap(), 9);
    assert_eq!(stored::<i64>(&wire, &shot, "handles"), 9);

    // On a new entity it is as if it had never been set.
    let new = wire
        .session
        .create(
            "Shot",
            values! { "name": "x", "parent": shot.get::<Entity>("parent").unwrap() },
        )
        .unwrap();
    let custom_attributes = new.custom_attributes().unwrap();
    custom_attributes.set("handles", 9).unwrap();
    custom_attributes.clear().unwrap();
    assert!(custom_attributes.is_empty().unwrap());
    wire.session.commit().unwrap();
    assert_eq!(stored::<i64>(&wire, &new, "handles"), 0);
}

#[test]
fn configurations_of_the_project_hide_global_ones_and_new_ones_are_found() {
    let wire = Wire::new();
    let session = &wire.session;
    let shot = shot(session);
    let new_task = |name: &str| {
        session
            .create("Task", values! { "name": name, "parent": &shot })
            .unwrap()
    };
    let before = new_task("before").custom_attributes().unwrap();
    assert_eq!(
        before.set("mood", "calm").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let global = configuration(&wire, "my_text_field");
    let add = |key: &str, project: Option<&Entity>| {
        let configuration = values! {
            "key": key, "label": key, "entity_type": "task", "default": "",
            "object_type_id": global.get::<String>("object_type_id").unwrap(),
            "type": global.get::<Entity>("type").unwrap(),
            "config": json!({"markdown": false}).to_string(), "project_id": project.map(Entity::id),
        };
        let configuration = session
            .create("CustomAttributeConfiguration", configuration)
            .unwrap();
        for role in session.query("SecurityRole").all().unwrap() {
            for access in ["write_security_roles", "read_security_roles"] {
                configuration
                    .collection(access)
                    .unwrap()
                    .push(&role)
                    .unwrap();
            }
        }
        configuration
    };
    add("mood", None);
    let own = add(
        "my_text_field",
        Some(&shot.get::<Entity>("project").unwrap()),
    );
    session.commit().unwrap();

    let task = new_task("after");
    let custom_attributes = task.custom_attributes().unwrap();
    custom_attributes
        .update(values! { "mood": "calm", "my_text_field": "own" })
        .unwrap();
    let rows: Vec<String> = session
        .modified()
        .iter()
        .map(|row| row.get("configuration_id").unwrap())
        .collect();
    assert!(rows.contains(&own.id()), "{rows:?}");
    session.commit().unwrap();
    assert_eq!(stored::<String>(&wire, &task, "mood"), "calm");
}

#[test]
fn entities_are_found_by_their_values() {
    let wire = Wire::new();
    let task = wire.session.query("Task").first().unwrap().unwrap();
    task.custom_attributes()
        .unwrap()
        .set("my_text_field", "needle")
        .unwrap();
    wire.session.commit().unwrap();
    let text =
        "Task where custom_attributes any (key is \"my_text_field\" and value is \"needle\")";
    assert_eq!(wire.session.query(text).one().unwrap(), task);
}
