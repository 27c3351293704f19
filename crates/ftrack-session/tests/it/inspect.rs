//! Entities as maps, what is known of their attributes, merging, and the list interface of collections.

use std::collections::{HashMap, HashSet};

use ftrack_session::{
    AttributeKind, DataType, Entity, EntityState, ErrorKind, FetchPolicy, Retention, Value,
    ValueSide, values,
};
use serde_json::json;

use crate::{Studio, builder};

fn task(studio: &Studio) -> Entity {
    studio.session.query("Task").first().unwrap().unwrap()
}

#[test]
fn all_values_are_loaded_in_one_request() {
    let studio = Studio::new();
    let task = task(&studio);
    let trace = studio.session.trace();
    let items = task.items().unwrap();
    assert_eq!(trace.request_count(), 1);
    assert_eq!(items.len(), task.len());
    assert!(
        items.iter().all(|(_, value)| !value.is_not_set()),
        "{items:?}"
    );
    assert!(items.iter().map(|(name, _)| *name).eq(task.keys()));
    assert_eq!(task.values().unwrap().len(), task.len());
    // References came with their default projections, metadata with its values.
    assert!(
        !task
            .get::<String>("status.name")
            .unwrap_or_default()
            .is_empty()
    );
    task.metadata().unwrap().items().unwrap();
    task.custom_attributes().unwrap().items().unwrap();
    assert!(trace.request_count() <= 2, "{:?}", trace.requests());
}

