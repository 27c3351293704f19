//! What custom attributes come to, and where the values come from.

mod against_a_model;
mod against_a_walk;
mod as_real_servers_answer;
mod lists;
mod local;
mod many;

use ftrack_session::{Entity, ErrorKind, Origin, Session, Value, values};
use serde_json::json;

use crate::Studio;

/// A configuration that everybody may read and write.
fn configure(session: &Session, key: &str, what: &[(&str, Value)]) -> Entity {
    let kind = session
        .query("CustomAttributeType where name is number")
        .one()
        .unwrap();
    let values = values! {
        "key": key, "label": key, "type": kind, "config": json!({"isdecimal": false}).to_string(),
    };
    let values = values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(
            what.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
    let configuration = session
        .create("CustomAttributeConfiguration", values)
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
}

/// A hierarchical number, 24 where nobody has set it.
fn hierarchical(session: &Session, key: &str) -> Entity {
    let what = [
        ("entity_type", Value::from("show")),
        ("is_hierarchical", Value::from(true)),
        ("default", Value::from(24)),
    ];
    let configuration = configure(session, key, &what);
    session.commit().unwrap();
    configuration
}

/// A rate of 12 for what is of the kind of `shot`, in one project only.
fn of_project(session: &Session, shot: &Entity, project: &Entity) -> Entity {
    let what = [
        ("entity_type", Value::from("task")),
        ("object_type_id", shot.value("object_type_id").unwrap()),
        ("project_id", Value::from(project.id())),
        ("default", Value::from(12)),
    ];
    configure(session, "fps", &what)
}

fn create(session: &Session, entity_type: &str, name: &str, parent: &Entity) -> Entity {
    let values = values! { "name": name, "parent": parent };
    session.create(entity_type, values).unwrap()
}

fn set(entity: &Entity, key: &str, value: impl Into<Value>) {
    entity.custom_attributes().unwrap().set(key, value).unwrap();
}

fn number(entity: &Entity, key: &str) -> i64 {
    entity.effective(key).unwrap().get().unwrap()
}

/// Where the value of a key comes from: a name of what is above.
fn origin(entity: &Entity, key: &str) -> String {
    match entity.effective(key).unwrap().origin {
        Origin::Explicit => "explicit".to_owned(),
        Origin::Inherited { from, name } => format!("{} {name}", from.entity_type()),
        _ => "default".to_owned(),
    }
}

/// As for the official client, which goes through the configurations in the order of the answer.
#[test]
fn of_equal_configurations_the_first_counts_that_the_server_lists() {
    let studio = Studio::new();
    let session = &studio.session;
    let listed = |id: &str, entity_type: &str, default: i64| {
        let what = [
            ("id", Value::from(id)),
            ("entity_type", Value::from(entity_type)),
            ("is_hierarchical", Value::from(true)),
            ("default", Value::from(default)),
        ];
        let configuration = configure(session, "rate", &what);
        session.commit().unwrap();
        configuration
    };
    let first = listed("f0000000-0000-4000-8000-000000000000", "task", 24);
    listed("00000000-0000-4000-8000-000000000001", "show", 25);
    let project = studio.project();
    let found = project.effective("rate").unwrap();
    assert_eq!(&found.configuration, first.identity());
    assert_eq!(found.get::<i64>().unwrap(), 24);
    let custom_attributes = project.custom_attributes().unwrap();
    let chosen = custom_attributes.configuration("rate").unwrap();
    assert_eq!(&chosen, first.identity());
    custom_attributes.set("rate", 30).unwrap();
    session.commit().unwrap();
    assert_eq!(number(&project, "rate"), 30);
}

#[test]
fn the_nearest_value_above_counts_down_to_tasks_and_versions() {
    let studio = Studio::new();
    let session = &studio.session;
    let configuration = hierarchical(session, "rate");
    let sequence = create(session, "Sequence", "opening", &studio.project());
    let shot = create(session, "Shot", "shot_1", &sequence);
    let task = create(session, "Task", "anim", &shot);
    let kind = session.query("AssetType").first().unwrap().unwrap();
    let values = values! { "name": "plate", "parent": &shot, "type": kind };
    let asset = session.create("Asset", values).unwrap();
    let version = session
        .create("AssetVersion", values! { "asset": &asset, "task": &task })
        .unwrap();
    session.commit().unwrap();
    let session = studio.other_session();
    let [sequence, shot, task, asset, version] =
        [&sequence, &shot, &task, &asset, &version].map(|entity| {
            session
                .get(entity.entity_type(), entity.id())
                .unwrap()
                .unwrap()
        });

    let unset = version.effective("rate").unwrap();
    assert_eq!(unset.get::<i64>().unwrap(), 24);
    assert_eq!(unset.kind, "number");
    let of = configuration.identity().clone();
    assert_eq!(unset.configuration, of);
    assert_eq!(unset.origin, Origin::Default { configuration: of });

    set(&sequence, "rate", 30);
    session.commit().unwrap();
    for below in [&shot, &task, &asset, &version] {
        assert_eq!(number(below, "rate"), 30);
        assert_eq!(origin(below, "rate"), "Sequence opening");
    }
    assert_eq!(origin(&sequence, "rate"), "explicit");
    set(&shot, "rate", 0);
    set(&asset, "rate", 60);
    session.commit().unwrap();
    assert_eq!((number(&shot, "rate"), number(&task, "rate")), (0, 0));
    assert_eq!(origin(&task, "rate"), "Shot shot_1");
    assert_eq!(origin(&version, "rate"), "Asset plate");
    assert_eq!(number(&version, "rate"), 60);

    // Null is what nobody has set.
    set(&shot, "rate", Value::Null);
    session.commit().unwrap();
    assert_eq!(origin(&task, "rate"), "Sequence opening");
}

#[test]
fn each_kind_in_a_mixed_selection_has_its_own_configuration_of_a_key() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let sequence = create(session, "Sequence", "mixed", &project);
    let shot = create(session, "Shot", "shot", &sequence);
    let task = create(session, "Task", "task", &shot);
    session.commit().unwrap();
    set(&sequence, "fps", 48);
    session.commit().unwrap();
    let user = session.query("User").first().unwrap().unwrap();
    let selection = [
        project.clone(),
        sequence.clone(),
        shot.clone(),
        task.clone(),
        user,
        shot.clone(),
    ];
    let found = session
        .effective_custom_attributes(&selection, &["fps"])
        .unwrap();
    assert_eq!(found.iter().count(), 3);
    let value = |entity| found.get(entity, "fps").map(|found| found.value.clone());
    assert_eq!(value(&project), Some(Value::from(24)));
    assert_eq!(value(&sequence), Some(Value::from(48)));
    // The attribute is not hierarchical: what the sequence has is nothing to the shot.
    assert_eq!(value(&shot), Some(Value::from(25)));
    assert_eq!(value(&task), None);
    assert!(found.for_entity(&task).is_empty());
    let error = task.effective("fps").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    // All keys, expressions included.
    let all = session
        .effective_custom_attributes(std::slice::from_ref(&shot), &[])
        .unwrap();
    let mut keys: Vec<&str> = all.iter().map(|found| found.key.as_str()).collect();
    let mut expected = shot.custom_attributes().unwrap().keys().unwrap();
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected);
    let duration = all.get(&shot, "duration").unwrap();
    assert_eq!(duration.get::<i64>().unwrap(), 1);
}

