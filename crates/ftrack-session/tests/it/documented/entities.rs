//! "Working with entities".

use ftrack_session::{AttributeKind, Entity, EntityState, NoteHelpers, UserHelpers, values};

use super::taking;
use crate::{Studio, builder};

fn task(studio: &Studio) -> Entity {
    studio.session.query("Task").first().unwrap().unwrap()
}

#[test]
fn a_note_is_read_changed_and_replied_to() {
    let studio = Studio::new();
    let session = &studio.session;
    let jane = session.query("User where username is jane").one().unwrap();
    let note = taking(1, session, || {
        session.query("Note").first().unwrap().unwrap()
    });
    assert!(note.keys().any(|key| key == "content"));
    let content: String = taking(1, session, || note.get("content").unwrap());
    assert!(!content.is_empty());
    taking(0, session, || {
        note.set("content", "A different message!").unwrap();
    });
    // The replies there are have to be known, so that none is lost.
    let reply = taking(1, session, || note.create_reply("Indeed", &jane).unwrap());
    taking(1, session, || session.commit().unwrap());
    assert_eq!(reply.get::<String>("in_reply_to_id").unwrap(), note.id());
}

#[test]
fn attributes_are_of_different_kinds() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = task(&studio);
    let kind = |name: &str| task.attribute(name).unwrap().kind();
    taking(0, session, || {
        assert!(matches!(kind("name"), AttributeKind::Scalar(_)));
        assert!(matches!(kind("status"), AttributeKind::Reference(_)));
        assert!(matches!(kind("timelogs"), AttributeKind::Collection(_)));
        assert!(matches!(
            kind("metadata"),
            AttributeKind::MappedCollection(_)
        ));
        assert!(task.attributes().count() > 40);
    });

    let name: String = taking(0, session, || task.get("name").unwrap());
    task.set("name", "comp").unwrap();
    assert_ne!(name, "comp");
    let status: Entity = taking(1, session, || task.get("status").unwrap());
    assert!(format!("{status:?}").starts_with("<Status("));
    let new_status = session.query("Status").first().unwrap().unwrap();
    taking(0, session, || task.set("status", &new_status).unwrap());

    let timelogs = taking(1, session, || task.collection("timelogs").unwrap());
    let before = taking(0, session, || timelogs.entities().unwrap().len());
    let values = values! { "name": "another hour", "duration": 3600, "start": chrono::Utc::now() };
    let timelog = session.create("Timelog", values).unwrap();
    taking(0, session, || timelogs.push(&timelog).unwrap());
    taking(1, session, || session.commit().unwrap());
    assert_eq!(timelogs.len(), before + 1);
}

#[test]
fn a_new_entity_has_its_key_and_asks_for_nothing() {
    let studio = Studio::new();
    let session = &studio.session;
    taking(0, session, || {
        let user = session
            .create("User", values! { "username": "martin" })
            .unwrap();
        assert_eq!(user.id().len(), 36);
        assert!(user.value("first_name").unwrap().is_not_set());
    });
}

#[test]
fn setting_a_value_fetches_nothing() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = taking(1, session, || {
        session.query("Task").first().unwrap().unwrap()
    });
    taking(0, session, || task.set("bid", 8).unwrap());
    taking(1, session, || session.commit().unwrap());
}

#[test]
fn a_key_is_reset_on_the_server() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User where username is jane").one().unwrap();
    let answer = taking(1, session, || session.reset_remote("api_key", Some(&user)));
    let first = answer.unwrap()["api_key"].as_str().unwrap().to_owned();
    let second = taking(1, session, || user.reset_api_key().unwrap());
    assert_ne!(first, second.expose());
}

#[test]
fn a_task_is_deleted_with_its_notes() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select id, parent_id from Note where parent_type is \"task\"";
    let note = session.query(query).first().unwrap();
    let note = note.or_else(|| {
        let jane = session.query("User where username is jane").one().unwrap();
        let note =
            task(&studio).create_note("soon gone", &jane, ftrack_session::NoteOptions::new());
        session.commit().unwrap();
        note.ok()
    });
    let note = note.unwrap();
    let parent = note.get::<String>("parent_id").unwrap();
    let task = session.get("Task", &*parent).unwrap().unwrap();
    let name: String = task.get("name").unwrap();
    taking(0, session, || session.delete(&task).unwrap());
    taking(1, session, || session.commit().unwrap());
    // What was known of it stays at hand.
    assert_eq!(
        taking(0, session, || task.get::<String>("name")).unwrap(),
        name
    );
    let other = studio.other_session();
    assert!(other.get("Task", parent).unwrap().is_none());
    assert!(other.get("Note", note.id()).unwrap().is_none());
}

#[test]
fn many_are_populated_at_once() {
    let studio = Studio::new();
    let session = &studio.session;
    let users = taking(1, session, || session.query("User").all().unwrap());
    taking(1, session, || {
        session
            .populate(&users, ["first_name", "last_name"])
            .unwrap();
    });
    let _off = session.auto_populating(false);
    taking(0, session, || {
        for user in &users {
            assert!(!user.value("first_name").unwrap().is_not_set());
            assert!(user.value("email").unwrap().is_not_set());
        }
    });
}

#[test]
fn states_follow_from_recorded_operations() {
    let studio = Studio::new();
    let session = &studio.session;
    let existing = session.query("User").first().unwrap().unwrap();
    taking(0, session, || {
        let new = session
            .create("User", values! { "username": "new" })
            .unwrap();
        assert_eq!(new.state(), Some(EntityState::Created));
        assert_eq!(existing.state(), None);
        existing.set("email", "martin@example.com").unwrap();
        assert_eq!(existing.state(), Some(EntityState::Modified));
        session.delete(&new).unwrap();
        assert_eq!(new.state(), Some(EntityState::Deleted));
    });
}

#[test]
fn default_projections_say_what_comes_unasked() {
    let studio = Studio::new();
    let of = |builder: ftrack_session::SessionBuilder, query: &str| {
        let session = builder.connect().unwrap();
        let user = session.query(query).first().unwrap().unwrap();
        let _off = session.auto_populating(false);
        let items = taking(0, &session, || user.items().unwrap());
        let set = items.iter().filter(|(_, value)| !value.is_not_set());
        set.map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>()
    };
    let customised = || {
        let names = ["id", "username"];
        builder(&studio.server).customise("User", move |user| Ok(user.default_projections(names)))
    };
    let usual = of(builder(&studio.server), "User");
    assert!(usual.contains(&"id".to_owned()) && !usual.contains(&"username".to_owned()));
    let more = of(customised(), "User");
    assert!(more.contains(&"username".to_owned()));
    let named = of(customised(), "select id from User");
    assert!(!named.contains(&"username".to_owned()));
}

trait FullName {
    fn get_full_name(&self) -> ftrack_session::Result<String>;
}

impl FullName for Entity {
    fn get_full_name(&self) -> ftrack_session::Result<String> {
        let (first, last): (String, String) = (self.get("first_name")?, self.get("last_name")?);
        Ok(format!("{first} {last}").trim().to_owned())
    }
}

#[test]
fn helper_methods_are_traits() {
    let studio = Studio::new();
    let session = &studio.session;
    let users = session.query("User").all().unwrap();
    // One request for each attribute, however many users there are.
    let names: Vec<String> = taking(2, session, || {
        let names = users.iter().map(|user| user.get_full_name().unwrap());
        names.collect()
    });
    assert!(names.iter().any(|name| name.contains(' ')), "{names:?}");
}
