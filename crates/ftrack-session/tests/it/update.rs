//! Updates in the terms of the schema.

use std::sync::mpsc;
use std::time::Duration;

use ftrack_event::Event;
use ftrack_session::{EntityUpdate, ErrorKind, Update, UpdateAction, values};
use serde_json::{Value as Json, json};

use crate::Studio;

fn event(entities: &Json) -> Event {
    Event::new("ftrack.update").with_data(json!({
        "entities": entities, "clientToken": "token", "user": {"userid": "u-1", "name": "Ada"},
    }))
}

fn ids<'a>(changes: impl Iterator<Item = EntityUpdate<'a>>) -> Vec<&'a str> {
    changes.map(|change| change.entity_id()).collect()
}

#[test]
fn changes_are_told_by_the_names_of_the_schema() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let change = |old: &str, new: &str| json!({"old": old, "new": new});
    let event = event(&json!([
        {"entityType": "task", "entity_type": "Task", "entityId": "t", "action": "update",
         "parentId": "s", "parents": [{"entityId": "t"}, {"entityId": "s"}, {"entityId": "p"}],
         "keys": ["statusid", "fstart", "created_by"],
         "changes": {"statusid": change("a", "b"), "fstart": change("1", "1001.0"),
                     "created_by": change("x", "y")}},
        {"entityType": "task", "entity_type": "Shot", "entityId": "s", "action": "add", "changes": {}},
        {"entityType": "show", "entity_type": "Project", "entityId": "p", "action": "encoded",
         "changes": {"fullname": change("Old", "New")}},
    ]));
    let update = Update::from_event(schema, &event).unwrap();
    assert_eq!(
        (update.user_id(), update.client_token()),
        (Some("u-1"), Some("token"))
    );
    let changes: Vec<_> = update.changes().collect();
    let [task, shot, project] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(
        [task.action(), shot.action(), project.action()],
        [
            UpdateAction::Update,
            UpdateAction::Add,
            UpdateAction::Other("encoded")
        ]
    );
    let status = task.attribute("status_id").unwrap();
    assert_eq!(
        (status.before(), status.after()),
        (&json!("a"), &json!("b"))
    );
    // The column `created_by` is that of `created_by_id`, and there is an attribute `created_by` too.
    assert_eq!(task.attribute("created_by_id").unwrap().after(), "y");
    assert_eq!(task.attribute("created_by"), None);
    assert_eq!(
        (task.attribute("statusid"), task.attribute("name")),
        (None, None)
    );
    let mut names: Vec<_> = task.attributes().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["created_by_id", "status_id"]);
    let custom: Vec<_> = task.custom_attributes().collect();
    assert_eq!((custom.len(), custom[0].0), (1, "fstart"));
    assert_eq!(task.custom_attribute("fstart").unwrap().after(), "1001.0");
    assert_eq!(task.custom_attribute("statusid"), None);
    assert_eq!(task.parent_id(), Some("s"));
    assert_eq!(task.ancestor_ids().collect::<Vec<_>>(), ["s", "p"]);
    assert_eq!(project.attribute("full_name").unwrap().after(), "New");
}

#[test]
fn changes_are_chosen_by_type_and_kind() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let event = event(&json!([
        {"entityType": "task", "entity_type": "Task", "entityId": "t"},
        {"entityType": "task", "entity_type": "Shot", "entityId": "s"},
        {"entityType": "task", "entityId": "unnamed"},
        {"entityType": "show", "entity_type": "show", "entityId": "p"},
        {"entityType": "spaceship", "entityId": "unknown", "changes": {"speed": {"new": 1}}},
        {"entityType": "task"}, "garbage", null,
    ]));
    let update = Update::from_event(schema, &event).unwrap();
    let of = |name| ids(update.changes_of(name));
    assert_eq!(of("Task"), ["t"]);
    assert_eq!(of("TypedContext"), ["t", "s", "unnamed"]);
    assert_eq!(of("Project"), ["p"]);
    assert!(of("Spaceship").is_empty());
    assert_eq!(ids(update.changes()), ["t", "s", "unnamed", "p", "unknown"]);
    let unknown = update.changes().last().unwrap();
    assert!(unknown.entity_type().is_none() && unknown.attribute("speed").is_none());
    assert_eq!(
        unknown.custom_attribute("speed").unwrap().before(),
        &Json::Null
    );
}

#[test]
fn the_object_type_tells_the_type_where_the_event_does_not_name_it() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let classifier = |name: &str| {
        let (column, value) = schema.entity_type(name).unwrap().classifier().unwrap();
        assert_eq!(column, "object_typeid");
        value.to_owned()
    };
    let told = |id: &str, side: &str, name: &str| {
        json!({"entityType": "task", "entityId": id, "action": "add",
               "changes": {"object_typeid": {side: classifier(name)}, "name": {"new": "x"}}})
    };
    let event = event(&json!([
        told("t", "new", "Task"), told("s", "old", "Shot"),
        {"entityType": "task", "entityId": "o", "changes": {"object_typeid": {"new": "unheard-of"}}},
    ]));
    let update = Update::from_event(schema, &event).unwrap();
    assert_eq!(ids(update.changes_of("Task")), ["t"]);
    assert_eq!(ids(update.changes_of("Shot")), ["s"]);
    assert_eq!(ids(update.changes_of("TypedContext")), ["t", "s", "o"]);
}