#[test]
fn what_has_no_custom_attributes_is_refused_by_name() {
    let studio = Studio::new();
    let status = studio.session.query("Status").first().unwrap().unwrap();
    let error = status.effective("fps").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownAttribute);
    let other = studio.other_session();
    let project = studio.project();
    let foreign = other.effective_custom_attributes(&[project], &[]);
    assert_eq!(foreign.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let nothing = studio.session.effective_custom_attributes(&[], &["fps"]);
    assert_eq!(nothing.unwrap().iter().count(), 0);
}

#[test]
fn a_configuration_of_the_project_hides_that_of_all_projects() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let shot = create(session, "Shot", "own_rate", &project);
    let schema: Entity = project.get("project_schema").unwrap();
    let values =
        values! { "name": "elsewhere", "full_name": "Elsewhere", "project_schema": schema };
    let elsewhere = session.create("Project", values).unwrap();
    let other = create(session, "Shot", "other_rate", &elsewhere);
    session.commit().unwrap();
    let own = of_project(session, &shot, &project);
    session.commit().unwrap();
    let session = studio.other_session();
    let [shot, other] =
        [&shot, &other].map(|shot| session.get("Shot", shot.id()).unwrap().unwrap());
    let found = session
        .effective_custom_attributes(&[shot.clone(), other.clone()], &["fps"])
        .unwrap();
    let value = |entity| found.get(entity, "fps").unwrap();
    assert_eq!(value(&shot).value, Value::from(12));
    assert_eq!(value(&shot).configuration, *own.identity());
    assert_eq!(value(&other).value, Value::from(25));

    // Setting goes to the same configuration.
    set(&shot, "fps", 13);
    assert_eq!(number(&shot, "fps"), 13);
    session.commit().unwrap();
    assert_eq!(number(&shot, "fps"), 13);
    assert_eq!(origin(&shot, "fps"), "explicit");
}