#[test]
fn nothing_is_loaded_where_that_is_switched_off() {
    let studio = Studio::new();
    let task = task(&studio);
    let trace = studio.session.trace();
    {
        let _off = studio.session.auto_populating(false);
        let items = task.items().unwrap();
        assert!(items.iter().any(|(_, value)| value.is_not_set()));
    }
    {
        let _deny = studio.session.fetching(FetchPolicy::Deny);
        let denied = task.items().unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::NotLoaded);
        assert!(denied.to_string().contains("description"), "{denied}");
    }
    let new = studio
        .session
        .create("User", values! { "username": "martin" })
        .unwrap();
    let items = new.items().unwrap();
    assert!(items.contains(&("username", Value::from("martin"))));
    assert!(items.contains(&("first_name", Value::NotSet)));
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn entities_change_like_maps() {
    let studio = Studio::new();
    let task = task(&studio);
    let name: String = task.get("name").unwrap();
    assert!(task.contains("name") && !task.contains("nmae"));
    assert_eq!(task.get_or("nmae", "x".to_owned()).unwrap(), "x");
    assert_eq!(task.get_or("name", "x".to_owned()).unwrap(), name);
    assert_eq!(
        task.get_or("name", 1).unwrap_err().kind(),
        ErrorKind::WrongType
    );

    task.update(values! { "name": "comp", "bid": 8 }).unwrap();
    assert_eq!(task.get::<String>("name").unwrap(), "comp");
    assert_eq!(task.state(), Some(EntityState::Modified));
    assert_eq!(task.pop("name").unwrap(), Value::from("comp"));
    assert_eq!(task.get::<String>("name").unwrap(), name);
    task.clear();
    assert!(
        task.attributes()
            .all(|attribute| attribute.local_value().is_not_set())
    );
    let trace = studio.session.trace();
    assert_eq!(studio.session.commit().unwrap().operations, 0);
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn an_update_that_is_refused_changes_nothing() {
    let studio = Studio::new();
    let task = task(&studio);
    let unknown = task
        .update(values! { "name": "comp", "nmae": "x" })
        .unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownAttribute);
    let immutable = task
        .update(values! { "name": "comp", "id": "x" })
        .unwrap_err();
    assert_eq!(immutable.kind(), ErrorKind::ImmutableAttribute);
    assert_eq!(task.state(), None);
    assert_eq!(
        task.unset("nmae").unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
}

#[test]
fn a_default_is_set_only_where_no_value_is_known() {
    let studio = Studio::new();
    let new = studio
        .session
        .create("User", values! { "username": "martin" })
        .unwrap();
    assert_eq!(
        new.set_default("username", "other").unwrap(),
        Value::from("martin")
    );
    assert_eq!(
        new.set_default("first_name", "Martin").unwrap(),
        Value::from("Martin")
    );
    assert_eq!(new.get::<String>("first_name").unwrap(), "Martin");
    new.set("last_name", None::<&str>).unwrap();
    assert_eq!(new.set_default("last_name", "x").unwrap(), Value::Null);
}

#[test]
fn attributes_tell_what_they_are_and_which_values_are_known() {
    let studio = Studio::new();
    let task = studio
        .session
        .query("select name from Task")
        .first()
        .unwrap()
        .unwrap();
    let trace = studio.session.trace();
    let name = task.attribute("name").unwrap();
    assert_eq!(name.name(), "name");
    assert_eq!(name.kind(), AttributeKind::Scalar(DataType::Text));
    assert!(name.is_mutable() && name.is_set() && !name.is_modified() && !name.is_computed());
    assert!(name.local_value().is_not_set());
    let remote = name.remote_value();
    task.set("name", "comp").unwrap();
    assert_eq!(name.local_value(), Value::from("comp"));
    assert_eq!(name.remote_value(), remote);
    assert!(name.is_modified());
    task.set("name", remote).unwrap();
    assert!(!name.is_modified());

    let description = task.attribute("description").unwrap();
    assert!(!description.is_set() && !description.is_modified());
    // The server's value is not fetched to find out, as documented.
    task.set("description", "x").unwrap();
    assert!(description.is_set() && description.is_modified());

    let id = task.attribute("id").unwrap();
    assert!(!id.is_mutable() && id.is_set() && !id.is_modified());
    assert_eq!(id.default(), Some(&json!("{uid}")));
    assert_eq!(id.remote_value(), Value::from(task.id()));
    assert!(task.attribute("thumbnail_url").unwrap().is_computed());
    assert!(!task.attribute("link").unwrap().is_mutable());
    let metadata = task.attribute("metadata").unwrap().kind();
    assert!(
        matches!(metadata, AttributeKind::MappedCollection(target) if target.as_str() == "Metadata")
    );
    assert_eq!(task.attributes().count(), task.len());
    assert_eq!(trace.request_count(), 0);
    assert_eq!(
        task.attribute("nmae").unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
}

#[test]
fn states_of_several_entities_are_told_at_once() {
    let studio = Studio::new();
    let session = &studio.session;
    let new = session
        .create("User", values! { "username": "martin" })
        .unwrap();
    let users = session.query("User").all().unwrap();
    users[0].set("email", "martin@example.com").unwrap();
    users[1].delete().unwrap();
    let states = session.states([&new, &users[0], &users[1], &users[2]]);
    let expected = [
        Some(EntityState::Created),
        Some(EntityState::Modified),
        Some(EntityState::Deleted),
        None,
    ];
    assert_eq!(states, expected);
}

#[test]
fn primary_keys_are_named_and_ordered() {
    let studio = Studio::new();
    let task = task(&studio);
    assert_eq!(task.primary_key(), [("id", task.id())]);
    task.metadata().unwrap().set("a", "1").unwrap();
    let row = task
        .collection("metadata")
        .unwrap()
        .first()
        .unwrap()
        .unwrap();
    let expected = [("parent_id", task.id()), ("key", "a".to_owned())];
    assert_eq!(row.primary_key(), expected);
}

#[test]
fn merging_says_what_changed() {
    let studio = Studio::new();
    let task = studio
        .session
        .query("select name, bid from Task")
        .first()
        .unwrap()
        .unwrap();
    let name = task.attribute("name").unwrap().remote_value();
    let text =
        json!({"__entity_type__": "Task", "id": task.id(), "name": "elsewhere", "sort": 7.5})
            .to_string();
    let other = studio
        .session
        .decode(&text)
        .unwrap()
        .as_entity()
        .unwrap()
        .clone();
    {
        let _unrecorded = studio.session.operation_recording(false);
        other.set("description", "local there").unwrap();
    }
    let mut changes = task.merge(&other).unwrap();
    changes.sort_by(|left, right| left.name.cmp(&right.name));
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            (
                change.side,
                &*change.name,
                change.old_value.clone(),
                change.new_value.clone(),
            )
        })
        .collect();
    let expected = [
        (
            ValueSide::Local,
            "description",
            Value::NotSet,
            Value::from("local there"),
        ),
        (ValueSide::Remote, "name", name, Value::from("elsewhere")),
        (ValueSide::Remote, "sort", Value::NotSet, Value::from(7.5)),
    ];
    assert_eq!(told, expected);
    assert_eq!(task.get::<String>("name").unwrap(), "elsewhere");
    assert_eq!(task.state(), Some(EntityState::Modified));
    assert!(task.merge(&other).unwrap().is_empty());

    let user = studio.session.query("User").first().unwrap().unwrap();
    assert_eq!(
        task.merge(&user).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn merging_into_a_session_records_nothing() {
    let studio = Studio::new();
    let other = studio.other_session();
    let theirs = other
        .query("select name, status from Task")
        .first()
        .unwrap()
        .unwrap();
    theirs.set("name", "local there").unwrap();
    let trace = studio.session.trace();
    let ours = studio.session.merge(&theirs).unwrap();
    assert_eq!(ours, theirs);
    assert_eq!(ours.get::<String>("name").unwrap(), "local there");
    assert!(ours.value("status").unwrap().as_reference().is_some());
    assert_eq!(trace.request_count(), 0);
    assert!(studio.session.recorded_operations().is_empty());
    assert_eq!(studio.session.merge(&ours).unwrap(), ours);
}

#[test]
fn merging_takes_what_an_entity_refers_to_along() {
    let studio = Studio::new();
    let unit = studio.session.begin();
    let theirs = unit
        .query("select name, status.name, parent.children.name, parent.project.full_name from Task")
        .first()
        .unwrap()
        .unwrap();
    let status: Entity = theirs.get("status").unwrap();
    status.set("name", "local there").unwrap();
    let trace = studio.session.trace();
    let ours = studio.session.merge(&theirs).unwrap();
    assert!(std::ptr::eq(
        ours.session().schema(),
        theirs.session().schema()
    ));
    for path in ["name", "status.name", "parent.project.full_name"] {
        let (ours, theirs) = (ours.value(path).unwrap(), theirs.value(path).unwrap());
        assert_eq!(ours, theirs, "{path}");
    }
    let children = ours.get::<Entity>("parent").unwrap();
    for child in children.collection("children").unwrap().entities().unwrap() {
        assert!(!child.get::<String>("name").unwrap().is_empty());
    }
    assert_eq!(trace.request_count(), 0);
    assert!(studio.session.recorded_operations().is_empty());

    // Of what it refers to, only the entity itself says what changed.
    let other = studio.other_session();
    let copy = other.entity(theirs.identity()).unwrap();
    let changes = copy.merge(&theirs).unwrap();
    assert!(changes.iter().any(|change| change.name == "status"));
    assert!(
        changes
            .iter()
            .all(|change| change.side == ValueSide::Remote)
    );
    let status = copy.get::<String>("status.name").unwrap();
    assert_eq!(status, "local there");
    assert_eq!(copy.state(), None);
}

#[test]
fn a_new_entity_can_be_merged_before_it_is_committed() {
    let studio = Studio::new();
    let unit = studio.session.begin();
    let project = unit.attach(&studio.project()).unwrap();
    let values = values! { "name": "new", "parent": &project, "object_type_id": "t" };
    let sequence = unit.create("Sequence", values).unwrap();
    let ours = studio.session.merge(&sequence).unwrap();
    let _off = studio.session.auto_populating(false);
    assert_eq!(ours.get::<String>("object_type_id").unwrap(), "t");
    assert_eq!(ours.state(), None);
}

#[test]
fn merged_entities_keep_what_came_with_them() {
    let studio = Studio::new();
    let held = builder(&studio.server)
        .retention(Retention::Held)
        .connect()
        .unwrap();
    let query = "select name, status.state.name from Task";
    let theirs = studio.session.query(query).first().unwrap().unwrap();
    let ours = held.merge(&theirs).unwrap();
    let trace = held.trace();
    let state: String = ours.get("status.state.name").unwrap();
    assert_eq!(state, theirs.get::<String>("status.state.name").unwrap());
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn everything_in_a_tree_of_data_is_merged() {
    let studio = Studio::new();
    let session = &studio.session;
    let text = r#"{"all": [{"__entity_type__": "Status", "id": "s-1", "name": "a"}, 8],
        "one": {"__entity_type__": "Status", "id": "s-2", "name": "b"}}"#;
    let decoded = session.decode(text).unwrap();
    let merged = session.merge_all(&decoded).unwrap();
    assert_eq!(merged, decoded);
    for (id, name) in [("s-1", "a"), ("s-2", "b")] {
        let status = session.get("Status", id).unwrap().unwrap();
        assert_eq!(status.get::<String>("name").unwrap(), name);
        assert!(merged.entities().contains(&status));
    }
}

#[test]
fn collections_are_lists() {
    let studio = Studio::new();
    let session = &studio.session;
    let list = session.query("TypedContextList").first().unwrap().unwrap();
    let items = list.collection("items").unwrap();
    items.clear().unwrap();
    let shots = session.query("Shot").all().unwrap();
    let [first, second, third] = [&shots[0], &shots[1], &shots[2]];
    items.extend(&shots[..3]).unwrap();
    assert_eq!(items.entity(), &list);
    assert_eq!(
        (items.name(), items.is_mutable(), items.len()),
        ("items", true, 3)
    );
    // All or none.
    let duplicate = items.extend([&shots[3], first]).unwrap_err();
    assert_eq!(duplicate.kind(), ErrorKind::DuplicateItemInCollection);
    assert_eq!(items.len(), 3);
    assert_eq!(items.index_of(second), Some(1));
    assert_eq!((items.count(second), items.count(&shots[4])), (1, 0));
    assert_eq!(items.first().unwrap().as_ref(), Some(first));
    assert_eq!(items.last().unwrap().as_ref(), Some(third));
    assert_eq!(items.slice(1..).unwrap(), shots[1..3]);
    assert_eq!(items.slice(..=1).unwrap(), shots[..2]);
    assert_eq!(items.slice(7..9).unwrap(), []);
    items.reverse().unwrap();
    let reversed: Vec<Entity> = items.clone().into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(reversed, [third.clone(), second.clone(), first.clone()]);
    let backwards: Vec<Entity> = items.iter().rev().collect::<Result<_, _>>().unwrap();
    assert_eq!(backwards, shots[..3]);
    assert_eq!(items.pop().unwrap().as_ref(), Some(first));
    assert_eq!(items.remove_at(0).unwrap(), *third);
    assert!(items.remove(second).unwrap() && !items.remove(second).unwrap());
    assert_eq!(items.pop().unwrap(), None);
    session.rollback();
}

#[test]
fn threads_that_add_to_one_collection_lose_nothing() {
    let studio = Studio::new();
    let session = &studio.session;
    let list = session.query("TypedContextList").first().unwrap().unwrap();
    let items = list.collection("items").unwrap();
    items.clear().unwrap();
    let tasks = session.query("Task").all().unwrap();
    let tasks = &tasks[..tasks.len().min(24)];
    std::thread::scope(|scope| {
        for part in tasks.chunks(3) {
            let items = items.clone();
            scope.spawn(move || {
                for task in part {
                    items.push(task).unwrap();
                }
            });
        }
    });
    assert_eq!(items.len(), tasks.len());
    session.rollback();
}

/// Linted like everything here: no analysis may take an entity for a key that changes.
#[test]
fn entities_are_keys_of_maps_and_sets() {
    let studio = Studio::new();
    let tasks = studio.session.query("Task limit 10").all().unwrap();
    let again = studio.other_session().query("Task limit 10").all().unwrap();
    let set: HashSet<Entity> = tasks.iter().chain(&again).cloned().collect();
    assert_eq!(set.len(), tasks.len());
    let mut names: HashMap<Entity, String> = HashMap::new();
    for task in &tasks {
        names.insert(task.clone(), task.get("name").unwrap());
    }
    tasks[0].set("name", "changed").unwrap();
    assert!(set.contains(&tasks[0]) && names.contains_key(&again[0]));
}

#[test]
fn operations_are_recorded_of_entities_that_are_not_loaded() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let unit = studio.session.begin();
    let trace = unit.trace();
    let unloaded = unit.entity(task.identity()).unwrap();
    unloaded.set("description", "set from afar").unwrap();
    assert_eq!(unit.recorded_operations().len(), 1);
    unit.commit().unwrap();
    // Nothing but the commit was sent.
    assert_eq!(trace.request_count(), 1);
    let found = studio.other_session();
    let found = found.get("Task", task.id().as_str()).unwrap().unwrap();
    assert_eq!(found.get::<String>("description").unwrap(), "set from afar");
    let unloaded = studio.session.begin();
    let entity = unloaded.entity(task.identity()).unwrap();
    unloaded.delete(&entity).unwrap();
    unloaded.commit().unwrap();
    let gone = studio.other_session();
    assert!(gone.get("Task", task.id().as_str()).unwrap().is_none());
}
