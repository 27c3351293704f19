//! Entity types as a studio wants them.

use ftrack_session::{Entity, Error, ErrorKind, FetchPolicy, Value};

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
                    format!("{text:?} is no address for {user:?}"),
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