/// What is told of a task and of a shot by servers that name the type in one place or the other, or only the object
/// type.
#[test]
fn types_are_known_from_each_place_that_servers_tell_them_in() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let object_type = |name: &str| schema.entity_type(name).unwrap().classifier().unwrap().1;
    let told = |id: &str, more: Json| {
        let mut told = json!({"entityType": "task", "entityId": id, "action": "update", "keys": ["statusid"],
                              "changes": {"statusid": {"old": "a", "new": "b"}}, "parentId": "above"});
        let told = told.as_object_mut().unwrap();
        told.extend(more.as_object().unwrap().clone());
        Json::from(told.clone())
    };
    let itself = |id: &str, name: &str| {
        json!([{"entityId": id, "entityType": "task", "entity_type": name, "parentId": "above"},
               {"entityId": "above", "entityType": "task", "entity_type": "Sequence", "parentId": null}])
    };
    let event = event(&json!([
        told(
            "named",
            json!({"entity_type": "Task", "objectTypeId": object_type("Shot")})
        ),
        told(
            "by object type",
            json!({"objectTypeId": object_type("Task"), "parents": []})
        ),
        told(
            "by itself among its parents",
            json!({"parents": itself("by itself among its parents", "Task")})
        ),
        told(
            "of a name that the schema does not have",
            json!({"entity_type": "task", "objectTypeId": object_type("Task")})
        ),
        told("shot", json!({"objectTypeId": object_type("Shot")})),
        told("without", json!({"objectTypeId": null, "parents": null})),
        told(
            "of an unknown one",
            json!({"objectTypeId": "unheard-of", "parents": [{"entityType": "task"}]})
        ),
        told(
            "whose parent is a sequence",
            json!({"parents": itself("another", "Shot")})
        ),
    ]));
    let update = Update::from_event(schema, &event).unwrap();
    assert_eq!(
        ids(update.changes_of("Task")),
        [
            "named",
            "by object type",
            "by itself among its parents",
            "of a name that the schema does not have"
        ]
    );
    assert_eq!(ids(update.changes_of("Shot")), ["shot"]);
    assert!(ids(update.changes_of("Sequence")).is_empty());
    assert_eq!(ids(update.changes_of("TypedContext")).len(), 8);
    assert!(
        update
            .changes()
            .all(|change| change.attribute("status_id").is_some())
    );
}

#[test]
fn moves_are_seen_however_a_server_tells_them() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let parents = json!({"parent_id": {"old": "a", "new": "b"}});
    for (action, is_move) in [("move", true), ("update", true), ("add", false)] {
        let event = event(&json!([
            {"entityType": "task", "entityId": "t", "action": action, "changes": parents},
        ]));
        let update = Update::from_event(schema, &event).unwrap();
        let task = update.changes().next().unwrap();
        let moved = task.moved().map(|moved| (moved.before(), moved.after()));
        assert_eq!(
            moved,
            is_move.then_some((&json!("a"), &json!("b"))),
            "{action}"
        );
    }
}

#[test]
fn what_is_not_an_update_is_an_error() {
    let studio = Studio::new();
    let schema = studio.session.schema();
    let kind = |event: &Event| Update::from_event(schema, event).unwrap_err().kind();
    assert_eq!(
        kind(&Event::new("ftrack.action.launch")),
        ErrorKind::InvalidArgument
    );
    assert_eq!(
        kind(&Event::new("ftrack.update")),
        ErrorKind::EventHubPacket
    );
}

#[test]
fn updates_of_a_server_are_read() {
    let studio = Studio::new();
    let session = &studio.session;
    let hub = session.event_hub();
    hub.connect().unwrap();
    let (heard, hears) = mpsc::channel();
    let weak = session.downgrade();
    hub.subscribe("topic=ftrack.update", move |event| {
        let session = weak.upgrade().ok_or("the session is gone")?;
        let update = Update::from_event(session.schema(), event)?;
        for task in update.changes_of("Task") {
            let status = task.attribute("status_id").ok_or("no status")?;
            let moved = task.moved().ok_or("no move")?;
            heard.send((
                task.entity_id().to_owned(),
                status.after().clone(),
                moved.after().clone(),
            ))?;
        }
        Ok(None)
    })
    .unwrap();
    let workers = hub.run_workers(1).unwrap();
    let other = studio.other_session();
    let task = other.query("Task").first().unwrap().unwrap();
    let old = (
        task.get::<String>("status_id").unwrap(),
        task.get::<String>("parent_id").unwrap(),
    );
    let status = other.query("Status").all().unwrap();
    let status = status.iter().find(|status| status.id() != old.0).unwrap();
    let shots = other.query("Shot").all().unwrap();
    let shot = shots.iter().find(|shot| shot.id() != old.1).unwrap();
    task.update(values! { "status_id": status.id(), "parent_id": shot.id() })
        .unwrap();
    other.commit().unwrap();
    let told = hears.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(told, (task.id(), json!(status.id()), json!(shot.id())));
    workers.stop();
}