#[test]
fn what_the_user_may_not_see_is_left_out() {
    let studio = Studio::new();
    let session = &studio.session;
    let secret = hierarchical(session, "secret");
    for role in session.query("SecurityRole").all().unwrap() {
        secret
            .collection("read_security_roles")
            .unwrap()
            .remove(&role)
            .unwrap();
    }
    session.commit().unwrap();
    let session = studio.other_session();
    let project = session.query("Project").first().unwrap().unwrap();
    let keys = project.custom_attributes().unwrap().keys().unwrap();
    assert!(!keys.contains(&"secret".to_owned()), "{keys:?}");
    let error = project.effective("secret").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_configuration_of_the_project_that_the_user_may_not_see_hides_nothing() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    let shot = create(session, "Shot", "own_rate", &project);
    session.commit().unwrap();
    let own = of_project(session, &shot, &project);
    own.collection("read_security_roles")
        .unwrap()
        .clear()
        .unwrap();
    session.commit().unwrap();
    let session = studio.other_session();
    let shot = session.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(number(&shot, "fps"), 25);
    // Setting goes where reading does.
    set(&shot, "fps", 13);
    assert_eq!(number(&shot, "fps"), 13);
    session.commit().unwrap();
    let session = studio.other_session();
    let shot = session.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(
        (number(&shot, "fps"), origin(&shot, "fps")),
        (13, "explicit".to_owned())
    );
}

#[test]
fn of_one_key_the_attribute_of_the_type_counts_before_the_inherited_one() {
    let studio = Studio::new();
    let session = &studio.session;
    let sequence = create(session, "Sequence", "opening", &studio.project());
    let shot = create(session, "Shot", "shot", &sequence);
    let task = create(session, "Task", "task", &shot);
    session.commit().unwrap();
    let inherited = hierarchical(session, "grain");
    let what = [
        ("entity_type", Value::from("task")),
        ("object_type_id", shot.value("object_type_id").unwrap()),
        ("default", Value::from(5)),
    ];
    configure(session, "grain", &what);
    session.commit().unwrap();
    let again = |session: &Session| {
        [&shot, &task].map(|entity| {
            let found = session.get(entity.entity_type(), entity.id()).unwrap();
            found.unwrap()
        })
    };
    let session = studio.other_session();
    let [there, below] = again(&session);
    // Shots have one of their own, tasks have not.
    assert_eq!((number(&there, "grain"), number(&below, "grain")), (5, 24));
    let configuration = |entity: &Entity| entity.effective("grain").unwrap().configuration;
    assert_ne!(configuration(&there), *inherited.identity());
    assert_eq!(configuration(&below), *inherited.identity());
    set(&there, "grain", 50);
    assert_eq!(number(&there, "grain"), 50);
    session.commit().unwrap();
    let session = studio.other_session();
    let [there, below] = again(&session);
    assert_eq!((number(&there, "grain"), number(&below, "grain")), (50, 24));
    let read: i64 = there.custom_attributes().unwrap().get("grain").unwrap();
    assert_eq!(read, 50);
}

#[test]
fn versions_of_a_project_and_of_a_new_asset_inherit_too() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let project = studio.project();
    let kind = session.query("AssetType").first().unwrap().unwrap();
    let asset = |parent: &Entity| {
        let values = values! { "name": "reference", "parent": parent, "type": &kind };
        session.create("Asset", values).unwrap()
    };
    let version = |asset: &Entity| {
        let values = values! { "asset": asset };
        session.create("AssetVersion", values).unwrap()
    };
    let committed = version(&asset(&project));
    let sequence = create(session, "Sequence", "opening", &project);
    session.commit().unwrap();
    set(&project, "rate", 48);
    session.commit().unwrap();
    let new = version(&asset(&sequence));
    let other = studio.other_session();
    let there = other.get("AssetVersion", committed.id()).unwrap().unwrap();
    let name = project.get::<String>("name").unwrap();
    for version in [&there, &committed, &new] {
        assert_eq!(number(version, "rate"), 48, "{version:?}");
        assert_eq!(origin(version, "rate"), format!("Project {name}"));
    }

    // Entities that nobody has any more are told by name.
    let gone = new;
    session.commit().unwrap();
    let there = other.get("AssetVersion", gone.id()).unwrap().unwrap();
    session.delete(&gone).unwrap();
    session.commit().unwrap();
    let error = there.effective("rate").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains(&gone.id()), "{error}");
}
