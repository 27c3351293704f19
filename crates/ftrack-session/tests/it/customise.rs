//! Entity types as a studio wants them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ftrack_event::{EventHub, SubscribeOptions};
use ftrack_session::{
    ConstructEntityType, Customisation, Entity, Error, ErrorKind, FetchPolicy, Session, Value,
};

use crate::{Studio, builder};

/// The example of the product documentation, as an extension trait.
trait FullName {
    fn full_name(&self) -> ftrack_session::Result<String>;
}

impl FullName for Entity {
    fn full_name(&self) -> ftrack_session::Result<String> {
        let (first, last): (String, String) = (self.get("first_name")?, self.get("last_name")?);
        Ok(format!("{first} {last}"))
    }
}

#[test]
fn default_projections_are_what_queries_ask_for() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("User", |user| {
            Ok(user.default_projections(["username", "first_name", "last_name"]))
        })
        .connect()
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    let _deny = session.fetching(FetchPolicy::Deny);
    assert!(!user.full_name().unwrap().trim().is_empty());
}

#[test]
fn attributes_can_be_hidden_and_known_by_another_name() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("Task", |task| {
            task.hide("description")?.alias("estimate", "bid")
        })
        .connect()
        .unwrap();
    let task = session
        .query("select bid from Task where description is_not None or bid > 0")
        .first()
        .unwrap()
        .unwrap();
    assert_eq!(task.value("estimate").unwrap(), task.value("bid").unwrap());
    assert_eq!(
        task.get::<String>("description").unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
    task.set("estimate", 12.5).unwrap();
    session.commit().unwrap();
    let found = studio.session.get("Task", task.id()).unwrap().unwrap();
    assert_eq!(found.value("bid").unwrap(), Value::from(12.5));
}

#[test]
fn hooks_see_what_is_read_and_set() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("User", |user| {
            user.on_read("username", |_, value| {
                Ok(Value::from(
                    value.as_str().unwrap_or_default().to_uppercase(),
                ))
            })?
            .on_write("email", |user, value| match value.as_str() {
                Some(text) if !text.contains('@') => Err(Error::new(
                    ErrorKind::Validation,
                    format!("{text:?} is not an address for {user:?}"),
                )),
                _ => Ok(value),
            })
        })
        .connect()
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    assert_eq!(user.get::<String>("username").unwrap(), "ADMIN");
    assert_eq!(user.value("username").unwrap(), Value::from("ADMIN"));
    assert_eq!(
        user.set("email", "nonsense").unwrap_err().kind(),
        ErrorKind::Validation
    );
    user.set("email", "admin@example.com").unwrap();
    assert_eq!(session.recorded_operations().len(), 1);
}

#[test]
fn mutability_can_be_changed() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("Project", |project| project.mutable("name", false))
        .connect()
        .unwrap();
    let project = session.query("Project").first().unwrap().unwrap();
    assert_eq!(
        project.set("name", "other").unwrap_err().kind(),
        ErrorKind::ImmutableAttribute
    );
}

#[test]
fn what_there_is_not_cannot_be_customised() {
    let studio = Studio::new();
    let unknown_type = builder(&studio.server)
        .customise("Taks", Ok)
        .connect()
        .unwrap_err();
    assert_eq!(unknown_type.kind(), ErrorKind::UnrecognisedEntityType);
    let unknown = builder(&studio.server)
        .customise("Task", |task| task.hide("nmae"))
        .connect()
        .unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownAttribute);
}

const CONSTRUCT: &str = "topic=ftrack.api.session.construct-entity-type";

/// Has the type `name` changed by whoever subscribes to its event, in the order of `priority`.
fn customise_by_event(
    hub: &EventHub,
    name: &str,
    priority: i32,
    change: impl Fn(Customisation) -> ftrack_session::Result<Customisation> + Send + Sync + 'static,
) {
    let subscription = format!("{CONSTRUCT} and data.schema.id={name}");
    let options = SubscribeOptions::new().priority(priority);
    let change = Arc::new(change);
    hub.subscribe_with(&subscription, options, move |event| {
        let change = Arc::clone(&change);
        let entity_type = event
            .attachment::<ConstructEntityType>("entity_type")
            .ok_or("no entity type")?;
        entity_type.customise(|customisation| change(customisation))?;
        Ok(None)
    })
    .unwrap();
}

#[test]
fn plugins_change_types_by_the_event_in_the_order_of_their_priorities() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("User", |user| user.alias("login", "username"))
        .plugin(|session: &Session| {
            let hub = session.event_hub();
            customise_by_event(hub, "User", 20, |user| {
                assert_eq!(
                    user.definition().default_projections(),
                    ["id", "first_name"]
                );
                assert!(user.definition().position("login").is_some());
                Ok(user.default_projections(["id", "username"]))
            });
            customise_by_event(hub, "User", 10, |user| {
                Ok(user.default_projections(["id", "first_name"]))
            });
            Ok(())
        })
        .connect()
        .unwrap();
    let user = session.query("User where username is admin").one().unwrap();
    let _deny = session.fetching(FetchPolicy::Deny);
    assert_eq!(user.get::<String>("login").unwrap(), "admin");
    assert!(user.get::<String>("first_name").is_err());
}

#[test]
fn each_type_is_asked_about_once_and_only_if_somebody_listens() {
    let studio = Studio::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let session = builder(&studio.server)
        .plugin(move |session: &Session| {
            let counter = Arc::clone(&counter);
            session.event_hub().subscribe(CONSTRUCT, move |event| {
                assert_eq!(
                    event.data["schema"]["id"],
                    event
                        .attachment::<ConstructEntityType>("entity_type")
                        .unwrap()
                        .name()
                );
                counter.fetch_add(1, Ordering::SeqCst);
                Ok(None)
            })?;
            Ok(())
        })
        .connect()
        .unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), session.types().len());
    let without = studio.other_session();
    assert_eq!(without.event_hub().status().handlers.calls, 0);
}

#[test]
fn a_handler_that_fails_leaves_the_type_as_it_was() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .plugin(|session: &Session| {
            let hub = session.event_hub();
            customise_by_event(hub, "Task", 1, |task| {
                task.hide("bid")?.hide("there is no such attribute")
            });
            customise_by_event(hub, "Task", 2, |_| panic!("not today"));
            customise_by_event(hub, "Task", 3, |task| task.hide("description"));
            Ok(())
        })
        .connect()
        .unwrap();
    let task = session.schema().entity_type("Task").unwrap();
    assert!(task.position("bid").is_some());
    assert!(task.position("description").is_none());
}

#[test]
fn what_a_plugin_reads_when_it_is_registered_is_read_again() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .customise("Project", |project| project.hide("status"))
        .plugin(|session: &Session| {
            let project = session.query("select name, status from Project").first()?;
            assert!(project.unwrap().value("status").is_ok());
            Ok(())
        })
        .connect()
        .unwrap();
    let project = session.query("Project").first().unwrap().unwrap();
    assert!(project.value("status").is_err());
    assert!(!project.get::<String>("name").unwrap().is_empty());
}
